import shutil
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.sandbox.conftest import ANA, SID, Scene

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
def phone(scene: Scene) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as play, play.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser:
        page = browser.new_page()
        page.goto(f"{scene.base}/phone?account={SID}&patient={quote(ANA)}")
        yield page


def test_a_patient_writes_and_reads_the_answer(scene: Scene, phone: Page, eventually) -> None:
    phone.get_by_label("Message to the clinic").fill("Is <b>Monday</b> free?")
    phone.get_by_label("Message to the clinic").press("Enter")
    chat = phone.get_by_role("log", name="Messages")
    expect(chat).to_contain_text("Is <b>Monday</b> free?")
    sent = scene.send("It is")
    expect(chat).to_contain_text("It is")
    eventually(lambda: scene.status(sent.sid) == "read")
