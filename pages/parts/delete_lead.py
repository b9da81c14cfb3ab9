"""Asks whether a lead is deleted for good."""

import streamlit as st

from genko.errors import GenkoError
from genko.leads.records import get_lead
from genko.people import deletion
from pages.parts import act, asking, danger, here
from pages.parts.plain import plain
from pages.parts.who import who


@st.dialog("Delete this lead?", on_dismiss=asking.close)
def open_dialog(lead_id: int) -> None:
    try:
        with here.database().reading() as session:
            lead = get_lead(session, lead_id)
            takes_more = deletion.takes_more_along(session, [lead_id])
    except GenkoError:
        st.info("This lead has been deleted already.")
        return
    more = "What was merged into it goes too. " if takes_more else ""
    st.markdown(
        f"**{plain(who(lead))}** is removed for good, with its notes, tags, touches and stage history. "
        f"{more}Its conversations stay."
    )
    if danger.sure("Delete for good", key="delete-now"):
        _delete(lead_id)


def _delete(lead_id: int) -> None:
    _, problem = act.attempt(lambda session, by: deletion.delete_lead(session, lead_id, by=by))
    asking.finish(problem, "Lead deleted.")
