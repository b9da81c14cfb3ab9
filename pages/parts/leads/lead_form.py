"""The dialogs in which a lead is added and edited."""

from dataclasses import replace

import streamlit as st

from genko.db import Session
from genko.errors import NotFound
from genko.leads import pipeline, records, tags
from genko.leads.models import LeadStage
from genko.leads.pipeline import Step
from genko.leads.records import LeadFields, LeadRecord
from genko.people import edit_records, merging, profile
from pages.parts.kit import context, dialog_state
from pages.parts.kit.actions import attempt
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.person_label import shown_phone
from pages.parts.kit.times import moment
from pages.parts.leads import duplicate_warning, lead_fields
from pages.parts.leads.filters import SOURCES
from pages.parts.leads.lead_fields import NEW_LEAD
from pages.parts.people import merges


@st.dialog("Add lead", on_dismiss=dialog_state.close_dialog)
def add() -> None:
    submitted = lead_fields.draw("Create lead", LeadFields(), NEW_LEAD)
    if submitted is None:
        return
    fields, reason = submitted.fields, submitted.lost_reason
    duplicate_warning.warn(fields, NEW_LEAD, anyway=submitted.anyway)

    def save(session: Session, by: int) -> int:
        return records.add_lead(session, by=by, lost_reason=reason, **vars(fields))

    _, problem = attempt(save)
    dialog_state.finish(problem, "Lead created.")


@st.dialog("Lead", on_dismiss=dialog_state.close_dialog)
def edit(lead_id: int) -> None:
    try:
        with context.database().reading() as session:
            lead = records.get_lead(session, lead_id)
            lead_tags = tags.of(session, [lead_id]).get(lead_id, [])
            steps = pipeline.find_steps(session, lead_id)
            past_merges = profile.find_merges(session, lead_id=lead_id)
    except NotFound as error:
        st.info(str(error))
        return
    _other_dialogs(lead)
    _edit(lead, lead_tags)
    _history(steps)
    if merge_id := merges.draw(past_merges, context.me().role):
        _, problem = attempt(lambda session, by: merging.undo(session, merge_id, by=by))
        dialog_state.finish(problem, merges.UNDONE)


def _edit(lead: LeadRecord, lead_tags: list[str]) -> None:
    stored = records.stored(lead, lead_tags)
    seen, seen_reason = dialog_state.first_seen((stored, lead.lost_reason))
    shown = replace(stored, phone_number=shown_phone(lead.phone))
    submitted = lead_fields.draw("Update lead", shown, lead.id, seen_reason)
    if submitted is None:
        return
    if _identity(submitted.fields) != _identity(shown):
        duplicate_warning.warn(submitted.fields, lead.id, anyway=submitted.anyway)

    def save(session: Session, by: int) -> None:
        # A reason that was not changed here must not overwrite a colleague's newer one.
        reason = "" if submitted.lost_reason == seen_reason else submitted.lost_reason
        edit_records.edit_lead(session, lead.id, submitted.fields, by=by, seen=seen, lost_reason=reason)

    _, problem = attempt(save)
    dialog_state.finish(problem, "Lead updated.")


def _identity(fields: LeadFields) -> tuple[str, ...]:
    return fields.first_name, fields.last_name, fields.phone_number, fields.email


def _other_dialogs(lead: LeadRecord) -> None:
    """Buttons that lead from the form to the other dialogs about this lead."""
    buttons = [
        (Dialog.MESSAGE_LEAD, "Message", ":material/chat:"),
        (Dialog.LEAD_TOUCHES, "Touches", ":material/add_call:"),
    ]
    if not lead_fields.is_locked() and lead.stage is not LeadStage.CONVERTED:
        buttons.append((Dialog.CONVERT_LEAD, "Convert", ":material/check_circle:"))
    if not lead_fields.is_locked():
        buttons.append((Dialog.MERGE_LEAD, "Merge", ":material/merge:"))
    with st.container(horizontal=True, gap="xsmall"):
        for dialog, label, icon in buttons:
            if st.button(label, icon=icon, key=f"lead-{dialog}"):
                dialog_state.open_dialog(dialog, lead.id)
                st.rerun()


def _history(steps: list[Step]) -> None:
    zone = context.zone()
    with st.expander("History"):
        for step in reversed(steps):
            if step.source:
                line = f"Came in from {SOURCES[step.source]}"
            else:
                line = f"{step.stage.capitalize()} · {step.by or 'Genkō'}"
            st.caption(moment(step.at, zone))
            st.text(f"{line}\n{step.reason}".strip())
