"""Does something on behalf of the person signed in: a verb in a transaction, and a notice of what came of it."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

import streamlit as st

from genko.access.quiet import where
from genko.db import DatabaseDown, Session, staff_sentence
from genko.errors import GenkoError
from pages.parts import here

_T = TypeVar("_T")
_NOTICE = "notice"
_LOG = logging.getLogger("genko.pages")


def act(verb: Callable[[Session, int], _T], *, done: str = "", clear: Iterable[str] = ()) -> _T | None:
    """Runs `verb(session, by)`. None, and a sentence on the screen, when it was refused.

    `clear` names the inputs that are emptied when it worked; a refusal keeps what was typed.

    For callbacks: no Streamlit command runs inside the transaction, because a rerun would roll it back.
    """
    result, problem = attempt(verb)
    if problem:
        refuse(problem)
    else:
        for key in clear:
            st.session_state[key] = ""
        if done:
            st.session_state[_NOTICE] = ("done", done)
    return result


def attempt(verb: Callable[[Session, int], _T]) -> tuple[_T | None, str]:
    """The same for callers that show the problem themselves: the result, and the sentence when it was refused."""
    visitor = here.visitor()
    if visitor is None:
        return None, "You have been signed out. Sign in again; what you typed is kept."
    try:
        with here.database().transaction() as session:
            return verb(session, visitor.staff_id), ""
    except GenkoError as error:
        return None, str(error)
    except DatabaseDown as error:
        return None, staff_sentence(error)
    except Exception as error:  # noqa: BLE001 - shown as one sentence, logged without its message
        _LOG.error("action failed: %s", where(error))
        return None, "Something went wrong here and nothing was changed. Try again."


def refuse(problem: str) -> None:
    st.session_state[_NOTICE] = ("problem", problem)


def show_notice() -> None:
    """Once, at the top of the run that follows: a toast for what worked, a lasting sentence for what did not."""
    kind, words = st.session_state.pop(_NOTICE, ("", ""))
    if kind == "done":
        st.toast(words, icon=":material/check:")
    elif kind == "problem":
        st.toast(words, icon=":material/error:", duration="long")
