"""The same screen on a phone and on a small laptop."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Running, Windows, sqlite_only
from tests.pages.screen import box, bubble, row

pytestmark = [pytest.mark.browser, sqlite_only]


def _fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            "document.scrollingElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth"
        )
    )


def test_on_a_phone_the_list_leads_to_a_conversation_and_back(genko: Running, windows: Windows) -> None:
    genko.clinic.conversation_with("The other one", phone="+491510000002")
    genko.clinic.conversation_with("An endless" + "word" * 60)
    page = windows.inbox(width=390, height=844, has_touch=True, is_mobile=True)
    expect(row(page, "An endless")).to_be_in_viewport()
    assert _fits(page)
    row(page, "An endless").tap()
    expect(bubble(page, "An endless")).to_be_in_viewport()
    expect(box(page)).to_be_in_viewport()
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


def test_a_small_laptop_shows_both_without_scrolling_sideways(genko: Running, windows: Windows) -> None:
    number = genko.clinic.conversation_with("An endless" + "word" * 60)
    page = windows.inbox(path=f"/admin/messages?c={number}", width=1024, height=700)
    expect(bubble(page, "An endless")).to_be_in_viewport()
    expect(row(page, "An endless")).to_be_in_viewport()
    expect(page.locator(".st-key-composer .send")).to_be_in_viewport(ratio=1)
    expect(page.locator(".st-key-gear")).to_be_in_viewport(ratio=1)
    assert _fits(page)
