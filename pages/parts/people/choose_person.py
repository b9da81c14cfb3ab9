"""Finds somebody by what is typed, in a dialog."""

import streamlit as st

from genko import phone
from genko.people import person_search
from genko.people.person_search import Somebody
from pages.parts.kit import context
from pages.parts.streamlit.distinct_labels import distinct

PATIENT, LEAD = "Patient", "Lead"


def choose(
    kind: str, *, but: int | None = None, only_open: bool = False, first: list[Somebody] | None = None
) -> int | None:
    """`first` are offered while nothing is typed: those who may be the same person."""
    typed = st.text_input(
        "Search",
        key=f"choose-{kind}",
        type="search",
        live=True,
        placeholder="Name, phone or email",
        icon=":material/search:",
    )
    with context.database().reading() as session:
        if first and not typed.strip():
            found = first
        elif kind == PATIENT:
            found = person_search.find_patients(session, typed, but=but)
        else:
            found = person_search.find_leads(session, typed, but=but, is_open=only_open)
    names = distinct({one.id: words(one) for one in found})
    if not names:
        st.caption("Nobody of this name, phone or email.")
        return None
    return st.selectbox(
        kind,
        list(names),
        format_func=names.__getitem__,
        index=None,
        placeholder="Choose",
        key=f"chosen-{kind}",
    )


def words(one: Somebody) -> str:
    number = phone.shown(one.phone, context.clinic().region) if one.phone else ""
    return " · ".join(part for part in (one.name or "No name", number, one.email) if part)
