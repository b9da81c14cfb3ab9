"""Changes that came before their message: kept until the message is here."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.channels.base import Delivery
from genko.channels.events import Change, Edit, Reaction, Receipt, Seen, Unsend
from genko.messages.change_models import EarlyChange
from genko.messages.models import Identity, Message

_KINDS: dict[str, type[Change]] = {kind.__name__: kind for kind in (Edit, Unsend, Reaction, Receipt, Seen)}


def subject_of(change: Change) -> str:
    """The message's provider id; of a seen mark the person's external id."""
    return change.person if isinstance(change, Seen) else change.provider_id


def keep(session: Session, account_id: int, changes: Sequence[Change]) -> None:
    rows = [_row(account_id, change) for change in changes]
    if rows:
        insert = db.insert(session, EarlyChange)
        session.execute(insert.on_conflict_do_nothing(index_elements=["account_id", "digest"]), rows)


def take_arrived(session: Session, account_id: int) -> list[Change]:
    """The kept changes whose message or person is here now. They are kept no longer: the caller applies them."""
    rows = session.scalars(
        sa.select(EarlyChange)
        .where(EarlyChange.account_id == account_id, _IS_HERE)
        .order_by(EarlyChange.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        session.delete(row)
    return [_change(row) for row in rows]


def find_accounts(session: Session) -> Sequence[int]:
    """Accounts with kept changes that can be applied now."""
    return session.scalars(sa.select(EarlyChange.account_id).where(_IS_HERE).distinct()).all()


def forget_old(session: Session, before: datetime) -> None:
    """Changes of messages that never came in: what was written before the connection and was not imported."""
    session.execute(sa.delete(EarlyChange).where(EarlyChange.kept_at < before))


_MESSAGE = sa.exists().where(
    Message.account_id == EarlyChange.account_id, Message.provider_id == EarlyChange.subject
)
_PERSON = sa.exists().where(
    Identity.account_id == EarlyChange.account_id, Identity.external_id == EarlyChange.subject
)
_IS_HERE = sa.case((EarlyChange.kind == Seen.__name__, _PERSON), else_=_MESSAGE)


def _row(account_id: int, change: Change) -> dict[str, Any]:
    kind = type(change).__name__
    content = {name: _plain(value) for name, value in asdict(change).items()}
    digest = sha256(json.dumps([kind, content], sort_keys=True).encode()).hexdigest()
    return {
        "account_id": account_id,
        "kind": kind,
        "subject": subject_of(change),
        "content": content,
        "digest": digest,
        "kept_at": clock.now(),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _change(row: EarlyChange) -> Change:
    content = dict(row.content)
    if content.get("at"):
        content["at"] = datetime.fromisoformat(content["at"])
    if row.kind == Receipt.__name__:
        content["delivery"] = Delivery(content["delivery"])
    return _KINDS[row.kind](**content)
