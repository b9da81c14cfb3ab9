"""When a channel lets us write: freely, in some other way, or not at all. With the sentences that tell staff why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class WayToWrite(StrEnum):
    """How we may write to somebody when the reply window does not allow it."""

    FREELY = "freely"
    TEMPLATE = "template"  # with a text that the provider approved beforehand
    HUMAN_TAG = "human_tag"  # with a tag that says a person wrote it
    NOT_AT_ALL = "not_at_all"


@dataclass(frozen=True)
class ReplyPolicy:
    """Our own messages never open or extend the window; only the person's messages do.

    `window` is None where a channel has no reply window. `why_not_first` completes "This person has not written to us
    yet." and is empty where we may write first.
    """

    window: timedelta | None = None
    after_window: WayToWrite = WayToWrite.NOT_AT_ALL
    after_window_words: str = ""
    first: WayToWrite = WayToWrite.NOT_AT_ALL
    why_not_first: str = ""

    def closes_at(self, last_inbound_at: datetime | None) -> datetime | None:
        """None when the person has never written, and where a channel has no window."""
        return last_inbound_at + self.window if last_inbound_at and self.window else None

    def is_open(self, last_inbound_at: datetime | None, at: datetime) -> bool:
        """At the very moment of closing the window is closed."""
        if last_inbound_at is None:
            return self.first is WayToWrite.FREELY
        return self.window is None or at < last_inbound_at + self.window

    def closed_if_last_wrote_by(self, at: datetime) -> datetime | None:
        """Whoever last wrote then or earlier cannot be answered freely at `at`; None where a channel has no window."""
        return at - self.window if self.window else None

    def why_closed(self, last_inbound_at: datetime | None, at: datetime) -> str | None:
        """The sentence for staff; None while the window is open."""
        if self.is_open(last_inbound_at, at):
            return None
        if last_inbound_at is None:
            return f"This person has not written to us yet. {self.why_not_first}"
        return f"The {self._length} reply window has closed. {self.after_window_words}"

    @property
    def _length(self) -> str:
        hours = int((self.window or timedelta()).total_seconds() // 3600)
        return f"{hours}-hour" if hours < 7 * 24 else f"{hours // 24}-day"
