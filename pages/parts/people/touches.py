"""Touches: contacts noted by hand, listed and written."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from genko import clock
from genko.access.models import Role
from genko.db import Session
from genko.errors import NotFound
from genko.leads.records import get_lead
from genko.messages import touches
from genko.messages.models import TouchKind
from genko.messages.touches import TouchShown, Whose
from pages.parts.kit import actions, context, dialog_state
from pages.parts.kit.person_label import who
from pages.parts.kit.times import moment
from pages.parts.streamlit.markdown import plain

_KINDS = {
    TouchKind.CALL: "📞 Call",
    TouchKind.VISIT: "🏥 Visit",
    TouchKind.EMAIL: "✉️ Email",
    TouchKind.MESSAGE: "💬 Message",
    TouchKind.OTHER: "Other",
}


def draw(found: list[TouchShown]) -> None:
    if not found:
        st.caption("No touches yet. Calls, visits and what else is noted by hand stand here.")
    for one in found:
        with st.container(border=True, gap="xxsmall"):
            st.caption(f"{_KINDS[one.kind]} · {moment(one.at, context.zone())}")
            st.text(f"{one.note}\n— {one.staff_name}".strip())


@st.dialog("Touches", on_dismiss=dialog_state.close)
def show(conversation_id: int, name: str) -> None:
    _with(name)
    try:
        with context.database().reading() as session:
            found = touches.find_touches(session, conversation_id)
    except NotFound as error:
        st.info(str(error))
        return
    draw(found)


@st.dialog("Create new touch", on_dismiss=dialog_state.close)
def note(conversation_id: int, name: str) -> None:
    _with(name)
    _form(lambda session, by, kind, at, words: touches.log(session, conversation_id, kind, at, words, by=by))


@st.dialog("Create new touch", on_dismiss=dialog_state.close)
def note_for_patient(patient_id: int, name: str) -> None:
    _with(name)
    whose = Whose(patient_id=patient_id)
    _form(lambda session, by, kind, at, words: touches.log_for(session, whose, kind, at, words, by=by))


@st.dialog("Touches", on_dismiss=dialog_state.close)
def show_for_lead(lead_id: int) -> None:
    """Those of a lead, under a form for the next one."""
    try:
        with context.database().reading() as session:
            lead = get_lead(session, lead_id)
            found = touches.find_touches_of_lead(session, lead_id)
    except NotFound as error:
        st.info(str(error))
        return
    _with(who(lead))
    if context.me().role is not Role.VIEWER:
        whose = Whose(lead_id=lead_id)
        _form(lambda session, by, kind, at, words: touches.log_for(session, whose, kind, at, words, by=by))
    draw(found)


def _with(name: str) -> None:
    st.markdown(f"With **{plain(name)}**")


def _form(log: Callable[[Session, int, TouchKind, datetime, str], None]) -> None:
    """Fields have keys, so that a form drawn again a minute later is still the same."""
    zone, key = context.zone(), f"touch-{dialog_state.opening()}"
    now = clock.now().astimezone(zone)
    with st.form(key, border=False):
        kind = st.selectbox("Kind", list(_KINDS), format_func=_KINDS.__getitem__, key=f"{key}-kind")
        when = st.container(horizontal=True)
        day = when.date_input(
            "Day", value=now.date(), max_value=now.date(), key=f"{key}-day", format="DD/MM/YYYY"
        )
        at = when.time_input(
            "Time", value=now.time().replace(second=0, microsecond=0), step=300, key=f"{key}-time"
        )
        words = st.text_area(
            "Note", placeholder="What was said or agreed. Needed for the kind Other.", key=f"{key}-note"
        )  # fmt: skip
        if not dialog_state.tried(st.form_submit_button("Save touch", type="primary")):
            return
    happened_at = datetime.combine(day, at, tzinfo=zone)
    _, problem = actions.attempt(lambda session, by: log(session, by, kind, happened_at, words))
    dialog_state.finish(problem, "Touch saved.")
