"""The patient's phone: the page, and what it shows. It writes through the control API."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from genko.sandbox import statuses
from genko.sandbox.control import patient_json
from genko.sandbox.credentials import world_of
from genko.sandbox.records import Account, Message, Patient, Status
from genko.sandbox.shapes import Json

PAGE = Path(__file__).parent / "phone_page"
POLICY = "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'"
ARRIVED = {Status.DELIVERED, Status.READ, Status.RECEIVED}
SHOWN_INLINE = ("image/png", "image/jpeg", "image/webp", "image/gif", "audio/", "video/")
LONGEST_CHAT = 300


async def page(_: Request) -> Response:
    return FileResponse(PAGE / "phone.html", headers={"Content-Security-Policy": POLICY})


async def state(request: Request) -> Response:
    """GET /phone/state?account=AC…&patient=+49… -> clinics, patients of the clinic, one chat"""
    world = world_of(request)
    clinics = [{"sid": one.sid, "name": one.name, "sender": one.sender} for one in world.accounts.values()]
    account = world.accounts.get(request.query_params.get("account", ""))
    if account is None:
        return JSONResponse({"clinics": clinics, "patients": [], "patient": None, "messages": []})
    statuses.settle(account, world.now())
    patient = account.patients.get(request.query_params.get("patient", ""))
    answer = {
        "clinics": clinics,
        "patients": _patient_list(account),
        "patient": patient_json(patient) if patient else None,
        "messages": [_bubble(one) for one in _chat(account, patient)] if patient else [],
    }
    return JSONResponse(answer)


async def attachment(request: Request) -> Response:
    """Only harmless types are shown in the page; the rest is a download."""
    media = world_of(request).media.get(request.path_params["key"])
    if media is None:
        return Response(status_code=404)
    inline = media.content_type.startswith(SHOWN_INLINE)
    headers = {
        "Content-Type": media.content_type,
        "Content-Disposition": "inline" if inline else "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(media.data, headers=headers)


def _chat(account: Account, patient: Patient) -> list[Message]:
    """A phone knows only what has reached it."""
    messages = [one for one in account.with_patient(patient.id) if one.status in ARRIVED]
    return messages[-LONGEST_CHAT:]


def _patient_list(account: Account) -> list[Json]:
    """The one with the latest message first."""
    last: dict[str, Message] = {}
    unread = dict.fromkeys(account.patients, 0)
    for message in account.messages:
        if message.status in ARRIVED:
            last[message.patient_id] = message
            unread[message.patient_id] += message.status is Status.DELIVERED
    in_order = sorted(last, key=lambda one: last[one].age, reverse=True)
    in_order += [one for one in account.patients if one not in last]
    return [
        {
            "id": one,
            "name": account.patients[one].name,
            "unread": unread[one],
            "last": _bubble(last[one]) if one in last else None,
        }
        for one in in_order
    ]


def _bubble(message: Message) -> Json:
    return {
        "sid": message.sid,
        "mine": message.inbound,
        "body": message.body,
        "at": message.created_at.isoformat(),
        "unread": message.status is Status.DELIVERED,
        "media": [
            {"url": f"/phone/media/{one.key}", "type": one.content_type, "size": len(one.data)}
            for one in message.media
        ],
    }


routes = [
    Route("/phone", page),
    Route("/phone/state", state),
    Route("/phone/media/{key}", attachment),
    Mount("/phone/static", StaticFiles(directory=PAGE)),
]
