"""Sets the scene in the sandbox, through its control API."""

from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any

import httpx

from genko.channels.base import Delivery
from genko.demo.stories import CLINIC, NUMBERS, Number
from genko.demo.telling import Told

_STATUSES = {Delivery.FAILED: "undelivered"}


def set_up(sandbox_url: str, told: Mapping[str, Sequence[Told]]) -> dict[str, str]:
    """The accounts' tokens by their SIDs."""
    tokens = {number.sid: token_hex(16) for number in NUMBERS}
    with httpx.Client(base_url=f"{sandbox_url}/sandbox/twilio/", timeout=10, trust_env=False) as control:
        for number in NUMBERS:
            _tell(control, number, tokens[number.sid], told[number.sid])
    return tokens


def _tell(control: httpx.Client, number: Number, token: str, told: Sequence[Told]) -> None:
    name = f"{CLINIC} · {number.label}"
    _post(control, "accounts", id=number.sid, token=token, address=number.phone, name=name)
    past = [_past(one) for one in told if one.known_to_provider]
    _post(control, "history", account=number.sid, messages=past)
    # A history is only looked at: what it did to people has to be said.
    for one in told:
        if one.line.body.strip().casefold() == "stop":
            _post(control, "patients", account=number.sid, patient=one.phone, opted_out=True)
    for story in number.stories:
        if story.unreachable:
            _post(control, "patients", account=number.sid, patient=story.phone, unreachable=True)


def _past(told: Told) -> dict[str, Any]:
    line = told.line
    message: dict[str, Any] = {
        "direction": "out" if line.staff else "in",
        "patient": told.phone,
        "name": told.name,
        "at": line.at.isoformat(),
        "body": line.body,
        "id": told.sid,
        "media": [{"kind": line.file}] if line.file else [],
    }
    if line.delivery:
        message["status"] = _STATUSES.get(line.delivery, str(line.delivery))
        message["error_code"] = int(line.error_code) if line.error_code else None
    return message


def _post(control: httpx.Client, path: str, **body: object) -> None:
    control.post(path, json=body).raise_for_status()
