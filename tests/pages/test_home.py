"""Home: what needs a person now is one click away."""

import pytest
from playwright.sync_api import expect

from genko.channels import accounts
from genko.channels.base import ChannelError, Trouble
from genko.channels.events import Unreadable
from genko.messages import set_aside
from genko.messages.models import Conversation
from tests.pages.conftest import Running, Windows, sqlite_only
from tests.pages.line import Line
from tests.pages.screen import choose, row

pytestmark = [pytest.mark.browser, sqlite_only]


def test_who_waits_is_named_and_one_click_away(genko: Running, windows: Windows) -> None:
    number = genko.clinic.conversation_with("Is my crown ready?")
    with genko.clinic.database.transaction() as session:
        session.get_one(Conversation, number).failed_count = 1
    page = windows.sign_in(genko.clinic.maria, "/admin/")
    expect(page.get_by_role("link", name="1 person waits for an answer")).to_be_visible()
    expect(page.get_by_text("Messages a day")).to_be_visible()
    page.get_by_role("radio", name="30 days").click()
    page.wait_for_url("**days=30")
    page.get_by_role("radio", name="Choose days").click()
    page.wait_for_url("**from=*&to=*")
    expect(page.get_by_text("No messages in this period.")).to_have_count(0)
    page.goto(f"{genko.base_url}/admin/?from=2024-02-01&to=2024-02-29")
    expect(page.get_by_text("No messages in this period.")).to_be_visible()
    page.get_by_role("spinbutton", name="month, Days start date").press("ArrowDown")
    page.keyboard.press("Escape")  # out of the calendar
    page.wait_for_url("**from=2024-01-01&to=2024-02-29")
    page.get_by_role("radio", name="7 days").click()
    expect(page.get_by_text("No messages in this period.")).to_have_count(0)
    genko.clinic.sandbox.patient_writes("Me too", phone="+491510000002")
    genko.clinic.fetch()
    expect(page.get_by_role("link", name="2 people wait for an answer")).to_be_visible()
    page.get_by_role("link", name="01510 000001").or_(
        page.get_by_role("link", name="+49 1510000001")
    ).first.click()
    expect(page.locator(".st-key-thread")).to_contain_text("Is my crown ready?")
    page.get_by_role("link", name="Home").first.click()
    page.get_by_role("link", name="1 conversation with an unsent message").click()
    expect(row(page, "Is my crown ready?")).to_be_visible()
    expect(page.get_by_role("radio", name="Active chats 1")).to_be_visible()
    choose(page.locator(".st-key-list-filters"), "Show", "⏳ Closing soon")
    page.wait_for_url("**need=closing*")
    expect(page.locator(".st-key-list")).to_contain_text("Nothing matches")
    page.get_by_role("button", name="Clear search and filters").click()
    expect(row(page, "Me too")).to_be_visible()


def test_the_days_that_were_chosen_stay_though_the_page_hears_of_them_late(
    genko: Running, windows: Windows
) -> None:
    page = windows.sign_in(genko.clinic.maria, "/admin/")
    line = Line(page)
    page.get_by_role("radio", name="Choose days").click()
    page.wait_for_url("**from=*&to=*")
    expect(page.get_by_role("spinbutton", name="month, Days start date")).to_be_visible()
    line.keep_back()
    page.get_by_role("radio", name="30 days").click()
    line.wait_for_run()
    assert not line.has_said("from=")
    line.let_through()
    page.wait_for_url("**days=30")
    expect(page.get_by_role("radio", name="30 days")).to_be_checked()


def test_what_only_an_administrator_can_mend_leads_to_the_settings(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    wrong = ChannelError("Twilio did not accept the auth token.", Trouble.ACCOUNT)
    with clinic.database.transaction() as session:
        accounts.note_failure(session, clinic.account_id, wrong)
        set_aside.keep(session, clinic.account_id, Unreadable("SM1", {}, "It has no sender."))
    page = windows.sign_in(clinic.ada, "/admin/")
    expect(page.get_by_role("link", name="Mend it under Settings")).to_be_visible()
    page.get_by_role("link", name="1 message could not be processed").click()
    expect(page.get_by_text("It has no sender.")).to_be_visible()
    other = windows.sign_in(clinic.maria, "/admin/")
    expect(other.get_by_text("An administrator finds them under Settings. Ask Ada.")).to_be_visible()
    expect(other.get_by_text("An administrator mends it under Settings. Ask Ada.")).to_be_visible()
    expect(other.get_by_role("link", name="Mend it under Settings")).to_have_count(0)
