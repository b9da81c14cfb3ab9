"""The messages of one conversation: one element, drawn in the browser by part.js."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from pages.parts.streamlit.component_script import component_script

__all__ = ["Bubble", "File", "thread"]

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "genko_thread",
    css=(_HERE / "part.css").read_text("utf-8"),
    js=component_script(_HERE / "part.js"),
)

Delivery = Literal["queued", "sending", "sent", "delivered", "read", "failed", "unconfirmed"]


@dataclass(frozen=True)
class File:
    id: int
    kind: Literal["image", "audio", "video", "file"]
    name: str
    size_text: str
    url: str | None
    state: Literal["stored", "pending", "failed"] = "stored"
    problem: str | None = None
    type: str = ""
    can_retry: bool = False  # it could not be fetched, and this person may have it tried once more


@dataclass(frozen=True)
class Bubble:
    """One message as the thread shows it. Words for times and days come ready, in the clinic's zone."""

    id: int
    author: Literal["patient", "staff", "ai", "other_tool", "provider_app", "automatic"]
    name: str
    text: str
    at_text: str
    at_full: str
    day: str
    outbound: bool
    ai_badge: bool = False
    delivery: Delivery | None = None
    problem: str | None = None
    can_act: bool = False  # it failed or was never confirmed, and waits for somebody to deal with it
    can_resend: bool = False  # and something can be sent here at present
    settled: bool = False  # somebody has
    sent_again: bool = False
    files: tuple[File, ...] = ()
    edited: bool = False
    unsent: bool = False  # its author took it back: `text` says so
    reactions: tuple[str, ...] = ()  # emoji


def thread(
    bubbles: Sequence[Bubble],
    *,
    conversation: int,
    patient_name: str,
    nothing: str,
    earlier: bool,
    first_unread: int | None,
    unread_above: int,
    key: str,
    on_earlier: Callable[[], None],
    on_retry: Callable[[int], None],
    on_dismiss: Callable[[int], None],
    on_refetch: Callable[[int], None],
) -> None:
    """Draw the messages, oldest first; ids must grow with time. `nothing` is said where there are none.

    `unread_above` are the new messages that "Load earlier" would bring.
    """

    def retried() -> None:
        on_retry(int(st.session_state[key]["retry"]["id"]))

    def dismissed() -> None:
        on_dismiss(int(st.session_state[key]["dismiss"]["id"]))

    def asked_for() -> None:
        on_refetch(int(st.session_state[key]["refetch"]["id"]))

    _draw(
        key=key,
        data={
            "bubbles": [
                {**vars(bubble), "files": [vars(file) for file in bubble.files]} for bubble in bubbles
            ],
            "conversation": conversation,
            "patient_name": patient_name,
            "nothing": nothing,
            "earlier": earlier,
            "first_unread": first_unread,
            "unread_above": unread_above,
        },
        height="stretch",
        on_earlier_change=on_earlier,
        on_retry_change=retried,
        on_dismiss_change=dismissed,
        on_refetch_change=asked_for,
    )
