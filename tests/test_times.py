"""How times and sizes are said."""

from pages.parts.kit import times


def test_one_day_is_one_day() -> None:
    assert [times.days(number) for number in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
