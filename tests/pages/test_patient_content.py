"""What patients send is data: shown as it is, stored by us, given to staff only, and never run."""

import base64
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from genko.messages.files import fetch_files
from genko.messages.models import FileState, MessageFile
from tests.factories import add_patient
from tests.pages.conftest import Running, Windows, sqlite_only
from tests.pages.screen import bubble

pytestmark = [pytest.mark.browser, sqlite_only]

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=https://evil.example/x.png onerror=alert(2)>",
    "[click](javascript:alert(3)) ![](https://evil.example/y.png)",
    "$\\latex$ **bold** :red[warning] :material/home: `code` # head",
    "\u202egnp.exe\u202c &lt;b&gt; {first name} {{7*7}}",
]


def test_hostile_text_is_only_text(genko: Running, windows: Windows) -> None:
    asked: list[str] = []
    dialogs: list[str] = []
    for body in HOSTILE:
        genko.clinic.sandbox.patient_writes(body)
    genko.clinic.fetch(sweep=True)
    with genko.clinic.database.transaction() as session:
        add_patient(
            session,
            by=genko.clinic.maria,
            region="DE",
            first_name=HOSTILE[1],
            last_name=HOSTILE[3],
            phone_number="+491510000002",
        )
    genko.clinic.conversation_with(HOSTILE[0], phone="+491510000002")
    page = windows.inbox()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{genko.base_url}/admin/messages?c={genko.clinic.conversation_id()}")
    for body in HOSTILE:
        expect(page.locator(".bubble .text").get_by_text(body, exact=True)).to_be_visible()
    page.locator(".st-key-list").get_by_role("option").filter(
        has=page.locator(".name", has_text="onerror")
    ).click()
    expect(page.locator(".st-key-head-name")).to_have_text(f"{HOSTILE[1]} {HOSTILE[3]}")
    page.locator(".st-key-new").get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("combobox", name="Patient").click()
    expect(page.get_by_role("option").filter(has_text="onerror").last).to_be_visible()
    assert dialogs == []
    assert {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))} <= {
        "127.0.0.1"
    }
    assert page.locator(".bubble a, .bubble img, .bubble script").count() == 0
    page.close()  # with our ears on it


def test_files_are_shown_by_their_kind_and_to_staff_only(genko: Running, windows: Windows) -> None:
    sandbox = genko.clinic.sandbox
    number = genko.clinic.conversation_with("Here they are")
    for kind in ("image", "audio", "document"):
        sandbox.patient_writes(f"A {kind}", media=[{"kind": kind}])
    page_as_image = {"content_type": "image/png", "base64": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="}
    sandbox.patient_writes("Not what it says", media=[page_as_image])
    genko.start_worker()
    page = windows.inbox(path=f"/admin/messages?c={number}")

    picture = bubble(page, "A image").get_by_role("button", name="Open image")
    expect(picture.locator("img")).to_have_js_property("complete", value=True)
    assert picture.locator("img").evaluate("image => image.naturalWidth") == 240
    picture.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    player = bubble(page, "A audio").locator("audio")
    player.evaluate(
        "audio => new Promise((done, fail) => { audio.onloadedmetadata = done; audio.onerror = fail; audio.load(); audio.preload = 'auto' })"
    )

    link = bubble(page, "A document").locator("a.file")
    with page.expect_download() as started:
        link.click()
    assert started.value.suggested_filename.endswith(".pdf")
    assert bubble(page, "Not what it says").locator("img").count() == 0
    expect(bubble(page, "Not what it says").locator("a.file")).to_be_visible()

    url = genko.base_url + str(link.get_attribute("href"))
    assert httpx.get(url).status_code == 401
    answer = page.request.get(url)
    assert answer.ok
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    part = page.request.get(genko.base_url + str(player.get_attribute("src")), headers={"Range": "bytes=0-3"})
    assert (part.status, part.body()) == (206, b"OggS")


def test_a_file_that_could_not_be_fetched_is_tried_again_by_staff(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    clinic.sandbox.patient_writes("My tooth", media=[{"kind": "image"}])
    clinic.fetch()
    with clinic.database.transaction() as session:
        file = session.scalars(sa.select(MessageFile)).one()
        file.state, file.problem, file.next_attempt_at = FileState.FAILED, "The file is not available.", None
    path = f"/admin/messages?c={clinic.conversation_id()}"
    reader = windows.inbox(clinic.vic, path=path)
    expect(bubble(reader, "My tooth")).to_contain_text("The file is not available.")
    expect(bubble(reader, "My tooth").get_by_role("button")).to_have_count(0)
    page = windows.inbox(path=path)
    bubble(page, "My tooth").get_by_role("button", name="Try again").click()
    expect(bubble(page, "My tooth")).to_contain_text("Downloading…")
    genko.start_worker()
    expect(bubble(page, "My tooth").get_by_role("button", name="Open image")).to_be_visible()


def test_a_picture_that_browsers_do_not_draw_is_a_download(genko: Running, windows: Windows) -> None:
    clinic = genko.clinic
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)
    broken = b"\x89PNG\r\n\x1a\n" + bytes(60)
    for body, content in (("From my phone", heic), ("Half of it", broken)):
        content_type, encoded = "image/jpeg", base64.b64encode(content).decode()
        clinic.sandbox.patient_writes(body, media=[{"content_type": content_type, "base64": encoded}])
    clinic.fetch()
    fetch_files(clinic.database, clinic.connector, clinic.due())
    page = windows.inbox(path=f"/admin/messages?c={clinic.conversation_id()}")
    for body, name in (("From my phone", "heic"), ("Half of it", "png")):
        link = bubble(page, body).locator("a.file")
        with page.expect_download() as started:
            link.click()
        assert started.value.suggested_filename.endswith(f".{name}")
        assert bubble(page, body).locator("img").count() == 0
