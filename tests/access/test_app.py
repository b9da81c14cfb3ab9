"""The whole of it: uvicorn, the gate and Streamlit, in a process of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from genko.access.first_start import new_setup_code
from genko.db import Database
from tests.access.people import ADA, LOOKING, PASSWORD

_FRAME = "import streamlit as st\nst.write('hello')\n"
_CHILD = """
import sys
from pathlib import Path
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from genko.db import Database
from genko.settings import Settings
from pages.app import serve

async def file(request):
    return PlainTextResponse(f"{request.path_params['id']} for {request.scope['genko_staff'].name}")

serve(Settings(), Database(Settings().database_address), routes=[Route("/admin/media/{id:int}", file)], frame=Path(sys.argv[1]))
print("closed up")
"""


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    (tmp_path / "genko.sqlite3").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'genko.sqlite3'}"


@pytest.fixture
def server(database_url, tmp_path):
    (tmp_path / "frame.py").write_text(_FRAME)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {"GENKO_DATA_DIR": str(tmp_path), "GENKO_PORT": str(port), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", _CHILD, str(tmp_path / "frame.py")]
    child = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield child, wait_for(f"http://127.0.0.1:{port}")
    finally:
        child.kill()
        child.communicate()


def wait_for(url):
    for _ in range(300):
        try:
            if httpx.get(f"{url}/healthz").text == "ok":
                return url
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(url)


@pytest.mark.slow
def test_streamlit_is_served_behind_the_gate_and_stops_when_told(server, database):
    child, url = server
    stream = f"{url.replace('http', 'ws')}/admin/_stcore/stream"
    browser = httpx.Client(base_url=url, headers={"origin": url})

    for path in ("/admin/_stcore/health", "/admin/media/7", "/admin/index.html", "/admin/static/js/none.js"):
        assert (browser.get(path).status_code, browser.get(path).content) == (401, b"")
    with pytest.raises(InvalidStatus, match="403"):
        connect(stream, origin=url)

    set_up(browser, database)
    page = browser.get("/admin/messages")
    assert "<title>Streamlit</title>" in page.text
    assert "script-src 'self' blob: 'sha256-" in page.headers["content-security-policy"]
    assert "server" not in page.headers
    assert browser.get("/admin/_stcore/health").text == "ok"
    assert browser.get("/admin/media/7").text == "7 for Ada"
    assert browser.get("/admin/media/abc.png").status_code == 404
    for path in ("/admin/nonsense", "/admin/nonsense/more", "/admin/messages/more"):
        answer = browser.get(path, headers=LOOKING)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/admin/")
    for path in ("/admin/", "/admin/leads", "/admin/settings/", "/admin/media/7"):
        assert browser.get(path, headers=LOOKING, follow_redirects=True).status_code == 200, path

    cookie = {"Cookie": f"genko_session={browser.cookies['genko_session']}"}
    with connect(stream, origin=url, additional_headers=cookie):
        child.send_signal(signal.SIGTERM)
        output, _ = child.communicate(timeout=6)
    assert child.returncode == 0
    assert output.endswith("closed up\n")


def set_up(browser: httpx.Client, database: Database) -> None:
    with database.transaction() as session:
        code = new_setup_code(session)
    person = {"name": "Ada", "email": ADA, "password": PASSWORD, "clinic": "Smile"}
    where = {"time_zone": "Europe/Madrid", "region": "ES"}
    assert browser.post("/admin/setup", data=person | where | {"code": code}).status_code == 303
