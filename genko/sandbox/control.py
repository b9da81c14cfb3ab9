"""The control API: set the scene, write as a patient, make things fail, look at what happened.

Bodies and answers are JSON; the fields of each body are in `orders`. A body that is wrong is 422,
an account that is unknown is 404.
"""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from genko.sandbox import orders, patients, statuses
from genko.sandbox.credentials import world_of
from genko.sandbox.faults import Fault
from genko.sandbox.records import Account, Patient, Template
from genko.sandbox.shapes import Json, message_json

Body = TypeVar("Body", bound=BaseModel)
NOT_ON_WHATSAPP = 63024


async def health(_: Request) -> Response:
    """GET /sandbox/health -> {"ok": true}"""
    return JSONResponse({"ok": True})


async def add_account(request: Request) -> Response:
    """POST /sandbox/accounts {sid, token, sender, name?, status?, templates?} -> the account"""
    order = await _body(request, orders.NewAccount)
    account = world_of(request).add_account(order.sid, order.token, order.sender, order.name, order.status)
    account.templates = {one.sid: Template(**one.model_dump()) for one in order.templates}
    return JSONResponse(_account_json(account), 201)


async def list_accounts(request: Request) -> Response:
    """GET /sandbox/accounts -> [{sid, sender, name, status}]"""
    return JSONResponse([_account_json(one) for one in world_of(request).accounts.values()])


async def dump(request: Request) -> Response:
    """GET /sandbox/accounts/{sid}/messages -> every message, oldest first, as in the REST API"""
    account = _account(request, request.path_params["account"])
    statuses.settle(account, world_of(request).now())
    return JSONResponse([message_json(message) for message in account.messages])


async def receive(request: Request) -> Response:
    """POST /sandbox/inbound {account, from, name?, body?, media?, at?, sid?} -> the message

    `media`: [{"kind": "image|audio|document|contact"}] or [{"content_type", "base64"}]. STOP and
    START opt the patient out and in. A sid that exists already adds nothing.
    """
    order = await _body(request, orders.PatientMessage)
    message = patients.receive(world_of(request), _account(request, order.account), order)
    return JSONResponse(message_json(message), 201)


async def load_history(request: Request) -> Response:
    """POST /sandbox/history {account, messages: [{direction: in|out, patient, at, name?, body?,
    status?, error_code?, media?, sid?}]} -> {"sids": […]}
    """
    order = await _body(request, orders.History)
    account = _account(request, order.account)
    kept = patients.load(world_of(request), account, order.messages)
    return JSONResponse({"sids": [message.sid for message in kept]}, 201)


async def read(request: Request) -> Response:
    """POST /sandbox/read {account, patient} -> {"read": n}; only what has been delivered"""
    order = await _body(request, orders.Conversation)
    account = _account(request, order.account)
    count = statuses.read_all(account, order.patient, world_of(request).now())
    return JSONResponse({"read": count})


async def change_patient(request: Request) -> Response:
    """POST /sandbox/patients {account, patient, name?, opted_out?, blocked?, unreachable?,
    phone_on?} -> the patient; makes it when unknown
    """
    order = await _body(request, orders.PatientChange)
    world = world_of(request)
    account = _account(request, order.account)
    statuses.settle(account, world.now())
    patient = world.patient(account, order.patient, order.name or "")
    if order.phone_on is not None:
        statuses.switch_phone(account, patient, order.phone_on, world.now())
    _mark(patient, order)
    return JSONResponse(patient_json(patient))


async def list_patients(request: Request) -> Response:
    """GET /sandbox/patients?account=AC… -> [the patients]"""
    account = _account(request, request.query_params.get("account", ""))
    return JSONResponse([patient_json(patient) for patient in account.patients.values()])


async def add_fault(request: Request) -> Response:
    """POST /sandbox/faults {kind, times?, method?, path?, account?, status?, seconds?} -> the fault

    Kinds are in `faults.FaultKind`. The first one added that matches a request is used.
    """
    order = await _body(request, orders.NewFault)
    fault = world_of(request).faults.add(Fault(**order.model_dump()))
    return JSONResponse(vars(fault), 201)


async def list_faults(request: Request) -> Response:
    """GET /sandbox/faults -> [the faults still set, with the `times` that are left]"""
    return JSONResponse([vars(fault) for fault in world_of(request).faults.active])


async def clear_faults(request: Request) -> Response:
    """DELETE /sandbox/faults or /sandbox/faults/{id}"""
    world_of(request).faults.clear(request.path_params.get("fault"))
    return Response(status_code=204)


async def counters(request: Request) -> Response:
    """GET /sandbox/counters -> {creates: [{account, to, body, count}], requests: {kind: n},
    leaked_authorizations: n}; creates are the accepted ones, requests include the failed
    """
    counted = world_of(request).counters
    creates = [
        {"account": account, "to": to, "body": body, "count": count}
        for (account, to, body), count in counted.creates.items()
    ]
    answer = {
        "creates": creates,
        "requests": counted.requests,
        "leaked_authorizations": counted.leaked_authorizations,
    }
    return JSONResponse(answer)


async def reset(request: Request) -> Response:
    """POST /sandbox/reset {keep_accounts?}: forget messages, patients, faults, counters, accounts"""
    order = await _body(request, orders.Reset)
    world_of(request).reset(order.keep_accounts)
    return Response(status_code=204)


async def change_pace(request: Request) -> Response:
    """POST /sandbox/pace {step}: seconds between queued, sent and delivered; 0 is at once"""
    world_of(request).step = (await _body(request, orders.Pace)).step
    return Response(status_code=204)


def patient_json(patient: Patient) -> Json:
    return dict(vars(patient))


def _mark(patient: Patient, order: orders.PatientChange) -> None:
    if order.opted_out is not None:
        patient.opted_out = order.opted_out
    if order.blocked is not None:
        patient.blocked = order.blocked
    match order.unreachable:
        case bool() as unreachable:
            patient.unreachable = NOT_ON_WHATSAPP if unreachable else None
        case int() as code:
            patient.unreachable = code


def _account_json(account: Account) -> Json:
    names = ("sid", "sender", "name", "status")
    return {name: getattr(account, name) for name in names}


async def _body(request: Request, shape: type[Body]) -> Body:
    try:
        return shape.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        raise HTTPException(422, error.json(include_url=False, include_context=False)) from None


def _account(request: Request, sid: str) -> Account:
    account = world_of(request).accounts.get(sid)
    if account is None:
        raise HTTPException(404, "No such account")
    return account


routes = [
    Route("/sandbox/health", health),
    Route("/sandbox/accounts", add_account, methods=["POST"]),
    Route("/sandbox/accounts", list_accounts),
    Route("/sandbox/accounts/{account}/messages", dump),
    Route("/sandbox/inbound", receive, methods=["POST"]),
    Route("/sandbox/history", load_history, methods=["POST"]),
    Route("/sandbox/read", read, methods=["POST"]),
    Route("/sandbox/patients", change_patient, methods=["POST"]),
    Route("/sandbox/patients", list_patients),
    Route("/sandbox/faults", add_fault, methods=["POST"]),
    Route("/sandbox/faults", list_faults),
    Route("/sandbox/faults", clear_faults, methods=["DELETE"]),
    Route("/sandbox/faults/{fault:int}", clear_faults, methods=["DELETE"]),
    Route("/sandbox/counters", counters),
    Route("/sandbox/reset", reset, methods=["POST"]),
    Route("/sandbox/pace", change_pace, methods=["POST"]),
]
