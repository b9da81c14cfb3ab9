import json

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.sandbox.conftest import SID, TOKEN, Scene
from tests.sandbox.twilio.sdk import client


@pytest.fixture(autouse=True)
def window_open(scene: Scene) -> None:
    scene.ana_writes("First")


def listed(scene: Scene) -> list[str]:
    return [one.body for one in scene.twilio.messages.list()]


def test_too_many_requests_is_not_processed(scene: Scene) -> None:
    scene.fault("too_many_requests", times=1, seconds=7, method="POST")
    with pytest.raises(TwilioRestException) as refused:
        scene.send()
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert scene.creates() == 0
    scene.send()
    assert scene.creates() == 1


def test_retry_after_is_told(scene: Scene) -> None:
    scene.fault("too_many_requests", seconds=7)
    answer = scene.http.get(f"{scene.twilio_url}/2010-04-01/Accounts/{SID}.json", auth=(SID, TOKEN))
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize(("kind", "accepted"), [("error_before", 0), ("error_after", 1)])
def test_a_server_error_before_or_after_accepting(scene: Scene, kind: str, accepted: int) -> None:
    scene.fault(kind, times=1, status=503)
    with pytest.raises(TwilioRestException) as failed:
        scene.send()
    assert failed.value.status == 503
    assert scene.creates() == accepted


def test_an_accepted_message_whose_answer_never_comes(scene: Scene) -> None:
    scene.fault("hang_after", times=1, seconds=30)
    with pytest.raises(requests.exceptions.Timeout):
        client(scene.twilio_url, SID, TOKEN, timeout=0.2).messages.create(**order(scene))
    assert scene.creates() == 1


@pytest.mark.parametrize("kind", ["hang_after", "cut"])
def test_a_connection_closed_after_accepting(scene: Scene, kind: str) -> None:
    scene.fault(kind, times=1, seconds=0.05)
    with pytest.raises(requests.exceptions.RequestException):
        scene.send()
    assert scene.creates() == 1


@pytest.mark.parametrize(("kind", "accepted"), [("truncated_json", 1), ("html_page", 0)])
def test_an_answer_that_is_not_json(scene: Scene, kind: str, accepted: int) -> None:
    scene.fault(kind, times=1)
    with pytest.raises((json.JSONDecodeError, TwilioException)):
        scene.send()
    assert scene.creates() == accepted


def test_a_slow_answer_is_still_the_answer(scene: Scene) -> None:
    scene.fault("slow", times=1, seconds=0.1)
    assert scene.send().status == "queued"


def test_listings_with_every_message_twice(scene: Scene) -> None:
    scene.fault("duplicates", times=1)
    assert listed(scene) == ["First", "First"]
    assert listed(scene) == ["First"]


def test_listings_that_lag_behind(scene: Scene) -> None:
    scene.fault("lag", seconds=60)
    assert listed(scene) == []
    scene.http.delete(f"{scene.base}/sandbox/twilio/faults")
    assert listed(scene) == ["First"]


def test_listings_in_any_order(scene: Scene) -> None:
    for number in range(12):
        scene.ana_writes(str(number))
    usual = listed(scene)
    scene.fault("shuffled")
    assert listed(scene) != usual
    assert sorted(listed(scene)) == sorted(usual)


def test_statuses_out_of_order(scene: Scene) -> None:
    sent = scene.send()
    fault = scene.fault("out_of_order")
    seen = [scene.status(sent.sid) for _ in range(4)]
    assert seen == ["delivered", "sent", "read", "queued"]
    scene.http.delete(f"{scene.base}/sandbox/twilio/faults/{fault['id']}")
    assert scene.status(sent.sid) == "delivered"


def test_a_message_that_waits_in_the_providers_queue(scene: Scene) -> None:
    scene.fault("queued", times=1, seconds=600)
    sid = scene.send().sid
    waiting = scene.twilio.messages(sid).fetch()
    assert (waiting.status, waiting.date_sent, waiting.date_created is None) == ("queued", None, False)
    assert [one.sid for one in scene.twilio.messages.list(to="whatsapp:+34600123456")] == [sid]
    assert scene.status(scene.send().sid) == "delivered"


def test_a_fault_hits_only_what_it_is_meant_for(scene: Scene) -> None:
    scene.fault("error_before", account="AC" + "2" * 32)
    scene.fault("error_before", path="/Media")
    scene.fault("error_before", method="DELETE")
    assert scene.send().status == "queued"
    assert len(scene.look("faults")) == 3


def order(scene: Scene) -> dict[str, str]:
    address = scene.look("accounts")[0]["address"]
    return {"to": "whatsapp:+34600123456", "from_": f"whatsapp:{address}", "body": "Hello"}
