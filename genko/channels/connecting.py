"""Tries a connection out and keeps it. The one place where the dashboard's process speaks to a provider:
an administrator waits for the answer, and what is tried may never be stored."""

from collections.abc import Mapping
from datetime import date

from genko.access import roles
from genko.access.models import Role
from genko.channels import accounts
from genko.channels.accounts import Connector
from genko.db import Database


def test(database: Database, connector: Connector, key: str, values: Mapping[str, str], *, by: int) -> None:
    """ChannelError names the field at fault; Refused when a field is empty or malformed."""
    with database.reading() as session:
        roles.require(session, by, Role.ADMIN)
        channel = accounts.draft_channel(session, connector, key, values)
    channel.check()


def connect(
    database: Database,
    connector: Connector,
    key: str,
    values: Mapping[str, str],
    *,
    by: int,
    label: str,
    deadline: date | None,
    colour: str,
) -> int:
    """Verified first, then stored. Returns the account's id."""
    test(database, connector, key, values, by=by)
    with database.transaction() as session:
        return accounts.save(
            session,
            connector,
            key,
            values,
            by=by,
            label=label,
            deadline=deadline,
            colour=colour,
            verified=True,
        )
