"""Looks the installation over and says, for each thing that is wrong, what to do."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from genko import clock, schema, vault, worker_leases
from genko.channels import accounts
from genko.channels.accounts import Account, Connector
from genko.channels.base import ChannelError
from genko.db import Database, DatabaseDown
from genko.errors import GenkoError
from genko.settings import Settings

_LITTLE_SPACE = 1_000_000_000  # bytes
_CLOCK_DRIFT = timedelta(seconds=5)
_SILENT = timedelta(seconds=30)


@dataclass(frozen=True)
class Finding:
    well: bool
    what: str


def examine(settings: Settings) -> Iterator[Finding]:
    yield _disk(settings)
    key = _key(settings)
    yield key
    database = Database(settings.database_address)
    try:
        yield Finding(well=True, what=_reach(database))
    except DatabaseDown:
        yield Finding(
            False, "Database: it cannot be reached. Check GENKO_DATABASE_URL and that PostgreSQL is running."
        )
        return
    if schema.is_newer(database):
        yield Finding(
            False, "Database: a newer version of Genkō made it. Start that version on this machine."
        )
        return
    if not schema.is_current(database):
        yield Finding(False, "Database: its tables are not those of this program. Run: genko migrate")
        return
    yield _clock(database)
    yield _worker(database)
    yield from _accounts(settings, database, sealed=not key.well)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.private_data_dir()).free
    words = f"Disk: {free / 1e9:.1f} GB free in {settings.data_dir}."
    return Finding(free > _LITTLE_SPACE, words if free > _LITTLE_SPACE else f"{words} Free some space.")


def _key(settings: Settings) -> Finding:
    if not settings.sealing_keys.get_secret_value() and not (settings.data_dir / vault.KEY_FILE).exists():
        return Finding(
            False,
            f"Sealing key: none in {settings.data_dir}. If accounts were connected before, restore its file.",
        )
    try:
        vault.open_vault(settings)
    except GenkoError as error:
        return Finding(False, f"Sealing key: {error}")
    return Finding(True, "Sealing key: present.")


def _reach(database: Database) -> str:
    with database.reading() as session:
        session.execute(sa.text("SELECT 1"))
    return f"Database: {database.dialect}, reachable."


def _clock(database: Database) -> Finding:
    if database.dialect == "sqlite":
        return Finding(True, f"Clock: {clock.now():%Y-%m-%d %H:%M:%S} UTC. Compare it with your watch.")
    with database.reading() as session:
        there: datetime = session.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    drift = abs(there - clock.now())
    if drift > _CLOCK_DRIFT:
        return Finding(
            False,
            f"Clock: {drift.total_seconds():.0f} s away from the database's. Turn on time synchronization.",
        )
    return Finding(True, "Clock: agrees with the database's.")


def _worker(database: Database) -> Finding:
    with database.reading() as session:
        pulse = worker_leases.pulse(session)
    if pulse.at is None or clock.now() - pulse.at > _SILENT:
        return Finding(
            False, "Worker: none is running, so nothing comes in and nothing goes out. Run: genko run"
        )
    return Finding(not pulse.last_error, f"Worker: {pulse.workers} running. {pulse.last_error}".rstrip())


def _accounts(settings: Settings, database: Database, *, sealed: bool) -> Iterator[Finding]:
    """Opens none while they are `sealed`: opening the vault would make a new key, and the loss would be hidden."""
    with database.reading() as session:
        due = {one.id: one for one in accounts.find_due(session)}
        connected = accounts.find_accounts(session)
    if not connected:
        yield Finding(
            False, "Accounts: none is connected. Sign in as administrator and open Settings > Messaging."
        )
    if sealed or not connected:
        return
    connector = Connector(settings, vault.open_vault(settings))
    for account in connected:
        if account.id not in due:
            yield Finding(False, f"Account {account.label}: {account.last_error}")
            continue
        try:
            connector.channel(due[account.id]).check()
        except ChannelError as error:
            yield Finding(False, f"Account {account.label}: {error.reason}")
        else:
            yield _sends(account)


def _sends(account: Account) -> Finding:
    """What it was told when it last sent: nothing is sent to find out."""
    if account.send_error:
        return Finding(False, f"Account {account.label}: it cannot send. {account.send_error}")
    return Finding(True, f"Account {account.label}: connected.")
