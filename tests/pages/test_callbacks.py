"""A click is carried out, however soon the next one comes."""

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from pages.parts.streamlit import finish_callbacks

pytestmark = pytest.mark.usefixtures("main_stays")
finish_callbacks.install()


def _page() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    def do_both() -> None:
        st.session_state["first"] = "done"
        get_script_run_ctx().script_requests.request_rerun(RerunData())  # somebody clicks on something else
        st.session_state["second"] = "done"

    st.button("Both", on_click=do_both)
    for name in ("first", "second"):
        st.text(f"{name} {st.session_state.get(name)}")


def test_a_click_is_not_dropped_when_the_next_event_follows_at_once(monkeypatch: pytest.MonkeyPatch):
    page = AppTest.from_function(_page, default_timeout=30).run()
    begin, others = SafeSessionState.on_script_will_rerun, [RerunData()]

    def with_another(state: SafeSessionState, *given: object, **more: object) -> None:
        if others:
            get_script_run_ctx().script_requests.request_rerun(others.pop())
        begin(state, *given, **more)

    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", with_another)
    page.button[0].click().run()
    assert [text.value for text in page.text] == ["first done", "second done"]


def test_without_the_workaround_a_callback_is_cut_short(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ScriptRequests, "on_scriptrunner_yield", finish_callbacks.YIELD_AT_ONCE)
    page = AppTest.from_function(_page, default_timeout=30).run()
    page.button[0].click().run()
    assert page.text[1].value == "second None", (
        "Streamlit finishes callbacks by itself: see docs/streamlit.md"
    )


def test_a_callback_runs_to_its_end_although_the_next_event_is_waiting():
    page = AppTest.from_function(_page, default_timeout=30).run()
    page.button[0].click().run()
    assert [text.value for text in page.text] == ["first done", "second done"]
