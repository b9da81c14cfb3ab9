"""The patient's phone: the page, and what it shows. The page writes through the control API."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from genko.sandbox import statuses
from genko.sandbox.control import patient_json, world_of
from genko.sandbox.records import Account, Message, Patient, Status
from genko.sandbox.stand_in import Json
from genko.sandbox.stand_ins import STAND_INS
from genko.sandbox.world import World

PAGE = Path(__file__).parent / "phone_page"
POLICY = "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'"
ARRIVED = {Status.DELIVERED, Status.READ, Status.RECEIVED}
SHOWN_INLINE = ("image/png", "image/jpeg", "image/webp", "image/gif", "audio/", "video/")
LONGEST_CHAT = 300


async def page(_: Request) -> Response:
    return FileResponse(PAGE / "phone.html", headers={"Content-Security-Policy": POLICY})


async def state(request: Request) -> Response:
    """GET /phone/state?provider=twilio&account=AC…&patient=+49… -> clinics, patients of the clinic, one chat"""
    world, key = world_of(request), request.query_params.get("provider", "")
    clinics = _clinics(world)
    account = _account(world, key, request.query_params.get("account", ""))
    if account is None:
        return JSONResponse({"clinics": clinics, "patients": [], "patient": None, "messages": []})
    statuses.settle(account, world.now())
    patient = account.patients.get(request.query_params.get("patient", ""))
    answer = {
        "clinics": clinics,
        "patients": _patient_list(key, account),
        "patient": patient_json(patient) if patient else None,
        "messages": [_bubble(key, message) for message in _chat(account, patient)] if patient else [],
    }
    return JSONResponse(answer)


async def attachment(request: Request) -> Response:
    """Only harmless types are shown in the page; the rest is a download."""
    provider = world_of(request).providers.get(request.path_params["provider"])
    media = provider.media.get(request.path_params["key"]) if provider else None
    if media is None:
        return Response(status_code=404)
    inline = media.content_type.startswith(SHOWN_INLINE)
    headers = {
        "Content-Type": media.content_type,
        "Content-Disposition": "inline" if inline else "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(media.data, headers=headers)


def _account(world: World, key: str, account_id: str) -> Account | None:
    return world.provider(key).accounts.get(account_id) if key in STAND_INS else None


def _clinics(world: World) -> list[Json]:
    """Every account that a patient can write to, with what the page says about its provider."""
    return [
        {
            "provider": key,
            "channel": stand_in.messaging.label,
            "id": account.id,
            "name": account.name,
            "address": account.address,
            "address_hint": vars(stand_in.messaging.address_hint),
            "can_opt_out": bool(stand_in.messaging.opt_out_words),
        }
        for key, stand_in in STAND_INS.items()
        if stand_in.messaging
        for account in world.provider(key).accounts.values()
    ]


def _chat(account: Account, patient: Patient) -> list[Message]:
    """A phone knows only what has reached it."""
    messages = [message for message in account.messages_with(patient.id) if message.status in ARRIVED]
    return messages[-LONGEST_CHAT:]


def _patient_list(provider: str, account: Account) -> list[Json]:
    """The patient with the latest message comes first."""
    last: dict[str, Message] = {}
    unread = dict.fromkeys(account.patients, 0)
    for message in account.messages:
        if message.status in ARRIVED:
            last[message.patient_id] = message
            unread[message.patient_id] += message.status is Status.DELIVERED
    patient_ids = sorted(last, key=lambda patient_id: last[patient_id].order, reverse=True)
    patient_ids += [patient_id for patient_id in account.patients if patient_id not in last]
    return [
        {
            "id": patient_id,
            "name": account.patients[patient_id].name,
            "unread": unread[patient_id],
            "last": _bubble(provider, last[patient_id]) if patient_id in last else None,
        }
        for patient_id in patient_ids
    ]


def _bubble(provider: str, message: Message) -> Json:
    return {
        "id": message.id,
        "mine": message.inbound,
        "body": message.body,
        "at": message.created_at.isoformat(),
        "unread": message.status is Status.DELIVERED,
        "media": [
            {
                "url": f"/phone/media/{provider}/{media.key}",
                "type": media.content_type,
                "size": len(media.data),
            }
            for media in message.media
        ],
    }


routes = [
    Route("/phone", page),
    Route("/phone/state", state),
    Route("/phone/media/{provider}/{key}", attachment),
    Mount("/phone/static", StaticFiles(directory=PAGE)),
]
