"""Staff see who writes to us from a phone before they save a lead with it."""

from genko.leads.records import LeadFields
from genko.messages import same_person
from genko.people import conversion
from tests.factories import Clinic
from tests.people.records import lead, patient, talking


def told(clinic: Clinic, fields: LeadFields, lead_id: int | None = None) -> list[tuple[int, str]]:
    with clinic.database.reading() as session:
        return [
            (one.id, one.why) for one in same_person.find_possible_duplicates(session, fields, "DE", lead_id)
        ]


def test_a_person_who_writes_from_a_phone_is_shown_although_the_record_has_another(clinic: Clinic) -> None:
    writer = lead(clinic, phone="+491607654321")
    talking(clinic, "whatsapp:+5511987654321", lead_id=writer, phone="+5511987654321")
    fields = LeadFields(phone_number="+55 11 8765 4321")
    assert told(clinic, fields) == [(writer, "writes from this phone")]
    assert told(clinic, fields, writer) == []
    assert told(clinic, LeadFields(phone_number="0160 7654321")) == [(writer, "same phone")]


def test_a_patient_with_several_addresses_is_shown_once(clinic: Clinic) -> None:
    number = patient(clinic, "Eva", "Roth", phone_number="0160 7654321")
    for address in ("whatsapp:+491607654321", "whatsapp:+4915112345678"):
        talking(clinic, address, patient_id=number, phone=address.removeprefix("whatsapp:"))
    assert told(clinic, LeadFields(phone_number="0160 7654321")) == [(number, "same phone")]
    assert told(clinic, LeadFields(phone_number="0151 12345678")) == [(number, "writes from this phone")]
    assert told(clinic, LeadFields(phone_number="nonsense")) == []


def test_a_patient_is_no_duplicate_of_the_lead_that_became_it(clinic: Clinic) -> None:
    number = lead(clinic, phone="+491607654321")
    with clinic.database.transaction() as session:
        conversion.convert(session, number, by=clinic.maria)
    other = patient(clinic, "Eva", "Roth", phone_number="0160 7654321")
    assert told(clinic, LeadFields("Ana", phone_number="0160 7654321"), number) == [(other, "same phone")]
