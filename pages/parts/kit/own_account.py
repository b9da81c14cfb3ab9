"""The menu below a person's own name: change the password, sign out."""

import streamlit as st

from genko.access import sessions, staff
from genko.access.sessions import SignedIn
from pages.parts.kit import actions, dialog_state
from pages.parts.kit.dialog_state import Dialog
from pages.parts.streamlit.markdown import plain

_CHANGE_PASSWORD, _SIGN_OUT_EVERYWHERE, _SIGN_OUT = "Change password", "Sign out everywhere", "Sign out"


def menu(visitor: SignedIn) -> None:
    chosen = st.menu_button(
        plain(visitor.name),
        [_CHANGE_PASSWORD, _SIGN_OUT_EVERYWHERE, _SIGN_OUT],
        icon=":material/person:",
        type="tertiary",
        key="who",
    )
    if chosen == _CHANGE_PASSWORD:
        dialog_state.open_dialog(Dialog.PASSWORD, visitor)
    elif chosen == _SIGN_OUT_EVERYWHERE:
        actions.attempt(lambda session, by: sessions.revoke_all(session, visitor.staff_id, by=by))
        st.rerun()
    elif chosen == _SIGN_OUT:
        actions.attempt(lambda session, by: sessions.sign_out(session, visitor.session_id, by=by))
        st.rerun()


@st.dialog("Change your password", on_dismiss=dialog_state.close_dialog)
def change_password(visitor: SignedIn) -> None:
    with st.form("own-password", border=False):
        current = st.text_input("Current password", type="password", autocomplete="current-password")
        new = st.text_input("New password", type="password", autocomplete="new-password")
        st.caption("At least 10 characters. You stay signed in here, and are signed out everywhere else.")
        if not dialog_state.submitted(st.form_submit_button("Change", type="primary")):
            return
    _, problem = actions.attempt_slowly(
        lambda database, by: staff.change_password(
            database, visitor.staff_id, by=by, new=new, current=current, keep=visitor.session_id
        )
    )
    dialog_state.finish(problem, "Password changed.")
