"""The small routes beside the pages: files in pieces, drafts as they are typed."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urljoin

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import pages.parts
from genko.access.models import AuditEntry
from genko.access.sessions import SignedIn
from genko.errors import GenkoError
from genko.messages import draft_sending, drafts, files, outbox
from genko.messages.models import Draft, Message, MessageFile
from genko.sandbox import samples
from pages.app import _refusal
from pages.parts.streamlit.component_script import component_script
from pages.routes import create_routes
from pages.routes.files import parse_range
from tests.factories import Clinic
from tests.steps import bodies, everything

PICTURE = samples.picture()
SIZE = len(PICTURE)


@pytest.fixture
def maria(clinic: Clinic) -> Iterator[TestClient]:
    """The routes as Maria reaches them behind the gate."""
    inner = Starlette(routes=create_routes(clinic.database), exception_handlers={GenkoError: _refusal})
    signed_in = SignedIn(1, clinic.maria, "Maria", "", "staff", None)

    async def app(scope, receive, send):
        await inner({**scope, "genko_staff": signed_in}, receive, send)

    with closing(TestClient(app)) as client:
        yield client


@pytest.fixture
def address(clinic: Clinic) -> str:
    clinic.sandbox.patient_writes("My tooth", media=[{"kind": "image"}])
    clinic.fetch()
    files.fetch_files(clinic.database, clinic.connector, clinic.due())
    [file] = everything(clinic.database, MessageFile)
    return f"/admin/media/{file.id}"


def test_a_component_and_what_it_imports_come_from_addresses_that_browsers_may_keep(
    maria: TestClient,
) -> None:
    script = component_script(Path(pages.parts.__file__).parent / "messages" / "list" / "part.js")
    [address] = re.findall(r'"(/admin/static/modules/[0-9a-f]{16}/messages/list/part.js)"', script)
    imported = re.findall(r'from "(\..*)"', maria.get(address).text)
    assert imported
    for module in imported:
        answer = maria.get(urljoin(address, module))
        assert answer.status_code == 200, module
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
    assert maria.get(urljoin(address, "../../kit/context.py")).status_code == 404
    assert maria.get(address.replace("/messages/", "/messages/../../../genko/")).status_code == 404


def views(clinic: Clinic) -> int:
    return sum(one.action == "file:view" for one in everything(clinic.database, AuditEntry))


def test_a_file_comes_whole_or_in_the_piece_that_was_asked_for(maria: TestClient, address: str) -> None:
    assert maria.get(address).content == PICTURE
    for asked, first, last in (("1-", 1, SIZE - 1), ("0-0", 0, 0), ("3-9", 3, 9), ("5-999999", 5, SIZE - 1)):
        answer = maria.get(address, headers={"range": f"bytes={asked}"})
        assert (answer.status_code, answer.content) == (206, PICTURE[first : last + 1])
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"


@pytest.mark.parametrize("asked", ["-5", "9-3", "x", f"{SIZE}-", "9" * 5000 + "-", "0-1,4-5"])
def test_a_range_that_cannot_be_read_means_the_whole_file(
    maria: TestClient, address: str, asked: str
) -> None:
    answer = maria.get(address, headers={"range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (200, PICTURE)


def test_only_plain_digits_are_a_range() -> None:
    assert parse_range("bytes=²-", 10) is parse_range("bytes=1-²", 10) is None


def test_the_first_piece_that_somebody_sees_is_noted_wherever_it_begins(
    clinic: Clinic, maria: TestClient, address: str
) -> None:
    for asked in ("bytes=1-", "bytes=40-", "bytes=0-"):
        maria.get(address, headers={"range": asked})
        assert views(clinic) == 1
    maria.get(address)
    assert views(clinic) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pieces_come_while_somebody_writes(clinic: Clinic, maria: TestClient, address: str) -> None:
    piece = {"range": "bytes=0-9"}
    maria.get(address, headers=piece)
    with closing(sqlite3.connect(clinic.database.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert maria.get(address, headers=piece).content == PICTURE[:10]


def put(maria: TestClient, conversation_id: int, content: str):
    return maria.put(f"/admin/api/drafts/{conversation_id}", content=content)


def test_a_draft_is_kept(clinic: Clinic, maria: TestClient) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        token = drafts.begin(session, number, by=clinic.maria).token
    answer = put(maria, number, json.dumps({"text": "Good morn", "token": token, "seen": 1}))
    assert (answer.status_code, answer.json()) == (200, {"saved": True})
    assert [one.text for one in everything(clinic.database, Draft)] == ["Good morn"]


def test_what_was_typed_under_a_token_that_was_sent_is_kept_where_the_browser_asks_for_it(
    clinic: Clinic, maria: TestClient
) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        token = drafts.begin(session, number, by=clinic.maria).token
        draft_sending.send(session, number, "Yes", by=clinic.maria, token=token, seen_message_id=1)
    late = {"text": "Yes\nuntil six", "token": token, "seen": 1}
    answer = put(maria, number, json.dumps(late))
    [following] = everything(clinic.database, Draft)
    overtaken = {"saved": False, "went_out": "Yes", "token": following.token, "draft": ""}
    assert (answer.status_code, answer.json()) == (409, overtaken)
    assert put(maria, number, json.dumps(late | {"rest": "until six"})).json() == {"saved": True}
    assert [one.text for one in everything(clinic.database, Draft)] == ["until six"]


def post(maria: TestClient, conversation_id: int, **sent: object):
    return maria.post(f"/admin/api/drafts/{conversation_id}", json={"seen": 1, **sent})


def test_a_draft_is_sent_once_and_the_next_one_begins(clinic: Clinic, maria: TestClient) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        token = drafts.begin(session, number, by=clinic.maria).token
    put(maria, number, json.dumps({"text": "Yes\nuntil six", "token": token, "seen": 1}))
    first, second = (post(maria, number, text="Yes", token=token) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["draft"] == "until six"
    assert first.json()["token"] != token
    assert bodies(everything(clinic.database, Message))[1:] == ["Yes"]
    another = post(maria, number, text="No", token=token)
    assert another.status_code == 409
    assert "An earlier text of this draft has been sent" in another.json()["error"]


def test_a_colleagues_answer_is_told_before_anything_is_sent(clinic: Clinic, maria: TestClient) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        token = drafts.begin(session, number, by=clinic.maria).token
        outbox.queue(session, number, "Sorry, no.", by=clinic.ada, token="ada's")
    answer = post(maria, number, text="Yes", token=token)
    assert (answer.status_code, answer.json()) == (409, {"warning": "Ada answered 0 s ago."})
    assert post(maria, number, text="Yes", token=token, anyway=True, override=True).status_code == 200
    assert [one.override for one in everything(clinic.database, Message)][1:] == [False, True]


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "[" * 100_000,
        '{"text": "x", "token": "t", "seen": 9223372036854775808}',
        '{"text": "x", "token": "t", "seen": -1}',
        '{"text": "x", "token": "t", "seen": Infinity}',
        json.dumps({"text": "x" * 1_000_000, "token": "t", "seen": 1}),
    ],
)  # fmt: skip
def test_what_is_no_draft_is_refused_in_a_sentence(clinic: Clinic, maria: TestClient, content: str) -> None:
    answer = put(maria, clinic.conversation_with(), content)
    assert answer.status_code == 409
    assert "draft" in answer.json()["error"]


@pytest.mark.parametrize("token", ["\x00", "\ud800"])
def test_a_token_that_no_database_can_hold_is_nobodys(clinic: Clinic, maria: TestClient, token: str) -> None:
    answer = put(maria, clinic.conversation_with(), json.dumps({"text": "x", "token": token, "seen": 1}))
    assert answer.json() == {"saved": False}
