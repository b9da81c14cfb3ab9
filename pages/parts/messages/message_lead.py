"""Opens the conversation of a lead, or a dialog that starts one."""

import streamlit as st

from genko.errors import GenkoError
from genko.leads.records import get_lead
from genko.messages.new_conversation import Contact
from genko.people import link_conversation
from pages.parts.kit import context, dialog_state, url_state
from pages.parts.kit.person_label import label_of
from pages.parts.messages.new_conversation import draw_start
from pages.parts.streamlit.markdown import plain


def open_conversation(lead_id: int) -> None:
    with context.database().reading() as session:
        conversation_id = link_conversation.conversation_of_lead(session, lead_id)
    if conversation_id is None:
        _start_dialog(lead_id)
    else:
        dialog_state.close_dialog()
        st.switch_page(url_state.MESSAGES, query_params={"c": str(conversation_id)})


@st.dialog("New conversation", on_dismiss=dialog_state.close_dialog)
def _start_dialog(lead_id: int) -> None:
    try:
        with context.database().reading() as session:
            lead = get_lead(session, lead_id)
    except GenkoError as error:
        st.info(str(error))
        return
    st.markdown(f"With **{plain(label_of(lead))}**")
    draw_start(Contact(lead_id=lead_id))
