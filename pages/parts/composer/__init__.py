"""The box in which a reply is written: typing, drafts and the one send per token live in part.js."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.component import script

__all__ = ["ComposerState", "SavedReply", "Sent", "Warn", "composer"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_composer",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=script(_HERE, "part.js"),
)


@dataclass(frozen=True, slots=True)
class SavedReply:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Warn:
    """Shown with Send anyway and Keep editing; `newest` is the message that the writer has not seen."""

    text: str
    newest: int


@dataclass(frozen=True, slots=True)
class ComposerState:
    """What the box shows. A new `token` means that the last text was sent; the same token is one message.

    `answer` names the attempt to send that was answered last, with `error` or `warning` unless it went well.
    `went_out` holds, by token, what this person's drafts became, sent here or in another tab.
    """

    conversation: int
    token: str
    draft: str
    placeholder: str
    to: str  # the patient and our account, to be seen while somebody types too
    limit: int
    now: str
    draft_url: str
    seen: int
    blocked: str | None = None
    window_closes_at: str | None = None
    warning: Warn | None = None
    saved_replies: tuple[SavedReply, ...] = ()
    error: str | None = None
    answer: str | None = None
    went_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the browser asks to send: it comes from outside, the verb checks it."""

    conversation: int
    token: str
    text: str
    seen: int
    override: bool
    anyway: bool
    attempt: str
    written: tuple[str, ...]


def composer(state: ComposerState, *, key: str, on_send: Callable[[Sent], None]) -> None:
    """Draw the box. Keep one key for all conversations: the box itself tells them apart."""

    def sent() -> None:
        on_send(_sent(st.session_state[key]["send"]))

    _draw(key=key, data=asdict(state), on_send_change=sent)


def _sent(asked: dict[str, Any]) -> Sent:
    return Sent(
        conversation=int(asked["conversation"]),
        token=str(asked["token"]),
        text=str(asked["text"]),
        seen=int(asked["seen"]),
        override=asked["override"] is True,
        anyway=asked["anyway"] is True,
        attempt=str(asked["attempt"]),
        written=tuple(str(one) for one in asked["written"]),
    )
