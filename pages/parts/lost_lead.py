"""Asks why a lead is lost."""

import streamlit as st

from genko.leads import pipeline
from genko.leads.models import LeadStage
from pages.parts import act, asking


@st.dialog("Why is this lead lost?", on_dismiss=asking.close)
def open_dialog(lead_id: int) -> None:
    with st.form("lost", border=False):
        reason = st.text_input("Reason", max_chars=pipeline.LONGEST_REASON)
        if not st.form_submit_button("Move to Lost", type="primary"):
            return
    _, problem = act.attempt(
        lambda session, by: pipeline.move(session, lead_id, LeadStage.LOST, by=by, reason=reason)
    )
    if problem:
        st.error(problem)
        return
    asking.close()
    act.say_done("Moved to Lost.")
    st.rerun()
