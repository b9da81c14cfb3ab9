"""What is sealed, who can open it."""

import stat
from pathlib import Path

import pytest

from genko import vault
from genko.errors import Refused
from genko.settings import Settings
from genko.vault import Vault, new_key


def test_what_is_sealed_can_be_opened_and_not_read() -> None:
    one = Vault([new_key()])
    sealed = one.seal({"token": "hush"})
    assert "hush" not in sealed
    assert one.open(sealed) == {"token": "hush"}


def test_a_new_key_in_front_rotates_and_the_old_one_can_go_after_resealing() -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal({"token": "hush"})
    resealed = Vault([new, old]).reseal(sealed)
    assert Vault([new]).open(resealed) == {"token": "hush"}
    with pytest.raises(Refused):
        Vault([new]).open(sealed)


@pytest.mark.parametrize("sealed", ["", "garbage", "gAAAAA"])
def test_what_cannot_be_opened_says_so(sealed: str) -> None:
    with pytest.raises(Refused, match="sealing key"):
        Vault([new_key()]).open(sealed)


def test_a_malformed_key_is_named() -> None:
    with pytest.raises(Refused, match="malformed"):
        Vault(["short"])


def test_the_first_start_makes_one_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", sealing_keys="")
    made = [vault.open_vault(settings), vault.open_vault(settings)]
    key = tmp_path / "data" / vault.KEY_FILE
    assert len(key.read_text().split()) == 1
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert made[0].open(made[1].seal({"a": "b"})) == {"a": "b"}


def test_given_keys_are_used_newest_first(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    both = vault.open_vault(Settings(data_dir=tmp_path, sealing_keys=f"{new}, {old}"))
    assert Vault([new]).open(both.seal({"a": "b"})) == {"a": "b"}
    assert both.open(Vault([old]).seal({"a": "b"})) == {"a": "b"}
    assert not (tmp_path / vault.KEY_FILE).exists()
