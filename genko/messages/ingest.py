"""Takes in what providers hand over. A row's unique key, not a look beforehand, keeps it from coming in twice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock, db, phone, text
from genko.channels import registry
from genko.channels.base import Inbound, Unreadable
from genko.channels.models import ChannelAccount
from genko.leads import records
from genko.leads.models import Lead, LeadSource
from genko.messages import contact, conversations, search
from genko.messages.models import (
    Answer,
    Author,
    Conversation,
    ConversationStatus,
    Identity,
    Message,
    MessageFile,
    Unprocessed,
)
from genko.messages.window import window
from genko.patients.models import Patient


@dataclass(frozen=True)
class _Taken:
    """A message that was new."""

    id: int
    conversation_id: int
    event: Inbound


def find_new(
    session: Session, account_id: int, events: Sequence[Inbound | Unreadable]
) -> list[Inbound | Unreadable]:
    """Those of a page that are not stored yet. Only a saving of work: `receive` is safe without it."""
    events = [_storable(event) for event in events]
    listed = [event.provider_id for event in events]
    stored = set(
        session.scalars(
            sa.select(Message.provider_id).where(
                Message.account_id == account_id, Message.provider_id.in_(listed)
            )
        )
    )
    tray = sa.select(Unprocessed.provider_id).where(
        Unprocessed.account_id == account_id, Unprocessed.provider_id.in_(listed)
    )
    # What lies in the tray and can be read this time is new all the same.
    unread = stored | set(session.scalars(tray))
    return [
        event
        for event in events
        if event.provider_id not in (unread if isinstance(event, Unreadable) else stored)
    ]


_Event = TypeVar("_Event", bound=Inbound | Unreadable)


def _storable(event: _Event) -> _Event:
    """Without what a database cannot hold; one such name must not keep a whole page out."""
    texts = {name: one for name, one in vars(event).items() if isinstance(one, str)}
    unfit: dict[str, Any] = {name: text.storable(one) for name, one in texts.items() if not one.isprintable()}
    return replace(event, **unfit) if unfit else event


def receive(session: Session, account_id: int, events: Sequence[Inbound], *, live: bool = True) -> int:
    """Stores messages and rolls them up; the number that was new.

    `live=False` is for history: it reopens nothing and counts as seen when it was written, not now.
    """
    unique = {event.provider_id: event for event in map(_storable, events)}
    # Providers count in seconds and list the newest first: within a second their order is the only one there is.
    oldest_first = list(reversed(unique.values()))
    ordered = sorted(oldest_first, key=lambda one: one.at)
    if not ordered:
        return 0
    found = _conversations(session, account_id, ordered)
    taken = _insert(session, account_id, ordered, found, live=live)
    if live:
        _meet_again(session, account_id, taken)
    search.index_messages(session, [(one.id, one.event.body) for one in taken])
    _expect_files(session, taken)
    _roll_up_all(session, taken, live=live)
    contact.written_elsewhere(session, [one.id for one in taken if one.event.outbound])
    _clear_tray(session, account_id, taken)
    _note_account(session, account_id, taken)
    return len(taken)


def _clear_tray(session: Session, account_id: int, taken: Sequence[_Taken]) -> None:
    """What could not be read once and has come in since needs nobody's retry any more."""
    waiting = sa.select(Unprocessed.provider_id).where(
        Unprocessed.account_id == account_id, Unprocessed.processed_at.is_(None)
    )
    read = set(session.scalars(waiting)).intersection(one.event.provider_id for one in taken)
    if not read:
        return
    session.execute(
        sa.update(Unprocessed)
        .where(Unprocessed.account_id == account_id, Unprocessed.provider_id.in_(read))
        .values(processed_at=clock.now(), raw={})
        .execution_options(synchronize_session=False)
    )


def set_aside(session: Session, account_id: int, event: Unreadable) -> None:
    """Into the tray of what could not be processed, once."""
    row = {
        "account_id": account_id,
        "provider_id": text.storable(event.provider_id),
        "raw": event.raw,
        "reason": event.reason,
        "at": clock.now(),
    }
    session.execute(db.insert(session, Unprocessed).values(**row).on_conflict_do_nothing())


def _conversations(session: Session, account_id: int, events: Sequence[Inbound]) -> dict[str, int]:
    """Conversation ids by the person's external id, made where somebody is new.

    Locks are taken in one order (conversations, people, then the tallies that a new conversation changes), so that
    two workers with overlapping pages wait for each other and never block each other.
    """
    people = list(dict.fromkeys(event.person for event in events))
    known = _lock_known(session, account_id, people)
    fresh = sorted(set(people) - set(known))
    if fresh:
        first = {event.person: event for event in reversed(events)}
        identities = _identities(session, account_id, [first[person] for person in fresh])
        known |= _lock_known(session, account_id, fresh)
        known |= _start(session, [one for one in identities if one.external_id not in known], first)
    _learn_names(session, account_id, events)
    return known


def _lock_known(session: Session, account_id: int, people: Sequence[str]) -> dict[str, int]:
    if not people:
        return {}
    rows = session.execute(
        sa.select(Identity.external_id, Conversation.id)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .where(Identity.account_id == account_id, Identity.external_id.in_(people))
        .order_by(Conversation.id)
        .with_for_update(of=Conversation)
    )
    return {person: number for person, number in rows}


def _identities(session: Session, account_id: int, firsts: Sequence[Inbound]) -> Sequence[Identity]:
    """Of people who write for the first time, in the order of their external ids."""
    rows = [
        {
            "account_id": account_id,
            "external_id": event.person,
            "profile_name": event.profile_name,
            "phone": phone.from_id(event.person),
        }
        for event in firsts
    ]
    # Another worker may be storing the same person's first message: whoever comes second uses the first one's row.
    session.execute(db.insert(session, Identity).on_conflict_do_nothing(), rows)
    people = [event.person for event in firsts]
    return session.scalars(
        sa.select(Identity)
        .where(Identity.account_id == account_id, Identity.external_id.in_(people))
        .order_by(Identity.external_id)
        .with_for_update()
    ).all()


def _start(session: Session, identities: Sequence[Identity], first: dict[str, Inbound]) -> dict[str, int]:
    """Conversations with people who write for the first time, by external id."""
    strangers = [one for one in identities if one.patient_id is None and one.lead_id is None]
    _match_people(session, strangers, first)
    started_at = {one.id: first[one.external_id].at for one in identities}
    made = conversations.create(session, identities, started_at)
    return {one.external_id: made[one.id] for one in identities}


def _match_people(session: Session, identities: Sequence[Identity], first: dict[str, Inbound]) -> None:
    """To the patient or lead of that phone, in any of its spellings, else to a new lead."""
    spellings = {one.id: phone.variants(one.phone) if one.phone else [] for one in identities}
    # The leads first: of one that becomes a patient in this moment, the patient is found afterwards.
    leads = _ids_by_phone(session, Lead, spellings)
    patients = _ids_by_phone(session, Patient, spellings)
    converted = _patients_of(session, leads.values())
    unknown = []
    for identity in identities:
        identity.patient_id = _first_known(patients, spellings[identity.id])
        identity.lead_id = None if identity.patient_id else _first_known(leads, spellings[identity.id])
        if identity.lead_id:  # a converted lead's new address is its patient's
            identity.patient_id = converted[identity.lead_id]
        if identity.patient_id is None and identity.lead_id is None:
            unknown.append(identity)
    _add_leads(session, unknown, spellings, first)


def _meet_again(session: Session, account_id: int, taken: Sequence[_Taken]) -> None:
    """Whose lead was deleted is nobody's: a new message is matched anew, unless staff said that it is no lead."""
    wrote = {one.event.person: one.event for one in reversed(taken) if not one.event.outbound}
    nobody_s = sa.select(Identity).where(
        Identity.account_id == account_id,
        Identity.external_id.in_(wrote),
        Identity.patient_id.is_(None),
        Identity.lead_id.is_(None),
        ~Identity.not_a_lead,
    )
    strangers = session.scalars(nobody_s.order_by(Identity.id)).all() if wrote else []
    if strangers:
        _match_people(session, strangers, wrote)
    for identity in strangers:
        conversations.rename(session, identity)


def _patients_of(session: Session, lead_ids: Iterable[int]) -> dict[int, int | None]:
    rows = session.execute(sa.select(Lead.id, Lead.patient_id).where(Lead.id.in_(lead_ids)))
    return {lead_id: patient_id for lead_id, patient_id in rows}


def _ids_by_phone(
    session: Session, kind: type[Patient | Lead], spellings: dict[int, list[str]]
) -> dict[str, int]:
    """Nobody converts, merges or deletes them before their conversations are theirs."""
    wanted = {spelling for each in spellings.values() for spelling in each}
    rows = session.execute(
        sa.select(kind.phone, kind.id)
        .where(kind.phone.in_(wanted))
        .order_by(kind.id.desc())  # so that the oldest record of a phone is the one that is left
        .with_for_update(read=True, key_share=True)
    )
    return {str(number): person_id for number, person_id in rows}


def _first_known(ids: dict[str, int], spellings: Sequence[str]) -> int | None:
    return min((ids[one] for one in spellings if one in ids), default=None)


def _add_leads(
    session: Session,
    identities: Sequence[Identity],
    spellings: dict[int, list[str]],
    first: dict[str, Inbound],
) -> None:
    """One lead for each person, also where two spellings of one phone write in the same moment."""
    if not identities:
        return
    account = session.get_one(ChannelAccount, identities[0].account_id)
    source = LeadSource(registry.kind(account.channel).source)
    by_spelling: dict[str, Lead] = {}
    leads = {}
    for identity in identities:
        known = next((by_spelling[one] for one in spellings[identity.id] if one in by_spelling), None)
        leads[identity.id] = known or Lead(
            first_name=identity.profile_name,
            phone=identity.phone,
            source=source,
            created_at=first[identity.external_id].at,
            stage_changed_at=first[identity.external_id].at,
            changed_at=clock.now(),
        )
        by_spelling |= dict.fromkeys(spellings[identity.id], leads[identity.id])
    made = list({id(lead): lead for lead in leads.values()}.values())
    session.add_all(made)
    session.flush()
    records.index(session, made)
    for identity in identities:
        identity.lead_id = leads[identity.id].id


def _learn_names(session: Session, account_id: int, events: Sequence[Inbound]) -> None:
    named = [event for event in events if event.profile_name]
    rows = session.scalars(
        sa.select(Identity).where(
            Identity.account_id == account_id, Identity.external_id.in_({event.person for event in named})
        )
    )
    identities = {identity.external_id: identity for identity in rows}
    for event in named:
        _learn_name(session, identities[event.person], event.profile_name)


def _learn_name(session: Session, identity: Identity, name: str) -> None:
    """A profile name replaces a placeholder, never a name that staff typed."""
    if identity.profile_name == name:
        return
    identity.profile_name = name
    lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    if lead and not lead.name_typed:
        lead.first_name, lead.last_name = name, ""
        lead.changed_at = clock.now()
        records.reindex(session, lead)
    conversations.rename(session, identity)


def _insert(
    session: Session, account_id: int, events: Sequence[Inbound], found: dict[str, int], *, live: bool
) -> list[_Taken]:
    now = clock.now()
    rows = [
        {
            "conversation_id": found[event.person],
            "account_id": account_id,
            "author": Author.STAFF if event.outbound else Author.PATIENT,
            "body": event.body,
            "at": event.at,
            "arrived_at": now if live else event.at,
            "provider_id": event.provider_id,
            "notice": event.notice,
            "delivery": event.delivery,
            "error_code": event.error_code,
            "override": False,
            "settled": event.outbound,
            "attempts": 0,
            "problem": "",
        }
        for event in events
    ]
    table = cast("sa.Table", Message.__table__)
    # Past the mapping layer, which would do nothing for these rows but take as long as the database.
    statement = db.insert(session, table).on_conflict_do_nothing(index_elements=["account_id", "provider_id"])
    inserted = session.connection().execute(statement.returning(table.c.id, table.c.provider_id), rows)
    by_provider_id = {event.provider_id: event for event in events}
    taken = [
        _Taken(number, found[by_provider_id[str(provider_id)].person], by_provider_id[str(provider_id)])
        for number, provider_id in inserted
    ]
    return sorted(taken, key=lambda one: one.id)


def _expect_files(session: Session, taken: Sequence[_Taken]) -> None:
    rows = [
        {"message_id": one.id, "provider_ref": file.ref, "state": "pending", "next_attempt_at": clock.now(),
         "content_type": "", "name": "", "size": 0, "problem": "", "attempts": 0}
        for one in taken
        for file in one.event.files
    ]  # fmt: skip
    if rows:
        session.execute(sa.insert(MessageFile), rows)


def _roll_up_all(session: Session, taken: Sequence[_Taken], *, live: bool) -> None:
    by_conversation: dict[int, list[_Taken]] = defaultdict(list)
    for one in taken:
        by_conversation[one.conversation_id].append(one)
    rows = session.scalars(
        sa.select(Conversation)
        .where(Conversation.id.in_(by_conversation))
        .order_by(Conversation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for conversation in rows.all():
        _roll_up(session, conversation, by_conversation[conversation.id], live=live)


def _roll_up(session: Session, conversation: Conversation, taken: Sequence[_Taken], *, live: bool) -> None:
    inbound = [one for one in taken if not one.event.outbound]
    conversation.message_count += len(taken)
    conversation.changed_at = clock.now()
    _show_newest(conversation, taken)
    _remember_first(session, conversation, taken)
    if inbound:
        newest = max(one.event.at for one in inbound)
        conversation.last_inbound_at = max(conversation.last_inbound_at or newest, newest)
        _hear_keywords(session, conversation, inbound)
    if not live:
        _settle_history(session, conversation)
        return
    _wait_or_answer(session, conversation, taken)
    if inbound:
        conversation.inbound_count += len(inbound)
        if conversation.status is not ConversationStatus.ACTIVE:
            conversations.move(session, conversation, ConversationStatus.ACTIVE)


def _wait_or_answer(session: Session, conversation: Conversation, taken: Sequence[_Taken]) -> None:
    """A patient's message begins a wait, a reply that a person wrote elsewhere ends one."""
    since = conversation.waiting_since
    for one in sorted(taken, key=lambda one: (one.event.at, one.id)):
        if not one.event.outbound:
            since = min(since or one.event.at, one.event.at)
        elif since and since <= one.event.at:
            session.add(
                Answer(
                    conversation_id=conversation.id, asked_at=since, answered_at=one.event.at, staff_id=None
                )
            )
            since = None
    conversation.waiting_since = since


def _settle_history(session: Session, conversation: Conversation) -> None:
    """What lies before the connection opens nothing: a conversation that nobody can still answer comes in closed."""
    session.flush()
    account = session.get_one(ChannelAccount, conversation.account_id)
    if conversation.last_message_at >= account.created_at:
        return
    conversations.recompute_waiting(session, conversation.id)
    answerable = window(account.channel, conversation.last_inbound_at).is_open(clock.now())
    if conversation.waiting_since and answerable:
        return
    conversation.waiting_since = None
    if conversation.status is ConversationStatus.ACTIVE:
        conversations.move(session, conversation, ConversationStatus.RESOLVED)


def _remember_first(session: Session, conversation: Conversation, taken: Sequence[_Taken]) -> None:
    """Messages may come in any order: who wrote when first does not depend on it."""
    first = min(one.event.at for one in taken)
    if first >= conversation.created_at:
        return
    conversation.created_at = first
    identity = session.get_one(Identity, conversation.identity_id)
    lead = session.get(Lead, identity.lead_id) if identity.lead_id else None
    if lead and first < lead.created_at:
        lead.created_at = first


def _show_newest(conversation: Conversation, taken: Sequence[_Taken]) -> None:
    newest = max(taken, key=lambda one: (one.event.at, one.id))
    first = conversation.message_count == len(taken)
    if first or newest.event.at >= conversation.last_message_at:
        conversation.last_message_at = newest.event.at
        conversation.preview = text.one_line(newest.event.body) or _file_words(newest.event)
        conversation.preview_author = Author.STAFF if newest.event.outbound else Author.PATIENT


def _file_words(event: Inbound) -> str:
    return event.notice or ("📎 File" if event.files else "")


def _hear_keywords(session: Session, conversation: Conversation, inbound: Sequence[_Taken]) -> None:
    """STOP and START, alone in a message, are the person's own switch."""
    for one in inbound:
        word = one.event.body.strip().casefold()
        if word not in {"stop", "start"}:
            continue
        identity = session.get_one(Identity, conversation.identity_id)
        if word == "stop":
            identity.opted_out_at = max(identity.opted_out_at or one.event.at, one.event.at)
        else:
            identity.opted_in_at = max(identity.opted_in_at or one.event.at, one.event.at)


def _note_account(session: Session, account_id: int, taken: Sequence[_Taken]) -> None:
    times: dict[str, list[datetime]] = defaultdict(list)
    for one in taken:
        times["last_out_at" if one.event.outbound else "last_in_at"].append(one.event.at)
    for column, found in times.items():
        field = getattr(ChannelAccount, column)
        session.execute(
            sa.update(ChannelAccount)
            .where(ChannelAccount.id == account_id, sa.or_(field.is_(None), field < max(found)))
            .values({column: max(found)})
        )
