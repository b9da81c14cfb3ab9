from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sandbox.conftest import ANA, SID, Scene

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(scene: Scene, browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"{scene.base}/phone?provider=twilio&account={SID}&patient={quote(ANA)}")
    yield page
    page.close()


def test_a_patient_writes_and_reads_the_answer(scene: Scene, phone: Page, eventually) -> None:
    phone.get_by_label("Message to the clinic").fill("Is <b>Monday</b> free?")
    phone.get_by_label("Message to the clinic").press("Enter")
    chat = phone.get_by_role("log", name="Messages")
    expect(chat).to_contain_text("Is <b>Monday</b> free?")
    sent = scene.send("It is")
    expect(chat).to_contain_text("It is")
    eventually(lambda: scene.status(sent.sid) == "read")
