"""The same screen on a phone and on a small laptop."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import connect_account
from tests.pages.conftest import Running, Windows, sqlite_only
from tests.pages.screen import box, bubble, choose, row

pytestmark = [pytest.mark.browser, sqlite_only]
# Streamlit tells a phone by its name.
_PHONE = {
    "width": 390,
    "height": 844,
    "has_touch": True,
    "is_mobile": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
}


def _fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            "document.scrollingElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth"
        )
    )


def test_on_a_phone_the_list_leads_to_a_conversation_and_back(genko: Running, windows: Windows) -> None:
    genko.clinic.conversation_with("The other one", phone="+491510000002")
    genko.clinic.conversation_with("An endless" + "word" * 60)
    page = windows.inbox(**_PHONE)
    expect(row(page, "An endless")).to_be_in_viewport()
    assert _fits(page)
    row(page, "An endless").tap()
    expect(bubble(page, "An endless")).to_be_in_viewport()
    expect(box(page)).to_be_in_viewport()
    for name in ("Status", "Priority", "Assigned to"):
        expect(page.get_by_role("combobox", name=name)).to_be_in_viewport(ratio=1)
    expect(page.locator(".st-key-gear")).to_be_in_viewport(ratio=1)
    expect(row(page, "The other one")).to_be_hidden()
    assert _fits(page)
    box(page).fill("From the phone")
    composer_send = page.locator(".st-key-composer .send")
    expect(composer_send).to_be_in_viewport(ratio=1)
    composer_send.tap()
    expect(bubble(page, "From the phone")).to_be_visible()
    page.get_by_role("button", name="Back").tap()
    expect(row(page, "The other one")).to_be_in_viewport()
    expect(page.locator(".st-key-thread")).to_be_hidden()
    row(page, "The other one").tap()
    expect(bubble(page, "The other one")).to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_role("link", name="Messages").tap()
    expect(row(page, "From the phone")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Messages")).not_to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_role("link", name="Leads").tap()
    expect(page.locator(".st-key-leads-grid")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Patients")).not_to_be_in_viewport()


def test_a_small_laptop_shows_both_without_scrolling_sideways(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    with clinic.database.transaction() as session:
        connect_account(session, clinic.connector, clinic.ada, sender="+4930555777")
    number = genko.clinic.conversation_with("An endless" + "word" * 60)
    page = windows.inbox(path=f"/admin/messages?c={number}", width=1024, height=700)
    expect(bubble(page, "An endless")).to_be_in_viewport()
    expect(row(page, "An endless")).to_be_in_viewport()
    expect(page.locator(".st-key-composer .send")).to_be_in_viewport(ratio=1)
    expect(page.locator(".st-key-gear")).to_be_in_viewport(ratio=1)
    choose(page.locator(".st-key-list-filters"), "Order", "Longest wait")
    page.wait_for_url("**order=waiting*")
    filters = page.locator(".st-key-list-filters input")
    expect(filters).to_have_count(3)
    assert filters.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")
    assert _fits(page)


def test_every_other_screen_fits_a_phone(genko: Running, windows: Windows) -> None:
    page = windows.sign_in(genko.clinic.ada, "/admin/", **_PHONE)
    expect(page.get_by_text("Good to see you")).to_be_visible()
    assert _fits(page)
    for section in ("Messaging", "Saved replies", "Team", "Clinic", "Could not be processed"):
        page.goto(f"{genko.base_url}/admin/settings?section={section.replace(' ', '+')}")
        expect(page.get_by_role("tab", name=section)).to_have_attribute("aria-selected", "true")
        assert _fits(page)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("one => one.scrollWidth <= one.clientWidth")
