"""Very similar names."""

from rapidfuzz import fuzz

from genko import text

_SIMILAR = 88  # percent; `Jon Smith` and `John Smyth` are 84, `Jon Smith` and `John Smith` 95


def are_similar(name: str, other: str) -> bool:
    """Whichever of their words stands first."""
    return fuzz.ratio(_sorted(name), _sorted(other), score_cutoff=_SIMILAR) > 0


def may_be_the_same(name: str, other: str) -> bool:
    """Unless the names clearly differ. A missing word or a changed letter is no clear difference."""
    words, other_words = set(text.words(name)), set(text.words(other))
    return words <= other_words or other_words <= words or are_similar(name, other)


def _sorted(name: str) -> str:
    return " ".join(sorted(text.words(name)))
