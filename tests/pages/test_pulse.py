"""When an open screen is drawn again."""

from datetime import UTC, datetime

from pages.parts.kit import live_refresh
from tests.factories import Clinic
from tests.steps import Travel


def test_a_screen_is_drawn_again_as_time_goes_by_and_when_somebody_writes(
    clinic: Clinic,
    travel: Travel,
) -> None:
    def mark() -> object:
        with clinic.database.reading() as session:
            return live_refresh._change_mark(session)

    travel.stop(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    first = mark()
    travel.forward(seconds=59)
    assert mark() == first
    travel.forward(seconds=1)
    second = mark()
    assert second != first
    clinic.conversation_with()
    assert mark() != second
