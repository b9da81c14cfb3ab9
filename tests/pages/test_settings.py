"""Settings: connecting an account, importing what was before, the team and saved replies."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from genko import clock
from genko.channels.models import ChannelAccount, HistoryImport
from tests.factories import add_patient
from tests.pages.conftest import Running, Windows, sqlite_only
from tests.pages.screen import box, choose
from tests.sandbox_client import SENDER

pytestmark = [pytest.mark.browser, sqlite_only]
SID, TOKEN, NUMBER = "AC" + "b2" * 16, "another-secret-token", "+4930555666"


def test_connecting_an_account_names_the_field_at_fault_and_keeps_the_secret(
    genko: Running, windows: Windows
) -> None:
    genko.clinic.sandbox.add_account(SID, TOKEN, NUMBER)
    page = windows.sign_in(genko.clinic.ada, "/admin/settings")
    page.get_by_text("Connect another account").click()
    form = page.get_by_test_id("stForm").filter(visible=True)
    fields = {
        name: form.get_by_role("textbox", name=name)
        for name in ("Account SID", "Auth token", "Sender number", "Label")
    }
    fields["Account SID"].fill(SID)
    fields["Auth token"].fill("wrong")
    fields["Sender number"].fill(NUMBER)
    test = form.get_by_role("button", name="Test connection")
    test.click()
    expect(page.get_by_text("Auth token: Twilio did not accept the auth token.")).to_be_visible()
    page.get_by_role("tab", name="Leads").click()
    choose(page.locator("body"), "Retire a tag", "urgent")  # draws the page again
    expect(page.get_by_role("button", name="Retire", exact=True)).to_be_enabled()
    page.get_by_role("tab", name="Messaging").click()
    expect(page.get_by_text("Auth token: Twilio did not accept the auth token.")).to_be_visible()
    fields["Auth token"].fill(TOKEN)
    fields["Sender number"].fill(SENDER)
    test.click()
    expect(
        page.get_by_text("Sender number: This number is not a WhatsApp sender of this Twilio account.")
    ).to_be_visible()
    fields["Sender number"].fill("+49 30 555-666")
    test.click()
    expect(page.get_by_text("The connection works")).to_be_visible()
    fields["Label"].fill("Dr. *Weiß*")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Dr. *Weiß* — {NUMBER}")).to_be_visible()
    page.reload()
    expect(page.get_by_text(f"Dr. *Weiß* — {NUMBER}")).to_be_visible()
    expect(page.get_by_text("Change", exact=True)).to_have_count(2)
    for change in page.get_by_text("Change", exact=True).all():
        change.click()
    expect(page.get_by_role("textbox", name="Account SID").nth(1)).to_be_visible()
    for sender in page.get_by_role("textbox", name="Sender number").filter(visible=True).all():
        expect(sender).to_be_disabled()
    values = page.locator("input").evaluate_all("all => all.map(one => one.value)")
    assert SID in values
    assert TOKEN not in values
    assert TOKEN not in page.content()
    assert TOKEN not in genko.said()


def _import(page: Page, button: str, days: int = 5) -> None:
    """Of a few days only: the worker takes a second for each."""
    page.get_by_role("spinbutton", name="Days").fill(str(days))
    page.get_by_role("spinbutton", name="Days").press("Enter")
    page.get_by_role("button", name=button).click()


def test_history_is_imported_stopped_and_gone_on_with(genko: Running, windows: Windows) -> None:
    clinic, now = genko.clinic, clock.now()
    clinic.sandbox.history([
        {"direction": "in", "patient": f"+49151000030{day:02}", "at": (now - timedelta(days=day)).isoformat(), "body": f"Day {day}"}
        for day in (2, 3, 4, 6)
    ])  # fmt: skip
    page = windows.sign_in(clinic.ada, "/admin/settings")
    _import(page, "Import the history")
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The import was stopped after 0 messages.")).to_be_visible()
    _import(page, "Go on")
    genko.start_worker()
    expect(page.get_by_text("History imported: 3 messages.")).to_be_visible(timeout=40_000)
    with clinic.database.reading() as session:
        assert session.scalars(sa.select(ChannelAccount.history)).one() is HistoryImport.DONE
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    _import(page, "Import more")
    expect(page.get_by_text("These days are here already.")).to_be_visible()
    _import(page, "Import more", days=7)
    expect(page.get_by_text("History imported: 4 messages.")).to_be_visible(timeout=40_000)
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_role("radio", name="Closed chats 4")).to_be_visible()


def test_an_import_that_finds_nothing_new_says_that_all_is_here(genko: Running, windows: Windows) -> None:
    page = windows.sign_in(genko.clinic.ada, "/admin/settings")
    _import(page, "Import the history")
    genko.start_worker()
    expect(page.get_by_text("Everything from this period is here already.")).to_be_visible(timeout=40_000)


def test_a_new_viewer_and_a_saved_reply(genko: Running, windows: Windows) -> None:
    page = windows.sign_in(genko.clinic.ada, "/admin/settings?section=Team")
    slow = page.context.new_cdp_session(
        page
    )  # as on a busy machine: somebody types while the form still opens
    slow.send("Animation.enable")
    slow.send("Animation.setPlaybackRate", {"playbackRate": 0.3})
    page.get_by_text("Add somebody").click()
    form = page.get_by_test_id("stForm").filter(has=page.get_by_label("Email"))
    form.get_by_label("Name").fill("Nina")
    form.get_by_label("Email").fill("nina@clinic.example")
    form.get_by_role("textbox", name="Password").fill("short")
    form.get_by_role("combobox", name="Role").click()
    page.get_by_role("option", name="Viewer: reads only").click()
    slow.detach()
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Choose a password of at least 10 characters.")).to_be_visible()
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    expect(form.get_by_label("Email")).to_have_value("nina@clinic.example")
    form.get_by_role("textbox", name="Password").fill("long enough for Nina")
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Choose a password of at least 10 characters.")).to_have_count(0)
    member = page.locator("[class*=st-key-member-]").filter(has_text="nina@clinic.example")
    expect(member.get_by_role("combobox", name="Role")).to_have_value("Viewer: reads only")
    expect(form.get_by_label("Email")).to_have_value("")
    assert "long enough for Nina" not in page.content()

    page.get_by_role("tab", name="Saved replies").click()
    page.get_by_label("Title").fill("Greeting")
    page.get_by_label("Text").fill("Hello {first name}, this is {clinic}.")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Greeting").first).to_be_visible()

    with genko.clinic.database.transaction() as session:
        add_patient(
            session,
            by=genko.clinic.maria,
            region="DE",
            first_name="Ana",
            last_name="Díaz",
            phone_number="+491510000001",
        )
    desk = windows.inbox(path=f"/admin/messages?c={genko.clinic.conversation_with()}")
    desk.get_by_role("button", name="Saved replies").click()
    desk.get_by_role("combobox", name="Find a saved reply").fill("GREET")
    desk.keyboard.press("Enter")
    expect(box(desk)).to_have_value("Hello Ana, this is Clínica Sol.")
    expect(box(desk)).to_be_focused()
