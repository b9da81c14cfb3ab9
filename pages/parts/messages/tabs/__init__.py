"""The two tabs of the inbox with their counts, which the browser keeps up to date with the list's."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from genko.messages.inbox import Tab
from pages.parts.streamlit.component_script import component_script

_HERE = Path(__file__).parent
_KEY = "inbox-tabs"
_draw = st.components.v2.component(
    "genko_inbox_tabs",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


def draw_tabs(tab: Tab, *, active: int, closed: int, read_at: str, on_choose: Callable[[Tab], None]) -> None:
    def chosen() -> None:
        on_choose(Tab(st.session_state[_KEY]["choose"]["tab"]))

    _draw(
        key=_KEY,
        data={"tab": tab, "active": active, "closed": closed, "read_at": read_at},
        height="content",
        on_choose_change=chosen,
    )
