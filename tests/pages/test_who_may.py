"""Who gets in, what a viewer may do, and everything by keyboard."""

import re

import pytest
from playwright.sync_api import Locator, expect

from genko.access.models import Role, StaffMember
from tests.pages.conftest import PASSWORD, Running, Windows, sqlite_only
from tests.pages.screen import box, bubble, row

pytestmark = [pytest.mark.browser, sqlite_only]


def test_a_shared_link_leads_through_sign_in_to_its_conversation_and_out_again(
    genko: Running, windows: Windows
) -> None:
    genko.clinic.conversation_with("The other one", phone="+491510000002")
    number = genko.clinic.conversation_with("The one in the link")
    page = windows.blank()
    page.goto(f"{genko.base_url}/admin/messages?c={number}")
    page.get_by_label("Email").fill("maria@clinic.example")
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(bubble(page, "The one in the link")).to_be_visible()
    assert page.url.endswith(f"/admin/messages?c={number}")

    other_tab = page.context.new_page()
    other_tab.goto(page.url)
    expect(bubble(other_tab, "The one in the link")).to_be_visible()

    page.locator(".st-key-who").get_by_role("button").click()
    page.get_by_text("Sign out").last.click()
    expect(page).to_have_url(re.compile("/admin/sign-in"))
    expect(page.get_by_text("The one in the link")).to_have_count(0)
    expect(other_tab).to_have_url(re.compile("/admin/sign-in"))
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.goto(f"{genko.base_url}/admin/messages?c={number}")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_viewer_reads_and_changes_nothing(genko: Running, windows: Windows) -> None:
    number = genko.clinic.conversation_with("Please read me")
    page = windows.inbox(genko.clinic.vic, f"/admin/messages?c={number}")
    expect(bubble(page, "Please read me")).to_be_visible()
    expect(page.get_by_text("Your role lets you read, not write.")).to_be_visible()
    assert page.locator(".st-key-composer").count() == 0
    assert page.locator(".st-key-new").count() == 0
    for name in ("Status", "Priority", "Assigned to"):
        expect(page.locator(".st-key-head").get_by_role("combobox", name=name)).to_be_disabled()
    expect(page.get_by_role("switch", name="AI")).to_be_disabled()
    page.locator(".st-key-gear").get_by_role("button").click()
    expect(page.get_by_text("View patient touches")).to_be_visible()
    expect(page.get_by_text("Close dialog")).to_have_count(0)
    assert page.get_by_role("link", name="Settings").count() == 0
    page.goto(f"{genko.base_url}/admin/settings")
    expect(page.get_by_role("link", name="Messages")).to_be_visible()
    expect(page.get_by_text("Only administrators can change settings.")).to_be_visible()
    expect(page.get_by_label("Auth token")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.get_by_role("link", name="Settings").count() == 0


def test_what_was_refused_stays_said_where_it_happened(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    number = clinic.conversation_with("Who may change me?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    page.locator(".st-key-head").get_by_role("combobox", name="Priority").click()
    with clinic.database.transaction() as session:
        session.get_one(StaffMember, clinic.maria).role = Role.VIEWER
    page.get_by_role("option", name="🔺 High priority").click()
    refusal = page.locator(".st-key-conversation-pane").get_by_text("Your role lets you read, not change.")
    expect(refusal).to_be_visible()
    expect(page.get_by_text("Your role lets you read, not write.")).to_be_visible()
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    clinic.conversation_with("Something new", phone="+491510000002")  # draws the screen again
    expect(row(page, "Something new")).to_be_visible()
    expect(refusal).to_be_visible()
    page.locator("[class*=st-key-problem-close]").get_by_role("button").click()
    expect(refusal).to_have_count(0)


def test_the_keyboard_is_enough(genko: Running, windows: Windows) -> None:
    for number, body in enumerate(("Third", "Second", "First"), 1):
        genko.clinic.conversation_with(f"{body} in the list", phone=f"+49151000000{number}")
    genko.start_worker()
    page = windows.inbox()
    expect(row(page, "in the list")).to_have_count(3)
    names = page.locator(".st-key-list .preview").all_inner_texts()
    page.get_by_role("searchbox", name="Search").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.get_by_role("listbox", name="Conversations").evaluate(
            "list => list.getRootNode().activeElement === list"
        ):
            break
    expect(page.get_by_role("listbox", name="Conversations")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(row(page, names[1])).to_have_class(re.compile(r"\bactive\b"))
    page.keyboard.press("Enter")
    expect(bubble(page, names[1])).to_be_visible()
    expect(box(page)).to_be_focused()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("only")
    page.keyboard.press("Enter")
    expect(bubble(page, "By keyboard").get_by_role("img", name="Delivered")).to_be_visible()
    assert genko.clinic.sandbox.creates("By keyboard\nonly") == 1
    priority = page.locator(".st-key-head").get_by_role("combobox", name="Priority")
    priority.focus()
    page.keyboard.type("High")
    page.keyboard.press("Enter")
    expect(row(page, "By keyboard")).to_contain_text("High priority")
    expect(priority).to_be_focused()
    box(page).focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="Conversations")).to_be_focused()
    expect(page.locator(".st-key-list .row.active")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".st-key-list .row.active")).to_have_attribute("aria-selected", "false")
    page.locator(".st-key-new").get_by_role("button").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_in_the_dark_the_chief_buttons_can_be_read(genko: Running, windows: Windows) -> None:
    number = genko.clinic.conversation_with("Is it dark?")
    page = windows.inbox(path=f"/admin/messages?c={number}", color_scheme="dark")
    box(page).fill("Yes")
    assert _contrast(page.locator(".st-key-composer .send")) >= 4.5
    new = page.locator(".st-key-new").get_by_role("button")
    assert _contrast(new) >= 4.5
    new.click()
    assert _contrast(page.get_by_role("dialog").get_by_role("button", name="Create")) >= 4.5


def _contrast(button: Locator) -> float:
    """Of its words with its background, as WCAG counts it."""
    ratio: float = button.evaluate("""node => {
        const canvas = document.createElement("canvas").getContext("2d")
        const light = color => {
            canvas.fillStyle = color
            canvas.fillRect(0, 0, 1, 1)
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(
                one => one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4)
            return 0.2126 * r + 0.7152 * g + 0.0722 * b
        }
        const style = getComputedStyle(node)
        const [dark, bright] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b)
        return (bright + 0.05) / (dark + 0.05)
    }""")
    return ratio


def test_everybody_changes_their_own_password_and_signs_out_everywhere(
    genko: Running, windows: Windows
) -> None:
    page, elsewhere = (windows.sign_in(genko.clinic.vic) for _ in range(2))
    page.locator(".st-key-who").get_by_role("button").click()
    page.get_by_text("Change password").last.click()
    dialog = page.get_by_role("dialog", name="Change your password")
    dialog.get_by_label("Current password").fill("wrong")
    dialog.get_by_label("New password").fill("an even longer one")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog.get_by_text("The current password is not right.")).to_be_visible()
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_role("button", name="Change").click()
    expect(page.get_by_text("Password changed.")).to_be_visible()
    expect(elsewhere).to_have_url(re.compile("/admin/sign-in"))

    back = windows.sign_in(genko.clinic.vic)
    back.locator(".st-key-who").get_by_role("button").click()
    back.get_by_text("Sign out everywhere").last.click()
    for one in (back, page):
        expect(one).to_have_url(re.compile("/admin/sign-in"))
