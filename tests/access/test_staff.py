import pytest

from genko.access import clinic, passwords, roles, sessions, staff
from genko.access.models import Role, StaffMember
from genko.access.passwords import PasswordHash
from genko.errors import NotAllowed, NotFound, Refused, Taken
from tests.access.people import ADA, MARIA, PASSWORD, VIC, colleague, first_admin

NEW = "a fresh new password"
HASH = PasswordHash("!")


@pytest.fixture
def ada(database):
    return first_admin(database)


@pytest.fixture
def maria(database, ada):
    return colleague(database, by=ada)


def verbs(target):
    return {
        "add": lambda s, by: staff.add_staff(
            s, by=by, name="X", email="x@y.example", role=Role.ADMIN, password_hash=HASH
        ),
        "role": lambda s, by: staff.change_role(s, target, Role.VIEWER, by=by),
        "deactivate": lambda s, by: staff.deactivate(s, target, by=by),
        "reactivate": lambda s, by: staff.reactivate(s, target, by=by),
        "revoke all": lambda s, by: sessions.revoke_all(s, target, by=by),
        "revoke": lambda s, by: sessions.revoke(s, 1, by=by),
        "clinic": lambda s, by: clinic.change_clinic(s, by=by, name="X", time_zone="UTC", region="US"),
    }


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
@pytest.mark.parametrize("verb", verbs(0))
def test_only_administrators_govern(database, ada, role, verb):
    other = colleague(database, by=ada, role=role)
    with pytest.raises(NotAllowed), database.transaction() as session:
        verbs(ada)[verb](session, other)


def test_a_person_who_has_left_may_nothing(database, ada, maria):
    with database.transaction() as session:
        staff.change_role(session, maria, Role.ADMIN, by=ada)
        staff.deactivate(session, maria, by=ada)
    with pytest.raises(NotAllowed), database.reading() as session:
        roles.require(session, maria, Role.VIEWER)


def test_an_email_belongs_to_one_person_however_it_is_written(database, ada, maria):
    with pytest.raises(Taken), database.transaction() as session:
        staff.add_staff(
            session, by=ada, name="M", email=f" {MARIA.upper()} ", role=Role.STAFF, password_hash=HASH
        )


@pytest.mark.parametrize("email", ["", "maria", "a b@c.example", "<x>@y"])
def test_an_email_must_be_one(database, ada, email):
    with pytest.raises(Refused, match="email"), database.transaction() as session:
        staff.add_staff(session, by=ada, name="M", email=email, role=Role.STAFF, password_hash=HASH)


@pytest.mark.parametrize("weak", ["", "123456789", "aaaaaaaaaaaa", VIC, "x" * 500])
def test_a_weak_password_is_refused_in_words(weak):
    with pytest.raises(Refused, match="Choose a password"):
        passwords.chosen(weak, f" {VIC.upper()} ")


def test_the_last_administrator_stays(database, ada, maria):
    for verb in ("role", "deactivate"):
        with pytest.raises(Refused, match="last administrator"), database.transaction() as session:
            verbs(ada)[verb](session, ada)
    with database.transaction() as session:
        staff.change_role(session, maria, Role.ADMIN, by=ada)
        staff.change_role(session, ada, Role.STAFF, by=ada)
    with pytest.raises(Refused, match="last administrator"), database.transaction() as session:
        staff.deactivate(session, maria, by=maria)


def test_somebody_unknown_is_not_found(database, ada):
    with pytest.raises(NotFound), database.transaction() as session:
        staff.change_role(session, 999, Role.STAFF, by=ada)


def test_ones_own_password_needs_the_current_one(database, ada):
    with pytest.raises(Refused, match="current"):
        staff.change_password(database, ada, by=ada, new=NEW, current="wrong")
    with pytest.raises(Refused, match="Choose a password"):
        staff.change_password(database, ada, by=ada, new=ADA, current=PASSWORD)
    staff.change_password(database, ada, by=ada, new=NEW, current=PASSWORD)
    with database.reading() as session:
        assert passwords.matches(NEW, session.get_one(StaffMember, ada).password_hash)


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
def test_only_administrators_change_somebody_elses_password(database, ada, role):
    other = colleague(database, by=ada, role=role)
    with pytest.raises(NotAllowed):
        staff.change_password(database, ada, by=other, new=NEW)
    staff.change_password(database, other, by=ada, new=NEW)
    with database.reading() as session:
        assert passwords.matches(NEW, session.get_one(StaffMember, other).password_hash)


def test_the_list_shows_everyone_those_who_left_last(database, ada, maria):
    with database.transaction() as session:
        staff.deactivate(session, maria, by=ada)
    with database.reading() as session:
        people = staff.find_staff(session)
    assert [(p.email, p.active) for p in people] == [(ADA, True), (MARIA, False)]


def test_the_clinic_takes_real_time_zones_and_countries(database, ada):
    with database.transaction() as session:
        clinic.change_clinic(session, by=ada, name=" Smile  Clinic ", time_zone="Europe/Madrid", region="ES")
        assert clinic.get_clinic(session) == clinic.ClinicInfo("Smile Clinic", "Europe/Madrid", "ES")
    for wrong in ({"time_zone": "Mars/Base"}, {"region": "XX"}, {"name": " "}):
        given = {"name": "S", "time_zone": "UTC", "region": "US"} | wrong
        with pytest.raises(Refused), database.transaction() as session:
            clinic.change_clinic(session, by=ada, **given)
