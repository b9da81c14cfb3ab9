"""The import of an account's messages from before the connection. The worker does it, day by day."""

import streamlit as st

from genko.channels.accounts import Account
from genko.channels.models import HistoryImport
from genko.messages import history_import
from pages.parts.kit.actions import act

_USUAL_DAYS = 30


def draw(account: Account, place: str) -> None:
    """`place` is where the screen shows what was refused."""
    # Each state has a container with its own key, because Streamlit replaces that at once. Otherwise the buttons of the
    # last state would stay until the run has ended.
    with st.container(key=f"history-{account.history}-{account.id}"):
        if account.history is HistoryImport.RUNNING:
            _progress(account, place)
        else:
            _offer(account, place)


def _progress(account: Account, place: str) -> None:
    text = f"Importing the history: {account.history_done:,} messages so far"
    st.progress(_share_done(account), text=text)
    st.button("Stop", key=f"stop-{account.id}", on_click=_stop, args=(account.id, place))


def _offer(account: Account, place: str) -> None:
    label, sentence = _wording(account)
    st.caption(sentence)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Days",
            1,
            history_import.LONGEST_DAYS,
            _offered_days(account),
            key=_days_key(account.id),
            width=140,
        )
        st.button(label, key=f"import-{account.id}", on_click=_start, args=(account.id, place))


def _wording(account: Account) -> tuple[str, str]:
    """The label of the button, and the sentence above it."""
    messages = f"{account.history_done:,} messages"
    if account.history is HistoryImport.STOPPED:
        return "Go on", f"The import was stopped after {messages}. It goes on where it stopped."
    if account.history is not HistoryImport.DONE:
        return (
            "Import the history",
            "Import what was written before the connection? Nothing is sent, and old conversations come in closed.",
        )
    if account.history_done:
        return "Import more", f"History imported: {messages}."
    return "Import more", "Everything from this period is here already."


def _offered_days(account: Account) -> int:
    """The days that were chosen before. A finished import can only go further back, so more days are offered."""
    if account.history_since is None:
        return _USUAL_DAYS
    chosen_days = (account.created_at - account.history_since).days
    more_days = _USUAL_DAYS if account.history is HistoryImport.DONE else 0
    return min(max(1, chosen_days) + more_days, history_import.LONGEST_DAYS)


def _share_done(account: Account) -> float:
    """From 0 to 1."""
    if not account.history_since or not account.history_next:
        return 0.0
    whole_s = (account.created_at - account.history_since).total_seconds()
    done_s = (account.created_at - account.history_next).total_seconds()
    return min(1.0, max(0.0, done_s / whole_s))


def _start(account_id: int, place: str) -> None:
    days = int(st.session_state[_days_key(account_id)])
    act(lambda session, by: history_import.start_history(session, account_id, days, by=by), at=place)


def _stop(account_id: int, place: str) -> None:
    act(lambda session, by: history_import.stop_history(session, account_id, by=by), at=place)


def _days_key(account_id: int) -> str:
    return f"days-{account_id}"
