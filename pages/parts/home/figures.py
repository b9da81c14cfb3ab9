"""Pictures of a period: messages a day, time to first reply, the funnel, where leads come from."""

from datetime import date, datetime, timedelta

import streamlit as st

from genko.channels.base import Author
from genko.leads.models import LeadStage
from genko.people.figures import Figures, ReplyTimes, find_figures
from pages.parts.home import period
from pages.parts.kit import context
from pages.parts.kit.times import ago

_AUTHORS = {
    Author.PATIENT: "Patients",
    Author.STAFF: "Staff",
    Author.AI: "AI",
    Author.OTHER_TOOL: "Other tools",
    Author.PROVIDER_APP: "Provider's app",
    Author.AUTOMATIC: "Automatic replies",
}
_KEPT = 120  # seconds; pictures of days need not follow every message
_HEIGHT = 220  # pixels
_WEEK = 7  # days


def draw(now: datetime) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="figures-head"
    ):
        st.subheader("How it went")
        first, last = period.draw(now.astimezone(context.zone()).date())
    found = _found(first, last)
    left, right = st.columns(2)
    with left:
        _messages(found)
        _funnel(found)
    with right:
        _replies(found.replies)
        _sources(found)


@st.cache_data(ttl=_KEPT, show_spinner=False)
def _found(first: date, last: date) -> Figures:
    with context.database().reading() as session:
        return find_figures(session, first=first, last=last, zone=context.zone())


def _messages(found: Figures) -> None:
    with st.container(border=True):
        st.markdown("**Messages a day**")
        rows = {"Day": [_label(one.day, weekday=len(found.days) <= _WEEK) for one in found.days]}
        counts = {
            label: [one.by_author.get(author, 0) for one in found.days] for author, label in _AUTHORS.items()
        }
        shown = [label for label, numbers in counts.items() if any(numbers)]
        if not shown:
            st.caption("No messages in this period.")
            return
        st.bar_chart(rows | counts, x="Day", y=shown, x_label="", y_label="", sort=False, height=_HEIGHT)


def _label(day: date, *, weekday: bool) -> str | date:
    """An axis of dates would write hours between a few days."""
    return f"{day:%a} {day.day}" if weekday else day


def _replies(found: ReplyTimes) -> None:
    with st.container(border=True):
        st.markdown("**Time to first reply**")
        if found.median is None or found.ninety is None:
            st.caption("Nobody was answered in this period.")
            return
        with st.container(horizontal=True):
            st.metric("Half were answered within", _span(found.median))
            st.metric("Nine of ten within", _span(found.ninety))
        answers = "1 answer" if found.answers == 1 else f"{found.answers} answers"
        st.caption(f"{answers}, from the first unanswered message to a person's reply.")


def _funnel(found: Figures) -> None:
    with st.container(border=True):
        st.markdown("**How far new leads came**")
        if not found.reached[LeadStage.LEAD]:
            st.caption("No new leads in this period.")
            return
        labels = [stage.capitalize() for stage in found.reached]
        numbers = list(found.reached.values())
        st.bar_chart(
            {"Stage": labels, "Leads": numbers}, x="Stage", y="Leads", x_label="", y_label="",
            horizontal=True, sort=False, height=_HEIGHT,
        )  # fmt: skip
        if found.lost:
            st.caption(f"{found.lost} of them lost.")


def _sources(found: Figures) -> None:
    with st.container(border=True):
        st.markdown("**Where leads come from**")
        if not found.sources:
            st.caption("No new leads in this period.")
            return
        labels = [source.label for source in found.sources]
        st.bar_chart(
            {"Source": labels, "Leads": list(found.sources.values())}, x="Source", y="Leads", x_label="", y_label="",
            horizontal=True, height=_HEIGHT,
        )  # fmt: skip


def _span(length: timedelta) -> str:
    start = datetime(2000, 1, 1)  # noqa: DTZ001 - only the difference is read
    return ago(start, start + length)
