"""What people do on the Messages screen, and what they see there."""

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate


def row(page: Page, text: str) -> Locator:
    """A row of the conversation list."""
    return page.locator(".st-key-list").get_by_role("option").filter(has_text=text)


def box(page: Page) -> Locator:
    """Where a reply is typed."""
    return page.locator(".st-key-composer textarea")


def composer(page: Page) -> Locator:
    return page.locator(".st-key-composer")


def bubble(page: Page, text: str) -> Locator:
    return page.locator(".bubble").filter(has_text=text)


def tick(page: Page, text: str, state: str) -> Locator:
    return bubble(page, text).get_by_role("img", name=state, exact=True)


def open_row(page: Page, text: str) -> None:
    row(page, text).click()
    expect(row(page, text)).to_have_attribute("aria-selected", "true")
    page.get_by_role("log").get_by_text(text).first.wait_for()


def type_draft(page: Page, text: str) -> None:
    box(page).fill(text)
    expect(page.locator(".saved")).to_have_text("Saved")


def choose(within: Locator, label: str, option: str) -> None:
    """Picks from one of Streamlit's select boxes; its options open in a layer over the page."""
    wanted = within.page.get_by_role("option", name=option, exact=True)
    for patience in (2_000, 4_000, 20_000):  # ms
        within.get_by_role("combobox", name=label).click()
        try:
            return wanted.click(timeout=patience)
        except TooLate:  # the page was drawn anew and closed the list: a person opens it again
            within.page.keyboard.press("Escape")
    raise AssertionError(f"{label} has no {option}")


def settled(page: Page) -> None:
    """The page has drawn what was just done; what is open in a layer over it would close with the drawing."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def more(page: Page, item: str) -> None:
    """An entry of the conversation's gear menu."""
    page.locator(".st-key-gear").get_by_role("button").click()
    page.get_by_role("menuitem", name=item).or_(page.get_by_role("option", name=item)).first.click()


def tabs_count(page: Page, tab: str) -> int:
    """The number that a tab of the list shows."""
    return int(page.get_by_role("radio", name=tab).inner_text().split()[-1])
