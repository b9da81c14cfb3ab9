"""Options of a select box with labels that differ: of two options with the same label, Streamlit always takes the last."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

_Id = TypeVar("_Id", int, str)


def distinct(labels: Mapping[_Id, str]) -> dict[_Id, str]:
    """The labels by id. A label that several ids have gets the id behind it."""
    uses = Counter(labels.values())
    return {id_: label if uses[label] == 1 else f"{label} · no. {id_}" for id_, label in labels.items()}
