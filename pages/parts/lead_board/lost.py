"""Asks why a lead is lost. The question stays open when news draw the page again under it."""

import streamlit as st

from genko import phone
from genko.db import Session
from genko.errors import NotFound
from genko.leads import pipeline, records
from genko.leads.models import LeadStage
from pages.parts import here
from pages.parts.act import attempt

_LOSING = "lead_board_losing"  # (lead, the stage in which it was seen)
_COMMON = ["No answer", "Too expensive", "Went elsewhere", "Only asked"]


def want(lead_id: int, was: LeadStage) -> None:
    st.session_state[_LOSING] = (lead_id, was)


def ask_if_wanted() -> None:
    if _LOSING in st.session_state:
        _ask(*st.session_state[_LOSING])


def _forget() -> None:
    st.session_state.pop(_LOSING, None)


@st.dialog("Why is this lead lost?", on_dismiss=_forget)
def _ask(lead_id: int, was: LeadStage) -> None:
    try:
        with here.database().reading() as session:
            lead = records.get_lead(session, lead_id)
    except NotFound as error:
        st.error(str(error))
        return
    st.text(lead.name or (phone.shown(lead.phone, here.clinic().region) if lead.phone else "No name"))
    reason = st.selectbox(
        "Reason", _COMMON, index=None, accept_new_options=True, placeholder="Choose one or type another",
        key=f"lost-reason-{lead_id}",
    )  # fmt: skip
    if not st.button("Move to Lost", type="primary"):
        return

    def move(session: Session, by: int) -> None:
        pipeline.move(session, lead_id, LeadStage.LOST, by=by, expected=was, reason=reason or "")

    _, problem = attempt(move)
    if problem:
        st.error(problem)
        return
    _forget()
    st.rerun()
