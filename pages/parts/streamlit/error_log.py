"""Keeps the text of exceptions out of the log: Streamlit logs the whole exception, which may quote a patient's message."""

import logging

LOGGER = "streamlit.error_util"


def hide_exceptions() -> None:
    """The app's `on_script_error` logs where the error happened instead."""
    logging.getLogger(LOGGER).addFilter(_without_exception)


def _without_exception(record: logging.LogRecord) -> bool:
    record.exc_info = record.exc_text = None
    return record.levelno < logging.ERROR
