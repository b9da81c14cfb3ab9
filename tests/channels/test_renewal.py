"""Credentials that expire are renewed in time, and never replace what an administrator has typed meanwhile."""

from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from genko import clock
from genko.channels import accounts, registry
from genko.channels.accounts import Due
from genko.channels.base import ChannelError, Trouble
from genko.channels.capabilities import ExpiringCredentials, RenewedCredentials
from genko.channels.models import ChannelAccount
from genko.channels.renewal import renew
from tests.channels.practice import SECRET, SHOP, Practice
from tests.factories import Clinic
from tests.steps import Travel


class Expiring(Practice, ExpiringCredentials):
    """The practice channel with secrets that last for sixty days."""

    renew_before: ClassVar = timedelta(days=30)
    renewals: ClassVar = 0
    error: ClassVar[ChannelError | None] = None

    def refresh(self) -> RenewedCredentials:
        if self.error:
            raise self.error
        type(self).renewals += 1
        return RenewedCredentials({"secret": f"new-{self.renewals}"}, clock.now() + timedelta(days=60))


@pytest.fixture
def account_id(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setitem(registry.CHANNELS, Practice.key, Expiring)
    monkeypatch.setattr(Expiring, "renewals", 0)
    return save(clinic, SECRET)


def save(clinic: Clinic, secret: str) -> int:
    with clinic.database.transaction() as session:
        return accounts.save(
            session,
            clinic.connector,
            Practice.key,
            {"shop": SHOP, "secret": secret},
            by=clinic.ada,
            label="",
            deadline=None,
            verified=True,
        )


def due(clinic: Clinic) -> Due:
    return next(due for due in clinic.all_due() if due.channel == Practice.key)


def secret(clinic: Clinic) -> str:
    return clinic.connector.vault.open(due(clinic).sealed)["secret"]


def expires_at(clinic: Clinic, account_id: int) -> datetime | None:
    with clinic.database.reading() as session:
        return session.get_one(ChannelAccount, account_id).credentials_expire_at


def test_credentials_are_renewed_once_when_half_of_their_time_is_over(
    clinic: Clinic, account_id: int, travel: Travel
) -> None:
    assert renew(clinic.database, clinic.connector, due(clinic))  # how long they last was not known
    assert not renew(clinic.database, clinic.connector, due(clinic))
    assert secret(clinic) == "new-1"
    travel.forward(days=31)
    assert renew(clinic.database, clinic.connector, due(clinic))
    assert secret(clinic) == "new-2"
    assert expires_at(clinic, account_id) is not None


def test_credentials_that_an_administrator_typed_meanwhile_stay(clinic: Clinic, account_id: int) -> None:
    before = due(clinic)
    save(clinic, "typed")
    assert not renew(clinic.database, clinic.connector, before)
    assert (secret(clinic), expires_at(clinic, account_id)) == ("typed", None)


def test_a_failed_renewal_is_trouble_only_once_the_credentials_have_expired(
    clinic: Clinic, account_id: int, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert renew(clinic.database, clinic.connector, due(clinic))
    monkeypatch.setattr(Expiring, "error", ChannelError("Too old.", Trouble.ACCOUNT))
    travel.forward(days=59)
    assert not renew(clinic.database, clinic.connector, due(clinic))
    assert secret(clinic) == "new-1"
    travel.forward(days=2)
    with pytest.raises(ChannelError):
        renew(clinic.database, clinic.connector, due(clinic))


def test_a_channel_whose_credentials_last_is_left_alone(clinic: Clinic) -> None:
    assert not renew(clinic.database, clinic.connector, clinic.due())
