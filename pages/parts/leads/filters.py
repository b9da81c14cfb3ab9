"""Which leads the screen shows and in which order: kept in the address, but the search text in the session only."""

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
_PARAMETERS = ("stage", "source", "tag", "uncontacted", "page")
_DESCENDING = {LeadSort.CREATED, LeadSort.CONTACTED}  # sorted by these, the newest lead comes first
SOURCES = {source: source.label for source in LeadSource}


class View(StrEnum):
    TABLE = "table"
    BOARD = "board"


def current() -> LeadFilter:
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
    """The column, and whether it is descending."""
    sort = url_state.choice("sort", LeadSort) or LeadSort.CREATED
    direction = st.query_params.get("way")
    return sort, direction == "down" or (direction != "up" and sort in _DESCENDING)


def sort_by(name: str) -> None:
    """Choosing the same column once more reverses the direction."""
    sort, descending = order()
    chosen = LeadSort(name)
    descending = not descending if chosen is sort else chosen in _DESCENDING
    url_state.put("sort", chosen)
    url_state.put("way", "down" if descending else "up")
    pager.turn_to(1)


def clear() -> None:
    for name in _PARAMETERS:
        url_state.put(name, None)
    url_state.clear_search(SEARCH)


def is_filtered(lead_filter: LeadFilter) -> bool:
    return lead_filter != LeadFilter()


def draw() -> None:
    with context.database().reading() as session:
        used_tags = tags.find_used(session)
    with st.container(key="lead-filters", horizontal=True, gap="xsmall", vertical_alignment="center"):
        pager.search("Search leads", SEARCH, width=260)
        _select("stage", "Stage", {_ALL: "All stages"} | {stage: stage.capitalize() for stage in LeadStage})
        _select("source", "Source", {_ALL: "All sources"} | dict(SOURCES))
        _select("tag", "Tag", {_ALL: "All tags"} | {tag: tag for tag in used_tags})
        stored_inputs.toggle(
            "Not contacted for 24 h",
            current().uncontacted,
            lambda chosen: _choose("uncontacted", "1" if chosen else _ALL),
            key="lead-uncontacted",
        )
        if is_filtered(current()):
            st.button("Clear", icon=":material/close:", type="tertiary", key="lead-clear", on_click=clear)


def _select(name: str, label: str, options: dict[str, str]) -> None:
    chosen = st.query_params.get(name, _ALL)
    if name == "tag" and chosen:
        options = options | {chosen: chosen}  # a shared link may name a tag that no lead has any more
    stored_inputs.select(
        label,
        options,
        chosen if chosen in options else _ALL,
        partial(_choose, name),
        key=f"lead-{name}",
        width=150,
    )


def _choose(name: str, chosen: str) -> None:
    url_state.put(name, chosen or None)
    pager.turn_to(1)
