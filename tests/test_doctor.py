"""What the doctor says, and that looking changes nothing."""

from pathlib import Path

import sqlalchemy as sa

from genko import doctor, vault
from genko.channels.models import ChannelAccount
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


def test_an_account_that_cannot_send_is_told(clinic: Clinic, settings: Settings) -> None:
    with clinic.database.transaction() as session:
        session.get_one(ChannelAccount, clinic.account_id).send_error = "The trial is over."
    assert "Account Front desk: it cannot send. The trial is over." in said(settings)


def test_a_database_of_a_newer_program_is_not_to_be_migrated(clinic: Clinic, settings: Settings) -> None:
    with clinic.database.transaction() as session:
        (before,) = session.execute(sa.text("SELECT version_num FROM alembic_version")).one()
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    words = " ".join(said(settings))
    with clinic.database.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = :before"), {"before": before})
    assert "a newer version of Genkō made it" in words
    assert "migrate" not in words
