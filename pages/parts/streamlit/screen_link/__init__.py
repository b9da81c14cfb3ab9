"""The sidebar's link to the screen that is open leads from a record, or on a phone from a conversation, to its list.

By itself Streamlit would draw the same page again, with the same address.
"""

from pathlib import Path

import streamlit as st

from pages.parts.streamlit.component_script import component_script

_draw = st.components.v2.component(
    "genko_screen_link", js=component_script(Path(__file__).with_name("part.js"))
)


def draw() -> None:
    _draw(key="screen-link", height=0)
