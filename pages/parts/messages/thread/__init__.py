"""The messages of one conversation: one element, drawn and kept up to date in the browser by part.js."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.kit import push_runs
from pages.parts.streamlit.component_script import component_script

__all__ = ["ThreadSource", "thread"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_thread",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


@dataclass(frozen=True)
class ThreadSource:
    """What only the page's script knows of the open conversation.

    `read_count` is how many of the patient's messages were read before this opening, None when nothing was unread.
    `may_run` is false while a dialog is open, which another run of the script could shut for a moment.
    """

    read_at: str
    read_count: int | None
    may_run: bool


def thread(
    messages: Mapping[str, Any],
    source: ThreadSource,
    *,
    key: str,
    on_earlier: Callable[[], None],
    on_retry: Callable[[int], None],
    on_dismiss: Callable[[int], None],
    on_refetch: Callable[[int], None],
) -> None:
    """`messages` is the first paint. The browser asks for another run when `head_mark` is another one than here."""

    def retried() -> None:
        on_retry(int(st.session_state[key]["retry"]["id"]))

    def dismissed() -> None:
        on_dismiss(int(st.session_state[key]["dismiss"]["id"]))

    def asked_for() -> None:
        on_refetch(int(st.session_state[key]["refetch"]["id"]))

    _draw(
        key=key,
        data={**messages, "source": asdict(source), "read_at": source.read_at},
        height="stretch",
        on_earlier_change=on_earlier,
        on_retry_change=retried,
        on_dismiss_change=dismissed,
        on_refetch_change=asked_for,
        on_head_change=push_runs.note,
    )
