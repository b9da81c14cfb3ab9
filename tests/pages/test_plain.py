"""Labels of Streamlit show what somebody typed, and make nothing of it."""

import pytest

from pages.parts.streamlit.markdown import plain

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("ana@example.org", ["ana@", "example.org"]),
        ("see www.example.org", ["see www", ".example.org"]),
        ("HTTPS://example.org", ["HTTPS", "://example.org"]),
        (":smile: 1. *a*", [":", "smile: 1. *a*"]),
    ],
)
def test_no_address_becomes_a_link_and_no_name_an_icon(typed: str, parts: list[str]) -> None:
    assert plain(typed).replace("\\", "").split(JOINER) == parts


def test_what_would_be_markdown_is_escaped() -> None:
    assert plain("1. *a* [b](c)") == r"1\. \*a\* \[b\]\(c\)"
