"""How several worker processes share one database: leases for jobs, heartbeats for the dashboard."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from genko import clock, db
from genko.db import Base


class Stopped(Exception):
    """The process ends. What is left of a batch is done by another one, or after the next start."""


_AHEAD = timedelta(minutes=1)  # so far apart the clocks of two machines may be

Checkpoint = Callable[[], None]  # between two steps of a batch; raises Stopped


def never_stops() -> None:
    """The checkpoint of whoever is not a worker."""


class Lease(Base, kw_only=True):
    """Who runs a job until when. Free once `until` has passed."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime]


class Heartbeat(Base, kw_only=True):
    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    started_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(default="")


def take(session: Session, name: str, owner: str, seconds: float) -> bool:
    """Takes or renews the lease; False while somebody else holds it."""
    now = clock.now()
    until = now + timedelta(seconds=seconds)
    session.execute(
        db.insert(session, Lease).values(name=name, owner=owner, until=now).on_conflict_do_nothing()
    )
    mine_or_free = sa.or_(Lease.owner == owner, Lease.until <= now)
    taken = session.execute(
        sa.update(Lease)
        .where(Lease.name == name, mine_or_free)
        .values(owner=owner, until=until)
        .returning(Lease.name)
    )
    return taken.scalar_one_or_none() is not None


def release_all(session: Session, owner: str) -> None:
    """On the way out: the leases and the heartbeat of a worker that stops."""
    session.execute(sa.delete(Lease).where(Lease.owner == owner))
    session.execute(sa.delete(Heartbeat).where(Heartbeat.worker == owner))


def beat(session: Session, worker: str, started_at: datetime, last_error: str = "") -> None:
    values = {"at": clock.now(), "started_at": started_at, "last_error": last_error}
    statement = db.insert(session, Heartbeat).values(worker=worker, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["worker"], set_=values))


def forget_old(session: Session, before: datetime) -> None:
    session.execute(sa.delete(Heartbeat).where(Heartbeat.at < before))
    session.execute(sa.delete(Lease).where(Lease.until < before))


@dataclass(frozen=True)
class Pulse:
    """The youngest heartbeat of all workers."""

    at: datetime | None
    workers: int
    last_error: str


def pulse(session: Session) -> Pulse:
    """Without those from the future: a clock that is set back must not keep a dead worker alive."""
    believed = Heartbeat.at < clock.now() + _AHEAD
    beats = session.scalars(
        sa.select(Heartbeat).where(believed).order_by(Heartbeat.at.desc()).limit(10)
    ).all()
    if not beats:
        return Pulse(None, 0, "")
    alive = [one for one in beats if beats[0].at - one.at < timedelta(seconds=30)]
    return Pulse(beats[0].at, len(alive), next((one.last_error for one in alive if one.last_error), ""))
