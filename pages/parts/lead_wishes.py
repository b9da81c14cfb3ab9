"""Which dialog somebody asked for over the leads. A lead's form is in the URL; the rest is asked for once."""

from enum import StrEnum

import streamlit as st

from pages.parts import address

_WISH = "lead-wish"


class Wish(StrEnum):
    """The first four are named by the grid's icons too."""

    EDIT = "edit"
    MESSAGE = "message"
    CONVERT = "convert"
    DELETE = "delete"
    MERGE = "merge"
    ADD = "add"
    IMPORT = "import"
    LOSE_CHOSEN = "lose-chosen"
    DELETE_CHOSEN = "delete-chosen"


def wish(what: Wish, lead_id: int = 0) -> None:
    """For callbacks: the run that follows opens it."""
    address.put("lead", str(lead_id) if what is Wish.EDIT else None)
    forget()
    if what is not Wish.EDIT:
        st.session_state[_WISH] = (what, lead_id)


def wished() -> tuple[Wish | None, int]:
    if lead_id := address.number("lead"):
        return Wish.EDIT, lead_id
    what, lead_id = st.session_state.get(_WISH, (None, 0))
    return what, lead_id


def forget() -> None:
    st.session_state.pop(_WISH, None)
