"""The entry script: page config, who is here, the table of screens, run. Not in Home.py: with a pages/ folder
beside the entry script Streamlit would run a deep-linked page without this frame."""

from pathlib import Path

import streamlit as st

from genko import clock
from genko.access.models import Role
from genko.db import DatabaseDown, staff_sentence
from pages.live.status import read_status
from pages.parts import dialogs
from pages.parts.kit import actions, context, dialog_state, live_status, own_account, push_runs, style
from pages.parts.messages import conversation_pane
from pages.parts.patients import patient_list, patient_profile
from pages.parts.streamlit import address, screen_link

_ROOT = Path(__file__).resolve().parent.parent

st.set_page_config(page_title="Genkō", page_icon="💬", layout="wide", initial_sidebar_state=210)
st.logo(_ROOT / "pages/parts/kit/logo.svg", size="large")
style.apply()

try:
    visitor = context.enter(counts=not push_runs.begin())
    if st.session_state.setdefault("staff_id", visitor.staff_id) != visitor.staff_id:
        st.session_state.clear()  # the same tab, somebody else's cookie
    with context.database().reading() as session:
        status = read_status(session, clock.now())
    screens = [
        st.Page(_ROOT / "Home.py", title="Home", icon=":material/home:", default=True),
        st.Page(_ROOT / "pages/messages.py", title="Messages", icon=":material/forum:", url_path="messages"),
        st.Page(_ROOT / "pages/leads.py", title="Leads", icon=":material/group_add:", url_path="leads"),
        st.Page(_ROOT / "pages/patients.py", title="Patients", icon=":material/groups:", url_path="patients"),
        st.Page(
            _ROOT / "pages/settings.py", title="Settings", icon=":material/settings:", url_path="settings",
            visibility="visible" if visitor.role is Role.ADMIN else "hidden",
        ),
    ]  # fmt: skip
    page = st.navigation(screens)
    arrived = context.arrives(page.url_path)
    address.restore_latest(arrived=arrived)
    with st.sidebar:
        screen_link.draw()
        with st.container(key="side-foot"):
            live_status.draw_foot(status)
            own_account.menu(visitor)
    live_status.draw_banner()
    if arrived:  # what was open or refused stays on the page where it was
        actions.forget_problem()
        dialog_state.forget()
        conversation_pane.forget()
        patient_profile.forget()
        patient_list.forget()
    actions.show_done()
    page.run()
    dialogs.draw()
except DatabaseDown as error:
    st.error(staff_sentence(error), icon=":material/cloud_off:")
    with st.sidebar, st.container(key="side-foot"):
        live_status.draw_foot_without_database()
