"""The address wins over a late browser, which sends an older address with its events."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.streamlit import address

pytestmark = pytest.mark.usefixtures("main_stays")


def _page() -> None:
    import streamlit as st

    from pages.parts.streamlit import address

    address.restore_latest(arrived=False)
    for label, value in (("one", "1"), ("two", "2"), ("none", None)):
        st.button(label, key=label, on_click=address.put, args=("c", value))
    st.text(str(st.query_params.get("c")))


def _open_at(value: str | None) -> AppTest:
    page = AppTest.from_function(_page, default_timeout=30)
    _browser_says(page, value)
    return page.run()


def _browser_says(page: AppTest, value: str | None) -> None:
    page.query_params.clear()
    if value:
        page.query_params["c"] = value


def _value_after_click(page: AppTest, button: str, *, browser: str | None) -> str:
    _browser_says(page, browser)
    page.button(button).click().run()
    return page.text[0].value


def test_the_latest_value_wins_over_a_late_browser() -> None:
    page = _open_at("1")
    assert _value_after_click(page, "two", browser="1") == "2"
    _browser_says(page, "1")
    assert page.run().text[0].value == "2"


def test_an_earlier_value_can_be_chosen_again() -> None:
    page = _open_at("1")
    assert _value_after_click(page, "two", browser="1") == "2"
    assert _value_after_click(page, "one", browser="1") == "1"
    assert _value_after_click(page, "none", browser="2") == "None"
    assert _value_after_click(page, "two", browser="1") == "2"


def test_after_some_seconds_the_browser_is_believed() -> None:
    page = _open_at("1")
    assert _value_after_click(page, "two", browser="1") == "2"
    [change] = page.session_state[address.CHANGES].values()
    object.__setattr__(change, "changed_at", change.changed_at - address.LATE_S - 1)
    _browser_says(page, "1")
    assert page.run().text[0].value == "1"
