"""What the doctor says, and that looking changes nothing."""

from pathlib import Path

from genko import doctor, vault
from genko.settings import Settings
from tests.factories import Clinic


def said(settings: Settings) -> list[str]:
    return [finding.what for finding in doctor.examine(settings)]


def test_a_lost_key_is_told_every_time(clinic: Clinic, settings: Settings, tmp_path: Path) -> None:
    lost = settings.model_copy(update={"sealing_keys": type(settings.sealing_keys)("")})
    for _ in range(2):
        assert any(words.startswith("Sealing key: none") for words in said(lost))
    assert not (tmp_path / vault.KEY_FILE).exists()


def test_a_malformed_key_ends_in_a_sentence(clinic: Clinic, settings: Settings) -> None:
    broken = settings.model_copy(update={"sealing_keys": type(settings.sealing_keys)("short")})
    assert any("malformed" in words for words in said(broken))


def test_accounts_are_tried_with_the_key(clinic: Clinic, settings: Settings) -> None:
    assert "Account Front desk: connected." in said(settings)
