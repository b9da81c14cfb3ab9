"""The box in which a reply is written: typing, drafts and the one send per token live in part.js."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

__all__ = ["Attach", "ComposerState", "Put", "SavedReply", "Sent", "Warn", "composer"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_composer",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=(_HERE / "part.js").read_text("utf-8"),
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
class Attach:
    enabled: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    """Replaces what is in the box, once per id: how Use puts a suggestion into the draft."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class ComposerState:
    """What the box shows. A new `token` means that the last text was sent; the same token is one message."""

    conversation: int
    token: str
    draft: str
    placeholder: str
    limit: int
    now: str
    draft_url: str
    seen: int
    limit_unit: Literal["characters", "bytes"] = "characters"
    blocked: str | None = None
    window_closes_at: str | None = None
    warning: Warn | None = None
    override: bool = False
    saved_replies: tuple[SavedReply, ...] = ()
    error: str | None = None
    attach: Attach | None = None
    put: Put | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the browser asks to send: it comes from outside, the verb checks it."""

    conversation: int
    token: str
    text: str
    seen: int
    override: bool
    anyway: bool


def composer(
    state: ComposerState,
    *,
    key: str,
    on_send: Callable[[Sent], None],
    on_attach: Callable[[int], None] | None = None,
) -> None:
    """Draw the box. Keep one key for all conversations: the box itself tells them apart."""

    def sent() -> None:
        on_send(_sent(st.session_state[key]["send"]))

    def attached() -> None:
        if on_attach is not None:
            on_attach(int(st.session_state[key]["attach"]["conversation"]))

    _draw(key=key, data=asdict(state), on_send_change=sent, on_attach_change=attached)


def _sent(asked: dict[str, Any]) -> Sent:
    return Sent(
        conversation=int(asked["conversation"]),
        token=str(asked["token"]),
        text=str(asked["text"]),
        seen=int(asked["seen"]),
        override=asked["override"] is True,
        anyway=asked["anyway"] is True,
    )
