"""A clinic's world to practise in: a stateful stand-in for Twilio WhatsApp and the patient's phone.

Everything is in memory and spoken to over HTTP, as the real service is. It imports nothing of the rest of Genkō.
"""

from genko.sandbox.app import create_app
from genko.sandbox.serving import running
from genko.sandbox.world import World

__all__ = ["World", "create_app", "running"]
