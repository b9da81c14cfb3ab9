"""The dialogs that say whose conversation it is: a new lead's, a known patient's or lead's, or nobody's."""

from collections.abc import Callable

import streamlit as st

from genko.db import Session
from genko.messages.same_person import Owner
from genko.people import link_conversation
from pages.parts.kit import actions, confirm_danger, dialog_state
from pages.parts.people.choose_person import LEAD, PATIENT, choose


@st.dialog("Accept as lead", on_dismiss=dialog_state.close_dialog)
def accept(conversation_id: int) -> None:
    with st.form("accept", border=False):
        st.caption("Leave the name empty to keep the one that the channel shows.")
        row = st.container(horizontal=True)
        first, last = row.text_input("First name"), row.text_input("Last name")
        if not dialog_state.submitted(st.form_submit_button("Accept", type="primary")):
            return
    _attempt(
        lambda session, by: link_conversation.accept(
            session, conversation_id, by=by, first_name=first, last_name=last
        ),
        "Accepted as a lead.",
    )


@st.dialog("Who is this?", on_dismiss=dialog_state.close_dialog)
def link(conversation_id: int, seen_owner: Owner) -> None:
    """`seen_owner` is the person on the screen. If a colleague has linked another one since then, nothing is changed."""
    kind = st.segmented_control("Link to a", [PATIENT, LEAD], default=PATIENT, required=True)
    person_id = choose(str(kind))
    pressed = st.button("Link", type="primary", key="link-now", disabled=person_id is None)
    if dialog_state.submitted(pressed) and person_id:
        verb = link_conversation.link_to_patient if kind == PATIENT else link_conversation.link_to_lead
        _attempt(
            lambda session, by: verb(session, conversation_id, person_id, by=by, expected=seen_owner),
            "Linked.",
        )


@st.dialog("Not a lead?", on_dismiss=dialog_state.close_dialog)
def not_a_lead(conversation_id: int) -> None:
    st.write(
        "This sender is removed from the leads, with the stage history. The conversation and its messages stay, "
        "and a lead can be made of it again there."
    )
    if confirm_danger.sure("Not a lead", key="not-a-lead-now", icon=":material/block:"):
        _attempt(
            lambda session, by: link_conversation.not_a_lead(session, conversation_id, by=by),
            "Noted: not a lead. The conversation stays.",
        )


def _attempt(verb: Callable[[Session, int], None], done: str) -> None:
    _, problem = actions.attempt(verb)
    dialog_state.finish(problem, done)
