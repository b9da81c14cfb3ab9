"""Text as people search and read it."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

from anyascii import anyascii

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """Lower case without accents, so that `Díaz`, `DIAZ` and `diaz` are one word, and so are `Иван` and `Ivan`."""
    if text.isascii():  # nothing to take apart, and many times as fast
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return "".join(map(_latin, decomposed))


@cache
def _latin(char: str) -> str:
    """Letters of other alphabets as they are typed on a Latin keyboard.

    Only scripts that have lower case: to write Chinese in Latin letters would make many different words one.
    """
    if unicodedata.combining(char):
        return ""
    return "".join(filter(str.isalnum, anyascii(char).lower())) if char.islower() else char


def find_first(text: str, words: Sequence[str]) -> int:
    """Where the first of these folded words begins in the text; 0 when there is none."""
    folded = fold(text)
    place = min((place for word in words if (place := folded.find(word)) >= 0), default=0)
    ends = accumulate(len(fold(char)) for char in text)  # one letter may become several
    return next((index for index, end in enumerate(ends) if end > place), 0)


def words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def full_name(first_name: str, last_name: str) -> str:
    return f"{first_name} {last_name}".strip()


def sort_name(first_name: str, last_name: str) -> str:
    """What a list of people is ordered by: the last name first, without case and accents."""
    return " ".join(words(f"{last_name} {first_name}"))


def one_line(text: str, limit: int = 140) -> str:
    """The text on one line, cut with an ellipsis, for previews."""
    line = _SPACE.sub(" ", text[: limit * 4]).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def storable(text: str) -> str:
    """Drops what a database cannot hold: NUL characters and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
