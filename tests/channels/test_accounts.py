"""Connecting our numbers: what is checked, what is kept, what is never shown."""

import json
from dataclasses import asdict
from functools import partial

import pytest

from genko.channels import accounts, test_connection
from genko.channels.accounts import Connector
from genko.channels.base import ChannelError, Trouble
from genko.channels.models import ChannelAccount, Health
from genko.channels.providers.whatsapp_errors import _CODES
from genko.channels.registry import kind
from genko.errors import NotAllowed, NotFound, Refused
from genko.messages.new_conversation import Contact
from tests.factories import Clinic, connect_account
from tests.sandbox_client import SENDER, SID, TOKEN
from tests.steps import begin, everything, refused

GOOD = {"account_sid": SID, "auth_token": TOKEN, "sender": SENDER}


def check(clinic: Clinic, **change: str) -> None:
    with clinic.database.reading() as session:
        accounts.draft_channel(session, clinic.connector, "whatsapp", GOOD | change).check()


def save(clinic: Clinic, *, by: int | None = None, **change: str) -> int:
    with clinic.database.transaction() as session:
        return accounts.save(
            session,
            clinic.connector,
            "whatsapp",
            GOOD | change,
            by=by or clinic.ada,
            label="",
            deadline=None,
            verified=True,
        )


def test_right_credentials_pass_the_check(clinic: Clinic) -> None:
    check(clinic)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"auth_token": "wrong"}, "auth_token"),
        ({"sender": "+4930901877"}, "sender"),
        ({"account_sid": SID[:-1], "auth_token": TOKEN}, "account_sid"),
        ({"account_sid": "SK" + "a1" * 16, "auth_token": TOKEN}, "account_sid"),
        ({"account_sid": SID[2:], "auth_token": TOKEN}, "account_sid"),
    ],
)
def test_the_check_names_the_field_at_fault(clinic: Clinic, change: dict, field: str) -> None:
    with pytest.raises(ChannelError) as caught:
        check(clinic, **change)
    assert (caught.value.field, caught.value.trouble) == (field, Trouble.ACCOUNT)


def test_a_suspended_account_is_said_to_be_so(clinic: Clinic) -> None:
    clinic.sandbox.add_account(status="suspended")
    with pytest.raises(ChannelError) as caught:
        check(clinic)
    assert "not active" in caught.value.reason


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (dict.fromkeys(GOOD, ""), "Account SID, Auth token, Sender number"),
        ({"account_sid": "", "sender": "not a number"}, "Account SID"),
        ({"auth_token": "", "sender": "+4930901877"}, "Auth token"),
    ],
)
def test_all_that_is_empty_is_named_in_the_order_of_the_form(
    clinic: Clinic, change: dict, missing: str
) -> None:
    assert refused(partial(save, clinic, **change), Refused) == f"Fill in: {missing}."


@pytest.mark.parametrize(
    "change", [{"auth_token": " "}, {"sender": ""}, {"account_sid": ""}, {"sender": "not a number"}]
)
def test_what_is_missing_or_malformed_is_refused_in_words(clinic: Clinic, change: dict) -> None:
    if change == {"auth_token": " "}:
        change = change | {"sender": "+4930901877"}
    with pytest.raises(Refused):
        save(clinic, **change)


def test_an_empty_token_means_the_stored_one_of_the_same_account_only(clinic: Clinic) -> None:
    check(clinic, auth_token="")
    with pytest.raises(Refused):
        check(clinic, auth_token="", account_sid="AC" + "c" * 32)


def test_secrets_are_sealed_and_never_shown(clinic: Clinic) -> None:
    with clinic.database.reading() as session:
        shown = accounts.get_account(session, clinic.account_id)
        row = session.get_one(ChannelAccount, clinic.account_id)
        stored = json.dumps([row.fields, row.sealed])
    assert TOKEN not in repr(asdict(shown))
    assert TOKEN not in stored


def test_the_same_number_saved_again_is_the_same_account(clinic: Clinic) -> None:
    assert save(clinic, sender="+49 30 901820") == clinic.account_id


def test_a_removed_account_forgets_its_secrets_and_comes_back_as_itself(clinic: Clinic) -> None:
    opened = clinic.conversation_with()
    with clinic.database.transaction() as session:
        accounts.remove(session, clinic.account_id, by=clinic.ada)
    with clinic.database.reading() as session:
        assert accounts.find_accounts(session) == accounts.find_due(session) == []
        assert session.get_one(ChannelAccount, clinic.account_id).sealed == ""
        with pytest.raises(NotFound):
            accounts.get_account(session, clinic.account_id)
    assert clinic.conversation_id() == opened
    assert save(clinic) == clinic.account_id
    assert clinic.conversation_with("Back again") == opened


def test_a_removed_account_needs_its_token_typed_again(clinic: Clinic) -> None:
    with clinic.database.transaction() as session:
        accounts.remove(session, clinic.account_id, by=clinic.ada)
    with pytest.raises(Refused):
        save(clinic, auth_token="")


@pytest.mark.parametrize("who", ["maria", "vic"])
def test_only_an_administrator_connects_and_removes(clinic: Clinic, who: str) -> None:
    by = getattr(clinic, who)
    works = [
        partial(connect_account, connector=clinic.connector, by=by),
        partial(accounts.remove, account_id=clinic.account_id, by=by),
    ]
    for work in works:
        with clinic.database.transaction() as session, pytest.raises(NotAllowed):
            work(session)


def test_trouble_backs_off_for_longer_each_time_and_success_ends_it(clinic: Clinic) -> None:
    pauses = []
    for _ in range(8):
        with clinic.database.transaction() as session:
            accounts.note_failure(session, clinic.account_id, ChannelError("Busy.", Trouble.BUSY))
        with clinic.database.reading() as session:
            row = session.get_one(ChannelAccount, clinic.account_id)
            pauses.append((row.retry_at - row.last_error_at).total_seconds())
    assert pauses[0] < 3 < pauses[3] < pauses[5]
    assert max(pauses) <= 76
    with clinic.database.transaction() as session:
        accounts.note_success(session, clinic.account_id)
    with clinic.database.reading() as session:
        row = session.get_one(ChannelAccount, clinic.account_id)
    assert (row.health, row.failures, row.retry_at, row.last_error) == (Health.OK, 0, None, "Busy.")


def test_a_rotated_sealing_key_still_opens_what_was_sealed_before(clinic: Clinic) -> None:
    from genko.vault import Vault, new_key

    old = clinic.connector.settings.sealing_keys.get_secret_value()
    rotated = Connector(clinic.connector.settings, Vault([new_key(), old]))
    due = clinic.due()
    rotated.channel(due).check()
    with pytest.raises(ChannelError):
        Connector(clinic.connector.settings, Vault([new_key()])).channel(due)


@pytest.mark.parametrize("code", [*_CODES, "", "12345"])
def test_every_code_is_one_plain_sentence(code: str) -> None:
    sentence = kind("whatsapp").explain(code)
    assert sentence.endswith((".", ")."))
    assert sentence[0].isupper()
    assert isinstance(kind("whatsapp").trouble(code), Trouble)


def connect(clinic: Clinic, **change: str) -> ChannelError | None:
    to = clinic.database, clinic.connector, "whatsapp", GOOD | change
    return test_connection.connect(*to, by=clinic.ada, label="", deadline=None, colour="#0f766e")


def test_an_account_that_the_provider_does_not_accept_yet_is_kept_and_left_alone(clinic: Clinic) -> None:
    against = connect(clinic, sender="+4930901877")
    assert against is not None
    assert against.field == "sender"
    with clinic.database.reading() as session:
        [_, kept] = accounts.find_accounts(session)
        assert (kept.health, kept.last_error) == (Health.UNVERIFIED, against.reason)
        for find in (accounts.find_due, accounts.find_due_to_send):
            assert kept.id not in {one.id for one in find(session)}
    with clinic.database.transaction() as session, pytest.raises(Refused, match="not verified"):
        begin(session, clinic, Contact(phone_number="+4915112345678"), account_id=kept.id)
    with clinic.database.reading() as session:
        assert accounts.find_unverified(session) == []  # not again at once
    clinic.sandbox.add_account(sender="+4930901877")
    test_connection.test(
        clinic.database, clinic.connector, "whatsapp", GOOD | {"sender": "+4930901877"}, by=clinic.ada
    )
    with clinic.database.reading() as session:
        assert [one.id for one in accounts.find_unverified(session)] == [kept.id]


def test_what_works_is_not_replaced_by_what_does_not(clinic: Clinic) -> None:
    before = everything(clinic.database, ChannelAccount)[0].sealed
    with pytest.raises(ChannelError):
        connect(clinic, auth_token="wrong")
    assert everything(clinic.database, ChannelAccount)[0].sealed == before
    assert clinic.connector.channel(clinic.due()).check() is None


def test_an_answer_to_credentials_that_were_replaced_meanwhile_says_nothing_of_the_new_ones(
    clinic: Clinic,
) -> None:
    asked_with = clinic.due().sealed
    save(clinic)
    wrong = ChannelError("The token is wrong.", Trouble.ACCOUNT)
    with clinic.database.transaction() as session:
        accounts.note_failure(session, clinic.account_id, wrong, sealed=asked_with)
        accounts.note_send_failure(session, clinic.account_id, wrong, sealed=asked_with)
    (row,) = everything(clinic.database, ChannelAccount)
    assert (row.health, row.retry_at, row.send_error) == (Health.OK, None, "")
    with clinic.database.transaction() as session:
        accounts.note_failure(session, clinic.account_id, wrong, sealed=row.sealed)
        accounts.note_success(session, clinic.account_id, sealed=asked_with)
    (row,) = everything(clinic.database, ChannelAccount)
    assert row.health is Health.BROKEN
