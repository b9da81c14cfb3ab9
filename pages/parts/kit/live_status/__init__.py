"""What a screen says of itself, drawn by the browser: the worker's heartbeat, who waits, whether the screen is live."""

from pathlib import Path

import streamlit as st

from genko import clock
from pages.live.status import DATABASE_DOWN, Status
from pages.parts.kit import push_runs
from pages.parts.streamlit.component_script import component_script

_HERE = Path(__file__).parent
_foot = st.components.v2.component(
    "genko_live_foot",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "foot.js"),
)
_banner = st.components.v2.component(
    "genko_live_banner",
    css=(_HERE / "banner.css").read_text("utf-8"),
    js=component_script(_HERE / "banner.js"),
)


def draw_foot(status: Status) -> None:
    """In the sidebar. It opens the screen's websocket, which from then on brings the status."""
    _draw_foot(status, retries=False)


def draw_foot_without_database() -> None:
    """The browser asks for another run as soon as the database answers."""
    _draw_foot(Status(database=DATABASE_DOWN), retries=True)


def _draw_foot(status: Status, *, retries: bool) -> None:
    data = {"status": status.as_json(), "now": clock.now().isoformat(), "retries": retries}
    _foot(key="live-foot", data=data, height="content", on_again_change=push_runs.note)


def draw_banner() -> None:
    """Over every page, closed as long as there is nothing to say."""
    with st.container(key="live-banner"):
        _banner(key="live-sentence", height="content")
