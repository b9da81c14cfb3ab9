"""The Leads screen: the table, its dialogs, import and export, and the common tags."""

import csv
import io
import re

import pytest
from playwright.sync_api import Download, Page, expect

from genko import clock
from genko.leads import table, tags
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadSource, LeadStage
from genko.people import merging
from tests.leads import people
from tests.pages.conftest import Running, Windows, sqlite_only, wait_until
from tests.pages.screen import choose, settled
from tests.people.records import talking

pytestmark = [pytest.mark.browser, sqlite_only]


def leads(windows: Windows, path: str = "", staff_id: int | None = None, **more: object) -> Page:
    page = windows.sign_in(staff_id or windows.genko.clinic.maria, f"/admin/leads{path}", **more)
    page.get_by_label("Search leads").wait_for()
    return page


def line(page: Page, text: str):
    return page.locator(".st-key-leads-grid tbody tr").filter(has_text=text)


def found(genko: Running, typed: str = "") -> list[int]:
    with genko.clinic.database.reading() as session:
        return table.find_ids(session, LeadFilter(search=typed), clock.now())


def test_the_table_is_sorted_by_the_server_and_a_link_shows_the_same(
    genko: Running, windows: Windows
) -> None:
    for number in range(table.PAGE + 5):
        people.add_lead(genko.clinic, first_name=f"N{number:03}", last_name="", phone=f"+4915112{number:06}")
    page = leads(windows)
    page.get_by_role("button", name="Name", exact=True).click()
    expect(page.locator(".st-key-leads-grid tbody tr").first).to_contain_text("N000")
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="Name", exact=True).click()
    expect(page.locator(".st-key-leads-grid tbody tr").first).to_contain_text("N054")
    page.locator(".st-key-lead-pages").get_by_label("Page 2").click()
    expect(page.locator(".st-key-leads-grid tbody tr").first).to_contain_text("N004")
    page.reload()
    expect(page.locator(".st-key-leads-grid tbody tr").first).to_contain_text("N004")


def test_filters_live_in_the_url_and_a_phone_is_found_in_any_spelling(
    genko: Running, windows: Windows
) -> None:
    people.add_lead(genko.clinic, tags=["urgent"], days_old=3)
    people.add_lead(
        genko.clinic, first_name="Ben", phone="+491607654321", source=LeadSource.REFERRAL, days_old=0.1
    )
    page = leads(windows)
    choose(page.locator(".st-key-lead-filters"), "Source", "Referral")
    expect(line(page, "Ana")).to_have_count(0)
    expect(page).to_have_url(re.compile("source=referral"))
    page.goto(f"{genko.base_url}/admin/leads?tag=urgent&uncontacted=1")
    expect(line(page, "Ana")).to_be_visible()
    expect(line(page, "Ben")).to_have_count(0)
    page.get_by_role("button", name="Clear", exact=True).click()
    page.get_by_label("Search leads").fill("0049 160 765")
    expect(line(page, "Ana")).to_have_count(0)
    expect(line(page, "Ben")).to_be_visible()
    assert "160" not in page.url


def test_a_lead_is_added_after_a_warning_about_its_double(genko: Running, windows: Windows) -> None:
    people.add_lead(genko.clinic)
    page = leads(windows)
    page.get_by_role("button", name="Add lead").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("First name").fill("Anna")
    dialog.get_by_role("textbox", name="Phone number").fill("0151 12345678")
    dialog.get_by_role("button", name="Create lead").click()
    expect(dialog.get_by_text("Choose where the lead came from.")).to_be_visible()
    choose(dialog, "Source", "Website")
    dialog.get_by_role("button", name="Create lead").click()
    expect(dialog.get_by_text("This person may be here already")).to_be_visible()
    assert len(found(genko)) == 1
    dialog.get_by_role("button", name="Create lead anyway").click()
    expect(line(page, "Anna")).to_be_visible()
    expect(dialog).to_have_count(0)


def test_a_lead_is_edited_from_its_row_and_its_link(genko: Running, windows: Windows) -> None:
    number = people.add_lead(genko.clinic)
    page = leads(windows)
    expect(line(page, "Ana")).to_contain_text("Not yet")
    page.get_by_role("button", name="Touches: Ana Díaz").click()
    dialog = page.get_by_role("dialog", name="Touches")
    dialog.get_by_label("Note").fill("Rings back on Monday")
    dialog.get_by_role("button", name="Save touch").click()
    expect(line(page, "Ana")).not_to_contain_text("Not yet")
    page.get_by_role("button", name="Edit: Ana Díaz").click()
    page.get_by_role("dialog").get_by_role("button", name="Touches").click()
    expect(dialog).to_contain_text("Rings back on Monday")
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Edit: Ana Díaz").click()
    dialog = page.get_by_role("dialog", name="Lead")
    dialog.get_by_label("First name").fill("Eva")
    why = dialog.get_by_role("combobox", name="Why lost")
    expect(why).to_have_count(0)
    choose(dialog, "Stage", "Lost")
    expect(why).to_be_visible()
    expect(dialog.get_by_label("First name")).to_have_value("Eva")
    choose(dialog, "Stage", "Qualified")
    expect(why).to_have_count(0)
    assert f"lead={number}" in page.url
    dialog.get_by_role("button", name="Update lead").click()
    expect(line(page, "Eva Díaz")).to_contain_text("Qualified")
    page.goto(f"{genko.base_url}/admin/leads?lead={number}")
    page.get_by_role("dialog").get_by_text("History").click()
    expect(page.get_by_role("dialog").get_by_text("Qualified · Maria")).to_be_visible()


def test_the_form_shows_why_a_lead_is_lost_and_keeps_another_reason(genko: Running, windows: Windows) -> None:
    number = people.add_lead(genko.clinic, stage=LeadStage.LOST, lost_reason="Moved to Bonn")
    page = leads(windows, f"?lead={number}")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Why lost")).to_have_value("Moved to Bonn")
    choose(dialog, "Why lost", "Too expensive")
    dialog.get_by_role("button", name="Update lead").click()
    expect(dialog).to_have_count(0)
    assert people.lead(genko.clinic, number).lost_reason == "Too expensive"


def test_long_notes_stay_whole_when_something_else_is_edited(genko: Running, windows: Windows) -> None:
    notes = "long " * 3_000 + "end"
    number = people.add_lead(genko.clinic, notes=notes)
    page = leads(windows, f"?lead={number}")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("First name").fill("Eva")
    dialog.get_by_role("button", name="Update lead").click()
    expect(line(page, "Eva Díaz")).to_be_visible()
    assert people.lead(genko.clinic, number).notes == notes


def test_two_leads_are_merged_and_told_apart_again(genko: Running, windows: Windows) -> None:
    ana = people.add_lead(genko.clinic, email="old@example.org")
    people.add_lead(
        genko.clinic, first_name="Anna", last_name="Dias", email="ana@example.org", source=LeadSource.REFERRAL
    )
    page = leads(windows, f"?lead={ana}")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Merge").click()
    expect(dialog.get_by_role("heading", name=re.compile("^Merge Ana Díaz · 01511 2345678"))).to_be_visible()
    choose(dialog, "Lead", "Anna Dias · 01511 2345678 · ana@example.org")
    stays = dialog.get_by_role("radiogroup", name="Whose record stays?").locator("label")
    expect(stays).to_contain_text(["Ana Díaz · 01511 2345678", "Anna Dias · 01511 2345678"])
    expect(dialog.get_by_role("radiogroup", name="Source").locator("label")).to_have_text(
        ["WhatsApp", "Referral"]
    )
    dialog.get_by_role("radiogroup", name="Email").get_by_text("example.org").last.click()
    expect(dialog.get_by_role("link")).to_have_count(0)
    dialog.get_by_role("button", name="Merge").click()
    expect(dialog).to_have_count(0)
    expect(line(page, "Ana Díaz")).to_contain_text("ana@example.org")
    assert found(genko) == [ana]
    page.get_by_role("button", name="Edit: Ana Díaz").click()
    expect(dialog).to_contain_text("Lead Anna Dias went into this one")
    dialog.get_by_role("button", name="Undo").click()
    expect(line(page, "Anna Dias")).to_contain_text("ana@example.org")
    assert len(found(genko)) == 2


def test_many_leads_are_changed_at_once(genko: Running, windows: Windows) -> None:
    for name in ("Ana", "Ben", "Cem"):
        people.add_lead(genko.clinic, first_name=name)
    page = leads(windows)
    page.get_by_label("Select Ana Díaz").check()
    page.get_by_label("Select Ben Díaz").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.locator(".st-key-bulk-stage").get_by_role("button").click()
    page.get_by_text("Lost", exact=True).last.click()
    page.get_by_role("combobox", name="Why?").fill("Too far")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move to Lost").click()
    expect(line(page, "Ben")).to_contain_text("Lost")
    expect(line(page, "Cem")).not_to_contain_text("Lost")
    page.get_by_role("button", name="Select all 3").click()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("No leads yet")).to_be_visible()
    assert found(genko) == []


def test_only_what_is_seen_to_be_ticked_is_chosen(genko: Running, windows: Windows) -> None:
    for name in ("Ana", "Ben", "Cem", "Dan"):
        people.add_lead(genko.clinic, first_name=name)
    page = leads(windows, "?stage=lead")
    page.get_by_label("Select Ana Díaz").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_label("Select Ben Díaz").check()
    page.get_by_role("button", name="Clear selection").click()  # at once
    expect(page.locator(".st-key-lead-bulk")).to_have_count(0)
    page.get_by_label("Select Cem Díaz").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    expect(page.get_by_label("Select Ben Díaz")).not_to_be_checked()
    page.locator(".st-key-bulk-stage").get_by_role("button").click()
    page.get_by_text("Prospect", exact=True).last.click()
    expect(line(page, "Cem")).to_have_count(0)
    expect(page.locator(".st-key-lead-bulk")).to_have_count(0)  # it has left the filter
    page.get_by_label("Select Dan Díaz").check()
    expect(page.get_by_text("1 selected")).to_be_visible()


def test_a_file_is_imported_with_a_look_before_and_every_wrong_line_named(
    genko: Running, windows: Windows
) -> None:
    page = leads(windows)
    for added in (2, 0):
        page.locator("[class*=st-key-lead-more]").get_by_role("button").first.click()
        page.get_by_role("button", name="Import…").click()
        expect(page.get_by_role("button", name="Import…")).to_have_count(
            0
        )  # its menu does not lie over the dialog
        data = "Vorname;Handy;Wohnort\nÄnne;0151 12345678\nBen;0160 7654321\nCem;12\n".encode("cp1252")
        page.locator("input[type=file]").set_input_files(
            {"name": "leads.csv", "mimeType": "text/csv", "buffer": data}
        )
        expect(page.get_by_text("1 row will be left out")).to_be_visible()
        expect(page.get_by_text("Not imported: Wohnort.")).to_be_visible()
        page.get_by_role("button", name="Import 2 rows").click()
        expect(page.get_by_text(f"{added} added")).to_be_visible()
        expect(page.get_by_text("1 row could not be taken")).to_be_visible()
        expect(page.get_by_text("2 rows left out: known already")).to_have_count(0 if added else 1)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download the list").click()
        told = list(csv.reader(io.StringIO(waiting.value.path().read_text("utf-8-sig")), delimiter=";"))
        assert [one[:2] for one in told] == [
            ["Line", "Who"],
            *(added == 0) * [["2", "Änne"], ["3", "Ben"]],
            ["4", "Cem"],
        ]
        page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    expect(line(page, "Änne")).to_be_visible()
    assert len(found(genko)) == 2


def test_what_is_filtered_is_exported(genko: Running, windows: Windows) -> None:
    people.add_lead(genko.clinic)
    people.add_lead(genko.clinic, first_name="Ben", stage=LeadStage.LOST)
    page = leads(windows, "?stage=lost")
    page.locator("[class*=st-key-lead-more]").get_by_role("button").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export what is filtered").click()
    download: Download = waiting.value
    text = download.path().read_text("utf-8-sig")
    assert "Ben" in text
    assert "Ana" not in text
    assert '"+49 1511 2345678"' in text


_CHOOSE_EXPORT_SOON = """async frames => {
  document.querySelector("[class*=st-key-lead-more] button").click()
  const find = () => [...document.querySelectorAll("button")].find(button => button.textContent.includes("Export what"))
  while (!find() || frames-- > 0) await new Promise(requestAnimationFrame)
  find().click()
}"""


def test_an_export_is_made_however_quickly_it_is_chosen(genko: Running, windows: Windows) -> None:
    people.add_lead(genko.clinic)
    page = leads(windows)
    for frames in range(4):
        settled(page)
        with page.expect_download() as waiting:
            page.evaluate(_CHOOSE_EXPORT_SOON, frames)
        assert "Ana" in waiting.value.path().read_text("utf-8-sig")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Export what is filtered")).to_have_count(0)


def test_a_viewer_reads_and_changes_nothing(genko: Running, windows: Windows) -> None:
    people.add_lead(genko.clinic)
    silent = people.add_lead(genko.clinic, first_name="", last_name="", phone=None)
    talking(genko.clinic, "whatsapp:hidden", lead_id=silent)
    page = leads(windows, staff_id=genko.clinic.vic)
    expect(line(page, "Ana")).to_be_visible()
    expect(line(page, "From the channel")).to_be_visible()
    for name in (
        "Add lead",
        "Message: Ana Díaz",
        "Edit: Ana Díaz",
        "Delete: Ana Díaz",
        "Convert to patient: Ana Díaz",
    ):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_common_tags_are_added_dragged_and_retired(genko: Running, windows: Windows) -> None:
    def offered() -> list[str]:
        with genko.clinic.database.reading() as session:
            return tags.find_common(session)

    page = windows.sign_in(genko.clinic.ada, "/admin/settings?section=Leads")
    frame = page.locator("iframe").last.content_frame
    items = frame.locator(".sortable-item")

    def drawn(count: int) -> None:
        """Loaded anew each time, and until then of no height: what is below moves."""
        settled(page)
        expect(items).to_have_count(count)
        expect(items.last).to_be_in_viewport()

    drawn(5)
    page.get_by_label("New tag").fill("Implants *new*")
    page.locator(".st-key-narrow").get_by_role("button", name="Add", exact=True).click()
    wait_until(lambda: offered()[-1] == "implants *new*")
    drawn(6)
    first, last = items.first.bounding_box(), items.last.bounding_box()
    assert first
    assert last
    page.mouse.move(last["x"] + 20, last["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] + 20, last["y"] - 10, steps=5)
    expect(frame.locator(".dragging")).to_have_count(1)
    page.mouse.move(first["x"] + 20, first["y"] + 20, steps=15)
    page.mouse.move(first["x"] + 20, first["y"] + 4, steps=5)
    expect(items.first).to_have_attribute("style", re.compile(r"translate3d\(0px, [1-9]"))  # it makes room
    page.mouse.up()
    expect(page.get_by_text("Order saved.")).to_be_visible()
    assert offered()[0] == "implants *new*"
    drawn(6)
    choose(page.locator("body"), "Retire a tag", "implants *new*")
    page.get_by_role("button", name="Retire", exact=True).click()
    expect(page.get_by_role("button", name="implants *new*")).to_be_visible()  # as typed
    assert "implants *new*" not in offered()


def test_from_a_row_to_a_message_to_a_patient_and_to_the_end(genko: Running, windows: Windows) -> None:
    ana, double = people.add_lead(genko.clinic), people.add_lead(genko.clinic, first_name="Anna")
    with genko.clinic.database.transaction() as session:
        merging.merge_leads(session, ana, double, {}, by=genko.clinic.maria)
    people.add_lead(genko.clinic, first_name="", last_name="", phone="+491607654321")
    page = leads(windows)
    page.get_by_role("button", name="Delete: 0160 7654321").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("removed for good")
    expect(dialog).to_contain_text("0160 7654321")
    expect(dialog).not_to_contain_text("What was merged into it")
    red = dialog.get_by_role("button", name="Delete for good").evaluate(
        "node => getComputedStyle(node).backgroundColor"
    )
    assert red == "rgb(180, 35, 24)"
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Delete: Ana Díaz").click()
    expect(dialog).to_contain_text("What was merged into it goes too.")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(line(page, "Ana")).to_have_count(0)
    page.get_by_role("button", name="Convert to patient: 0160 7654321").click()
    expect(dialog).to_contain_text("0160 7654321 becomes a patient")
    dialog.get_by_label("First name").fill("Ben")
    dialog.get_by_role("button", name="Convert").click()
    expect(dialog).to_have_count(0)
    expect(line(page, "Ben")).to_contain_text("Converted")
    page.get_by_role("button", name="Message: Ben").click()
    expect(dialog).to_contain_text("With Ben")
    dialog.get_by_role("button", name="Create").click()
    expect(page.locator(".st-key-head")).to_contain_text("Ben")
    expect(page.locator(".st-key-composer")).to_contain_text("has not written to us yet")


def test_what_a_colleague_moved_unseen_is_not_moved_from_another_page(
    genko: Running, windows: Windows
) -> None:
    ids = [
        people.add_lead(genko.clinic, first_name=f"N{number:03}", last_name="", phone=f"+49151120000{number}")
        for number in range(10, 62)
    ]
    page = leads(windows, "?sort=name&way=up")
    page.get_by_label("Select N010").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.locator(".st-key-lead-pages").get_by_label("Page 2").click()
    expect(page.locator(".st-key-leads-grid tbody tr").first).to_contain_text("N060")
    people.move(genko.clinic, ids[0], LeadStage.QUALIFIED, by=genko.clinic.ada)
    people.move(genko.clinic, ids[-1], LeadStage.QUALIFIED, by=genko.clinic.ada)
    expect(line(page, "N061")).to_contain_text("Qualified")  # drawn anew
    page.locator(".st-key-bulk-stage").get_by_role("button").click()
    page.get_by_text("Prospect", exact=True).last.click()
    expect(page.get_by_text("1 lead left out")).to_be_visible()
    assert people.lead(genko.clinic, ids[0]).stage is LeadStage.QUALIFIED

    page.get_by_label("Select N061").check()  # which is seen as the colleague has left it
    expect(page.get_by_text("2 selected")).to_be_visible()
    for stage in ("Prospect", "Qualified"):  # one's own move is known
        page.locator(".st-key-bulk-stage").get_by_role("button").click()
        page.get_by_text(stage, exact=True).last.click()
        expect(line(page, "N061")).to_contain_text(stage)


def test_the_way_back_brings_nothing_of_one_form_into_another(genko: Running, windows: Windows) -> None:
    ana = people.add_lead(genko.clinic, first_name="Ana")
    people.add_lead(genko.clinic, first_name="Ben", phone="+491607654321")
    page = leads(windows)
    dialog = page.get_by_role("dialog")
    for name in ("Ana", "Ben"):
        page.get_by_role("button", name=f"Edit: {name} Díaz").click()
        expect(dialog.get_by_label("First name")).to_have_value(name)
        if name == "Ana":
            dialog.get_by_role("button", name="Close").click()
            expect(dialog).to_have_count(0)
        settled(page)
    page.go_back()
    expect(dialog).to_have_count(0)
    page.go_back()
    expect(dialog.get_by_label("First name")).to_have_value("Ana")
    settled(page)
    dialog.get_by_label("Email").fill("ana@example.org")
    dialog.get_by_role("button", name="Update lead").click()
    expect(dialog).to_have_count(0)
    assert people.lead(genko.clinic, ana).email == "ana@example.org"
