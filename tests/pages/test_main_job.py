"""The main job: a patient writes on their phone, staff see it and answer, the phone shows the answer once."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Running

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
