"""The command `genko`."""

import argparse
import fcntl
import itertools
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from secrets import token_urlsafe
from typing import IO

import httpx

from genko import doctor, schema, supervised_process, vault
from genko.access import request_origin
from genko.access.request_origin import HEALTH
from genko.channels import accounts, registry
from genko.channels.accounts import Connector
from genko.db import Database, DatabaseDown
from genko.errors import GenkoError, Refused
from genko.settings import Settings
from genko.supervisor import Supervisor, on_stop

_DASHBOARD = ["pages"]
_WORKER = ["scheduler"]
_DEMO_EMAIL = "ada@clinica-sol.example"


def main() -> None:
    os.umask(0o077)
    commands: dict[str, tuple[Callable[[], None], str]] = {
        "run": (run, "dashboard and worker together, on this machine"),
        "demo": (
            demo,
            "the same with a clinic to practise in and a patient's phone; nothing leaves this machine",
        ),
        "dashboard": (dashboard, "the dashboard alone"),
        "worker": (worker, "one worker alone; several may share a database"),
        "migrate": (migrate, "brings the database's tables up to date (run does it too)"),
        "doctor": (examine, "checks database, key, accounts, clock and disk, and says what to do"),
        "key": (key, "prints a new sealing key for GENKO_SEALING_KEYS"),
        "reseal": (reseal, "seals the stored credentials with the newest key, so that an old one can go"),
    }
    parser = argparse.ArgumentParser(
        prog="genko", description="One inbox for every message a small clinic receives."
    )
    choices = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, (_, words) in commands.items():
        choices.add_parser(name, help=words, description=words)
    chosen = parser.parse_args().command
    try:
        commands[chosen][0]()
    except GenkoError as error:
        sys.exit(str(error))
    except DatabaseDown:
        sys.exit("The database cannot be reached. Check GENKO_DATABASE_URL, and that the disk is not full.")


def run() -> None:
    settings = _settings()
    _refuse_taken_port(settings)
    vault.open_vault(settings)
    database = _ready_database(settings)
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    database.close()
    _say_when_it_answers(settings, f"\nGenkō runs at {address}\nStop it with Ctrl-C.\n")
    Supervisor({"dashboard": _DASHBOARD, "worker": _WORKER}).run()


def demo() -> None:
    """A fresh practice clinic at each start, in a folder of its own, and beside one that runs already."""
    from genko.demo.fill import fill

    base = _settings()
    folder, _held = _own_folder(base.data_dir)
    shutil.rmtree(folder, ignore_errors=True)
    port, sandbox_port = _free_port(base.host, base.port), _free_port("127.0.0.1", 4010)
    sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    settings = Settings(
        data_dir=folder,
        port=port,
        database_url="",
        sealing_keys=vault.new_key(),
        base_urls=registry.every_base_url(sandbox_url),
        public_url="",
    )
    on_stop(lambda *_: sys.exit())  # until the supervisor takes over, by way of `finally`
    sandbox = ["genko.sandbox", "--host", "127.0.0.1", "--port", str(sandbox_port)]
    practice = supervised_process.start(sandbox, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"{sandbox_url}/sandbox/health")
        database = _ready_database(settings)
        password = token_urlsafe(9)
        connector = Connector(settings, vault.open_vault(settings))
        fill(database, connector, sandbox_url, email=_DEMO_EMAIL, password=password)
        database.close()
        _say_when_it_answers(
            settings,
            f"\nGenkō's practice clinic runs at  http://{settings.host}:{port}\n"
            f"  Sign in with                   {_DEMO_EMAIL}\n"
            f"  Password                       {password}\n"
            f"  A patient's phone              {sandbox_url}/phone\n"
            "Nothing leaves this machine, and every start begins afresh. Stop it with Ctrl-C.\n",
        )
        Supervisor({"dashboard": _DASHBOARD, "worker": _WORKER}, _environment(settings)).run()
    finally:
        practice.terminate()
        practice.wait(10)


def dashboard() -> None:
    vault.open_vault(_settings())
    _become(_DASHBOARD)


def worker() -> None:
    vault.open_vault(_settings())
    _become(_WORKER)


def migrate() -> None:
    _ready_database(_settings()).close()
    print("The database is up to date.")


def examine() -> None:
    well = True
    for finding in doctor.examine(_settings()):
        well = well and finding.well
        print(f"{'✓' if finding.well else '✗'} {finding.what}")
    sys.exit(0 if well else 1)


def key() -> None:
    print(vault.new_key())


def reseal() -> None:
    settings = _settings()
    database = _ready_database(settings)
    with database.transaction() as session:
        number = accounts.reseal(session, vault.open_vault(settings))
    print(f"{number} accounts are sealed with the newest key.")


def _settings() -> Settings:
    """Refused, with the variable's name, where any of them cannot be used."""
    settings = Settings()
    settings.private_data_dir()
    request_origin.proxies(settings)
    Database(settings.database_address).close()  # which looks at the address, not at the database
    return settings


def _become(module: list[str]) -> None:
    os.execv(sys.executable, [sys.executable, "-m", *module])  # noqa: S606 - our own modules


def _ready_database(settings: Settings) -> Database:
    settings.private_data_dir()  # the demo has one of its own
    database = Database(settings.database_address)
    schema.migrate(database)
    return database


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "GENKO_DATA_DIR": str(settings.data_dir),
        "GENKO_DATABASE_URL": "",
        "GENKO_DATABASE_URL_FILE": "",
        "GENKO_SEALING_KEYS": settings.sealing_keys.get_secret_value(),
        **settings.base_url_environment(),
        "GENKO_PUBLIC_URL": "",
        "GENKO_HOST": settings.host,
        "GENKO_PORT": str(settings.port),
    }


def _own_folder(data_dir: Path) -> tuple[Path, IO[str]]:
    """One that no running demo works in, and what keeps others out of it until this process ends."""
    for name in itertools.chain(["demo"], (f"demo-{number}" for number in itertools.count(2))):
        held = (data_dir / f"{name}.lock").open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
        else:
            return data_dir / name, held
    raise AssertionError


def _refuse_taken_port(settings: Settings) -> None:
    if not _is_free(settings.host, settings.port):
        raise Refused(
            f"Port {settings.port} is in use by another program. Choose one, for example: GENKO_PORT=8600 genko run"
        )


def _free_port(host: str, wanted: int) -> int:
    return next(port for port in range(wanted, wanted + 100) if _is_free(host, port))


def _is_free(host: str, port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while not _answers(url):
        if time.monotonic() > deadline:
            raise Refused("The practice provider did not start. Try again.")
        time.sleep(0.1)


def _say_when_it_answers(settings: Settings, words: str) -> None:
    """Whoever follows the link at once must not meet a closed door."""
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 - asked, not bound

    def wait() -> None:
        while not _answers(f"http://{host}:{settings.port}{HEALTH}"):
            time.sleep(0.2)
        print(words, flush=True)

    threading.Thread(target=wait, daemon=True).start()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
