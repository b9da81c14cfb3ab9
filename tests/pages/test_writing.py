"""Writing a reply: drafts, one send a draft, colleagues, failures, and when nothing can be sent."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import APIResponse, Page, Route, expect

from genko import clock
from genko.channels.models import ChannelAccount, Health
from genko.messages import conversations, outbox
from genko.messages.models import Conversation, Draft, Message
from tests.factories import Clinic
from tests.pages.conftest import PHONE, Running, Windows, sqlite_only, wait_until
from tests.pages.screen import box, bubble, composer, open_row, row, tick, type_draft

pytestmark = pytest.mark.browser
OTHER = "+491510000002"
Kept = tuple[list[tuple[int, str]], list[tuple[int, str]]]


@contextmanager
def sending_yes(page: Page, clinic: Clinic, number: int, *, held: bool = True) -> Iterator[None]:
    """Enter has been pressed behind "Yes"; while it is `held` the message waits for us."""
    box(page).fill("Yes")
    with clinic.database.transaction() if held else nullcontext() as session:
        if session:
            conversations.lock(session, number)
        page.keyboard.press("Enter")
        yield


def test_however_often_a_draft_is_sent_it_is_one_message(genko: Running, windows: Windows) -> None:
    sandbox = genko.clinic.sandbox
    number = genko.clinic.conversation_with("Are you open?")
    genko.start_worker()
    page = windows.inbox(path=f"/admin/messages?c={number}")

    box(page).fill("Double click")
    composer(page).locator(".send").dblclick()
    expect(tick(page, "Double click", "Delivered")).to_be_visible()
    expect(box(page)).to_have_value("")

    box(page).fill("Enter and click")
    box(page).press("Enter")
    composer(page).locator(".send").click(force=True)
    expect(tick(page, "Enter and click", "Delivered")).to_be_visible()

    type_draft(page, "Two tabs")
    tab = page.context.new_page()
    tab.goto(page.url)
    expect(box(tab)).to_have_value("Two tabs")
    box(page).press("Enter")
    box(tab).press("Enter")
    for one in (page, tab):
        expect(tick(one, "Two tabs", "Delivered")).to_be_visible()
        expect(box(one)).to_have_value("")
        expect(one.locator(".bubble.out")).to_have_count(3)
    assert [sandbox.creates(body) for body in ("Double click", "Enter and click", "Two tabs")] == [1, 1, 1]


@sqlite_only
def test_what_is_typed_while_a_message_is_on_its_way_is_the_next_draft(
    genko: Running, windows: Windows
) -> None:
    clinic = genko.clinic
    number = clinic.conversation_with("Are you open?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    with sending_yes(page, clinic, number):
        page.keyboard.press("Enter")
        expect(box(page)).to_have_value("")
        page.keyboard.type("we are")
        page.keyboard.press("Enter")
        page.keyboard.type("until six")
        expect(page.locator(".bubble.out")).to_have_count(0)
    expect(page.locator(".bubble.out .text")).to_have_text(["Yes", "we are"])
    expect(box(page)).to_have_value("until six")
    expect(page.locator(".saved")).to_have_text("Saved")
    page.reload()
    expect(box(page)).to_have_value("until six")


@sqlite_only
@pytest.mark.parametrize(
    ("away", "held"), [("conversation", True), ("conversation", False), ("screen", True), ("screen", False)]
)
def test_what_was_sent_goes_out_and_what_was_typed_is_kept_when_the_conversation_is_left(
    genko: Running, windows: Windows, away: str, held: bool
) -> None:
    clinic = genko.clinic
    number = clinic.conversation_with("Are you open?")
    clinic.conversation_with("Another question", phone=OTHER)
    path = f"/admin/messages?c={number}"
    page = windows.inbox(path=path)
    with sending_yes(page, clinic, number, held=held):
        page.keyboard.type("until six")
        page.keyboard.press("Enter")
        page.keyboard.type("See you")
        if away == "conversation":
            row(page, "Another question").click()
        else:
            page.get_by_role("link", name="Leads").click()
    everything = [(number, "Yes"), (number, "until six")], [(number, "See you")]
    becomes(clinic, everything)
    page.goto(genko.base_url + path)
    expect(page.locator(".bubble.out .text")).to_have_text(["Yes", "until six"])
    expect(box(page)).to_have_value("See you")
    expect(composer(page).locator(".notice")).to_have_count(0)


@sqlite_only
def test_what_waits_behind_a_message_is_back_in_its_box_when_the_page_is_closed(
    genko: Running, windows: Windows
) -> None:
    clinic = genko.clinic
    number = clinic.conversation_with("Are you open?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    with sending_yes(page, clinic, number):
        page.keyboard.type("until six")
        page.keyboard.press("Enter")
        with page.expect_navigation(wait_until="commit"):  # until then the page that is left may still send
            page.evaluate("location.reload()")
    yes, until_six = (number, "Yes"), (number, "until six")
    becomes(clinic, ([yes], [until_six]))
    expect(box(page)).to_have_value("until six")
    expect(composer(page).get_by_role("alert")).to_contain_text("You left before this was sent.")
    box(page).press("Enter")
    expect(page.locator(".bubble.out .text")).to_have_text(["Yes", "until six"])
    assert _kept(clinic) == ([yes, until_six], [])


def becomes(clinic: Clinic, expected: Kept) -> None:
    with suppress(AssertionError):  # the comparison says more
        wait_until(lambda: _kept(clinic) == expected)
    assert _kept(clinic) == expected


def _kept(clinic: Clinic) -> Kept:
    """What was sent, and what is still a draft, each with its conversation."""
    sent = (
        sa.select(Message.conversation_id, Message.body).where(Message.author == "staff").order_by(Message.id)
    )
    typed = sa.select(Draft.conversation_id, Draft.text).where(Draft.text != "")
    with clinic.database.reading() as session:
        return [(a, b) for a, b in session.execute(sent)], [(a, b) for a, b in session.execute(typed)]


@sqlite_only
def test_a_refused_text_comes_back_before_what_was_typed_since(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    first = clinic.conversation_with("Is Thursday possible?")
    clinic.conversation_with("Another question", phone=OTHER)
    page = windows.inbox(path=f"/admin/messages?c={first}")
    for words in ("Sorry, no.", "Really not."):
        box(page).fill("Thursday is fine.")
        with clinic.database.transaction() as session:
            outbox.queue(session, first, words, by=clinic.ada, token=words)
            page.keyboard.press("Enter")
            page.keyboard.type("See you")
            if words == "Really not.":
                row(page, "Another question").click()
        if words == "Sorry, no.":
            expect(composer(page).get_by_role("alert")).to_contain_text("Ada answered")
            expect(box(page)).to_have_value("Thursday is fine.\nSee you")

    expect(bubble(page, "Another question")).to_be_visible()
    expect(box(page)).to_have_value("")
    row(page, "Really not.").click()
    expect(bubble(page, "Really not.")).to_be_visible()
    expect(box(page)).to_have_value("Thursday is fine.\nSee you")
    expect(composer(page).get_by_role("alert")).to_contain_text("Ada answered")
    page.reload()
    expect(box(page)).to_have_value("Thursday is fine.\nSee you")
    box(page).press("Enter")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".bubble.out").last).to_contain_text("See you")
    expect(box(page)).to_have_value("")


@sqlite_only
def test_a_message_whose_answer_is_lost_is_asked_about_again_and_sent_once(
    genko: Running, windows: Windows
) -> None:
    def lose(route: Route) -> None:
        if route.request.method == "POST" and not asked:
            asked.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    asked = list[APIResponse]()
    number = genko.clinic.conversation_with("Are you open?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    page.route("**/api/drafts/*", lose)
    box(page).fill("Yes")
    box(page).press("Enter")
    expect(page.locator(".bubble.out .text")).to_have_text(["Yes"])
    expect(composer(page).locator(".send")).to_contain_text("Send ")
    expect(box(page)).to_have_value("")
    assert [one.status for one in asked] == [200]
    assert _kept(genko.clinic) == ([(number, "Yes")], [])
    page.unroute("**/api/drafts/*")


@sqlite_only
def test_what_was_saved_on_the_way_to_a_text_is_no_draft_once_that_is_sent(
    genko: Running, windows: Windows
) -> None:
    number = genko.clinic.conversation_with("Is Thursday possible?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    type_draft(page, "Thursday")
    box(page).press_sequentially(" is fine for both of us")
    box(page).press("Enter")
    expect(page.locator(".bubble.out .text")).to_have_text(["Thursday is fine for both of us"])
    assert _kept(genko.clinic)[1] == []


@sqlite_only
def test_two_tabs_with_two_texts_lose_neither(genko: Running, windows: Windows) -> None:
    number = genko.clinic.conversation_with("Are you open?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    tab = page.context.new_page()
    tab.goto(page.url)
    expect(box(tab)).to_be_visible()
    type_draft(page, "Yes, until six.")
    type_draft(tab, "Shall I book you in?")
    box(page).press("Enter")
    for one in (page, tab):
        expect(one.locator(".bubble.out .text")).to_have_text(["Yes, until six."])
    expect(box(page)).to_have_value("")
    expect(box(tab)).to_have_value("Shall I book you in?")
    tab.close()
    page.reload()
    expect(box(page)).to_have_value("Shall I book you in?")


@sqlite_only
def test_a_draft_belongs_to_its_writer_and_its_conversation(genko: Running, windows: Windows) -> None:
    first = genko.clinic.conversation_with("First question")
    genko.clinic.conversation_with("Second question", phone=OTHER)
    path = f"/admin/messages?c={first}"
    page = windows.inbox(path=path)
    type_draft(page, "Half a sen\ntence 😊")

    page.reload()
    expect(box(page)).to_have_value("Half a sen\ntence 😊")
    at_home = windows.inbox(path=path)
    expect(box(at_home)).to_have_value("Half a sen\ntence 😊")
    colleague = windows.inbox(genko.clinic.ada, path)
    expect(box(colleague)).to_have_value("")

    box(page).press_sequentially("!")  # and away, before the pause after which it is saved
    open_row(page, "Second question")
    expect(box(page)).to_have_value("")
    open_row(page, "First question")
    expect(box(page)).to_have_value("Half a sen\ntence 😊!")


@sqlite_only
def test_a_colleague_who_was_quicker_is_told_before_it_sends(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    number = clinic.conversation_with("Is Thursday possible?")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    type_draft(page, "Thursday is fine.")
    with clinic.database.transaction() as session:
        outbox.queue(session, number, "Sorry, no.", by=clinic.ada, token="ada's")
    expect(bubble(page, "Sorry, no.")).to_be_visible()

    box(page).press("Enter")
    warning = composer(page).get_by_role("alert")
    expect(warning).to_contain_text("Ada answered")
    page.get_by_role("button", name="Keep editing").click()
    expect(box(page)).to_have_value("Thursday is fine.")
    expect(warning).to_be_hidden()
    expect(box(page)).to_be_focused()

    box(page).press("Enter")
    page.get_by_role("button", name="Send anyway").click()
    expect(tick(page, "Thursday is fine.", "Waiting to be sent")).to_be_visible()
    expect(box(page)).to_have_value("")
    expect(warning).to_be_hidden()


@sqlite_only
def test_a_failure_is_explained_and_send_again_sends(genko: Running, windows: Windows) -> None:
    sandbox = genko.clinic.sandbox
    number = genko.clinic.conversation_with("Please call me")
    sandbox.patient(PHONE, unreachable=True)
    genko.start_worker()
    page = windows.inbox(path=f"/admin/messages?c={number}")
    box(page).fill("We will")
    box(page).press("Enter")
    failed = page.locator(".bubble.failed")
    expect(failed).to_contain_text(
        "This number cannot be reached on WhatsApp. Check the number, or call instead."
    )
    expect(row(page, "We will").get_by_text("A message was not sent")).to_have_count(1)

    sandbox.patient(PHONE, unreachable=False)
    failed.get_by_role("button", name="Send again").dblclick()
    expect(tick(page, "We will", "Delivered")).to_be_visible()
    expect(failed).to_contain_text("Sent again below")
    expect(page.locator(".bubble.out")).to_have_count(2)
    expect(row(page, "We will").get_by_text("A message was not sent")).to_have_count(0)
    assert sandbox.creates("We will") == 2  # the one that failed, and the one that did not


@sqlite_only
def test_where_the_window_has_closed_sending_again_is_not_offered(genko: Running, windows: Windows) -> None:
    clinic, sandbox = genko.clinic, genko.clinic.sandbox
    number = clinic.conversation_with("Please call me")
    sandbox.patient(PHONE, unreachable=True)
    genko.start_worker()
    page = windows.inbox(path=f"/admin/messages?c={number}")
    box(page).fill("We will")
    box(page).press("Enter")
    failed = page.locator(".bubble.failed")
    expect(failed.get_by_role("button", name="Send again")).to_be_visible()
    with clinic.database.transaction() as session:
        session.get_one(Conversation, number).last_inbound_at = clock.now() - timedelta(hours=25)
    page.reload()
    expect(failed).to_contain_text("It cannot be sent again now")
    expect(failed.get_by_role("button", name="Send again")).to_have_count(0)
    failed.get_by_role("button", name="Mark as settled").click()
    expect(failed).to_contain_text("Settled")


@sqlite_only
def test_when_nobody_knows_whether_it_left_staff_decide(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    number = clinic.conversation_with("Can you hear me?")
    clinic.sandbox.fault("error_before", method="POST", times=1)
    genko.start_worker()
    page = windows.inbox(path=f"/admin/messages?c={number}")
    box(page).fill("Perhaps")
    box(page).press("Enter")
    expect(tick(page, "Perhaps", "Not confirmed")).to_be_visible()
    assert clinic.sandbox.creates("Perhaps") == 0

    with clinic.database.transaction() as session:  # five minutes later
        session.execute(sa.update(Message).where(Message.body == "Perhaps").values(
            claimed_at=clock.now() - timedelta(minutes=6), next_attempt_at=clock.now()
        ))  # fmt: skip
    doubtful = bubble(page, "Perhaps")
    expect(doubtful).to_contain_text("It is not clear whether this message reached the patient.")
    expect(doubtful.get_by_role("button", name="Send again")).to_be_visible()
    doubtful.get_by_role("button", name="Mark as settled").click()
    expect(doubtful.get_by_role("button")).to_have_count(0)
    expect(doubtful).not_to_contain_text("Sent again")
    assert clinic.sandbox.creates("Perhaps") == 0


@sqlite_only
def test_where_nothing_can_be_sent_the_composer_says_why(genko: Running, windows: Windows) -> None:
    clinic, sandbox = genko.clinic, genko.clinic.sandbox
    clinic.connected_since(days=30)
    sandbox.patient_writes("Yesterday's question", phone=OTHER, at=clock.now() - timedelta(hours=25))
    sandbox.patient_writes("STOP", phone="+491510000003")
    number = clinic.conversation_with("I can be answered")
    clinic.fetch(sweep=True)
    genko.start_worker()
    page = windows.inbox(path=f"/admin/messages?c={number}")
    expect(page.locator(".window")).to_contain_text("23 h 59 min left")

    open_row(page, "Yesterday's question")
    expect(composer(page)).to_contain_text(
        "The 24-hour reply window has closed. WhatsApp now takes approved templates only"
    )
    expect(box(page)).to_be_hidden()
    sandbox.patient_writes("Hello again", phone=OTHER)  # opens it, under the eyes of who looks at it
    expect(box(page)).to_be_visible()

    open_row(page, "STOP")
    expect(composer(page)).to_contain_text("This person asked for no more messages (STOP).")
    expect(box(page)).to_be_hidden()

    genko.stop_worker()
    with clinic.database.transaction() as session:
        session.execute(
            sa.update(ChannelAccount).values(
                health=Health.BROKEN, last_error="Twilio did not accept the auth token."
            )
        )
    open_row(page, "I can be answered")
    expect(composer(page)).to_contain_text("Front desk cannot send: Twilio did not accept the auth token.")
    expect(box(page)).to_be_hidden()


@sqlite_only
def test_too_long_a_text_is_counted_and_not_sent(genko: Running, windows: Windows) -> None:
    number = genko.clinic.conversation_with("Tell me everything")
    page = windows.inbox(path=f"/admin/messages?c={number}")
    box(page).fill("é" * 1599 + "😊😊")
    expect(page.locator(".counter")).to_have_text("1,601 / 1,600: 1 character too long")
    box(page).press("Enter")
    page.get_by_role("button", name="Emoji").click()
    page.get_by_role("button", name="thumbs up").click()
    expect(box(page)).to_have_value("é" * 1599 + "😊😊👍")
    box(page).fill("é" * 1600)
    box(page).press("Enter")
    expect(page.locator(".bubble.out")).to_have_count(1)
    with genko.clinic.database.reading() as session:
        assert session.scalars(
            sa.select(sa.func.length(Message.body)).where(Message.author == "staff")
        ).all() == [1600]
