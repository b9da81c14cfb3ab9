"""What somebody typed, for the labels that Streamlit reads as Markdown."""

import re

_ICON = re.compile(r":(?=\w)")


def plain(typed: str) -> str:
    """Shown as typed. Names of icons between colons are found even behind a backslash: a joiner parts them unseen."""
    escaped = "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!$:~<>|" else char for char in typed)
    return _ICON.sub(":\u2060", escaped)
