"""Labels on leads, in lower case, and the common ones that are offered first."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role
from genko.db import insert
from genko.errors import Refused, Taken
from genko.leads.models import CommonTag, LeadTag
from genko.patients.tags import LONGEST, Tags, clean

__all__ = ["LONGEST", "clean"]

COMMON = (
    "urgent",
    "follow-up",
    "insurance-question",
    "price-sensitive",
    "referral",
)  # until a clinic has its own
MOST = 20  # on one lead; a merge keeps those of both
LEADS = Tags(LeadTag, "lead_id")
of, put, attach = LEADS.of, LEADS.put, LEADS.attach


def find_common(session: Session) -> list[str]:
    """In the order in which they are offered."""
    rows = session.scalars(sa.select(CommonTag).order_by(CommonTag.place, CommonTag.name)).all()
    return [row.name for row in rows if row.retired_at is None] if rows else list(COMMON)


def find_retired(session: Session) -> list[str]:
    asked = sa.select(CommonTag.name).where(CommonTag.retired_at.is_not(None))
    return list(session.scalars(asked.order_by(CommonTag.name)))


def find_used(session: Session) -> list[str]:
    """On any lead, for the filter."""
    return list(session.scalars(sa.select(LeadTag.name).distinct().order_by(LeadTag.name)))


def refuse_more(names: Collection[str], had: Collection[str] = ()) -> None:
    """Cleaned names of one lead. Of too many, none may be new."""
    if len(names) > MOST and not set(names) <= set(had):
        raise Refused(f"A lead has at most {MOST} tags.")


def find_full(session: Session, lead_ids: Collection[int], names: Collection[str]) -> set[int]:
    """Those of the leads who would have too many with these; cleaned names."""
    new = LeadTag.name.in_(names)
    others, theirs = sa.func.sum(sa.case((new, 0), else_=1)), sa.func.sum(sa.case((new, 1), else_=0))
    asked = sa.select(LeadTag.lead_id).where(LeadTag.lead_id.in_(lead_ids)).group_by(LeadTag.lead_id)
    return set(session.scalars(asked.having(others + len(names) > MOST, theirs < len(names))))


def add_common(session: Session, name: str, *, by: int) -> None:
    """At the end; a retired one comes back."""
    roles.require(session, by, Role.ADMIN)
    cleaned = clean([name])
    if len(cleaned) != 1:
        raise Refused("Type one tag.")
    offered = _own(session)
    if cleaned[0] in offered:
        raise Taken("This tag is offered already.")
    _write(session, [*offered, cleaned[0]])
    audit.record(session, "common tag added", by=by, subject_kind="clinic", subject_id=1)


def retire(session: Session, name: str, *, by: int) -> None:
    """No longer offered; the leads that have it keep it."""
    roles.require(session, by, Role.ADMIN)
    _own(session)
    session.execute(
        sa.update(CommonTag)
        .where(CommonTag.name == name, CommonTag.retired_at.is_(None))
        .values(retired_at=clock.now())
    )
    audit.record(session, "common tag retired", by=by, subject_kind="clinic", subject_id=1)


def order(session: Session, names: Sequence[str], *, by: int) -> None:
    """As somebody dragged them; what a colleague has added meanwhile follows, what is gone stays gone."""
    roles.require(session, by, Role.ADMIN)
    offered = _own(session)
    wanted = [name for name in names if name in offered]
    _write(session, [*wanted, *(name for name in offered if name not in wanted)])
    audit.record(session, "common tags ordered", by=by, subject_kind="clinic", subject_id=1)


def _own(session: Session) -> list[str]:
    """The clinic's own list, begun with the usual ones at the first change."""
    if session.scalar(sa.select(sa.func.count()).select_from(CommonTag)) == 0:
        _write(session, COMMON)
    return find_common(session)


def _write(session: Session, names: Sequence[str]) -> None:
    statement = insert(session, CommonTag)
    places = [{"name": name, "place": place, "retired_at": None} for place, name in enumerate(names)]
    kept = {"place": statement.excluded.place, "retired_at": None}
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=kept), places)
