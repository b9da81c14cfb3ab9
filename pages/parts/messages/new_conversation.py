"""The dialog that starts a conversation."""

from dataclasses import replace

import streamlit as st

from genko import phone
from genko.channels import registry
from genko.channels.accounts import find_accounts
from genko.channels.models import Health
from genko.errors import Refused
from genko.messages import new_conversation
from genko.messages.models import Priority
from genko.messages.new_conversation import Contact, Talk
from pages.parts.kit import context, dialog_state, url_state
from pages.parts.kit.actions import attempt
from pages.parts.messages import conversation_head
from pages.parts.people.choose_person import LEAD, PATIENT, choose
from pages.parts.streamlit.distinct_labels import distinct
from pages.parts.streamlit.markdown import plain

_TYPED = "Type contact details"


@st.dialog("New conversation", on_dismiss=dialog_state.close)
def open_dialog() -> None:
    whom = st.segmented_control("With", [PATIENT, LEAD, _TYPED], default=PATIENT, required=True)
    with_whom(*_contact(str(whom)))


def with_whom(contact: Contact | None, missing: str = "") -> None:
    """What is asked whoever it is with; `missing` says what there is no contact without."""
    with context.database().reading() as session:
        accounts = {one.id: one for one in find_accounts(session) if one.health is not Health.UNVERIFIED}
    names = distinct({one.id: f"{one.channel_label} · {one.label}" for one in accounts.values()})
    if not accounts:
        st.info(f"No account is connected yet. {registry.who_connects()}")
        return
    account_id = st.selectbox(
        "From our account", list(names), key="new-account", format_func=names.__getitem__
    )
    priority = st.selectbox(
        "Priority", list(Priority), index=1, format_func=lambda one: one.capitalize(), key="new-priority"
    )
    ai = st.toggle("AI assistance", value=True, help=conversation_head.AI_LATER, key="new-ai")
    kind = registry.kind(accounts[account_id].channel)
    if kind.policy.why_not_first:
        st.caption(
            f"{kind.policy.why_not_first} Until the patient writes, the conversation can be prepared but not written in."
        )
    owner, talks = _known(account_id, contact)
    is_here = any(one.account_id == account_id and one.by_phone for one in talks)
    others = [] if is_here else [one for one in talks if one.account_id in names]
    _offer(others, names)
    button = _button(owner, is_here=is_here, is_first=not others)
    if dialog_state.tried(button, (account_id, contact, missing)):
        known = contact and owner and replace(contact, first_name="", last_name="")
        _create(account_id, known or contact, missing, priority or Priority.MEDIUM, ai=ai)


def _known(account_id: int, contact: Contact | None) -> tuple[str | None, list[Talk]]:
    """Who has the number that was typed, if anybody is known by it, and the person's conversations."""
    if contact is None:
        return None, []
    with context.database().reading() as session:
        typed = contact.phone_number
        owner = new_conversation.find_owner(session, account_id, typed) if typed else None
        return owner, new_conversation.find_talks(session, contact)


def _offer(talks: list[Talk], names: dict[int, str]) -> None:
    """Who writes to another account of ours is answered there, and mostly can be answered only there."""
    for talk in talks:
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"new-other-{talk.conversation_id}"
        ):
            st.markdown(
                f":material/forum: They have a conversation with **{plain(names[talk.account_id])}**."
            )
            if st.button("Open that one", type="primary", key=f"new-other-open-{talk.conversation_id}"):
                _go(talk.conversation_id)


def _button(owner: str | None, *, is_here: bool, is_first: bool) -> bool:
    """Another button for somebody known: pressed before they were named, the first one does nothing."""
    if owner is not None:
        st.info(
            f"This number belongs to **{plain(owner)}**. The name on record stays.", icon=":material/person:"
        )
    label = "Open their conversation" if is_here else "Create"
    return st.button(
        label, type="primary" if is_first else "secondary", key=f"new-{is_here}-{is_first}-{owner}"
    )


def _contact(whom: str) -> tuple[Contact | None, str]:
    """Whom, or the sentence that says what is missing."""
    if whom == _TYPED:
        return _typed(context.clinic().region)
    chosen = choose(whom)
    if chosen is None:
        return None, f"Choose a {whom.lower()} first."
    return (Contact(patient_id=chosen) if whom == PATIENT else Contact(lead_id=chosen)), ""


def _typed(region: str) -> tuple[Contact | None, str]:
    number = st.text_input("Phone number", placeholder="With area code", type="phone", key="new-phone")
    row = st.container(horizontal=True)
    first, last = row.text_input("First name", key="new-first"), row.text_input("Last name", key="new-last")
    try:
        return Contact(phone_number=phone.normalize(number, region), first_name=first, last_name=last), ""
    except Refused as error:
        return None, str(error) if number.strip() else "Type a phone number first."


def _create(account_id: int, contact: Contact | None, missing: str, priority: Priority, *, ai: bool) -> None:
    if contact is None:
        dialog_state.refuse(missing)
        return
    number, problem = attempt(
        lambda session, by: new_conversation.start(
            session, account_id, contact, by=by, priority=priority, ai_enabled=ai
        )
    )
    if problem:
        dialog_state.refuse(problem)
        return
    if number is not None:
        _go(number)


def _go(conversation_id: int) -> None:
    dialog_state.close()
    url_state.open_conversation(conversation_id)
    st.switch_page(url_state.MESSAGES, query_params={"c": str(conversation_id)})
