"""A click's callback runs to its end before Streamlit looks at the next click.

Streamlit can end a run whenever the run reads the session state. Its callbacks run before its script, so of two clicks
within milliseconds the first one's callback would be cut short, or not run at all.
"""

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequest, ScriptRequests

YIELD_AT_ONCE = ScriptRequests.on_scriptrunner_yield


def _yield_once_the_script_has_started(requests: ScriptRequests) -> ScriptRequest | None:
    run = get_script_run_ctx(suppress_warning=True)
    if run is not None and not run.has_script_started:
        return None
    return YIELD_AT_ONCE(requests)


def install() -> None:
    """For the whole process. A callback that calls `st.stop` is not stopped either."""
    ScriptRequests.on_scriptrunner_yield = _yield_once_the_script_has_started  # type: ignore[assignment]
