"""Around a long list: the search above it, and under it which part is shown and the way to the others. The page is in
the URL, what is sought in the session only."""

from typing import Any, Literal

import streamlit as st

from genko.paging import Page
from pages.parts.kit import url_state
from pages.parts.streamlit import stored_inputs

_WIDE = 420  # pixels; left to itself it shows one number only


def asked() -> int:
    return url_state.whole_number("page") or 1


def turn_to(page: int) -> None:
    url_state.put("page", str(page) if page > 1 else None)


def search(label: str, key: str, *, width: int | Literal["stretch"] = "stretch") -> str:
    """What is sought. Another text turns to the first page."""
    typed = st.session_state[_sought(key)] = st.text_input(
        label, key=key, type="search", live=True, placeholder="Name, phone or email", label_visibility="collapsed",
        icon=":material/search:", on_change=_search_again, args=(key,), width=width,
    )  # fmt: skip
    return typed


def sought(key: str) -> str:
    """By the search of that key when it was drawn last; it may have left the screen since."""
    return str(st.session_state.get(_sought(key), ""))


def forget(key: str) -> None:
    st.session_state.pop(_sought(key), None)


def _sought(key: str) -> str:
    return f"{key}-sought"


def _search_again(key: str) -> None:
    """Only by another text: a browser that is behind sends that of a search which has left the screen, as a new one."""
    if st.session_state[key] != sought(key):
        turn_to(1)


def draw(found: Page[Any], key: str) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"{key}s"
    ):
        last = found.skipped + len(found.rows)
        st.caption(f"{found.skipped + 1:,} to {last:,} of {found.total:,}", width="content")
        if found.pages > 1:
            drawn = stored_inputs.key_of(key, found.page)
            st.pagination(
                found.pages,
                default=found.page,
                key=drawn,
                on_change=stored_inputs.report_choice,
                args=(drawn, turn_to),
                width=_WIDE,
            )
