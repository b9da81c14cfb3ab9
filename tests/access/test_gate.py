import logging

import pytest
from starlette.websockets import WebSocketDisconnect

from genko.access import page_identity, sessions, staff
from genko.access.gate import Gate
from genko.access.request_origin import cookie_name
from genko.db import Database
from genko.errors import Refused
from genko.settings import Settings
from tests.access.people import (
    ADA,
    FORM,
    HOST,
    LOOKING,
    MARIA,
    PASSWORD,
    behind_gate,
    colleague,
    enter,
    first_admin,
)

STREAM = "ws://genko.test/admin/_stcore/stream"
SERVED = [
    "/admin/",
    "/admin/messages",
    "/admin/index.html",
    "/admin/favicon.png",
    "/admin/static/js/index.js",
    "/admin/static/modules/0/kit/dom.js",
    "/admin/media/abc.png",
    "/admin/media/12",
    "/admin/api/leads",
    "/admin/component/x/index.html",
    "/admin/_stcore/health",
    "/admin/_stcore/host-config",
    "/admin/_stcore/metrics",
    "/admin/_stcore/bidi-components/x.js",
    "/admin/_stcore/upload_file/a/b",
    "/admin/_stcore/agent/openapi.json",
    "/admin/sign-in/",
    "/admin/sign-in/../messages",
    "/admin//sign-in",
    "/admin/sign-in.css/../messages",
    "/admin/sign-out",
    "/ADMIN/",
    "/adminx",
    "//admin/",
    "/healthz/",
    "/messages",
    "/_stcore/health",
    "/favicon.ico",
]


@pytest.fixture
def ada(database):
    return first_admin(database)


def token_of(browser, settings):
    return browser.cookies[cookie_name(settings)]


@pytest.mark.parametrize("path", SERVED)
def test_no_byte_without_a_session(ada, browser, path):
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"):
        answer = browser.request(method, HOST + path, headers=FORM)
        assert (answer.status_code, answer.content) == (401, b""), method
    looked = browser.get(HOST + path, headers=LOOKING)
    assert looked.status_code in (303, 401)
    assert looked.content == b""


@pytest.mark.parametrize("cookie", ["", "x", "é", "x" * 4000, "'; drop table staff_member"])
def test_a_made_up_cookie_opens_nothing(ada, browser, cookie):
    headers = {"cookie": f"genko_session={cookie}".encode()}
    assert browser.get("/admin/api/leads", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/", "/admin"])
def test_the_short_addresses_lead_home(ada, browser, path):
    assert browser.get(path).headers["location"] == "/admin/"


def test_health_is_for_everyone(ada, browser):
    assert browser.get("/healthz").text == "ok"


def test_a_deep_link_leads_to_sign_in_and_back(ada, browser):
    away = browser.get("/admin/messages?conversation=7", headers=LOOKING)
    assert away.headers["location"] == "/admin/sign-in?next=/admin/messages%3Fconversation%3D7"
    form = browser.get(away.headers["location"])
    assert 'value="/admin/messages?conversation=7"' in form.text
    assert "Smile" in form.text
    back = enter(browser, next="/admin/messages?conversation=7")
    assert (back.status_code, back.headers["location"]) == (303, "/admin/messages?conversation=7")
    assert browser.get("/admin/messages").json()["page"] == "Ada"
    assert browser.get("/admin/sign-in?next=/admin/leads").headers["location"] == "/admin/leads"


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/admin/../..//evil.example",
        "/admin/%2e%2e/x",
        "/admin//evil.example",
        "/admin/\r\nset-cookie: a=b",
        "/admin/sign-out",
        "/administrator",
        "evil",
        "/admin/" + "a" * 600,
        "/admin/x@evil.example",
        "/admin/\t/evil",
    ],
)
def test_next_never_leads_out(ada, browser, wanted):
    assert enter(browser, next=wanted).headers["location"] == "/admin/"
    assert browser.get("/admin/sign-in", params={"next": wanted}).headers["location"] == "/admin/"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(ada, browser, database, settings):
    assert enter(browser).headers["set-cookie"].endswith("; HttpOnly; Path=/; SameSite=lax")
    secure = behind_gate(database, settings.model_copy(update={"public_url": "https://genko.example"}))
    answer = secure.post(
        "/admin/sign-in",
        data={"email": ADA, "password": PASSWORD},
        headers={"origin": "https://genko.example"},
    )
    assert answer.headers["set-cookie"].startswith("__Host-genko=")
    assert "Secure" in answer.headers["set-cookie"]


def test_what_no_database_can_hold_is_taken_off(ada, browser):
    assert enter(browser, email="a\0da@clinic.example").status_code == 303
    assert enter(browser, email="\0").status_code == 401


def test_a_refusal_is_a_sentence_and_shows_what_was_typed_harmlessly(ada, browser):
    answer = enter(browser, email='"><script>', password="wrong")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "<script>" not in answer.text
    assert "set-cookie" not in answer.headers


def test_the_address_is_throttled_as_seen_through_trusted_proxies(ada, database, settings):
    trusting = settings.model_copy(update={"trusted_proxies": "10.0.0.0/8"})
    proxied = behind_gate(database, trusting, client=("10.0.0.5", 1))
    for number in range(20):
        hops = {"x-forwarded-for": f"203.0.113.{number}, 198.51.100.1, 10.0.0.6"}
        proxied.post("/admin/sign-in", data={"email": f"{number}@x.example"}, headers=FORM | hops)
    assert (
        "Too many"
        in proxied.post(
            "/admin/sign-in", data={"email": ADA}, headers=FORM | {"x-forwarded-for": "198.51.100.1"}
        ).text
    )
    assert (
        "Too many"
        not in proxied.post(
            "/admin/sign-in", data={"email": ADA}, headers=FORM | {"x-forwarded-for": "198.51.100.2"}
        ).text
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "https://genko.test"},
        {"origin": "http://genko.test.evil.example"},
        {"origin": "http://genko.test:81"},
        {"origin": "http://evil.example", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"referer": "http://genko.test/"},
        {"origin": "http://evil.example", "host": "evil.example, genko.test"},
        {"origin": "http://a@b", "host": "a@b"},
    ],
)
def test_other_sites_cannot_act_in_a_visitors_name(ada, browser, headers):
    enter(browser)
    for path in ("/admin/sign-in", "/admin/sign-out", "/admin/setup", "/admin/api/leads"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert browser.request(method, path, headers=headers).status_code == 403
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(STREAM, headers=headers):
        pass


def test_our_own_pages_may_act(ada, browser):
    enter(browser)
    for headers in (FORM, {"sec-fetch-site": "same-origin"}):
        assert browser.post("/admin/api/leads", headers=headers).status_code == 200


def test_the_public_address_decides_and_not_the_host_header(ada, database, settings):
    public = settings.model_copy(update={"public_url": "https://genko.example"})
    browser = behind_gate(database, public, host="https://10.0.0.1")
    ours = {"origin": "https://genko.example"}
    form = {"email": ADA, "password": PASSWORD}
    rebound = {"origin": "https://evil.example", "host": "evil.example"}
    assert browser.post("/admin/sign-in", data=form, headers=rebound).status_code == 403
    assert (
        browser.post("/admin/sign-in", data=form, headers={"origin": "https://10.0.0.1"}).status_code == 403
    )
    assert browser.post("/admin/sign-in", data=form, headers=ours).status_code == 303
    tricks = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    assert browser.get("/admin/", headers=tricks).json()["host"] == "genko.example"
    assert browser.get("/", headers=tricks).headers["location"] == "/admin/"


def test_pages_learn_who_is_there_from_the_gate(ada, browser):
    enter(browser)
    answer = browser.get("/admin/api/me").json()
    assert (answer["scope"], answer["page"]) == ("Ada", "Ada")


def test_marks_from_outside_are_taken_off(ada, browser):
    enter(browser)
    forged = [
        ("X-Genko-Session", "1.forged"),
        ("x-genko-session", page_identity.badge(99)),
        ("x-genko-role", "admin"),
    ]
    answer = browser.get("/admin/api/me", headers=forged).json()
    assert len(answer["marks"]) == 1
    assert answer["others"] is None
    assert answer["page"] == "Ada"


def test_without_the_gate_nobody_is_there(ada, browser, database, settings):
    enter(browser)
    cookies = {cookie_name(settings): token_of(browser, settings)}
    for headers in ({}, {"x-genko-session": "1"}, {"x-genko-session": "1."}, {"x-genko-session": "1.é"}):
        assert page_identity.signed_in(headers, cookies, database, settings) is None
    mine = {"x-genko-session": page_identity.badge(1)}
    assert page_identity.signed_in(mine, cookies, database, settings).name == "Ada"
    assert page_identity.signed_in(mine, {}, database, settings) is None
    assert (
        page_identity.signed_in({"x-genko-session": page_identity.badge(2)}, cookies, database, settings)
        is None
    )


def test_signing_out_ends_the_session_and_the_cookie(ada, browser, settings):
    enter(browser)
    token = token_of(browser, settings)
    assert browser.get("/admin/sign-out").status_code == 405
    out = browser.post("/admin/sign-out", headers=FORM)
    assert (out.status_code, out.headers["location"]) == (303, "/admin/sign-in")
    assert "Max-Age=0" in out.headers["set-cookie"]
    browser.cookies[cookie_name(settings)] = token
    assert browser.get("/admin/api/me").status_code == 401
    assert browser.get("/admin/static/js/index.js").status_code == 401


def test_revoking_acts_at_once(ada, browser, database):
    enter(browser)
    browser.get("/admin/static/js/index.js")
    with database.transaction() as session:
        sessions.revoke_all(session, ada, by=ada)
    assert browser.get("/admin/messages", headers=LOOKING).status_code == 303
    assert browser.get("/admin/api/leads").status_code == 401
    assert browser.get("/admin/static/js/index.js").status_code == 401


def test_someone_who_left_is_out_at_once(ada, browser, database):
    maria = colleague(database, by=ada)
    enter(browser, email=MARIA)
    assert browser.get("/admin/api/me").json()["page"] == "Maria"
    with database.transaction() as session:
        staff.deactivate(session, maria, by=ada)
    assert browser.get("/admin/api/me").status_code == 401
    assert enter(browser, email=MARIA).status_code == 401


def test_a_websocket_needs_a_session(ada, browser):
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(STREAM, headers=FORM):
        pass
    enter(browser)
    with browser.websocket_connect(STREAM, headers=FORM) as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


def test_an_open_websocket_ends_with_its_session(ada, browser, database, monkeypatch):
    monkeypatch.setattr("genko.access.session_cache._REMEMBERED_FOR", 0.0)
    enter(browser)
    with browser.websocket_connect(STREAM, headers=FORM) as socket:
        with database.transaction() as session:
            sessions.revoke_all(session, ada, by=ada)
        socket.send_text("show me more")
        assert socket.receive_bytes() == b"farewell"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def test_the_other_tabs_end_when_one_comes_to_sign_in_and_the_cookie_goes(
    ada, browser, database, monkeypatch
):
    monkeypatch.setattr("genko.access.session_websocket._LOOK_EVERY", 3600.0)
    with browser:  # one event loop for both, as the server has
        enter(browser)
        with browser.websocket_connect(STREAM, headers=FORM) as socket:
            socket.send_text("hello")
            assert socket.receive_text() == "hello"
            with database.transaction() as session:
                sessions.revoke_all(session, ada, by=ada)
            browser.get("/admin/sign-in")
            assert not browser.cookies
            assert socket.receive_bytes() == b"farewell"


def test_a_websocket_that_nobody_touches_ends_too(ada, browser, database, monkeypatch):
    monkeypatch.setattr("genko.access.session_cache._REMEMBERED_FOR", 0.0)
    monkeypatch.setattr("genko.access.session_websocket._LOOK_EVERY", 0.05)
    enter(browser)
    with browser.websocket_connect(STREAM, headers=FORM) as socket:
        with database.transaction() as session:
            sessions.revoke_all(session, ada, by=ada)
        assert socket.receive_bytes() == b"farewell"


@pytest.mark.parametrize(
    "path", ["/admin/sign-in", "/admin/messages", "/healthz", "/", "/admin/sign-in.css", "/x"]
)
@pytest.mark.parametrize("inside", [False, True])
def test_every_answer_is_armoured(ada, browser, path, inside):
    if inside:
        enter(browser)
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store" or path == "/admin/sign-in.css"
    assert "strict-transport-security" not in headers


def test_tls_is_insisted_on_where_it_is_used(ada, database, settings):
    secure = behind_gate(database, settings.model_copy(update={"public_url": "https://genko.example"}))
    assert secure.get("/healthz").headers["strict-transport-security"] == "max-age=63072000"


def test_a_file_of_a_patient_is_sandboxed(ada, browser):
    enter(browser)
    assert "sandbox" in browser.get("/admin/media/12").headers["content-security-policy"]


def test_only_the_package_s_own_component_may_be_framed_and_only_by_us(ada, browser):
    enter(browser)
    framed = browser.get("/admin/component/streamlit_sortables.sortable_items/index.html").headers
    other = browser.get("/admin/component/other.thing/index.html").headers
    assert framed["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed["content-security-policy"]
    assert "connect-src" not in framed["content-security-policy"]
    assert other["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in other["content-security-policy"]


def test_a_lost_database_is_one_plain_sentence(settings):
    lost = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    browser = behind_gate(lost, settings)
    browser.cookies[cookie_name(settings)] = "x"
    for path in ("/admin/messages", "/admin/sign-in"):
        answer = browser.get(path, headers=LOOKING)
        assert answer.status_code == 503
        assert "The database cannot be reached" in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers["content-security-policy"]
    assert (browser.get("/admin/api/leads").status_code, browser.get("/admin/api/leads").content) == (
        503,
        b"",
    )
    assert enter(browser).status_code == 503
    assert browser.get("/healthz").status_code == 200
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(STREAM, headers=FORM):
        pass
    lost.close()


def test_a_bug_tells_nobody_what_it_was_about(ada, browser, caplog):
    enter(browser)
    with caplog.at_level(logging.ERROR):
        answer = browser.get("/admin/bug", headers=LOOKING)
    assert answer.status_code == 500
    assert "patient" not in answer.text
    assert "ValueError at" in caplog.text
    assert "patient" not in caplog.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"email=a", "text/plain"),
        (b"a=" + b"b" * 20_000, None),
        (b"&".join([b"a=b"] * 50), None),
        (b"a=\xff", None),
    ],
)
def test_a_form_that_is_none_is_refused_in_words(ada, browser, body, kind):
    headers = FORM | {"content-type": kind or "application/x-www-form-urlencoded"}
    answer = browser.post("/admin/sign-in", content=body, headers=headers)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_mistyped_proxy_is_told_at_the_start(database, tmp_path):
    with pytest.raises(Refused, match="GENKO_TRUSTED_PROXIES"):
        Gate(None, database=database, settings=Settings(data_dir=tmp_path, trusted_proxies="proxy.local"))
