"""Which conversations a session has opened at this process, so that each look is in the audit exactly once.

At a click the list asks a route for the thread, and the page's script follows. Whichever comes first opens the
conversation; the other one joins.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock
from time import monotonic

_MOST = 10_000
_JOINED_WITHIN_S = 10


class By(Enum):
    ROUTE = "route"
    SCRIPT = "script"


@dataclass
class _Opening:
    unread: int  # when it was opened
    by: set[By]
    at: float = field(default_factory=monotonic)  # seconds


_openings: OrderedDict[tuple[int, int], _Opening] = OrderedDict()  # by session and conversation
_locks = [Lock() for _ in range(64)]  # one session's route and script wait for each other, others do not


def open_once(session_id: int, conversation_id: int, by: By, open_it: Callable[[], int]) -> int:
    """How many messages were unread before this opening. `open_it` marks them as read and writes the audit."""
    with _locks[session_id % len(_locks)]:
        opening = _openings.get((session_id, conversation_id))
        if opening and by not in opening.by and monotonic() - opening.at < _JOINED_WITHIN_S:
            opening.by.add(by)
            return opening.unread
        unread = open_it()
        _note(session_id, conversation_id, _Opening(unread, {by}))
        return unread


def look_once(session_id: int, conversation_id: int, write_audit: Callable[[], object]) -> None:
    """For a thread that is refreshed: a process that has just started has not heard of its opening."""
    with _locks[session_id % len(_locks)]:
        if (session_id, conversation_id) not in _openings:
            write_audit()
            _note(session_id, conversation_id, _Opening(0, set(By)))


def _note(session_id: int, conversation_id: int, opening: _Opening) -> None:
    _openings[session_id, conversation_id] = opening
    _openings.move_to_end((session_id, conversation_id))
    while len(_openings) > _MOST:
        _openings.popitem(last=False)
