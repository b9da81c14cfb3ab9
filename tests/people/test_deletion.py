"""A deleted lead is gone for good; its conversations are not."""

from functools import partial

import sqlalchemy as sa

from genko.access.models import AuditEntry
from genko.errors import NotAllowed, NotFound
from genko.leads import records
from genko.leads.filters import INDEX
from genko.leads.models import Lead, LeadStage, LeadStageChange, LeadTag
from genko.leads.records import LeadFields
from genko.messages.models import Conversation, Identity, Touch
from genko.patients import search
from genko.patients.models import Patient
from genko.people import conversion, deletion, merging
from genko.people.models import Merge
from tests.factories import Clinic
from tests.people.records import lead, patient, step, talking, touch
from tests.steps import at_once, conversation, event, everything, receive, refused


def delete(clinic: Clinic, lead_id: int, by: int | None = None) -> None:
    with clinic.database.transaction() as session:
        deletion.delete_lead(session, lead_id, by=by or clinic.maria)


def test_a_deleted_lead_leaves_its_conversation_under_the_channel_s_name(clinic: Clinic) -> None:
    number = lead(clinic, tags=("vip",))
    chat = talking(clinic, "instagram:77", lead_id=number)
    touch(clinic, "Rang", lead_id=number)
    step(clinic, number, LeadStage.PROSPECT)
    assert conversation(clinic, chat).name == "Ana Díaz"
    delete(clinic, number)
    for table in (Lead, LeadTag, LeadStageChange, Touch):
        assert everything(clinic.database, table) == []
    assert conversation(clinic, chat).name == "From the channel"
    assert everything(clinic.database, Identity)[0].lead_id is None
    with clinic.database.reading() as session:
        assert session.execute(INDEX.matches(session, ["ana"])).all() == []


def test_deleting_a_lead_deletes_the_data_of_leads_merged_into_it(clinic: Clinic) -> None:
    first, second, kept, other = lead(clinic), lead(clinic), lead(clinic), lead(clinic)
    with clinic.database.transaction() as session:
        merging.merge_leads(session, second, first, {}, by=clinic.maria)
        merging.merge_leads(session, kept, second, {}, by=clinic.maria)
        undone = merging.merge_leads(session, kept, other, {}, by=clinic.maria)
        merging.undo(session, undone, by=clinic.maria)
        assert deletion.takes_more_along(session, [other, kept])
        assert not deletion.takes_more_along(session, [other])
    delete(clinic, kept)
    assert everything(clinic.database, Merge) == []
    assert [one.id for one in everything(clinic.database, Lead)] == [other]


def test_deleting_a_lead_deletes_its_undone_merges_and_keeps_the_merges_of_others(clinic: Clinic) -> None:
    number, kept, other, person = lead(clinic), lead(clinic), lead(clinic), patient(clinic)
    with clinic.database.transaction() as session:
        for verb, into in ((merging.merge_leads, kept), (merging.merge_lead_into_patient, person)):
            merging.undo(session, verb(session, into, number, {}, by=clinic.maria), by=clinic.maria)
        stays = merging.merge_lead_into_patient(session, person, other, {}, by=clinic.maria)
    delete(clinic, number)
    assert [one.id for one in everything(clinic.database, Merge)] == [stays]


def test_deleting_a_lead_twice_is_refused(clinic: Clinic) -> None:
    number = lead(clinic)
    refused(lambda: delete(clinic, number, clinic.vic), NotAllowed)

    def one() -> str:
        try:
            delete(clinic, number)
        except NotFound as error:
            return str(error)
        return ""

    assert sorted(at_once(one, one, one)) == ["", *["This lead has been deleted already."] * 2]


def test_many_leads_are_deleted_together_and_missing_ones_are_skipped(clinic: Clinic) -> None:
    one, two, three = lead(clinic), lead(clinic), lead(clinic)
    delete(clinic, two)
    with clinic.database.transaction() as session:
        assert deletion.delete_leads(session, [three, two, one], by=clinic.maria) == 2
    assert everything(clinic.database, Lead) == []


def test_the_patient_of_a_deleted_lead_keeps_everything(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820")
    chat = talking(clinic, "whatsapp:+4930901820", lead_id=number)
    touch(clinic, "Rang", lead_id=number)
    with clinic.database.transaction() as session:
        made = conversion.convert(session, number, by=clinic.maria)
    delete(clinic, number)
    assert everything(clinic.database, Touch)[0].patient_id == made.patient_id
    assert conversation(clinic, chat).name == "Ana Díaz"


def many(clinic: Clinic, number: int, place: int) -> list[int]:
    """Leads, the first ten of whom talk to us."""
    with clinic.database.transaction() as session:
        ids = records.store(session, [records.new_lead(LeadFields(f"L{one}")) for one in range(number)])
    for one in ids[:10]:
        talking(clinic, f"instagram:{place}.{one}", lead_id=one)
    return ids


def test_hundreds_of_leads_are_deleted_in_as_many_statements_as_ten(clinic: Clinic) -> None:
    asked: list[str] = []
    sa.event.listen(clinic.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for place, number in enumerate((10, 300)):
        ids = many(clinic, number, place)
        asked.clear()
        with clinic.database.transaction() as session:
            assert deletion.delete_leads(session, ids, by=clinic.maria) == number
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert {one.name for one in everything(clinic.database, Conversation)} == {"From the channel"}
    audited = [
        one.subject_id for one in everything(clinic.database, AuditEntry) if one.action == "lead:delete"
    ]
    assert len(set(audited)) == 310


def test_more_leads_are_deleted_than_fit_into_one_statement(clinic: Clinic) -> None:
    ids = many(clinic, 1100, 0)
    with clinic.database.transaction() as session:
        merging.merge_leads(session, ids[-1], ids[0], {}, by=clinic.maria)
        assert deletion.takes_more_along(session, ids)
        assert deletion.delete_leads(session, ids, by=clinic.maria) == 1099
    assert everything(clinic.database, Lead) == everything(clinic.database, Merge) == []


def test_a_deleted_patient_leaves_nothing_but_the_conversations(clinic: Clinic) -> None:
    into, before, other = patient(clinic), patient(clinic, "Ana", "Before"), patient(clinic, "Ben")
    came_from, merged = lead(clinic, phone="+4930901820"), lead(clinic)
    chat = talking(clinic, "whatsapp:+4930901820", lead_id=came_from, phone="+4930901820")
    touch(clinic, "Rang", lead_id=came_from)
    with clinic.database.transaction() as session:
        conversion.convert(session, came_from, by=clinic.maria, into=before)
        merging.merge_lead_into_patient(session, before, merged, {}, by=clinic.maria)
        merging.merge_patients(session, into, before, {}, by=clinic.ada)
    with clinic.database.transaction() as session:
        deletion.delete_patient(session, into, by=clinic.ada)
    assert [one.id for one in everything(clinic.database, Patient)] == [other]
    for table in (Lead, Touch, LeadStageChange, Merge):
        assert everything(clinic.database, table) == []
    assert conversation(clinic, chat).name == "From the channel"
    with clinic.database.reading() as session:
        assert [row.id for row in search.find_page(session, "").rows] == [other]
    receive(clinic, event("SM1", person="whatsapp:+4930901820"))
    assert [one.phone for one in everything(clinic.database, Lead)] == ["+4930901820"]


def test_only_an_administrator_deletes_a_patient_and_only_once(clinic: Clinic) -> None:
    number = patient(clinic)
    for by, error in ((clinic.maria, NotAllowed), (clinic.ada, None), (clinic.ada, NotFound)):
        with clinic.database.transaction() as session:
            work = partial(deletion.delete_patient, session, number, by=by)
            if error:
                refused(work, error)
            else:
                work()
    assert [one.action for one in everything(clinic.database, AuditEntry)].count("patient:delete") == 1
