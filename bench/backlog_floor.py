"""Taking messages in, as a careful hand would in plain batched SQL: the same rows, each once, in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bench.bare import Bare
from genko import search, text
from genko.channels.events import Inbound

_KNOWN = """
SELECT i.external_id, c.id FROM identity i JOIN conversation c ON c.identity_id = i.id
WHERE i.account_id = 1 AND i.external_id IN ({})
"""
_LEAD = """
INSERT INTO lead (first_name, last_name, sort_name, name_typed, phone, notes, stage, source, created_at,
    stage_changed_at, changed_at, lost_reason)
VALUES (:name, '', :sort_name, :no, :phone, '', 'lead', 'whatsapp', :at, :at, :now, '')
"""
_IDENTITY = """
INSERT INTO identity (account_id, external_id, profile_name, phone, lead_id)
SELECT 1, :person, :name, :phone, id FROM lead WHERE phone = :phone
"""
_CONVERSATION = """
INSERT INTO conversation (identity_id, account_id, status, priority, ai_enabled, created_at, name, message_count,
    inbound_count, failed_count, preview, preview_author, last_message_at, changed_at)
SELECT id, 1, 'active', 'medium', :yes, :at, :name, 0, 0, 0, '', 'patient', :at, :now
FROM identity WHERE account_id = 1 AND external_id = :person
"""
_TALLY = """
INSERT INTO conversation_tally (account_id, status, conversations) VALUES (1, 'active', :count)
ON CONFLICT (account_id, status) DO UPDATE SET conversations = conversation_tally.conversations + :count
"""
_MESSAGE = """
INSERT INTO message (conversation_id, account_id, author, body, at, arrived_at, provider_id, notice, override,
    error_code, problem, attempts, settled)
VALUES (:conversation, 1, 'patient', :body, :at, :now, :key, '', :no, '', '', 0, :no)
ON CONFLICT (account_id, provider_id) DO NOTHING
"""
_ROLL_UP = """
UPDATE conversation SET message_count = message_count + :count, inbound_count = inbound_count + :count,
    preview = :preview, preview_author = 'patient', last_message_at = :last, last_inbound_at = :last,
    waiting_since = coalesce(waiting_since, :first), changed_at = :now
WHERE id = :conversation
"""
SEARCH = {
    "SQLite": "INSERT INTO {}_search (rowid, words) VALUES (:id, :words)",
    "PostgreSQL": "INSERT INTO {0}_search ({0}_id, words) VALUES (:id, CAST(:words AS tsvector))",
}
_LEAD_SEARCH = {
    "SQLite": "INSERT INTO lead_search (rowid, words) SELECT id, :words FROM lead WHERE phone = :phone",
    "PostgreSQL": "INSERT INTO lead_search (lead_id, words) SELECT id, CAST(:words AS tsvector) FROM lead "
    "WHERE phone = :phone",
}


def take_in(bare: Bare, events: Sequence[Inbound]) -> int:
    """How many were new. Knows what the benchmark's backlog holds: inbound texts of people, oldest first."""
    with bare.transaction():
        found = _conversations(bare, {event.person: event for event in reversed(events)})
        before = bare.rows("SELECT coalesce(max(id), 0) FROM message")[0][0]
        bare.run(_MESSAGE, [_message(bare, event, found[event.person]) for event in events])
        rows = bare.rows("SELECT id, provider_id FROM message WHERE id > :before", before=before)
        stored = {key: number for number, key in rows}
        taken = [event for event in events if event.provider_id in stored]
        bare.run(
            SEARCH[bare.kind].format("message"),
            [{"id": stored[one.provider_id], "words": _words(text.words(one.body))} for one in taken],
        )
        _roll_up(bare, taken, found)
        if taken:
            bare.run(
                "UPDATE channel_account SET last_in_at = :at WHERE id = 1",
                [{"at": time_of(bare, taken[-1].at)}],
            )
    return len(taken)


def _conversations(bare: Bare, first: dict[str, Inbound]) -> dict[str, int]:
    known = _known(bare, list(first))
    fresh = [_person(bare, first[person]) for person in sorted(set(first) - set(known))]
    if not fresh:
        return known
    for statement in (_LEAD, _IDENTITY, _CONVERSATION):
        bare.run(statement, fresh)
    known |= _known(bare, [one["person"] for one in fresh])
    named = [{"id": known[one["person"]], "words": one["words"]} for one in fresh]
    bare.run(SEARCH[bare.kind].format("conversation"), named)
    bare.run(_LEAD_SEARCH[bare.kind], fresh)
    bare.run(_TALLY, [{"count": len(fresh)}])
    return known


def _known(bare: Bare, people: list[str]) -> dict[str, int]:
    names = {f"p{place}": person for place, person in enumerate(people)}
    listed = ", ".join(f":{name}" for name in names)
    return {person: number for person, number in bare.rows(_KNOWN.format(listed), **names)}


def _person(bare: Bare, event: Inbound) -> dict[str, Any]:
    number = event.person.removeprefix("whatsapp:")
    words = _words(search.person_words(event.profile_name, number))
    return {
        "person": event.person, "name": event.profile_name, "sort_name": text.sort_name("", event.profile_name), "phone": number, "words": words, "at": time_of(bare, event.at),
        "now": time_of(bare, datetime.now(UTC)), "no": False, "yes": True,
    }  # fmt: skip


def _message(bare: Bare, event: Inbound, conversation: int) -> dict[str, Any]:
    now, at = time_of(bare, datetime.now(UTC)), time_of(bare, event.at)
    return {
        "conversation": conversation,
        "body": event.body,
        "at": at,
        "now": now,
        "key": event.provider_id,
        "no": False,
    }


def _roll_up(bare: Bare, taken: Sequence[Inbound], found: dict[str, int]) -> None:
    by_person: dict[str, list[Inbound]] = defaultdict(list)
    for event in taken:
        by_person[event.person].append(event)
    now = time_of(bare, datetime.now(UTC))
    bare.run(_ROLL_UP, [
        {"conversation": found[person], "count": len(some), "preview": text.one_line(some[-1].body), "now": now,
         "first": time_of(bare, some[0].at), "last": time_of(bare, some[-1].at)}
        for person, some in by_person.items()
    ])  # fmt: skip


def _words(words: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(words))


def time_of(bare: Bare, at: datetime) -> Any:
    """SQLite keeps times as text."""
    return at if bare.kind == "PostgreSQL" else at.replace(tzinfo=None).isoformat(" ", "microseconds")
