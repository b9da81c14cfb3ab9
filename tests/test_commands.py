"""The command `genko`, started as a user starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from genko import worker_leases
from genko.__main__ import main
from genko.db import Database
from genko.vault import KEY_FILE

pytestmark = pytest.mark.slow
demos = pytest.mark.xdist_group("demos")  # of two at once, one takes the port that the other has just let go
_SIGN_IN = "runs at", "Sign in with", "Password"


@contextmanager
def started(command: str, folder: Path, **more: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The command in a folder of its own, and what it prints; ended with Ctrl-C."""
    output = folder / "output.txt"
    environment = {**os.environ, "GENKO_DATA_DIR": str(folder / "data"), "GENKO_DATABASE_URL": "", **more}
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "genko", command], env=environment, stdout=file, stderr=file, text=True
        )
    try:
        yield process, output
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


def printed(output: Path, pattern: str, seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while not (found := re.search(pattern, output.read_text())):
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)
    return found[1]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answer(url: str, seconds: float = 60) -> httpx.Response:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return httpx.get(url, timeout=5)
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@demos
def test_a_demo_can_be_signed_in_to_beside_another_one_and_ends_with_ctrl_c(tmp_path: Path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    shared = {"GENKO_DATA_DIR": str(tmp_path / "data"), "GENKO_PORT": str(free_port())}
    with started("demo", first, **shared) as (process, output):
        address, email, password = (printed(output, rf"{words}\s+(\S+)") for words in _SIGN_IN)
        phone = printed(output, r"phone\s+(\S+)")
        assert (
            httpx.get(f"{address}/admin/").status_code == httpx.codes.UNAUTHORIZED
        )  # it is said when it answers
        with started("demo", second, **shared) as (_, other):
            assert printed(other, rf"{_SIGN_IN[0]}\s+(\S+)") != address
        form = {"email": email, "password": password}
        signed_in = httpx.post(f"{address}/admin/sign-in", data=form, headers={"origin": address})
        assert signed_in.status_code == httpx.codes.SEE_OTHER
        assert "httponly" in signed_in.headers["set-cookie"].lower()
        assert answer(phone).status_code == httpx.codes.OK

    assert process.returncode == 0
    for url in (address, phone):
        with pytest.raises(httpx.HTTPError):
            httpx.get(url, timeout=2)
    assert "Traceback" not in output.read_text()


@pytest.fixture
def terminal() -> Iterator[None]:
    """What runs under nohup does not hear that it closes, nor does what it starts: these tests start it as people do."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("terminal")
def test_the_first_start_prints_a_one_time_code_and_closing_the_terminal_ends_all_of_it(tmp_path: Path):
    with started("run", tmp_path, GENKO_PORT=str(free_port())) as (process, output):
        address, code = printed(output, r"Open (\S+)/admin/setup"), printed(output, r"One-time code: (\S+)")
        assert answer(f"{address}/admin/setup").status_code == httpx.codes.OK
        form = {
            "code": code,
            "name": "Ada",
            "email": "ada@clinic.example",
            "password": "a long enough one",
            "clinic": "Sol",
            "time_zone": "Europe/Madrid",
            "region": "ES",
        }
        made = httpx.post(f"{address}/admin/setup", data=form, headers={"origin": address})
        assert made.status_code == httpx.codes.SEE_OTHER, made.text
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0

    with pytest.raises(httpx.HTTPError):
        httpx.get(address, timeout=2)
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "data").iterdir())


_CLOSED_EARLY = """
import os, signal
from genko import __main__ as program

def start(*given, original=program.supervised_process.start, **more):
    started = original(*given, **more)
    print("started", started.pid, flush=True)
    return started

def wait(url, original=program._wait_for):
    original(url)
    os.kill(os.getpid(), signal.SIGHUP)

program.supervised_process.start, program._wait_for = start, wait
program.demo()
"""


@demos
@pytest.mark.usefixtures("terminal")
def test_closing_the_terminal_ends_a_demo_that_is_still_being_filled(tmp_path: Path):
    environment = {**os.environ, "GENKO_DATA_DIR": str(tmp_path), "GENKO_PORT": str(free_port())}
    ended = subprocess.run(
        [sys.executable, "-c", _CLOSED_EARLY],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(ended.stdout.split()[-1]), 0)


def test_when_it_is_killed_what_it_started_ends_and_it_can_start_again(tmp_path: Path):
    port = str(free_port())
    with started("run", tmp_path, GENKO_PORT=port) as (process, output):
        address = printed(output, r"runs at (\S+)")
        process.kill()
        deadline = time.monotonic() + 60
        while _in_use(int(port)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    with started("run", tmp_path, GENKO_PORT=port) as (_, output):
        assert printed(output, r"runs at (\S+)") == address
    database = Database(f"sqlite:///{tmp_path / 'data' / 'genko.sqlite3'}")
    with database.reading() as session:
        assert worker_leases.pulse(session).workers == 0
    database.close()


def _in_use(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with started("run", tmp_path, GENKO_PORT=str(taken.getsockname()[1])) as (process, output):
            process.wait(30)

    assert "is in use by another program" in output.read_text()
    assert "Traceback" not in output.read_text()


def test_the_doctor_says_what_to_do(tmp_path: Path):
    with started("migrate", tmp_path) as (process, _):
        process.wait(30)
    with started("doctor", tmp_path) as (process, output):
        process.wait(30)

    assert process.returncode == 1
    assert "Worker: none is running" in output.read_text()
    assert "Accounts: none is connected" in output.read_text()


def test_a_database_out_of_reach_is_said_in_a_sentence(tmp_path: Path):
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/genko"
    with started("migrate", tmp_path, GENKO_DATABASE_URL=address) as (process, output):
        process.wait(30)

    assert process.returncode == 1
    assert output.read_text().strip().startswith("The database cannot be reached.")


def test_a_wrong_setting_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    with started("run", tmp_path, GENKO_PORT="abc") as (process, output):
        process.wait(30)
    assert process.returncode == 1
    said = output.read_text().strip()
    assert said.startswith("GENKO_PORT cannot be used: Input should be a valid integer")
    assert len(said.splitlines()) == 1


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command says instead of starting; in this process, which has the imports behind it."""
    monkeypatch.setattr(os, "umask", lambda _: 0)  # this process has more to do

    def refused(command: str, **given: str) -> str:
        settings = {"GENKO_DATA_DIR": str(tmp_path / "data"), "GENKO_PORT": str(free_port())} | given
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["genko", command])
        with pytest.raises(SystemExit) as ended:
            main()
        return str(ended.value)

    return refused


@pytest.mark.parametrize("command", ["run", "demo", "dashboard", "worker", "migrate", "doctor", "reseal"])
def test_a_wrong_setting_is_named_by_every_command(refusal: Callable[..., str], command: str) -> None:
    said = refusal(command, GENKO_PORT="abc")
    assert said.startswith("GENKO_PORT cannot be used: Input should be a valid integer")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", ["run", "dashboard"])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GENKO_DATABASE_URL", "clinic"),
        ("GENKO_DATABASE_URL", "mysql://u:p@h/d"),
        ("GENKO_DATA_DIR", "/proc/nowhere"),
        ("GENKO_TRUSTED_PROXIES", "proxy.example"),
        ("GENKO_SEALING_KEYS", "short"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_that_names_it(
    refusal: Callable[..., str], command: str, variable: str, value: str
) -> None:
    said = refusal(command, **{variable: value})
    assert len(said.splitlines()) == 1
    assert variable in said


@pytest.mark.parametrize("command", ["run", "dashboard", "worker"])
def test_a_key_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, refusal: Callable[..., str], command: str
) -> None:
    (tmp_path / "data" / KEY_FILE).mkdir(parents=True)
    assert refusal(command).startswith("The sealing key cannot be read")
