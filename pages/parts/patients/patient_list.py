"""The list of patients: found by name, email or phone, a page at a time."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from genko import phone
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.patients import search
from genko.patients.search import PatientRow
from pages.parts.kit import context, dialog_state, pager, url_state
from pages.parts.kit.dialog_state import Dialog

_SEARCH = "patient-search"


def draw(visitor: SignedIn) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Patients")
        if visitor.role is not Role.VIEWER:
            st.button(
                "Add patient",
                icon=":material/person_add:",
                key="add-patient",
                on_click=dialog_state.open_dialog,
                args=(Dialog.ADD_PATIENT,),
            )
    st.session_state.setdefault(_SEARCH, pager.last_search(_SEARCH))  # as it was before a record was opened
    typed = pager.search("Search patients", _SEARCH)
    with context.database().reading() as session:
        found = search.find_page(session, typed, pager.current_page())
    if not found.rows:
        _nobody(typed)
        return
    _table(found.rows)
    pager.draw(found, "patient-page")


def forget() -> None:
    pager.forget_search(_SEARCH)


def _nobody(typed: str) -> None:
    if typed.strip():
        st.info("No patient matches. Try fewer letters, or the last digits of the phone.")
    else:
        st.info("No patients yet. Add the first one here, or convert a lead.")


def _table(rows: Sequence[PatientRow]) -> None:
    region = context.clinic().region
    columns = {
        "Name": [one.name for one in rows],
        "Phone": [phone.shown(one.phone, region) if one.phone else "" for one in rows],
        "Email": [one.email or "" for one in rows],
        "Tags": [list(one.tags) for one in rows],
    }
    ids = [one.id for one in rows]
    key = f"patients-table-{hash(tuple(ids))}"  # another list is another table: a late click is not taken for its rows
    with st.container(key="patients-table"):
        st.dataframe(
            columns,
            hide_index=True,
            height="content",
            key=key,
            on_select=partial(_open, key, ids),
            selection_mode="single-cell",
            column_config={"Tags": st.column_config.ListColumn()},
            alt="Patients. Choose one to open the profile.",
        )


def _open(key: str, ids: list[int]) -> None:
    """By the list that was clicked in: it is read anew only after this."""
    if cells := st.session_state[key]["selection"]["cells"]:
        url_state.open_patient(ids[int(cells[0][0])])
