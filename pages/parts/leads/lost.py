"""Asks for the reason when a lead is moved to Lost."""

import streamlit as st

from genko.errors import NotFound
from genko.leads import pipeline
from genko.leads.models import LeadStage
from genko.leads.records import get_lead
from pages.parts.kit import actions, context, dialog_state
from pages.parts.kit.person_label import label_of

_COMMON_REASONS = ["No answer", "Too expensive", "Went elsewhere", "Only asked"]


def ask_reason(label: str, key: str, current: str = "", *, disabled: bool = False) -> str:
    """One of the common reasons, or a typed one; empty while there is none."""
    options = list(dict.fromkeys([*_COMMON_REASONS, *([current] if current else [])]))
    reason = st.selectbox(
        label,
        options,
        index=options.index(current) if current else None,
        accept_new_options=True,
        placeholder="Choose one or type another",
        key=key,
        disabled=disabled,
    )
    return reason or ""


@st.dialog("Why is this lead lost?", on_dismiss=dialog_state.close_dialog)
def draw_dialog(lead_id: int, seen_stage: LeadStage) -> None:
    """`seen_stage` is where the lead stood on the screen. A lead that a colleague has moved since then is not moved."""
    try:
        with context.database().reading() as session:
            lead = get_lead(session, lead_id)
    except NotFound as error:
        st.info(str(error))
        return
    st.text(label_of(lead))
    reason = ask_reason("Reason", f"lost-reason-{lead_id}")
    if not dialog_state.submitted(st.button("Move to Lost", type="primary")):
        return
    _, problem = actions.attempt(
        lambda session, by: pipeline.move(
            session, lead_id, LeadStage.LOST, by=by, expected=seen_stage, reason=reason
        )
    )
    dialog_state.finish(problem, "Moved to Lost.")
