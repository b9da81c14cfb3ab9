"""Text as it is searched, previewed and stored."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genko import text

anything = st.text(st.characters(), max_size=60)
steadily = settings(max_examples=4 * settings.default.max_examples)  # they need no database


def test_case_and_accents_do_not_matter() -> None:
    assert text.fold("DÍAZ Groß Ǆ") == text.fold("diaz gross ǆ")
    assert text.words("Hello, wörld! 李雷") == ["hello", "world", "李雷"]


def test_a_name_of_another_alphabet_is_found_by_its_latin_letters() -> None:
    assert text.words("Ольга Παπάς") == ["olga", "papas"]
    assert text.words("李") != text.words("Li")


def test_the_place_of_a_word_is_told_in_the_original_text() -> None:
    written = "Щёщ щи, Ольга"
    assert written[text.find_first(written, ["olga"]) :] == "Ольга"
    assert text.find_first(written, ["nobody"]) == 0


def test_a_preview_is_one_line_of_at_most_the_limit() -> None:
    assert text.one_line("a\n\n b\t c") == "a b c"
    assert len(text.one_line("word " * 1000, 140)) <= 140
    assert text.one_line("word " * 1000).endswith("…")


def test_nul_and_half_an_emoji_are_taken_out_and_the_rest_stays() -> None:
    assert text.storable("a\x00b") == "ab"
    assert text.storable("\ud83d").encode()
    assert text.storable("שלום 🙂") == "שלום 🙂"


@pytest.mark.property
@steadily
@given(anything)
def test_folding_twice_is_folding_once(written: str) -> None:
    assert text.fold(text.fold(written)) == text.fold(written)


@pytest.mark.property
@steadily
@given(st.text(max_size=60))
def test_storable_text_is_utf8_without_nul_and_stays_as_it_is(written: str) -> None:
    kept = text.storable(written)
    assert "\x00" not in kept
    assert text.storable(kept) == kept
    kept.encode()
