"""What needs a person now, each line a link: one element, drawn and kept up to date in the browser by part.js."""

from pathlib import Path

import streamlit as st

from genko import clock
from genko.access.sessions import SignedIn
from pages.parts.home import attention_feed
from pages.parts.kit import context, url_state
from pages.parts.streamlit.component_script import component_script

_HERE = Path(__file__).parent
_KEY = "attention"
_SCREENS = {"messages": url_state.MESSAGES, "leads": url_state.LEADS, "settings": url_state.SETTINGS}
_draw = st.components.v2.component(
    "genko_attention",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


def draw(visitor: SignedIn) -> None:
    now = clock.now()
    with context.database().reading() as session:
        lines = attention_feed.read_attention_lines(session, visitor.role, now)
    data = {**lines, "read_at": now.isoformat(), "address": attention_feed.ADDRESS}
    followed = _draw(key=_KEY, data=data, height="content", on_go_change=lambda: None)
    if link := followed.go:
        st.switch_page(_SCREENS[link["screen"]], query_params=link["query"])
