"""Providers to practise with: stateful stand-ins over HTTP, and the patient's phone.

Everything is in memory and spoken to over HTTP, as the real services are. It imports nothing of the rest of Genkō.
A provider is a folder with a `STAND_IN`, and a line in `stand_ins.STAND_INS`.
"""

from genko.sandbox.app import create_app
from genko.sandbox.serving import running
from genko.sandbox.world import World

__all__ = ["World", "create_app", "running"]
