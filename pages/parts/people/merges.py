"""The merges that went into a record, and the way back."""

from collections.abc import Sequence

import streamlit as st

from genko.access.models import Role
from genko.people.models import MergeKind
from genko.people.profile import MergeShown
from pages.parts.kit import context
from pages.parts.kit.times import moment
from pages.parts.streamlit.markdown import plain

UNDONE = "The merge is undone: both records are back."


def draw(found: Sequence[MergeShown], role: Role) -> int | None:
    """The id of the one to be undone, when that was asked for."""
    pressed = None
    for one in found:
        with st.container(border=True, gap="xxsmall", key=f"merge-{one.id}"):
            noun = "Patient" if one.kind is MergeKind.PATIENTS else "Lead"
            st.text(f"{noun} {one.loser_name or 'without a name'} went into this one")
            undone = " · undone" if one.undone_at else ""
            st.caption(f"{moment(one.at, context.zone())} · {plain(one.by_name)}{undone}")
            allowed = Role.ADMIN if one.kind is MergeKind.PATIENTS else Role.STAFF
            if one.undone_at or role not in {Role.ADMIN, allowed}:
                continue
            if st.button("Undo", icon=":material/undo:", key=f"undo-{one.id}"):
                pressed = one.id
    return pressed
