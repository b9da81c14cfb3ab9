"""Every dialog can be opened, and stays open until it is closed."""

import pytest
from streamlit.testing.v1 import AppTest

from genko import clock
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.leads.models import LeadStage
from genko.people.link_conversation import Owner
from pages.parts import dialogs
from pages.parts.kit import context
from pages.parts.kit.dialog_state import Dialog
from tests.factories import Clinic, add_patient
from tests.leads import people

pytestmark = pytest.mark.usefixtures("main_stays")


def _page() -> None:
    import streamlit as st

    from pages.parts import dialogs
    from pages.parts.kit import dialog_state

    if "to_open" in st.session_state:
        dialog_state.open_dialog(*st.session_state.pop("to_open"))
    dialogs.draw()
    st.button("Close it", on_click=dialog_state.close_dialog, key="close")
    st.sidebar.text("open" if dialog_state.current_dialog() else "closed")


@pytest.fixture
def ada(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> SignedIn:
    """The administrator, signed in on pages that use this test's database."""
    visitor = SignedIn(1, clinic.ada, "Ada", "ada@clinic.example", Role.ADMIN, clock.now())
    monkeypatch.setattr(context, "database", lambda: clinic.database)
    monkeypatch.setattr(context, "connector", lambda: clinic.connector)
    monkeypatch.setattr(context, "visitor", lambda **_: visitor)
    monkeypatch.setattr(context, "me", lambda **_: visitor)
    context.look_at_clinic_anew()
    return visitor


def _arguments(clinic: Clinic, ada: SignedIn) -> dict[Dialog, tuple[object, ...]]:
    """What each dialog is opened with; those that are not named take nothing."""
    lead_id = people.add_lead(clinic)
    with clinic.database.transaction() as session:
        patient_id = add_patient(session, by=clinic.maria, region="DE", first_name="Pia", last_name="Zulu")
    conversation_id = clinic.conversation_with()
    about_lead = [Dialog.EDIT_LEAD, Dialog.MESSAGE_LEAD, Dialog.CONVERT_LEAD, Dialog.DELETE_LEAD, Dialog.MERGE_LEAD, Dialog.LEAD_TOUCHES]  # fmt: skip
    about_patient = [Dialog.EDIT_PATIENT, Dialog.DELETE_PATIENT, Dialog.MERGE_PATIENTS]
    about_conversation = [Dialog.ACCEPT_SENDER, Dialog.NOT_A_LEAD]
    return {
        **dict.fromkeys(about_lead, (lead_id,)),
        **dict.fromkeys(about_patient, (patient_id,)),
        **dict.fromkeys(about_conversation, (conversation_id,)),
        Dialog.LOSE_LEAD: (lead_id, LeadStage.LEAD),
        Dialog.PATIENT_TOUCH: (patient_id, "Pia Zulu"),
        Dialog.LINK_SENDER: (conversation_id, Owner(None, None)),
        Dialog.TOUCHES: (conversation_id, "Ana"),
        Dialog.TOUCH: (conversation_id, "Ana"),
        Dialog.PASSWORD: (ada,),
    }


def test_the_table_of_dialogs_is_complete() -> None:
    assert set(dialogs.DRAW) == set(Dialog)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_dialog_opens_and_closes(clinic: Clinic, ada: SignedIn) -> None:
    arguments = _arguments(clinic, ada)
    for dialog in Dialog:
        page = AppTest.from_function(_page, default_timeout=30)
        page.session_state["to_open"] = (dialog, *arguments.get(dialog, ()))
        page.run()
        assert not page.exception, dialog
        assert page.sidebar.text[0].value == "open", dialog
        page.button("close").click().run()
        assert page.sidebar.text[0].value == "closed", dialog
