"""The right pane: head, thread and composer of one conversation."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from genko import clock
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.channels.base import Author
from genko.messages import files, retry_failed
from genko.messages.drafts import OpenDraft
from genko.messages.open_conversation import OpenConversation, open_conversation, read_conversation
from genko.messages.thread import PAGE
from genko.messages.unread import see
from pages.parts.kit import context
from pages.parts.kit.actions import act, attempt, forget_problem, show_problem
from pages.parts.messages import bubbles, conversation_head, sent_drafts
from pages.parts.messages.composer import ComposerState, SavedReply, composer
from pages.parts.messages.thread import thread as draw_thread

_OPENED = "opened"


@dataclass
class _Opened:
    """What this tab knows of the conversation that it has open."""

    conversation_id: int
    unread: int  # when it was opened
    messages: int = PAGE
    read: int | None = None  # of the patient's messages, when it was opened
    first_unread: int | None = None
    unread_above: int = 0  # not loaded yet


def look(visitor: SignedIn, conversation_id: int | None) -> OpenConversation | str | None:
    """Reads the open conversation and marks it as read, before the list is drawn; a sentence when it does not exist."""
    if conversation_id is None:
        forget()
        return None
    opened, problem = _open(conversation_id)
    if opened is None:
        return problem
    with context.database().reading() as session:
        found = read_conversation(
            session,
            conversation_id,
            by=visitor.staff_id,
            at=clock.now(),
            region=context.clinic().region,
            messages=opened.messages,
        )
    _note_read(opened, found)
    return found


def forget() -> None:
    """Opened once more, it is noted once more."""
    st.session_state.pop(_OPENED, None)


def _open(conversation_id: int) -> tuple[_Opened | None, str]:
    opened: _Opened | None = st.session_state.get(_OPENED)
    if opened and opened.conversation_id == conversation_id:
        return opened, ""
    unread, problem = attempt(lambda session, by: open_conversation(session, conversation_id, by=by))
    if unread is None:
        return None, problem
    st.session_state[_OPENED] = opened = _Opened(conversation_id, unread)
    forget_problem()
    return opened, ""


def _note_read(opened: _Opened, found: OpenConversation) -> None:
    """What has just come onto the open screen is read; what was unread at opening gets its divider."""
    if opened.unread and opened.first_unread is None:
        _find_first_unread(opened, found)
    if found.head.unread:
        attempt(lambda session, by: see(session, found.head.id, found.head.inbound_count, by=by))


def _find_first_unread(opened: _Opened, found: OpenConversation) -> None:
    """By how many were read before, for more of them may be above what is loaded, and more may have come since."""
    inbound = [one.id for one in found.messages.messages if one.author is Author.PATIENT]
    if opened.read is None:
        opened.read = found.head.inbound_count - opened.unread
    place = opened.read - (found.head.inbound_count - len(inbound))
    opened.unread_above = max(0, -place)
    opened.first_unread = inbound[place] if 0 <= place < len(inbound) else None


def draw(visitor: SignedIn, opened: OpenConversation | str) -> None:
    if isinstance(opened, str):
        st.info(opened)
    else:
        _conversation(visitor, opened)


def _conversation(visitor: SignedIn, opened: OpenConversation) -> None:
    now, clinic = clock.now(), context.clinic()
    conversation_head.draw(visitor, opened)
    show_problem(conversation_head.place(opened.head.id))
    reads_only = visitor.role is Role.VIEWER
    with st.container(key="thread-body"):
        _thread(opened, now, ZoneInfo(clinic.time_zone), can_act=not reads_only)
    with st.container(key="composer-body"):
        if opened.draft is None or reads_only:
            st.caption("Your role lets you read, not write.")
        else:
            _composer(opened, opened.draft, now, clinic.name)


def nothing_open(*, any_messages: bool) -> None:
    with st.container(
        key="nothing-open", horizontal_alignment="center", vertical_alignment="center", height="stretch"
    ):
        if any_messages:
            st.markdown("#### Choose a conversation", text_alignment="center")
            st.caption(
                "↑ and ↓ walk the list, Enter opens, Esc in the message box leads back.",
                text_alignment="center",
            )
        else:
            st.markdown("#### Nothing has come in yet", text_alignment="center")
            st.caption(
                "Messages appear here by themselves once an account is connected (Settings). "
                "To try everything out first, run: genko demo",
                text_alignment="center",
            )


def _load_earlier() -> None:
    st.session_state[_OPENED].messages += PAGE


def _thread(opened: OpenConversation, now: datetime, zone: ZoneInfo, *, can_act: bool) -> None:
    draw_thread(
        [
            bubbles.bubble(
                one,
                opened.head.name,
                now,
                zone,
                channel_label=opened.head.channel_label,
                can_act=can_act,
                blocked=bool(opened.head.blocked),
            )
            for one in opened.messages.messages
        ],
        conversation=opened.head.id,
        patient_name=opened.head.name,
        nothing="No messages yet. Write the first one below."
        if can_act and not opened.head.blocked
        else "No messages yet.",
        earlier=opened.messages.earlier,
        first_unread=st.session_state[_OPENED].first_unread,
        unread_above=st.session_state[_OPENED].unread_above,
        key="thread",
        on_earlier=_load_earlier,
        on_retry=_send_again,
        on_dismiss=_settle,
        on_refetch=_fetch_again,
    )


def _place() -> str:
    opened: _Opened = st.session_state[_OPENED]
    return conversation_head.place(opened.conversation_id)


def _send_again(message_id: int) -> None:
    act(lambda session, by: retry_failed.send_again(session, message_id, by=by), at=_place())


def _settle(message_id: int) -> None:
    act(lambda session, by: retry_failed.settle(session, message_id, by=by), at=_place())


def _fetch_again(file_id: int) -> None:
    act(lambda session, by: files.try_again(session, file_id, by=by), at=_place())


def _composer(opened: OpenConversation, draft: OpenDraft, now: datetime, clinic: str) -> None:
    head, newest_id = opened.head, opened.messages.newest_id
    composer(
        ComposerState(
            conversation=head.id,
            token=draft.token,
            draft=draft.text,
            placeholder=f"Write to {head.first_name or head.name}",
            to=f"To {head.name} · {head.channel_label} · {head.account}",
            limit=head.text_limit,
            now=now.isoformat(),
            draft_url=f"/admin/api/drafts/{head.id}",
            seen=newest_id,
            blocked=head.blocked,
            window_closes_at=head.window_closes_at.isoformat() if head.window_closes_at else None,
            saved_replies=tuple(
                SavedReply(one.title, one.filled(head.first_name, clinic)) for one in opened.saved_replies
            ),
            went_out=sent_drafts.went_out(head.id, draft.token),
        ),
        key="composer",
    )
