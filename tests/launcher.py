"""Starts a real worker that dies, as by kill -9, at one named point; without a point it just works quickly.

The product has no hooks for this: what is wrapped here are its own functions, in this process alone.
"""

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import scheduler.__main__ as program
from genko.channels.providers.whatsapp import WhatsApp
from genko.messages import claims, delivery, fetch, incoming, unconfirmed
from scheduler import worker
from scheduler.jobs import Job, jobs
from scheduler.worker import Worker


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_after(place: Any, name: str, when: Callable[..., bool]) -> None:
    """Lets the function do its work, then dies if `when(result, *arguments)`."""
    original = getattr(place, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if when(result, *args):
            die()
        return result

    setattr(place, name, wrapped)


def dies_before(place: Any, name: str, when: Callable[..., bool]) -> None:
    original = getattr(place, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if when(*args):
            die()
        return original(*args, **kwargs)

    setattr(place, name, wrapped)


def freezes_once_claimed(body: str) -> None:
    """Suspended, as by a sleeping machine, when the claim is committed and the call is not yet made."""
    original = claims.Claim.fresh.fget

    def fresh(claim: claims.Claim) -> bool:
        if claim.outgoing.text == body:
            # To this thread: sent to the process, it may reach another one first, and this one goes on for a moment.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
        return original(claim)

    claims.Claim.fresh = property(fresh)


def arm(point: str, body: str) -> None:
    match point:
        case "ingest before commit":
            dies_after(incoming, "receive", lambda new, *_: new > 0)
        case "ingest after commit":
            dies_after(fetch, "take_in", lambda new, *_: new > 0)
        case "before the cursor moves":
            dies_before(fetch, "note_success", lambda *_: True)
        case "before the claim is committed":
            dies_after(claims, "claim", lambda claim, *_: claim is not None and claim.outgoing.text == body)
        case "frozen between claim and call":
            freezes_once_claimed(body)
        case "after the claim, before the call":
            dies_before(WhatsApp, "send", lambda _self, outgoing: outgoing.text == body)
        case "after the answer, before the commit":
            dies_after(
                delivery,
                "_note_sent",
                lambda _none, session, claim, *_: claim.outgoing.text == body,
            )
        case _:
            assert not point, point


def hurry() -> None:
    """A dead worker's claims and leases end soon, and the slow jobs run often."""
    claims.CLAIM_SECONDS = 3
    worker._PATIENCE = 1.0
    unconfirmed._LOOK_UP_FOR = timedelta(seconds=6)
    unconfirmed._LOOK_UP_EVERY = timedelta(seconds=0.5)
    original = Worker.start

    def start(self: Worker, job: str, due: Any, work: Any, *, lease: float | None) -> None:
        original(self, job, due, work, lease=min(lease, 1.0) if lease else None)

    Worker.start = start
    program.jobs = lambda seconds: tuple(
        Job(one.name, min(one.seconds, 0.4), one.run) for one in jobs(seconds)
    )


def main(environment: dict[str, str], log: str, point: str, body: str) -> None:
    """In a process of its own, made by the fork server of `tests.workers`."""
    os.environ.clear()
    os.environ.update(environment)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(file, 1)
    os.dup2(file, 2)
    hurry()
    arm(point, body)
    program.main()
