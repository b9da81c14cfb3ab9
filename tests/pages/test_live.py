"""An open screen brings itself up to date and leaves people alone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import ElementHandle, Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from genko import clock
from genko.messages import unread
from tests.pages.conftest import PHONE, Running, Windows, sqlite_only, wait_until
from tests.pages.screen import bubble, choose, more, open_row, row, settled, type_draft

pytestmark = [pytest.mark.browser, sqlite_only]

# Counts the frames in which something was taken away, hidden or dimmed.
WATCH = """
nodes => {
  window.lost = 0
  const shown = node => {
    if (!node.isConnected || node.getClientRects().length === 0) return false
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host)
      if (Number(getComputedStyle(at).opacity) < 0.99) return false
    return true
  }
  const look = () => { if (!nodes.every(shown)) window.lost += 1; requestAnimationFrame(look) }
  look()
}
"""


def _handle(page: Page, selector: str) -> ElementHandle:
    found = page.locator(selector).element_handle()
    assert found
    return found


def _scroll(scroller: ElementHandle, to: int) -> None:
    scroller.evaluate("(node, top) => { node.scrollTop = top }", to)
    scroller.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _offset(node: ElementHandle) -> float:
    return float(node.evaluate("node => node.getBoundingClientRect().top"))


def _fill(genko: Running) -> None:
    """Twenty-five people who wrote, and a long conversation with the newest of them."""
    sandbox, now = genko.clinic.sandbox, clock.now()
    for number in range(1, 25):
        sandbox.patient_writes(
            f"Question {number}.", phone=f"+49151000100{number:02}", at=now - timedelta(minutes=60 + number)
        )
    for number in range(25):
        sandbox.patient_writes(f"Part {number}.\n\n…", at=now - timedelta(minutes=40 - number))
    genko.clinic.fetch(sweep=True)


def _open_long(genko: Running, windows: Windows) -> Page:
    """With the worker running."""
    _fill(genko)
    genko.start_worker()
    page = windows.inbox()
    open_row(page, "Part 24.")
    return page


def test_what_arrives_is_announced_and_nothing_under_the_hands_moves(
    genko: Running, windows: Windows
) -> None:
    page = _open_long(genko, windows)
    type_draft(page, "I am writing")
    page.locator(".st-key-composer textarea").evaluate("node => node.setSelectionRange(4, 4)")

    listed, read = _handle(page, ".st-key-list .scroller"), _handle(page, ".st-key-thread .scroller")
    typing, bubble_node = (
        _handle(page, ".st-key-composer textarea"),
        _handle(page, ".bubble:has-text('Part 3.')"),
    )
    _scroll(read, 300)
    _scroll(listed, 400)
    row_node = row(page, "Question 9.").element_handle()
    assert row_node
    before = [_offset(row_node), _offset(bubble_node)]
    page.evaluate(WATCH, [typing, row_node, bubble_node])

    genko.clinic.sandbox.patient_writes("And one more thing")
    genko.clinic.sandbox.patient_writes("Hello, I am new here", phone="+491510002000")

    expect(page.locator(".st-key-thread .pill")).to_contain_text("New message")
    expect(page.locator(".st-key-list .pill")).to_contain_text("new")
    expect(row(page, "Hello, I am new here")).to_have_count(1)
    assert [_offset(row_node), _offset(bubble_node)] == pytest.approx(before, abs=1.5)
    assert page.evaluate("window.lost") == 0
    assert typing.evaluate("n => [n.getRootNode().activeElement === n, n.value, n.selectionStart, n.selectionEnd]") == [
        True, "I am writing", 4, 4,
    ]  # fmt: skip

    page.keyboard.insert_text(" still")
    expect(page.locator(".st-key-composer textarea")).to_have_value("I am still writing")
    page.locator(".st-key-thread .pill").click()
    expect(bubble(page, "And one more thing")).to_be_in_viewport()
    page.locator(".st-key-list .pill").click()
    expect(row(page, "Hello, I am new here")).to_be_in_viewport()
    assert page.locator(".st-key-thread .pill").is_hidden()


def test_a_draft_of_many_lines_does_not_push_the_newest_message_out_of_sight(
    genko: Running, windows: Windows
) -> None:
    page = _open_long(genko, windows)
    read = page.locator(".st-key-thread .scroller")
    read.evaluate("n => { n.scrollTop = n.scrollHeight }")
    expect(page.locator(".st-key-thread .pill")).to_be_hidden()
    type_draft(page, "Dear Ana,")
    for _ in range(5):
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("line")
    rest = "n => n.scrollHeight - n.scrollTop - n.clientHeight"
    assert read.evaluate(rest) == pytest.approx(0, abs=1.5)
    genko.clinic.sandbox.patient_writes("And one more thing")
    expect(bubble(page, "And one more thing")).to_be_in_viewport()
    assert page.locator(".st-key-thread .pill").is_hidden()


def test_news_come_under_an_open_dialog_without_a_run_of_the_script(genko: Running, windows: Windows) -> None:
    number = genko.clinic.conversation_with("Please call me")
    page = windows.inbox()
    told: list[str | None] = []
    with page.expect_websocket() as socket:
        page.goto(f"{genko.base_url}/admin/messages?c={number}")
    socket.value.on(
        "framereceived", lambda frame: told.append(ForwardMsg.FromString(frame).WhichOneof("type"))
    )
    dialog = page.get_by_role("dialog")
    expect(bubble(page, "Please call me")).to_be_visible()
    expect(row(page, "Please call me")).to_be_visible()
    assert "auto_rerun" not in told  # nothing runs on a timer

    def news(body: str, phone: str) -> None:
        """Come in while a dialog is open, which a run could shut for a moment."""
        settled(page)
        told.clear()
        genko.clinic.conversation_with(body, phone=phone)
        expect(row(page, body)).to_have_count(1)
        assert "new_session" not in told

    more(page, "Create new touch")
    choose(dialog, "Kind", "Other")
    dialog.get_by_role("button", name="Save touch").click()
    refusal = dialog.get_by_text("Write a note: it says what kind of contact this was.")
    expect(refusal).to_be_visible()
    dialog.get_by_label("Note").fill("Rang, no answer")
    dialog.get_by_role("combobox", name="Kind").click()
    news("Some news", "+491510000002")
    expect(page.get_by_role("option", name="📞 Call")).to_be_visible()
    expect(refusal).to_be_visible()
    expect(dialog.get_by_label("Note")).to_have_value("Rang, no answer")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Save touch").click()
    expect(dialog).to_have_count(0)

    page.get_by_role("button", name="New", exact=True).click()
    dialog.get_by_text("Type contact details").click()
    dialog.get_by_label("First name").fill("Beatrix")
    news("More news", "+491510000003")
    expect(dialog.get_by_label("First name")).to_be_focused()
    expect(dialog.get_by_label("First name")).to_have_value("Beatrix")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_older_messages_come_on_demand_and_a_worker_that_died_is_told(
    genko: Running, windows: Windows
) -> None:
    sandbox, now = genko.clinic.sandbox, clock.now()
    genko.clinic.connected_since(days=1)
    for number in range(70):
        sandbox.patient_writes(f"Line {number}.", at=now - timedelta(minutes=200 - number))
    wait_until(lambda: genko.clinic.fetch(sweep=True) == 0)
    page = windows.inbox(path=f"/admin/messages?c={genko.clinic.conversation_id(PHONE)}")
    expect(page.locator(".st-key-side-foot")).to_contain_text("orker silent")
    separator = page.get_by_role("separator", name="New messages")
    expect(page.locator(".bubble")).to_have_count(50)
    expect(page.get_by_text("20 more new messages above")).to_be_in_viewport()
    expect(separator).to_have_count(0)  # the first new one is not here yet
    page.get_by_role("button", name="Load earlier").click()
    expect(page.locator(".bubble")).to_have_count(70)
    page.set_viewport_size({"width": 1440, "height": 880})  # as a picture that loads moves what is below it
    expect(page.get_by_role("button", name="Load earlier")).to_be_hidden()
    expect(page.get_by_text("more new messages above")).to_be_hidden()
    expect(bubble(page, "Line 20.")).to_be_in_viewport()
    expect(page.locator(".divider + .bubble")).to_contain_text("Line 0.")
    genko.start_worker()
    expect(page.locator(".st-key-side-foot")).to_contain_text("worker:")


class LiveLine:
    """The websocket by which a page hears of news, which can be cut."""

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/admin/api/live"), self._join)
        page.reload()

    def _join(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close()
        else:
            self._sockets.append(socket)
            socket.connect_to_server()

    def cut(self) -> None:
        self._is_cut = True
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()

    def mend(self) -> None:
        self._is_cut = False


def test_a_cut_connection_is_told_and_what_was_missed_comes_when_it_is_back(
    genko: Running, windows: Windows
) -> None:
    genko.clinic.conversation_with("The first one")
    page = windows.inbox()
    line = LiveLine(page)
    foot = page.locator(".st-key-side-foot")
    expect(row(page, "The first one")).to_be_visible()
    expect(foot).to_contain_text("worker silent")
    line.cut()
    expect(foot).to_contain_text("Not live: reconnecting…")
    genko.clinic.conversation_with("Missed meanwhile", phone="+491510000002")
    expect(page.get_by_text("This screen is not live")).to_be_visible()
    assert row(page, "Missed meanwhile").count() == 0
    line.mend()
    expect(row(page, "Missed meanwhile")).to_be_visible()
    expect(foot).not_to_contain_text("Not live")
    expect(page.get_by_text("This screen is not live")).to_be_hidden()


def test_a_message_comes_into_list_thread_and_title_without_a_run_of_the_script(
    genko: Running, windows: Windows
) -> None:
    conversation_id = genko.clinic.conversation_with("Please call me")
    page = windows.inbox()
    runs: list[str | None] = []
    with page.expect_websocket(lambda socket: "_stcore" in socket.url) as socket:
        page.goto(f"{genko.base_url}/admin/messages?c={conversation_id}")
    socket.value.on(
        "framereceived", lambda frame: runs.append(ForwardMsg.FromString(frame).WhichOneof("type"))
    )
    expect(bubble(page, "Please call me")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    settled(page)
    runs.clear()
    genko.clinic.conversation_with("It is urgent")
    genko.clinic.conversation_with("Me too", phone="+491510000002")
    expect(bubble(page, "It is urgent")).to_be_visible()
    expect(row(page, "Me too")).to_be_visible()
    expect(row(page, "It is urgent")).not_to_contain_text("unread")
    expect(page.get_by_role("radio", name="Active chats 2")).to_be_visible()
    expect(page.get_by_role("link", name="Messages (2)")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    wait_until(lambda: _unread(genko, conversation_id) == 0)
    assert "new_session" not in runs


def _unread(genko: Running, conversation_id: int) -> int:
    with genko.clinic.database.reading() as session:
        return unread.count_unread(session, conversation_id, by=genko.clinic.maria)
