"""Phones: stored in one spelling, found in all, never guessed for a reply."""

import pytest

from genko import phone
from genko.errors import Refused


@pytest.mark.parametrize(
    ("typed", "region", "stored"),
    [
        ("0151 12345678", "DE", "+4915112345678"),
        ("+49 (0)151 12345678", "US", "+4915112345678"),
        ("0049 151 12345678", "DE", "+4915112345678"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("+34 600 123 456", "DE", "+34600123456"),
        ("11 98765-4321", "BR", "+5511987654321"),
        ("4915112345678", "DE", "+4915112345678"),
        ("49 160 7654321", "DE", "+491607654321"),
        ("0491 5112345678", "DE", "+494915112345678"),
        ("15112345678", "DE", "+4915112345678"),
        ("62812345678", "ID", "+62812345678"),
    ],
)
def test_a_typed_number_is_stored_in_e164(typed: str, region: str, stored: str) -> None:
    assert phone.normalize(typed, region) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Tel. 030 901820", "+4930901820"),
        ("whatsapp:+4930901820", "+4930901820"),
        ("030 901820 ext. 12", "+4930901820"),
    ],
)
def test_a_label_before_and_an_extension_behind_are_left_out(typed: str, stored: str) -> None:
    assert phone.normalize(typed, "DE") == stored


@pytest.mark.parametrize("typed", ["030 12345 Eva", "0151 1234567 Ana", "0171 1234567 priv.", "0800 FLOWERS"])
def test_a_word_in_a_number_is_not_dialled(typed: str) -> None:
    with pytest.raises(Refused, match="letters"):
        phone.normalize(typed, "DE")


@pytest.mark.parametrize("typed", ["", "1", "phone", "+", "0" * 40, "+1 2"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        phone.normalize(typed, "DE")


@pytest.mark.parametrize(
    ("typed", "region"), [("0176 000", "DE"), ("0151 12345", "DE"), ("555 0199", "US"), ("600 123", "ES")]
)
def test_a_number_that_breaks_off_is_refused(typed: str, region: str) -> None:
    with pytest.raises(Refused):
        phone.normalize(typed, region)


@pytest.mark.parametrize(
    ("typed", "region"), [("05321 7890", "DE"), ("030 123456", "DE"), ("0151 0000001", "DE")]
)
def test_a_short_landline_and_a_range_that_no_table_knows_are_taken(typed: str, region: str) -> None:
    assert phone.normalize(typed, region).startswith("+49")


def test_a_number_is_shown_nationally_at_home_and_internationally_elsewhere() -> None:
    assert phone.shown("+4915112345678", "DE") == "01511 2345678"
    assert phone.shown("+4915112345678", "US") == "+49 1511 2345678"
    assert phone.shown("nonsense", "DE") == "nonsense"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511987654321", "+551187654321"),
        ("+5215512345678", "+525512345678"),
        ("+5491112345678", "+541112345678"),
    ],
)
def test_both_spellings_of_a_mobile_know_each_other_and_put_the_given_one_first(one: str, other: str) -> None:
    assert phone.variants(one) == [one, other]
    assert phone.variants(other) == [other, one]


@pytest.mark.parametrize("number", ["+4915112345678", "+14155552671", "+551132654321", "+34600123456"])
def test_other_numbers_and_landlines_have_one_spelling(number: str) -> None:
    assert phone.variants(number) == [number]
