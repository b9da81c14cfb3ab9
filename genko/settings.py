"""Process settings, from the environment: `NAME`, or `NAME_FILE` naming a file that holds the value."""

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from genko.errors import Refused

_BASE_URL = re.compile(r"GENKO_(\w+)_BASE_URL")


class _BaseUrlSource(PydanticBaseSettingsSource):
    """Gathers `GENKO_TWILIO_BASE_URL` and its like. Each channel's class names its own."""

    def __call__(self) -> dict[str, Any]:
        named = {
            match[1].lower(): os.environ[match[0]] for match in map(_BASE_URL.fullmatch, os.environ) if match
        }
        return {"base_urls": named} if named else {}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return None, field_name, False


class _FileSource(PydanticBaseSettingsSource):
    """Reads `GENKO_X_FILE` for the setting `GENKO_X`, as container secrets are handed over."""

    def __call__(self) -> dict[str, Any]:
        named = {name: f"GENKO_{name.upper()}_FILE" for name in self.settings_cls.model_fields}
        return {name: _read(variable) for name, variable in named.items() if os.environ.get(variable)}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return None, field_name, False


def _read(variable: str) -> str:
    path = os.environ[variable]
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise Refused(f"{variable} names a file that cannot be read: {path}") from error


class Settings(BaseSettings):
    """Every setting of the process. The README's table is held complete by a test."""

    model_config = SettingsConfigDict(env_prefix="GENKO_", extra="ignore")

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("genko", appauthor=False),
        description="Folder of the embedded database and the sealing key. Default: the user's data folder.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="PostgreSQL address, postgresql://user:password@host/name. Default: SQLite in the data folder.",
    )
    sealing_keys: SecretStr = Field(
        default=SecretStr(""),
        description="Keys that seal provider credentials, comma-separated, newest first. "
        "Default: a key file in the data folder. Machines that share a database need the same keys.",
    )
    host: str = Field(default="127.0.0.1", description="Address the dashboard listens on.")
    port: int = Field(default=8501, ge=1, le=65535, description="Port the dashboard listens on.")
    public_url: str = Field(
        default="",
        description="Address staff type when a proxy stands in front, such as https://genko.example.org. "
        "With https the session cookie is sent over TLS only.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Comma-separated addresses of proxies whose X-Forwarded-For is believed.",
    )
    session_idle_minutes: int = Field(
        default=720, ge=1, description="Minutes without use after which a session ends."
    )
    poll_seconds: float = Field(
        default=2.0, gt=0, description="Seconds between two looks for new messages per account."
    )
    base_urls: dict[str, str] = Field(
        default_factory=dict,
        description="Addresses that stand in for the providers' own, by `Channel.base_url_setting`: the sandbox uses them.",
    )

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            problem = error.errors(include_input=False)[0]
            variable = f"GENKO_{problem['loc'][0]}".upper()
            raise Refused(f"{variable} cannot be used: {problem['msg']}.") from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _BaseUrlSource(settings_cls), _FileSource(settings_cls)

    @cached_property
    def database_address(self) -> str:
        """The SQLAlchemy URL in force."""
        given = self.database_url.get_secret_value()
        if not given:
            return f"sqlite:///{self.data_dir / 'genko.sqlite3'}"
        scheme, separator, rest = given.partition("://")
        return f"postgresql+psycopg://{rest}" if separator and scheme.startswith("postgres") else given

    def base_url_environment(self) -> dict[str, str]:
        """The base addresses as variables, for processes that this one starts."""
        return {f"GENKO_{name.upper()}_BASE_URL": url for name, url in self.base_urls.items()}

    def private_data_dir(self) -> Path:
        """The data folder, made on first use and readable by its owner only."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            writable = os.access(self.data_dir, os.W_OK | os.X_OK)
        except OSError:
            writable = False
        if not writable:
            raise Refused(f"GENKO_DATA_DIR names a folder that cannot be made or written to: {self.data_dir}")
        return self.data_dir
