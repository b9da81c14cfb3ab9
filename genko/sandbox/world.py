"""The whole state of the sandbox, and the few ways to change it that every part shares."""

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from secrets import token_hex
from typing import Any

from genko.sandbox.faults import Faults
from genko.sandbox.records import Account, Media, Message, Patient


@dataclass
class Counters:
    creates: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    leaked_authorizations: int = 0


def utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """`step` is the time in seconds between two statuses of a sent message; 0 delivers at once."""

    def __init__(self, step: float = 0.6, now: Callable[[], datetime] = utc_now) -> None:
        self.step = step
        self.now = now
        self.accounts: dict[str, Account] = {}
        self.media: dict[str, Media] = {}
        self.faults = Faults()
        self.counters = Counters()
        self._numbers = count(1)
        self._errands: set[asyncio.Task[None]] = set()

    def reset(self, keep_accounts: bool = False) -> None:
        kept = list(self.accounts.values()) if keep_accounts else []
        self.accounts = {}
        self.media = {}
        self.faults.clear()
        self.counters = Counters()
        for account in kept:
            self.add_account(
                account.sid, account.token, account.sender, account.name, account.status
            ).templates = account.templates

    def add_account(
        self, sid: str, token: str, sender: str, name: str = "Clinic", status: str = "active"
    ) -> Account:
        """Adding a known sid changes its credentials and state and keeps its messages."""
        account = self.accounts.setdefault(sid, Account(sid, token, sender, name, status, self.now()))
        account.token, account.sender, account.name = token, sender, name
        account.status = status
        return account

    def patient(self, account: Account, patient_id: str, name: str = "") -> Patient:
        patient = account.patients.setdefault(patient_id, Patient(patient_id))
        patient.name = name or patient.name
        return patient

    def keep(self, account: Account, message: Message) -> Message:
        message.number = next(self._numbers)
        insort(account.messages, message, key=lambda one: one.age)
        account.by_sid[message.sid] = message
        for media in message.media:
            self.media[media.key] = media
        self.patient(account, message.patient_id)
        return message

    def errand(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` after the answer has gone out; the set keeps the task from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def new_sid(media: list[Media]) -> str:
    return f"{'MM' if media else 'SM'}{token_hex(16)}"
