"""The sandbox's control API, as tests say it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

SID = "AC" + "a1" * 16
TOKEN = "token-of-the-sandbox"
SENDER = "+4930901820"


# Kept: making a connection costs more than most of what is said over it.
_HTTP = httpx.Client(trust_env=False, timeout=10)


@dataclass(frozen=True)
class Sandbox:
    base_url: str

    def reset(self) -> None:
        """No account, no patient, no message, no fault."""
        self._post("reset")
        self._post("pace", step=0)

    def add_account(self, sid: str = SID, token: str = TOKEN, sender: str = SENDER, **more: Any) -> None:
        self._post("accounts", sid=sid, token=token, sender=sender, **more)

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
        sid: str = self._post("inbound", account=account, body=body, **{"from": phone}, **stamp, **more)[
            "sid"
        ]
        return sid

    def patient_reads(self, phone: str = "+491510000001", account: str = SID) -> None:
        self._post("read", account=account, patient=phone)

    def patient(self, phone: str = "+491510000001", account: str = SID, **state: Any) -> None:
        self._post("patients", account=account, patient=phone, **state)

    def history(self, messages: list[dict[str, Any]], account: str = SID) -> None:
        self._post("history", account=account, messages=messages)

    def fault(self, kind: str, **how: Any) -> None:
        self._post("faults", kind=kind, **how)

    def mend(self) -> None:
        _HTTP.delete(f"{self.base_url}/sandbox/faults").raise_for_status()

    def counters(self) -> dict[str, Any]:
        return self._get("counters")

    def creates(self, body: str) -> int:
        """How often the provider took a message of this text."""
        return sum(one["count"] for one in self.counters()["creates"] if one["body"] == body)

    def messages(self, account: str = SID) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get(f"accounts/{account}/messages")
        return found

    def _post(self, path: str, /, **body: Any) -> Any:
        answer = _HTTP.post(f"{self.base_url}/sandbox/{path}", json=body).raise_for_status()
        return answer.json() if answer.content else None

    def _get(self, path: str) -> Any:
        return _HTTP.get(f"{self.base_url}/sandbox/{path}").raise_for_status().json()
