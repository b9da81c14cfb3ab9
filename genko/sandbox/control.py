"""The control API: set the scene, write as a patient, make things fail, look at what happened.

Bodies and answers are JSON; the fields of each body are in `bodies`. A body that is wrong is 422; a provider or an
account that is unknown is 404. `{provider}` is a name from `stand_ins.STAND_INS`, such as `twilio`.
"""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from genko.sandbox import bodies, patients, statuses
from genko.sandbox.faults import Fault
from genko.sandbox.records import Account, Patient
from genko.sandbox.stand_in import Json, Messaging
from genko.sandbox.stand_ins import STAND_INS
from genko.sandbox.world import Provider, World

Shape = TypeVar("Shape", bound=BaseModel)


async def health(_: Request) -> Response:
    """GET /sandbox/health -> {"ok": true}"""
    return JSONResponse({"ok": True})


async def reset(request: Request) -> Response:
    """POST /sandbox/reset {keep_accounts?}: every provider forgets messages, patients, faults, counters, accounts"""
    body = await _body(request, bodies.Reset)
    world_of(request).reset(body.keep_accounts)
    return Response(status_code=204)


async def change_pace(request: Request) -> Response:
    """POST /sandbox/pace {step}: seconds between queued, sent and delivered; 0 is at once"""
    world_of(request).step = (await _body(request, bodies.Pace)).step
    return Response(status_code=204)


async def add_account(request: Request) -> Response:
    """POST /sandbox/{provider}/accounts {id, token, address, name?, status?, …} -> the account

    Twilio also takes `templates`.
    """
    messaging, provider = _messaging(request), _provider(request)
    body = await _body(request, messaging.account_body)
    account = messaging.make_account(body, provider.now())
    provider.add_account(account)
    return JSONResponse(_account_json(account), 201)


async def list_accounts(request: Request) -> Response:
    """GET /sandbox/{provider}/accounts -> [{id, address, name, status}]"""
    return JSONResponse([_account_json(account) for account in _provider(request).accounts.values()])


async def dump(request: Request) -> Response:
    """GET /sandbox/{provider}/accounts/{id}/messages -> every message, oldest first, in the provider's own shape"""
    account = _account(request, request.path_params["account"])
    statuses.settle(account, _provider(request).now())
    message_json = _messaging(request).message_json
    return JSONResponse([message_json(message) for message in account.messages])


async def receive(request: Request) -> Response:
    """POST /sandbox/{provider}/inbound {account, from, name?, body?, media?, at?, id?} -> the message

    `media`: [{"kind": "image|audio|document|contact"}] or [{"content_type", "base64"}]. The provider's words for
    opting out and in, such as STOP and START, do so. An id that exists already adds nothing.
    """
    body = await _body(request, bodies.PatientMessage)
    messaging = _messaging(request)
    message = patients.receive(_provider(request), messaging, _account(request, body.account), body)
    return JSONResponse(messaging.message_json(message), 201)


async def load_history(request: Request) -> Response:
    """POST /sandbox/{provider}/history {account, messages: [{direction: in|out, patient, at, name?, body?,
    status?, error_code?, media?, id?}]} -> {"ids": […]}
    """
    body = await _body(request, bodies.History)
    account = _account(request, body.account)
    messages = patients.load(_provider(request), _messaging(request), account, body.messages)
    return JSONResponse({"ids": [message.id for message in messages]}, 201)


async def read(request: Request) -> Response:
    """POST /sandbox/{provider}/read {account, patient} -> {"read": n}; only messages that have been delivered"""
    body = await _body(request, bodies.Conversation)
    account = _account(request, body.account)
    count = statuses.read_all(account, body.patient, _provider(request).now())
    return JSONResponse({"read": count})


async def change_patient(request: Request) -> Response:
    """POST /sandbox/{provider}/patients {account, patient, name?, opted_out?, blocked?, unreachable?,
    phone_on?} -> the patient; makes it when unknown
    """
    body = await _body(request, bodies.PatientChange)
    provider, account = _provider(request), _account(request, body.account)
    statuses.settle(account, provider.now())
    patient = provider.patient(account, body.patient, body.name or "")
    if body.phone_on is not None:
        statuses.switch_phone(account, patient, body.phone_on, provider.now())
    _mark(patient, body, _messaging(request).unreachable_code)
    return JSONResponse(patient_json(patient))


async def list_patients(request: Request) -> Response:
    """GET /sandbox/{provider}/patients?account=… -> [the patients]"""
    account = _account(request, request.query_params.get("account", ""))
    return JSONResponse([patient_json(patient) for patient in account.patients.values()])


async def add_fault(request: Request) -> Response:
    """POST /sandbox/{provider}/faults {kind, times?, method?, path?, account?, status?, seconds?} -> the fault

    Kinds are in `faults.FaultKind`. The first one added that matches a request is used.
    """
    body = await _body(request, bodies.NewFault)
    fault = _provider(request).faults.add(Fault(**body.model_dump()))
    return JSONResponse(vars(fault), 201)


async def list_faults(request: Request) -> Response:
    """GET /sandbox/{provider}/faults -> [the faults still set, with the `times` that remain]"""
    return JSONResponse([vars(fault) for fault in _provider(request).faults.active])


async def clear_faults(request: Request) -> Response:
    """DELETE /sandbox/{provider}/faults or /sandbox/{provider}/faults/{id}"""
    _provider(request).faults.clear(request.path_params.get("fault"))
    return Response(status_code=204)


async def counters(request: Request) -> Response:
    """GET /sandbox/{provider}/counters -> {creates: [{account, to, body, count}], requests: {kind: n},
    leaked_authorizations: n}; `creates` are the messages that were accepted, `requests` include the failed ones
    """
    counted = _provider(request).counters
    creates = [
        {"account": account_id, "to": to, "body": body, "count": count}
        for (account_id, to, body), count in counted.creates.items()
    ]
    answer = {
        "creates": creates,
        "requests": counted.requests,
        "leaked_authorizations": counted.leaked_authorizations,
    }
    return JSONResponse(answer)


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def patient_json(patient: Patient) -> Json:
    return dict(vars(patient))


def _mark(patient: Patient, body: bodies.PatientChange, unreachable_code: int) -> None:
    if body.opted_out is not None:
        patient.opted_out = body.opted_out
    if body.blocked is not None:
        patient.blocked = body.blocked
    match body.unreachable:
        case bool() as unreachable:
            patient.unreachable = unreachable_code if unreachable else None
        case int() as code:
            patient.unreachable = code


def _account_json(account: Account) -> Json:
    return {name: getattr(account, name) for name in ("id", "address", "name", "status")}


async def _body(request: Request, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        raise HTTPException(422, error.json(include_url=False, include_context=False)) from None


def _provider(request: Request) -> Provider:
    key = request.path_params["provider"]
    if key not in STAND_INS:
        raise HTTPException(404, "No such provider")
    return world_of(request).provider(key)


def _messaging(request: Request) -> Messaging:
    key = request.path_params["provider"]
    messaging = STAND_INS[key].messaging if key in STAND_INS else None
    if messaging is None:
        raise HTTPException(404, "No provider of messages has this name")
    return messaging


def _account(request: Request, account_id: str) -> Account:
    account = _provider(request).accounts.get(account_id)
    if account is None:
        raise HTTPException(404, "No such account")
    return account


_PROVIDER = "/sandbox/{provider}"

routes = [
    Route("/sandbox/health", health),
    Route("/sandbox/reset", reset, methods=["POST"]),
    Route("/sandbox/pace", change_pace, methods=["POST"]),
    Route(f"{_PROVIDER}/accounts", add_account, methods=["POST"]),
    Route(f"{_PROVIDER}/accounts", list_accounts),
    Route(f"{_PROVIDER}/accounts/{{account}}/messages", dump),
    Route(f"{_PROVIDER}/inbound", receive, methods=["POST"]),
    Route(f"{_PROVIDER}/history", load_history, methods=["POST"]),
    Route(f"{_PROVIDER}/read", read, methods=["POST"]),
    Route(f"{_PROVIDER}/patients", change_patient, methods=["POST"]),
    Route(f"{_PROVIDER}/patients", list_patients),
    Route(f"{_PROVIDER}/faults", add_fault, methods=["POST"]),
    Route(f"{_PROVIDER}/faults", list_faults),
    Route(f"{_PROVIDER}/faults", clear_faults, methods=["DELETE"]),
    Route(f"{_PROVIDER}/faults/{{fault:int}}", clear_faults, methods=["DELETE"]),
    Route(f"{_PROVIDER}/counters", counters),
]
