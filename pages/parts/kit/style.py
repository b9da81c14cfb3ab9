"""The few rules that Streamlit's themes do not cover: panes that scroll by themselves, and less empty space."""

from pathlib import Path

import streamlit as st

_SHEET = (Path(__file__).parent / "style.css").read_text("utf-8")


def apply() -> None:
    st.html(f"<style>{_SHEET}</style>")
