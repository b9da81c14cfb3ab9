from datetime import timedelta

import pytest
import sqlalchemy as sa

from genko import clock
from genko.access import sessions, staff
from genko.access.models import Role, StaffSession
from genko.access.page_identity import visit
from tests.access.people import PASSWORD, colleague, first_admin

IDLE = timedelta(minutes=30)


@pytest.fixture
def ada(database):
    return first_admin(database)


@pytest.fixture
def token(database, ada, time):
    return begin(database, ada)


def begin(database, staff_id):
    with database.transaction() as session:
        return sessions.begin(session, staff_id, address="192.0.2.7")


def who(database, token):
    with database.reading() as session:
        return sessions.who(session, token, now=clock.now(), idle=IDLE)


def act(database, verb, *args, **kwargs):
    with database.transaction() as session:
        verb(session, *args, **kwargs)


def last_seen(database):
    with database.reading() as session:
        return session.scalars(sa.select(StaffSession.last_seen_at)).one()


def test_a_token_says_who_is_there(database, ada, token):
    visitor = who(database, token)
    assert (visitor.staff_id, visitor.name, visitor.role) == (ada, "Ada", Role.ADMIN)
    assert who(database, token[:-1]) is None
    assert who(database, sessions.token_hash(token)) is None
    assert who(database, "") is None


def test_a_session_ends_after_inactivity(database, token, time):
    time.pass_(minutes=29)
    assert who(database, token)
    time.pass_(minutes=1)
    assert who(database, token) is None


def test_use_keeps_a_session_alive_and_is_written_once_a_minute(database, token, settings, time):
    begun = time.now()
    time.pass_(seconds=59)
    visit(token, database, settings, counts=True)
    assert last_seen(database) == begun
    time.pass_(seconds=1)
    visit(token, database, settings, counts=True)
    assert last_seen(database) == time.now()
    time.pass_(minutes=29)
    assert visit(token, database, settings, counts=True)
    time.pass_(minutes=29)
    assert who(database, token)


def test_a_timer_does_not_keep_a_session_alive(database, token, settings, time):
    for _ in range(3):
        time.pass_(minutes=9)
        assert visit(token, database, settings, counts=False)
    time.pass_(minutes=3)
    assert visit(token, database, settings, counts=True) is None


def test_signing_out_ends_ones_own_session_only(database, ada, token):
    maria = colleague(database, by=ada)
    session_id = who(database, token).session_id
    act(database, sessions.sign_out, session_id, by=maria)
    assert who(database, token)
    act(database, sessions.sign_out, session_id, by=ada)
    assert who(database, token) is None


def test_a_revoked_session_does_not_come_back(database, ada, token):
    session_id = who(database, token).session_id
    act(database, sessions.revoke, session_id, by=ada)
    act(database, sessions.touch, session_id, clock.now() + timedelta(minutes=5))
    assert who(database, token) is None


def test_roles_and_leaving_act_at_once(database, ada, token):
    maria = colleague(database, by=ada)
    hers = begin(database, maria)
    act(database, staff.change_role, maria, Role.VIEWER, by=ada)
    assert who(database, hers).role is Role.VIEWER
    act(database, staff.deactivate, maria, by=ada)
    assert who(database, hers) is None
    act(database, staff.reactivate, maria, by=ada)
    assert who(database, hers) is None


def test_a_new_password_ends_every_other_session(database, ada, token):
    elsewhere = begin(database, ada)
    mine = who(database, token).session_id
    staff.change_password(database, ada, by=ada, new="another password", current=PASSWORD, keep=mine)
    assert who(database, token)
    assert who(database, elsewhere) is None


def test_signing_out_everywhere(database, ada, token):
    elsewhere = begin(database, ada)
    act(database, sessions.revoke_all, ada, by=ada)
    assert who(database, token) is None
    assert who(database, elsewhere) is None


def test_administrators_see_all_sessions_others_their_own(database, ada, token):
    maria = colleague(database, by=ada)
    begin(database, maria)
    with database.reading() as session:
        assert len(sessions.find_sessions(session, by=ada, idle=IDLE)) == 2
        assert [s.name for s in sessions.find_sessions(session, by=maria, idle=IDLE)] == ["Maria"]


def test_sessions_that_ended_long_ago_are_forgotten(database, ada, token, time):
    idle_one, left = token, begin(database, ada)
    act(database, sessions.sign_out, 2, by=ada)
    time.pass_(days=31)
    fresh = begin(database, ada)
    act(database, sessions.sign_out, 3, by=ada)
    current = begin(database, ada)
    act(database, sessions.forget_ended, clock.now() - timedelta(days=30), idle=IDLE)
    with database.reading() as session:
        kept = set(session.scalars(sa.select(StaffSession.token_hash)))
    assert kept == {sessions.token_hash(fresh), sessions.token_hash(current)}
    assert not who(database, idle_one)
    assert not who(database, left)
    assert who(database, current)
