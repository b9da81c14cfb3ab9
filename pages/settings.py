"""Settings, for administrators."""

import streamlit as st

from genko.access.models import Role
from pages.parts.kit import context
from pages.parts.settings import accounts, clinic_form, saved_replies, tags, team, unprocessed_list

visitor = context.me()
st.header("Settings")
if visitor.role is not Role.ADMIN:
    st.info("Only administrators can change settings. Ask one of them if something here should be different.")
    st.stop()

with st.container(key="narrow"):
    messaging, saved, leads, people, clinic, unprocessed = st.tabs(
        ["Messaging", "Saved replies", "Leads", "Team", "Clinic", "Could not be processed"],
        key="section",
        bind="query-params",
    )
with messaging:
    accounts.draw()
with saved:
    saved_replies.draw()
with leads:
    tags.draw()
with people:
    team.draw(visitor)
with clinic:
    clinic_form.draw()
with unprocessed:
    unprocessed_list.draw()
