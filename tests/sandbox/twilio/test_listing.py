from datetime import UTC, datetime, timedelta

from tests.sandbox.conftest import ANA, SENDER, SID, TOKEN, Scene

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def load(scene: Scene, *times: datetime, direction: str = "in") -> list[str]:
    messages = [
        {"direction": direction, "patient": ANA, "at": at.isoformat(), "body": f"Number {number}"}
        for number, at in enumerate(times)
    ]
    sids: list[str] = scene.control("history", account=SID, messages=messages)["ids"]
    return sids


def test_newest_first_over_all_pages(scene: Scene) -> None:
    sids = load(scene, *(NOON + timedelta(minutes=minute) for minute in range(7)))
    found = scene.twilio.messages.list(page_size=3)
    assert [one.sid for one in found] == sids[::-1]


def test_a_page_names_the_next_and_the_previous_one(scene: Scene) -> None:
    load(scene, *(NOON + timedelta(minutes=minute) for minute in range(5)))
    first = scene.twilio.messages.page(page_size=2)
    second = first.next_page()
    again = second.previous_page()
    assert [one.body for one in second] == ["Number 2", "Number 1"]
    assert [one.body for one in again] == ["Number 4", "Number 3"]
    assert second.next_page().next_page() is None


def test_what_arrives_meanwhile_does_not_shift_the_pages(scene: Scene) -> None:
    load(scene, *(NOON + timedelta(minutes=minute) for minute in range(4)))
    first = scene.twilio.messages.page(page_size=2)
    scene.ana_writes("Just now")
    assert [one.body for one in first.next_page()] == ["Number 1", "Number 0"]


def test_the_answer_has_the_documented_keys(scene: Scene) -> None:
    scene.ana_writes()
    url = f"{scene.twilio_url}/2010-04-01/Accounts/{SID}/Messages.json"
    answer = scene.http.get(url, params={"PageSize": 5000}, auth=(SID, TOKEN)).json()
    assert answer["page_size"] == 1000
    assert answer["first_page_uri"].startswith(f"/2010-04-01/Accounts/{SID}/Messages.json?")
    assert (answer["next_page_uri"], answer["start"], answer["end"]) == (None, 0, 0)
    (message,) = answer["messages"]
    assert message["num_media"] == "0"
    assert message["date_sent"].endswith("+0000")
    assert set(message) == {
        *("account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction"),
        *("error_code", "error_message", "from", "messaging_service_sid", "num_media", "num_segments"),
        *("price", "price_unit", "sid", "status", "subresource_uris", "to", "uri"),
    }


def test_date_filters_know_only_whole_days(scene: Scene) -> None:
    early, late, next_day = load(
        scene, NOON.replace(hour=0), NOON.replace(hour=23), NOON + timedelta(hours=13)
    )

    def sids(**filters: datetime) -> list[str]:
        return [one.sid for one in scene.twilio.messages.list(**filters)]

    assert sids(date_sent_after=NOON) == [next_day, late, early]
    assert sids(date_sent_before=NOON) == [late, early]
    assert sids(date_sent=NOON) == [late, early]
    assert sids(date_sent_after=NOON + timedelta(days=1)) == [next_day]


def test_both_directions_by_address(scene: Scene) -> None:
    load(scene, NOON)
    (sent,) = load(scene, NOON, direction="out")
    outbound = scene.twilio.messages.list(from_=f"whatsapp:{SENDER}", to=f"whatsapp:{ANA}")
    assert [(one.sid, one.direction, one.status) for one in outbound] == [(sent, "outbound-api", "read")]
    assert len(scene.twilio.messages.list(from_=f"whatsapp:{ANA}")) == 1
