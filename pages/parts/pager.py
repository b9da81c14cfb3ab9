"""Under a long list: which part of it is shown, and the way to the others. The page is in the URL."""

from typing import Any

import streamlit as st

from genko.paging import Page
from pages.parts import address, stored

_WIDE = 420  # pixels; left to itself it shows one number only


def asked() -> int:
    return address.number("page") or 1


def turn_to(page: int) -> None:
    address.put("page", str(page) if page > 1 else None)


def draw(found: Page[Any], key: str) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"{key}s"
    ):
        last = found.skipped + len(found.rows)
        st.caption(f"{found.skipped + 1:,} to {last:,} of {found.total:,}", width="content")
        if found.pages > 1:
            drawn = stored.key_of(key, found.page)
            st.pagination(
                found.pages,
                default=found.page,
                key=drawn,
                on_change=stored.chosen,
                args=(drawn, turn_to),
                width=_WIDE,
            )
