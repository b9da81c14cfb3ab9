"""What Genkō relies on in the installed Streamlit without a promise. Run it first when Streamlit is upgraded.

A failure here does not mean that Streamlit is wrong: it means that a workaround needs a look, and can perhaps go.
"""

import ast
import inspect
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import streamlit
from streamlit import config, error_util, file_util
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.web.server.starlette import starlette_app
from streamlit_sortables import _component_func as sortables

from genko.access import headers
from pages.parts.streamlit import error_log, inline_scripts, options, redirect, unknown_paths

ROOT = Path(__file__).resolve().parents[2]
WORKAROUNDS = ROOT / "pages" / "parts" / "streamlit"
PAGES = ROOT / "pages"
GUIDE = (ROOT / "docs" / "streamlit.md").read_text("utf-8")
# Public modules of Streamlit; the second one is the type of what st.container returns.
PUBLIC = {"streamlit", "streamlit.delta_generator"}
TEST_ID = re.compile(r'data-testid="?(st[A-Za-z]+)')


def changed(what: str) -> str:
    return f"Streamlit {streamlit.__version__} has changed: {what}. docs/streamlit.md says what relied on it."


@cache
def bundle() -> str:
    """The JavaScript that Streamlit sends to browsers."""
    scripts = Path(file_util.get_static_dir()).glob("static/js/*.js")
    return "\n".join(script.read_text("utf-8") for script in scripts)


def sources(*suffixes: str) -> list[Path]:
    return [ROOT / "Home.py", *(path for path in PAGES.rglob("*") if path.suffix in suffixes)]


def test_a_run_asks_for_the_next_request_in_the_method_that_is_replaced() -> None:
    parameters = list(inspect.signature(ScriptRequests.on_scriptrunner_yield).parameters)
    assert len(parameters) == 1, changed("ScriptRequests.on_scriptrunner_yield takes other arguments")
    from streamlit.runtime.scriptrunner import script_runner

    assert "on_scriptrunner_yield()" in inspect.getsource(script_runner), changed("runs yield elsewhere")


def test_a_run_says_whether_its_script_has_started_and_how_it_came_about() -> None:
    assert "suppress_warning" in inspect.signature(get_script_run_ctx).parameters, changed(
        "get_script_run_ctx has no suppress_warning"
    )
    for name in ("has_script_started", "is_history_navigation", "enqueue"):
        assert hasattr(ScriptRunContext, name), changed(f"ScriptRunContext has no {name}")


def test_a_browser_can_be_sent_to_another_address() -> None:
    fields = ForwardMsg.DESCRIPTOR.fields_by_name
    assert "auth_redirect" in fields, changed("ForwardMsg has no auth_redirect")
    assert "url" in fields["auth_redirect"].message_type.fields_by_name, changed("AuthRedirect has no url")
    message = ForwardMsg.FromString(redirect.redirect_message("/admin/sign-in").SerializeToString())
    assert message.auth_redirect.url == "/admin/sign-in"
    assert "authRedirect" in bundle(), changed("the browser does not know auth_redirect")


def test_the_text_of_an_exception_is_not_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = error_util._LOGGER
    assert logger.name == error_log.LOGGER, changed("exceptions of a page are logged elsewhere")
    monkeypatch.setattr(logger, "handlers", [caplog.handler])
    monkeypatch.setattr(logger, "filters", [])
    monkeypatch.setattr(config, "get_option", options.OPTIONS.__getitem__)

    def log_a_failure() -> str:
        caplog.clear()
        error_util._log_uncaught_app_exception(ValueError("a patient's words"))
        return caplog.text

    assert "a patient's words" in log_a_failure(), changed(
        "it logs no exception texts, so error_log.py can go"
    )
    error_log.hide_exceptions()
    assert "a patient's words" not in log_a_failure(), changed("the filter hides no exception texts")


def test_the_inline_scripts_of_the_page_are_found() -> None:
    index = (Path(file_util.get_static_dir()) / "index.html").read_text("utf-8")
    without_comments = re.sub(r"<!--.*?-->", "", index, flags=re.DOTALL)
    inline = [tag for tag in re.findall(r"<script\b[^>]*>", without_comments) if "src=" not in tag]
    assert len(inline_scripts.hashes()) == len(inline), changed("its page has inline scripts of another kind")


def test_every_option_that_is_set_exists() -> None:
    file = tomllib.loads((PAGES / ".streamlit" / "config.toml").read_text("utf-8"))
    for name in [*options.OPTIONS, *option_names(file)]:
        assert name in config._config_options_template, changed(f"there is no option {name}")


def option_names(section: dict[str, object], prefix: str = "") -> list[str]:
    names = []
    for name, value in section.items():
        path = f"{prefix}{name}"
        names += option_names(value, f"{path}.") if isinstance(value, dict) else [path]
    return names


def test_config_toml_is_found_beside_the_entry_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_main_script_path", None)
    streamlit.App(PAGES / "frame.py")
    expected = str(PAGES / ".streamlit" / "config.toml")
    assert expected in config.get_config_files("config.toml"), changed("config.toml is looked for elsewhere")


def test_the_paths_that_are_no_pages_are_known() -> None:
    reserved = {prefix.strip("/") for prefix in starlette_app._RESERVED_ROUTE_PREFIXES}
    assert reserved <= unknown_paths.RESOURCES, changed(f"it serves files under {reserved}")


def test_the_component_that_is_framed_has_the_address_that_may_be_framed() -> None:
    assert headers._FRAMED.endswith(f"/component/{sortables.name}/"), (
        f"streamlit-sortables is served as {sortables.name}. docs/streamlit.md says what relied on its name."
    )


@pytest.mark.parametrize("file", sources(".css", ".js")[1:], ids=lambda path: str(path.relative_to(PAGES)))
def test_every_test_id_that_styles_and_scripts_look_for_is_drawn(file: Path) -> None:
    for name in set(TEST_ID.findall(file.read_text("utf-8"))):
        assert re.search(f"[\"'`]{name}[\"'`-]", bundle()), changed(f"nothing has the data-testid {name}")


@pytest.mark.parametrize(
    "name", ["st-key-", "data-collapsed", "aria-current", "setTriggerValue", "parentElement"]
)
def test_what_else_styles_and_scripts_look_for_is_there(name: str) -> None:
    assert name in bundle(), changed(f"browsers are sent no {name}")


@pytest.mark.parametrize("file", sources(".py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_private_parts_of_streamlit_are_used_in_their_folder_only(file: Path) -> None:
    if WORKAROUNDS in file.parents:
        return
    assert imported_from_streamlit(file) <= PUBLIC, (
        "Move this to pages/parts/streamlit and docs/streamlit.md."
    )


def imported_from_streamlit(file: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "streamlit":
            modules |= {f"streamlit.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return {name for name in modules if name.partition(".")[0] == "streamlit"}


@pytest.mark.parametrize("file", sorted(WORKAROUNDS.iterdir()), ids=lambda path: path.name)
def test_every_workaround_is_explained(file: Path) -> None:
    if file.stem.startswith("__"):
        return
    assert f"streamlit/{file.name}" in GUIDE, f"docs/streamlit.md does not say what {file.name} is for."


def test_what_the_guide_names_exists() -> None:
    for path in re.findall(r"`((?:pages|tests|genko)/[\w/.-]+)`", GUIDE):
        assert (ROOT / path).exists(), f"docs/streamlit.md names {path}, which does not exist."
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", GUIDE):
        assert f"def {name}(" in tests, f"docs/streamlit.md names {name}, which does not exist."
