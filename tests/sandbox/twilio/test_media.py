import base64

import pytest

from genko.sandbox import World, running
from tests.sandbox.conftest import SID, TOKEN, Scene


def media_url(scene: Scene, **media: str) -> str:
    message = scene.ana_writes(media=[media])
    assert message["sid"].startswith("MM")
    (listed,) = scene.twilio.messages(message["sid"]).media.list()
    return f"{scene.twilio_url}{listed.uri}".removesuffix(".json")


def test_bytes_come_over_a_redirect_without_credentials(scene: Scene) -> None:
    data = base64.b64encode(b"ping").decode()
    url = media_url(scene, content_type="image/webp", base64=data)
    first = scene.http.get(url, auth=(SID, TOKEN))
    assert first.status_code == 307
    assert first.headers["location"].startswith("http://localhost:")
    answer = scene.http.get(url, auth=(SID, TOKEN), follow_redirects=True)
    assert (answer.content, answer.headers["content-type"]) == (b"ping", "image/webp")
    assert scene.look("counters")["leaked_authorizations"] == 0


def test_media_needs_credentials(scene: Scene) -> None:
    assert scene.http.get(media_url(scene, kind="image")).status_code == 401


def test_credentials_that_reach_the_storage_host_are_counted(scene: Scene) -> None:
    location = scene.http.get(media_url(scene, kind="image"), auth=(SID, TOKEN)).headers["location"]
    assert scene.http.get(location, auth=(SID, TOKEN)).status_code == 400
    assert scene.look("counters")["leaked_authorizations"] == 1


@pytest.mark.parametrize(
    ("kind", "content_type", "start"),
    [
        ("image", "image/png", b"\x89PNG"),
        ("audio", "audio/ogg", b"OggS"),
        ("document", "application/pdf", b"%PDF"),
        ("contact", "text/vcard", b"BEGIN:VCARD"),
    ],
)
def test_samples_are_what_they_say(scene: Scene, kind: str, content_type: str, start: bytes) -> None:
    answer = scene.http.get(media_url(scene, kind=kind), auth=(SID, TOKEN), follow_redirects=True)
    assert answer.headers["content-type"].startswith(content_type)
    assert answer.content.startswith(start)


def test_media_may_be_missing_at_first(scene: Scene) -> None:
    url = media_url(scene, kind="image")
    scene.fault("media_missing", times=2)
    answers = [scene.http.get(url, auth=(SID, TOKEN)).status_code for _ in range(3)]
    assert answers == [404, 404, 307]


def test_what_the_clinic_attaches_is_fetched(scene: Scene, eventually) -> None:
    scene.ana_writes()
    with running(World()) as elsewhere:
        sent = scene.send(body="", media_url=[f"{elsewhere}/phone/static/phone.css"])
        assert (sent.sid[:2], sent.num_media) == ("MM", "1")
        eventually(lambda: scene.status(sent.sid) == "delivered")
    (listed,) = scene.twilio.messages(sent.sid).media.list()
    assert listed.content_type == "text/css"


def test_an_attachment_that_cannot_be_fetched_fails_later(scene: Scene, eventually) -> None:
    scene.ana_writes()
    sent = scene.send(media_url=[f"{scene.base}/nothing-here"])
    eventually(lambda: scene.status(sent.sid) == "undelivered")
    assert scene.twilio.messages(sent.sid).fetch().error_code == 63019
