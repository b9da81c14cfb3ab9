"""The whole state of the sandbox, and the few ways to change it that every part shares."""

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from operator import attrgetter
from typing import Any

from genko.sandbox.faults import Faults
from genko.sandbox.records import Account, Media, Message, Patient


@dataclass
class Counters:
    creates: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    leaked_authorizations: int = 0


def utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """`step` is the time in seconds between two statuses of a sent message; 0 delivers at once."""

    def __init__(self, step: float = 0.6, now: Callable[[], datetime] = utc_now) -> None:
        self.step = step
        self.now = now
        self.providers: dict[str, Provider] = {}

    def provider(self, key: str) -> "Provider":
        return self.providers.setdefault(key, Provider(self))

    def reset(self, keep_accounts: bool = False) -> None:
        for provider in self.providers.values():
            provider.reset(keep_accounts)


class Provider:
    """What one provider remembers and has been asked. The clock and the pace are the world's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.accounts: dict[str, Account] = {}
        self.media: dict[str, Media] = {}
        self.faults = Faults()
        self.counters = Counters()
        self._serials = count(1)
        self._background: set[asyncio.Task[None]] = set()

    def now(self) -> datetime:
        return self.world.now()

    def reset(self, keep_accounts: bool = False) -> None:
        for account in self.accounts.values():
            account.forget()
        if not keep_accounts:
            self.accounts = {}
        self.media = {}
        self.faults.clear()
        self.counters = Counters()

    def add_account(self, account: Account) -> None:
        """Adding an id that is known changes the account's credentials and state, and keeps its messages."""
        earlier = self.accounts.get(account.id)
        if earlier is not None:
            account.take_over(earlier)
        self.accounts[account.id] = account

    def patient(self, account: Account, patient_id: str, name: str = "") -> Patient:
        """The patient, made when unknown."""
        patient = account.patients.setdefault(patient_id, Patient(patient_id))
        patient.name = name or patient.name
        return patient

    def add_message(self, account: Account, message: Message) -> Message:
        message.serial = next(self._serials)
        insort(account.messages, message, key=attrgetter("order"))
        account.messages_by_id[message.id] = message
        for media in message.media:
            self.media[media.key] = media
        self.patient(account, message.patient_id)
        return message

    def run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` after the answer has gone out. The set keeps the task from being garbage-collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
