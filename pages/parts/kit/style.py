"""The style sheet of every page: corrections of Streamlit's looks, and our own layout."""

from pathlib import Path

import streamlit as st

_PARTS = Path(__file__).resolve().parents[1]
_SHEETS = [_PARTS / "streamlit" / "corrections.css", _PARTS / "kit" / "style.css"]
_STYLE = "\n".join(sheet.read_text("utf-8") for sheet in _SHEETS)


def apply() -> None:
    st.html(f"<style>{_STYLE}</style>")
