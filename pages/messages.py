"""Messages: the list on the left, one conversation on the right."""

import streamlit as st

from pages.parts import address, conversation_pane, here, inbox_pane, pulse

visitor = here.me()
pulse.remember()

opened = conversation_pane.look(visitor, address.conversation())
with st.container(key="inbox", horizontal=True):
    with st.container(key="list-pane"):
        shown = inbox_pane.draw(visitor)
    with st.container(key="conversation-pane"):
        conversation_pane.draw(visitor, opened, any_messages=bool(shown.active + shown.closed))
