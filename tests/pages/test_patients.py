"""Patients: found, looked at, merged and told apart; leads converted and new senders linked from their conversation."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from genko.access.models import AuditEntry
from genko.leads.models import Lead, LeadStage
from genko.messages.models import Identity, TouchKind
from genko.messages.touches import Whose, log_for
from genko.patients import records
from genko.patients.models import Patient
from genko.patients.records import PatientFields
from genko.people import link_conversation
from tests.pages.conftest import PHONE, Running, Windows, sqlite_only, wait_until
from tests.pages.line import Line
from tests.pages.screen import choose, more, row, settled
from tests.steps import T0, everything

pytestmark = [pytest.mark.browser, sqlite_only]


def add(genko: Running, first: str, last: str, **more) -> int:
    with genko.clinic.database.transaction() as session:
        fields = PatientFields(first, last, **more)
        return records.add(session, fields, by=genko.clinic.maria, region="DE")


def writes(genko: Running, body: str) -> int:
    return genko.clinic.conversation_with(body, phone=PHONE)


def head(page: Page) -> Locator:
    return page.locator(".st-key-head")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def click_second_row(page: Page) -> None:
    """Of the list of patients."""
    table = page.locator(".st-key-patients-table canvas").first
    expect(table).to_be_visible()
    table.click(position={"x": 60, "y": 35 * 2 + 17}, force=True)  # under the head


def move(page: Page, to: str) -> None:
    head(page).locator("[class*=st-key-stage-]").get_by_role("button").click()
    page.get_by_role("menuitem", name=to).or_(page.get_by_role("option", name=to)).first.click()


def test_a_lead_moves_and_is_converted_in_its_conversation_and_leads_to_the_profile(
    genko: Running, windows: Windows
) -> None:
    number = writes(genko, "How much is an implant?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    page.get_by_role("button", name="Accept as lead").click()
    dialog(page).get_by_label("First name").fill("Beatrix")
    dialog(page).get_by_label("Last name").fill("Weiß")
    dialog(page).get_by_role("button", name="Accept").click()
    expect(page.locator(".st-key-new-sender")).to_have_count(0)
    expect(head(page)).to_contain_text("Beatrix Weiß")
    expect(row(page, "Beatrix Weiß")).to_be_visible()
    move(page, "Prospect")
    expect(head(page)).to_contain_text("Lead: Prospect")
    move(page, "Lost")
    dialog(page).get_by_role("button", name="Move to Lost").click()
    expect(dialog(page)).to_contain_text("Say why the lead is lost.")
    dialog(page).get_by_role("combobox", name="Reason").fill("Too far away")
    page.keyboard.press("Enter")
    dialog(page).get_by_role("button", name="Move to Lost").click()
    expect(head(page)).to_contain_text("Lead: Lost")

    move(page, "Convert to a patient…")
    expect(dialog(page)).to_contain_text("Beatrix Weiß becomes a patient")
    dialog(page).get_by_role("button", name="Convert").click()
    expect(dialog(page)).to_have_count(0)
    expect(head(page).get_by_text("Patient", exact=True)).to_be_visible()
    head(page).get_by_role("button", name="Profile").click()
    page.wait_for_url("**/admin/patients?patient=*")
    expect(page.get_by_role("heading", name="Beatrix Weiß")).to_be_visible()
    expect(page.get_by_text("Too far away")).to_be_visible()
    expect(page.locator(".st-key-patient-record")).to_contain_text("Lead from WhatsApp since")
    page.get_by_role("link", name="Open the conversation").click()
    page.wait_for_url(f"**/admin/messages?c={number}")
    expect(head(page)).to_contain_text("Beatrix Weiß")
    assert everything(genko.clinic.database, Lead)[0].stage is LeadStage.CONVERTED
    views = [one for one in everything(genko.clinic.database, AuditEntry) if one.subject_kind == "patient"]
    assert [one.action for one in views if one.action == "view"] == ["view"]


def test_a_second_record_of_one_person_is_never_made_unseen(genko: Running, windows: Windows) -> None:
    number = writes(genko, "Hello again")
    ana = add(genko, "Ana", "Díaz", email="ana@example.org")
    with genko.clinic.database.transaction() as session:
        session.execute(sa.update(Patient).values(phone=PHONE))
        session.execute(sa.update(Lead).values(first_name="Ana"))
    page = windows.inbox(path=f"/admin/messages?c={number}")
    move(page, "Convert to a patient…")
    expect(dialog(page)).to_contain_text("Is it the same person?")
    expect(dialog(page).get_by_role("button", name="Convert")).to_be_disabled()
    dialog(page).get_by_text("Yes: Ana Díaz").click()
    dialog(page).get_by_role("button", name="Convert").click()
    expect(head(page).get_by_role("button", name="Profile")).to_be_visible()
    assert [one.id for one in everything(genko.clinic.database, Patient)] == [ana]


def test_a_new_sender_is_linked_to_a_patient_or_is_no_lead_at_all(genko: Running, windows: Windows) -> None:
    number = writes(genko, "It is me, with a new phone")
    ana = add(genko, "Ana", "Díaz", phone_number="0151 12345678")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    page.get_by_role("button", name="Link to…").click()
    dialog(page).get_by_label("Search").fill("diaz")
    dialog(page).get_by_label("Search").press("Enter")
    choose(dialog(page), "Patient", "Ana Díaz · 01511 2345678")
    dialog(page).get_by_role("button", name="Link", exact=True).click()
    expect(head(page).get_by_role("button", name="Profile")).to_be_visible()
    assert everything(genko.clinic.database, Identity)[0].patient_id == ana
    assert everything(genko.clinic.database, Lead) == []

    other = genko.clinic.conversation_with("Your order has left", phone="+491510000009")
    page.goto(f"{genko.base_url}/admin/messages?c={other}")
    page.get_by_role("button", name="Not a lead").click()
    expect(dialog(page)).to_contain_text("removed from the leads")
    dialog(page).get_by_role("button", name="Cancel").click()
    expect(dialog(page)).to_have_count(0)
    assert len(everything(genko.clinic.database, Lead)) == 1
    page.get_by_role("button", name="Not a lead").click()
    dialog(page).get_by_role("button", name="Not a lead").click()
    expect(page.locator(".st-key-new-sender")).to_have_count(0)
    expect(head(page)).to_contain_text("+49 1510000009")
    assert everything(genko.clinic.database, Lead) == []
    head(page).get_by_role("button", name="Make a lead").click()
    page.get_by_role("dialog", name="Accept as lead").get_by_role("button", name="Accept").click()
    expect(head(page).get_by_role("button", name="Details")).to_be_visible()
    assert len(everything(genko.clinic.database, Lead)) == 1


def test_a_wrong_link_is_put_right_from_the_menu_and_never_over_a_colleague_s(
    genko: Running, windows: Windows
) -> None:
    number = writes(genko, "It is me, with a new phone")
    ana, bea = add(genko, "Ana", "Díaz"), add(genko, "Bea", "Weiß")
    with genko.clinic.database.transaction() as session:
        link_conversation.not_a_lead(session, number, by=genko.clinic.maria)
    page, colleague = (
        windows.inbox(path=f"/admin/messages?c={number}"),
        windows.inbox(genko.clinic.ada, f"/admin/messages?c={number}"),
    )
    for one, name in ((page, "Ana Díaz"), (colleague, "Bea Weiß")):
        more(one, "Link to another person…")
        choose(dialog(one), "Patient", name)
    dialog(page).get_by_role("button", name="Link", exact=True).click()
    expect(head(page)).to_contain_text("Ana Díaz")
    dialog(colleague).get_by_role("button", name="Link", exact=True).click()
    expect(dialog(colleague)).to_contain_text("Somebody else has changed in the meantime whose conversation")
    assert everything(genko.clinic.database, Identity)[0].patient_id == ana
    dialog(colleague).get_by_role("button", name="Close").click()
    expect(head(colleague)).to_contain_text("Ana Díaz")
    more(colleague, "Link to another person…")
    choose(dialog(colleague), "Patient", "Bea Weiß")
    dialog(colleague).get_by_role("button", name="Link", exact=True).click()
    expect(head(colleague)).to_contain_text("Bea Weiß")
    assert everything(genko.clinic.database, Identity)[0].patient_id == bea
    viewer = windows.inbox(genko.clinic.vic, f"/admin/messages?c={number}")
    viewer.locator(".st-key-gear").get_by_role("button").click()
    expect(viewer.get_by_text("View patient touches")).to_be_visible()
    expect(viewer.get_by_text("Link to another person…")).to_have_count(0)


def test_patients_are_found_added_and_edited_with_a_warning_about_a_second_record(
    genko: Running, windows: Windows
) -> None:
    add(genko, "Käthe", "Krämer", phone_number="0151 12345678", email="k@example.org", tags=["vip"])
    ben = add(genko, "Ben", "Weiß")
    page = windows.sign_in(genko.clinic.maria, "/admin/patients")
    expect(page.get_by_text("1 to 2 of 2")).to_be_visible()
    search = page.get_by_label("Search patients")
    for typed in ("Kraemer", "kramer", "k@example", "0151 1234", "+49 151 12345"):
        search.fill(typed)  # found while it is typed
        expect(page.get_by_text("1 to 1 of 1"), typed).to_be_visible()
        search.fill("nobody")
        expect(page.get_by_text("No patient matches")).to_be_visible()
    page.get_by_role("button", name="Add patient").click()
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page)).to_contain_text("A patient needs a name.")
    dialog(page).get_by_label("First name").fill("Karl")
    dialog(page).get_by_label("Email").fill("K@example.org")
    dialog(page).get_by_label("Email").press("Tab")
    expect(dialog(page)).to_contain_text("on record already: Käthe Krämer")
    dialog(page).get_by_role("button", name="Save all the same").click()
    expect(page.get_by_role("heading", name="Karl")).to_be_visible()
    page.goto(f"{genko.base_url}/admin/patients?patient={ben}")
    page.get_by_role("button", name="Edit").click()
    dialog(page).get_by_label("Phone").fill("030 901820")
    dialog(page).get_by_label("Last name").fill("Weiss")
    dialog(page).get_by_label("Appointment note").fill("Bring the X-ray")
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page)).to_contain_text("Choose the day of the first appointment")
    dialog(page).get_by_label("Appointment note").fill("")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Ben Weiss")).to_be_visible()
    expect(page.locator(".st-key-patient-record")).to_contain_text("030 901820")


def test_a_form_that_is_open_overwrites_nothing_that_came_in_meanwhile(
    genko: Running, windows: Windows
) -> None:
    ana = add(genko, "Ana", "Díaz")
    page = windows.sign_in(genko.clinic.maria, f"/admin/patients?patient={ana}")
    page.get_by_role("button", name="Edit").click()
    expect(dialog(page).get_by_label("Last name")).to_have_value("Díaz")
    with genko.clinic.database.transaction() as session:
        fields = PatientFields("Ana", "Díaz", "030 901820", notes="Allergy")
        records.change(session, ana, fields, by=genko.clinic.ada, region="DE")
    dialog(page).get_by_label("Last name").fill("Dias")
    dialog(page).get_by_role("button", name="Save").click()
    expect(dialog(page)).to_contain_text("Somebody else has changed this patient in the meantime.")
    [kept] = everything(genko.clinic.database, Patient)
    assert (kept.last_name, kept.phone, kept.notes) == ("Díaz", "+4930901820", "Allergy")
    dialog(page).get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Edit").click()
    expect(dialog(page).get_by_label("Notes", exact=True)).to_have_value("Allergy")
    dialog(page).get_by_label("Last name").fill("Dias")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Ana Dias")).to_be_visible()
    expect(page.locator(".st-key-patient-record")).to_contain_text("Allergy")


def test_a_row_of_the_list_opens_the_profile_and_a_page_is_kept(genko: Running, windows: Windows) -> None:
    add(genko, "Ana", "Díaz")
    ben = add(genko, "Ben", "Weiß")
    last = [add(genko, f"P{number}", "Zulu") for number in range(10, 60)][-1]
    page = windows.sign_in(genko.clinic.maria, "/admin/patients?page=2")
    expect(page.get_by_text("51 to 52 of 52")).to_be_visible()
    click_second_row(page)
    page.wait_for_url(f"**/admin/patients?page=2&patient={last}")
    page.get_by_role("button", name="All patients").click()
    expect(page.get_by_text("51 to 52 of 52")).to_be_visible()
    settled(page)
    page.locator(".st-key-patient-pages").get_by_label("Page 1").click()
    expect(page.get_by_text("1 to 50 of 52")).to_be_visible()
    settled(page)
    click_second_row(page)
    page.wait_for_url(f"**/admin/patients?patient={ben}")
    expect(page.get_by_role("heading", name="Ben Weiß")).to_be_visible()
    page.get_by_role("link", name="Leads").first.click()
    expect(page.get_by_text("No leads yet")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Ben Weiß")).to_be_visible()
    page.get_by_role("link", name="Patients").click()
    expect(page.get_by_text("1 to 50 of 52")).to_be_visible()
    views = [one for one in everything(genko.clinic.database, AuditEntry) if one.action == "view"]
    assert [one.subject_id for one in views] == [last, ben, ben]  # each time that it was opened


def test_who_is_back_at_once_is_on_the_same_page(genko: Running, windows: Windows) -> None:
    for number in range(10, 62):
        add(genko, f"P{number}", "Zulu")
    page = windows.sign_in(genko.clinic.maria, "/admin/patients?page=2")
    line = Line(page)
    expect(page.get_by_text("51 to 52 of 52")).to_be_visible()
    line.keep_back()
    click_second_row(page)
    line.wait_for_run("All patients")
    line.let_through_what_was_waited_for(to_its_end=False)
    page.get_by_role("button", name="All patients").click()
    line.wait_for_run("of 52")
    line.let_through()
    settled(page)
    expect(page.get_by_text("51 to 52 of 52")).to_be_visible()


def test_a_row_opens_whom_it_shows_whoever_was_added_since(genko: Running, windows: Windows) -> None:
    add(genko, "Ana", "Díaz")
    ben = add(genko, "Ben", "Weiß")
    page = windows.sign_in(genko.clinic.maria, "/admin/patients")
    expect(page.get_by_text("1 to 2 of 2")).to_be_visible()
    add(genko, "Aaron", "Abel")
    click_second_row(page)
    page.wait_for_url(f"**/admin/patients?patient={ben}")
    expect(page.get_by_role("heading", name="Ben Weiß")).to_be_visible()


def test_two_patients_are_merged_by_an_administrator_told_apart_again_and_one_deleted(
    genko: Running, windows: Windows
) -> None:
    ana = add(genko, "Ana", "Díaz", phone_number="0151 12345678", notes="Since 2019")
    anna = add(genko, "Anna", "Dias", email="ana@example.org", notes="Afraid of needles")
    with genko.clinic.database.transaction() as session:
        log_for(session, Whose(patient_id=anna), TouchKind.CALL, T0, "Rang her", by=genko.clinic.maria)
    page = windows.sign_in(genko.clinic.maria, f"/admin/patients?patient={ana}")
    expect(page.get_by_role("heading", name="Ana Díaz")).to_be_visible()
    for only_admins in ("Merge", "Delete"):
        expect(page.get_by_role("button", name=only_admins)).to_have_count(0)

    page = windows.sign_in(genko.clinic.ada, f"/admin/patients?patient={ana}")
    page.get_by_role("button", name="Merge").click()
    expect(dialog(page)).to_contain_text("goes into Ana Díaz · 01511 2345678")
    choose(dialog(page), "Patient", "Anna Dias · ana@example.org")
    dialog(page).get_by_text("Anna Dias", exact=True).last.click()
    dialog(page).get_by_role("button", name="Merge").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_role("heading", name="Anna Dias")).to_be_visible()
    record = page.locator(".st-key-patient-record")
    expect(record).to_contain_text("ana@example.org")
    expect(record).to_contain_text(re.compile("Since 2019\\s+Afraid of needles"))
    expect(page.locator(".st-key-patient-touches")).to_contain_text("Rang her")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Ana Díaz")).to_be_visible()
    expect(page.locator(".st-key-patient-touches")).to_contain_text("No touches yet.")
    wait_until(lambda: [one.id for one in everything(genko.clinic.database, Patient)] == [ana, anna])

    page.get_by_role("button", name="Delete").click()
    expect(dialog(page)).to_contain_text("Ana Díaz is removed for good")
    dialog(page).get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("1 to 1 of 1")).to_be_visible()  # of the list
    assert [one.id for one in everything(genko.clinic.database, Patient)] == [anna]


def test_a_touch_is_noted_on_the_profile_and_a_viewer_reads_only(genko: Running, windows: Windows) -> None:
    ana = add(genko, "Ana", "Díaz")
    page = windows.sign_in(genko.clinic.maria, f"/admin/patients?patient={ana}")
    page.get_by_role("button", name="Create new touch").click()
    expect(dialog(page)).to_contain_text("With Ana Díaz")
    dialog(page).get_by_label("Note").fill("Rang, **no** answer")
    dialog(page).get_by_role("button", name="Save touch").click()
    expect(page.locator(".st-key-patient-touches")).to_contain_text("Rang, **no** answer")
    viewer = windows.sign_in(genko.clinic.vic, f"/admin/patients?patient={ana}")
    expect(viewer.locator(".st-key-patient-touches")).to_contain_text("Rang, **no** answer")
    for name in ("Edit", "Create new touch", "Merge", "Add patient"):
        expect(viewer.get_by_role("button", name=name)).to_have_count(0)
    viewer.goto(f"{genko.base_url}/admin/patients?patient=999")
    expect(viewer.get_by_text("This patient does not exist any more.")).to_be_visible()


def test_of_two_people_of_one_name_the_chosen_one_is_taken(genko: Running, windows: Windows) -> None:
    number = writes(genko, "It is me, with a new phone")
    first, second = add(genko, "Maria", "García"), add(genko, "Maria", "García")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    page.get_by_role("button", name="Link to…").click()
    dialog(page).get_by_label("Search").fill("maria")
    dialog(page).get_by_label("Search").press("Enter")
    dialog(page).get_by_role("combobox", name="Patient").click()
    found = page.get_by_role("option", name="Maria García")
    expect(found).to_have_text([f"Maria García · no. {first}", f"Maria García · no. {second}"])
    found.first.click()
    dialog(page).get_by_role("button", name="Link", exact=True).click()
    expect(head(page).get_by_role("button", name="Profile")).to_be_visible()
    assert everything(genko.clinic.database, Identity)[0].patient_id == first


def test_a_patient_who_was_found_while_the_button_was_pressed_is_asked_about(
    genko: Running, windows: Windows
) -> None:
    number = writes(genko, "Hello again")
    with genko.clinic.database.transaction() as session:
        session.execute(sa.update(Lead).values(first_name="Ana"))
    page = windows.inbox(path=f"/admin/messages?c={number}")
    move(page, "Convert to a patient…")
    expect(dialog(page).get_by_role("button", name="Convert")).to_be_enabled()
    ana = add(genko, "Ana", "Díaz", email="ana@example.org")
    with genko.clinic.database.transaction() as session:
        session.execute(sa.update(Patient).values(phone=PHONE))
    dialog(page).get_by_role("button", name="Convert").click()
    expect(dialog(page)).to_contain_text("Is it the same person?")
    assert [one.id for one in everything(genko.clinic.database, Patient)] == [ana]
