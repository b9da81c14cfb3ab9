"""The floor of the Messages screen: the same elements, canned data, no services. Run by bench/screens.py."""

from dataclasses import asdict

import streamlit as st

from pages.parts.kit import style
from pages.parts.messages.bubbles import Bubble
from pages.parts.messages.composer import ComposerState, composer
from pages.parts.messages.inbox_feed import Row
from pages.parts.messages.list import ListSource, conversation_list
from pages.parts.messages.thread import ThreadSource, thread

_NOW = "2026-03-02T12:00:00+00:00"


def _rows() -> list[Row]:
    return [
        Row(
            id=number, name=f"Patient {number}", preview="Can I move my appointment to next week?", preview_author="patient",
            status="active", priority="medium", ai=True, messages=10, unread=0, at=_NOW, at_text="12:00",
            channel="whatsapp", channel_label="WhatsApp", account="Front desk", account_colour="#0f766e",
        )
        for number in range(1, 51)
    ]  # fmt: skip


def _bubbles(conversation: int) -> list[Bubble]:
    return [
        Bubble(
            id=conversation * 100 + number, author="patient" if number % 2 else "staff", name="Maria",
            text="Of course, which day suits you best?", at_text="12:00", at_full="Monday 2 March 2026, 12:00:00",
            day="Today", outbound=number % 2 == 0, delivery=None if number % 2 else "read",
        )
        for number in range(10)
    ]  # fmt: skip


def _open(number: int) -> None:
    st.session_state["open"] = number


def _nothing(*_: object) -> None:
    """The bare page does nothing."""


def _list(opened: int) -> None:
    with st.container(key="list-tools", gap="xsmall"):
        with st.container(horizontal=True):
            st.text_input("Search", key="search", live=True)
            st.button("New", key="new")
        st.segmented_control("Chats", ["Active", "Closed"], default="Active", key="tab")
        with st.container(horizontal=True, key="list-filters"):
            st.selectbox("Status", ["All", "Active"], key="status")
            st.selectbox("Order", ["Latest", "Longest wait"], key="order")
    with st.container(key="list-body"):
        conversation_list(
            {
                "rows": [asdict(row) for row in _rows()],
                "more": True,
                "active": 50,
                "closed": 0,
                "empty": None,
            },
            ListSource(address="", search="", read_at=_NOW),
            selected=opened,
            view="",
            key="list",
            on_open=_open,
            on_more=_nothing,
            on_other_tab=_nothing,
            on_clear=_nothing,
        )


def _conversation(opened: int) -> None:
    with st.container(key="head"):
        with st.container(horizontal=True):
            st.button("Back", key="back")
            st.text(f"Patient {opened}")
            st.text("Patient · WhatsApp · Front desk")
        with st.container(horizontal=True):
            for label in ("Status", "Priority", "Assigned"):
                st.selectbox(label, ["One", "Two"], key=f"{label}-{opened}")
            st.toggle("AI", key=f"ai-{opened}")
            st.menu_button("More", ["One", "Two"], key="gear")
    with st.container(key="thread-body"):
        thread(
            {
                "conversation": opened, "patient_name": "Patient", "bubbles": [asdict(one) for one in _bubbles(opened)],
                "nothing": "", "limit": 50, "earlier": False, "inbound_count": 5, "unread": 0, "newest_id": 0,
                "window_closes_at": None, "head_mark": "", "topics": [],
            },
            ThreadSource(read_at=_NOW, read_count=None, may_run=False),
            key="thread", on_earlier=_nothing, on_retry=_nothing, on_dismiss=_nothing, on_refetch=_nothing,
        )  # fmt: skip
    with st.container(key="composer-body"):
        composer(
            ComposerState(
                conversation=opened,
                token=str(opened),
                draft="",
                placeholder="Write",
                to="To a patient",
                limit=1600,
                now=_NOW,
                draft_url="/",
                seen=0,
            ),
            key="composer",
        )


st.set_page_config(layout="wide")
style.apply()
selected = st.session_state.get("open", 1)
with st.sidebar:
    st.caption("● worker: 1 s ago")
    st.menu_button("Maria", ["Sign out"], key="who")
with st.container(key="inbox", horizontal=True):
    with st.container(key="list-pane"):
        _list(selected)
    with st.container(key="conversation-pane"):
        _conversation(selected)
