"""The buttons below the last question before something is deleted: a red one, and "Cancel"."""

import streamlit as st

from pages.parts.kit import dialog_state


def sure(label: str, *, key: str, icon: str = ":material/delete:") -> bool:
    """For dialogs: whether the red button was pressed. The latest refusal is shown below the buttons."""
    with st.container(key=f"danger-{key}", horizontal=True, gap="small"):
        pressed = st.button(label, type="primary", icon=icon, key=key)
        if st.button("Cancel", key=f"{key}-cancel"):
            dialog_state.close_dialog()
            st.rerun()
    return dialog_state.submitted(pressed)
