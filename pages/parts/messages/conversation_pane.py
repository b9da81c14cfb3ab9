"""The right pane: head, thread and composer of one conversation."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from genko import clock
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.db import Database
from genko.messages import files, retry_failed
from genko.messages.drafts import OpenDraft
from genko.messages.open_conversation import OpenConversation, open_conversation, read_conversation
from genko.messages.thread import PAGE
from genko.messages.unread import see
from pages.parts.kit import context, dialog_state, push_runs
from pages.parts.kit.actions import act, attempt, attempt_slowly, forget_problem, show_problem
from pages.parts.messages import conversation_head, openings, sent_drafts, thread_feed
from pages.parts.messages.composer import ComposerState, SavedReply, composer
from pages.parts.messages.openings import By
from pages.parts.messages.thread import ThreadSource
from pages.parts.messages.thread import thread as draw_thread

_OPENED = "opened"


@dataclass
class _Opened:
    """What this tab knows of the conversation that it has open."""

    conversation_id: int
    unread: int  # when it was opened
    messages: int = PAGE
    read_count: int | None = None  # of the patient's messages, read before it was opened; None: all of them


@dataclass(frozen=True)
class Look:
    """The open conversation as it was at one moment."""

    conversation: OpenConversation
    read_at: datetime


def look(visitor: SignedIn, conversation_id: int | None) -> Look | str | None:
    """Reads the open conversation and marks it as read, before the list is drawn; a sentence when it does not exist."""
    if conversation_id is None:
        forget()
        return None
    opened, problem = _open(visitor, conversation_id)
    if opened is None:
        return problem
    now = clock.now()
    with context.database().reading() as session:
        found = read_conversation(
            session,
            conversation_id,
            by=visitor.staff_id,
            at=now,
            region=context.clinic().region,
            messages=opened.messages,
        )
    _note_read(opened, found)
    return Look(found, now)


def forget() -> None:
    """Opened once more, it is noted once more."""
    st.session_state.pop(_OPENED, None)


def _open(visitor: SignedIn, conversation_id: int) -> tuple[_Opened | None, str]:
    opened: _Opened | None = st.session_state.get(_OPENED)
    if opened and opened.conversation_id == conversation_id:
        return opened, ""
    unread, problem = attempt_slowly(lambda database, by: _open_once(database, visitor, conversation_id, by))
    if unread is None:
        return None, problem
    st.session_state[_OPENED] = opened = _Opened(conversation_id, unread)
    forget_problem()
    return opened, ""


def _open_once(database: Database, visitor: SignedIn, conversation_id: int, by: int) -> int:
    def open_it() -> int:
        return database.attempt(lambda session: open_conversation(session, conversation_id, by=by))

    return openings.open_once(visitor.session_id, conversation_id, By.SCRIPT, open_it)


def _note_read(opened: _Opened, found: OpenConversation) -> None:
    """What a person's own run shows is read. What a push has brought, the browser marks once it is seen."""
    if opened.unread and opened.read_count is None:
        opened.read_count = found.head.inbound_count - opened.unread
    if found.head.unread and not push_runs.is_by_push():
        attempt(lambda session, by: see(session, found.head.id, found.head.inbound_count, by=by))


def draw(visitor: SignedIn, opened: Look | str) -> None:
    if isinstance(opened, str):
        st.info(opened)
    else:
        _conversation(visitor, opened)


def _conversation(visitor: SignedIn, look: Look) -> None:
    opened, clinic = look.conversation, context.clinic()
    conversation_head.draw(visitor, opened)
    show_problem(conversation_head.place(opened.head.id))
    reads_only = visitor.role is Role.VIEWER
    with st.container(key="thread-body"):
        _thread(visitor, look)
    with st.container(key="composer-body"):
        if opened.draft is None or reads_only:
            st.caption("Your role lets you read, not write.")
        else:
            _composer(opened, opened.draft, look.read_at, clinic.name)


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


def _thread(visitor: SignedIn, look: Look) -> None:
    known: _Opened = st.session_state[_OPENED]
    payload = thread_feed.thread_payload(
        look.conversation, visitor.role, look.read_at, context.zone(), limit=known.messages
    )
    source = ThreadSource(
        read_at=look.read_at.isoformat(),
        read_count=known.read_count,
        may_run=dialog_state.current_dialog() is None,
    )
    draw_thread(
        payload,
        source,
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
