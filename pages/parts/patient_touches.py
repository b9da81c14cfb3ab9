"""Touches of a patient, where no conversation is open."""

from datetime import datetime

import streamlit as st

from genko import clock
from genko.messages import touches
from genko.messages.touches import TouchShown, Whose
from pages.parts import act, asking, here
from pages.parts.times import exact
from pages.parts.touches import KINDS


def draw(found: list[TouchShown]) -> None:
    if not found:
        st.caption("No touches yet.")
    for one in found:
        with st.container(border=True, gap="xxsmall"):
            st.caption(f"{KINDS[one.kind]} · {exact(one.at, here.zone())}")
            st.text(f"{one.note}\n— {one.staff_name}".strip())


@st.dialog("Create new touch", on_dismiss=asking.close)
def note(patient_id: int) -> None:
    zone = here.zone()
    now = clock.now().astimezone(zone)
    with st.form("patient-touch", border=False):
        kind = st.selectbox("Kind", list(KINDS), format_func=KINDS.__getitem__)
        when = st.container(horizontal=True)
        day = when.date_input("Day", value=now.date(), max_value=now.date())
        time = when.time_input("Time", value=now.time().replace(second=0, microsecond=0), step=300)
        words = st.text_area("Note", max_chars=2000)
        if not st.form_submit_button("Save touch", type="primary"):
            return
    at = datetime.combine(day, time, tzinfo=zone)
    whose = Whose(patient_id=patient_id)
    _, problem = act.attempt(lambda session, by: touches.log_for(session, whose, kind, at, words, by=by))
    if problem:
        st.error(problem)
        return
    asking.close()
    act.say_done("Touch saved.")
    st.rerun()
