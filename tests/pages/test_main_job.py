"""The main job: a patient writes on their phone, staff see it and answer, the phone shows the answer once."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import connect_account
from tests.pages.conftest import PHONE, Running
from tests.sandbox_client import SENDER
from tests.workers import SENDING, Workers, eventually, staffed  # noqa: F401

pytestmark = pytest.mark.browser


def _open(inbox: Page, text: str) -> None:
    inbox.get_by_role("option", name=text).click()
    inbox.get_by_role("log").get_by_text(text).wait_for()


def _answer(inbox: Page, text: str) -> None:
    box = inbox.locator(".st-key-composer textarea")
    box.click()
    box.fill(text)
    box.press("Enter")


def test_a_patient_writes_and_staff_answer_without_a_reload(genko: Running, inbox: Page, phone: Page) -> None:
    genko.start_worker()
    phone.get_by_label("Message to the clinic").fill("Can I move my appointment?")
    phone.get_by_role("button", name="Send", exact=True).click()
    _open(inbox, "Can I move my appointment?")

    phone.locator("#power").click()  # off, so that the ticks can be seen one by one
    _answer(inbox, "Of course! Which day suits you?")
    bubble = inbox.locator(".bubble", has_text="Which day suits you?")
    expect(bubble.get_by_role("img", name="Sent", exact=True)).to_be_visible(timeout=15_000)
    expect(inbox.locator(".st-key-composer textarea")).to_have_value("")

    phone.locator("#switch-on").click()
    phone.bring_to_front()
    expect(phone.locator("li.bubble.theirs", has_text="Which day suits you?")).to_have_count(
        1, timeout=15_000
    )
    expect(bubble.get_by_role("img", name="Read")).to_be_visible(timeout=15_000)
    assert genko.clinic.sandbox.creates("Of course! Which day suits you?") == 1
    assert "Which day" not in genko.said()


def _write(phone: Page, text: str) -> None:
    phone.get_by_label("Message to the clinic").fill(text)
    phone.get_by_role("button", name="Send", exact=True).click()
    phone.locator("li.bubble.mine", has_text=text).wait_for()


def test_a_worker_killed_at_any_step_costs_patient_and_staff_nothing(
    genko: Running,
    inbox: Page,
    phone: Page,
    staffed: Workers,  # noqa: F811
) -> None:
    clinic = genko.clinic
    with clinic.database.transaction() as session:  # a second number, from which nothing may go out
        connect_account(session, clinic.connector, clinic.ada, sender="+4930901821")
    asked = ["ingest before commit", "ingest after commit", "before the cursor moves"]
    for point in asked:
        _write(phone, point)
        staffed.dies(point)
    worker = staffed.start_quick()
    _open(inbox, asked[-1])
    for point in asked:
        expect(inbox.locator(".bubble", has_text=point)).to_have_count(1)
    worker.kill()
    worker.join()

    for point in SENDING:
        _answer(inbox, point)
        staffed.dies_while_sending(point)
    staffed.start_quick()
    bubble = inbox.locator(".bubble", has_text="after the claim, before the call")
    expect(bubble).to_contain_text("Not confirmed", timeout=40_000)
    bubble.get_by_role("button", name="Send again").click()
    for point in SENDING:
        expect(phone.locator("li.bubble.theirs", has_text=point)).to_have_count(1, timeout=40_000)
        arrived = inbox.locator(".bubble", has_text=point).get_by_role("img", name="Read", exact=True)
        expect(arrived).to_have_count(1, timeout=40_000)
    assert {point: clinic.sandbox.creates(point) for point in SENDING} == dict.fromkeys(SENDING, 1)
    sent = [one for one in clinic.sandbox.messages() if one["direction"] == "outbound-api"]
    assert {(one["from"], one["to"]) for one in sent} == {(f"whatsapp:{SENDER}", f"whatsapp:{PHONE}")}
    for point in asked:
        expect(inbox.locator(".bubble", has_text=point)).to_have_count(1)
