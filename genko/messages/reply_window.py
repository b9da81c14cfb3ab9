"""The reply window: how long after a person's last message we may write freely."""

from datetime import datetime, timedelta
from typing import NamedTuple

from genko.channels import registry

CLOSES_SOON = timedelta(hours=2)


class Window(NamedTuple):
    """`closes_at` is None when the person has never written."""

    closes_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Strict: at the very moment of closing it is closed."""
        return self.closes_at is not None and at < self.closes_at

    def closes_soon(self, at: datetime) -> bool:
        return self.is_open(at) and self.closes_at is not None and self.closes_at - at <= CLOSES_SOON


def window(channel: str, last_inbound_at: datetime | None) -> Window:
    """Our own messages never extend it."""
    return Window(last_inbound_at + registry.kind(channel).reply_window if last_inbound_at else None)
