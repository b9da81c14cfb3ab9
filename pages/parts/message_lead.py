"""From a lead to its conversation, or to a new one."""

import streamlit as st

from genko.errors import GenkoError
from genko.leads.records import get_lead
from genko.messages.start import Contact
from genko.people import linking
from pages.parts import address, asking, here
from pages.parts.new_conversation import with_whom
from pages.parts.plain import plain
from pages.parts.who import who


def go(lead_id: int) -> None:
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
            lead = get_lead(session, lead_id)
    except GenkoError as error:
        st.info(str(error))
        return
    st.markdown(f"With **{plain(who(lead))}**")
    with_whom(Contact(lead_id=lead_id))
