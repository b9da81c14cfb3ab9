"""A component of our own is a folder of scripts and styles."""

from pathlib import Path

_DRAWING = Path(__file__).with_name("drawing.js")


def script(folder: Path, *names: str) -> str:
    """Its scripts as one, behind what all components draw with."""
    return "\n".join(file.read_text("utf-8") for file in (_DRAWING, *(folder / name for name in names)))
