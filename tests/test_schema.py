"""A database is brought to the program's schema once, by whoever comes first."""

import json
from collections.abc import Iterator
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from genko import schema, search
from genko.channels.base import Author
from genko.db import Base, Database
from genko.errors import Refused
from genko.leads.models import Lead, LeadSource
from genko.messages.models import Conversation, Message
from genko.people.models import Merge
from tests.steps import T0


def migrate(url: str) -> None:
    schema.migrate(Database(url))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/genko.sqlite3"
        return
    server = sa.make_url(request.getfixturevalue("postgresql_server"))
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS fresh WITH (FORCE)"))
        connection.execute(sa.text("CREATE DATABASE fresh"))
    yield server.set(database="fresh").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text("DROP DATABASE fresh WITH (FORCE)"))
    engine.dispose()


def test_migrating_twice_is_migrating_once(empty_url: str) -> None:
    database = Database(empty_url)
    schema.migrate(database)
    assert schema.is_current(database)
    schema.migrate(database)
    assert schema.is_current(database)
    made = set(sa.inspect(database.engine).get_table_names())
    assert set(Base.metadata.tables) <= made
    database.close()


def _brought_up_from(url: str, revision: str, statements: list[str], values: dict[str, Any]) -> Database:
    """A database that an earlier version has filled, with the tables of this one."""
    database = Database(url)
    schema.migrate(database, revision)
    _run(database, statements, values)
    schema.migrate(database)
    return database


def _run(database: Database, statements: list[str], values: dict[str, Any]) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), values)


def test_a_clinic_of_the_first_version_keeps_its_people(empty_url: str) -> None:
    values = {"at": "2026-11-01 09:00:00+00:00", "yes": True, "no": False}
    database = _brought_up_from(empty_url, "0001", _FIRST_VERSION, values)
    with database.engine.begin() as connection:
        assert connection.execute(sa.text("SELECT lead_id FROM identity")).all() == [(7,)]
        assert connection.execute(sa.text("SELECT lead_id FROM touch")).all() == [(7,)]
        assert connection.execute(sa.text("SELECT id, sort_name FROM lead")).all() == [(7, "diaz ana")]
        connection.execute(sa.text("DELETE FROM lead"))
    with database.transaction() as session:
        by_name = search.Index("conversation_search", "conversation_id").matches(session, ["oneill"])
        assert session.execute(by_name).all() == [(1,)]
        added = Lead(source=LeadSource.WEBSITE, created_at=T0, stage_changed_at=T0, changed_at=T0)
        session.add(added)
        session.flush()
        assert added.id != 7 or database.dialect == "postgresql"  # an id of the past is never given away
    database.close()


_FIRST_VERSION = [
    (
        "INSERT INTO staff_member (id, email, name, role, password_hash, active, created_at)"
        " VALUES (1, 'a@b.example', 'Ada', 'admin', '', :yes, :at)"
    ),
    (
        "INSERT INTO channel_account (id, channel, external_id, label, colour, fields, sealed, created_at, health,"
        " last_error, failures, fetched_until, history, history_done)"
        " VALUES (1, 'whatsapp', 'x', 'Desk', 'teal', '{}', '', :at, 'ok', '', 0, :at, 'none', 0)"
    ),
    (
        "INSERT INTO lead (id, first_name, last_name, name_typed, notes, stage, source, created_at)"
        " VALUES (7, 'Ana', 'Díaz', :no, '', 'lead', 'whatsapp', :at)"
    ),
    "INSERT INTO identity (id, account_id, external_id, profile_name, lead_id) VALUES (1, 1, 'y', '', 7)",
    "INSERT INTO touch (id, lead_id, kind, at, staff_id, note) VALUES (1, 7, 'call', :at, 1, 'rang')",
    (
        "INSERT INTO conversation (id, identity_id, account_id, status, priority, ai_enabled, created_at, name,"
        " message_count, inbound_count, failed_count, preview, preview_author, last_message_at, changed_at)"
        " VALUES (1, 1, 1, 'active', 'medium', :yes, :at, 'Siobhán O''Neill', 0, 0, 0, '', 'patient', :at, :at)"
    ),
]


def test_steps_and_what_merges_keep_of_them_keep_their_ids_to_themselves(empty_url: str) -> None:
    database = _brought_up_from(empty_url, "0004", _OF_THE_FOURTH, _VALUES)
    with database.engine.begin() as connection:
        assert connection.execute(sa.text("SELECT id, lead_id FROM lead_stage_change")).all() == [(3, 7)]
        connection.execute(sa.text("DELETE FROM lead_stage_change"))
        if database.dialect == "sqlite":
            connection.execute(sa.text(_STEP), _VALUES)
            assert connection.scalar(sa.text("SELECT id FROM lead_stage_change")) == 13
    database.close()


def test_who_was_contacted_is_told_from_who_only_came_in(empty_url: str) -> None:
    database = _brought_up_from(empty_url, "0004", _OF_THE_FOURTH, _VALUES)
    with database.reading() as session:
        leads = {
            one.id: (one.contacted_at, one.uncontacted_since) for one in session.scalars(sa.select(Lead))
        }
        came, contacted = datetime.fromisoformat(_AT), datetime.fromisoformat(_LATER)
        assert leads == {7: (None, came), 8: (contacted, contacted)}
        [merge] = session.scalars(sa.select(Merge))
        assert (merge.loser["contacted_at"], merge.winner_before) == (_LATER, {})
    database.close()


_AT, _LATER = "2026-11-01 09:00:00+00:00", "2026-11-02 09:00:00.500000+00:00"
_GONE = {"steps": [{"id": 12}], "created_at": _AT, "uncontacted_since": _LATER}
_VALUES = {"at": _AT, "later": _LATER, "yes": True, "gone": json.dumps(_GONE), "moved": '{"step": [11]}'}
_STEP = (
    "INSERT INTO lead_stage_change (lead_id, from_stage, to_stage, at, reason)"
    " VALUES (7, 'lead', 'lost', :at, '')"
)
_OF_THE_FOURTH = [
    (
        "INSERT INTO staff_member (id, email, name, role, password_hash, active, created_at)"
        " VALUES (1, 'a@b.example', 'Ada', 'admin', '', :yes, :at)"
    ),
    (
        "INSERT INTO lead (id, first_name, last_name, sort_name, name_typed, notes, stage, source, created_at,"
        " stage_changed_at, uncontacted_since, changed_at, lost_reason)"
        " VALUES (7, '', '', '', :yes, '', 'lost', 'website', :at, :at, :at, :at, ''),"
        " (8, '', '', '', :yes, '', 'lead', 'website', :at, :at, :later, :at, '')"
    ),
    (
        "INSERT INTO lead_stage_change (id, lead_id, from_stage, to_stage, at, reason)"
        " VALUES (3, 7, 'lead', 'lost', :at, '')"
    ),
    (
        "INSERT INTO merge (id, kind, kept_id, gone_id, gone, kept_before, kept_after, moved, at, staff_id)"
        " VALUES (1, 'lead_into_patient', 1, 2, :gone, '{}', '{}', :moved, :at, 1)"
    ),
]


def test_replies_that_were_written_in_another_tool_say_so(empty_url: str) -> None:
    messages = (
        "INSERT INTO message (id, conversation_id, account_id, author, staff_id, body, at, arrived_at, notice, override,"
        " error_code, problem, attempts, settled)"
        " VALUES (1, 1, 1, 'patient', NULL, '', :at, :at, '', :no, '', '', 0, :no),"
        " (2, 1, 1, 'staff', 1, '', :at, :at, '', :no, '', '', 0, :no),"
        " (3, 1, 1, 'staff', NULL, '', :later, :at, '', :no, '', '', 0, :yes)"
    )
    with_reply = "UPDATE conversation SET preview_author = 'staff'"
    first_version = {"at": _AT, "yes": True, "no": False}
    database = Database(empty_url)
    schema.migrate(database, "0001")
    _run(database, _FIRST_VERSION, first_version)
    schema.migrate(database, "0005")
    _run(database, [messages, with_reply], first_version | {"later": _LATER})
    schema.migrate(database)
    with database.reading() as session:
        authors = session.scalars(sa.select(Message.author).order_by(Message.id)).all()
        assert authors == [Author.PATIENT, Author.STAFF, Author.OTHER_TOOL]
        assert session.scalars(sa.select(Conversation.preview_author)).all() == [Author.OTHER_TOOL]
    database.close()


def test_names_and_texts_of_other_alphabets_are_found_by_latin_letters_afterwards(empty_url: str) -> None:
    values = _VALUES | {"no": False, "gone": json.dumps(_MERGED)}
    database = _brought_up_from(empty_url, "0005", _OF_THE_FIFTH, values)
    with database.engine.connect() as connection:
        people = "SELECT sort_name FROM lead UNION ALL SELECT sort_name FROM patient"
        assert connection.execute(sa.text(people)).scalars().all() == ["shchukina olga", "nowak ada"]
    with database.reading() as session:
        for owner in ("lead", "conversation", "message"):
            by_words = search.Index(f"{owner}_search", f"{owner}_id").matches(session, ["olga"])
            assert session.execute(by_words).all() == [(7,)]
        [merge] = session.scalars(sa.select(Merge))
        assert merge.loser["sort_name"] == "shchukina olga"
    database.close()


_MERGED = {"first_name": "Ольга", "last_name": "Щукина", "sort_name": "щукина ольга"}
_OF_THE_FIFTH = [
    _OF_THE_FOURTH[0],  # a staff member
    (
        "INSERT INTO lead (id, first_name, last_name, sort_name, name_typed, notes, stage, source, created_at,"
        " stage_changed_at, changed_at, lost_reason)"
        " VALUES (7, 'Ольга', 'Щукина', 'щукина ольга', :yes, '', 'lead', 'website', :at, :at, :at, '')"
    ),
    (
        "INSERT INTO patient (id, first_name, last_name, sort_name, notes, created_at, changed_at,"
        " first_appointment_note) VALUES (1, 'Ada', 'Nowak', 'nowak ada', '', :at, :at, '')"
    ),
    (
        "INSERT INTO channel_account (id, channel, external_id, label, colour, fields, sealed, created_at, health,"
        " last_error, failures, fetched_until, send_error, send_failures, history, history_done)"
        " VALUES (1, 'whatsapp', 'x', 'Desk', 'teal', '{}', '', :at, 'ok', '', 0, :at, '', 0, 'none', 0)"
    ),
    (
        "INSERT INTO identity (id, account_id, external_id, profile_name, lead_id, not_a_lead)"
        " VALUES (1, 1, 'y', '', 7, :no)"
    ),
    (
        "INSERT INTO conversation (id, identity_id, account_id, status, priority, ai_enabled, created_at, name,"
        " message_count, inbound_count, failed_count, preview, preview_author, last_message_at, changed_at)"
        " VALUES (7, 1, 1, 'active', 'medium', :yes, :at, 'Ольга Щукина', 1, 1, 0, '', 'patient', :at, :at)"
    ),
    (
        "INSERT INTO message (id, conversation_id, account_id, author, body, at, arrived_at, notice, override,"
        " error_code, problem, attempts, settled)"
        " VALUES (7, 7, 1, 'patient', 'Здесь Ольга', :at, :at, '', :no, '', '', 0, :no)"
    ),
    (
        "INSERT INTO merge (id, kind, kept_id, gone_id, gone, kept_before, kept_after, moved, at, staff_id)"
        " VALUES (1, 'leads', 7, 8, :gone, '{}', '{}', '{}', :at, 1)"
    ),
]


@pytest.mark.slow
def test_two_processes_that_start_together_both_find_it_ready(empty_url: str) -> None:
    starts = [get_context("forkserver").Process(target=migrate, args=(empty_url,)) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(60)
    assert [start.exitcode for start in starts] == [0, 0]
    database = Database(empty_url)
    assert schema.is_current(database)
    database.close()


def test_a_newer_schema_is_refused_in_words_and_left_alone(empty_url: str) -> None:
    database = Database(empty_url)
    schema.migrate(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="made by a newer version"):
        schema.migrate(database)
    assert not schema.is_current(database)
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
    database.close()
