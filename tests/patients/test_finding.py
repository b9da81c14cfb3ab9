"""Patients are found as people spell them, a page at a time; who has the same phone or email is known."""

from datetime import datetime

import pytest

from genko.errors import Refused
from genko.leads.models import LeadStage
from genko.messages import same_person
from genko.patients import records, search, tags
from genko.patients.records import PatientFields
from genko.people import conversion, edit_records, merging, profile
from tests.factories import Clinic
from tests.people.records import lead, patient, step, talking, touch
from tests.steps import T0, conversation, refused


def found(clinic: Clinic, typed: str) -> list[str]:
    with clinic.database.reading() as session:
        return [row.name for row in search.find_page(session, typed).rows]


def change(clinic: Clinic, number: int, *given: str, seen: datetime | None = None, **more: object) -> None:
    fields = PatientFields(*given, **more)
    with clinic.database.transaction() as session:
        edit_records.edit_patient(session, number, fields, by=clinic.maria, region="DE", seen=seen)


def test_by_name_email_and_phone_in_any_spelling(clinic: Clinic) -> None:
    patient(clinic, "Käthe", "Krämer", phone_number="0151 12345678", email="k@example.org")
    patient(clinic, "Ben", "Weiß")
    for typed in ("Kraemer", "kramer", "KÄTHE", "k@example.org", "0151 123", "+49 (0)151 12345678", "345678"):
        assert found(clinic, typed) == ["Käthe Krämer"], typed
    assert found(clinic, "") == found(clinic, " ") == ["Käthe Krämer", "Ben Weiß"]
    assert found(clinic, "nobody") == found(clinic, "@@") == []


def test_a_page_at_a_time_with_the_true_count(clinic: Clinic) -> None:
    for number in range(5):
        patient(clinic, f"P{number}", "Same")
    with clinic.database.reading() as session:
        page = search.find_page(session, "same", page=2, size=2)
        last = search.find_page(session, "same", page=7, size=2)
        nobody = search.find_page(session, "nobody", page=7, size=2)
    assert ([row.name for row in page.rows], page.total, page.page) == (["P2 Same", "P3 Same"], 5, 2)
    assert ([row.name for row in last.rows], last.page, last.pages) == (["P4 Same"], 3, 3)
    assert (nobody.rows, nobody.page) == ([], 1)


def test_an_edit_is_found_and_shown_in_conversations(clinic: Clinic) -> None:
    number = patient(clinic, "Ana", "Dias", tags=["vip"])
    chat = talking(clinic, "instagram:77", patient_id=number)
    change(
        clinic,
        number,
        "Ana",
        "Díaz",
        tags=[" Implant ", "implant, Recall\x00", "a" * 40],
        first_appointment_at=T0,
    )
    assert (found(clinic, "diaz"), conversation(clinic, chat).name) == (["Ana Díaz"], "Ana Díaz")
    with clinic.database.reading() as session:
        kept = records.get_patient(session, number)
    assert (kept.tags, kept.first_appointment_at) == (("a" * 40, "implant", "recall"), T0)


def test_what_a_colleague_has_saved_meanwhile_is_not_overwritten(clinic: Clinic) -> None:
    number = patient(clinic, "Ana", "Díaz")
    came = lead(clinic, "Ana", phone="+4930901820", notes="Allergy")
    with clinic.database.reading() as session:
        seen = records.get_patient(session, number).changed_at
    with clinic.database.transaction() as session:
        conversion.convert(session, came, by=clinic.maria, into=number)
    assert "Somebody else" in refused(lambda: change(clinic, number, "Ana", seen=seen), Refused)
    with clinic.database.reading() as session:
        kept = records.get_patient(session, number)
    assert (kept.phone, kept.notes.partition("\n")[0]) == ("+4930901820", "Allergy")
    change(clinic, number, "Anna", seen=kept.changed_at)
    assert found(clinic, "anna") == ["Anna"]


@pytest.mark.parametrize("more", [{"email": "no address"}, {"phone_number": "12"}, {"tags": ["x" * 41]}])
def test_what_is_no_address_is_refused(clinic: Clinic, more: dict) -> None:
    number = patient(clinic)
    refused(lambda: change(clinic, number, "Ana", **more), Refused)


def test_the_same_phone_in_another_spelling_or_the_same_email_is_seen(clinic: Clinic) -> None:
    ana = patient(clinic, phone_number="+55 11 98765-4321")
    bea = patient(clinic, "Bea", email="b@example.org")
    patient(clinic, "Nobody")
    with clinic.database.reading() as session:
        assert [one.id for one in same_person.find_patients(session, "+551187654321", "b@example.org")] == [
            ana,
            bea,
        ]
        assert same_person.find_patients(session, "+551187654321", None, but=ana) == []
        assert same_person.find_patients(session, None, None) == []
        assert tags.PATIENTS.of(session, [ana]) == {}


def test_a_profile_has_everything_of_one_person(clinic: Clinic) -> None:
    number, other = lead(clinic, phone="+4930901820"), lead(clinic, "Anna")
    chat = talking(clinic, "whatsapp:+4930901820", lead_id=number)
    step(clinic, number, LeadStage.PROSPECT)
    with clinic.database.transaction() as session:
        made = conversion.convert(session, number, by=clinic.maria).patient_id
        merging.merge_lead_into_patient(session, made, other, {}, by=clinic.maria)
    touch(clinic, "Rang", patient_id=made)
    with clinic.database.reading() as session:
        seen = profile.read_profile(session, made)
    assert [(one.conversation_id, one.account) for one in seen.addresses] == [(chat, "Front desk")]
    assert [one.stage for one in seen.leads[0].steps] == [
        LeadStage.LEAD,
        LeadStage.PROSPECT,
        LeadStage.CONVERTED,
    ]
    assert [(one.loser_name, one.by_name) for one in seen.merges] == [("Anna Díaz", "Maria")]
    assert [one.note for one in seen.touches] == ["Rang"]
