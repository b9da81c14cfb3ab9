"""Touches: contacts noted by hand, shown and written in dialogs."""

from datetime import datetime

import streamlit as st

from genko import clock
from genko.messages import touches
from genko.messages.models import TouchKind
from genko.messages.thread import ConversationHead
from pages.parts import here
from pages.parts.act import attempt, say_done
from pages.parts.times import exact

KINDS = {
    TouchKind.CALL: "📞 Call",
    TouchKind.VISIT: "🏥 Visit",
    TouchKind.EMAIL: "✉️ Email",
    TouchKind.MESSAGE: "💬 Message",
    TouchKind.OTHER: "Other",
}


@st.dialog("Patient touches")
def show(head: ConversationHead) -> None:
    zone = here.zone()
    with here.database().reading() as session:
        found = touches.find_touches(session, head.id)
    if not found:
        st.caption("No touches yet. Note the first one with Create new touch.")
    for one in found:
        with st.container(border=True, gap="xxsmall"):
            st.caption(f"{KINDS[one.kind]} · {exact(one.at, zone)}")
            st.text(f"{one.note}\n— {one.staff_name}".strip())


@st.dialog("Create new touch")
def create(head: ConversationHead) -> None:
    zone = here.zone()
    now = clock.now().astimezone(zone)
    with st.form("touch", border=False):
        kind = st.selectbox("Kind", list(KINDS), format_func=KINDS.__getitem__)
        when = st.container(horizontal=True)
        day = when.date_input("Day", value=now.date(), max_value=now.date())
        time = when.time_input("Time", value=now.time().replace(second=0, microsecond=0), step=300)
        note = st.text_area(
            "Note", max_chars=2000, placeholder="What was said or agreed. Needed for the kind Other."
        )
        if not st.form_submit_button("Save touch", type="primary"):
            return
    at = datetime.combine(day, time, tzinfo=zone)
    _, problem = attempt(lambda session, by: touches.log(session, head.id, kind, at, note, by=by))
    if problem:
        st.error(problem)
        return
    say_done("Touch saved.")
    st.rerun()
