"""Shows typed text as it was typed in labels, which Streamlit reads as Markdown."""

import re

# Names of icons, and the beginnings of addresses, which become icons and links even behind a backslash.
_SPECIAL_WORD = re.compile(r":(?=\w)|@|www(?=\.)|https?(?=:)", re.IGNORECASE)
_SPECIAL_CHARACTERS = r"\`*_{}[]()#+-.!$:~<>|"
_WORD_JOINER = "\u2060"  # has no width and breaks no line


def plain(typed: str) -> str:
    """Special characters get a backslash, special words are cut in two by a word joiner."""
    cut = _SPECIAL_WORD.sub(rf"\g<0>{_WORD_JOINER}", typed)
    return "".join(f"\\{char}" if char in _SPECIAL_CHARACTERS else char for char in cut)
