"""The leads' board: five columns are one element, drawn in the browser by part.js; drag.js moves cards by hand."""

from collections import OrderedDict
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from genko import clock
from genko.leads import board, pipeline
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadStage
from pages.parts.kit import context, dialog_state
from pages.parts.kit.actions import attempt
from pages.parts.kit.dialog_state import Dialog
from pages.parts.leads import board_feed
from pages.parts.streamlit.component_script import component_script

__all__ = ["draw_board"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_lead_board",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)
_KEY = "lead-board"
_SHOWN = "lead_board_shown"  # cards asked for, by stage
_ANSWERS = "lead_board_answers"  # of the latest moves, by the browser's nonce
_VIEW = "lead_board_view"
_HEARD = "lead_board_heard"  # when the latest wish was made
_MOST_ANSWERS = 50


def draw_board(wanted: LeadFilter, *, can_edit: bool) -> None:
    _start_over_when_changed(wanted)
    now, shown = clock.now(), st.session_state[_SHOWN]
    with context.database().reading() as session:
        columns = board_feed.read_board(session, wanted, shown=shown, at=now)
    _draw(
        key=_KEY,
        data={
            **columns,
            "read_at": now.isoformat(),
            "address": board_feed.address(wanted, shown),
            "search": quote(wanted.search),
            "answers": dict(st.session_state.get(_ANSWERS, {})),
            "heard": st.session_state.get(_HEARD, 0),  # the browser hears of what has changed only
            "view": repr(st.session_state[_VIEW]),
            "can_edit": can_edit,
        },
        on_moves_change=_move,
        on_more_change=_show_more,
        on_wish_change=_ask,
    )


def _start_over_when_changed(wanted: LeadFilter) -> None:
    if st.session_state.get(_VIEW) != wanted or _SHOWN not in st.session_state:
        st.session_state[_VIEW], st.session_state[_SHOWN] = wanted, {}


def _move() -> None:
    """The browser repeats a move until it is answered, so each is known by its nonce; those of a run are done in order."""
    answers = st.session_state.setdefault(_ANSWERS, OrderedDict())
    for asked in st.session_state[_KEY]["moves"]:
        if asked["nonce"] not in answers:
            answers[asked["nonce"]] = _try_to_move(int(asked["id"]), asked["from"], asked["to"])
    while len(answers) > _MOST_ANSWERS:
        answers.popitem(last=False)


def _try_to_move(lead_id: int, was: str, to: str) -> str:
    _, problem = attempt(
        lambda session, by: pipeline.move(session, lead_id, LeadStage(to), by=by, expected=LeadStage(was))
    )
    return problem


def _show_more() -> None:
    stage = LeadStage(st.session_state[_KEY]["more"]["stage"])
    asked = st.session_state[_SHOWN]
    asked[stage] = min(asked.get(stage, board.SHOWN) + board.SHOWN, board_feed.MOST_SHOWN)


def _ask() -> None:
    """What a card's icon stands for, or where a card was dropped."""
    wish = st.session_state[_KEY]["wish"]
    st.session_state[_HEARD] = wish["at"]
    what, lead_id = Dialog(wish["what"]), int(wish["id"])
    if what is Dialog.LOSE_LEAD:
        dialog_state.open_dialog(what, lead_id, LeadStage(wish["from"]))
    else:
        dialog_state.open_dialog(what, lead_id)
