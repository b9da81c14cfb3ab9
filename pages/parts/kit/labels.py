"""Labels that several screens share, and labels of options that carry data: of two equal ones Streamlit takes the last,
whichever was chosen."""

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

from genko.messages.models import ConversationStatus

_Key = TypeVar("_Key", int, str)
STATUS = {
    ConversationStatus.ACTIVE: "🟢 Active",
    ConversationStatus.PENDING: "🟡 Pending",
    ConversationStatus.RESOLVED: "⚪ Resolved",
}


def distinct(names: Mapping[_Key, str]) -> dict[_Key, str]:
    """By id, with the id behind the names that repeat."""
    often = Counter(names.values())
    return {key: name if often[name] == 1 else f"{name} · no. {key}" for key, name in names.items()}
