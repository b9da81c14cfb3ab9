"""Patients' records."""

import pytest

from genko.errors import NotAllowed, NotFound, Refused
from genko.patients import records, search
from tests.factories import Clinic, add_patient


def add(clinic: Clinic, *, by: int | None = None, **given: str) -> int:
    with clinic.database.transaction() as session:
        return add_patient(session, by=by or clinic.maria, region="DE", **given)


def test_a_patient_is_kept_with_phone_and_email_in_one_spelling(clinic: Clinic) -> None:
    number = add(
        clinic, first_name=" Ana ", last_name="Díaz", phone_number="0151 12345678", email=" Ana@Example.ORG "
    )
    with clinic.database.reading() as session:
        kept = records.get_patient(session, number)
        listed = search.find_page(session, "").rows
    assert (kept.name, kept.phone, kept.email) == ("Ana Díaz", "+4915112345678", "ana@example.org")
    assert [one.id for one in listed] == [kept.id]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"first_name": " "},
        {"first_name": "Ana", "phone_number": "1"},
        {"first_name": "A", "phone_number": "x"},
    ],
)
def test_a_patient_needs_a_name_and_a_phone_that_is_one(clinic: Clinic, given: dict) -> None:
    with pytest.raises(Refused):
        add(clinic, **given)


def test_a_viewer_adds_nobody_and_nobody_is_not_found(clinic: Clinic) -> None:
    with pytest.raises(NotAllowed):
        add(clinic, by=clinic.vic, first_name="Ana")
    with clinic.database.reading() as session, pytest.raises(NotFound):
        records.get_patient(session, 1)
