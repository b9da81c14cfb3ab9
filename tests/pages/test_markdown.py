"""Streamlit shows typed text as it was typed, although it reads labels as Markdown."""

import pytest

from pages.parts.streamlit.markdown import plain

WORD_JOINER = "\u2060"


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("ana@example.org", ["ana@", "example.org"]),
        ("see www.example.org", ["see www", ".example.org"]),
        ("HTTPS://example.org", ["HTTPS", "://example.org"]),
        (":smile: 1. *a*", [":", "smile: 1. *a*"]),
    ],
)
def test_typed_addresses_do_not_become_links_nor_words_icons(typed: str, parts: list[str]) -> None:
    assert plain(typed).replace("\\", "").split(WORD_JOINER) == parts


def test_markdown_characters_are_escaped() -> None:
    assert plain("1. *a* [b](c)") == r"1\. \*a\* \[b\]\(c\)"
