"""From a lead to its conversation, or to a new one."""

import streamlit as st

from genko.channels import accounts, registry
from genko.errors import GenkoError
from genko.leads.records import get_lead
from genko.messages import start
from genko.messages.models import Priority
from genko.messages.start import Contact
from genko.people import linking
from pages.parts import act, address, asking, here
from pages.parts.plain import plain


def go(lead_id: int) -> None:
    """In the body of a page, not in a callback: it leaves the page."""
    with here.database().reading() as session:
        conversation_id = linking.conversation_of_lead(session, lead_id)
    if conversation_id is None:
        _begin(lead_id)
    else:
        asking.close()
        st.switch_page(address.MESSAGES, query_params={"c": str(conversation_id)})


@st.dialog("New conversation", on_dismiss=asking.close)
def _begin(lead_id: int) -> None:
    try:
        with here.database().reading() as session:
            lead, ours = get_lead(session, lead_id), accounts.find_accounts(session)
    except GenkoError as error:
        st.info(str(error))
        return
    if not ours:
        st.info("No account is connected yet. An administrator connects WhatsApp under Settings.")
        return
    st.markdown(f"With **{plain(lead.name or 'this lead')}**")
    names = {one.id: f"{one.channel_label} · {one.label}" for one in ours}
    account_id = st.selectbox("From our account", list(names), format_func=names.__getitem__)
    priority = (
        st.selectbox("Priority", list(Priority), index=1, format_func=lambda one: one.capitalize())
        or Priority.MEDIUM
    )
    ai = st.toggle("AI assistance", value=True)
    kind = registry.kind(next(one.channel for one in ours if one.id == account_id))
    if not kind.can_start:
        st.caption(f"{kind.label} lets us write first with an approved template only.")
    if st.button("Create", type="primary"):
        _create(account_id, lead_id, priority, ai=ai)


def _create(account_id: int, lead_id: int, priority: Priority, *, ai: bool) -> None:
    number, problem = act.attempt(
        lambda session, by: start.start(
            session, account_id, Contact(lead_id=lead_id), by=by, priority=priority, ai_enabled=ai
        )
    )
    if number is None:
        st.error(problem)
        return
    asking.close()
    st.switch_page(address.MESSAGES, query_params={"c": str(number)})
