"""Sorting the inbox: what staff set, tabs and filters, search, new conversations and touches."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from genko import clock
from genko.messages.models import Conversation, ConversationStatus, Priority
from tests.factories import add_patient
from tests.pages.conftest import PHONE, Running, Windows, sqlite_only
from tests.pages.line import Line
from tests.pages.screen import bubble, choose, more, open_row, row, settled, tabs_count

pytestmark = [pytest.mark.browser, sqlite_only]
ANA, BEN, CLEO = PHONE, "+4915112345678", "+34612345678"


def _three_people(genko: Running) -> None:
    clinic = genko.clinic
    with clinic.database.transaction() as session:
        for first, last, number in (("Ana", "Díaz", ANA), ("Ben", "Weiß", BEN), ("Cleo", "Ångström", CLEO)):
            add_patient(
                session, by=clinic.maria, region="DE", first_name=first, last_name=last, phone_number=number
            )
    now = clock.now()
    clinic.sandbox.patient_writes("¿Mañana por la mañana?", phone=ANA, at=now - timedelta(minutes=5))
    clinic.sandbox.patient_writes("Ist mein Röntgenbild da?", phone=BEN, at=now - timedelta(minutes=30))
    clinic.sandbox.patient_writes("Thank you!", phone=CLEO, at=now - timedelta(minutes=3))
    clinic.fetch(sweep=True)


def _names(page: Page) -> list[str]:
    return page.locator(".st-key-list .row .name").all_inner_texts()


def test_what_staff_set_shows_in_the_list_and_outlives_a_reload(genko: Running, windows: Windows) -> None:
    _three_people(genko)
    page = windows.inbox()
    open_row(page, "Röntgenbild")
    head, ben = page.locator(".st-key-head"), row(page, "Ben Weiß")
    choose(head, "Priority", "🔺 High priority")
    expect(ben).to_contain_text("High priority")
    choose(head, "Assigned to", "Ada")
    head.locator("[class*=st-key-ai-] label").first.click()
    expect(ben.get_by_text("AI on")).to_have_count(0)
    choose(head, "Status", "🟡 Pending")
    expect(ben).to_contain_text("Pending")
    expect(ben).not_to_contain_text("waiting")

    page.reload()
    expect(head.get_by_role("combobox", name="Status")).to_have_value(re.compile("Pending"))
    expect(head.get_by_role("combobox", name="Priority")).to_have_value(re.compile("High"))
    expect(head.get_by_role("combobox", name="Assigned to")).to_have_value("Ada")
    expect(page.get_by_role("switch", name="AI")).not_to_be_checked()


def _on_a_line_of_ours(genko: Running, windows: Windows) -> tuple[Page, Line]:
    """The inbox of three people with Ben's conversation open, and the line that can be made slow."""
    _three_people(genko)
    page = windows.inbox()
    line = Line(page)
    open_row(page, "Röntgenbild")
    return page, line


def test_a_browser_that_is_behind_does_not_undo_what_was_set(genko: Running, windows: Windows) -> None:
    page, line = _on_a_line_of_ours(genko, windows)
    page.locator(".st-key-gear").get_by_role("button").click()
    line.keep_back()
    page.get_by_role("menuitem", name="Close dialog").click()
    line.wait_for_run("Dialog closed")
    page.get_by_role("searchbox", name="Search").fill("weiß")
    line.wait_for_run("found under Closed chats")
    line.let_through()
    expect(page.locator(".st-key-list")).to_contain_text("1 found under Closed chats.")
    with genko.clinic.database.reading() as session:
        statuses = session.scalars(sa.select(Conversation.status)).all()
    assert statuses.count(ConversationStatus.RESOLVED) == 1


def test_what_was_opened_stays_open_under_a_browser_that_is_behind(genko: Running, windows: Windows) -> None:
    page, line = _on_a_line_of_ours(genko, windows)
    line.keep_back()
    row(page, "Cleo").click()
    line.wait_for_run("Thank you!")
    page.get_by_role("searchbox", name="Search").fill("cleo")  # sent with the address of before
    line.wait_for_run("Thank you!")
    line.let_through()
    expect(row(page, "Cleo")).to_have_attribute("aria-selected", "true")
    expect(bubble(page, "Thank you!")).to_be_visible()
    page.go_back()
    expect(bubble(page, "Röntgenbild")).to_be_visible()


def test_a_filter_that_was_set_stays_set_under_a_browser_that_is_behind(
    genko: Running, windows: Windows
) -> None:
    _three_people(genko)
    page = windows.inbox()
    line = Line(page)
    expect(row(page, "Röntgenbild")).to_be_visible()
    line.keep_back()
    page.get_by_role("radio", name="Closed chats").click()
    line.wait_for_run("No closed chats")
    page.get_by_role("searchbox", name="Search").fill("weiß")  # sent with the filters of before
    line.wait_for_run("found under Active chats")
    line.let_through()
    expect(page.get_by_role("radio", name="Closed chats")).to_be_checked()
    expect(page.locator(".st-key-list-filters").get_by_role("combobox", name="Show")).to_have_value(
        re.compile("Resolved")
    )


def test_of_two_quick_choices_the_second_one_stays(genko: Running, windows: Windows) -> None:
    page, line = _on_a_line_of_ours(genko, windows)
    settled(page)
    head = page.locator(".st-key-head")
    line.keep_back()
    choose(head, "Priority", "🔺 High priority")
    line.wait_for_run()
    choose(head, "Priority", "Low priority")
    line.let_through_what_was_waited_for()  # the answer to the first one
    line.wait_for_run()
    expect(head.get_by_role("combobox", name="Priority")).to_have_value("Low priority")
    page.get_by_role("searchbox", name="Search").fill("weiß")  # sent with what is shown
    line.wait_for_run("Ben")
    line.let_through()
    expect(page.locator(".st-key-list").get_by_role("option")).to_have_count(1)
    expect(head.get_by_role("combobox", name="Priority")).to_have_value("Low priority")
    with genko.clinic.database.reading() as session:
        assert set(session.scalars(sa.select(Conversation.priority))) == {Priority.MEDIUM, Priority.LOW}


def test_a_tab_is_changed_whose_number_has_changed_meanwhile(genko: Running, windows: Windows) -> None:
    page, line = _on_a_line_of_ours(genko, windows)
    settled(page)
    line.keep_back()
    more(page, "Close dialog")
    line.wait_for_run("Dialog closed")
    page.get_by_role("radio", name="Closed chats").click()
    line.wait_for_run()
    line.let_through()
    expect(page.get_by_role("radio", name="Closed chats 1")).to_be_checked()


def test_who_chooses_a_conversation_and_types_at_once_means_that_one(
    genko: Running, windows: Windows
) -> None:
    _three_people(genko)
    page = windows.inbox()
    open_row(page, "Röntgenbild")
    row(page, "Cleo").click()
    page.keyboard.type("Dear Cleo")
    expect(page.get_by_label("Write to Cleo")).to_have_value("Dear Cleo")
    row(page, "Ana Díaz").click()
    row(page, "Ben Weiß").click()
    page.keyboard.type("For Ben alone")
    expect(page.get_by_label("Write to Ben")).to_have_value("For Ben alone")
    open_row(page, "¿Mañana")
    expect(page.get_by_label("Write to Ana")).to_have_value("")


def test_a_closed_dialog_moves_and_comes_back_when_the_patient_writes(
    genko: Running, windows: Windows
) -> None:
    _three_people(genko)
    genko.start_worker()
    page = windows.inbox()
    colleague = windows.inbox(genko.clinic.ada)
    open_row(page, "Thank you!")
    expect(row(page, "Cleo")).not_to_contain_text("1 unread")
    more(page, "Mark as unread")
    expect(page.get_by_text("Choose a conversation", exact=True)).to_be_visible()
    expect(row(page, "Cleo")).to_contain_text("1 unread")
    open_row(page, "Thank you!")
    more(page, "Close dialog")
    for one in (page, colleague):
        expect(row(one, "Cleo")).to_have_count(0)
        expect(one.get_by_role("radio", name="Active chats 2")).to_be_visible()
        expect(one.get_by_role("radio", name="Closed chats 1")).to_be_visible()
        assert tabs_count(one, "Active chats") == len(_names(one)) == 2

    page.get_by_text("Closed chats").click()
    expect(row(page, "Cleo")).to_contain_text("Resolved")
    assert tabs_count(page, "Closed chats") == len(_names(page)) == 1
    genko.clinic.sandbox.patient_writes("One more question", phone=CLEO)
    expect(page.locator(".st-key-list")).to_contain_text("No closed chats")
    expect(row(colleague, "One more question")).to_contain_text("Active")
    expect(colleague.get_by_role("radio", name="Active chats 3")).to_be_visible()


def test_tab_and_filters_live_in_the_address(genko: Running, windows: Windows) -> None:
    _three_people(genko)
    page = windows.inbox()
    expect(row(page, "Ben")).to_be_visible()
    assert _names(page) == ["Cleo Ångström", "Ana Díaz", "Ben Weiß"]
    filters = page.locator(".st-key-list-filters")
    filters.get_by_role("combobox", name="Order").click()
    page.get_by_role("option").filter(has_text=re.compile("ong")).first.click()
    page.wait_for_url("**order=waiting*")
    expect(page.locator(".st-key-list .row .name").first).to_have_text("Ben Weiß")
    choose(filters, "Show", "🟡 Pending")
    page.wait_for_url("**status=pending*")
    expect(page.locator(".st-key-list")).to_contain_text("Nothing matches")
    page.reload()
    expect(page.locator(".st-key-list")).to_contain_text("Nothing matches")
    expect(page.get_by_role("radio", name="Active chats 0")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    expect(page.locator(".st-key-list .row .name")).to_have_text(["Ben Weiß", "Ana Díaz", "Cleo Ångström"])
    choose(filters, "Show", "⚪ Resolved")
    page.wait_for_url("**tab=closed*")
    page.reload()
    expect(page.get_by_role("radio", name="Closed chats")).to_be_checked()
    choose(filters, "Show", "All")
    expect(page.get_by_role("radio", name="Active chats 3")).to_be_checked()
    page.get_by_role("radio", name="Closed chats").click()
    page.wait_for_url("**tab=closed*")
    page.go_back()
    expect(page.locator(".st-key-list")).to_be_visible()


def test_search_by_name_by_phone_and_by_text(genko: Running, windows: Windows) -> None:
    _three_people(genko)
    page = windows.inbox()
    search = page.get_by_role("searchbox", name="Search")
    names = page.locator(".st-key-list .row .name")
    for typed, found in (
        ("diaz", "Ana Díaz"),
        ("ang", "Cleo Ångström"),
        ("0151 1234-5678", "Ben Weiß"),
        ("0034 612 345 678", "Cleo Ångström"),
        ("+49 (151) 12345", "Ben Weiß"),
        ("manana", "Ana Díaz"),
        ("RONTGEN", "Ben Weiß"),
    ):
        search.fill(typed)
        expect(names, typed).to_have_text([found])
        assert tabs_count(page, "Active chats") == 1
    assert "RONTGEN" not in page.url
    search.fill("nobody of this name")
    expect(page.locator(".st-key-list")).to_contain_text("Nothing matches")
    page.get_by_role("button", name="Clear search and filters").click()
    expect(search).to_have_value("")
    expect(names).to_have_count(3)

    open_row(page, "Röntgenbild")
    more(page, "Close dialog")
    search.fill("weiß")
    expect(page.locator(".st-key-list")).to_contain_text("1 found under Closed chats.")
    page.get_by_role("button", name="Show Closed chats").click()
    expect(names).to_have_text(["Ben Weiß"])
    expect(search).to_have_value("weiß")


def _closes_saying(page: Page, words: str) -> None:
    """The dialog; and what it says leaves the menu of the conversation free."""
    expect(page.get_by_role("dialog")).to_have_count(0)
    said = page.get_by_test_id("stToast").filter(has_text=words).bounding_box()
    head = page.locator(".st-key-head").bounding_box()
    assert said
    assert head
    assert said["y"] >= head["y"] + head["height"]


def test_a_new_conversation_and_a_touch(genko: Running, windows: Windows) -> None:
    _three_people(genko)
    page = windows.inbox()
    page.locator(".st-key-new").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("Choose a patient first.")
    choose(dialog, "Patient", "Ben Weiß · 01511 2345678")
    choose(dialog, "Priority", "High")
    dialog.get_by_role("button", name="Open their conversation").click()
    expect(page.locator(".st-key-head")).to_contain_text("Ben Weiß")
    expect(row(page, "Ben Weiß")).to_contain_text("Medium priority")  # his own, as it was
    expect(page.get_by_role("radio", name="Active chats 3")).to_be_visible()

    page.locator(".st-key-new").get_by_role("button").click()
    dialog.get_by_text("Type contact details").click()
    dialog.get_by_label("Phone number").fill("no number")
    dialog.get_by_label("First name").fill("Dora")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("This does not look like a phone number.")
    dialog.get_by_label("Phone number").fill("0151 12345678")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("This number belongs to Ben Weiß.")
    expect(dialog).not_to_contain_text("This does not look like a phone number.")
    expect(dialog.get_by_role("button", name="Create")).to_have_count(0)
    dialog.get_by_role("button", name="Open their conversation").click()
    expect(dialog).to_have_count(0)
    settled(page)
    page.locator(".st-key-new").get_by_role("button").click()
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("Choose a patient first.")
    dialog.get_by_text("Type contact details").click()
    expect(dialog.get_by_label("Phone number")).to_be_visible()
    expect(dialog).not_to_contain_text("Choose a patient first.")
    dialog.get_by_label("First name").fill("Dora")
    dialog.get_by_label("Phone number").fill("030 555 0199")
    dialog.get_by_role("button", name="Create").click()
    expect(page.locator(".st-key-head")).to_contain_text("Dora")
    expect(page.locator(".st-key-composer")).to_contain_text("has not written to us yet")
    expect(page.locator(".nothing")).to_have_text("No messages yet.")

    more(page, "Create new touch")
    expect(dialog).to_contain_text("With Dora")
    choose(dialog, "Kind", "Other")
    dialog.get_by_role("button", name="Save touch").click()
    expect(dialog).to_contain_text("Write a note: it says what kind of contact this was.")
    dialog.get_by_label("Note").fill("Rang her, **no** answer")
    dialog.get_by_role("button", name="Save touch").click()
    _closes_saying(page, "Touch saved.")
    more(page, "View patient touches")
    expect(page.get_by_role("dialog", name="Touches", exact=True)).to_contain_text("With Dora")
    expect(dialog).to_contain_text("Rang her, **no** answer")
    expect(dialog).to_contain_text("Maria")
