"""A lead becomes a patient: once, with everything, and never a second record of one person unseen."""

import sqlalchemy as sa

from genko.access.models import AuditEntry
from genko.errors import NotAllowed, NotFound, Refused
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange
from genko.messages import inbox
from genko.messages.inbox import InboxFilter
from genko.messages.models import Identity, Touch
from genko.patients import search
from genko.patients.models import Patient
from genko.patients.records import get_patient
from genko.people import conversion
from genko.people.conversion import Converted
from tests.factories import Clinic
from tests.people.records import lead, patient, step, talking, touch
from tests.steps import T0, Travel, at_once, conversation, everything, refused


def convert(clinic: Clinic, lead_id: int, by: int | None = None, **more) -> Converted:
    with clinic.database.transaction() as session:
        return conversion.convert(session, lead_id, by=by or clinic.maria, **more)


def obstacle(clinic: Clinic, lead_id: int) -> str:
    with clinic.database.reading() as session:
        return conversion.obstacle(session, lead_id)


def test_the_patient_gets_everything_that_the_lead_had(clinic: Clinic, travel: Travel) -> None:
    travel.stop(T0)
    number = lead(
        clinic,
        phone="+4915112345678",
        email="ana@example.org",
        notes="Afraid of needles",
        tags=("implant", "vip"),
    )
    chat = talking(clinic, "whatsapp:+4915112345678", lead_id=number)
    touch(clinic, "Rang her", lead_id=number)
    step(clinic, number, LeadStage.PROSPECT)
    travel.forward(days=2)

    made = convert(clinic, number)
    assert not made.already
    with clinic.database.reading() as session:
        kept = get_patient(session, made.patient_id)
        found = search.find_page(session, "0151 123")
    assert (kept.name, kept.phone, kept.email) == ("Ana Díaz", "+4915112345678", "ana@example.org")
    assert kept.tags == ("implant", "vip")
    assert kept.notes == (
        "Afraid of needles\n"
        "Lead from a referral since 2 March 2026: Lead, Prospect (2 March 2026), Converted (4 March 2026)."
    )
    assert [row.id for row in found.rows] == [made.patient_id]
    [noted] = everything(clinic.database, Touch)
    assert (noted.patient_id, noted.lead_id) == (made.patient_id, None)
    [address] = everything(clinic.database, Identity)
    assert (address.patient_id, address.lead_id) == (made.patient_id, number)
    assert conversation(clinic, chat).name == "Ana Díaz"


def test_the_lead_stays_and_says_who_converted_it_and_when(clinic: Clinic, travel: Travel) -> None:
    travel.stop(T0)
    number = lead(clinic, phone="+4915112345678")
    made = convert(clinic, number)
    [stays] = everything(clinic.database, Lead)
    assert (stays.stage, stays.patient_id) == (LeadStage.CONVERTED, made.patient_id)
    assert (stays.converted_at, stays.converted_by, stays.stage_changed_at) == (T0, clinic.maria, T0)
    [last] = everything(clinic.database, LeadStageChange)
    assert (last.from_stage, last.to_stage, last.staff_id) == (
        LeadStage.LEAD,
        LeadStage.CONVERTED,
        clinic.maria,
    )
    assert obstacle(clinic, number) == "Already converted by Maria on 2 March at 10:00."
    travel.forward(days=400)
    assert obstacle(clinic, number) == "Already converted by Maria on 2 March 2026 at 10:00."
    assert [one.action for one in everything(clinic.database, AuditEntry)].count("lead:convert") == 1


def test_converting_says_which_field_is_missing(clinic: Clinic) -> None:
    nobody, unnamed, silent = lead(clinic, "", ""), lead(clinic, "", "", phone="+4930901820"), lead(clinic)
    assert obstacle(clinic, nobody) == "Add a name and a phone number first."
    assert obstacle(clinic, unnamed) == ""  # the dialog asks for one
    assert refused(lambda: convert(clinic, unnamed), Refused) == "Add a name first."
    assert obstacle(clinic, silent) == "Add a phone number first."
    assert refused(lambda: convert(clinic, silent), Refused) == "Add a phone number first."
    talking(clinic, "instagram:77", lead_id=silent)
    assert obstacle(clinic, silent) == ""
    assert convert(clinic, silent).patient_id
    assert everything(clinic.database, Patient)[0].phone is None


def test_a_lead_without_a_name_is_named_as_it_is_converted(clinic: Clinic) -> None:
    number = lead(clinic, "", "", phone="+4930901820")
    assert refused(lambda: convert(clinic, number, first_name="x" * 121), Refused).startswith(
        "A name has at most"
    )
    made = convert(clinic, number, first_name=" Ana ", last_name="Díaz")
    [stays] = everything(clinic.database, Lead)
    with clinic.database.reading() as session:
        kept = get_patient(session, made.patient_id)
        found = search.find_page(session, "diaz")
    assert (stays.name, kept.name, [row.id for row in found.rows]) == (
        "Ana Díaz",
        "Ana Díaz",
        [made.patient_id],
    )
    other = lead(clinic, "", "", phone="+4930901821")
    assert convert(clinic, other, into=made.patient_id).patient_id == made.patient_id  # has a name already


def test_a_lost_lead_may_come_back_as_a_patient(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820", stage=LeadStage.LOST, lost_reason="Too far")
    assert not convert(clinic, number).already


def test_twenty_people_who_convert_a_lead_at_once_make_one_patient(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820")
    talking(clinic, "whatsapp:+4930901820", lead_id=number)
    results = at_once(*[lambda: convert(clinic, number)] * 20)
    [only] = everything(clinic.database, Patient)
    assert {one.patient_id for one in results} == {only.id}
    assert sorted(one.already for one in results) == [False] + [True] * 19
    assert len(everything(clinic.database, LeadStageChange)) == 1
    assert convert(clinic, number) == Converted(only.id, already=True)


def test_two_leads_of_one_phone_at_once_do_not_become_two_patients_unseen(clinic: Clinic) -> None:
    first, second = lead(clinic, phone="+5511987654321"), lead(clinic, phone="+551187654321")

    def one(number: int) -> object:
        try:
            return convert(clinic, number)
        except Refused as error:
            return str(error)

    results = at_once(lambda: one(first), lambda: one(second))
    assert len(everything(clinic.database, Patient)) == 1
    assert sorted(isinstance(one, str) for one in results) == [False, True]


def test_a_patient_of_that_phone_or_email_is_shown_first(clinic: Clinic) -> None:
    ana = patient(clinic, phone_number="+55 11 98765-4321", notes="Since 2019", tags=["vip"])
    bea = patient(clinic, "Bea", email="Ana@example.org")
    empty = patient(clinic, "Empty")
    number = lead(clinic, phone="+551187654321", email="ana@example.org", notes="New crown", tags=("crown",))
    with clinic.database.reading() as session:
        assert [one.id for one in conversion.find_same_patients(session, number)] == [ana, bea]
    assert "exists already" in refused(lambda: convert(clinic, number), Refused)
    assert "exists already" in refused(lambda: convert(clinic, number, declined=[bea]), Refused)
    assert len(everything(clinic.database, Patient)) == 3
    assert convert(clinic, number, into=ana).patient_id == ana
    with clinic.database.reading() as session:
        kept = get_patient(session, ana)
    assert kept.phone == "+5511987654321"
    assert kept.email == "ana@example.org"
    assert kept.tags == ("crown", "vip")
    assert kept.notes.startswith("Since 2019\nNew crown\nLead from a referral")
    assert refused(lambda: convert(clinic, number, into=bea), Refused).startswith(
        "Already converted by Maria"
    )
    assert convert(clinic, number, into=ana).already
    assert empty


def test_somebody_else_of_the_same_phone_may_become_a_patient_of_their_own(clinic: Clinic) -> None:
    mother = patient(clinic, phone_number="030 901820")
    number = lead(clinic, "Her", "Son", phone="+4930901820")
    assert convert(clinic, number, declined=[mother]).patient_id != mother


def test_empty_phones_and_emails_match_nobody(clinic: Clinic) -> None:
    patient(clinic, "Without", "Anything")
    number = lead(clinic)
    talking(clinic, "instagram:77", lead_id=number)
    with clinic.database.reading() as session:
        assert conversion.find_same_patients(session, number) == []
    assert not convert(clinic, number).already


def test_converting_is_refused_for_a_deleted_patient_and_by_a_viewer(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820")
    assert (
        refused(lambda: convert(clinic, number, into=99), NotFound) == "This patient does not exist any more."
    )
    refused(lambda: convert(clinic, number, by=clinic.vic), NotAllowed)
    refused(lambda: convert(clinic, 99), NotFound)
    assert everything(clinic.database, Lead)[0].stage is LeadStage.LEAD


def test_a_message_from_another_spelling_of_a_converted_lead_s_phone_goes_to_the_patient(
    clinic: Clinic,
) -> None:
    from tests.steps import event, receive

    number = lead(clinic, phone="+5511987654321", source=LeadSource.WHATSAPP)
    made = convert(clinic, number)
    with clinic.database.transaction() as session:
        session.execute(sa.update(Patient).values(phone=None))
    receive(clinic, event("1", person="whatsapp:+551187654321"))
    [address] = everything(clinic.database, Identity)
    assert (address.patient_id, address.lead_id) == (made.patient_id, number)


def test_after_converting_the_conversation_is_found_by_the_patient_s_name(clinic: Clinic) -> None:
    number = lead(clinic, "Käthe", "Müller", phone="+4930901820")
    talking(clinic, "whatsapp:+4930901820", lead_id=number)
    convert(clinic, number)
    with clinic.database.reading() as session:
        page = inbox.find_page(session, InboxFilter(search="mueller"), by=clinic.maria, at=T0)
    assert [row.name for row in page.rows] == ["Käthe Müller"]
