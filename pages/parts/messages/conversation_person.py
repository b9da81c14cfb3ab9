"""The person of a conversation: a button to their record, the lead's stage, and the choices for a new sender."""

from functools import partial
from pathlib import Path

import streamlit as st

from genko.leads import pipeline
from genko.leads.models import LeadStage
from genko.messages.conversation_head import ConversationHead
from genko.messages.same_person import Owner
from pages.parts.kit import actions, dialog_state, url_state
from pages.parts.kit.dialog_state import Dialog

_CONVERT = "Convert to a patient…"


def profile_button(head: ConversationHead) -> None:
    """Leads to the patient's profile, or else to the lead."""
    if head.patient_id:
        _record_button("Profile", url_state.PATIENTS, "patient", head.patient_id)
    elif head.lead_id:
        _record_button("Details", url_state.LEADS, "lead", head.lead_id)


def _record_button(label: str, page: Path, kind: str, record_id: int) -> None:
    if st.button(
        label, icon=":material/open_in_new:", key=f"open-{kind}", type="tertiary", help=f"Open the {kind}"
    ):
        st.switch_page(page, query_params={kind: str(record_id)})


def stage(head: ConversationHead, *, disabled: bool) -> None:
    """The lead's stage, as a menu that moves it. A sender without a record gets a button that makes a lead instead."""
    if head.patient_id:
        st.text("Patient")
    elif head.lead_stage and disabled:
        st.text(_stage_label(head.lead_stage))
    elif head.lead_stage and head.lead_id:
        key = f"stage-{head.id}"
        st.menu_button(
            _stage_label(head.lead_stage),
            [stage for stage in LeadStage if stage is not head.lead_stage],
            key=key,
            type="tertiary",
            format_func=lambda stage: _CONVERT if stage is LeadStage.CONVERTED else stage.capitalize(),
            help="Move the lead to another stage, or make it a patient",
            on_click=_move,
            args=(head, key),
        )
    elif not disabled:
        st.button(
            "Make a lead",
            key="make-lead",
            type="tertiary",
            icon=":material/person_add:",
            on_click=dialog_state.open_dialog,
            args=(Dialog.ACCEPT_SENDER, head.id),
        )


def _stage_label(stage: LeadStage) -> str:
    return "Lead" if stage is LeadStage.LEAD else f"Lead: {stage.capitalize()}"


def _move(head: ConversationHead, key: str) -> None:
    to, lead_id, seen_stage = st.session_state.get(key), head.lead_id, head.lead_stage
    if to is LeadStage.CONVERTED:
        dialog_state.open_dialog(Dialog.CONVERT_LEAD, lead_id)
    elif to is LeadStage.LOST:
        dialog_state.open_dialog(Dialog.LOSE_LEAD, lead_id, seen_stage)
    elif to and lead_id:
        move = partial(pipeline.move, lead_id=lead_id, to=LeadStage(to), expected=seen_stage)
        actions.act(
            lambda session, by: move(session, by=by),
            at=_place(head.id),
            done=f"Moved to {to.capitalize()}.",
        )


def draw_new_sender(head: ConversationHead, *, disabled: bool) -> None:
    """The choices for a new sender: to accept the lead, to link the conversation to a known person, or neither."""
    actions.show_problem(_place(head.id))
    if disabled or head.patient_id or not head.new_sender:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="new-sender"):
        st.caption("New sender")
        st.button(
            "Accept as lead",
            key="accept",
            icon=":material/check:",
            on_click=dialog_state.open_dialog,
            args=(Dialog.ACCEPT_SENDER, head.id),
        )
        st.button(
            "Link to…",
            key="link",
            icon=":material/link:",
            on_click=open_link_dialog,
            args=(head,),
        )
        st.button(
            "Not a lead",
            key="not-a-lead",
            icon=":material/block:",
            on_click=dialog_state.open_dialog,
            args=(Dialog.NOT_A_LEAD, head.id),
        )


def open_link_dialog(head: ConversationHead) -> None:
    dialog_state.open_dialog(Dialog.LINK_SENDER, head.id, Owner(head.patient_id, head.lead_id))


def _place(conversation_id: int) -> str:
    return f"person-{conversation_id}"
