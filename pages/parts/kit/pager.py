"""A list that is read page by page: the search above it, and below it which rows are shown and the other pages.

The page is in the address, the search text in the session only.
"""

from typing import Any, Literal

import streamlit as st

from genko.paging import Page
from pages.parts.kit import url_state
from pages.parts.streamlit import stored_inputs

_PAGINATION_WIDTH = 420  # pixels; without a width it shows one page number only


def current_page() -> int:
    return url_state.whole_number("page") or 1


def turn_to(page: int) -> None:
    url_state.put("page", str(page) if page > 1 else None)


def search(label: str, key: str, *, width: int | Literal["stretch"] = "stretch") -> str:
    """The search text. Another text turns to the first page."""
    typed = st.session_state[_last_search_key(key)] = st.text_input(
        label,
        key=key,
        type="search",
        live=True,
        placeholder="Name, phone or email",
        label_visibility="collapsed",
        icon=":material/search:",
        on_change=_on_search,
        args=(key,),
        width=width,
    )
    return typed


def last_search(key: str) -> str:
    """The text when the search was drawn last. The search may have left the screen since."""
    return str(st.session_state.get(_last_search_key(key), ""))


def forget_search(key: str) -> None:
    st.session_state.pop(_last_search_key(key), None)


def _last_search_key(key: str) -> str:
    return f"{key}-last"


def _on_search(key: str) -> None:
    """A late browser sends the text of a search that has left the screen, and Streamlit reports it as a change. So only
    a text that differs from the last one turns to the first page."""
    if st.session_state[key] != last_search(key):
        turn_to(1)


def draw(page: Page[Any], key: str) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"{key}s"
    ):
        first, last = page.skipped + 1, page.skipped + len(page.rows)
        st.caption(f"{first:,} to {last:,} of {page.total:,}", width="content")
        if page.pages > 1:
            input_key = stored_inputs.key_of(key, page.page)
            st.pagination(
                page.pages,
                default=page.page,
                key=input_key,
                on_change=stored_inputs.report_choice,
                args=(input_key, turn_to),
                width=_PAGINATION_WIDTH,
            )
