"""The screen's websocket and its fetches, as a browser reaches them: through the gate."""

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from genko import clock
from genko.access import sessions
from genko.access.gate import Gate
from genko.access.models import AuditEntry, StaffSession
from genko.access.request_origin import cookie_name
from genko.errors import GenkoError
from genko.messages import outbox
from genko.settings import Settings
from pages.app import _refusal
from pages.parts.messages import openings
from pages.routes import create_routes
from tests.factories import Clinic
from tests.steps import everything

HOST = "http://genko.test"
OURS = {"origin": HOST}
LIVE = "ws://genko.test/admin/api/live"
INBOX = "/admin/api/inbox?tab=active&order=activity&rows=50"


@pytest.fixture
def browser(clinic: Clinic, settings: Settings) -> Iterator[TestClient]:
    """All of one event loop, as a dashboard process has."""
    openings._openings.clear()
    inner = Starlette(routes=create_routes(clinic.database), exception_handlers={GenkoError: _refusal})
    gate = Gate(inner, database=clinic.database, settings=settings, farewell=b"farewell")
    with TestClient(gate, base_url=HOST, follow_redirects=False) as client:
        yield client


@pytest.fixture
def maria(browser: TestClient, clinic: Clinic, settings: Settings) -> TestClient:
    return _signed_in(browser, clinic, settings, clinic.maria)


def _signed_in(browser: TestClient, clinic: Clinic, settings: Settings, staff_id: int) -> TestClient:
    with clinic.database.transaction() as session:
        browser.cookies[cookie_name(settings)] = sessions.begin(session, staff_id, address="")
    return browser


def _next(socket: WebSocketTestSession, topic: str) -> dict:
    """The push that names the topic."""
    while True:
        push = json.loads(socket.receive_text())
        if topic in push["topics"]:
            return push


def test_nothing_is_pushed_or_served_without_a_session(browser: TestClient, clinic: Clinic) -> None:
    conversation_id = clinic.conversation_with("Hello")
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(LIVE, headers=OURS):
        pass
    for address in (INBOX, f"/admin/api/thread/{conversation_id}"):
        assert (browser.get(address).status_code, browser.get(address).content) == (401, b"")
    assert browser.post(f"/admin/api/thread/{conversation_id}", headers=OURS).status_code == 401


def test_a_page_of_another_site_gets_no_push(maria: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        maria.websocket_connect(LIVE, headers={"origin": "https://evil.example"}),
    ):
        pass


def test_a_message_is_pushed_and_the_list_is_sent_once(maria: TestClient, clinic: Clinic) -> None:
    with maria.websocket_connect(LIVE, headers=OURS) as socket:
        first = _next(socket, "everything")
        assert first["status"]["waiting_count"] == 0
        before = maria.get(INBOX)
        assert before.json()["rows"] == []
        conversation_id = clinic.conversation_with("Hello")
        push = _next(socket, f"conversation:{conversation_id}")
        assert "Hello" not in json.dumps(push)
        assert push["status"]["waiting_count"] == 1
        known = {"if-none-match": before.headers["etag"]}
        after = maria.get(INBOX, headers=known)
        assert [one["preview"] for one in after.json()["rows"]] == ["Hello"]
        assert after.json()["read_at"] > before.json()["read_at"]
        known = {"if-none-match": after.headers["etag"]}
        again = maria.get(INBOX, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert after.headers["cache-control"].endswith("no-store")


def test_the_websocket_ends_with_its_session(
    maria: TestClient, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genko.access.session_cache._REMEMBERED_FOR", 0.0)
    monkeypatch.setattr("genko.access.session_websocket._LOOK_EVERY", 0.05)
    with maria.websocket_connect(LIVE, headers=OURS) as socket:
        _next(socket, "everything")
        with clinic.database.transaction() as session:
            sessions.revoke_all(session, clinic.maria, by=clinic.maria)
        message = socket.receive()
        while message["type"] != "websocket.close":
            message = socket.receive()
        assert message["code"] == 1008


def test_neither_a_push_nor_a_fetch_counts_as_use_of_the_session(maria: TestClient, clinic: Clinic) -> None:
    conversation_id = clinic.conversation_with("Hello")
    earlier = clock.now() - timedelta(minutes=20)
    with clinic.database.transaction() as session:
        session.query(StaffSession).update({"last_seen_at": earlier})
    with maria.websocket_connect(LIVE, headers=OURS) as socket:
        _next(socket, "everything")
        socket.send_text("")
    maria.get(INBOX)
    maria.get(f"/admin/api/thread/{conversation_id}")
    maria.post(f"/admin/api/thread/{conversation_id}/seen", json={"inbound_seen": 1}, headers=OURS)
    [row] = everything(clinic.database, StaffSession)
    assert row.last_seen_at == earlier


def test_the_list_answers_the_filter_and_the_search(maria: TestClient, clinic: Clinic) -> None:
    clinic.conversation_with("Mañana por la mañana")
    clinic.conversation_with("Another one", phone="+491510000002")
    found = maria.get(INBOX, headers={"genko-search": quote("mañana")}).json()
    assert [one["preview"] for one in found["rows"]] == ["Mañana por la mañana"]
    assert (found["active"], found["closed"]) == (1, 0)
    closed = maria.get("/admin/api/inbox?tab=closed").json()
    assert (closed["rows"], closed["empty"]["title"], closed["active"]) == ([], "No closed chats", 2)
    strange = maria.get("/admin/api/inbox?tab=x&status=y&account=%00&need=z&rows=99999999999999999999&order=")
    assert len(strange.json()["rows"]) == 2


def _views(clinic: Clinic) -> int:
    return sum(one.action == "view" for one in everything(clinic.database, AuditEntry))


def test_a_click_opens_the_thread_once_for_the_route_and_the_script(
    maria: TestClient, clinic: Clinic
) -> None:
    conversation_id = clinic.conversation_with("Hello")
    address = f"/admin/api/thread/{conversation_id}"
    opened = maria.post(address, headers=OURS).json()
    assert [one["text"] for one in opened["bubbles"]] == ["Hello"]
    assert (opened["unread_at_opening"], opened["unread"]) == (1, 0)
    [session_row] = everything(clinic.database, StaffSession)
    unread = openings.open_once(session_row.id, conversation_id, openings.By.SCRIPT, lambda: 1 / 0)
    assert unread == 1
    maria.get(address)
    assert _views(clinic) == 1
    assert maria.post(address, headers=OURS).json()["unread_at_opening"] == 0
    assert _views(clinic) == 2


def test_a_thread_that_was_not_opened_here_is_a_look_too(maria: TestClient, clinic: Clinic) -> None:
    conversation_id = clinic.conversation_with("Hello")
    address = f"/admin/api/thread/{conversation_id}"
    assert maria.get(address).json()["unread"] == 1
    maria.get(address)
    assert _views(clinic) == 1


def test_what_a_visible_page_has_shown_is_read_and_never_more_than_there_is(
    maria: TestClient, clinic: Clinic
) -> None:
    conversation_id = clinic.conversation_with("Hello")
    address = f"/admin/api/thread/{conversation_id}"
    with maria.websocket_connect(LIVE, headers=OURS) as socket:
        _next(socket, "everything")
        assert maria.get(INBOX).json()["rows"][0]["unread"] == 1
        seen = maria.post(f"{address}/seen", json={"inbound_seen": 99}, headers=OURS)
        assert seen.status_code == 200
        _next(socket, "unread")
        assert maria.get(INBOX).json()["rows"][0]["unread"] == 0
        clinic.conversation_with("And more")
        _next(socket, f"conversation:{conversation_id}")
        assert maria.get(INBOX).json()["rows"][0]["unread"] == 1
    for nonsense in ({}, {"inbound_seen": "x"}, []):
        assert maria.post(f"{address}/seen", json=nonsense, headers=OURS).status_code == 409


def test_the_head_is_drawn_anew_for_what_staff_set_and_not_for_a_message(
    maria: TestClient, clinic: Clinic
) -> None:
    conversation_id = clinic.conversation_with("Hello")
    address = f"/admin/api/thread/{conversation_id}"
    before = maria.post(address, headers=OURS).json()
    clinic.conversation_with("And more")
    after = maria.get(address).json()
    assert after["newest_id"] > before["newest_id"]
    assert after["head_mark"] == before["head_mark"]
    with clinic.database.transaction() as session:
        outbox.queue(session, conversation_id, "Good morning", by=clinic.ada, token="t")
    assert maria.get(address).json()["head_mark"] == before["head_mark"]


def test_a_viewer_reads_and_nothing_offers_an_action(
    browser: TestClient, clinic: Clinic, settings: Settings
) -> None:
    conversation_id = clinic.conversation_with("Hello")
    vic = _signed_in(browser, clinic, settings, clinic.vic)
    opened = vic.post(f"/admin/api/thread/{conversation_id}", headers=OURS).json()
    assert [one["can_act"] for one in opened["bubbles"]] == [False]


def test_a_conversation_that_does_not_exist_is_said_so(maria: TestClient) -> None:
    for answer in (
        maria.get("/admin/api/thread/9"),
        maria.post("/admin/api/thread/9", headers=OURS),
        maria.post("/admin/api/thread/9/seen", json={"inbound_seen": 1}, headers=OURS),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"] == "This conversation does not exist."
