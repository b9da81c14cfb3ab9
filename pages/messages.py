"""Messages: the list on the left, one conversation on the right."""

import streamlit as st

from pages.parts.kit import context, url_state
from pages.parts.messages import conversation_pane, inbox_pane

visitor = context.me()
opened = conversation_pane.look(visitor, url_state.conversation())
with st.container(key="inbox", horizontal=True):
    list_pane = st.container(key="list-pane")
    conversation = st.container(key="conversation-pane")
if opened is not None:
    with conversation:  # first what was clicked
        conversation_pane.draw(visitor, opened)
with list_pane:
    any_messages = inbox_pane.draw(visitor)
if opened is None:
    with conversation:
        conversation_pane.nothing_open(any_messages=any_messages)
