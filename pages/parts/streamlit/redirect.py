"""Sends a browser from a Streamlit page to another address, as Streamlit's own sign-in does.

Streamlit has no public call for it, and waiting until the gate closes the connection would take seconds.
"""

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


def redirect(url: str) -> None:
    run = get_script_run_ctx()
    if run:
        run.enqueue(redirect_message(url))


def redirect_message(url: str) -> ForwardMsg:
    message = ForwardMsg()
    message.auth_redirect.url = url
    return message
