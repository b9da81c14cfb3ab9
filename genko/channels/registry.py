"""Which channels there are."""

from collections.abc import Mapping

from genko.channels.channel import Channel
from genko.channels.providers.whatsapp import WhatsApp
from genko.settings import Settings

CHANNELS: dict[str, type[Channel]] = {kind.key: kind for kind in (WhatsApp,)}


def kind(key: str) -> type[Channel]:
    return CHANNELS[key]


def connect(key: str, values: Mapping[str, str], settings: Settings) -> Channel:
    """A working channel from opened credentials."""
    channel = CHANNELS[key]
    return channel(values, settings.base_urls.get(channel.base_url_setting, ""))


def every_base_url(url: str) -> dict[str, str]:
    """`Settings.base_urls` that send every provider's requests to its own path at one address, as the sandbox has it."""
    return {channel.base_url_setting: f"{url}/{channel.base_url_setting}" for channel in CHANNELS.values()}


def labels() -> str:
    """All channels in words: WhatsApp or Instagram."""
    *others, last = [channel.label for channel in CHANNELS.values()]
    return f"{', '.join(others)} or {last}" if others else last


def who_connects() -> str:
    """What staff read while no account is connected."""
    return f"An administrator connects {labels()} under Settings."
