"""The answers to the same questions, in SQL written by hand over a bare driver connection."""

from bench.bare import Bare
from bench.clinic import STAFF_ID
from genko import phone, text

_ROW = f"""
SELECT c.id, c.name, c.preview, c.preview_author, c.status, c.priority, c.ai_enabled, c.message_count,
       coalesce(
           c.inbound_count
           - (SELECT inbound_seen FROM conversation_seen WHERE conversation_id = c.id AND staff_id = {STAFF_ID}),
           CASE WHEN c.created_at > (SELECT created_at FROM staff_member WHERE id = {STAFF_ID}) THEN c.inbound_count
                WHEN c.last_inbound_at > (SELECT created_at FROM staff_member WHERE id = {STAFF_ID})
                THEN (SELECT count(*) FROM message m WHERE m.conversation_id = c.id AND m.author = 'patient'
                      AND m.arrived_at > (SELECT created_at FROM staff_member WHERE id = {STAFF_ID})
                      AND m.arrived_at > a.created_at)
                ELSE 0 END),
       c.failed_count, c.last_message_at, c.last_inbound_at, c.waiting_since, a.channel, a.label, a.colour
FROM conversation c
JOIN channel_account a ON a.id = c.account_id
"""
_NEWEST = "ORDER BY c.last_message_at DESC, c.id DESC LIMIT 51"
_TALLIES = "SELECT status, sum(conversations) FROM conversation_tally {} GROUP BY status"
_HEAD = f"""
SELECT c.*, i.phone, i.patient_id, i.lead_id, i.opted_out_at, i.opted_in_at, a.*, l.*, p.*, s.*
FROM conversation c
JOIN identity i ON i.id = c.identity_id
JOIN channel_account a ON a.id = c.account_id
LEFT JOIN lead l ON l.id = i.lead_id
LEFT JOIN patient p ON p.id = i.patient_id
LEFT JOIN conversation_seen s ON s.conversation_id = c.id AND s.staff_id = {STAFF_ID}
WHERE c.id = :id
"""
_THREAD = """
SELECT m.*, p.name FROM message m LEFT JOIN staff_member p ON p.id = m.staff_id
WHERE m.conversation_id = :id ORDER BY m.at DESC, m.id DESC LIMIT 51
"""
_FILES = """
SELECT * FROM message_file WHERE message_id IN (
    SELECT id FROM message WHERE conversation_id = :id ORDER BY at DESC, id DESC LIMIT 50) ORDER BY id
"""
_NAMED = {
    "SQLite": "SELECT rowid FROM conversation_search WHERE conversation_search MATCH :query ORDER BY rowid DESC LIMIT 2000",
    "PostgreSQL": "SELECT conversation_id FROM conversation_search WHERE words @@ CAST(:query AS tsquery) "
    "ORDER BY conversation_id + 0 DESC LIMIT 2000",  # + 0, or the whole table is read backwards for a rare name
}
_NEWEST_SAYING = {
    "SQLite": "SELECT rowid AS id FROM message_search WHERE message_search MATCH :query ORDER BY rowid DESC LIMIT 1000",
    "PostgreSQL": "SELECT message_id AS id FROM message_search WHERE words @@ CAST(:query AS tsquery) "
    "ORDER BY message_id DESC LIMIT 1000",
}
_PLACE = "row_number() OVER (PARTITION BY c.status ORDER BY {} DESC) AS place"
_OF_NAMES = f"""
SELECT id, status FROM (
    SELECT c.id, c.status, {_PLACE.format("c.id")} FROM conversation c WHERE c.id IN (%s)) r WHERE place <= 200
"""
# Looked up in place of joined: PostgreSQL would read all messages for the few thousand found.
_SAYING = f"""
SELECT r.conversation_id, r.status, (SELECT body FROM message WHERE id = r.id) FROM (
    SELECT c.conversation_id, c.id, c.status, {_PLACE.format("c.id")} FROM (
        SELECT n.conversation_id, n.id, (SELECT status FROM conversation WHERE id = n.conversation_id) AS status FROM (
            SELECT (SELECT conversation_id FROM message WHERE id = f.id) AS conversation_id, max(f.id) AS id
            FROM (%s) f GROUP BY 1) n) c) r
WHERE place <= 50
"""


class Floor:
    def __init__(self, bare: Bare) -> None:
        self._rows, self._kind = bare.rows, bare.kind

    def page(self, where: str, order: str = _NEWEST, *, account: int | None = None) -> list[int]:
        """Conversation ids of the first page, in order, after reading all that its rows and tabs show."""
        chosen = f"{where} AND c.account_id = :account" if account else where
        found = self._rows(f"{_ROW} WHERE {chosen} {order}", account=account)
        self.tallies(account)
        return [row[0] for row in found[:50]]

    def waiting_first(self) -> list[int]:
        """More of them wait than fit on a page."""
        return self.page(
            "c.status <> 'resolved' AND c.waiting_since IS NOT NULL",
            "ORDER BY c.waiting_since, c.id LIMIT 51",
        )

    def tallies(self, account: int | None = None) -> int:
        where = "WHERE account_id = :account" if account else ""
        return sum(int(row[1]) for row in self._rows(_TALLIES.format(where), account=account))

    def newest_changes(self) -> list[int]:
        newest = "SELECT id, changed_at FROM conversation ORDER BY changed_at DESC, id DESC LIMIT 40"
        return sorted(row[0] for row in self._rows(newest))

    def conversation(self, number: int) -> list[int]:
        """Ids of the newest 50 messages, oldest first, after reading head, messages and files."""
        self._rows(_HEAD, id=number)
        messages = self._rows(_THREAD, id=number)
        self._rows(_FILES, id=number)
        return [row[0] for row in reversed(messages[:50])]

    def search(self, typed: str) -> list[int]:
        """Conversation ids of the first page of hits."""
        named = [phone.digits(typed)] if phone.looks_like_number(typed) else text.words(typed)
        ids = {row[0] for row in self._rows(_OF_NAMES % _NAMED[self._kind], query=self._query(named))}
        saying = _SAYING % _NEWEST_SAYING[self._kind]
        ids |= {row[0] for row in self._rows(saying, query=self._query(text.words(typed)))}
        listed = ", ".join(map(str, ids)) or "NULL"
        found = self._rows(f"{_ROW} WHERE c.id IN ({listed}) AND c.status <> 'resolved' {_NEWEST}")
        return [row[0] for row in found[:50]]

    def _query(self, words: list[str]) -> str:
        if self._kind == "SQLite":
            return " ".join(f'"{word}"*' for word in words)
        return " & ".join(f"'{word}':*" for word in words)
