"""Which channels there are."""

from collections.abc import Mapping

from genko.channels.base import Channel
from genko.channels.providers.whatsapp import WhatsApp
from genko.settings import Settings

CHANNELS: dict[str, type[Channel]] = {kind.key: kind for kind in (WhatsApp,)}


def kind(key: str) -> type[Channel]:
    return CHANNELS[key]


def connect(key: str, values: Mapping[str, str], settings: Settings) -> Channel:
    """A working channel from opened credentials."""
    base_urls = {"whatsapp": settings.twilio_base_url}
    return CHANNELS[key](values, base_urls.get(key, ""))
