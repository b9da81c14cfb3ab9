"""What somebody typed, for the labels that Streamlit reads as Markdown."""

import re

# Names of icons, and the addresses that become links by themselves.
_FOUND = re.compile(r":(?=\w)|@|www(?=\.)|https?(?=:)", re.IGNORECASE)
_JOINER = "\u2060"


def plain(typed: str) -> str:
    """Shown as typed. What is found even behind a backslash is parted by a joiner, unseen."""
    parted = _FOUND.sub(rf"\g<0>{_JOINER}", typed)
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!$:~<>|" else char for char in parted)
