"""What the composer's Send does, and what it has to say afterwards."""

from dataclasses import dataclass, field

import streamlit as st

from genko.messages import composing
from genko.messages.outbox import Answered
from pages.parts import here
from pages.parts.act import attempt
from pages.parts.composer import Sent

_OUTCOME = "send_outcome"
_DRAWN = "drawn_draft"
_KEPT = 3  # drafts


@dataclass(frozen=True)
class _Outcome:
    conversation_id: int | None = None
    attempt: str | None = None
    answered: Answered | None = None
    problem: str | None = None


@dataclass
class _Drawn:
    """The draft that this tab has drawn last, and what those before it became."""

    conversation_id: int
    token: str
    went_out: dict[str, str] = field(default_factory=dict)


def send(sent: Sent) -> None:
    answered, problem = attempt(
        lambda session, by: composing.send(
            session,
            sent.conversation,
            sent.text,
            by=by,
            token=sent.token,
            seen_message_id=sent.seen,
            override=sent.override,
            anyway=sent.anyway,
            written=sent.written,
        )
    )
    st.session_state[_OUTCOME] = _Outcome(sent.conversation, sent.attempt, answered, problem or None)


def warning(conversation_id: int) -> Answered | None:
    return _outcome(conversation_id).answered


def problem(conversation_id: int) -> str | None:
    return _outcome(conversation_id).problem


def answer(conversation_id: int) -> str | None:
    """Which attempt to send those two are about."""
    return _outcome(conversation_id).attempt


def went_out(conversation_id: int, token: str) -> dict[str, str]:
    """What the drafts before this one became, by token: looked up when the token has changed since it was drawn."""
    drawn: _Drawn | None = st.session_state.get(_DRAWN)
    if drawn is None or drawn.conversation_id != conversation_id:
        drawn = st.session_state[_DRAWN] = _Drawn(conversation_id, token)
    if drawn.token != token:
        with here.database().reading() as session:
            sent = composing.sent_under(session, drawn.token)
        kept = list(drawn.went_out.items())[1 - _KEPT :]
        drawn.went_out = dict(kept) | ({drawn.token: sent} if sent is not None else {})
        drawn.token = token
    return drawn.went_out


def _outcome(conversation_id: int) -> _Outcome:
    found: _Outcome = st.session_state.get(_OUTCOME, _Outcome())
    return found if found.conversation_id == conversation_id else _Outcome()
