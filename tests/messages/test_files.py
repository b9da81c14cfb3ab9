"""Files that patients send: fetched, judged by their content, kept from harm."""

import base64
from functools import partial

import pytest

from genko.access.models import AuditEntry
from genko.channels import accounts
from genko.channels.base import ChannelError
from genko.channels.providers.whatsapp import WhatsApp
from genko.errors import NotAllowed, NotFound, Refused
from genko.messages import file_serving, files
from genko.messages.file_serving import ServedFile
from genko.messages.models import FileContent, FileState, MessageFile
from genko.sandbox import samples
from tests.factories import Clinic
from tests.steps import Travel, assert_consistent, conversation, everything, refused


def fetch_files(clinic: Clinic) -> int:
    return files.fetch_files(clinic.database, clinic.connector, clinic.due())


def sends(clinic: Clinic, *contents: tuple[str, bytes]) -> None:
    media = [
        {"content_type": kind, "base64": base64.b64encode(content).decode()} for kind, content in contents
    ]
    clinic.sandbox.patient_writes("", media=media)
    clinic.fetch()


def stored(clinic: Clinic, file_id: int) -> tuple[ServedFile, bytes]:
    with clinic.database.reading() as session:
        file = file_serving.get_file(session, file_id)
        return file, file_serving.read(session, file_id, 0, file.size - 1)


def test_a_picture_is_fetched_and_shown(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes("My tooth", media=[{"kind": "image"}])
    clinic.fetch()
    assert fetch_files(clinic) == 1
    [file] = everything(clinic.database, MessageFile)
    kept, content = stored(clinic, file.id)
    assert (file.state, kept.content_type, kept.inline, content) == (
        FileState.STORED,
        "image/png",
        True,
        samples.picture(),
    )
    assert file.size == len(content)
    assert fetch_files(clinic) == 0


def test_our_token_goes_to_the_provider_and_not_along_to_the_storage(clinic: Clinic) -> None:
    clinic.sandbox.patient_writes("", media=[{"kind": "audio"}, {"kind": "document"}])
    clinic.fetch()
    fetch_files(clinic)
    counters = clinic.sandbox.counters()
    assert (
        counters["requests"]["media"],
        counters["requests"]["cdn"],
        counters["leaked_authorizations"],
    ) == (2, 2, 0)


def test_each_file_of_a_message_comes_once_and_whole(clinic: Clinic) -> None:
    sends(
        clinic,
        ("image/png", samples.picture(8, 8)),
        ("audio/ogg", samples.voice_note()),
        ("text/plain", b"words"),
    )
    fetch_files(clinic)
    assert sorted(len(one.content) for one in everything(clinic.database, FileContent)) == sorted(
        map(len, (samples.picture(8, 8), samples.voice_note(), b"words"))
    )
    assert conversation(clinic, clinic.conversation_id()).preview == "📎 File"
    assert_consistent(clinic.database)


def test_a_file_that_is_not_there_yet_comes_later(clinic: Clinic, travel: Travel) -> None:
    clinic.sandbox.fault("media_missing", times=3)
    sends(clinic, ("image/png", samples.picture(8, 8)))
    for _ in range(3):
        fetch_files(clinic)
        [file] = everything(clinic.database, MessageFile)
        assert file.state is FileState.PENDING
        assert "not available" in file.problem
        assert fetch_files(clinic) == 0
        travel.forward(minutes=1)
    fetch_files(clinic)
    [file] = everything(clinic.database, MessageFile)
    assert (file.state, file.problem) == (FileState.STORED, "")


def test_a_file_that_never_comes_is_given_up_with_a_sentence_until_staff_ask_again(
    clinic: Clinic, travel: Travel
) -> None:
    clinic.sandbox.fault("media_missing")
    sends(clinic, ("image/png", samples.picture(8, 8)))
    while fetch_files(clinic):
        travel.forward(hours=1)
    [file] = everything(clinic.database, MessageFile)
    assert file.state is FileState.FAILED
    assert "not stored" in refused(partial(stored, clinic, file.id), NotFound)
    clinic.sandbox.clear_faults()
    with clinic.database.transaction() as session:
        files.try_again(session, file.id, by=clinic.maria)
        files.try_again(session, file.id, by=clinic.maria)
    assert [one.action for one in everything(clinic.database, AuditEntry)].count("file:retry") == 1
    fetch_files(clinic)
    assert stored(clinic, file.id)[1] == samples.picture(8, 8)


def again(clinic: Clinic, file_id: int, by: int) -> None:
    with clinic.database.transaction() as session:
        files.try_again(session, file_id, by=by)


def test_who_may_ask_again_for_which_file(clinic: Clinic) -> None:
    sends(clinic, ("image/png", samples.picture(8, 8)))
    [file] = everything(clinic.database, MessageFile)
    with clinic.database.transaction() as session:
        session.get_one(MessageFile, file.id).state = FileState.FAILED
    refused(partial(again, clinic, file.id, clinic.vic), NotAllowed)
    refused(partial(again, clinic, 999, clinic.maria), NotFound)
    with clinic.database.transaction() as session:
        accounts.remove(session, clinic.account_id, by=clinic.ada)
    assert "no longer connected" in refused(partial(again, clinic, file.id, clinic.maria), Refused)


def test_a_broken_account_costs_no_file_its_tries(clinic: Clinic) -> None:
    sends(clinic, ("image/png", samples.picture(8, 8)))
    clinic.sandbox.add_account(token="a-new-token")
    with pytest.raises(ChannelError):
        fetch_files(clinic)
    [file] = everything(clinic.database, MessageFile)
    assert (file.state, file.attempts) == (FileState.PENDING, 0)


def test_what_waited_on_an_account_that_is_removed_says_so(clinic: Clinic) -> None:
    sends(clinic, ("image/png", samples.picture(8, 8)))
    with clinic.database.transaction() as session:
        accounts.remove(session, clinic.account_id, by=clinic.ada)
    with clinic.database.transaction() as session:
        assert files.fail_stranded(session) == 1
    [file] = everything(clinic.database, MessageFile)
    assert (file.state, "no longer connected" in file.problem) == (FileState.FAILED, True)


def test_a_file_over_the_cap_is_not_fetched_and_says_so(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WhatsApp, "largest_file", 1_000_000)
    sends(clinic, ("image/png", samples.picture(8, 8) + bytes(1_000_001)), ("text/plain", b"small"))
    fetch_files(clinic)
    large, small = sorted(
        everything(clinic.database, MessageFile), key=lambda one: one.state is FileState.STORED
    )
    assert (large.state, large.problem) == (
        FileState.FAILED,
        "The file is larger than 1 MB and was not fetched.",
    )
    assert small.state is FileState.STORED


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)
TIFF = b"II*\0" + bytes(60)
DISGUISES = [
    ("image/png", b"<html><script>alert(1)</script></html>", "application/octet-stream", False),
    ("text/html", b"<!doctype html><h1>Hi</h1>", "application/octet-stream", False),
    (
        "image/svg+xml",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "application/octet-stream",
        False,
    ),
    ("image/jpeg", b"MZ\x90\x00" + bytes(60), "application/x-msdownload", False),
    ("text/html", samples.picture(8, 8), "image/png", True),
    ("image/png", samples.document("x"), "application/pdf", False),
    ("image/png", b"", "application/octet-stream", False),
    ("image/jpeg", HEIC, "image/heic", False),
    ("image/tiff", TIFF, "image/tiff", False),
]


def test_a_file_is_what_it_contains_not_what_it_claims(clinic: Clinic) -> None:
    sends(clinic, *((claimed, content) for claimed, content, _, _ in DISGUISES))
    while fetch_files(clinic):
        pass
    kept = [stored(clinic, file.id) for file in everything(clinic.database, MessageFile)]
    found = {(content, one.content_type, one.inline) for one, content in kept}
    assert found == {(content, kind, inline) for _, content, kind, inline in DISGUISES}


def test_a_file_that_does_not_exist_is_not_found(clinic: Clinic) -> None:
    refused(partial(stored, clinic, 999), NotFound)


@pytest.mark.parametrize("error", [KeyError("a bug of ours"), ValueError("of a library")])
def test_a_file_that_nobody_can_fetch_holds_no_other_back_and_is_given_up(
    clinic: Clinic, travel: Travel, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for body in ("first", "second"):
        clinic.sandbox.patient_writes(body, media=[{"kind": "image"}])
        clinic.fetch()
    really_download, bad = WhatsApp.download, everything(clinic.database, MessageFile)[0].provider_ref

    def download(channel: WhatsApp, ref: str, cap: int) -> bytes:
        if ref == bad:
            raise error
        return really_download(channel, ref, cap)

    monkeypatch.setattr(WhatsApp, "download", download)
    for _ in range(12):
        fetch_files(clinic)
        travel.forward(hours=1)
    first, second = everything(clinic.database, MessageFile)
    assert (first.state, second.state) == (FileState.FAILED, FileState.STORED)
    assert "fault in Genkō" in first.problem
