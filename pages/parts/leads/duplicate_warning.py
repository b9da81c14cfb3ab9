"""The warning, in a lead's dialog, that the person may be here already."""

import streamlit as st

from genko.leads.records import LeadFields
from genko.messages import same_person
from genko.messages.same_person import Duplicate
from pages.parts.kit import context, dialog_state
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.person_label import shown_phone
from pages.parts.streamlit.markdown import plain


def warn(fields: LeadFields, lead_id: int, *, anyway: bool) -> None:
    """Shows who may be the same person, and ends the run before anything is saved.

    It does not if exactly these people have been shown already and the form was submitted `anyway`.
    """
    with context.database().reading() as session:
        region = context.clinic().region
        duplicates = same_person.find_possible_duplicates(session, fields, region, lead_id or None)
    if duplicates and not (anyway and duplicates == _duplicates_shown(lead_id)):
        st.session_state[dialog_state.DUPLICATES_SHOWN] = lead_id, duplicates
        st.rerun(scope="fragment")


def _duplicates_shown(lead_id: int) -> list[Duplicate]:
    shown_for, duplicates = st.session_state.get(dialog_state.DUPLICATES_SHOWN, (None, []))
    return duplicates if shown_for == lead_id else []


def draw(lead_id: int) -> bool:
    """Whether there is a warning."""
    duplicates = _duplicates_shown(lead_id)
    if duplicates:
        _draw_box(duplicates)
    return bool(duplicates)


def _draw_box(duplicates: list[Duplicate]) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(":orange[:material/warning:] **This person may be here already**")
        for duplicate in duplicates:
            _draw_duplicate(duplicate)


def _draw_duplicate(duplicate: Duplicate) -> None:
    address = shown_phone(duplicate.phone) or duplicate.email or "no phone"
    kind = duplicate.stage.capitalize() if duplicate.stage else "Patient"
    line = f"{duplicate.name or 'No name'} · {address} · {kind} · {duplicate.why}"
    if duplicate.stage is None:
        st.text(line)
    elif st.button(plain(line), key=f"same-{duplicate.id}", icon=":material/person_search:", type="tertiary"):
        dialog_state.open_dialog(Dialog.EDIT_LEAD, duplicate.id)
        st.rerun()
