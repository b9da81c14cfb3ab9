"""The conversation list: fifty rows are one element, drawn in the browser by part.js."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from pages.parts.streamlit.component_script import component_script

__all__ = ["Empty", "Row", "conversation_list"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_conversation_list",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


@dataclass(frozen=True)
class Row:
    """One conversation as the list shows it. Times are ISO 8601 in UTC, `…_text` is in the clinic's zone."""

    id: int
    name: str
    preview: str
    preview_author: Literal["patient", "staff", "ai", "other_tool", "provider_app", "automatic"]
    status: Literal["active", "pending", "resolved"]
    priority: Literal["low", "medium", "high"]
    ai: bool
    messages: int
    unread: int
    at: str
    at_text: str
    channel: str
    channel_label: str
    account: str
    account_colour: str | None = None
    waiting_since: str | None = None
    failed: bool = False
    window_closes_at: str | None = None
    match: str | None = None
    date_text: str = ""


@dataclass(frozen=True)
class Empty:
    title: str
    text: str
    action: str | None = None


def conversation_list(
    rows: Sequence[Row],
    *,
    selected: int | None,
    more: bool,
    now: str,
    empty: Empty,
    key: str,
    on_open: Callable[[int], None],
    on_more: Callable[[], None],
    on_action: Callable[[], None] | None = None,
    view: str = "",
) -> None:
    """Draw the list. `view` names the tab, filter and search: when it changes the list starts at its top."""

    def opened() -> None:
        on_open(int(st.session_state[key]["open"]["id"]))

    _draw(
        key=key,
        data={
            "rows": [vars(row) for row in rows],
            "selected": selected,
            "more": more,
            "now": now,
            "empty": vars(empty),
            "view": view,
        },
        height="stretch",
        on_open_change=opened,
        on_more_change=on_more,
        on_action_change=on_action or _nothing,
    )


def _nothing() -> None:
    """Streamlit delivers a trigger only where a callback is given."""
