"""The derived columns of a conversation: everything that the list shows without a query per row.

Only this package writes them, together with the counts of the tabs. Other modules call these verbs and hold the
conversation's lock. Who waits is decided in `messages/waiting.py`.
"""

from genko.messages.roll_up.copies import remove_copy
from genko.messages.roll_up.failures import add_failure, remove_failure
from genko.messages.roll_up.incoming import StoredEvent, add_incoming
from genko.messages.roll_up.names import ShownName, rename, show_names
from genko.messages.roll_up.newest import recompute_newest
from genko.messages.roll_up.replies import add_reply
from genko.messages.roll_up.status import attend, create, mark_changed, move, set_status
from genko.messages.roll_up.waits import recompute_waiting

__all__ = [
    "ShownName",
    "StoredEvent",
    "add_failure",
    "add_incoming",
    "add_reply",
    "attend",
    "create",
    "mark_changed",
    "move",
    "recompute_newest",
    "recompute_waiting",
    "remove_copy",
    "remove_failure",
    "rename",
    "set_status",
    "show_names",
]
