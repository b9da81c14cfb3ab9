"""The merges that went into a record, each with a button that undoes it."""

from collections.abc import Sequence

import streamlit as st

from genko.access.models import Role
from genko.people.models import MergeKind
from genko.people.profile import MergeShown
from pages.parts.kit import context
from pages.parts.kit.times import moment
from pages.parts.streamlit.markdown import plain

UNDONE = "The merge is undone: both records are back."


def draw(shown: Sequence[MergeShown], role: Role) -> int | None:
    """The id of the merge whose "Undo" was pressed."""
    pressed_id = None
    for merge in shown:
        with st.container(border=True, gap="xxsmall", key=f"merge-{merge.id}"):
            noun = "Patient" if merge.kind is MergeKind.PATIENTS else "Lead"
            st.text(f"{noun} {merge.loser_name or 'without a name'} went into this one")
            undone = " · undone" if merge.undone_at else ""
            st.caption(f"{moment(merge.at, context.zone())} · {plain(merge.by_name)}{undone}")
            if not _may_undo(merge, role):
                continue
            if st.button("Undo", icon=":material/undo:", key=f"undo-{merge.id}"):
                pressed_id = merge.id
    return pressed_id


def _may_undo(merge: MergeShown, role: Role) -> bool:
    if merge.undone_at:
        return False
    return role is Role.ADMIN or (role is Role.STAFF and merge.kind is not MergeKind.PATIENTS)
