"""Seals what must not be readable in the database: provider credentials."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from genko.errors import Refused
from genko.settings import Settings

KEY_FILE = "sealing.key"


class Vault:
    """Seals with the first key, opens with any: putting a new key in front rotates."""

    def __init__(self, keys: list[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise Refused(
                "A sealing key is malformed. GENKO_SEALING_KEYS takes keys as made by: genko key"
            ) from error

    def seal(self, secrets: Mapping[str, str]) -> str:
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode()).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """Refused when none of the keys fits."""
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise Refused(
                "The stored credentials cannot be opened: the sealing key is not the one they were sealed with."
            ) from error
        return opened

    def reseal(self, sealed: str) -> str:
        """The same secrets under the newest key."""
        return self.seal(self.open(sealed))


def new_key() -> str:
    return Fernet.generate_key().decode()


def open_vault(settings: Settings) -> Vault:
    given = settings.sealing_keys.get_secret_value()
    if given:
        return Vault([key.strip() for key in given.split(",") if key.strip()])
    return Vault(_file_keys(settings.private_data_dir() / KEY_FILE))


def _file_keys(path: Path) -> list[str]:
    if not path.exists():
        _make_key_file(path)
    try:
        return path.read_text("utf-8").split()
    except (OSError, ValueError) as error:
        raise Refused(
            f"The sealing key cannot be read: {path}. Put its file back, or set GENKO_SEALING_KEYS."
        ) from error


def _make_key_file(path: Path) -> None:
    """Of two processes that start at once one makes the key; the other never sees a half-written file."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(new_key() + "\n")
    with suppress(FileExistsError):
        os.link(temporary, path)
    os.unlink(temporary)  # noqa: PTH108 - of the name that mkstemp gave
