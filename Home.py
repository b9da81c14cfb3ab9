"""Home: what needs a person now, and under it how the clinic has done."""

import streamlit as st

from genko import clock
from genko.people.attention import find_attention
from pages.parts.home import attention, figures
from pages.parts.kit import context, live_refresh
from pages.parts.streamlit.markdown import plain

visitor = context.me()
live_refresh.remember()
now = clock.now()

with context.database().reading() as session:
    found = find_attention(session, at=now)

with st.container(key="home"):
    st.header(f"Good to see you, {plain(visitor.name.split()[0])}")
    attention.draw(found, now)
    figures.draw(now)
