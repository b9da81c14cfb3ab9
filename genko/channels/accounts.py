"""Connecting, checking, pausing and removing our accounts on the channels."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import uniform
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from genko import clock, db
from genko.access import audit, roles
from genko.access.models import Role
from genko.channels import registry
from genko.channels.base import ChannelError, Trouble
from genko.channels.capabilities import RenewedCredentials
from genko.channels.channel import Channel
from genko.channels.models import ChannelAccount, Health, HistoryImport
from genko.errors import NotFound, Refused
from genko.settings import Settings
from genko.vault import Vault

_FIRST_PAUSE = 2.0  # seconds
_LONGEST_PAUSE = 60.0
_BROKEN_PAUSE = 600.0  # a broken account is tried again now and then, in case it was mended at the provider


@dataclass(frozen=True)
class Connector:
    """Makes working channels out of stored accounts: one for each, until its credentials change."""

    settings: Settings
    vault: Vault
    _made: dict[int, tuple["Due", Channel]] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _lock: Lock = dataclasses.field(default_factory=Lock, init=False, repr=False, compare=False)

    def channel(self, due: "Due") -> Channel:
        """ChannelError(ACCOUNT) when the stored credentials cannot be opened."""
        with self._lock:
            made_for, channel = self._made.get(due.id, (None, None))
            if made_for is None or channel is None or not due.same_credentials(made_for):
                channel = self._make(due)
                self._made[due.id] = due, channel
            return channel

    def _make(self, due: "Due") -> Channel:
        try:
            values = {**due.fields, **self.vault.open(due.sealed)}
            return registry.connect(due.channel, values, self.settings)
        except Refused as error:
            raise ChannelError(str(error), Trouble.ACCOUNT) from error


@dataclass(frozen=True)
class Account:
    """An account as the screens show it. Secrets are not part of it."""

    id: int
    channel: str
    channel_label: str
    external_id: str
    label: str
    colour: str
    fields: dict[str, str]
    deadline: date | None
    health: Health
    last_error: str
    last_error_at: datetime | None
    send_error: str
    last_in_at: datetime | None
    last_out_at: datetime | None
    retry_at: datetime | None
    history: HistoryImport
    history_since: datetime | None
    history_next: datetime | None
    history_done: int
    created_at: datetime


def find_accounts(session: Session) -> list[Account]:
    rows = session.scalars(
        sa.select(ChannelAccount).where(ChannelAccount.removed_at.is_(None)).order_by(ChannelAccount.id)
    )
    return [_shown(row) for row in rows]


def get_account(session: Session, account_id: int) -> Account:
    return _shown(connected(session, account_id))


def _shown(row: ChannelAccount) -> Account:
    own = {name: getattr(row, name) for name in Account.__dataclass_fields__ if name != "channel_label"}
    return Account(channel_label=registry.kind(row.channel).label, **own)


def connected(session: Session, account_id: int, *, lock: bool = False) -> ChannelAccount:
    row = session.get(ChannelAccount, account_id, with_for_update=lock or None)
    if row is None or row.removed_at:
        raise NotFound("This account is no longer connected.")
    return row


def draft_channel(session: Session, connector: Connector, key: str, values: Mapping[str, str]) -> Channel:
    """A channel from the form's values, to be checked before saving. Empty secrets mean the stored ones."""
    return registry.connect(key, _complete(session, connector, key, values), connector.settings)


def save(
    session: Session,
    connector: Connector,
    key: str,
    values: Mapping[str, str],
    *,
    by: int,
    label: str,
    deadline: date | None,
    colour: str = "#0f766e",
    verified: bool,
) -> int:
    """Connects an account, or changes the connected one of the same address. Returns its id.

    One that is not `verified` takes nothing in and sends nothing until the worker has verified it.
    """
    roles.require(session, by, Role.ADMIN)
    kind = registry.kind(key)
    complete = _complete(session, connector, key, values)
    external_id = kind.external_id(complete)
    row = _stored(session, key, complete)
    fields = {field.name: complete[field.name] for field in kind.fields if not field.secret}
    secrets = {field.name: complete[field.name] for field in kind.fields if field.secret}
    now = clock.now()
    if row is None:
        row = ChannelAccount(
            channel=key,
            external_id=external_id,
            label="",
            fields={},
            sealed="",
            created_at=now,
            fetched_until=now,
        )
        session.add(row)
    row.removed_at = None
    row.label = label.strip() or f"{kind.label} {kind.address_label(external_id)}"
    row.fields, row.sealed, row.deadline, row.colour = fields, connector.vault.seal(secrets), deadline, colour
    row.credentials_expire_at = None
    row.health = Health.OK if verified else Health.UNVERIFIED
    row.failures, row.retry_at = 0, None
    row.send_error, row.send_failures, row.send_retry_at = "", 0, None
    session.flush()
    audit.record(session, "account:save", by=by, subject_kind="account", subject_id=row.id)
    return row.id


def has_worked(session: Session, key: str, values: Mapping[str, str]) -> bool:
    """Whether the account of this address is connected and verified."""
    row = _stored(session, key, values)
    return row is not None and row.removed_at is None and row.health is not Health.UNVERIFIED


def verify_soon(session: Session, key: str, values: Mapping[str, str]) -> None:
    """The worker tries an unverified account again at once: an administrator has changed something at the provider."""
    row = _stored(session, key, values)
    if row is not None and row.health is Health.UNVERIFIED:
        row.retry_at = None


def _stored(session: Session, key: str, values: Mapping[str, str]) -> ChannelAccount | None:
    return session.scalar(
        sa.select(ChannelAccount).where(
            ChannelAccount.channel == key,
            ChannelAccount.external_id == registry.kind(key).external_id(values),
        )
    )


def _complete(session: Session, connector: Connector, key: str, values: Mapping[str, str]) -> dict[str, str]:
    kind = registry.kind(key)
    typed = {field.name: values.get(field.name, "").strip() for field in kind.fields}
    try:
        stored = _stored(session, key, typed)
    except Refused:  # the address is malformed; empty fields are named first
        _refuse_empty(kind, typed)
        raise
    # A stored token is only ever used with the account it was given for.
    owner = [field.name for field in kind.fields if not field.secret and not field.address]
    if stored and stored.sealed and all(stored.fields.get(name) == typed[name] for name in owner):
        opened = connector.vault.open(stored.sealed)
        typed |= {name: secret for name, secret in opened.items() if not typed[name]}
    _refuse_empty(kind, typed)
    return typed


def _refuse_empty(kind: type[Channel], typed: Mapping[str, str]) -> None:
    """Names all that is missing, in the order of the form."""
    missing = [field.label for field in kind.fields if not typed[field.name]]
    if missing:
        raise Refused(f"Fill in: {', '.join(missing)}.")


def remove(session: Session, account_id: int, *, by: int) -> None:
    """Takes the account off line and forgets its secrets; its conversations and messages stay."""
    roles.require(session, by, Role.ADMIN)
    row = connected(session, account_id)
    row.removed_at = clock.now()
    row.sealed = ""
    row.history = HistoryImport.NONE if row.history is HistoryImport.RUNNING else row.history
    audit.record(session, "account:remove", by=by, subject_kind="account", subject_id=account_id)


def store_renewed(session: Session, vault: Vault, due: "Due", renewed: RenewedCredentials) -> bool:
    """False when an administrator has replaced or removed the credentials meanwhile: theirs stay."""
    row = db.locked(session, ChannelAccount, due.id)
    if row is None or row.removed_at or not _due(row).same_credentials(due):
        return False
    opened = vault.open(row.sealed)
    row.sealed = vault.seal(opened | {name: renewed.values.get(name, opened[name]) for name in opened})
    row.fields = {name: renewed.values.get(name, value) for name, value in row.fields.items()}
    row.credentials_expire_at = renewed.expires_at
    return True


def reseal(session: Session, vault: Vault) -> int:
    """Seals every account's secrets with the newest key; how many accounts. Afterwards the old key can go."""
    rows = session.scalars(sa.select(ChannelAccount).where(ChannelAccount.sealed != "")).all()
    for row in rows:
        row.sealed = vault.reseal(row.sealed)
    return len(rows)


@dataclass(frozen=True)
class Due:
    """An account that the worker may serve now, with what is needed to call its provider."""

    id: int
    channel: str
    fields: dict[str, Any]
    sealed: str
    created_at: datetime
    fetched_until: datetime
    well: bool  # the provider answered the last request
    credentials_expire_at: datetime | None

    def same_credentials(self, other: "Due") -> bool:
        return (self.fields, self.sealed) == (other.fields, other.sealed)


def find_due(session: Session) -> list[Due]:
    """Connected accounts whose provider may be asked now."""
    return _find_due(session, ChannelAccount.retry_at)


def find_due_to_send(session: Session) -> list[Due]:
    return _find_due(session, ChannelAccount.send_retry_at)


def find_unverified(session: Session) -> list[Due]:
    return _find_due(session, ChannelAccount.retry_at, verified=False)


def _find_due(
    session: Session, retry_at: InstrumentedAttribute[datetime | None], *, verified: bool = True
) -> list[Due]:
    unverified = ChannelAccount.health == Health.UNVERIFIED
    rows = session.scalars(
        sa.select(ChannelAccount)
        .where(
            ChannelAccount.removed_at.is_(None),
            ~unverified if verified else unverified,
            sa.or_(retry_at.is_(None), retry_at <= clock.now()),
        )
        .order_by(ChannelAccount.id)
    )
    return [_due(row) for row in rows]


def _due(row: ChannelAccount) -> Due:
    well = row.health is Health.OK and row.failures == 0
    return Due(
        row.id,
        row.channel,
        row.fields,
        row.sealed,
        row.created_at,
        row.fetched_until,
        well,
        row.credentials_expire_at,
    )


def note_success(session: Session, account_id: int, *, sealed: str | None = None) -> None:
    """Reading works again. Writes nothing when it worked before; the last error stays for Settings.

    Here and below, `sealed` are the credentials of the request: an answer to credentials that an administrator has
    replaced meanwhile says nothing about the new ones.
    """
    unwell = sa.or_(ChannelAccount.health != Health.OK, ChannelAccount.failures > 0)
    asked_with = ChannelAccount.sealed == sealed if sealed is not None else sa.true()
    session.execute(
        sa.update(ChannelAccount)
        .where(ChannelAccount.id == account_id, unwell, asked_with)
        .values(health=Health.OK, failures=0, retry_at=None)
    )


def note_sent(session: Session, account_id: int) -> None:
    session.execute(
        sa.update(ChannelAccount)
        .where(ChannelAccount.id == account_id)
        .values(last_out_at=clock.now(), send_error="", send_failures=0, send_retry_at=None)
    )


def note_failure(
    session: Session, account_id: int, error: ChannelError, *, sealed: str | None = None
) -> None:
    """Backs off from reading this account, for longer each time. A wrong credential pauses it until it is repaired."""
    row = db.locked(session, ChannelAccount, account_id)
    if row is None or sealed not in {None, row.sealed}:
        return
    broken = error.trouble is Trouble.ACCOUNT
    if row.health is not Health.UNVERIFIED:
        row.health = Health.BROKEN if broken else Health.TROUBLED
    row.last_error, row.last_error_at = error.reason, clock.now()
    row.retry_at = clock.now() + _pause(row.failures, error)
    row.failures += 1


def note_send_failure(
    session: Session, account_id: int, error: ChannelError, *, sealed: str | None = None
) -> None:
    """Pauses sending from this account for a while. Reading goes on."""
    row = db.locked(session, ChannelAccount, account_id)
    if row is None or sealed not in {None, row.sealed}:
        return
    row.send_error = error.reason if error.trouble is Trouble.ACCOUNT else ""
    if row.health is not Health.BROKEN:
        row.last_error, row.last_error_at = error.reason, clock.now()
    row.send_retry_at = clock.now() + _pause(row.send_failures, error)
    row.send_failures += 1


def _pause(failures: int, error: ChannelError) -> timedelta:
    spread = uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
    growing = spread * min(_FIRST_PAUSE * 2.0 ** min(failures, 10), _LONGEST_PAUSE)
    pause = _BROKEN_PAUSE if error.trouble is Trouble.ACCOUNT else growing
    return timedelta(seconds=max(pause, error.retry_after or 0))
