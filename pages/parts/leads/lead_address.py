"""Where a board or a table of leads asks for itself: the filter in the address, what is searched for in a header."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from genko import text
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadSource, LeadStage

_LONGEST_NUMBER = 9  # digits
_E = TypeVar("_E", bound=StrEnum)


def address(path: str, wanted: LeadFilter, **more: str | int) -> str:
    asked: dict[str, str | int | None] = {
        "stage": wanted.stage,
        "source": wanted.source,
        "tag": wanted.tag or None,
        "uncontacted": "1" if wanted.uncontacted else None,
    }
    asked |= more
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def filter_of(query: Mapping[str, str], search: str) -> LeadFilter:
    return LeadFilter(
        stage=choice(query, "stage", LeadStage),
        source=choice(query, "source", LeadSource),
        tag=text.storable(query.get("tag", "")),
        uncontacted=query.get("uncontacted") == "1",
        search=search,
    )


def choice(query: Mapping[str, str], name: str, kind: type[_E]) -> _E | None:
    typed = query.get(name, "")
    return kind(typed) if typed in set(kind) else None


def number(query: Mapping[str, str], name: str) -> int | None:
    typed = query.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_NUMBER else None
