"""Settings > Could not be processed: what providers handed over and Genkō did not understand."""

import streamlit as st

from genko.messages import tray
from pages.parts import here
from pages.parts.act import act, show_problem
from pages.parts.times import moment


def draw() -> None:
    with here.database().reading() as session:
        items = tray.find_items(session)
    if not items:
        st.caption(
            "Nothing here. Whatever cannot be understood is kept here whole, so that it is never lost."
        )
    for item in items:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.text(f"{item.reason}\n{item.account} · {moment(item.at, here.zone())}")
            st.button("Try again", key=f"tray-{item.id}", on_click=_retry, args=(item.id,))
        show_problem(f"tray-{item.id}")


def _retry(item_id: int) -> None:
    act(lambda session, by: tray.retry(session, item_id, by=by), at=f"tray-{item_id}", done="Taken in.")
