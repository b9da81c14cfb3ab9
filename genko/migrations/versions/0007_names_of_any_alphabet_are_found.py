"""Names and texts in alphabets other than the Latin one are found and sorted by their spelling in Latin letters.

Revision ID: 0007
Revises: 0006
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from genko import search, text

revision = "0007"
down_revision = "0006"

_BATCH = 1000  # rows


def upgrade() -> None:
    session = Session(op.get_bind())
    for owner in ("lead", "patient"):
        _respell_people(session, owner)
    _respell_merged_records(session)
    _reindex_conversations(session)
    _reindex_messages(session)
    session.flush()


def _respell_people(session: Session, owner: str) -> None:
    index = search.Index(f"{owner}_search", f"{owner}_id")
    for row in _rows(session, f"SELECT id, first_name, last_name, phone, email FROM {owner}"):
        name = text.full_name(row.first_name, row.last_name)
        if not _is_folded_anew(name):
            continue
        index.replace(session, row.id, search.person_words(name, row.phone, row.email))
        session.execute(
            sa.text(f"UPDATE {owner} SET sort_name = :sort_name WHERE id = :id"),
            {"id": row.id, "sort_name": text.sort_name(row.first_name, row.last_name)},
        )


def _respell_merged_records(session: Session) -> None:
    """Undoing a merge brings a record back as the merge has kept it."""
    for merge_id, *records in session.execute(sa.select(_MERGE)).all():
        respelled = dict(zip(_RECORDS, map(_respelled, records), strict=True))
        session.execute(sa.update(_MERGE).where(_MERGE.c.id == merge_id).values(respelled))


_RECORDS = ("gone", "kept_before", "kept_after")
_MERGE = sa.table("merge", sa.column("id"), *(sa.column(name, sa.JSON()) for name in _RECORDS))


def _respelled(record: dict[str, Any]) -> dict[str, Any]:
    if "sort_name" not in record:
        return record
    return record | {"sort_name": text.sort_name(record["first_name"], record["last_name"])}


def _reindex_conversations(session: Session) -> None:
    index = search.Index("conversation_search", "conversation_id")
    conversations = "SELECT id, name, (SELECT phone FROM identity WHERE identity.id = identity_id) AS phone FROM conversation"
    for row in _rows(session, conversations):
        if _is_folded_anew(row.name):
            index.replace(session, row.id, search.person_words(row.name, row.phone))


def _reindex_messages(session: Session) -> None:
    index = search.Index("message_search", "message_id")
    for row in _rows(session, "SELECT id, body FROM message"):
        if _is_folded_anew(row.body):
            index.replace(session, row.id, search.text_words(row.body))


def _rows(session: Session, select: str) -> Iterator[sa.Row[*tuple[object, ...]]]:
    page = sa.text(f"{select} WHERE id > :after ORDER BY id LIMIT {_BATCH}")
    after = 0
    while rows := session.execute(page, {"after": after}).all():
        yield from rows
        after = rows[-1].id


def _is_folded_anew(written: str) -> bool:
    """Whether a letter is left that the earlier folding, which only took accents away, may have kept."""
    plain = unicodedata.normalize("NFKD", written.casefold())
    return any(char.islower() and not char.isascii() for char in plain)
