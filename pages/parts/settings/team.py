"""Settings > Team: who works here, with which role."""

import streamlit as st

from genko.access import staff
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.access.staff import StaffInfo
from pages.parts.kit import context
from pages.parts.kit.actions import act, act_slowly, show_problem
from pages.parts.settings import add_member, open_sessions
from pages.parts.settings.roles import ROLES
from pages.parts.streamlit import stored_inputs
from pages.parts.streamlit.markdown import plain


def draw(visitor: SignedIn) -> None:
    with context.database().reading() as session:
        members = staff.find_staff(session)
    for member in members:
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", key=f"member-{member.id}"
        ):
            _member(member, visitor)
        show_problem(f"member-{member.id}")
    with st.expander("Add somebody"):
        add_member.draw()
    open_sessions.draw(visitor)


def _member(member: StaffInfo, visitor: SignedIn) -> None:
    st.text(f"{member.name}\n{member.email}{'' if member.active else ' — has left'}")
    stored_inputs.select(
        "Role",
        ROLES,
        member.role,
        lambda role: _change_role(member.id, role),
        key=f"role-{member.id}",
        width=220,
        disabled=not member.active,
    )
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
