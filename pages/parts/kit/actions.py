"""Does something on behalf of the person signed in: a verb in a transaction, and what is said of what came of it."""

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
_DONE = "done"  # what is said once, in a toast
_PROBLEM = "problem"  # (where it happened, the sentence)
_LOG = logging.getLogger("genko.pages")


def act(
    verb: Callable[[Session, int], _T], *, at: str, done: str = "", clear: Iterable[str] = ()
) -> _T | None:
    """Runs `verb(session, by)`. None, and a sentence where `show_problem(at)` stands, when it was refused.

    `clear` names the inputs that are emptied when it worked; a refusal keeps what was typed.

    For callbacks: no Streamlit command runs inside the transaction, because a rerun would roll it back.
    """
    return _conclude(attempt(verb), at, done, clear)


def act_slowly(
    verb: Callable[[Database, int], _T], *, at: str, done: str = "", clear: Iterable[str] = ()
) -> _T | None:
    """The same for what works for a while first and opens its transactions itself."""
    return _conclude(attempt_slowly(verb), at, done, clear)


def _conclude(came: tuple[_T | None, str], at: str, done: str, clear: Iterable[str]) -> _T | None:
    result, problem = came
    forget_problem()
    if problem:
        note_problem(at, problem)
    else:
        for key in clear:
            st.session_state[key] = ""
        say_done(done)
    return result


def attempt(verb: Callable[[Session, int], _T]) -> tuple[_T | None, str]:
    """The same for callers that show the problem themselves: the result, and the sentence when it was refused."""

    def in_a_transaction(by: int) -> _T:
        return context.database().attempt(lambda session: verb(session, by))

    return _attempted(in_a_transaction)


def attempt_slowly(verb: Callable[[Database, int], _T]) -> tuple[_T | None, str]:
    return _attempted(lambda by: verb(context.database(), by))


def _attempted(work: Callable[[int], _T]) -> tuple[_T | None, str]:
    visitor = context.visitor()
    if visitor is None:
        return None, "You have been signed out. Sign in again; what you typed is kept."
    try:
        return work(visitor.staff_id), ""
    except GenkoError as error:
        return None, str(error)
    except DatabaseDown as error:
        return None, staff_sentence(error)
    except Exception as error:  # noqa: BLE001 - shown as one sentence, logged without its message
        _LOG.error("action failed: %s", where(error))
        return None, "Something went wrong here and nothing was changed. Try again."


def say_done(words: str) -> None:
    """A toast in the run that follows."""
    if words:
        st.session_state[_DONE] = words


def show_done() -> None:
    words = st.session_state.pop(_DONE, "")
    if words:
        st.toast(words, icon=":material/check:")


def note_problem(at: str, words: str) -> None:
    st.session_state[_PROBLEM] = (at, words)


def show_problem(at: str) -> None:
    """What was refused here, until something else is done or the sentence is closed."""
    place, words = st.session_state.get(_PROBLEM, ("", ""))
    if place != at:
        return
    with st.container(
        horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False, key=f"problem-{at}"
    ):
        st.error(plain(words), icon=":material/error:")
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
