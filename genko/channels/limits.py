"""How large a message may be on a channel."""

from dataclasses import dataclass
from enum import StrEnum


class TextUnit(StrEnum):
    CHARACTERS = "characters"
    BYTES = "bytes"  # of UTF-8: an emoji has four


@dataclass(frozen=True)
class TextLimit:
    count: int
    unit: TextUnit = TextUnit.CHARACTERS

    def length_of(self, text: str) -> int:
        return len(text) if self.unit is TextUnit.CHARACTERS else len(text.encode())
