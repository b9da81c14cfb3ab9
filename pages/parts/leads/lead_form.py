"""The dialogs in which a lead is added and edited."""

from dataclasses import replace

import streamlit as st

from genko import phone
from genko.access.models import Role
from genko.db import Session
from genko.errors import NotFound
from genko.leads import pipeline, records, tags
from genko.leads.models import LeadStage
from genko.leads.pipeline import Step
from genko.leads.records import LeadFields, LeadRecord
from genko.messages import same_person
from genko.messages.same_person import Duplicate
from genko.people import edit_records, merging, profile
from pages.parts.kit import context, dialog_state
from pages.parts.kit.actions import attempt
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.times import moment
from pages.parts.leads import lost
from pages.parts.leads.filters import SOURCES
from pages.parts.people import merges
from pages.parts.streamlit.markdown import plain

_NEW = 0  # no lead has this id


@st.dialog("Add lead", on_dismiss=dialog_state.close)
def add() -> None:
    submitted, anyway, fields, reason = _form("Create lead", LeadFields(), _NEW)
    if not submitted:
        return
    _warn(fields, _NEW, anyway=anyway)

    def save(session: Session, by: int) -> int:
        return records.add_lead(session, by=by, lost_reason=reason, **vars(fields))

    _, problem = attempt(save)
    dialog_state.finish(problem, "Lead created.")


@st.dialog("Lead", on_dismiss=dialog_state.close)
def edit(lead_id: int) -> None:
    try:
        with context.database().reading() as session:
            lead = records.get_lead(session, lead_id)
            labels = tags.of(session, [lead_id]).get(lead_id, [])
            steps = pipeline.find_steps(session, lead_id)
            found = profile.find_merges(session, lead_id=lead_id)
    except NotFound as error:
        st.info(str(error))
        return
    _ways_on(lead)
    _edit(lead, labels)
    _history(steps)
    if merge_id := merges.draw(found, context.me().role):
        _, problem = attempt(lambda session, by: merging.undo(session, merge_id, by=by))
        dialog_state.finish(problem, merges.UNDONE)


def _edit(lead: LeadRecord, labels: list[str]) -> None:
    before = records.stored(lead, labels)
    seen, why = dialog_state.first_seen((before, lead.lost_reason))
    given = replace(
        before, phone_number=phone.shown(lead.phone, context.clinic().region) if lead.phone else ""
    )
    submitted, anyway, fields, reason = _form("Update lead", given, lead.id, why)
    if not submitted:
        return
    if _identifies(fields) != _identifies(given):
        _warn(fields, lead.id, anyway=anyway)

    def save(session: Session, by: int) -> None:
        another = (
            "" if reason == why else reason
        )  # a colleague's is not overwritten by what the form began with
        edit_records.edit_lead(session, lead.id, fields, by=by, seen=seen, lost_reason=another)

    _, problem = attempt(save)
    dialog_state.finish(problem, "Lead updated.")


def _identifies(fields: LeadFields) -> tuple[str, ...]:
    return fields.first_name, fields.last_name, fields.phone_number, fields.email


def _form(label: str, given: LeadFields, lead_id: int, why: str = "") -> tuple[bool, bool, LeadFields, str]:
    """Whether it was submitted, and in spite of a warning, what was typed, and why the lead is lost.

    `why` is the reason until now.
    """
    with context.database().reading() as session:
        common = tags.find_common(session)
    about, warned = st.session_state.get(dialog_state.WARNED, (None, []))
    if about != lead_id:
        warned = []
    if warned:
        _show(warned)
    locked = context.me().role is Role.VIEWER
    key = f"lead-form-{lead_id}-{dialog_state.opening()}"
    stage, reason = _stage(given.stage, key, why)
    with st.form(key, border=False):
        number = st.text_input(
            "Phone number *", given.phone_number, type="phone", key=f"{key}-phone", placeholder="With area code",
            help="Needed unless the lead came from Instagram.", disabled=locked,
        )  # fmt: skip
        row = st.container(horizontal=True)
        first = row.text_input("First name", given.first_name, key=f"{key}-first", disabled=locked)
        last = row.text_input("Last name", given.last_name, key=f"{key}-last", disabled=locked)
        email = st.text_input("Email", given.email, key=f"{key}-email", disabled=locked)
        source = st.selectbox(
            "Source *", list(SOURCES), list(SOURCES).index(given.source) if lead_id else None, key=f"{key}-source",
            format_func=SOURCES.__getitem__, placeholder="Where from?", disabled=locked,
        )  # fmt: skip
        labels = st.multiselect(
            "Tags", list(dict.fromkeys([*common, *given.tags])), list(given.tags), key=f"{key}-tags",
            accept_new_options=True, placeholder="Choose or type", select_all=False, disabled=locked,
        )  # fmt: skip
        notes = st.text_area("Notes", given.notes, key=f"{key}-notes", disabled=locked)
        # Beside it, not in its place: the second click of a double click must not answer what nobody has read.
        row = st.container(horizontal=True)
        save = row.form_submit_button(label, type="primary", disabled=locked, key=f"{key}-save")
        anyway = bool(warned) and row.form_submit_button(
            f"{label} anyway", disabled=locked, key=f"{key}-anyway"
        )
        submitted = dialog_state.tried(save or anyway)
    if submitted and source is None:
        dialog_state.refuse("Choose where the lead came from.")
        submitted = False
    fields = LeadFields(first, last, number, email, source or given.source, stage, notes, tuple(labels))
    return submitted, anyway, fields, reason


def _stage(present: LeadStage, key: str, why: str) -> tuple[LeadStage, str]:
    """Before the form, which is not drawn anew while it is filled in: why the lead is lost is asked when it is."""
    row, stages = st.container(horizontal=True), _stages(present)
    stage = row.selectbox(
        "Stage *", stages, stages.index(present), key=f"{key}-stage", format_func=lambda one: one.capitalize(),
        disabled=present is LeadStage.CONVERTED or context.me().role is Role.VIEWER,
    )  # fmt: skip
    if stage is not LeadStage.LOST:
        return stage, ""
    with row:
        locked = context.me().role is Role.VIEWER
        return stage, lost.reason("Why lost *", f"{key}-reason", why, disabled=locked)


def _stages(present: LeadStage) -> list[LeadStage]:
    """A lead becomes a patient by Convert, and then stays one."""
    if present is LeadStage.CONVERTED:
        return [present]
    return [one for one in LeadStage if one is not LeadStage.CONVERTED]


def _warn(fields: LeadFields, lead_id: int, *, anyway: bool) -> None:
    """Before saving shows who may be the same person; submitted `anyway`, the answer is known."""
    with context.database().reading() as session:
        found = same_person.find_possible_duplicates(
            session, fields, context.clinic().region, lead_id or None
        )
    if found and not (anyway and (lead_id, found) == st.session_state.get(dialog_state.WARNED)):
        st.session_state[dialog_state.WARNED] = lead_id, found
        st.rerun(scope="fragment")


def _show(found: list[Duplicate]) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(":orange[:material/warning:] **This person may be here already**")
        for one in found:
            _one(one)


def _one(one: Duplicate) -> None:
    number = phone.shown(one.phone, context.clinic().region) if one.phone else one.email or "no phone"
    kind = f"{one.stage.capitalize()}" if one.stage else "Patient"
    words = f"{one.name or 'No name'} · {number} · {kind} · {one.why}"
    if one.stage is None:
        st.text(words)
    elif st.button(plain(words), key=f"same-{one.id}", icon=":material/person_search:", type="tertiary"):
        dialog_state.ask(Dialog.EDIT_LEAD, one.id)
        st.rerun()


def _ways_on(lead: LeadRecord) -> None:
    """From the lead to its conversation, to a patient, to its double."""
    free = context.me().role is not Role.VIEWER
    ways = [
        (Dialog.MESSAGE_LEAD, "Message", ":material/chat:"),
        (Dialog.LEAD_TOUCHES, "Touches", ":material/add_call:"),
    ]
    if free and lead.stage is not LeadStage.CONVERTED:
        ways.append((Dialog.CONVERT_LEAD, "Convert", ":material/check_circle:"))
    if free:
        ways.append((Dialog.MERGE_LEAD, "Merge", ":material/merge:"))
    with st.container(horizontal=True, gap="xsmall"):
        for what, label, icon in ways:
            if st.button(label, icon=icon, key=f"lead-{what}"):
                dialog_state.ask(what, lead.id)
                st.rerun()


def _history(steps: list[Step]) -> None:
    zone = context.zone()
    with st.expander("History"):
        for step in reversed(steps):
            if step.source:
                words = f"Came in from {SOURCES[step.source]}"
            else:
                words = f"{step.stage.capitalize()} · {step.by or 'Genkō'}"
            st.caption(moment(step.at, zone))
            st.text(f"{words}\n{step.reason}".strip())
