"""Tests a connection and saves it.

The only place where the dashboard's process calls a provider: an administrator waits for the answer, and credentials
that are only tested are never stored.
"""

from collections.abc import Mapping
from datetime import date

from genko.access import roles
from genko.access.models import Role
from genko.channels import accounts
from genko.channels.accounts import Connector
from genko.channels.base import ChannelError
from genko.db import Database


def test(database: Database, connector: Connector, key: str, values: Mapping[str, str], *, by: int) -> None:
    """ChannelError names the field at fault; Refused when a field is empty or malformed."""
    with database.reading() as session:
        roles.require(session, by, Role.ADMIN)
        channel = accounts.draft_channel(session, connector, key, values)
    channel.check()
    with database.transaction() as session:
        accounts.verify_soon(session, key, values)


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
) -> ChannelError | None:
    """Tests the account, then saves it. Returns the error of a new account that the provider does not accept yet: the
    worker goes on trying.

    ChannelError when the account has worked before: working credentials are not replaced by others that do not work.
    """
    problem = None
    try:
        test(database, connector, key, values, by=by)
    except ChannelError as error:
        with database.reading() as session:
            if accounts.has_worked(session, key, values):
                raise
        problem = error
    with database.transaction() as session:
        account_id = accounts.save(
            session, connector, key, values, by=by, label=label, deadline=deadline, colour=colour,
            verified=problem is None,
        )  # fmt: skip
        if problem is not None:
            accounts.note_failure(session, account_id, problem)
    return problem
