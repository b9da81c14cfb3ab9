"""The grid of leads: a page of rows is one element, drawn in the browser by part.js. Sorting is asked of the server."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from pages.parts.kit import push_runs
from pages.parts.streamlit.component_script import component_script

__all__ = ["Chosen", "TableSource", "Ticked", "lead_table"]

_HERE = Path(__file__).parent
_KEY = "leads-grid"
_draw = st.components.v2.component(
    "genko_lead_table",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


@dataclass(frozen=True, slots=True)
class TableSource:
    """Where the table asks for its rows anew, and when those of this run were read."""

    address: str
    search: str
    read_at: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a page is ticked. `round` counts how often the server chose, `turn` is the browser's latest tick that it heard."""

    ids: list[int]
    round: int
    turn: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """What the browser has ticked and unticked under that round."""

    on: list[int]
    off: list[int]
    round: int
    turn: int
    seen_at: datetime  # as the rows were then


def lead_table(
    leads: Mapping[str, Any],
    source: TableSource,
    *,
    sort: str,
    descending: bool,
    chosen: Chosen,
    can_edit: bool,
    may_run: bool,
    on_sort: Callable[[str], None],
    on_tick: Callable[[Ticked], None],
    on_act: Callable[[str, int], None],
) -> None:
    """`leads` is the first paint. `on_act` hears what a row's icon stands for.

    The browser asks for another run when there are more or fewer leads than here, unless a dialog is open, which a run
    could shut for a moment.
    """

    def sent(name: str) -> dict[str, object]:
        return dict(st.session_state[_KEY][name])

    def ticked() -> None:
        given = st.session_state[_KEY]["tick"]
        on, off = ([int(one) for one in given[name]] for name in ("on", "off"))
        on_tick(
            Ticked(on, off, int(given["round"]), int(given["turn"]), datetime.fromisoformat(given["read_at"]))
        )

    def acted() -> None:
        given = st.session_state[_KEY]["act"]
        on_act(str(given["what"]), int(given["id"]))

    _draw(
        key=_KEY,
        data={
            **leads,
            "read_at": source.read_at,
            "address": source.address,
            "search": quote(source.search),
            "sort": sort,
            "descending": descending,
            "chosen": asdict(chosen),
            "canEdit": can_edit,
            "mayRun": may_run,
        },
        on_sort_change=lambda: on_sort(str(sent("sort")["by"])),
        on_tick_change=ticked,
        on_act_change=acted,
        on_total_change=push_runs.note,
    )
