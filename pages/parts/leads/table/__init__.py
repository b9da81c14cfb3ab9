"""The grid of leads: a page of rows is one element, drawn in the browser by part.js. Sorting is asked of the server."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from pages.parts.streamlit.component_script import component_script

__all__ = ["Chosen", "Row", "Ticked", "lead_table"]

_HERE = Path(__file__).parent
_KEY = "leads-grid"
_draw = st.components.v2.component(
    "genko_lead_table",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One lead as the grid shows it. `…_title` is the exact time."""

    id: int
    name: str
    phone: str
    email: str
    stage: str
    stage_label: str
    source: str
    tags: tuple[str, ...]
    created: str
    created_title: str
    contacted: str
    contacted_title: str
    uncontacted: bool
    converted: bool


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


def lead_table(
    rows: Sequence[Row],
    *,
    sort: str,
    descending: bool,
    chosen: Chosen,
    can_edit: bool,
    on_sort: Callable[[str], None],
    on_tick: Callable[[Ticked], None],
    on_act: Callable[[str, int], None],
) -> None:
    """`on_act` hears what a row's icon stands for."""

    def sent(name: str) -> dict[str, object]:
        return dict(st.session_state[_KEY][name])

    def ticked() -> None:
        given = st.session_state[_KEY]["tick"]
        on, off = ([int(one) for one in given[name]] for name in ("on", "off"))
        on_tick(Ticked(on, off, int(given["round"]), int(given["turn"])))

    def acted() -> None:
        given = st.session_state[_KEY]["act"]
        on_act(str(given["what"]), int(given["id"]))

    _draw(
        key=_KEY,
        data={
            "rows": [asdict(row) for row in rows],
            "sort": sort,
            "descending": descending,
            "chosen": asdict(chosen),
            "canEdit": can_edit,
        },
        on_sort_change=lambda: on_sort(str(sent("sort")["by"])),
        on_tick_change=ticked,
        on_act_change=acted,
    )
