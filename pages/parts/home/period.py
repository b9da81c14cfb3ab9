"""Which days the figures are of: the last 7, 30 or 90, or from one day to another. In the URL."""

from datetime import date, timedelta

import streamlit as st

from pages.parts.kit import url_state
from pages.parts.streamlit import stored_inputs

_OTHER = 0
_USUAL = 7
_PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", _OTHER: "Choose days"}
_MOST = timedelta(days=366)  # each day costs a look into the index
_EARLIEST = date(2000, 1, 1)


def draw(today: date) -> tuple[date, date]:
    """The first and the last day."""
    days, first, last = _chosen(today)
    with st.container(
        horizontal=True, gap="small", vertical_alignment="center", width="content", key="period-row"
    ):
        if days == _OTHER:
            _days(first, last, today)
        stored_inputs.segments(
            "Period", _PERIODS, days, lambda chosen: _choose(chosen, first, last), key="period"
        )
    return first, last


def _chosen(today: date) -> tuple[int, date, date]:
    first, last = _day("from"), _day("to")
    if first and last and _EARLIEST <= first <= last <= today:
        return _OTHER, max(first, last - _MOST), last
    days = url_state.whole_number("days")
    days = days if days in _PERIODS and days else _USUAL
    return days, today - timedelta(days=days - 1), today


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None


def _days(first: date, last: date, today: date) -> None:
    """What is half chosen stays."""
    key = stored_inputs.key_of("period-days", (first, last), keep=lambda shown: len(shown) == 1)
    st.date_input(
        "Days", (first, last), max_value=today, format="DD/MM/YYYY", key=key, label_visibility="collapsed",
        on_change=stored_inputs.report_choice, args=(key, _take), width=250,
    )  # fmt: skip


def _take(chosen: tuple[date, ...]) -> None:
    """Once both ends are chosen."""
    if len(chosen) == 2:  # noqa: PLR2004 - the first and the last day
        _put(*chosen)


def _choose(days: int, first: date, last: date) -> None:
    if days == _OTHER:
        _put(first, last)
        return
    for name in ("from", "to"):
        url_state.put(name, None)
    url_state.put("days", None if days == _USUAL else str(days))


def _put(first: date, last: date) -> None:
    url_state.put("days", None)
    url_state.put("from", first.isoformat())
    url_state.put("to", last.isoformat())
