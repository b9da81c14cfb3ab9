"""The head of a conversation: the person, and what staff can set."""

from collections.abc import Callable

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
_SHOW_TOUCHES, _ADD_TOUCH, _CLOSE = "View patient touches", "Create new touch", "Close dialog"
_MARK_UNREAD, _LINK = "Mark as unread", "Link to another person…"


def draw(visitor: SignedIn, opened: OpenConversation) -> None:
    with st.container(key="head", gap="xsmall"):
        _who(opened.head, disabled=visitor.role is Role.VIEWER)
        _controls(opened, disabled=visitor.role is Role.VIEWER)
        conversation_person.draw_new_sender(opened.head, disabled=visitor.role is Role.VIEWER)


def place(conversation_id: int) -> str:
    """Where the screen shows what was refused in this conversation."""
    return f"conversation-{conversation_id}"


def _who(head: ConversationHead, *, disabled: bool) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="head-who", wrap=False):
        if st.button("Back", icon=":material/arrow_back:", key="back", type="tertiary"):
            url_state.open_conversation(None)
            st.rerun()
        with st.container(key="head-name", width="content"):
            st.text(head.name)
        conversation_person.profile_button(head)
        conversation_person.stage(head, disabled=disabled)
        phone = head.phone if head.phone != head.name else ""
        st.text(" · ".join(part for part in (phone, head.channel_label, head.account) if part))


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
        "Status",
        STATUS,
        head.status,
        lambda status: _set(head, conversations.set_status, status),
        key=f"status-{head.id}",
        width=132,
        disabled=disabled,
    )


def _priority(head: ConversationHead, *, disabled: bool) -> None:
    stored_inputs.select(
        "Priority",
        _PRIORITY,
        head.priority,
        lambda priority: _set(head, conversations.set_priority, priority),
        key=f"priority-{head.id}",
        width=156,
        disabled=disabled,
    )


def _assignee(head: ConversationHead, assignees: list[Assignee], *, disabled: bool) -> None:
    names = {_NOBODY: "Nobody assigned"} | distinct({assignee.id: assignee.name for assignee in assignees})
    stored_inputs.select(
        "Assigned to",
        names,
        head.assignee_id if head.assignee_id in names else _NOBODY,
        lambda staff_id: _set(head, assign, staff_id or None),
        key=f"assignee-{head.id}",
        width=156,
        disabled=disabled,
    )


def _ai(head: ConversationHead, *, disabled: bool) -> None:
    stored_inputs.toggle(
        "AI",
        head.ai_enabled,
        lambda enabled: _set(head, conversations.set_ai, enabled),
        key=f"ai-{head.id}",
        help=AI_LATER,
        disabled=disabled,
    )


def _set(head: ConversationHead, verb: Callable[..., object], value: object) -> None:
    act(lambda session, by: verb(session, head.id, value, by=by), at=place(head.id))


def _gear(head: ConversationHead, *, disabled: bool) -> None:
    options = [_SHOW_TOUCHES] if disabled else [_SHOW_TOUCHES, _ADD_TOUCH, _LINK, _CLOSE]
    if head.inbound_count:  # only a message of the patient can be unread
        options.insert(1 if disabled else -1, _MARK_UNREAD)
    st.menu_button(
        "More",
        options,
        icon=":material/settings:",
        key="gear",
        type="tertiary",
        on_click=_choose,
        args=(head,),
    )


def _choose(head: ConversationHead) -> None:
    chosen, conversation_id = st.session_state["gear"], head.id
    if chosen == _SHOW_TOUCHES:
        dialog_state.open_dialog(Dialog.TOUCHES, conversation_id, head.name)
    elif chosen == _ADD_TOUCH:
        dialog_state.open_dialog(Dialog.TOUCH, conversation_id, head.name)
    elif chosen == _LINK:
        conversation_person.open_link_dialog(head)
    elif chosen == _MARK_UNREAD:
        _mark_unread(conversation_id)
    elif chosen == _CLOSE:
        _close(conversation_id)


def _close(conversation_id: int) -> None:
    act(
        lambda session, by: conversations.set_status(
            session, conversation_id, ConversationStatus.RESOLVED, by=by
        ),
        at=place(conversation_id),
        done="Dialog closed. It comes back when the patient writes.",
    )


def _mark_unread(conversation_id: int) -> None:
    """Leaves the conversation as well: while it is open, it is marked as read again."""
    _, problem = attempt(lambda session, by: unread.mark_unread(session, conversation_id, by=by))
    if problem:
        note_problem(place(conversation_id), problem)
    else:
        url_state.open_conversation(None)
