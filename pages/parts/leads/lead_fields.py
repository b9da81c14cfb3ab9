"""The fields of a lead, and the buttons that submit them."""

from dataclasses import dataclass, replace

import streamlit as st

from genko.access.models import Role
from genko.leads import tags
from genko.leads.models import LeadStage
from genko.leads.records import LeadFields
from pages.parts.kit import context, dialog_state
from pages.parts.leads import duplicate_warning, lost
from pages.parts.leads.filters import SOURCES

NEW_LEAD = 0  # no lead has this id


@dataclass(frozen=True)
class Submitted:
    fields: LeadFields
    lost_reason: str
    anyway: bool  # in spite of the warning that this person may be here already


def draw(label: str, shown: LeadFields, lead_id: int, lost_reason: str = "") -> Submitted | None:
    """None while it is filled in. `lost_reason` is the stored one."""
    with context.database().reading() as session:
        common_tags = tags.find_common(session)
    warned = duplicate_warning.draw(lead_id)
    key = dialog_state.form_key(f"lead-form-{lead_id}")
    stage, reason = _stage(shown.stage, key, lost_reason)
    with st.form(key, border=False):
        fields, has_source = _fields(
            replace(shown, stage=stage), key, common_tags, is_new=lead_id == NEW_LEAD
        )
        save, anyway = _buttons(label, key, warned=warned)
        submitted = dialog_state.submitted(save or anyway)
    if submitted and not has_source:
        dialog_state.refuse("Choose where the lead came from.")
        return None
    return Submitted(fields, reason, anyway) if submitted else None


def _fields(shown: LeadFields, key: str, common_tags: list[str], *, is_new: bool) -> tuple[LeadFields, bool]:
    """What is filled in, and whether a source is chosen: a new lead has none at first."""
    locked = is_locked()
    phone_number = st.text_input(
        "Phone number *",
        shown.phone_number,
        type="phone",
        key=f"{key}-phone",
        placeholder="With area code",
        help="Needed unless the lead came from Instagram.",
        disabled=locked,
    )
    row = st.container(horizontal=True)
    first = row.text_input("First name", shown.first_name, key=f"{key}-first", disabled=locked)
    last = row.text_input("Last name", shown.last_name, key=f"{key}-last", disabled=locked)
    email = st.text_input("Email", shown.email, key=f"{key}-email", disabled=locked)
    source = st.selectbox(
        "Source *",
        list(SOURCES),
        None if is_new else list(SOURCES).index(shown.source),
        key=f"{key}-source",
        format_func=SOURCES.__getitem__,
        placeholder="Where from?",
        disabled=locked,
    )
    chosen_tags = st.multiselect(
        "Tags",
        list(dict.fromkeys([*common_tags, *shown.tags])),
        list(shown.tags),
        key=f"{key}-tags",
        accept_new_options=True,
        placeholder="Choose or type",
        select_all=False,
        disabled=locked,
    )
    notes = st.text_area("Notes", shown.notes, key=f"{key}-notes", disabled=locked)
    fields = LeadFields(
        first, last, phone_number, email, source or shown.source, shown.stage, notes, tuple(chosen_tags)
    )
    return fields, source is not None


def _buttons(label: str, key: str, *, warned: bool) -> tuple[bool, bool]:
    """Below a warning there is a second button, which saves anyway. The first one must not do that: the second click of
    a double click would answer a warning that nobody has read."""
    row, locked = st.container(horizontal=True), is_locked()
    save = row.form_submit_button(label, type="primary", disabled=locked, key=f"{key}-save")
    anyway = warned and row.form_submit_button(f"{label} anyway", disabled=locked, key=f"{key}-anyway")
    return save, anyway


def is_locked() -> bool:
    return context.me().role is Role.VIEWER


def _stage(stored: LeadStage, key: str, lost_reason: str) -> tuple[LeadStage, str]:
    """The stage and why the lead is lost. It stands before the form: a form does not run the script while it is filled
    in, and the reason is asked for only once the stage is Lost."""
    row, stages, locked = st.container(horizontal=True), _stages(stored), is_locked()
    stage = row.selectbox(
        "Stage *",
        stages,
        stages.index(stored),
        key=f"{key}-stage",
        format_func=lambda stage: stage.capitalize(),
        disabled=stored is LeadStage.CONVERTED or locked,
    )
    if stage is not LeadStage.LOST:
        return stage, ""
    with row:
        return stage, lost.ask_reason("Why lost *", f"{key}-reason", lost_reason, disabled=locked)


def _stages(stored: LeadStage) -> list[LeadStage]:
    """A lead becomes a patient by "Convert" only, and then stays one."""
    if stored is LeadStage.CONVERTED:
        return [stored]
    return [stage for stage in LeadStage if stage is not LeadStage.CONVERTED]
