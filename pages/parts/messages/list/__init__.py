"""The conversation list: fifty rows are one element, drawn and kept up to date in the browser by part.js."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from pages.parts.streamlit.component_script import component_script

__all__ = ["ListSource", "conversation_list"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_conversation_list",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


@dataclass(frozen=True)
class ListSource:
    """Where the list asks for its rows anew, and when those of this run were read."""

    address: str
    search: str
    read_at: str


def conversation_list(
    inbox: Mapping[str, Any],
    source: ListSource,
    *,
    selected: int | None,
    view: str,
    key: str,
    on_open: Callable[[int], None],
    on_more: Callable[[], None],
    on_other_tab: Callable[[], None],
    on_clear: Callable[[], None],
) -> None:
    """`inbox` is the first paint. `view` names the tab, filter and search: when it changes the list starts at its top."""

    def opened() -> None:
        on_open(int(st.session_state[key]["open"]["id"]))

    def acted() -> None:
        (on_other_tab if st.session_state[key]["action"]["leads_to"] == "other tab" else on_clear)()

    _draw(
        key=key,
        data={
            **inbox,
            "read_at": source.read_at,
            "address": source.address,
            "search": quote(source.search),
            "selected": selected,
            "view": view,
        },
        height="stretch",
        on_open_change=opened,
        on_more_change=on_more,
        on_action_change=acted,
    )
