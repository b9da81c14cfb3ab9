"""Serves the bare page: Streamlit alone, and the scripts of the components that it shares with Genkō."""

import sys
from pathlib import Path

import streamlit
import uvicorn
from streamlit import config

from pages.parts.streamlit.component_script import module_routes

_OPTIONS = {"browser.gatherUsageStats": False, "runner.postScriptGC": False, "server.fileWatcherType": "none"}


def main() -> None:
    for name, value in _OPTIONS.items():
        config.set_option(name, value)
    app = streamlit.App(Path(__file__).with_name("bare_page.py"), routes=module_routes())
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
