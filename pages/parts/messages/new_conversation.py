"""The dialog that starts a conversation with a patient, a lead or a typed phone number."""

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


@st.dialog("New conversation", on_dismiss=dialog_state.close_dialog)
def draw_dialog() -> None:
    kind = st.segmented_control("With", [PATIENT, LEAD, _TYPED], default=PATIENT, required=True)
    draw_start(*_contact(str(kind)))


def draw_start(contact: Contact | None, missing: str = "") -> None:
    """The rest of the dialog, whoever the contact is. `missing` says what is to be filled in while there is no contact."""
    with context.database().reading() as session:
        accounts = {
            account.id: account
            for account in find_accounts(session)
            if account.health is not Health.UNVERIFIED
        }
    labels = distinct(
        {id_: f"{account.channel_label} · {account.label}" for id_, account in accounts.items()}
    )
    if not accounts:
        st.info(f"No account is connected yet. {registry.who_connects()}")
        return
    account_id = st.selectbox(
        "From our account", list(labels), key="new-account", format_func=labels.__getitem__
    )
    priority = st.selectbox(
        "Priority",
        list(Priority),
        index=1,
        format_func=lambda priority: priority.capitalize(),
        key="new-priority",
    )
    ai = st.toggle("AI assistance", value=True, help=conversation_head.AI_LATER, key="new-ai")
    _say_whether_we_may_write_first(accounts[account_id].channel)
    owner, conversations = _known(account_id, contact)
    is_here = any(talk.account_id == account_id and talk.by_phone for talk in conversations)
    elsewhere = [] if is_here else [talk for talk in conversations if talk.account_id in labels]
    _offer(elsewhere, labels)
    pressed = _button(owner, is_here=is_here, is_first=not elsewhere)
    if dialog_state.submitted(pressed, (account_id, contact, missing)):
        if contact and owner:  # the name on record stays
            contact = replace(contact, first_name="", last_name="")
        _create(account_id, contact, missing, priority or Priority.MEDIUM, ai=ai)


def _say_whether_we_may_write_first(channel: str) -> None:
    kind = registry.kind(channel)
    if kind.policy.why_not_first:
        st.caption(
            f"{kind.policy.why_not_first} Until the patient writes, the conversation can be prepared but not written in."
        )


def _known(account_id: int, contact: Contact | None) -> tuple[str | None, list[Talk]]:
    """The name of the person who has the typed phone number, if we know one, and the person's conversations."""
    if contact is None:
        return None, []
    with context.database().reading() as session:
        typed = contact.phone_number
        owner = new_conversation.find_owner(session, account_id, typed) if typed else None
        return owner, new_conversation.find_talks(session, contact)


def _offer(talks: list[Talk], account_labels: dict[int, str]) -> None:
    """A person who writes to another account of ours is answered there; mostly they can be answered only there."""
    for talk in talks:
        label = plain(account_labels[talk.account_id])
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"new-other-{talk.conversation_id}"
        ):
            st.markdown(f":material/forum: They have a conversation with **{label}**.")
            if st.button("Open that one", type="primary", key=f"new-other-open-{talk.conversation_id}"):
                _open(talk.conversation_id)


def _button(owner: str | None, *, is_here: bool, is_first: bool) -> bool:
    """The key names the owner: a button that was pressed before the owner was named does nothing."""
    if owner is not None:
        st.info(
            f"This number belongs to **{plain(owner)}**. The name on record stays.", icon=":material/person:"
        )
    label = "Open their conversation" if is_here else "Create"
    return st.button(
        label, type="primary" if is_first else "secondary", key=f"new-{is_here}-{is_first}-{owner}"
    )


def _contact(kind: str) -> tuple[Contact | None, str]:
    """The contact, or a sentence that says what is missing."""
    if kind == _TYPED:
        return _typed_contact(context.clinic().region)
    person_id = choose(kind)
    if person_id is None:
        return None, f"Choose a {kind.lower()} first."
    return (Contact(patient_id=person_id) if kind == PATIENT else Contact(lead_id=person_id)), ""


def _typed_contact(region: str) -> tuple[Contact | None, str]:
    typed = st.text_input("Phone number", placeholder="With area code", type="phone", key="new-phone")
    row = st.container(horizontal=True)
    first, last = row.text_input("First name", key="new-first"), row.text_input("Last name", key="new-last")
    try:
        return Contact(phone_number=phone.normalize(typed, region), first_name=first, last_name=last), ""
    except Refused as error:
        return None, str(error) if typed.strip() else "Type a phone number first."


def _create(account_id: int, contact: Contact | None, missing: str, priority: Priority, *, ai: bool) -> None:
    if contact is None:
        dialog_state.refuse(missing)
        return
    conversation_id, problem = attempt(
        lambda session, by: new_conversation.start(
            session, account_id, contact, by=by, priority=priority, ai_enabled=ai
        )
    )
    if problem:
        dialog_state.refuse(problem)
        return
    if conversation_id is not None:
        _open(conversation_id)


def _open(conversation_id: int) -> None:
    dialog_state.close_dialog()
    url_state.open_conversation(conversation_id)
    st.switch_page(url_state.MESSAGES, query_params={"c": str(conversation_id)})
