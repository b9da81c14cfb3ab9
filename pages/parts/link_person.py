"""Whose conversation it is: that of a new lead of ours, under a name, or of somebody whom the clinic knows."""

from collections.abc import Callable

import streamlit as st

from genko.db import Session
from genko.people import linking
from genko.people.linking import Owner
from pages.parts import act, asking, danger
from pages.parts.choose_person import LEAD, PATIENT, choose


@st.dialog("Accept as lead", on_dismiss=asking.close)
def accept(conversation_id: int) -> None:
    with st.form("accept", border=False):
        st.caption("Leave the name empty to keep the one that the channel shows.")
        row = st.container(horizontal=True)
        first, last = (
            row.text_input("First name"),
            row.text_input("Last name"),
        )
        if not asking.tried(st.form_submit_button("Accept", type="primary")):
            return
    _do(
        lambda session, by: linking.accept(session, conversation_id, by=by, first_name=first, last_name=last),
        "Accepted as a lead.",
    )


@st.dialog("Who is this?", on_dismiss=asking.close)
def link(conversation_id: int, seen: Owner) -> None:
    kind = st.segmented_control("Link to a", [PATIENT, LEAD], default=PATIENT, required=True)
    chosen = choose(str(kind))
    if asking.tried(st.button("Link", type="primary", key="link-now", disabled=chosen is None)) and chosen:
        verb = linking.link_to_patient if kind == PATIENT else linking.link_to_lead
        _do(lambda session, by: verb(session, conversation_id, chosen, by=by, expected=seen), "Linked.")


@st.dialog("Not a lead?", on_dismiss=asking.close)
def not_a_lead(conversation_id: int) -> None:
    st.write(
        "This sender is removed from the leads, with the stage history. The conversation and its messages stay, "
        "and a lead can be made of it again there."
    )
    if danger.sure("Not a lead", key="not-a-lead-now", icon=":material/block:"):
        _do(
            lambda session, by: linking.not_a_lead(session, conversation_id, by=by),
            "Noted: not a lead. The conversation stays.",
        )


def _do(verb: Callable[[Session, int], None], done: str) -> None:
    _, problem = act.attempt(verb)
    asking.finish(problem, done)
