"""What staff do with a conversation as a whole, and the one place where its status changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db, phone, text
from genko.access import audit, roles
from genko.access.clinic import get_clinic
from genko.access.models import Role, StaffMember
from genko.channels.base import Delivery
from genko.channels.models import ChannelAccount
from genko.errors import NotAllowed, NotFound, Refused
from genko.leads.models import Lead
from genko.messages import search
from genko.messages.models import (
    Author,
    Conversation,
    ConversationSeen,
    ConversationStatus,
    ConversationTally,
    Identity,
    Message,
    MessageFile,
    Priority,
)
from genko.patients.models import Patient

_JOINED = sa.select(StaffMember.created_at).where(StaffMember.id == sa.bindparam("by")).scalar_subquery()
# Unread by somebody who has never opened the conversation: what came before they worked here was others' to read, and
# history is nobody's.
SINCE_JOINED = sa.case(
    (Conversation.created_at > _JOINED, Conversation.inbound_count),  # the same, counted already
    (
        Conversation.last_inbound_at > _JOINED,
        sa.select(sa.func.count(Message.id))
        .join(ChannelAccount, ChannelAccount.id == Message.account_id)
        .where(
            Message.conversation_id == Conversation.id,
            Message.author == Author.PATIENT,
            Message.arrived_at > _JOINED,
            Message.arrived_at > ChannelAccount.created_at,
        )
        .correlate(Conversation)
        .scalar_subquery(),
    ),
    else_=0,
)


def count_since_joined(session: Session, conversation_id: int, *, by: int) -> int:
    counted = sa.select(SINCE_JOINED).where(Conversation.id == conversation_id)
    return int(session.execute(counted, {"by": by}).scalar_one())


def get(session: Session, conversation_id: int) -> Conversation:
    found = session.get(Conversation, conversation_id)
    if found is None:
        raise NotFound("This conversation does not exist.")
    return found


def lock(session: Session, conversation_id: int) -> Conversation:
    """The conversation as it is now, kept so until the transaction ends: for changes that depend on what it was."""
    found = db.locked(session, Conversation, conversation_id)
    if found is None:
        raise NotFound("This conversation does not exist.")
    return found


def set_status(session: Session, conversation_id: int, status: ConversationStatus, *, by: int) -> None:
    """Staff set any status. Pending and Resolved mean that nobody waits for us."""
    roles.require(session, by, Role.STAFF)
    conversation = lock(session, conversation_id)
    if conversation.status is status:
        return
    move(session, conversation, status)
    if status is not ConversationStatus.ACTIVE:
        conversation.waiting_since, conversation.attended_at = None, clock.now()
    audit.record(session, f"status:{status}", by=by, subject_kind="conversation", subject_id=conversation_id)


def set_priority(session: Session, conversation_id: int, priority: Priority, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    conversation = get(session, conversation_id)
    conversation.priority = priority
    conversation.changed_at = clock.now()
    audit.record(
        session, f"priority:{priority}", by=by, subject_kind="conversation", subject_id=conversation_id
    )


def set_ai(session: Session, conversation_id: int, enabled: bool, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    conversation = get(session, conversation_id)
    conversation.ai_enabled = enabled
    conversation.changed_at = clock.now()
    action = "ai:on" if enabled else "ai:off"
    audit.record(session, action, by=by, subject_kind="conversation", subject_id=conversation_id)


def assign(session: Session, conversation_id: int, assignee_id: int | None, *, by: int) -> None:
    roles.require(session, by, Role.STAFF)
    if assignee_id is not None:
        _may_answer(session, assignee_id)
    conversation = get(session, conversation_id)
    conversation.assignee_id = assignee_id
    conversation.changed_at = clock.now()
    to = f"staff {assignee_id}" if assignee_id else "nobody"
    audit.record(session, "assign", by=by, subject_kind="conversation", subject_id=conversation_id, detail=to)


def _may_answer(session: Session, assignee_id: int) -> None:
    try:
        roles.require(session, assignee_id, Role.STAFF)
    except NotAllowed as error:
        who = session.get(StaffMember, assignee_id)
        name = who.name if who else "This person"
        raise Refused(f"{name} cannot answer conversations. Choose somebody else.") from error


def see(session: Session, conversation_id: int, inbound_seen: int, *, by: int) -> None:
    """Marks the first `inbound_seen` patient messages as read by this person; never goes back."""
    _note_seen(session, conversation_id, inbound_seen, by, ConversationSeen.inbound_seen < inbound_seen)


def mark_unread(session: Session, conversation_id: int, *, by: int) -> None:
    """The patient's newest message, once more, for this person alone."""
    conversation = get(session, conversation_id)
    if not conversation.inbound_count:
        raise Refused("Nothing has come in here that could be unread.")
    _note_seen(session, conversation_id, conversation.inbound_count - 1, by)
    conversation.changed_at = clock.now()  # so that this person's other screens show it


def _note_seen(
    session: Session,
    conversation_id: int,
    inbound_seen: int,
    by: int,
    where: sa.ColumnElement[bool] | None = None,
) -> None:
    values = {"conversation_id": conversation_id, "staff_id": by, "inbound_seen": inbound_seen}
    statement = db.insert(session, ConversationSeen).values(**values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "staff_id"], set_={"inbound_seen": inbound_seen}, where=where
        )
    )


def create(
    session: Session, identities: Sequence[Identity], started_at: Mapping[int, datetime]
) -> dict[int, int]:
    """A conversation for each of these people of one account; `started_at` and the new ids are by the identity's id."""
    if not identities:
        return {}
    names = _names(session, identities)
    rows = [
        {
            "identity_id": identity.id,
            "account_id": identity.account_id,
            "created_at": started_at[identity.id],
            "name": names[identity.id],
            "last_message_at": started_at[identity.id],
            "changed_at": clock.now(),
        }
        for identity in identities
    ]
    made = {of: number for of, number in db.insert_all(session, Conversation, rows, "identity_id", "id")}
    _count(session, identities[0].account_id, ConversationStatus.ACTIVE, len(made))
    search.index_conversations(session, [(made[one.id], names[one.id], one.phone) for one in identities])
    return made


def move(session: Session, conversation: Conversation, status: ConversationStatus) -> None:
    """Changes the status and the tallies with it; tallies always in one order, so that no two writers block each other."""
    steps = sorted([(conversation.status, -1), (status, 1)])
    conversation.status = status
    conversation.changed_at = clock.now()
    session.flush()
    for one, change in steps:
        _count(session, conversation.account_id, one, change)


def _count(session: Session, account_id: int, status: ConversationStatus, change: int) -> None:
    statement = db.insert(session, ConversationTally).values(
        account_id=account_id, status=status, conversations=change
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "status"],
            set_={"conversations": ConversationTally.conversations + change},
        )
    )


def rename(session: Session, identity: Identity) -> None:
    """Follows a change of the person's name or phone into the list and the search."""
    rename_all(session, [identity])


def rename_all(session: Session, identities: Sequence[Identity]) -> None:
    """In the order of the conversations, so that two renamings wait for each other and never block each other."""
    phones = {one.id: one.phone for one in identities}
    theirs = sa.select(Conversation).where(Conversation.identity_id.in_(phones)).order_by(Conversation.id)
    found = session.scalars(theirs).all() if phones else []
    names = _names(session, identities) if found else {}
    for one in found:
        one.name, one.changed_at = names[one.identity_id], clock.now()
    session.flush()
    search.reindex_conversations(session, [(one.id, one.name, phones[one.identity_id]) for one in found])


def respell(session: Session, before: str, after: str) -> None:
    """The clinic's country has changed: those of whom only the number is known are shown by it."""
    rows = session.execute(
        sa.select(Conversation, Identity.phone)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Identity.phone.is_not(None), Identity.profile_name == "")
        .order_by(Conversation.id)
        .with_for_update(of=Conversation)
    )
    respelled = []
    for conversation, number in rows.all():
        shown = phone.shown(number, after)
        if conversation.name == phone.shown(number, before) != shown:
            conversation.name, conversation.changed_at = shown, clock.now()
            respelled.append((conversation.id, shown, number))
    search.reindex_conversations(session, respelled)


def _names(session: Session, identities: Sequence[Identity]) -> dict[int, str]:
    """By identity: the patient's name, else the lead's, else what the channel shows, else the address."""
    patients = _people(session, Patient, [one.patient_id for one in identities])
    leads = _people(session, Lead, [one.lead_id for one in identities if not one.patient_id])
    region = get_clinic(session).region
    names = {}
    for one in identities:
        theirs = patients[one.patient_id] if one.patient_id else leads[one.lead_id] if one.lead_id else ""
        name = theirs or one.profile_name
        names[one.id] = name or (phone.shown(one.phone, region) if one.phone else one.external_id)
    return names


def _people(session: Session, kind: type[Patient | Lead], ids: Sequence[int | None]) -> dict[int, str]:
    wanted = set(filter(None, ids))
    asked = sa.select(kind.id, kind.first_name, kind.last_name).where(kind.id.in_(wanted))
    found = session.execute(asked).all() if wanted else ()
    return {number: text.full_name(first, last) for number, first, last in found}


def recompute_newest(session: Session, conversation_id: int) -> None:
    """What the list shows follows the messages' order, whichever of two clocks is ahead."""
    conversation = lock(session, conversation_id)  # first: what comes in at this moment is read or reads us
    newest = session.scalar(
        sa.select(Message)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    )
    if newest is None:
        return
    has_files = sa.select(MessageFile.id).where(MessageFile.message_id == newest.id).limit(1)
    words = text.one_line(newest.body) or newest.notice
    conversation.preview = words or ("📎 File" if session.scalar(has_files) else "")
    conversation.preview_author, conversation.last_message_at = newest.author, newest.at


def recompute_waiting(session: Session, conversation_id: int) -> None:
    """A reply from here answers what staff could have seen: what had reached us. One written elsewhere answers what
    was written before it, in whatever order the two were listed.

    The caller has locked the conversation.
    """
    conversation = get(session, conversation_id)
    replies = sa.and_(
        Message.conversation_id == conversation_id,
        Message.author == Author.STAFF,
        Message.delivery != Delivery.FAILED,
    )
    here = session.scalar(
        sa.select(sa.func.max(Message.arrived_at)).where(replies, Message.staff_id.is_not(None))
    )
    elsewhere = session.execute(
        sa.select(Message.at, Message.id)
        .where(replies, Message.staff_id.is_(None))
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    ).first()
    unanswered = sa.select(sa.func.min(Message.at)).where(
        Message.conversation_id == conversation_id, Message.author == Author.PATIENT
    )
    if dealt_with := max(filter(None, (here, conversation.attended_at)), default=None):
        unanswered = unanswered.where(Message.arrived_at > dealt_with)
    if elsewhere:  # providers count in seconds: within one, the order in which they came is all there is
        at, number = elsewhere
        unanswered = unanswered.where(sa.or_(Message.at > at, sa.and_(Message.at == at, Message.id > number)))
    is_active = conversation.status is ConversationStatus.ACTIVE
    conversation.waiting_since = session.scalar(unanswered) if is_active else None


@dataclass(frozen=True)
class Assignee:
    id: int
    name: str


def find_assignees(session: Session) -> list[Assignee]:
    members = session.execute(
        sa.select(StaffMember.id, StaffMember.name)
        .where(StaffMember.active, StaffMember.role != Role.VIEWER)
        .order_by(StaffMember.name)
    )
    return [Assignee(number, name) for number, name in members]
