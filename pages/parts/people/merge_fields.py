"""The last step of a merge: whose value stays, field by field, and the button that merges."""

from datetime import datetime

import streamlit as st

from genko import phone
from genko.errors import GenkoError
from genko.leads.models import LeadSource, LeadStage
from genko.people import merging, person_search
from genko.people.merge_choices import NOTES, Pair, Side
from genko.people.models import MergeKind
from pages.parts.kit import actions, context, dialog_state
from pages.parts.kit.times import moment
from pages.parts.streamlit.markdown import plain

_VERBS = {
    MergeKind.LEADS: merging.merge_leads,
    MergeKind.LEAD_INTO_PATIENT: merging.merge_lead_into_patient,
    MergeKind.PATIENTS: merging.merge_patients,
}
_FIELDS = {
    "name": "Name",
    "phone": "Phone",
    "email": "Email",
    "source": "Source",
    "stage": "Stage",
    "first_appointment": "First appointment",
    NOTES: "Notes",
}

_LONGEST_LINE = 79  # characters


def draw_choices(kind: MergeKind, winner_id: int, loser_id: int) -> None:
    try:
        with context.database().reading() as session:
            pairs = person_search.find_pairs(session, kind, winner_id, loser_id)
    except GenkoError as error:
        st.info(str(error))
        return
    choices = {pair.field: _choose_side(pair, f"merge-{winner_id}-{loser_id}") for pair in pairs}
    st.caption("Conversations, touches and tags of both stay together. A merge can be undone.")
    if dialog_state.submitted(st.button("Merge", type="primary", icon=":material/merge:", key="merge-now")):
        _merge(kind, winner_id, loser_id, choices)


def _choose_side(pair: Pair, key: str) -> Side:
    names = {Side.WINNER: _describe(pair.field, pair.winner), Side.LOSER: _describe(pair.field, pair.loser)}
    if names[Side.WINNER] == names[Side.LOSER]:  # they differ only in spelling, or behind the shown line
        names = {
            Side.WINNER: f"Of the one that stays: {names[Side.WINNER]}",
            Side.LOSER: f"Of the other: {names[Side.LOSER]}",
        }
    if pair.field == NOTES:
        names = {Side.BOTH: "Both, one below the other", **names}
    return st.radio(
        _FIELDS[pair.field],
        list(names),
        index=list(names).index(pair.usual),
        format_func=lambda side: plain(names[side]),
        key=f"{key}-{pair.field}",
    )


def _describe(field: str, value: datetime | str) -> str:
    if isinstance(value, datetime):
        return moment(value, context.zone())
    if isinstance(value, LeadSource):
        return value.label
    if isinstance(value, LeadStage):
        return value.capitalize()
    if field == "phone":
        return phone.shown(value, context.clinic().region)
    line = " ".join(value.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _merge(kind: MergeKind, winner_id: int, loser_id: int, choices: dict[str, Side]) -> None:
    _, problem = actions.attempt(
        lambda session, by: _VERBS[kind](session, winner_id, loser_id, choices, by=by)
    )
    dialog_state.finish(problem, "Merged. The record that stayed can undo it.")
