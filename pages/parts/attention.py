"""What needs a person now, each line a link."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import streamlit as st

from genko.people.attention import Attention, Someone
from pages.parts import address
from pages.parts.plain import plain
from pages.parts.times import ago

_PAGES = Path(__file__).resolve().parent.parent


def draw(found: Attention, now: datetime) -> None:
    for trouble in found.troubles:
        st.error(f"{plain(trouble.account)}: {plain(trouble.sentence)}", icon=":material/link_off:")
    if not found.accounts:
        st.info("No account is connected yet. An administrator connects WhatsApp under Settings.")
    if not (found.waiting or found.failed or found.uncontacted or found.unprocessed):
        st.success("Nobody waits for you.", icon=":material/check_circle:")
        return
    with st.container(border=True, gap="xsmall", key="attention"):
        _waiting(found, now)
        _failed(found, now)
        _leads(found.uncontacted)
        _tray(found.unprocessed)


def _waiting(found: Attention, now: datetime) -> None:
    if found.closing:
        words = _number(len(found.closing), "reply window closes soon", "reply windows close soon")
        st.markdown(f":material/hourglass_bottom: **{words}**")
        _people(found.closing, lambda at: f"{ago(now, at)} left")
    if found.waiting:
        words = _number(found.waiting, "patient waits for an answer", "patients wait for an answer")
        st.page_link(
            address.MESSAGES,
            label=f"**{words}**",
            icon=":material/schedule:",
            query_params={"order": "waiting"},
        )
        _people(found.longest, lambda at: f"for {ago(at, now)}")


def _failed(found: Attention, now: datetime) -> None:
    if found.failed:
        words = _number(found.failed, "conversation with a message", "conversations with a message")
        st.markdown(f":material/error: **{words} that did not go out**")
        _people(found.failures, lambda at: f"{ago(at, now)} ago")


def _leads(uncontacted: int) -> None:
    if uncontacted:
        words = _number(uncontacted, "lead", "leads")
        st.page_link(
            _PAGES / "leads.py", label=f"**{words} not contacted for 24 hours**", icon=":material/person_alert:",
            query_params={"uncontacted": "1"},
        )  # fmt: skip


def _tray(unprocessed: int) -> None:
    if unprocessed:
        words = _number(unprocessed, "message", "messages")
        st.markdown(
            f":material/inbox: **{words} could not be processed.** An administrator finds them under Settings."
        )


def _people(people: Sequence[Someone], when: Callable[[datetime], str]) -> None:
    """Names and times side by side; a click opens the conversation."""
    with st.container(horizontal=True, gap="xsmall"):
        for one in people:
            st.page_link(
                address.MESSAGES,
                label=f"{plain(one.name)} · {when(one.at)}",
                query_params={"c": str(one.conversation_id)},
                width="content",
            )


def _number(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
