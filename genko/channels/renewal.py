"""Renews credentials before they expire."""

from genko import clock
from genko.channels import accounts
from genko.channels.accounts import Connector, Due
from genko.channels.base import ChannelError
from genko.channels.capabilities import ExpiringCredentials
from genko.db import Database
from genko.worker_leases import Checkpoint, never_stops


def renew(
    database: Database, connector: Connector, due: Due, *, checkpoint: Checkpoint = never_stops
) -> bool:
    """Whether the account has new credentials. The old ones stay until the new ones are stored."""
    channel = connector.channel(due)
    if not isinstance(channel, ExpiringCredentials) or not _is_time(due, channel):
        return False
    checkpoint()
    try:
        renewed = channel.refresh()
    except ChannelError:
        if due.credentials_expire_at and due.credentials_expire_at <= clock.now():
            raise
        return False  # the present credentials still work: the next round tries again
    with database.transaction() as session:
        return accounts.store_renewed(session, connector.vault, due, renewed)


def _is_time(due: Due, channel: ExpiringCredentials) -> bool:
    """Also when nobody knows yet how long the credentials last."""
    expires_at = due.credentials_expire_at
    return expires_at is None or expires_at <= clock.now() + channel.renew_before
