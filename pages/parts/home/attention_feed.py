"""What Home says needs a person now, for the page's script and for the route by which Home keeps up to date."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from genko.access.models import Role
from genko.access.staff import find_staff
from genko.channels import registry
from genko.db import Session
from genko.messages.needs_attention import Need
from genko.people.attention import Attention, Someone, find_attention

ADDRESS = "/admin/api/attention"
Screen = Literal["messages", "leads", "settings"]
How = Literal["waits", "left", "ago"]  # "for 3 min", "3 min left", "3 min ago"


@dataclass(frozen=True)
class Link:
    """`screen` and `query` are where it leads, `href` is the same for a new tab."""

    label: str
    screen: Screen
    query: dict[str, str]
    href: str


@dataclass(frozen=True)
class Person:
    link: Link
    at: str
    how: How


@dataclass(frozen=True)
class Line:
    """One kind of need. Without a link it says whom to ask."""

    label: str
    icon: str
    link: Link | None = None
    people: tuple[Person, ...] = ()
    rest: int = 0  # how many more there are
    note: str = ""


def read_attention_lines(session: Session, role: Role, at: datetime) -> dict[str, Any]:
    found = find_attention(session, at=at)
    whom = "" if role is Role.ADMIN else _whom_to_ask(session)
    return {
        "troubles": [f"{trouble.account}: {trouble.sentence}" for trouble in found.troubles],
        "mend": asdict(
            _settings("Mend it under Settings", "An administrator mends it under Settings.", whom)
        ),
        "connect": None if found.accounts else asdict(_connect(whom)),
        "lines": [asdict(line) for line in _lines(found, whom)],
    }


def _lines(found: Attention, whom: str) -> list[Line]:
    waiting = _count(found.waiting, "person waits for an answer", "people wait for an answer")
    closing = _count(found.closes, "reply window closes soon", "reply windows close soon")
    failed = f"{_count(found.failed, 'conversation', 'conversations')} with an unsent message"
    leads = f"{_count(found.uncontacted, 'lead', 'leads')} not contacted for 24 hours"
    lines = [
        (found.waiting, _people_line(waiting, "clock", "waits", Need.WAITING, found.longest, found.waiting)),
        (found.closes, _people_line(closing, "hourglass", "left", Need.CLOSING, found.closing, found.closes)),
        (found.failed, _people_line(failed, "error", "ago", Need.UNSENT, found.failures, found.failed)),
        (found.uncontacted, Line(leads, "person", _link(leads, "leads", uncontacted="1"))),
        (found.unprocessed, _unprocessed(found.unprocessed, whom)),
    ]
    return [line for count, line in lines if count]


def _people_line(label: str, icon: str, how: How, need: Need, people: Sequence[Someone], of: int) -> Line:
    order = {} if need is Need.UNSENT else {"order": "waiting"}
    named = tuple(
        Person(_link(one.name, "messages", c=str(one.conversation_id)), one.at.isoformat(), how)
        for one in people
    )
    return Line(label, icon, _link(label, "messages", need=need, **order), named, of - len(named))


def _unprocessed(count: int, whom: str) -> Line:
    label = f"{_count(count, 'message', 'messages')} could not be processed"
    if whom:
        return Line(label, "inbox", note=f"An administrator finds them under Settings. {whom}")
    return Line(label, "inbox", _link(label, "settings", section="Could not be processed"))


def _connect(whom: str) -> Line:
    return _settings(f"Connect {registry.labels()} under Settings", registry.who_connects(), whom)


def _settings(label: str, otherwise: str, whom: str) -> Line:
    """For those who may go there; the others are told whom to ask."""
    return (
        Line("", "settings", note=f"{otherwise} {whom}")
        if whom
        else Line("", "settings", _link(label, "settings"))
    )


def _whom_to_ask(session: Session) -> str:
    names = [one.name for one in find_staff(session) if one.active and one.role is Role.ADMIN]
    return f"Ask {' or '.join(names)}."


def _link(label: str, screen: Screen, **query: str) -> Link:
    address = f"/admin/{screen}"
    return Link(label, screen, query, f"{address}?{urlencode(query)}" if query else address)


def _count(count: int, singular: str, plural: str) -> str:
    return f"{count} {singular if count == 1 else plural}"
