"""A provider is a `StandIn` in the table: the control API, the faults and the phone page then serve it too."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from genko.sandbox import World, running, stand_ins
from genko.sandbox.bodies import NewAccount
from genko.sandbox.calls import CallPattern
from genko.sandbox.records import Account, Media, Message
from genko.sandbox.stand_in import AddressHint, Json, Messaging, StandIn
from genko.sandbox.world import Provider


def create_app(provider: Provider) -> Starlette:
    async def inbox(_: Request) -> Response:
        accounts = provider.accounts.values()
        return JSONResponse([message.body for account in accounts for message in account.messages])

    return Starlette(routes=[Route("/inbox", inbox)])


def account_in(_: Scope) -> str:
    return "dove"


def refusal(status: int) -> Response:
    return PlainTextResponse("The pigeon is lost", status)


def make_account(body: NewAccount, now: datetime) -> Account:
    return Account(body.id, body.token, body.address, body.name, body.status, created_at=now)


def new_message_id(_: list[Media]) -> str:
    return "note-1"


def message_json(message: Message) -> Json:
    return {"note": message.body, "by": message.patient_id}


PIGEON = StandIn(
    key="pigeon",
    create_app=create_app,
    call_patterns=(CallPattern("list", "GET", "/inbox"),),
    account_in=account_in,
    refusal=refusal,
    messaging=Messaging(
        label="Pigeon post",
        account_body=NewAccount,
        make_account=make_account,
        new_message_id=new_message_id,
        message_json=message_json,
        unreachable_code=1,
        address_hint=AddressHint("Roof", "Rose Lane 3", "text", "", ".+", ""),
    ),
)
WITHOUT_PEOPLE = replace(PIGEON, key="oracle", messaging=None)


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    for stand_in in (PIGEON, WITHOUT_PEOPLE):
        monkeypatch.setitem(stand_ins.STAND_INS, stand_in.key, stand_in)
    with running(World(step=0)) as base_url, httpx.Client(base_url=base_url, trust_env=False) as http:
        account = {"id": "dove", "token": "corn", "address": "Church tower"}
        http.post("/sandbox/pigeon/accounts", json=account).raise_for_status()
        yield http


def writes(http: httpx.Client, body: str) -> Json:
    message = {"account": "dove", "from": "Rose Lane 3", "body": body}
    answer: Json = http.post("/sandbox/pigeon/inbound", json=message).raise_for_status().json()
    return answer


def test_each_provider_is_served_under_its_own_path(http: httpx.Client) -> None:
    assert writes(http, "Coo") == {"note": "Coo", "by": "Rose Lane 3"}
    assert http.get("/pigeon/inbox").json() == ["Coo"]
    assert http.get("/twilio/inbox").json()["code"] == 20404


def test_faults_and_counters_of_one_provider_leave_the_others_alone(http: httpx.Client) -> None:
    http.post("/sandbox/pigeon/faults", json={"kind": "too_many_requests", "seconds": 7})
    lost = http.get("/pigeon/inbox")
    assert (lost.status_code, lost.text, lost.headers["retry-after"]) == (429, "The pigeon is lost", "7")
    assert http.get("/oracle/inbox").json() == []
    assert http.get("/sandbox/pigeon/counters").json()["requests"] == {"list": 1}
    assert http.get("/sandbox/twilio/counters").json()["requests"] == {}


def test_the_phone_page_knows_which_provider_a_person_writes_on(http: httpx.Client) -> None:
    writes(http, "Coo")
    where = {"provider": "pigeon", "account": "dove", "patient": "Rose Lane 3"}
    state = http.get("/phone/state", params=where).json()
    assert [message["body"] for message in state["messages"]] == ["Coo"]
    (clinic,) = state["clinics"]
    assert (clinic["channel"], clinic["can_opt_out"]) == ("Pigeon post", False)
    elsewhere = http.get("/phone/state", params=where | {"provider": "twilio"}).json()
    assert elsewhere["messages"] == []


def test_a_provider_without_people_has_no_accounts(http: httpx.Client) -> None:
    assert http.post("/sandbox/oracle/accounts", json={}).status_code == 404
    assert http.get("/sandbox/oracle/counters").status_code == 200
    assert http.get("/sandbox/nobody/counters").status_code == 404


def test_one_reset_empties_every_provider(http: httpx.Client) -> None:
    http.post("/sandbox/reset", json={}).raise_for_status()
    assert http.get("/sandbox/pigeon/accounts").json() == []
