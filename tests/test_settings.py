"""Settings from the environment, or from files that the environment names."""

from pathlib import Path

import pytest

from genko.errors import Refused
from genko.settings import Settings


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [one for one in os.environ if one.startswith("GENKO_")]:
        monkeypatch.delenv(name)


def test_without_an_environment_there_is_an_embedded_database(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).database_address == f"sqlite:///{tmp_path}/genko.sqlite3"


def test_a_file_named_by_the_environment_holds_the_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://u:p@host/genko\n")
    monkeypatch.setenv("GENKO_DATABASE_URL_FILE", str(secret))
    assert Settings().database_address == "postgresql+psycopg://u:p@host/genko"


def test_the_variable_itself_comes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("9000")
    monkeypatch.setenv("GENKO_PORT_FILE", str(tmp_path / "port"))
    assert Settings().port == 9000
    monkeypatch.setenv("GENKO_PORT", "9001")
    assert Settings().port == 9001


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENKO_SEALING_KEYS_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(Refused, match="GENKO_SEALING_KEYS_FILE names a file that cannot be read"):
        Settings()


def test_secrets_do_not_show_themselves() -> None:
    assert "hush" not in repr(Settings(database_url="postgresql://u:hush@h/d", sealing_keys="hush"))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_usual_scheme_of_postgresql_is_understood(scheme: str) -> None:
    assert Settings(database_url=f"{scheme}://u@h/d").database_address == "postgresql+psycopg://u@h/d"
