"""Settings > Team: the form that adds a staff member."""

import streamlit as st

from genko.access import passwords, staff
from genko.access.models import StaffId
from genko.db import Database
from pages.parts.kit.actions import act_slowly, show_problem
from pages.parts.settings.roles import ROLES


def draw() -> None:
    with st.form("add-staff", border=False, clear_on_submit=False):
        st.text_input("Name", key="add-name")
        st.text_input("Email", key="add-email", type="email")
        st.selectbox("Role", list(ROLES), index=1, key="add-role", format_func=ROLES.__getitem__)
        st.text_input(
            "Password",
            key="add-password",
            type="password",
            autocomplete="new-password",
            help="At least 10 characters.",
        )
        st.form_submit_button("Add", type="primary", on_click=_add)
    show_problem("add-staff")


def _add() -> None:
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
