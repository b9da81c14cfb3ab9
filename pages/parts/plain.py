"""What somebody typed, for the labels that Streamlit reads as Markdown."""


def plain(typed: str) -> str:
    """Shown as typed."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!$:~<>|" else char for char in typed)
