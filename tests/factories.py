"""A small clinic, made by plain functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import models as access
from genko.access.models import Role, StaffMember
from genko.channels import accounts
from genko.channels.accounts import Connector, Due
from genko.channels.models import ChannelAccount
from genko.db import Database
from genko.messages.fetch import fetch
from genko.messages.models import Conversation, Identity
from genko.patients import records
from genko.patients.records import PatientFields
from tests.sandbox_client import SENDER, SID, TOKEN, Sandbox


@dataclass(frozen=True)
class Clinic:
    database: Database
    sandbox: Sandbox
    connector: Connector
    ada: int
    maria: int
    vic: int
    account_id: int

    def due(self) -> Due:
        return next(due for due in self.all_due() if due.id == self.account_id)

    def all_due(self) -> list[Due]:
        with self.database.reading() as session:
            return accounts.find_due(session)

    def connected_since(self, **ago: float) -> None:
        """As if the account had been connected long ago, and nothing fetched: what was written since is no history."""
        with self.database.transaction() as session:
            account = session.get_one(ChannelAccount, self.account_id)
            account.created_at = account.fetched_until = clock.now() - timedelta(**ago)

    def connected_at(self, at: datetime) -> None:
        """As if the account had been connected then: earlier messages are history, later ones are new."""
        with self.database.transaction() as session:
            session.get_one(ChannelAccount, self.account_id).created_at = at

    def fetch(self, *, sweep: bool = False) -> int:
        return fetch(self.database, self.connector, self.due(), sweep=sweep)

    def conversation_with(self, body: str = "Hello", phone: str = "+491510000001") -> int:
        """The id of a conversation in which a patient has just written."""
        self.sandbox.patient_writes(body, phone=phone)
        self.fetch()
        return self.conversation_id(phone)

    def conversation_id(self, phone: str = "+491510000001") -> int:
        with self.database.reading() as session:
            return session.scalars(
                sa.select(Conversation.id)
                .join(Identity, Identity.id == Conversation.identity_id)
                .where(Identity.phone == phone)
            ).one()


def open_clinic(database: Database, sandbox: Sandbox, connector: Connector) -> Clinic:
    sandbox.add_account()
    with database.transaction() as session:
        session.add(access.Clinic(name="Clínica Sol", time_zone="Europe/Berlin", region="DE"))
        ada, maria, vic = (
            _staff("Ada", Role.ADMIN),
            _staff("Maria", Role.STAFF),
            _staff("Vic", Role.VIEWER),
        )
        session.add_all([ada, maria, vic])
        session.flush()
        account_id = connect_account(session, connector, ada.id)
    return Clinic(database, sandbox, connector, ada.id, maria.id, vic.id, account_id)


def _staff(name: str, role: Role) -> StaffMember:
    return StaffMember(
        email=f"{name.lower()}@clinic.example",
        name=name,
        role=role,
        password_hash="!",
        created_at=clock.now() - timedelta(days=30),
    )


def connect_account(
    session, connector: Connector, by: int, sid: str = SID, token: str = TOKEN, sender: str = SENDER
) -> int:
    values = {"account_sid": sid, "auth_token": token, "sender": sender}
    return accounts.save(
        session, connector, "whatsapp", values, by=by, label="Front desk", deadline=None, verified=True
    )


def add_patient(session: Session, *, by: int, region: str, **fields: str) -> int:
    return records.add(session, PatientFields(**fields), by=by, region=region)
