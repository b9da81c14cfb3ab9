"""Files of messages: downloaded as soon as they come in, typed by their content, stored in the database."""

import logging
from datetime import timedelta

import filetype
import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db
from genko.access import audit, roles
from genko.access.error_location import where
from genko.access.models import Role
from genko.channels.accounts import Connector, Due
from genko.channels.base import ChannelError, Trouble
from genko.channels.channel import Channel
from genko.channels.models import ChannelAccount
from genko.db import Database, DatabaseDown
from genko.errors import NotFound, Refused
from genko.messages import roll_up
from genko.messages.models import FileContent, FileDirection, FileState, Message, MessageFile
from genko.worker_leases import Checkpoint, never_stops

_BATCH = 5
_ATTEMPTS = 12
_LONGEST_PAUSE = 3600.0  # seconds

# What a browser may and can show inside the page. Everything else is handed out as a download, whatever it claims to
# be, as are a phone's HEIC pictures, which hardly any browser draws.
SHOWN_INLINE = {
    "image/jpeg", "image/png", "image/gif", "image/webp",
    "audio/mpeg", "audio/ogg", "audio/aac", "audio/x-wav", "audio/amr", "audio/mp4", "audio/m4a",
    "video/mp4", "video/3gpp", "video/webm", "video/quicktime",
}  # fmt: skip
_UNKNOWN = "application/octet-stream"

log = logging.getLogger("genko.files")


def fetch_files(
    database: Database, connector: Connector, due: Due, *, checkpoint: Checkpoint = never_stops
) -> int:
    """Downloads the files that wait on one account; how many there were."""
    with database.reading() as session:
        waiting = _find_waiting(session, due.id)
    if not waiting:
        return 0
    channel = connector.channel(due)
    for file_id, ref in waiting:
        checkpoint()
        if problem := _fetch_one(database, channel, file_id, ref):
            with database.transaction() as session:
                _note_error(session, file_id, problem)
    return len(waiting)


def _fetch_one(database: Database, channel: Channel, file_id: int, ref: str) -> ChannelError | None:
    """The error of this file alone: the other files do not wait for it."""
    try:
        content = channel.download(ref, channel.largest_file)
        with database.transaction() as session:
            _store(session, file_id, content)
    except ChannelError as error:
        if error.trouble is Trouble.ACCOUNT:
            raise  # no file of this account can be fetched now, and this file is not to blame
        return error
    except DatabaseDown:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours must not hold back the others
        return _fault(error)
    return None


def _fault(error: Exception) -> ChannelError:
    log.error("A file could not be fetched: %s", where(error))
    return ChannelError("This file could not be fetched because of a fault in Genkō.", Trouble.BUSY)


def _find_waiting(session: Session, account_id: int) -> list[tuple[int, str]]:
    rows = session.execute(
        sa.select(MessageFile.id, MessageFile.provider_ref)
        .join(Message, Message.id == MessageFile.message_id)
        .where(
            Message.account_id == account_id,
            MessageFile.direction == FileDirection.INBOUND,
            MessageFile.state == FileState.PENDING,
            MessageFile.next_attempt_at <= clock.now(),
        )
        .order_by(MessageFile.next_attempt_at)
        .limit(_BATCH)
    )
    return [(file_id, ref) for file_id, ref in rows if ref]


def _store(session: Session, file_id: int, content: bytes) -> None:
    file = session.get(MessageFile, file_id, with_for_update=True)
    if (
        file is None or file.state is FileState.STORED
    ):  # its message was unsent, or another worker was quicker
        return
    kind = filetype.guess(content[:8192])
    file.content_type = kind.mime if kind else _UNKNOWN
    file.name = f"{_word(file.content_type)}-{file_id}.{kind.extension if kind else 'bin'}"
    file.size, file.state, file.problem, file.next_attempt_at = len(content), FileState.STORED, "", None
    session.execute(
        db.insert(session, FileContent).values(file_id=file_id, content=content).on_conflict_do_nothing()
    )
    _redraw(session, file)


def _word(content_type: str) -> str:
    major = content_type.partition("/")[0]
    return {"image": "photo", "audio": "voice-message", "video": "video"}.get(major, "document")


def _note_error(session: Session, file_id: int, error: ChannelError) -> None:
    file = session.get(MessageFile, file_id, with_for_update=True)
    if file is None or file.state is not FileState.PENDING:
        return
    file.attempts += 1
    file.problem = error.reason
    if error.trouble is Trouble.MESSAGE or file.attempts >= _ATTEMPTS:
        file.state, file.next_attempt_at = FileState.FAILED, None
        _redraw(session, file)
        return
    file.next_attempt_at = clock.now() + timedelta(seconds=min(2.0**file.attempts, _LONGEST_PAUSE))


def fail_stranded(session: Session) -> int:
    """Files that still waited on an account when it was disconnected can never be fetched."""
    waiting = session.scalars(
        sa.select(MessageFile)
        .join(Message, Message.id == MessageFile.message_id)
        .join(ChannelAccount, ChannelAccount.id == Message.account_id)
        .where(ChannelAccount.removed_at.is_not(None), MessageFile.state == FileState.PENDING)
        .order_by(Message.conversation_id)
        .with_for_update(of=MessageFile, skip_locked=True)
    ).all()
    for file in waiting:
        file.state, file.next_attempt_at = FileState.FAILED, None
        file.problem = "The account it came to is no longer connected."
        _redraw(session, file)
    return len(waiting)


def remove_all(session: Session, message_id: int) -> None:
    """The files of a message that its author took back."""
    ids = sa.select(MessageFile.id).where(MessageFile.message_id == message_id).scalar_subquery()
    session.execute(sa.delete(FileContent).where(FileContent.file_id.in_(ids)))
    session.execute(sa.delete(MessageFile).where(MessageFile.message_id == message_id))


def try_again(session: Session, file_id: int, *, by: int) -> None:
    """Staff ask once more for a file that could not be fetched. A second click changes nothing."""
    roles.require(session, by, Role.STAFF)
    file = session.get(MessageFile, file_id, with_for_update=True)
    if file is None:
        raise NotFound("This file does not exist.")
    if file.state is not FileState.FAILED:
        return
    account = session.get_one(ChannelAccount, session.get_one(Message, file.message_id).account_id)
    if account.removed_at:
        raise Refused(f"{account.label} is no longer connected: its files cannot be fetched any more.")
    file.state, file.attempts, file.next_attempt_at = FileState.PENDING, 0, clock.now()
    _redraw(session, file)
    audit.record(session, "file:retry", by=by, subject_kind="file", subject_id=file_id)


def _redraw(session: Session, file: MessageFile) -> None:
    message = session.get_one(Message, file.message_id)
    roll_up.mark_changed(session, message.conversation_id)
