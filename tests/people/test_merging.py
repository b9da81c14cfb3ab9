"""Two records become one and two again, exactly as they were; changes to the winner since stay."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from genko.db import Database
from genko.errors import NotAllowed, NotFound, Refused
from genko.leads import pipeline, tags
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange, LeadTag
from genko.leads.records import LeadFields
from genko.messages.models import Conversation, Identity, Touch
from genko.patients import records
from genko.patients.models import Patient
from genko.patients.person_fields import LONGEST_NOTES
from genko.patients.records import PatientFields
from genko.people import conversion, deletion, display_names, edit_records, link_conversation, merging
from genko.people.merge_choices import FIELDS, NOTES, Side
from genko.people.models import Merge, MergeKind
from tests.factories import Clinic
from tests.people.records import lead, patient, picture, step, talking, touch
from tests.steps import T0, Travel, at_once, conversation, everything, queue, refused

VERBS = {
    MergeKind.LEADS: merging.merge_leads,
    MergeKind.LEAD_INTO_PATIENT: merging.merge_lead_into_patient,
    MergeKind.PATIENTS: merging.merge_patients,
}


def merge(
    clinic: Clinic, kind: MergeKind, winner: int, loser: int, by: int | None = None, **choices: Side
) -> int:
    with clinic.database.transaction() as session:
        return VERBS[kind](session, winner, loser, choices, by=by or clinic.ada)


def undo(clinic: Clinic, merge_id: int, by: int | None = None) -> None:
    with clinic.database.transaction() as session:
        merging.undo(session, merge_id, by=by or clinic.ada)


def get_lead(clinic: Clinic, number: int) -> Lead:
    with clinic.database.reading() as session:
        return session.get_one(Lead, number)


WORDS = st.sampled_from(["", "Ana", "Älva", "O'Neil 🙂"])
PEOPLE = st.fixed_dictionaries(
    {
        "first_name": WORDS,
        "last_name": WORDS,
        "phone": st.sampled_from([None, "+4930901820", "+5511987654321"]),
        "email": st.sampled_from([None, "a@example.org", "b@example.org"]),
        "notes": st.sampled_from(["", "One", "Two\nlines"]),
        "tags": st.sampled_from([(), ("vip",), ("vip", "implant")]),
        "talks": st.integers(0, 2),
        "touches": st.integers(0, 2),
        "steps": st.lists(
            st.sampled_from([LeadStage.PROSPECT, LeadStage.QUALIFIED, LeadStage.LOST]), max_size=2
        ),
        "source": st.sampled_from(LeadSource),
        "accepted": st.booleans(),
    }
)


def make(clinic: Clinic, of: type, given: dict, place: int) -> int:
    whose = "lead_id" if of is Lead else "patient_id"
    if of is Lead:
        number = lead(
            clinic, given["first_name"], given["last_name"], phone=given["phone"], email=given["email"],
            notes=given["notes"], tags=given["tags"], source=given["source"], created_at=T0 + timedelta(days=place),
            accepted_at=T0 if given["accepted"] else None,
        )  # fmt: skip
        for to in given["steps"]:
            step(clinic, number, to)
    else:
        number = patient(
            clinic, given["first_name"] or "A", given["last_name"], phone_number=given["phone"] or "",
            email=given["email"] or "", notes=given["notes"], tags=given["tags"],
            first_appointment_at=T0 if given["accepted"] else None,
        )  # fmt: skip
    for chat in range(given["talks"]):
        talking(clinic, f"{of.__name__}:{place}.{chat}", **{whose: number})
    for one in range(given["touches"]):
        touch(clinic, f"{place}.{one}", **{whose: number})
    return number


def wipe(database: Database) -> None:
    with database.transaction() as session:
        for table in ("conversation_search", "lead_search", "patient_search"):
            session.execute(sa.text(f"DELETE FROM {table}"))
        for table in (Touch, Conversation, Identity, LeadStageChange, Merge, Lead, Patient):
            session.execute(sa.delete(table))


@pytest.mark.property
@pytest.mark.slow
@pytest.mark.parametrize("kind", MergeKind)
def test_undoing_a_merge_restores_both_records_exactly(clinic: Clinic, kind: MergeKind) -> None:
    sides = st.dictionaries(st.sampled_from(list(FIELDS[kind])), st.sampled_from([Side.WINNER, Side.LOSER]))

    @given(PEOPLE, PEOPLE, sides, st.sampled_from(Side))
    def check(ours: dict, theirs: dict, choices: dict, notes: Side) -> None:
        wipe(clinic.database)
        winner = make(clinic, Lead if kind is MergeKind.LEADS else Patient, ours, 1)
        loser = make(clinic, Patient if kind is MergeKind.PATIENTS else Lead, theirs, 2)
        before = picture(clinic.database)
        number = merge(clinic, kind, winner, loser, **choices, **{NOTES: notes})
        merged = picture(clinic.database)
        assert len(merged["identity"]) == len(before["identity"])
        assert len(merged["touch"]) == len(before["touch"])
        assert all(winner in (row[5], row[6]) for row in merged["identity"])
        undo(clinic, number)
        assert picture(clinic.database) == before

    check()


def test_each_field_is_taken_from_the_chosen_record(clinic: Clinic) -> None:
    winner = lead(clinic, "Ana", "Díaz", phone="+4930901820", notes="One", tags=("vip",))
    loser = lead(
        clinic, "Anna", "Dias", email="a@example.org", phone="+4930901821", notes="Two", tags=("implant",),
        stage=LeadStage.QUALIFIED, source=LeadSource.WEBSITE,
    )  # fmt: skip
    chat = talking(clinic, "instagram:77", lead_id=loser)
    merge(clinic, MergeKind.LEADS, winner, loser, by=clinic.maria, name=Side.LOSER, stage=Side.LOSER)
    [one] = everything(clinic.database, Lead)
    assert (one.id, one.name, one.phone, one.email) == (winner, "Anna Dias", "+4930901820", "a@example.org")
    assert (one.notes, one.stage, one.source) == ("One\nTwo", LeadStage.QUALIFIED, LeadSource.REFERRAL)
    assert [tag.name for tag in everything(clinic.database, LeadTag)] == ["implant", "vip"]
    assert conversation(clinic, chat).name == "Anna Dias"


@pytest.mark.parametrize(("side", "stage"), [(Side.WINNER, LeadStage.LEAD), (Side.LOSER, LeadStage.LOST)])
def test_the_history_ends_in_the_stage_that_was_chosen(clinic: Clinic, side: Side, stage: LeadStage) -> None:
    winner = lead(clinic)
    loser = lead(clinic, "Anna", stage=LeadStage.LOST, lost_reason="Too far")
    step(clinic, loser, LeadStage.QUALIFIED)
    with clinic.database.transaction() as session:
        session.get_one(Lead, loser).stage = LeadStage.LOST
    before = picture(clinic.database)
    number = merge(clinic, MergeKind.LEADS, winner, loser, by=clinic.maria, stage=side)
    with clinic.database.reading() as session:
        *_, last = pipeline.find_steps(session, winner)
    assert (last.stage, last.by) == (stage, "Maria")
    assert last.reason == ("Too far" if stage is LeadStage.LOST else "")
    undo(clinic, number)
    assert picture(clinic.database) == before


def test_edits_and_additions_since_the_merge_stay_with_the_winner(clinic: Clinic) -> None:
    winner = lead(clinic, "Ana", "", notes="One", tags=("vip",))
    loser = lead(clinic, "Anna", "Dias", email="a@example.org", notes="Two", tags=("implant",))
    number = merge(clinic, MergeKind.LEADS, winner, loser, name=Side.LOSER)
    with clinic.database.transaction() as session:
        one = session.get_one(Lead, winner)
        one.notes = "One\nTwo\nThree"
        session.add(LeadTag(lead_id=winner, name="new"))
        display_names.follow(session, one)
    touch(clinic, "Since", lead_id=winner)
    undo(clinic, number)
    ours, theirs = everything(clinic.database, Lead)
    assert (ours.name, ours.email, ours.notes) == ("Ana", None, "One\nTwo\nThree")
    assert (theirs.name, theirs.email, theirs.notes) == ("Anna Dias", "a@example.org", "Two")
    assert [(tag.lead_id, tag.name) for tag in everything(clinic.database, LeadTag)] == [
        (winner, "new"), (winner, "vip"), (loser, "implant"),
    ]  # fmt: skip
    assert [one.lead_id for one in everything(clinic.database, Touch)] == [winner]


def test_a_merge_of_a_lead_that_was_converted_since_cannot_be_undone(clinic: Clinic) -> None:
    winner, loser = (
        lead(clinic, "Kim", ""),
        lead(clinic, "Gil", "", phone="+4930901820", notes="Gil's", tags=("gil",)),
    )
    talking(clinic, "instagram:77", lead_id=loser)
    number = merge(clinic, MergeKind.LEADS, winner, loser)
    with clinic.database.transaction() as session:
        conversion.convert(session, winner, by=clinic.maria)
    before = picture(clinic.database)
    assert "has become a patient since" in refused(lambda: undo(clinic, number), Refused)
    assert picture(clinic.database) == before


@pytest.mark.parametrize("kind", MergeKind)
def test_notes_that_a_merge_makes_long_are_never_cut(clinic: Clinic, kind: MergeKind) -> None:
    ours, theirs = "a" * LONGEST_NOTES, "b" * LONGEST_NOTES
    of_lead = kind is MergeKind.LEADS
    winner = lead(clinic, notes=ours) if of_lead else patient(clinic, notes=ours)
    loser = patient(clinic, notes=theirs) if kind is MergeKind.PATIENTS else lead(clinic, notes=theirs)
    merge(clinic, kind, winner, loser)
    [person] = everything(clinic.database, Lead if of_lead else Patient)
    assert person.notes.startswith(f"{ours}\n{theirs}")

    def edit(notes: str) -> None:
        with clinic.database.transaction() as session:
            if of_lead:
                fields = LeadFields("Eva", source=LeadSource.INSTAGRAM, notes=notes)
                edit_records.edit_lead(session, winner, fields, by=clinic.maria)
            else:
                patients = PatientFields("Eva", notes=notes)
                edit_records.edit_patient(session, winner, patients, by=clinic.maria, region="DE")

    longest = len(person.notes)
    said = f"Notes have at most {longest:,} characters; these have {longest + 1:,}."
    assert refused(lambda: edit(person.notes + "!"), Refused) == said
    for notes in (person.notes, person.notes[:-1]):
        edit(notes)
        [now] = everything(clinic.database, type(person))
        assert (now.first_name, now.notes) == ("Eva", notes)


def test_the_tags_of_both_are_kept_and_only_a_new_one_is_too_many(clinic: Clinic) -> None:
    ours, theirs = ([f"{letter}{number:02}" for number in range(tags.MOST)] for letter in "ab")
    winner, loser = lead(clinic, tags=ours), lead(clinic, tags=theirs)
    number = merge(clinic, MergeKind.LEADS, winner, loser)

    def edit(labels: list[str]) -> None:
        with clinic.database.transaction() as session:
            fields = LeadFields("Eva", source=LeadSource.INSTAGRAM, tags=tuple(labels))
            edit_records.edit_lead(session, winner, fields, by=clinic.maria)

    edit(ours + theirs[1:])
    assert [tag.name for tag in everything(clinic.database, LeadTag)] == ours + theirs[1:]
    assert refused(lambda: edit([*ours, "new"]), Refused) == "A lead has at most 20 tags."
    undo(clinic, number)
    assert len(everything(clinic.database, LeadTag)) == 2 * tags.MOST


def test_patients_take_their_leads_along(clinic: Clinic) -> None:
    number = lead(clinic, phone="+4930901820")
    with clinic.database.transaction() as session:
        loser = conversion.convert(session, number, by=clinic.maria).patient_id
    winner = patient(clinic, "Anna")
    merged = merge(clinic, MergeKind.PATIENTS, winner, loser)
    assert get_lead(clinic, number).patient_id == winner
    undo(clinic, merged)
    assert get_lead(clinic, number).patient_id == loser


@pytest.mark.slow
def test_twenty_people_at_once_merge_once_and_undo_once(clinic: Clinic) -> None:
    winner, loser = lead(clinic), lead(clinic, "Anna")
    talking(clinic, "instagram:77", lead_id=loser)
    before = picture(clinic.database)
    [*numbers] = at_once(*[lambda: merge(clinic, MergeKind.LEADS, winner, loser)] * 20)
    assert len(set(numbers)) == len(everything(clinic.database, Merge)) == 1

    def undone() -> str:
        try:
            undo(clinic, numbers[0])
        except Refused as error:
            return str(error)
        return ""

    assert sorted(at_once(*[undone] * 20)) == [""] + ["Ada has undone this merge already."] * 19
    assert picture(clinic.database) == before


def test_two_leads_that_are_merged_both_ways_at_once_leave_one_lead(clinic: Clinic) -> None:
    one, other = lead(clinic), lead(clinic, "Anna")

    def way(winner: int, loser: int) -> object:
        try:
            return merge(clinic, MergeKind.LEADS, winner, loser)
        except NotFound as error:
            return str(error)

    results = at_once(*[lambda: way(one, other), lambda: way(other, one)] * 5)
    assert len(everything(clinic.database, Lead)) == len(everything(clinic.database, Merge)) == 1
    assert "This lead does not exist any more." in results


def test_later_merges_are_undone_first(clinic: Clinic) -> None:
    first, second, third = lead(clinic), lead(clinic, "Anna"), lead(clinic, "Anni")
    person = patient(clinic)
    one = merge(clinic, MergeKind.LEADS, first, second)
    two = merge(clinic, MergeKind.LEADS, first, third)
    three = merge(clinic, MergeKind.LEAD_INTO_PATIENT, person, first)
    later = "One of these records has been merged again since. Undo the later merge first."
    assert [refused(lambda number=number: undo(clinic, number), Refused) for number in (one, two)] == [
        later
    ] * 2
    for number in (three, two, one):
        undo(clinic, number)
    assert [one.id for one in everything(clinic.database, Lead)] == [first, second, third]


@pytest.mark.parametrize("side", [Side.WINNER, Side.LOSER])
def test_a_chain_of_merges_is_undone_exactly_and_touches_nobody_else_s_history(
    clinic: Clinic, side: Side
) -> None:
    winner, loser, other = lead(clinic, "Ana"), lead(clinic, "Anna"), lead(clinic, "Otto")
    person = patient(clinic)
    for number, to in ((loser, LeadStage.PROSPECT), (winner, LeadStage.QUALIFIED), (loser, LeadStage.LOST)):
        step(clinic, number, to)
    before = picture(clinic.database)
    first = merge(clinic, MergeKind.LEADS, winner, loser, stage=side)
    second = merge(clinic, MergeKind.LEAD_INTO_PATIENT, person, winner)
    for to in (LeadStage.PROSPECT, LeadStage.QUALIFIED, LeadStage.PROSPECT):
        step(clinic, other, to)
    undo(clinic, second)
    undo(clinic, first)
    after = picture(clinic.database)
    assert [one for one in after["steps"] if one[0] == other] == [
        (other, LeadStage.LEAD, LeadStage.PROSPECT, T0, clinic.maria, ""),
        (other, LeadStage.PROSPECT, LeadStage.QUALIFIED, T0, clinic.maria, ""),
        (other, LeadStage.QUALIFIED, LeadStage.PROSPECT, T0, clinic.maria, ""),
    ]
    assert [one for one in after["steps"] if one[0] != other] == before["steps"]


def test_undo_restores_a_stage_change_whose_id_another_row_has_now(clinic: Clinic) -> None:
    loser, other, person = lead(clinic), lead(clinic, "Otto"), patient(clinic)
    step(clinic, loser, LeadStage.PROSPECT)
    [number] = [one.id for one in everything(clinic.database, LeadStageChange)]
    merged = merge(clinic, MergeKind.LEAD_INTO_PATIENT, person, loser)
    step(clinic, other, LeadStage.QUALIFIED)
    with clinic.database.transaction() as session:
        session.execute(sa.update(LeadStageChange).values(id=number))
    undo(clinic, merged)
    steps = everything(clinic.database, LeadStageChange)
    assert {one.lead_id: one.to_stage for one in steps} == {
        loser: LeadStage.PROSPECT, other: LeadStage.QUALIFIED,
    }  # fmt: skip


def contacted(clinic: Clinic) -> list:
    return [one.contacted_at for one in everything(clinic.database, Lead)]


def test_merging_two_uncontacted_leads_gives_an_uncontacted_lead(clinic: Clinic) -> None:
    winner, loser, other = lead(clinic), lead(clinic, created_at=T0), lead(clinic, contacted_at=T0)
    merge(clinic, MergeKind.LEADS, winner, loser)
    assert contacted(clinic) == [None, T0]
    merge(clinic, MergeKind.LEADS, winner, other)
    assert contacted(clinic) == [T0]


@pytest.mark.parametrize("kind", [MergeKind.LEADS, MergeKind.LEAD_INTO_PATIENT])
def test_a_lead_that_was_answered_while_it_was_merged_counts_as_contacted_after_the_undo(
    clinic: Clinic, kind: MergeKind, travel: Travel
) -> None:
    travel.stop(T0)
    chat = clinic.conversation_with("Hello", phone="+4930901820")
    [loser] = [one.id for one in everything(clinic.database, Lead)]
    of_leads = kind is MergeKind.LEADS
    winner = lead(clinic, "Anna") if of_leads else patient(clinic, "Anna")
    merged = merge(clinic, kind, winner, loser)
    travel.forward(hours=1)
    queue(clinic, chat)
    if of_leads:
        touch(clinic, "Rang", lead_id=winner)
    undo(clinic, merged)
    assert get_lead(clinic, loser).contacted_at == T0 + timedelta(hours=1)
    if of_leads:
        assert get_lead(clinic, winner).contacted_at == T0


def test_a_refused_merge_says_why(clinic: Clinic) -> None:
    done, open_one = lead(clinic, phone="+4930901820"), lead(clinic, "Anna")
    with clinic.database.transaction() as session:
        person = conversion.convert(session, done, by=clinic.maria).patient_id
    other = patient(clinic, "Other")
    assert "Merge the patient instead." in refused(
        lambda: merge(clinic, MergeKind.LEADS, open_one, done), Refused
    )
    assert "Merge the patient instead." in refused(
        lambda: merge(clinic, MergeKind.LEAD_INTO_PATIENT, other, done), Refused
    )
    assert "two different" in refused(lambda: merge(clinic, MergeKind.LEADS, open_one, open_one), Refused)
    refused(lambda: merge(clinic, MergeKind.PATIENTS, other, person, by=clinic.maria), NotAllowed)
    refused(lambda: merge(clinic, MergeKind.LEADS, open_one, done, by=clinic.vic), NotAllowed)
    merged = merge(clinic, MergeKind.PATIENTS, other, person)
    refused(lambda: undo(clinic, merged, by=clinic.maria), NotAllowed)
    refused(lambda: undo(clinic, 99), NotFound)


def test_a_merge_into_a_record_that_was_deleted_cannot_be_undone(clinic: Clinic) -> None:
    winner, loser = lead(clinic), lead(clinic, "Anna")
    number = merge(clinic, MergeKind.LEADS, winner, loser)
    with clinic.database.transaction() as session:
        deletion.delete_lead(session, winner, by=clinic.maria)
    assert "does not exist" in refused(lambda: undo(clinic, number), NotFound)


def test_an_edited_name_stays_whole(clinic: Clinic) -> None:
    winner, loser = patient(clinic, "Ana", "Díaz"), patient(clinic, "Anna", "Dias")
    number = merge(clinic, MergeKind.PATIENTS, winner, loser, name=Side.LOSER)
    with clinic.database.transaction() as session:
        records.change(session, winner, PatientFields("Anna", "Smith"), by=clinic.maria, region="DE")
    undo(clinic, number)
    assert [one.name for one in everything(clinic.database, Patient)] == ["Anna Smith", "Anna Dias"]


def test_an_address_that_was_linked_since_to_a_lead_of_the_winner_stays_there(clinic: Clinic) -> None:
    winner, loser = patient(clinic), patient(clinic, "Ana", "Diaz")
    chat = talking(clinic, "whatsapp:+4930901820", patient_id=loser, phone="+4930901820")
    merged = merge(clinic, MergeKind.PATIENTS, winner, loser)
    other = lead(clinic, "Ana", "D.", phone="+4930901821")
    with clinic.database.transaction() as session:
        conversion.convert(session, other, by=clinic.maria, into=winner)
        link_conversation.link_to_lead(session, chat, other, by=clinic.maria)
    undo(clinic, merged)
    (identity,) = everything(clinic.database, Identity)
    assert (identity.patient_id, identity.lead_id) == (winner, other)


def test_a_first_appointment_s_note_goes_with_its_day(clinic: Clinic) -> None:
    day = {"first_appointment_at": T0, "first_appointment_note": "Bring the X-ray"}
    winner, loser = patient(clinic), patient(clinic, "Ana", "Diaz", **day)
    merge(clinic, MergeKind.PATIENTS, winner, loser)
    (record,) = everything(clinic.database, Patient)
    assert (record.first_appointment_at, record.first_appointment_note) == (T0, "Bring the X-ray")
    with clinic.database.transaction() as session:
        sentence = refused(
            lambda: records.change(
                session,
                winner,
                PatientFields("Ana", first_appointment_note="Only this"),
                by=clinic.maria,
                region="DE",
            ),
            Refused,
        )
    assert "Choose the day" in sentence


def test_two_leads_whose_merge_was_undone_can_be_merged_again(clinic: Clinic) -> None:
    ana, anna = lead(clinic, "Ana"), lead(clinic, "Anna")
    first_merge = merge(clinic, MergeKind.LEADS, ana, anna)
    undo(clinic, first_merge)
    assert merge(clinic, MergeKind.LEADS, ana, anna) != first_merge
    assert [record.id for record in everything(clinic.database, Lead)] == [ana]
