"""Asks why a lead is lost."""

import streamlit as st

from genko.errors import NotFound
from genko.leads import pipeline
from genko.leads.models import LeadStage
from genko.leads.records import get_lead
from pages.parts.kit import actions, context, dialog_state
from pages.parts.kit.person_label import who

_COMMON = ["No answer", "Too expensive", "Went elsewhere", "Only asked"]


def reason(label: str, key: str, present: str = "", *, disabled: bool = False) -> str:
    """Chosen from the common ones or typed."""
    offered = list(dict.fromkeys([*_COMMON, *([present] if present else [])]))
    chosen = st.selectbox(
        label, offered, index=offered.index(present) if present else None, accept_new_options=True,
        placeholder="Choose one or type another", key=key, disabled=disabled,
    )  # fmt: skip
    return chosen or ""


@st.dialog("Why is this lead lost?", on_dismiss=dialog_state.close)
def open_dialog(lead_id: int, was: LeadStage) -> None:
    """`was` is the stage in which whoever asks saw the lead."""
    try:
        with context.database().reading() as session:
            lead = get_lead(session, lead_id)
    except NotFound as error:
        st.info(str(error))
        return
    st.text(who(lead))
    why = reason("Reason", f"lost-reason-{lead_id}")
    if not dialog_state.tried(st.button("Move to Lost", type="primary")):
        return
    _, problem = actions.attempt(
        lambda session, by: pipeline.move(session, lead_id, LeadStage.LOST, by=by, expected=was, reason=why)
    )
    dialog_state.finish(problem, "Moved to Lost.")
