from datetime import UTC, datetime, timedelta

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import ANA, SENDER, SID, TOKEN, Scene
from tests.sandbox.twilio.sdk import client


def refusal(scene: Scene, **order: str) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as refused:
        scene.send(**order)
    return refused.value


def test_what_the_patient_writes_is_listed_for_the_sender(scene: Scene) -> None:
    scene.ana_writes("Can I move my appointment?")
    (found,) = scene.twilio.messages.list(to=f"whatsapp:{SENDER}", limit=10)
    assert (found.body, found.direction, found.status) == (
        "Can I move my appointment?",
        "inbound",
        "received",
    )
    assert found.from_ == f"whatsapp:{ANA}"
    assert found.num_media == "0"


def test_a_reply_is_queued_and_then_delivered(scene: Scene) -> None:
    scene.ana_writes()
    sent = scene.send("Of course")
    assert (sent.status, sent.date_sent, sent.error_code) == ("queued", None, None)
    found = scene.twilio.messages(sent.sid).fetch()
    assert found.status == "delivered"
    assert found.date_sent.tzinfo is not None
    assert found.date_sent.microsecond == 0


def test_statuses_take_their_steps_by_themselves(scene: Scene, eventually) -> None:
    scene.world.step = 0.1
    scene.ana_writes()
    sent = scene.send()
    seen = [sent.status]

    def delivered() -> bool:
        seen.append(scene.status(sent.sid))
        return seen[-1] == "delivered"

    eventually(delivered)
    assert list(dict.fromkeys(seen)) == ["queued", "sent", "delivered"]


def test_reading_on_the_phone_turns_delivered_into_read(scene: Scene) -> None:
    scene.ana_writes()
    sent = scene.send()
    assert scene.control("read", account=SID, patient=ANA) == {"read": 1}
    assert scene.status(sent.sid) == "read"


def test_a_phone_that_is_off_gets_its_messages_when_it_is_on_again(scene: Scene) -> None:
    scene.ana_writes()
    scene.ana(phone_on=False)
    sent = scene.send()
    assert scene.status(sent.sid) == "sent"
    assert scene.control("read", account=SID, patient=ANA) == {"read": 0}
    scene.ana(phone_on=True)
    assert scene.status(sent.sid) == "delivered"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unreachable": True}, 63024),
        ({"unreachable": 63003}, 63003),
        ({"blocked": True}, 63014),
    ],
)
def test_who_cannot_be_reached_fails_after_it_was_accepted(scene: Scene, change, code: int) -> None:
    scene.ana_writes()
    scene.ana(**change)
    sent = scene.send()
    found = scene.twilio.messages(sent.sid).fetch()
    assert (sent.status, found.status, found.error_code) == ("queued", "undelivered", code)


def test_outside_the_window_only_a_template_arrives(scene: Scene) -> None:
    scene.ana_writes(at=(datetime.now(UTC) - timedelta(hours=25)).isoformat())
    template = {"sid": "HX" + "a" * 32, "name": "reminder", "body": "See you {{1}}"}
    scene.control("accounts", id=SID, token=TOKEN, address=SENDER, templates=[template])
    late = scene.twilio.messages(scene.send().sid).fetch()
    assert (late.status, late.error_code) == ("undelivered", 63016)
    sent = scene.send(content_sid=template["sid"], content_variables='{"1": "Monday"}')
    assert (sent.body, scene.status(sent.sid)) == ("See you Monday", "delivered")
    (listed,) = scene.twilio.content.v1.content_and_approvals.list(limit=5)
    assert listed.approval_requests["status"] == "approved"


def test_refusals_name_their_code(scene: Scene) -> None:
    assert refusal(scene, from_="whatsapp:+15550000000").code == 63007
    assert refusal(scene, from_=SENDER).code == 63007
    assert refusal(scene, to="whatsapp:12").code == 21211
    assert refusal(scene, to=ANA).code == 21211
    assert refusal(scene, body="").code == 21602
    assert refusal(scene, body="x" * 1601).code == 21617
    assert scene.creates() == 0


def test_stop_refuses_until_start(scene: Scene) -> None:
    scene.ana_writes("stop ")
    assert refusal(scene).code == 21610
    scene.ana_writes("START")
    assert scene.send().status == "queued"


def test_an_opaque_patient_can_be_answered(scene: Scene) -> None:
    scene.ana_writes(**{"from": "US.1349ab"})
    sent = scene.send(to="whatsapp:US.1349ab")
    assert scene.status(sent.sid) == "delivered"


def test_the_same_sid_arrives_once(scene: Scene) -> None:
    sid = "SM" + "b" * 32
    scene.ana_writes(id=sid)
    scene.ana_writes(id=sid)
    assert [one["sid"] for one in scene.look(f"accounts/{SID}/messages")] == [sid]


def test_wrong_credentials_are_named_so(scene: Scene) -> None:
    for sid, token in ((SID, "wrong"), ("AC" + "9" * 32, TOKEN)):
        with pytest.raises(TwilioRestException) as refused:
            client(scene.twilio_url, sid, token).messages.create(to="x", from_="y", body="z")
        assert (refused.value.status, refused.value.code) == (401, 20003)


def test_what_is_unknown_is_not_found(scene: Scene) -> None:
    with pytest.raises(TwilioRestException) as missing:
        scene.twilio.messages("SM" + "0" * 32).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)
    unknown = httpx.get(f"{scene.twilio_url}/2010-04-01/Nowhere.json", auth=(SID, TOKEN))
    assert (unknown.status_code, unknown.json()["code"]) == (404, 20404)


def test_the_account_and_its_senders_can_be_checked(scene: Scene) -> None:
    account = scene.twilio.api.accounts(SID).fetch()
    assert (account.status, account.friendly_name) == ("active", "Smile Clinic")
    (sender,) = scene.twilio.messaging.v2.channels_senders.list(channel="whatsapp")
    assert (sender.sender_id, sender.status) == (f"whatsapp:{SENDER}", "ONLINE")


def test_a_suspended_account_says_so_and_sends_nothing(scene: Scene) -> None:
    scene.control("accounts", id=SID, token=TOKEN, address=SENDER, status="suspended")
    assert scene.twilio.api.accounts(SID).fetch().status == "suspended"
    assert refusal(scene).code == 20005
