"""The head of a conversation: who it is with, and what staff can set."""

import streamlit as st

from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.messages import conversations, unread
from genko.messages.assignees import Assignee, assign
from genko.messages.conversation_head import ConversationHead
from genko.messages.models import ConversationStatus, Priority
from genko.messages.open_conversation import OpenConversation
from pages.parts.kit import dialog_state, url_state
from pages.parts.kit.actions import act, attempt, note_problem
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.labels import STATUS
from pages.parts.messages import conversation_person
from pages.parts.streamlit import stored_inputs
from pages.parts.streamlit.distinct_labels import distinct

_PRIORITY = {
    Priority.LOW: "Low priority",
    Priority.MEDIUM: "Medium priority",
    Priority.HIGH: "🔺 High priority",
}
AI_LATER = (
    "Kept with the conversation and shown in the list. AI suggestions are not part of this version yet: "
    "nothing is written or sent by an AI."
)
_NOBODY = 0  # no staff member has this id
_TOUCHES, _NEW_TOUCH, _CLOSE = "View patient touches", "Create new touch", "Close dialog"
_UNREAD, _LINK = "Mark as unread", "Link to another person…"


def draw(visitor: SignedIn, opened: OpenConversation) -> None:
    with st.container(key="head", gap="xsmall"):
        _who(opened.head, disabled=visitor.role is Role.VIEWER)
        _controls(opened, disabled=visitor.role is Role.VIEWER)
        conversation_person.offer(opened.head, disabled=visitor.role is Role.VIEWER)


def place(conversation_id: int) -> str:
    """Where it is said that something could not be done in this conversation."""
    return f"conversation-{conversation_id}"


def _who(head: ConversationHead, *, disabled: bool) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="head-who", wrap=False):
        if st.button("Back", icon=":material/arrow_back:", key="back", type="tertiary"):
            url_state.open_conversation(None)
            st.rerun()
        with st.container(key="head-name", width="content"):
            st.text(head.name)
        conversation_person.way(head)
        conversation_person.stage(head, disabled=disabled)
        number = head.phone if head.phone != head.name else ""
        st.text(" · ".join(part for part in (number, head.channel_label, head.account) if part))


def _controls(opened: OpenConversation, *, disabled: bool) -> None:
    head = opened.head
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="head-controls"):
        _status(head, disabled=disabled)
        _priority(head, disabled=disabled)
        _assignee(head, opened.assignees, disabled=disabled)
        _ai(head, disabled=disabled)
        _gear(head, disabled=disabled)


def _status(head: ConversationHead, *, disabled: bool) -> None:
    stored_inputs.select(
        "Status", STATUS, head.status,
        lambda chosen: act(lambda session, by: conversations.set_status(session, head.id, chosen, by=by), at=place(head.id)),
        key=f"status-{head.id}", width=132, disabled=disabled,
    )  # fmt: skip


def _priority(head: ConversationHead, *, disabled: bool) -> None:
    stored_inputs.select(
        "Priority", _PRIORITY, head.priority,
        lambda chosen: act(lambda session, by: conversations.set_priority(session, head.id, chosen, by=by), at=place(head.id)),
        key=f"priority-{head.id}", width=156, disabled=disabled,
    )  # fmt: skip


def _assignee(head: ConversationHead, assignees: list[Assignee], *, disabled: bool) -> None:
    names = {_NOBODY: "Nobody assigned"} | distinct({one.id: one.name for one in assignees})
    stored_inputs.select(
        "Assigned to", names, head.assignee_id if head.assignee_id in names else _NOBODY,
        lambda chosen: act(lambda session, by: assign(session, head.id, chosen or None, by=by), at=place(head.id)),
        key=f"assignee-{head.id}", width=156, disabled=disabled,
    )  # fmt: skip


def _ai(head: ConversationHead, *, disabled: bool) -> None:
    stored_inputs.toggle(
        "AI", head.ai_enabled,
        lambda chosen: act(lambda session, by: conversations.set_ai(session, head.id, chosen, by=by), at=place(head.id)),
        key=f"ai-{head.id}", help=AI_LATER, disabled=disabled,
    )  # fmt: skip


def _gear(head: ConversationHead, *, disabled: bool) -> None:
    options = [_TOUCHES] if disabled else [_TOUCHES, _NEW_TOUCH, _LINK, _CLOSE]
    if head.inbound_count:
        options.insert(1 if disabled else -1, _UNREAD)
    st.menu_button(
        "More", options, icon=":material/settings:", key="gear", type="tertiary", on_click=_choose, args=(head,)
    )  # fmt: skip


def _choose(head: ConversationHead) -> None:
    chosen, conversation_id = st.session_state["gear"], head.id
    if chosen == _TOUCHES:
        dialog_state.open_dialog(Dialog.TOUCHES, conversation_id, head.name)
    elif chosen == _NEW_TOUCH:
        dialog_state.open_dialog(Dialog.TOUCH, conversation_id, head.name)
    elif chosen == _LINK:
        conversation_person.ask_whose(head)
    elif chosen == _UNREAD:
        _mark_unread(conversation_id)
    elif chosen == _CLOSE:
        act(
            lambda session, by: conversations.set_status(
                session, conversation_id, ConversationStatus.RESOLVED, by=by
            ),
            at=place(conversation_id),
            done="Dialog closed. It comes back when the patient writes.",
        )


def _mark_unread(conversation_id: int) -> None:
    """And leaves it: what is open is being read."""
    _, problem = attempt(lambda session, by: unread.mark_unread(session, conversation_id, by=by))
    if problem:
        note_problem(place(conversation_id), problem)
    else:
        url_state.open_conversation(None)
