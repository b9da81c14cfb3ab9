import os
import signal
import subprocess
import sys

import httpx

from tests.sandbox.conftest import ANA, SENDER, SID, Scene


def reset(scene: Scene, **how: bool) -> None:
    scene.http.post(f"{scene.base}/sandbox/reset", json=how).raise_for_status()


def test_counters_tell_every_accepted_send(scene: Scene) -> None:
    scene.ana_writes()
    for _ in range(2):
        scene.send("Twice")
    counters = scene.look("counters")
    assert counters["creates"] == [{"account": SID, "to": f"whatsapp:{ANA}", "body": "Twice", "count": 2}]
    assert counters["requests"] == {"create": 2}


def test_reset_can_keep_the_accounts(scene: Scene) -> None:
    scene.ana_writes()
    scene.fault("slow")
    reset(scene, keep_accounts=True)
    assert scene.look("faults") == []
    assert scene.look(f"accounts/{SID}/messages") == []
    reset(scene)
    assert scene.look("accounts") == []


def test_bodies_that_are_wrong_are_refused(scene: Scene) -> None:
    answer = scene.http.post(f"{scene.base}/sandbox/twilio/faults", json={"kind": "flood"})
    assert answer.status_code == 422
    answer = scene.http.post(f"{scene.base}/sandbox/twilio/read", json={"account": "AC0", "patient": ANA})
    assert answer.status_code == 404


def test_other_web_pages_cannot_reach_the_controls(scene: Scene) -> None:
    url = f"{scene.base}/sandbox/twilio/accounts"
    assert scene.http.get(url, headers={"Host": "rebound.example"}).status_code == 403
    assert scene.http.get(url, headers={"Origin": "http://elsewhere.example"}).status_code == 403
    assert scene.http.get(url, headers={"Origin": scene.base}).status_code == 200


def test_the_phone_shows_only_what_has_reached_it(scene: Scene) -> None:
    scene.ana_writes("Hello", name="Ana Díaz")
    scene.send("Good morning")
    scene.ana(phone_on=False)
    scene.send("Still there?")
    state = scene.http.get(
        f"{scene.base}/phone/state", params={"provider": "twilio", "account": SID, "patient": ANA}
    ).json()
    assert [(one["mine"], one["body"]) for one in state["messages"]] == [
        (True, "Hello"),
        (False, "Good morning"),
    ]
    (clinic,) = state["clinics"]
    assert (clinic["provider"], clinic["channel"]) == ("twilio", "WhatsApp")
    assert (clinic["id"], clinic["name"], clinic["address"]) == (SID, "Smile Clinic", SENDER)
    assert (state["patients"][0]["name"], state["patients"][0]["unread"]) == ("Ana Díaz", 1)
    assert state["patient"]["phone_on"] is False


def test_the_phone_page_shows_no_active_content(scene: Scene) -> None:
    page = scene.http.get(f"{scene.base}/phone")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    scene.ana_writes(media=[{"content_type": "image/svg+xml", "base64": "PHN2Zy8+"}])
    (key,) = scene.world.provider("twilio").media
    answer = scene.http.get(f"{scene.base}/phone/media/twilio/{key}")
    assert answer.headers["content-disposition"] == "attachment"


def test_the_command_says_where_it_listens_and_stops_cleanly() -> None:
    command = [sys.executable, "-m", "genko.sandbox", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    base = line.removeprefix("sandbox ").strip()
    assert httpx.get(f"{base}/sandbox/health").json() == {"ok": True}
    os.kill(process.pid, signal.SIGTERM)
    _, complaints = process.communicate(timeout=5)
    assert (process.returncode, complaints) == (0, "")
