"""Sets aside what could not be understood or stored, so that staff see it and it can be tried again."""

import json
import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db, text
from genko.access.error_location import where
from genko.channels.events import Unreadable
from genko.db import Database
from genko.messages.models import Unprocessed

_NOT_STORED = "This could not be stored because of a fault in Genkō."

log = logging.getLogger("genko.take_in")


def keep(session: Session, account_id: int, event: Unreadable) -> None:
    """Keeps a record, once."""
    row = {
        "account_id": account_id,
        "provider_id": text.storable(event.provider_id),
        "raw": event.raw,
        "reason": event.reason,
        "at": clock.now(),
    }
    session.execute(db.insert(session, Unprocessed).values(**row).on_conflict_do_nothing())


def keep_fault(
    database: Database, account_id: int, provider_id: str, raw: dict[str, Any], error: Exception
) -> int:
    """Keeps what a fault of ours did not let in; how many records are new."""
    with database.transaction() as session:
        known = sa.select(Unprocessed.id).where(
            Unprocessed.account_id == account_id, Unprocessed.provider_id == provider_id
        )
        if session.scalar(known):
            return 0
        log.error("An event could not be stored: %s", where(error))
        keep(session, account_id, Unreadable(provider_id, _plain(raw), _NOT_STORED))
        return 1


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    """As every database takes it: Python reads and writes NaN, JSON has none."""
    plain: dict[str, Any] = json.loads(json.dumps(raw, default=str), parse_constant=str)
    return plain


def clear(session: Session, account_id: int, provider_ids: Sequence[str]) -> None:
    """Records that could not be read once and have come in since need nobody's retry any more."""
    session.execute(
        sa.update(Unprocessed)
        .where(
            Unprocessed.account_id == account_id,
            Unprocessed.processed_at.is_(None),
            Unprocessed.provider_id.in_(provider_ids),
        )
        .values(processed_at=clock.now(), raw={})
    )
