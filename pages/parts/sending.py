"""What the composer's Send does, and what it has to say afterwards."""

import streamlit as st

from genko.messages import composing
from genko.messages.outbox import Answered
from pages.parts.act import attempt
from pages.parts.composer import Sent

_OUTCOME = "send_outcome"  # (conversation, Answered | sentence)


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
        )
    )
    st.session_state[_OUTCOME] = (sent.conversation, answered or problem)


def warning(conversation_id: int) -> Answered | None:
    opened, outcome = st.session_state.get(_OUTCOME, (None, ""))
    return outcome if opened == conversation_id and isinstance(outcome, Answered) else None


def problem(conversation_id: int) -> str | None:
    opened, outcome = st.session_state.get(_OUTCOME, (None, ""))
    return outcome if opened == conversation_id and isinstance(outcome, str) and outcome else None
