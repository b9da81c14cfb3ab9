"""Text as people search and read it."""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")


# Letters that Unicode does not take apart, as people without them on their keyboard type them.
_PLAIN = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"}
)


def fold(text: str) -> str:
    """Lower case without accents, so that `Díaz`, `DIAZ` and `diaz` are one word."""
    if text.isascii():  # nothing to take apart, and many times as fast
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return plain.casefold().translate(_PLAIN)


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
