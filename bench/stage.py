"""A clinic with a sandboxed provider and a real worker process, for measuring from one phone to the other end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.places import Place
from genko import clock, vault
from genko.access.models import Clinic, Role, StaffMember
from genko.channels import accounts, registry
from genko.channels.accounts import Connector
from genko.db import Database
from genko.messages import inbox, outbox
from genko.messages.inbox import InboxFilter
from genko.sandbox import World, running
from genko.settings import Settings

POLL = 2.0  # seconds
_STOP_WITHIN = 60.0
_SID, _TOKEN, _SENDER = "AC" + "b2" * 16, "token-of-the-bench", "+4930901820"
_PHONE = "+491510000001"


@dataclass(frozen=True)
class Scene:
    """A clinic with one account, its provider, and a worker that runs."""

    database: Database
    world: World
    base_url: str
    staff_id: int

    def patient_writes(self, body: str) -> None:
        order = {"account": _SID, "from": _PHONE, "body": body}
        httpx.post(f"{self.base_url}/sandbox/twilio/inbound", json=order).raise_for_status()

    def shown(self, body: str) -> int | None:
        """The conversation that shows this text in the list, as a screen would read it."""
        with self.database.reading() as session:
            rows = inbox.find_page(session, InboxFilter(), by=self.staff_id, at=clock.now()).rows
        return next((row.id for row in rows if row.preview == body), None)

    def staff_replies(self, conversation_id: int, body: str) -> None:
        with self.database.transaction() as session:
            outbox.queue(session, conversation_id, body, by=self.staff_id, token=body)

    def provider_has(self, body: str) -> bool:
        return any(text == body for _, _, text in list(self.world.provider("twilio").counters.creates))


@contextmanager
def staged(place: Place) -> Iterator[Scene]:
    world, database, key = World(step=0), Database(place.url), vault.new_key()
    with TemporaryDirectory(prefix="genko-bench-") as folder, running(world) as base_url:
        settings = Settings(
            data_dir=Path(folder),
            database_url=place.url,
            sealing_keys=key,
            poll_seconds=POLL,
            base_urls=registry.every_base_url(base_url),
        )
        staff_id = _open(database, base_url, settings)
        with _worker(settings):
            yield Scene(database, world, base_url, staff_id)
    database.close()


def _open(database: Database, base_url: str, settings: Settings) -> int:
    """A clinic with one person in it and one account that the provider knows; the person's id."""
    account = {"id": _SID, "token": _TOKEN, "address": _SENDER}
    httpx.post(f"{base_url}/sandbox/twilio/accounts", json=account).raise_for_status()
    values = {"account_sid": _SID, "auth_token": _TOKEN, "sender": _SENDER}
    with database.transaction() as session:
        ada = StaffMember(
            email="a@clinic.example", name="Ada", role=Role.ADMIN, password_hash="!", created_at=clock.now()
        )
        session.add_all([Clinic(), ada])
        session.flush()
        connector = Connector(settings, vault.open_vault(settings))
        accounts.save(
            session, connector, "whatsapp", values, by=ada.id, label="Desk", deadline=None, verified=True
        )
        return ada.id


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    given = {
        "GENKO_DATA_DIR": str(settings.data_dir),
        "GENKO_DATABASE_URL": settings.database_url.get_secret_value(),
        "GENKO_SEALING_KEYS": settings.sealing_keys.get_secret_value(),
        **settings.base_url_environment(),
        "GENKO_POLL_SECONDS": str(POLL),
    }
    command = [sys.executable, "-W", "ignore", "-m", "scheduler"]
    worker = subprocess.Popen(command, env=os.environ | given, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(_STOP_WITHIN)
