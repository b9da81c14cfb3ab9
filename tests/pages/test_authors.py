"""The thread says who wrote a message."""

from zoneinfo import ZoneInfo

import pytest

from genko.channels.base import Author
from genko.messages.thread import ThreadMessage
from pages.parts.messages import bubbles
from tests.steps import T0


@pytest.mark.parametrize(
    ("author", "staff_name", "shown"),
    [
        (Author.PATIENT, None, "Ana"),
        (Author.STAFF, "Maria", "Maria"),
        (Author.AI, None, "AI"),
        (Author.OTHER_TOOL, None, "Other tool"),
        (Author.PROVIDER_APP, None, "Instagram app"),
        (Author.AUTOMATIC, None, "Automatic reply"),
    ],
)
def test_the_thread_says_who_wrote_a_message(author: Author, staff_name: str | None, shown: str) -> None:
    message = ThreadMessage(
        id=1, author=author, staff_name=staff_name, body="Hello", notice="", at=T0, delivery=None, problem="",
        asks_staff=False, settled=False, sent_again=False, files=(),
    )  # fmt: skip
    bubble = bubbles.bubble(
        message, "Ana", T0, ZoneInfo("UTC"), channel_label="Instagram", can_act=True, blocked=False
    )
    assert bubble.name == shown
