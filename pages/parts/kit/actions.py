"""Runs a verb for the person who is signed in, and shows what came of it: a toast, or a sentence where it was refused."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

import streamlit as st

from genko.access.error_location import where
from genko.db import Database, DatabaseDown, Session, staff_sentence
from genko.errors import GenkoError
from pages.parts.kit import context
from pages.parts.streamlit.markdown import plain

_T = TypeVar("_T")
_LOG = logging.getLogger("genko.pages")
# Keys in the session state.
_DONE = "done"  # the sentence for the next run's toast
_PROBLEM = "problem"  # (the place, the sentence)


def act(
    verb: Callable[[Session, int], _T], *, at: str, done: str = "", clear: Iterable[str] = ()
) -> _T | None:
    """Runs `verb(session, by)` in a transaction. If it is refused: None, and a sentence where `show_problem(at)` stands.

    `clear` names the inputs that are emptied when it has worked. After a refusal they keep what was typed.

    For callbacks: no Streamlit command runs inside the transaction, because a rerun would roll it back.
    """
    return _show(attempt(verb), at, done, clear)


def act_slowly(
    verb: Callable[[Database, int], _T], *, at: str, done: str = "", clear: Iterable[str] = ()
) -> _T | None:
    """The same for a verb that works for some time, and opens its transactions itself."""
    return _show(attempt_slowly(verb), at, done, clear)


def _show(outcome: tuple[_T | None, str], at: str, done: str, clear: Iterable[str]) -> _T | None:
    result, problem = outcome
    forget_problem()
    if problem:
        note_problem(at, problem)
    else:
        for key in clear:
            st.session_state[key] = ""
        say_done(done)
    return result


def attempt(verb: Callable[[Session, int], _T]) -> tuple[_T | None, str]:
    """The same for callers that show the problem themselves: the result, and why it was refused."""

    def in_transaction(by: int) -> _T:
        return context.database().attempt(lambda session: verb(session, by))

    return _attempt(in_transaction)


def attempt_slowly(verb: Callable[[Database, int], _T]) -> tuple[_T | None, str]:
    return _attempt(lambda by: verb(context.database(), by))


def _attempt(work: Callable[[int], _T]) -> tuple[_T | None, str]:
    visitor = context.visitor()
    if visitor is None:
        return None, "You have been signed out. Sign in again; what you typed is kept."
    try:
        return work(visitor.staff_id), ""
    except GenkoError as error:
        return None, str(error)
    except DatabaseDown as error:
        return None, staff_sentence(error)
    except Exception as error:  # noqa: BLE001 - a bug: staff see one plain sentence, the log gets no message text
        _LOG.error("action failed: %s", where(error))
        return None, "Something went wrong here and nothing was changed. Try again."


def say_done(sentence: str) -> None:
    """Shows a toast in the next run."""
    if sentence:
        st.session_state[_DONE] = sentence


def show_done() -> None:
    sentence = st.session_state.pop(_DONE, "")
    if sentence:
        st.toast(sentence, icon=":material/check:")


def note_problem(at: str, sentence: str) -> None:
    st.session_state[_PROBLEM] = (at, sentence)


def show_problem(at: str) -> None:
    """Shows what was refused at this place, until the next action or until somebody closes it."""
    place, sentence = st.session_state.get(_PROBLEM, ("", ""))
    if place != at:
        return
    with st.container(
        horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False, key=f"problem-{at}"
    ):
        st.error(plain(sentence), icon=":material/error:")
        st.button(
            "Close",
            icon=":material/close:",
            type="tertiary",
            help="Close this message",
            key=f"problem-close-{at}",
            on_click=forget_problem,
        )


def forget_problem() -> None:
    st.session_state.pop(_PROBLEM, None)
