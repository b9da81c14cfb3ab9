"""The dialog that starts a conversation."""

import streamlit as st

from genko import phone
from genko.channels import registry
from genko.channels.accounts import Account
from genko.errors import Refused
from genko.leads.records import find_leads
from genko.messages import start
from genko.messages.models import Priority
from genko.messages.start import Contact
from genko.patients.records import find_patients
from pages.parts import address, conversation_head, here
from pages.parts.act import attempt

_PATIENT, _LEAD, _TYPED = "Patient", "Lead", "Type contact details"


@st.dialog("New conversation")
def ask(accounts: list[Account]) -> None:
    if not accounts:
        st.info("No account is connected yet. An administrator connects WhatsApp under Settings.")
        return
    names = {account.id: f"{account.channel_label} · {account.label}" for account in accounts}
    region = here.clinic().region
    whom = st.segmented_control("With", [_PATIENT, _LEAD, _TYPED], default=_PATIENT, required=True)
    contact, missing = _contact(str(whom), region)
    account_id = st.selectbox("From our account", list(names), format_func=names.__getitem__)
    priority = (
        st.selectbox("Priority", list(Priority), index=1, format_func=lambda one: one.capitalize())
        or Priority.MEDIUM
    )
    ai = st.toggle("AI assistance", value=True, help=conversation_head.AI_LATER)
    kind = registry.kind(next(one.channel for one in accounts if one.id == account_id))
    if not kind.can_start:
        st.caption(
            f"{kind.label} lets us write first with an approved template only. Until the patient writes, "
            "the conversation can be prepared but not written in."
        )
    if st.button("Create", type="primary"):
        _create(account_id, contact, missing, priority, ai=ai)


def _contact(whom: str, region: str) -> tuple[Contact | None, str]:
    """Whom, or the sentence that says what is missing."""
    if whom == _TYPED:
        return _typed(region)
    with here.database().reading() as session:
        people = find_patients(session) if whom == _PATIENT else find_leads(session)
    names = {
        one.id: f"{one.name or 'No name'} · {phone.shown(one.phone, region) if one.phone else 'no phone'}"
        for one in people
    }
    chosen = st.selectbox(
        whom, list(names), format_func=names.__getitem__, index=None, placeholder="Type a name or a phone"
    )
    if chosen is None:
        return None, f"Choose a {whom.lower()} first."
    return (Contact(patient_id=chosen) if whom == _PATIENT else Contact(lead_id=chosen)), ""


def _typed(region: str) -> tuple[Contact | None, str]:
    number = st.text_input("Phone number", placeholder="With area code", type="phone")
    row = st.container(horizontal=True)
    first, last = row.text_input("First name"), row.text_input("Last name")
    try:
        return Contact(phone_number=phone.normalize(number, region), first_name=first, last_name=last), ""
    except Refused as error:
        return None, str(error) if number.strip() else "Type a phone number first."


def _create(account_id: int, contact: Contact | None, missing: str, priority: Priority, *, ai: bool) -> None:
    if contact is None:
        st.error(missing)
        return
    number, problem = attempt(
        lambda session, by: start.start(session, account_id, contact, by=by, priority=priority, ai_enabled=ai)
    )
    if problem:
        st.error(problem)
        return
    address.open_conversation(number)
    address.put("tab", None)
    st.rerun()
