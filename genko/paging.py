"""A long list is shown a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Place:
    """`page` counts from 1: the last one when fewer are left than were asked for."""

    page: int
    pages: int
    total: int
    skipped: int  # rows of the pages before


@dataclass(frozen=True)
class Page(Place, Generic[_Row]):
    rows: Sequence[_Row]

    @classmethod
    def at(cls, place: Place, rows: Sequence[_Row]) -> "Page[_Row]":
        return cls(**vars(place), rows=rows)


def find_place(asked: int, total: int, size: int) -> Place:
    pages = max(1, -(-total // size))
    page = min(max(1, asked), pages)
    return Place(page, pages, total, (page - 1) * size)
