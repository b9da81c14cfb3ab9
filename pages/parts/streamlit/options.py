"""Streamlit's options that safety, the addresses or lost clicks depend on. Looks and limits are in config.toml."""

from collections.abc import Mapping
from typing import Any

from streamlit import config

OPTIONS: Mapping[str, Any] = {
    "server.baseUrlPath": "admin",
    "server.headless": True,
    "server.fileWatcherType": "none",  # a reloaded module would make a new badge key, which signs everybody out
    "server.runOnSave": False,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,
    "server.trustedUserHeaders": {},
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.allowedOrigins": [],
    "browser.gatherUsageStats": False,
    # With fast reruns, opening another page throws away a click inside a fragment that waits for its turn.
    "runner.fastReruns": False,
    # A full garbage collection after every run would cost a third of a click's time.
    "runner.postScriptGC": False,
    "logger.enableRich": False,  # it would print the messages of exceptions past the filter in error_log.py
}


def apply() -> None:
    """Call it after `streamlit.App` exists: the first option that is touched makes Streamlit read config.toml, and only
    the app says in which folder that is."""
    for name, value in OPTIONS.items():
        config.set_option(name, value)
