"""Home: what needs a person now, and under it how the clinic has done."""

import streamlit as st

from genko import clock
from pages.parts.home import attention, figures
from pages.parts.kit import context
from pages.parts.streamlit.markdown import plain

visitor = context.me()

with st.container(key="home"):
    st.header(f"Good to see you, {plain(visitor.name.split()[0])}")
    attention.draw(visitor)
    figures.draw(clock.now())
