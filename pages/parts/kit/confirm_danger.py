"""The last question before something is gone: the button is red, and there is a way out beside it."""

import streamlit as st

from pages.parts.kit import dialog_state


def sure(label: str, *, key: str, icon: str = ":material/delete:") -> bool:
    """In a dialog. Whether it was pressed; what was refused the last time is said below."""
    with st.container(key=f"danger-{key}", horizontal=True, gap="small"):
        pressed = st.button(label, type="primary", icon=icon, key=key)
        if st.button("Cancel", key=f"{key}-cancel"):
            dialog_state.close_dialog()
            st.rerun()
    return dialog_state.submitted(pressed)
