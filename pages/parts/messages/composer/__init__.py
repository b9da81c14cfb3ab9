"""The box in which a reply is written: typing, drafts and the one send per token live in part.js."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import streamlit as st

from pages.parts.streamlit.component_script import component_script

__all__ = ["ComposerState", "SavedReply", "composer"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_composer",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


@dataclass(frozen=True, slots=True)
class SavedReply:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ComposerState:
    """What the box shows. A new `token` means that the last text was sent; the same token is one message.

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
    saved_replies: tuple[SavedReply, ...] = ()
    went_out: dict[str, str] = field(default_factory=dict)


def composer(state: ComposerState, *, key: str) -> None:
    """Draw the box. Keep one key for all conversations: the box itself tells them apart.

    It saves and sends by `draft_url`; the trigger only has the page show at once what was sent.
    """
    _draw(key=key, data=asdict(state), on_sent_change=lambda: None)
