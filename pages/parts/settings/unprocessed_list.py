"""Settings > Could not be processed: what providers delivered and Genkō did not understand."""

import streamlit as st

from genko.messages import unprocessed
from pages.parts.kit import context
from pages.parts.kit.actions import act, show_problem
from pages.parts.kit.times import moment


def draw() -> None:
    with context.database().reading() as session:
        items = unprocessed.find_items(session)
    if not items:
        st.caption(
            "Nothing here. Whatever cannot be understood is kept here whole, so that it is never lost."
        )
    for item in items:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.text(f"{item.reason}\n{item.account} · {moment(item.at, context.zone())}")
            st.button("Try again", key=f"unprocessed-{item.id}", on_click=_retry, args=(item.id,))
        show_problem(f"unprocessed-{item.id}")


def _retry(item_id: int) -> None:
    act(
        lambda session, by: unprocessed.retry(session, item_id, by=by),
        at=f"unprocessed-{item_id}",
        done="Taken in.",
    )
