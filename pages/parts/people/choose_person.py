"""Finds a patient or a lead by a search in a dialog."""

import streamlit as st

from genko.people import person_search
from genko.people.person_search import Somebody
from pages.parts.kit import context
from pages.parts.kit.person_label import shown_phone
from pages.parts.streamlit.distinct_labels import distinct

PATIENT, LEAD = "Patient", "Lead"


def choose(
    kind: str,
    *,
    but: int | None = None,
    only_open: bool = False,
    suggestions: list[Somebody] | None = None,
) -> int | None:
    """The id of the chosen person. `suggestions`, who may be the same person, are offered while nothing is typed."""
    typed = st.text_input(
        "Search",
        key=f"choose-{kind}",
        type="search",
        live=True,
        placeholder="Name, phone or email",
        icon=":material/search:",
    )
    if suggestions and not typed.strip():
        people = suggestions
    else:
        people = _search(kind, typed, but=but, only_open=only_open)
    labels = distinct({person.id: describe(person) for person in people})
    if not labels:
        st.caption("Nobody of this name, phone or email.")
        return None
    return st.selectbox(
        kind,
        list(labels),
        format_func=labels.__getitem__,
        index=None,
        placeholder="Choose",
        key=f"chosen-{kind}",
    )


def _search(kind: str, typed: str, *, but: int | None, only_open: bool) -> list[Somebody]:
    with context.database().reading() as session:
        if kind == PATIENT:
            return person_search.find_patients(session, typed, but=but)
        return person_search.find_leads(session, typed, but=but, is_open=only_open)


def describe(person: Somebody) -> str:
    parts = (person.name or "No name", shown_phone(person.phone), person.email)
    return " · ".join(part for part in parts if part)
