"""The stories hold at whatever hour somebody starts the demo."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from genko.channels.base import Delivery
from genko.demo import stories
from genko.demo.script import read
from genko.demo.stories import Number
from genko.demo.telling import Told, tell

HOURS = [datetime(2026, 3, 29, hour, 7, 30, 5, tzinfo=UTC) for hour in range(0, 24, 3)]
HOURS += [datetime(2026, 7, 15, hour, 58, tzinfo=UTC) for hour in (5, 9, 13, 17, 21, 22, 23)]
WINDOW = timedelta(hours=24)


@pytest.mark.parametrize("now", HOURS, ids=str)
def test_every_talk_runs_forward_and_ends_before_now(now: datetime) -> None:
    for number in stories.NUMBERS:
        for talk in _talks(number, now):
            times = [one.line.at for one in talk]
            assert times == sorted(times), (number.label, talk[0].name)
            assert times[-1] < now, talk[0].name
            assert all(not at.microsecond for at in times)


@pytest.mark.parametrize("now", HOURS, ids=str)
def test_staff_reply_only_within_the_window(now: datetime) -> None:
    """Reminders, which open a talk, are approved templates."""
    for number in stories.NUMBERS:
        for talk in _talks(number, now):
            heard = None
            for one in talk:
                if not one.line.staff:
                    heard = one.line.at
                elif heard and one.line.error_code != "63016":
                    assert one.line.at - heard < WINDOW, (one.name, one.line.body)


def test_the_same_week_every_time() -> None:
    now = HOURS[3]
    assert [_told(number, now) for number in stories.NUMBERS] == [
        _told(number, now) for number in stories.NUMBERS
    ]


def test_ids_are_unique_and_look_like_the_providers() -> None:
    sids = [one.sid for number in stories.NUMBERS for one in _told(number, HOURS[0])]
    assert len(set(sids)) == len(sids)
    assert {len(sid) for sid in sids} == {34}


def test_a_line_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a line"):
        list(read("once upon a time", HOURS[0]))
    with pytest.raises(ValueError, match="not a kind"):
        list(read("-5 < [song] la la", HOURS[0]))


def test_a_line_says_who_when_and_how_it_went() -> None:
    first, second = read("-10 < Hello⏎there\n+3 M: [63024] Hi", HOURS[0])
    assert (first.body, first.staff, first.delivery) == ("Hello\nthere", "", None)
    assert (second.staff, second.delivery, second.error_code) == ("M", Delivery.FAILED, "63024")
    assert second.at - first.at == timedelta(minutes=3)


def _told(number: Number, now: datetime) -> list[Told]:
    return tell(number, now, Random(7))


def _talks(number: Number, now: datetime) -> list[list[Told]]:
    told = _told(number, now)
    return [[one for one in told if one.phone == story.phone] for story in number.stories]
