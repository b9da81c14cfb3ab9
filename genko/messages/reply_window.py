"""The reply window: how long after a person's last message we may write freely. Each channel's policy has the rule."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from genko.channels import registry
from genko.channels.reply_policy import ReplyPolicy

CLOSES_SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Window:
    """The reply window of one conversation."""

    policy: ReplyPolicy
    last_inbound_at: datetime | None

    @property
    def closes_at(self) -> datetime | None:
        """None when the person has never written, and where the channel has no window."""
        return self.policy.closes_at(self.last_inbound_at)

    def is_open(self, at: datetime) -> bool:
        return self.policy.is_open(self.last_inbound_at, at)

    def closes_soon(self, at: datetime) -> bool:
        return self.is_open(at) and self.closes_at is not None and self.closes_at - at <= CLOSES_SOON


def window(channel: str, last_inbound_at: datetime | None) -> Window:
    return Window(registry.kind(channel).policy, last_inbound_at)
