"""Settings > Leads: the common tags, in the order in which they are offered. Dragging changes the order."""

import streamlit as st
from streamlit_sortables import sort_items

from genko.leads import tags
from pages.parts.kit import context
from pages.parts.kit.actions import act, show_problem
from pages.parts.streamlit.markdown import plain

_PLACE = "lead-tags"
_STYLE = """
.sortable-component { background: transparent; padding: 0; }
.sortable-container, .sortable-container-body { background: transparent; padding: 0; margin: 0; }
.sortable-item, .sortable-item:hover {
  background: var(--secondary-background-color); color: var(--text-color); border-radius: 8px; padding: 6px 12px; margin: 4px 0;
}
"""


def draw() -> None:
    st.caption(
        "Offered first when a lead is tagged. Drag them into the order that suits you; other tags can be typed at any time."
    )
    show_problem(_PLACE)
    with context.database().reading() as session:
        common, retired = tags.find_common(session), tags.find_retired(session)
    # The stored order is part of the key: an element that stays would overwrite a colleague's new order with its own.
    dragged = sort_items(common, direction="vertical", custom_style=_STYLE, key=f"common-tags-{common}")
    if dragged != common and sorted(dragged) == sorted(common):
        act(lambda session, by: tags.order(session, dragged, by=by), at=_PLACE, done="Order saved.")
        st.rerun()
    _draw_adding()
    _draw_retiring(common, retired)


def _draw_adding() -> None:
    with st.form("common-tag", border=False):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        row.text_input("New tag", key="common-tag-name", max_chars=tags.LONGEST)
        row.form_submit_button("Add", type="primary", on_click=_add)


def _add() -> None:
    name = st.session_state["common-tag-name"]
    act(
        lambda session, by: tags.add_common(session, name, by=by),
        at=_PLACE,
        done="Tag added.",
        clear=["common-tag-name"],
    )


def _draw_retiring(common: list[str], retired: list[str]) -> None:
    row = st.container(horizontal=True, vertical_alignment="bottom")
    name = row.selectbox(
        "Retire a tag",
        sorted(common, key=str.casefold),  # in this order, dragging does not move the lines of an open list
        index=None,
        key="common-tag-retire",
        placeholder="Stays on leads that have it",
    )
    row.button("Retire", disabled=name is None, on_click=_retire, key="common-tag-retire-go")
    if retired:
        row = st.container(horizontal=True, vertical_alignment="center")
        row.caption("Retired:", width="content")
        for tag in retired:
            row.button(
                plain(tag),
                key=f"common-tag-back-{tag}",
                help="Offer it again",
                icon=":material/undo:",
                on_click=_offer_again,
                args=(tag,),
            )


def _retire() -> None:
    name = st.session_state["common-tag-retire"]
    act(lambda session, by: tags.retire(session, name, by=by), at=_PLACE, done="Tag retired.")


def _offer_again(name: str) -> None:
    act(lambda session, by: tags.add_common(session, name, by=by), at=_PLACE, done="Tag offered again.")
