"""The sandbox's control API, and what tests say through it of Twilio."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

SID = "AC" + "a1" * 16
TOKEN = "token-of-the-sandbox"
SENDER = "+4930901820"


# One client for all tests: opening a connection takes longer than most requests.
_HTTP = httpx.Client(trust_env=False, timeout=10)


@dataclass(frozen=True)
class Sandbox:
    base_url: str

    def reset(self) -> None:
        """No account, no patient, no message, no fault, at any provider."""
        self._post_to("sandbox/reset")
        self.set_pace(0)

    def set_pace(self, step_s: float) -> None:
        """Seconds between two statuses of a sent message; 0 delivers at once."""
        self._post_to("sandbox/pace", step=step_s)

    def add_account(self, sid: str = SID, token: str = TOKEN, sender: str = SENDER, **more: Any) -> None:
        self._post("accounts", id=sid, token=token, address=sender, **more)

    def patient_writes(
        self,
        body: str = "",
        *,
        phone: str = "+491510000001",
        at: datetime | None = None,
        account: str = SID,
        **more: Any,
    ) -> str:
        """A message from a patient's phone; its provider id."""
        stamp = {"at": at.isoformat()} if at else {}
        message = self._post("inbound", account=account, body=body, **{"from": phone}, **stamp, **more)
        return str(message["sid"])

    def patient_reads(self, phone: str = "+491510000001", account: str = SID) -> None:
        self._post("read", account=account, patient=phone)

    def patient(self, phone: str = "+491510000001", account: str = SID, **state: Any) -> None:
        self._post("patients", account=account, patient=phone, **state)

    def history(self, messages: list[dict[str, Any]], account: str = SID) -> None:
        self._post("history", account=account, messages=messages)

    def fault(self, kind: str, **how: Any) -> None:
        self._post("faults", kind=kind, **how)

    def clear_faults(self) -> None:
        _HTTP.delete(f"{self.base_url}/sandbox/twilio/faults").raise_for_status()

    def counters(self) -> dict[str, Any]:
        return self._get("counters")

    def creates(self, body: str) -> int:
        """How often Twilio accepted a message of this text."""
        return sum(create["count"] for create in self.counters()["creates"] if create["body"] == body)

    def messages(self, account: str = SID) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self._get(f"accounts/{account}/messages")
        return messages

    def patients(self, account: str = SID) -> list[dict[str, Any]]:
        patients: list[dict[str, Any]] = self._get(f"patients?account={account}")
        return patients

    def _post(self, path: str, /, **body: Any) -> Any:
        return self._post_to(f"sandbox/twilio/{path}", **body)

    def _post_to(self, path: str, /, **body: Any) -> Any:
        answer = _HTTP.post(f"{self.base_url}/{path}", json=body).raise_for_status()
        return answer.json() if answer.content else None

    def _get(self, path: str) -> Any:
        return _HTTP.get(f"{self.base_url}/sandbox/twilio/{path}").raise_for_status().json()
