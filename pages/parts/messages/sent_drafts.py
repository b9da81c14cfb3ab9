"""What became of the drafts that a tab has drawn: of those that were sent meanwhile, here or in another tab."""

from dataclasses import dataclass, field

import streamlit as st

from genko.messages import draft_sending
from pages.parts.kit import context

_DRAWN = "drawn_draft"
_KEPT = 3  # drafts


@dataclass
class _Drawn:
    """The draft that this tab has drawn last, and what those before it became."""

    conversation_id: int
    token: str
    went_out: dict[str, str] = field(default_factory=dict)


def went_out(conversation_id: int, token: str) -> dict[str, str]:
    """What the drafts before this one became, by token: looked up when the token has changed since it was drawn."""
    drawn: _Drawn | None = st.session_state.get(_DRAWN)
    if drawn is None or drawn.conversation_id != conversation_id:
        drawn = st.session_state[_DRAWN] = _Drawn(conversation_id, token)
    if drawn.token != token:
        with context.database().reading() as session:
            sent = draft_sending.sent_under(session, drawn.token)
        kept = list(drawn.went_out.items())[1 - _KEPT :]
        drawn.went_out = dict(kept) | ({drawn.token: sent} if sent is not None else {})
        drawn.token = token
    return drawn.went_out
