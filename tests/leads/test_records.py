"""Adding and editing leads, tags, and the warning before somebody is added twice."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from genko import clock
from genko.access.models import AuditEntry
from genko.errors import NotAllowed, NotFound, Refused, Taken
from genko.leads import bulk, pipeline, records, table, tags
from genko.leads.bulk import Done
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadSource, LeadStage
from genko.leads.records import LeadFields
from genko.leads.table import LeadSort
from genko.messages import lead_contact, same_person
from genko.people import deletion
from tests.factories import Clinic, add_patient
from tests.leads import people
from tests.steps import event, receive


def add(clinic: Clinic, *, by: int | None = None, **given) -> int:
    values = {"source": LeadSource.WEBSITE, "phone_number": "0151 12345678"} | given
    with clinic.database.transaction() as session:
        return records.add_lead(session, by=by or clinic.maria, **values)


def edit(clinic: Clinic, lead_id: int, fields: LeadFields, **more) -> None:
    with clinic.database.transaction() as session:
        records.edit_lead(session, lead_id, fields, by=clinic.maria, **more)


def found(clinic: Clinic, typed: str) -> list[int]:
    with clinic.database.reading() as session:
        return table.find_ids(session, LeadFilter(search=typed), clock.now())


def alike(clinic: Clinic, fields: LeadFields, lead_id: int | None = None) -> list[tuple[int, str]]:
    with clinic.database.reading() as session:
        return [
            (one.id, one.why) for one in same_person.find_possible_duplicates(session, fields, "DE", lead_id)
        ]


def test_a_lead_is_kept_in_one_spelling_with_its_tags_and_audited(clinic: Clinic) -> None:
    number = add(
        clinic, first_name=" Ana ", last_name="Díaz", email=" Ana@X.org ", tags=("Urgent", "urgent", "a, b")
    )
    with clinic.database.reading() as session:
        kept = records.get_lead(session, number)
        labels = tags.of(session, [number])[number]
        acted = session.scalars(sa.select(AuditEntry.subject_id).where(AuditEntry.action == "lead:add")).all()
    assert (kept.name, kept.phone, kept.email) == ("Ana Díaz", "+4915112345678", "ana@x.org")
    assert (labels, acted) == (["a", "b", "urgent"], [number])
    assert found(clinic, "diaz") == found(clinic, "0049 151 123") == found(clinic, "ana@x") == [number]


def test_an_edited_lead_is_found_by_what_it_is_now(clinic: Clinic) -> None:
    number = add(clinic, first_name="Ana", tags=("urgent",))
    edit(clinic, number, LeadFields(first_name="Eva", phone_number="0160 7654321", tags=("later",)))
    assert (found(clinic, "ana"), found(clinic, "15112345678")) == ([], [])
    assert found(clinic, "eva") == found(clinic, "0160") == [number]
    with clinic.database.reading() as session:
        assert tags.of(session, [number]) == {number: ["later"]}


def test_a_new_stage_in_the_form_is_a_step_of_the_history(clinic: Clinic) -> None:
    number = add(clinic)
    fields = LeadFields(phone_number="0151 12345678", stage=LeadStage.LOST)
    with pytest.raises(Refused, match="why"):
        edit(clinic, number, fields)
    edit(clinic, number, fields, lost_reason="Too far")
    [step] = people.changes(clinic, number)
    assert (step.from_stage, step.to_stage, step.reason) == (LeadStage.LEAD, LeadStage.LOST, "Too far")
    with pytest.raises(Refused, match="Convert"):
        edit(clinic, number, LeadFields(phone_number="0151 12345678", stage=LeadStage.CONVERTED))


def test_what_a_colleague_has_saved_meanwhile_is_not_overwritten(clinic: Clinic) -> None:
    number = add(clinic)
    seen = records.stored(people.lead(clinic, number), [])
    fields = LeadFields(first_name="Eva", phone_number="0151 12345678")
    edit(clinic, number, fields, seen=seen)
    with pytest.raises(Refused, match="Somebody else"):
        edit(clinic, number, LeadFields(first_name="Ida", phone_number="0151 12345678"), seen=seen)
    assert people.lead(clinic, number).first_name == "Eva"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"phone_number": ""}, "phone number is needed"),
        ({"phone_number": "12"}, "phone number"),
        ({"email": "nobody"}, "email"),
        ({"stage": LeadStage.CONVERTED}, "convert"),
        ({"stage": LeadStage.LOST}, "why"),
        ({"tags": ("x" * 41,)}, "40 characters"),
        ({"tags": tuple("abcdefghijklmnopqrstu")}, "20 tags"),
        ({"first_name": "x" * 121}, "120 characters"),
        ({"notes": "x" * 10_001}, "at most 10,000 characters; these have 10,001"),
    ],
)
def test_the_form_says_which_field_is_at_fault(clinic: Clinic, given: dict, says: str) -> None:
    with pytest.raises(Refused, match=says):
        add(clinic, **given)


def test_only_instagram_and_a_lead_that_never_had_one_lack_a_phone(clinic: Clinic) -> None:
    instagram = add(clinic, phone_number="", source=LeadSource.INSTAGRAM)
    hidden = people.add_lead(clinic, phone=None)
    edit(clinic, hidden, LeadFields(first_name="Ida", source=LeadSource.WHATSAPP))
    with pytest.raises(Refused):
        edit(clinic, add(clinic), LeadFields())
    assert people.lead(clinic, instagram).phone is None


def test_a_viewer_changes_nothing_and_a_deleted_lead_is_not_found(clinic: Clinic) -> None:
    number = add(clinic)
    with pytest.raises(NotAllowed):
        add(clinic, by=clinic.vic)
    with clinic.database.transaction() as session:
        for refused in (
            lambda: records.edit_lead(session, number, LeadFields(), by=clinic.vic),
            lambda: bulk.tag_leads(session, [number], ["x"], by=clinic.vic),
            lambda: bulk.move_leads(session, [number], LeadStage.PROSPECT, by=clinic.vic),
            lambda: tags.add_common(session, "x", by=clinic.maria),
        ):
            with pytest.raises(NotAllowed):
                refused()
    with pytest.raises(NotFound):
        edit(clinic, 999, LeadFields())


def test_a_duplicate_is_told_by_phone_email_or_name_before_saving(clinic: Clinic) -> None:
    brazilian = people.add_lead(clinic, first_name="Rui", last_name="Costa", phone="+5511987654321")
    mail = people.add_lead(clinic, first_name="Mia", last_name="X", phone=None, email="mia@x.org")
    named = people.add_lead(clinic, first_name="Jón", last_name="Smith", phone=None)
    assert alike(clinic, LeadFields(phone_number="+55 11 8765 4321")) == [(brazilian, "same phone")]
    assert alike(clinic, LeadFields(email="MIA@x.org ")) == [(mail, "same email")]
    assert alike(clinic, LeadFields(first_name="Smith", last_name="John")) == [(named, "similar name")]
    assert alike(clinic, LeadFields(first_name="Joan", last_name="Small")) == []
    assert alike(clinic, LeadFields(email="mia@x.org"), mail) == alike(clinic, LeadFields()) == []


def test_a_patient_of_that_phone_is_told_too(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        number = add_patient(
            session, by=clinic.maria, region="DE", first_name="Ana", phone_number="0151 12345678"
        )
    assert alike(clinic, LeadFields(phone_number="+49 151 12345678")) == [(number, "same phone")]


def test_the_very_name_is_told_among_many_that_begin_alike(clinic: Clinic) -> None:
    same = people.add_lead(clinic, first_name="Jana", last_name="Diaz", phone=None)
    with clinic.database.transaction() as session:
        patient = add_patient(session, by=clinic.maria, region="DE", first_name="Jana Diaz")
        many = [
            records.new_lead(LeadFields(f"Ja{number:03}x", f"Di{number:03}y")) for number in range(450)
        ] + [records.new_lead(LeadFields("Jana", f"Diaz {number:09}")) for number in range(250)]
        records.store(session, many)
    expected = [(same, "similar name"), (patient, "similar name")]
    assert alike(clinic, LeadFields(first_name="Jana", last_name="Díaz")) == expected
    assert alike(clinic, LeadFields(first_name="díaz", last_name="JANA")) == expected


def test_the_words_of_a_name_are_told_in_any_order_and_of_patients_too(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        patient = add_patient(
            session, by=clinic.maria, region="DE", first_name="María José", last_name="García"
        )
    assert alike(clinic, LeadFields(first_name="Jose Maria", last_name="Garcia")) == [
        (patient, "similar name")
    ]
    assert alike(clinic, LeadFields(first_name="Maria Josse", last_name="Garcia")) == [
        (patient, "similar name")
    ]


def test_the_clinic_s_own_tags_begin_with_the_usual_ones(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        assert tags.find_common(session) == list(tags.COMMON)
        tags.add_common(session, "Implants", by=clinic.ada)
        tags.order(session, ["implants", "referral", "stranger"], by=clinic.ada)
        tags.retire(session, "urgent", by=clinic.ada)
        assert tags.find_common(session) == [
            "implants", "referral", "follow-up", "insurance-question", "price-sensitive",
        ]  # fmt: skip
        assert tags.find_retired(session) == ["urgent"]
        with pytest.raises(Taken):
            tags.add_common(session, "IMPLANTS", by=clinic.ada)
        tags.add_common(session, "urgent", by=clinic.ada)
        assert tags.find_common(session)[-1] == "urgent"


def test_a_retired_tag_stays_on_its_leads(clinic: Clinic) -> None:
    number = add(clinic, tags=("urgent",))
    with clinic.database.transaction() as session:
        tags.retire(session, "urgent", by=clinic.ada)
        assert tags.of(session, [number]) == {number: ["urgent"]}
        assert tags.find_used(session) == ["urgent"]


def test_a_bulk_change_leaves_converted_leads_and_survives_deleted_ones(clinic: Clinic) -> None:
    one, other, done = (people.add_lead(clinic) for _ in range(3))
    people.convert(clinic, done, clock.now())
    with clinic.database.transaction() as session:
        moved = bulk.move_leads(session, [one, other, done, 999, one], LeadStage.QUALIFIED, by=clinic.maria)
        tagged = bulk.tag_leads(session, [one, done, 999], ["Later", "urgent"], by=clinic.maria)
        bulk.untag_leads(session, [one], ["later"], by=clinic.maria)
        labels = tags.of(session, [one, done])
    assert (moved, tagged, labels) == (Done(2, 1), Done(2), {one: ["urgent"], done: ["later", "urgent"]})
    assert people.lead(clinic, done).stage is LeadStage.CONVERTED
    assert [step.to_stage for step in people.changes(clinic, other)] == [LeadStage.QUALIFIED]


def test_a_bulk_change_leaves_what_a_colleague_has_moved_since_the_screen_was_drawn(clinic: Clinic) -> None:
    one, other = people.add_lead(clinic), people.add_lead(clinic)
    seen_at = clock.now()
    with clinic.database.transaction() as session:
        pipeline.move(session, other, LeadStage.QUALIFIED, by=clinic.ada)
        ids = [one, other]
        assert bulk.move_leads(
            session, ids, LeadStage.PROSPECT, by=clinic.maria, seen=dict.fromkeys(ids, seen_at)
        ) == Done(1, 1)
    assert people.lead(clinic, other).stage is LeadStage.QUALIFIED


def test_the_audit_names_every_lead_of_a_bulk_change(clinic: Clinic) -> None:
    ids = [people.add_lead(clinic) for _ in range(3)]
    with clinic.database.transaction() as session:
        bulk.move_leads(session, ids, LeadStage.QUALIFIED, by=clinic.maria)
        bulk.tag_leads(session, ids, ["urgent"], by=clinic.maria)
        bulk.untag_leads(session, ids, ["urgent"], by=clinic.maria)
        deletion.delete_leads(session, ids, by=clinic.maria)
        entries = session.execute(
            sa.select(AuditEntry.action, AuditEntry.subject_id, AuditEntry.detail)
        ).all()
    said = {"lead:move": "lead > qualified", "lead:tag": "urgent", "lead:untag": "urgent", "lead:delete": ""}
    for action, detail in said.items():
        assert {(one[1], one[2]) for one in entries if one[0] == action} == {(one, detail) for one in ids}


def test_a_lost_lead_may_be_lost_for_another_reason(clinic: Clinic) -> None:
    number = people.add_lead(clinic, stage=LeadStage.LOST, lost_reason="No answer")
    fields = LeadFields(phone_number="0151 12345678", stage=LeadStage.LOST)
    for reason in ("", " Too expensive ", "Too expensive"):
        edit(clinic, number, fields, lost_reason=reason)
    with clinic.database.reading() as session:
        assert records.get_lead(session, number).lost_reason == "Too expensive"
        audited = session.scalars(sa.select(AuditEntry.detail).where(AuditEntry.action == "lead:edit"))
        assert sorted(audited) == ["", "", "another reason"]


def test_a_message_meanwhile_is_no_change_of_the_form(clinic: Clinic) -> None:
    number = add(clinic)
    with clinic.database.transaction() as session:
        seen = records.stored(records.get_lead(session, number), [])
        lead_contact.lead_contacted(session, number, clock.now())
    edit(clinic, number, LeadFields(first_name="Eva", phone_number="0151 12345678"), seen=seen)
    assert people.lead(clinic, number).first_name == "Eva"


def test_of_many_leads_those_are_left_out_who_would_have_too_many_tags(clinic: Clinic) -> None:
    most = [f"tag {number:02}" for number in range(tags.MOST)]
    full, has_both, has_room, none = (
        people.add_lead(clinic, tags=one) for one in (most, [*most, "a", "b"], most[:18], ())
    )
    with clinic.database.transaction() as session:
        ids = [full, has_both, has_room, none]
        assert bulk.tag_leads(session, ids, ["a", "b"], by=clinic.maria) == Done(3, 1)
        labels = tags.of(session, ids)
        with pytest.raises(Refused, match="at most 20"):
            bulk.tag_leads(session, ids, [*most, "a"], by=clinic.maria)
        assert bulk.untag_leads(session, ids, [*most, "a"], by=clinic.maria) == 4
        assert tags.of(session, ids) == {one: ["b"] for one in ids[1:]}
    assert {one: len(names) for one, names in labels.items()} == {
        full: 20,
        has_both: 22,
        has_room: 20,
        none: 2,
    }


@pytest.mark.parametrize("stage", [LeadStage.LOST, LeadStage.CONVERTED])
def test_a_bulk_change_asks_what_a_single_one_asks(clinic: Clinic, stage: LeadStage) -> None:
    number = people.add_lead(clinic)
    with clinic.database.transaction() as session, pytest.raises(Refused):
        bulk.move_leads(session, [number], stage, by=clinic.maria)


def test_every_sort_gives_every_lead_once_and_missing_values_last(clinic: Clinic) -> None:
    for place in range(table.PAGE + 7):
        people.add_lead(
            clinic, first_name=f"N{place % 9}", phone=f"+49151{place:07}" if place % 3 else None,
            stage=list(LeadStage)[place % 5], tags=["a", "b"][: place % 3], days_old=place,
        )  # fmt: skip
    with clinic.database.reading() as session:
        for sort in LeadSort:
            for descending in (False, True):
                pages = [
                    table.find_page(session, LeadFilter(), sort, descending, page, clock.now())
                    for page in (1, 2, 9)
                ]
                assert len({row.id for page in pages for row in page.rows}) == table.PAGE + 7
                assert (pages[2].page, pages[2].rows, pages[0].total) == (2, pages[1].rows, table.PAGE + 7)
        by_phone = table.find_page(session, LeadFilter(), LeadSort.PHONE, True, 1, clock.now())
        by_stage = table.find_page(session, LeadFilter(), LeadSort.STAGE, False, 1, clock.now())
    shown = [row.phone for row in by_phone.rows if row.phone]
    assert shown == sorted(shown, reverse=True)
    assert [row.phone for row in by_phone.rows[: len(shown)]] == shown
    places = [list(LeadStage).index(row.stage) for row in by_stage.rows]
    assert places == sorted(places)


def test_by_last_contact_those_without_one_come_last_whichever_way(clinic: Clinic) -> None:
    now = clock.now()
    long_ago, lately = (
        people.add_lead(clinic, days_old=9, contacted_at=now - timedelta(days=days)) for days in (3, 1)
    )
    never = [people.add_lead(clinic, days_old=days) for days in (0.1, 5)]
    with clinic.database.reading() as session:
        for descending, first in ((True, [lately, long_ago]), (False, [long_ago, lately])):
            page = table.find_page(session, LeadFilter(), LeadSort.CONTACTED, descending, 1, now)
            assert [row.id for row in page.rows[:2]] == first
            assert {row.id for row in page.rows[2:] if row.contacted_at is None} == set(never)


def test_the_table_leaves_out_what_the_filters_leave_out(clinic: Clinic) -> None:
    old = people.add_lead(clinic, days_old=3, tags=["urgent"])
    people.add_lead(clinic, days_old=0.5, source=LeadSource.REFERRAL)
    people.add_lead(clinic, days_old=9, stage=LeadStage.LOST)
    with clinic.database.reading() as session:
        for wanted in (
            LeadFilter(uncontacted=True),
            LeadFilter(tag="urgent"),
            LeadFilter(stage=LeadStage.LEAD, source=LeadSource.WHATSAPP),
        ):
            page = table.find_page(session, wanted, LeadSort.NAME, False, 1, clock.now())
            assert ([row.id for row in page.rows], page.total) == ([old], 1)
            assert page.rows[0].uncontacted
        for signs in ("@@", "🙂", "-"):  # all that they find may be deleted with two clicks
            assert table.find_ids(session, LeadFilter(search=signs), clock.now()) == []
        assert len(table.find_ids(session, LeadFilter(search="  "), clock.now())) == 3


def test_a_lead_that_writes_by_itself_is_found_by_phone_and_profile_name(clinic: Clinic) -> None:
    receive(clinic, event("a", profile_name="Zoë Müller"))
    assert len(found(clinic, "0151 0000001")) == len(found(clinic, "mueller")) == 1
    receive(clinic, event("b", profile_name="Zoë Vogel"))
    assert (len(found(clinic, "vogel")), len(found(clinic, "muller"))) == (1, 0)
