"""The tray "Could not be processed": provider records that could not be read, so that nothing is lost."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import audit, roles
from genko.access.models import Role
from genko.channels import registry
from genko.channels.events import Unreadable
from genko.channels.models import ChannelAccount
from genko.errors import NotFound, Refused
from genko.messages import incoming, take_in
from genko.messages.models import Unprocessed

_SHOWN = 100


@dataclass(frozen=True)
class TrayItem:
    id: int
    account: str
    reason: str
    at: datetime


def find_items(session: Session) -> list[TrayItem]:
    rows = session.execute(
        sa.select(Unprocessed.id, ChannelAccount.label, Unprocessed.reason, Unprocessed.at)
        .join(ChannelAccount, ChannelAccount.id == Unprocessed.account_id)
        .where(Unprocessed.processed_at.is_(None))
        .order_by(Unprocessed.id.desc())
        .limit(_SHOWN)
    )
    return [TrayItem(*row) for row in rows]


def retry(session: Session, item_id: int, *, by: int) -> None:
    """Reads the record again, for instance after an update of the program. Refused if it still cannot be read."""
    roles.require(session, by, Role.STAFF)
    item = session.get(Unprocessed, item_id, with_for_update=True)
    if item is None:
        raise NotFound("This entry does not exist.")
    if item.processed_at:
        return
    account = session.get_one(ChannelAccount, item.account_id)
    event = registry.kind(account.channel).read(item.raw)
    if isinstance(event, Unreadable):
        raise Refused("It could not be read this time either. It stays here.")
    incoming.receive(
        session, item.account_id, [event], live=event.at >= take_in.live_since(account.created_at)
    )
    item.processed_at, item.raw = clock.now(), {}  # a patient's words are kept once
    audit.record(session, "tray:retry", by=by, subject_kind="account", subject_id=item.account_id)
