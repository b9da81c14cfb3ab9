import pytest
import sqlalchemy as sa

from genko.access import first_start
from genko.access.clinic import get_clinic
from genko.access.models import Clinic, Role, StaffMember
from genko.access.passwords import PasswordHash
from genko.errors import Refused
from tests.access.people import ADA, FORM, LOOKING, PASSWORD, SMILE, first_admin

FILLED_IN = {
    "name": "Ada", "email": ADA, "password": PASSWORD, "clinic": "Smile",
    "time_zone": "Europe/Madrid", "region": "ES",
}  # fmt: skip
PERSON = {"name": "Ada", "email": ADA, "password_hash": PasswordHash("!"), "clinic": SMILE}


def new_code(database):
    with database.transaction() as session:
        return first_start.new_setup_code(session)


def test_the_code_makes_the_first_administrator(database):
    first_admin(database)
    with database.reading() as session:
        member = session.scalars(sa.select(StaffMember)).one()
        assert (member.role, member.active) == (Role.ADMIN, True)
        assert member.password_hash.startswith("$argon2id$")
        assert get_clinic(session) == SMILE
        assert not first_start.needs_setup(session)


def test_the_code_is_stored_as_a_hash_only(database):
    code = new_code(database)
    with database.reading() as session:
        stored = session.get(Clinic, 1).setup_code_hash
    assert code not in stored
    assert len(stored) == 64


def test_a_code_works_once_and_in_any_spelling(database):
    code = new_code(database)
    with database.transaction() as session:
        first_start.create_first_admin(session, f" {code.lower().replace('-', ' ')}", **PERSON)
    with pytest.raises(Refused), database.transaction() as session:
        first_start.create_first_admin(session, code, **PERSON | {"email": "eve@clinic.example"})


def test_a_newer_code_replaces_the_older(database):
    old = new_code(database)
    new_code(database)
    with pytest.raises(Refused), database.transaction() as session:
        first_start.create_first_admin(session, old, **PERSON)


def test_an_empty_code_opens_nothing_when_none_was_made(database):
    with pytest.raises(Refused), database.transaction() as session:
        first_start.create_first_admin(session, "", **PERSON)


def test_a_weak_password_does_not_use_the_code_up(database, browser):
    form = FILLED_IN | {"code": new_code(database)}
    weak = browser.post("/admin/setup", data=form | {"password": "short"}, headers=FORM)
    assert (weak.status_code, "10 characters" in weak.text) == (422, True)
    assert browser.post("/admin/setup", data=form, headers=FORM).status_code == 303


def test_no_code_is_made_once_somebody_works_here(database):
    first_admin(database)
    with pytest.raises(Refused):
        new_code(database)


def test_a_fresh_server_leads_to_the_setup_page_and_in(database, browser):
    code = new_code(database)
    assert browser.get("/admin/messages", headers=LOOKING).headers["location"] == "/admin/setup"
    assert browser.get("/admin/sign-in").headers["location"] == "/admin/setup"
    wrong = browser.post("/admin/setup", data=FILLED_IN | {"code": "x", "clinic": "<b>S"}, headers=FORM)
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert "&lt;b&gt;S" in wrong.text
    assert PASSWORD not in wrong.text
    done = browser.post("/admin/setup", data=FILLED_IN | {"code": code}, headers=FORM)
    assert (done.status_code, done.headers["location"]) == (303, "/admin/")
    assert browser.get("/admin/").json()["page"] == "Ada"


def test_the_setup_page_asks_where_the_clinic_is(database, browser):
    form = FILLED_IN | {"code": new_code(database)}
    page = browser.get("/admin/setup").text
    assert "<option>Europe/Madrid</option>" in page
    assert "<option>ES</option>" in page
    for wrong in ({"time_zone": ""}, {"time_zone": "Mars/Base"}, {"region": ""}, {"region": "XX"}):
        refused = browser.post("/admin/setup", data=form | wrong, headers=FORM)
        assert (refused.status_code, "from the list" in refused.text) == (422, True)
    assert "<option selected>Europe/Madrid</option>" in refused.text
    assert browser.post("/admin/setup", data=form, headers=FORM).status_code == 303
    with database.reading() as session:
        assert get_clinic(session) == SMILE


def test_the_setup_page_closes_behind_the_first_administrator(database, browser):
    first_admin(database)
    for answer in (browser.get("/admin/setup"), browser.post("/admin/setup", data=FILLED_IN, headers=FORM)):
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/")
