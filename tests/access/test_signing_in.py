from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Event
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from genko import clock
from genko.access import passwords, sessions, sign_in, staff, throttle
from genko.access.models import AuditEntry, SignInFailure, StaffMember, StaffSession
from tests.access.people import ADA, MARIA, PASSWORD, colleague, first_admin

HERE = "192.0.2.7"


@pytest.fixture
def ada(database):
    return first_admin(database)


def attempt(database, password=PASSWORD, email=ADA, address=HERE):
    return sign_in.sign_in(database, email, password, address=address)


@pytest.fixture
def slow(monkeypatch):
    """Argon2 as on a very slow machine: every check waits until the test has seen enough."""
    begun, end, hasher = Queue(), Event(), passwords._HASHER

    class Slow:
        def verify(self, *given):
            begun.put(given)
            assert end.wait(30)
            return hasher.verify(*given)

        def __getattr__(self, name):
            return getattr(hasher, name)

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    yield SimpleNamespace(begun=begun, end=end)
    end.set()


def audit(database):
    with database.reading() as session:
        return [
            (e.action, e.staff_id, e.detail)
            for e in session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
        ]


def test_the_right_password_gives_a_token_that_is_stored_as_a_hash(database, ada):
    token = attempt(database, email=f" {ADA.upper()}").token
    with database.reading() as session:
        stored = session.scalars(sa.select(StaffSession)).one()
    assert len(token) >= 43
    assert stored.token_hash == sessions.token_hash(token) != token
    assert audit(database)[-1] == ("signed in", ada, HERE)


def test_a_wrong_password_and_an_unknown_account_hear_the_same(database, ada):
    wrong, unknown = attempt(database, "wrong"), attempt(database, email="eve@clinic.example")
    assert wrong == unknown
    assert not wrong.token
    assert ("sign-in failed", None, HERE) in audit(database)


def test_an_unknown_account_costs_as_much_as_a_known_one(database, ada, monkeypatch):
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda _password, stored: checked.append(stored))
    attempt(database, email="eve@clinic.example")
    assert checked == [None]
    assert not passwords.matches("nobody", None)


def test_what_was_typed_as_email_is_kept_nowhere(database, ada):
    attempt(database, email="my-secret-password")
    with database.reading() as session:
        kept = [row.subject for row in session.scalars(sa.select(SignInFailure))] + [str(audit(database))]
    assert not any("my-secret-password" in text for text in kept)


def test_five_wrong_passwords_shut_the_account_for_a_while(database, ada, time):
    for _ in range(5):
        assert "do not match" in attempt(database, "wrong").refusal
        time.pass_(minutes=1)
    assert attempt(database, address="192.0.2.99").refusal == (
        "Too many wrong passwords. Wait 10 minutes and try again."
    )
    time.pass_(minutes=9, seconds=30)
    assert "Wait 1 minute and" in attempt(database).refusal
    time.pass_(minutes=1)
    assert attempt(database).token


def test_a_refused_try_does_not_lengthen_the_wait(database, ada, time):
    for _ in range(5):
        attempt(database, "wrong")
    for _ in range(50):
        attempt(database, "wrong")
    time.pass_(minutes=16)
    assert attempt(database).token


def test_an_unknown_account_is_shut_just_the_same(database, ada, time):
    for _ in range(5):
        attempt(database, email="eve@clinic.example")
    assert "Too many" in attempt(database, email="eve@clinic.example").refusal


def test_twenty_failures_shut_an_address_whatever_the_account(database, ada, time):
    for number in range(20):
        attempt(database, email=f"{number}@clinic.example")
    assert "Too many" in attempt(database).refusal
    assert attempt(database, address="198.51.100.1").token


def test_an_ipv6_network_counts_as_one_address(database, ada, time):
    for number in range(20):
        attempt(database, email=f"{number}@clinic.example", address=f"2001:db8::{number + 1:x}")
    assert "Too many" in attempt(database, address="2001:db8::ffff").refusal
    assert attempt(database, address="2001:db8:1::1").token


def test_the_right_password_clears_the_account_and_not_the_address(database, ada, time):
    colleague(database, by=ada)
    for _ in range(4):
        attempt(database, "wrong", email=MARIA)
    assert attempt(database, email=MARIA).token
    for _ in range(4):
        attempt(database, "wrong", email=MARIA)
    assert attempt(database, email=MARIA).token
    for number in range(12):
        attempt(database, email=f"{number}@clinic.example")
    assert "Too many" in attempt(database, email=MARIA).refusal


def test_an_old_hash_is_renewed_on_the_way_in(database, ada, monkeypatch):
    monkeypatch.setattr(passwords, "outdated", lambda _stored: True)
    with database.reading() as session:
        before = session.get(StaffMember, ada).password_hash
    attempt(database)
    with database.reading() as session:
        assert session.get(StaffMember, ada).password_hash != before
    assert attempt(database).token


def test_accents_may_be_typed_on_any_keyboard(database, ada):
    assert passwords.matches("contrasen\u0303a larga", passwords.hashed("contrase\u00f1a larga"))


def test_others_write_while_a_password_is_checked(database, ada, slow):
    with ThreadPoolExecutor() as pool:
        trying = pool.submit(attempt, database)
        slow.begun.get(timeout=30)
        with database.transaction() as session:
            session.get_one(StaffMember, ada).name = "Ada Lovelace"
        assert not trying.done()
        slow.end.set()
        assert trying.result(30).token


def test_others_write_while_a_new_password_is_worked_on(database, ada, slow):
    with ThreadPoolExecutor() as pool:
        changing = pool.submit(
            staff.change_password, database, ada, by=ada, new="a fresh new password", current=PASSWORD
        )
        slow.begun.get(timeout=30)
        with database.transaction() as session:
            session.get_one(StaffMember, ada).name = "Ada Lovelace"
        assert not changing.done()
        slow.end.set()
        changing.result(30)
    assert attempt(database, "a fresh new password").token


def test_guesses_at_the_same_moment_are_counted_before_any_is_answered(database, ada, slow):
    with ThreadPoolExecutor(8) as pool:
        guesses = [pool.submit(attempt, database, "wrong") for _ in range(8)]
        for _ in guesses:
            slow.begun.get(timeout=30)
        slow.end.set()
        heard = [one.result(30).refusal for one in guesses]
    assert sum("do not match" in words for words in heard) == 5
    assert sum("Too many" in words for words in heard) == 3


def test_a_right_guess_among_too_many_is_not_let_in(database, ada, slow):
    with ThreadPoolExecutor() as pool:
        right = pool.submit(attempt, database)
        slow.begun.get(timeout=30)
        with database.transaction() as session:
            for _ in range(5):
                throttle.remember(session, ADA, HERE, clock.now())
        slow.end.set()
        assert "Too many" in right.result(30).refusal


@pytest.mark.parametrize("change", [{"password_hash": "!"}, {"active": False}])
def test_a_password_that_ended_while_it_was_checked_opens_nothing(database, ada, slow, change):
    with ThreadPoolExecutor() as pool:
        trying = pool.submit(attempt, database)
        slow.begun.get(timeout=30)
        with database.transaction() as session:
            session.execute(sa.update(StaffMember).values(**change))
        slow.end.set()
        assert "do not match" in trying.result(30).refusal
