"""The stories of one number as a list of messages with the ids that both sides know them by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from random import Random

from genko.channels.base import Delivery
from genko.demo import routine
from genko.demo.script import Line, Story, read
from genko.demo.stories import Number


@dataclass(frozen=True)
class Told:
    sid: str
    phone: str
    name: str
    line: Line

    @property
    def known_to_provider(self) -> bool:
        """An unconfirmed message never got there, as far as anybody can tell."""
        return self.line.delivery is not Delivery.UNCONFIRMED


def tell(number: Number, now: datetime, dice: Random) -> list[Told]:
    return [one for story in number.stories for one in _told(number, story, now, dice)]


def _told(number: Number, story: Story, now: datetime, dice: Random) -> Iterator[Told]:
    for index, line in enumerate(read(_talk(story, dice), now)):
        yield Told(_sid(number, story, index, line), story.phone, story.name, line)


def _talk(story: Story, dice: Random) -> str:
    if not (story.routine and story.record):
        return story.talk
    return f"{routine.visit(story.routine, story.record.first_name, dice)}\n{story.talk}"


def _sid(number: Number, story: Story, index: int, line: Line) -> str:
    place = f"{number.sid} {story.phone} {index}"
    return f"{'MM' if line.file else 'SM'}{sha256(place.encode()).hexdigest()[:32]}"
