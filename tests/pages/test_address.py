"""What the address says while a browser is behind: each event brings the address that it knew."""

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


def _opened(before: str | None) -> AppTest:
    page = AppTest.from_function(_page, default_timeout=30)
    _say(page, before)
    return page.run()


def _say(page: AppTest, value: str | None) -> None:
    page.query_params.clear()
    if value:
        page.query_params["c"] = value


def _after(page: AppTest, button: str, *, browser: str | None) -> str:
    _say(page, browser)
    page.button(button).click().run()
    return page.text[0].value


def test_what_was_put_last_stays_whatever_an_older_browser_says() -> None:
    page = _opened("1")
    assert _after(page, "two", browser="1") == "2"
    _say(page, "1")
    assert page.run().text[0].value == "2"


def test_a_choice_back_is_a_choice() -> None:
    page = _opened("1")
    assert _after(page, "two", browser="1") == "2"
    assert _after(page, "one", browser="1") == "1"
    assert _after(page, "none", browser="2") == "None"
    assert _after(page, "two", browser="1") == "2"


def test_after_a_while_the_browser_is_believed() -> None:
    page = _opened("1")
    assert _after(page, "two", browser="1") == "2"
    [change] = page.session_state[address.CHANGES].values()
    object.__setattr__(change, "changed_at", change.changed_at - address.LATE_S - 1)
    _say(page, "1")
    assert page.run().text[0].value == "1"
