"""Settings > Team: who works here, with which role, and where they are signed in."""

import streamlit as st

from genko import clock
from genko.access import passwords, sessions, staff
from genko.access.models import Role, StaffId
from genko.access.page_identity import idle
from genko.access.sessions import SignedIn
from genko.access.staff import StaffInfo
from genko.db import Database
from pages.parts.kit import context
from pages.parts.kit.actions import act, act_slowly, show_problem
from pages.parts.kit.times import ago
from pages.parts.streamlit import stored_inputs
from pages.parts.streamlit.markdown import plain

_ROLES = {
    Role.ADMIN: "Admin: everything",
    Role.STAFF: "Staff: all but settings",
    Role.VIEWER: "Viewer: reads only",
}


def draw(visitor: SignedIn) -> None:
    with context.database().reading() as session:
        members = staff.find_staff(session)
        open_sessions = sessions.find_sessions(session, by=visitor.staff_id, idle=idle(context.settings()))
    for member in members:
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", key=f"member-{member.id}"
        ):
            _member(member, visitor)
        show_problem(f"member-{member.id}")
    with st.expander("Add somebody"):
        _add()
    st.subheader("Signed in now")
    for one in open_sessions:
        with st.container(horizontal=True, vertical_alignment="center"):
            own = " (this one)" if one.id == visitor.session_id else ""
            st.text(
                f"{one.name}{own} · {one.address or 'unknown address'} · seen {ago(one.last_seen_at, clock.now())} ago"
            )
            if not own:
                st.button("Sign out", key=f"revoke-{one.id}", on_click=_revoke, args=(one.id,))
        show_problem(f"session-{one.id}")


def _member(member: StaffInfo, visitor: SignedIn) -> None:
    st.text(f"{member.name}\n{member.email}{'' if member.active else ' — has left'}")
    stored_inputs.select(
        "Role", _ROLES, member.role, lambda chosen: _change_role(member.id, chosen),
        key=f"role-{member.id}", width=220, disabled=not member.active,
    )  # fmt: skip
    with st.popover("Password"):
        _password(member, visitor)
    if member.id == visitor.staff_id:
        return
    if member.active:
        with st.popover("Has left"):
            st.text(f"{member.name} is signed out everywhere at once and cannot sign in any more.")
            st.button(
                f"{plain(member.name)} has left",
                key=f"leave-{member.id}",
                type="primary",
                on_click=_leave,
                args=(member.id, member.name),
            )
    else:
        st.button("Is back", key=f"back-{member.id}", on_click=_come_back, args=(member.id,))


def _password(member: StaffInfo, visitor: SignedIn) -> None:
    own = member.id == visitor.staff_id
    with st.form(f"password-{member.id}", border=False):
        if own:
            st.text_input("Current password", key=f"current-{member.id}", type="password")
        st.text_input(
            "New password", key=f"password-new-{member.id}", type="password", autocomplete="new-password"
        )
        st.form_submit_button("Change", on_click=_change_password, args=(member.id, visitor.session_id))
    show_problem(f"password-{member.id}")


def _change_password(staff_id: int, session_id: int) -> None:
    current, new = f"current-{staff_id}", f"password-new-{staff_id}"
    typed = {name: str(st.session_state.get(name) or "") for name in (current, new)}
    act_slowly(
        lambda database, by: staff.change_password(
            database, staff_id, by=by, new=typed[new], current=typed[current], keep=session_id
        ),
        at=f"password-{staff_id}",
        done="Password changed. Every other session of this person has ended.",
        clear=[name for name in typed if name in st.session_state],
    )


def _add() -> None:
    with st.form("add-staff", border=False, clear_on_submit=False):
        st.text_input("Name", key="add-name")
        st.text_input("Email", key="add-email", type="email")
        st.selectbox("Role", list(_ROLES), index=1, key="add-role", format_func=_ROLES.__getitem__)
        st.text_input(
            "Password",
            key="add-password",
            type="password",
            autocomplete="new-password",
            help="At least 10 characters.",
        )
        st.form_submit_button("Add", type="primary", on_click=_added)
    show_problem("add-staff")


def _added() -> None:
    typed = st.session_state

    def add(database: Database, by: int) -> StaffId:
        name, email, role = typed["add-name"], typed["add-email"], typed["add-role"]
        password_hash = passwords.chosen(typed["add-password"], email)
        with database.transaction() as session:
            return staff.add_staff(
                session, by=by, name=name, email=email, role=role, password_hash=password_hash
            )

    if act_slowly(add, at="add-staff", done="Added."):
        typed["add-name"] = typed["add-email"] = typed["add-password"] = ""


def _change_role(staff_id: int, role: Role) -> None:
    act(
        lambda session, by: staff.change_role(session, staff_id, role, by=by),
        at=f"member-{staff_id}",
        done="Role changed.",
    )


def _leave(staff_id: int, name: str) -> None:
    act(
        lambda session, by: staff.deactivate(session, staff_id, by=by),
        at=f"member-{staff_id}",
        done=f"{plain(name)} has left and is signed out everywhere.",
    )


def _come_back(staff_id: int) -> None:
    act(
        lambda session, by: staff.reactivate(session, staff_id, by=by),
        at=f"member-{staff_id}",
        done="Welcome back.",
    )


def _revoke(session_id: int) -> None:
    act(
        lambda session, by: sessions.revoke(session, session_id, by=by),
        at=f"session-{session_id}",
        done="Signed out.",
    )
