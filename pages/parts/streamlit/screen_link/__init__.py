"""The sidebar's link to the screen that is open leads from a record, or on a phone from a conversation, to its list.

By itself Streamlit would draw the same page again, with the same address.
"""

from pathlib import Path

import streamlit as st

_draw = st.components.v2.component(
    "genko_screen_link", js=Path(__file__).with_name("part.js").read_text("utf-8")
)


def draw() -> None:
    _draw(key="screen-link", height=0)
