"""Touches: contacts that staff note by hand, listed and added."""

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
from pages.parts.kit.person_label import label_of
from pages.parts.kit.times import moment
from pages.parts.streamlit.markdown import plain

_KINDS = {
    TouchKind.CALL: "📞 Call",
    TouchKind.VISIT: "🏥 Visit",
    TouchKind.EMAIL: "✉️ Email",
    TouchKind.MESSAGE: "💬 Message",
    TouchKind.OTHER: "Other",
}
_TIME_STEP_S = 300


def draw(shown: list[TouchShown]) -> None:
    if not shown:
        st.caption("No touches yet. Calls, visits and what else is noted by hand stand here.")
    for touch in shown:
        with st.container(border=True, gap="xxsmall"):
            st.caption(f"{_KINDS[touch.kind]} · {moment(touch.at, context.zone())}")
            st.text(f"{touch.note}\n— {touch.staff_name}".strip())


@st.dialog("Touches", on_dismiss=dialog_state.close_dialog)
def show(conversation_id: int, name: str) -> None:
    _draw_name(name)
    try:
        with context.database().reading() as session:
            shown = touches.find_touches(session, conversation_id)
    except NotFound as error:
        st.info(str(error))
        return
    draw(shown)


@st.dialog("Create new touch", on_dismiss=dialog_state.close_dialog)
def add(conversation_id: int, name: str) -> None:
    _draw_name(name)
    _form(lambda session, by, kind, at, note: touches.log(session, conversation_id, kind, at, note, by=by))


@st.dialog("Create new touch", on_dismiss=dialog_state.close_dialog)
def add_for_patient(patient_id: int, name: str) -> None:
    _draw_name(name)
    _form_for(Whose(patient_id=patient_id))


@st.dialog("Touches", on_dismiss=dialog_state.close_dialog)
def show_for_lead(lead_id: int) -> None:
    """The touches of a lead, below a form for the next one."""
    try:
        with context.database().reading() as session:
            lead = get_lead(session, lead_id)
            shown = touches.find_touches_of_lead(session, lead_id)
    except NotFound as error:
        st.info(str(error))
        return
    _draw_name(label_of(lead))
    if context.me().role is not Role.VIEWER:
        _form_for(Whose(lead_id=lead_id))
    draw(shown)


def _draw_name(name: str) -> None:
    st.markdown(f"With **{plain(name)}**")


def _form_for(whose: Whose) -> None:
    _form(lambda session, by, kind, at, note: touches.log_for(session, whose, kind, at, note, by=by))


def _form(log: Callable[[Session, int, TouchKind, datetime, str], None]) -> None:
    """The fields have keys because their defaults change every minute: without keys they would be new, empty fields."""
    zone, key = context.zone(), dialog_state.form_key("touch")
    now = clock.now().astimezone(zone)
    with st.form(key, border=False):
        kind = st.selectbox("Kind", list(_KINDS), format_func=_KINDS.__getitem__, key=f"{key}-kind")
        row = st.container(horizontal=True)
        day = row.date_input(
            "Day", value=now.date(), max_value=now.date(), key=f"{key}-day", format="DD/MM/YYYY"
        )
        time = row.time_input(
            "Time",
            value=now.time().replace(second=0, microsecond=0),
            step=_TIME_STEP_S,
            key=f"{key}-time",
        )
        note = st.text_area(
            "Note", placeholder="What was said or agreed. Needed for the kind Other.", key=f"{key}-note"
        )
        if not dialog_state.submitted(st.form_submit_button("Save touch", type="primary")):
            return
    happened_at = datetime.combine(day, time, tzinfo=zone)
    _, problem = actions.attempt(lambda session, by: log(session, by, kind, happened_at, note))
    dialog_state.finish(problem, "Touch saved.")
