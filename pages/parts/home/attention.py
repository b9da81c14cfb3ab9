"""What needs a person now, each line a link."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genko.access.models import Role
from genko.access.staff import find_staff
from genko.channels import registry
from genko.messages.needs_attention import Need
from genko.people.attention import Attention, Someone
from pages.parts.kit import context, url_state
from pages.parts.kit.times import ago
from pages.parts.streamlit.markdown import plain

_LABEL = 300  # pixels, so that the names stand under each other


def draw(found: Attention, now: datetime) -> None:
    for trouble in found.troubles:
        st.error(f"{plain(trouble.account)}: {plain(trouble.sentence)}", icon=":material/link_off:")
    if found.troubles:
        _to_settings("Mend it under Settings", "An administrator mends it under Settings.")
    if not found.accounts:
        st.info("No account is connected yet.")
        _to_settings(f"Connect {registry.labels()} under Settings", registry.who_connects())
    if not (found.waiting or found.failed or found.uncontacted or found.unprocessed):
        st.success("Nobody waits for you.", icon=":material/check_circle:")
        return
    with st.container(border=True, gap="xsmall", key="attention"):
        _waiting(found, now)
        _failed(found, now)
        _leads(found.uncontacted)
        _tray(found.unprocessed)


def _waiting(found: Attention, now: datetime) -> None:
    if found.waiting:
        words = _number(found.waiting, "person waits for an answer", "people wait for an answer")
        with _line():
            _link(url_state.MESSAGES, words, ":material/schedule:", need=Need.WAITING, order="waiting")
            _people(found.longest, lambda at: f"for {ago(at, now)}", found.waiting)
    if found.closing:
        words = _number(found.closes, "reply window closes soon", "reply windows close soon")
        with _line():
            _link(
                url_state.MESSAGES, words, ":material/hourglass_bottom:", need=Need.CLOSING, order="waiting"
            )
            _people(found.closing, lambda at: f"{ago(now, at)} left", found.closes)


def _failed(found: Attention, now: datetime) -> None:
    if found.failed:
        words = _number(found.failed, "conversation", "conversations")
        with _line():
            _link(url_state.MESSAGES, f"{words} with an unsent message", ":material/error:", need=Need.UNSENT)
            _people(found.failures, lambda at: f"{ago(at, now)} ago", found.failed)


def _leads(uncontacted: int) -> None:
    if uncontacted:
        words = f"{_number(uncontacted, 'lead', 'leads')} not contacted for 24 hours"
        with _line():
            _link(url_state.LEADS, words, ":material/person_alert:", uncontacted="1")


def _tray(unprocessed: int) -> None:
    if unprocessed:
        words = f"{_number(unprocessed, 'message', 'messages')} could not be processed"
        if context.me().role is Role.ADMIN:
            _link(url_state.SETTINGS, words, ":material/inbox:", section="Could not be processed")
            return
        with _line():
            _text(words, ":material/inbox:")
            st.caption(f"An administrator finds them under Settings. {_whom_to_ask()}", width="content")


def _to_settings(label: str, otherwise: str) -> None:
    """For those who may go there; the others are told whom to ask."""
    if context.me().role is Role.ADMIN:
        st.page_link(url_state.SETTINGS, label=label, icon=":material/settings:", width="content")
    else:
        st.caption(f"{otherwise} {_whom_to_ask()}")


def _whom_to_ask() -> str:
    with context.database().reading() as session:
        names = [one.name for one in find_staff(session) if one.active and one.role is Role.ADMIN]
    return f"Ask {plain(' or '.join(names))}."


def _line() -> DeltaGenerator:
    return st.container(horizontal=True, gap="xsmall", vertical_alignment="center")


def _link(page: Path, words: str, icon: str, **query: str) -> None:
    st.page_link(page, label=f"**{words}**", icon=icon, query_params=query, width=_LABEL)


def _text(words: str, icon: str) -> None:
    with st.container(width=_LABEL, key=f"need-{icon.strip(':').rpartition('/')[2]}"):
        st.markdown(f"{icon} **{words}**")


def _people(people: Sequence[Someone], when: Callable[[datetime], str], of: int) -> None:
    """Names and times side by side; a click opens the conversation. `of` is how many there are."""
    with st.container(horizontal=True, gap="xsmall"):
        for one in people:
            st.page_link(
                url_state.MESSAGES,
                label=f"{plain(one.name)} · {when(one.at)}",
                query_params={"c": str(one.conversation_id)},
                width="content",
            )
        if of > len(people):
            st.caption(f"and {of - len(people):,} more", width="content")


def _number(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
