"""The right pane: head, thread and composer of one conversation."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from genko import clock
from genko.access import audit
from genko.access.clinic import get_clinic
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.errors import NotFound
from genko.messages import conversations, drafts, outbox, replies, thread
from genko.messages.models import Author
from genko.messages.thread import ConversationHead, Thread
from pages.parts import bubbles, conversation_head, here, sending
from pages.parts.act import act, attempt
from pages.parts.composer import ComposerState, SavedReply, Warn, composer
from pages.parts.thread import thread as draw_thread
from pages.parts.times import ago

_SHOWN = "messages_shown"


@dataclass(frozen=True)
class Opened:
    """The open conversation as it was read for this run."""

    head: ConversationHead
    messages: Thread
    first_unread: int | None


def look(visitor: SignedIn, conversation_id: int | None) -> Opened | str | None:
    """Reads the open conversation and marks it as seen, before the list is drawn; a sentence when it does not exist."""
    if conversation_id is None:
        return None
    limit = _messages_shown(conversation_id)
    try:
        with here.database().reading() as session:
            region = get_clinic(session).region
            head = thread.get_head(
                session, conversation_id, by=visitor.staff_id, at=clock.now(), region=region
            )
            messages = thread.get_thread(session, conversation_id, messages=limit)
    except NotFound as error:
        return str(error)
    return Opened(head, messages, _note_seen(head, messages))


def draw(visitor: SignedIn, opened: Opened | str | None, *, any_messages: bool) -> None:
    if opened is None:
        _nothing_open(any_messages=any_messages)
    elif isinstance(opened, str):
        st.info(opened)
    else:
        _conversation(visitor, opened)


def _conversation(visitor: SignedIn, opened: Opened) -> None:
    now, clinic = clock.now(), here.clinic()
    conversation_head.draw(visitor, opened.head)
    with st.container(key="thread-body"):
        _thread(opened, now, ZoneInfo(clinic.time_zone), can_act=visitor.role is not Role.VIEWER)
    with st.container(key="composer-body"):
        if visitor.role is Role.VIEWER:
            st.caption("Your role lets you read, not write.")
        else:
            _composer(visitor, opened.head, opened.messages, now, clinic.name)


def _nothing_open(*, any_messages: bool) -> None:
    with st.container(
        key="nothing-open", horizontal_alignment="center", vertical_alignment="center", height="stretch"
    ):
        if any_messages:
            st.markdown("#### Choose a conversation", text_alignment="center")
            st.caption("↑ and ↓ walk the list, Enter opens.", text_alignment="center")
        else:
            st.markdown("#### Nothing has come in yet", text_alignment="center")
            st.caption(
                "Messages appear here by themselves once an account is connected (Settings). "
                "To try everything out first, run: genko demo",
                text_alignment="center",
            )


def _messages_shown(conversation_id: int) -> int:
    """How many messages, back to a first page whenever another conversation is opened."""
    opened, number = st.session_state.get(_SHOWN, (None, thread.PAGE))
    if opened != conversation_id:
        number = thread.PAGE
        st.session_state[_SHOWN] = (conversation_id, number)
        attempt(
            lambda session, by: audit.record(
                session, "view", by=by, subject_kind="conversation", subject_id=conversation_id
            )
        )
    return int(number)


def _load_earlier() -> None:
    conversation_id, number = st.session_state[_SHOWN]
    st.session_state[_SHOWN] = (conversation_id, number + thread.PAGE)


def _note_seen(head: ConversationHead, messages: Thread) -> int | None:
    """Marks as read what is on the screen now; the first message that was unread when it was opened."""
    opened: int | None
    first: int | None
    opened, first = st.session_state.get("first_unread", (None, None))
    if opened != head.id:
        inbound = [one.id for one in messages.messages if one.author is Author.PATIENT]
        first = inbound[-min(head.unread, len(inbound))] if head.unread and inbound else None
        st.session_state["first_unread"] = (head.id, first)
    if head.unread or not head.seen:
        attempt(lambda session, by: conversations.see(session, head.id, head.inbound_count, by=by))
    return first


def _thread(opened: Opened, now: datetime, zone: ZoneInfo, *, can_act: bool) -> None:
    draw_thread(
        [bubbles.bubble(one, now, zone, can_act=can_act) for one in opened.messages.messages],
        conversation=opened.head.id,
        patient_name=opened.head.name,
        earlier=opened.messages.earlier,
        first_unread=opened.first_unread,
        key="thread",
        on_earlier=_load_earlier,
        on_retry=_send_again,
        on_dismiss=_settle,
    )


def _send_again(message_id: int) -> None:
    act(lambda session, by: outbox.send_again(session, message_id, by=by))


def _settle(message_id: int) -> None:
    act(lambda session, by: outbox.settle(session, message_id, by=by))


def _composer(
    visitor: SignedIn, head: ConversationHead, messages: Thread, now: datetime, clinic: str
) -> None:
    with here.database().reading() as session:
        draft = drafts.find(session, head.id, by=visitor.staff_id)
        saved = replies.find_replies(session)
    draft = draft or attempt(lambda session, by: drafts.begin(session, head.id, by=by))[0]
    if draft is None:
        st.error("The draft cannot be opened right now. Try again in a moment.")
        return
    answered = sending.warning(head.id)
    composer(
        ComposerState(
            conversation=head.id,
            token=draft.token,
            draft=draft.text,
            placeholder=f"Write to {head.first_name or head.name} on {head.channel_label} · {head.account}",
            limit=head.text_limit,
            now=now.isoformat(),
            draft_url=f"/admin/api/drafts/{head.id}",
            seen=messages.newest_id,
            blocked=head.blocked,
            window_closes_at=head.window_closes_at.isoformat() if head.window_closes_at else None,
            warning=Warn(f"{answered.by_name} answered {ago(answered.at, now)} ago.", messages.newest_id)
            if answered
            else None,
            saved_replies=tuple(SavedReply(one.title, one.filled(head.first_name, clinic)) for one in saved),
            error=sending.problem(head.id),
        ),
        key="composer",
        on_send=sending.send,
    )
