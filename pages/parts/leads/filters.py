"""Which leads the screen shows and in which order: kept in the URL, the search text in the session only."""

from enum import StrEnum
from functools import partial

import streamlit as st

from genko import text
from genko.leads import tags
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadSource, LeadStage
from genko.leads.table import LeadSort
from pages.parts.kit import context, pager, url_state
from pages.parts.streamlit import stored_inputs

SEARCH = "lead-search"
_ALL = ""
_NAMES = ("stage", "source", "tag", "uncontacted", "page")
_FALLING = {LeadSort.CREATED, LeadSort.CONTACTED}  # the newest first, when asked for
SOURCES = {source: source.label for source in LeadSource}


class View(StrEnum):
    TABLE = "table"
    BOARD = "board"


def wanted() -> LeadFilter:
    return LeadFilter(
        stage=url_state.choice("stage", LeadStage),
        source=url_state.choice("source", LeadSource),
        tag=text.storable(st.query_params.get("tag", "")),
        uncontacted=st.query_params.get("uncontacted") == "1",
        search=str(st.session_state.get(SEARCH) or ""),
    )


def view() -> View:
    return url_state.choice("view", View) or View.TABLE


def order() -> tuple[LeadSort, bool]:
    """The column, and whether it falls. The newest leads first, unless chosen otherwise."""
    sort = url_state.choice("sort", LeadSort) or LeadSort.CREATED
    way = st.query_params.get("way")
    return sort, way == "down" or (way != "up" and sort in _FALLING)


def sort_by(name: str) -> None:
    """The same column once more turns the way round."""
    sort, falling = order()
    chosen = LeadSort(name)
    down = not falling if chosen is sort else chosen in _FALLING
    url_state.put("sort", chosen)
    url_state.put("way", "down" if down else "up")
    pager.turn_to(1)


def clear() -> None:
    for name in _NAMES:
        url_state.put(name, None)
    url_state.clear_search(SEARCH)


def is_filtered(filter_: LeadFilter) -> bool:
    return filter_ != LeadFilter()


def draw() -> None:
    with context.database().reading() as session:
        labels = tags.find_used(session)
    with st.container(key="lead-filters", horizontal=True, gap="xsmall", vertical_alignment="center"):
        pager.search("Search leads", SEARCH, width=260)
        _select("stage", "Stage", {_ALL: "All stages"} | {one: one.capitalize() for one in LeadStage})
        _select("source", "Source", {_ALL: "All sources"} | dict(SOURCES))
        _select("tag", "Tag", {_ALL: "All tags"} | {one: one for one in labels})
        stored_inputs.toggle(
            "Not contacted for 24 h",
            wanted().uncontacted,
            lambda chosen: _choose("uncontacted", "1" if chosen else _ALL),
            key="lead-uncontacted",
        )
        if is_filtered(wanted()):
            st.button("Clear", icon=":material/close:", type="tertiary", key="lead-clear", on_click=clear)


def _select(name: str, label: str, options: dict[str, str]) -> None:
    chosen = st.query_params.get(name, _ALL)
    if name == "tag" and chosen:
        options = options | {chosen: chosen}  # of a shared link, though no lead has it any more
    stored_inputs.select(
        label, options, chosen if chosen in options else _ALL, partial(_choose, name), key=f"lead-{name}", width=150
    )  # fmt: skip


def _choose(name: str, chosen: str) -> None:
    url_state.put(name, chosen or None)
    pager.turn_to(1)
