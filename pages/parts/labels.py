"""Options that carry data have labels of their own: of two equal ones Streamlit takes the last, whichever was chosen."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

_Key = TypeVar("_Key", int, str)


def distinct(names: Mapping[_Key, str]) -> dict[_Key, str]:
    """By id, with the id behind the names that repeat."""
    often = Counter(names.values())
    return {key: name if often[name] == 1 else f"{name} · no. {key}" for key, name in names.items()}
