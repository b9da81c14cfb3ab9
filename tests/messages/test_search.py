"""Found by name, by phone in any spelling, by what was written; the same on both databases."""

import pytest

from genko import clock
from genko.messages import inbox, incoming, search
from genko.messages.inbox import InboxFilter, Tab, matches
from genko.messages.models import ConversationStatus
from tests.factories import Clinic, connect_account
from tests.steps import conversation, event, receive, set_status


@pytest.fixture
def people(clinic: Clinic) -> Clinic:
    receive(
        clinic,
        event(
            "1",
            "Can I move my Termin to Thursday?",
            person="whatsapp:+4915112345678",
            profile_name="José Díaz Núñez",
        ),
    )
    receive(clinic, event("2", "Der Zahn tut weh", person="whatsapp:+4930901820", profile_name="Jürgen Groß"))
    receive(clinic, event("3", "Olá", person="whatsapp:+5511987654321", profile_name="Ana O'Neil"))
    receive(clinic, event("4", "שלום 日本語", person="whatsapp:US.77", profile_name="李雷"))
    return clinic


def found(clinic: Clinic, typed: str, tab: Tab = Tab.ACTIVE, *, account_id: int | None = None) -> list[str]:
    wanted = InboxFilter(tab=tab, account_id=account_id, search=typed)
    with clinic.database.reading() as session:
        page = inbox.find_page(session, wanted, by=clinic.maria, at=clock.now())
    assert len(page.rows) == (page.active if tab is Tab.ACTIVE else page.closed)
    return sorted(row.name for row in page.rows)


def test_names_and_texts_are_found_without_case_and_accents_by_word_beginnings(people: Clinic) -> None:
    for typed in (
        "José",
        "jose",
        "JOSÉ",
        "díaz",
        "nunez jo",
        "  Jos  ",
        "moVE",
        "term thurs",
        "Nuñ",
        "jose*&|",
    ):
        assert found(people, typed) == ["José Díaz Núñez"], typed


def test_only_a_conversation_that_was_found_by_text_shows_the_text(people: Clinic) -> None:
    receive(
        people,
        event("5", "My name is Jose", person="whatsapp:+4915112345678", profile_name="José Díaz Núñez"),
    )
    receive(people, event("6", "And my phone is new", person="whatsapp:+4915112345678"))
    receive(
        people, event("7", "Jose told me of you", person="whatsapp:+4930901820", profile_name="Jürgen Groß")
    )
    with people.database.reading() as session:
        page = inbox.find_page(session, InboxFilter(search="jose"), by=people.maria, at=clock.now())
    shown = {row.name: (row.preview, row.match) for row in page.rows}
    assert shown == {
        "José Díaz Núñez": ("And my phone is new", None),
        "Jürgen Groß": ("Jose told me of you", "Jose told me of you"),
    }


def test_short_words_are_found_whole(people: Clinic) -> None:
    receive(people, event("7", "Ok, Dr. Sommer", person="whatsapp:+4930901820"))
    for typed in ("dr", "Dr.", "ok dr"):
        assert found(people, typed) == ["Jürgen Groß"], typed
    assert found(people, "so") == []  # "Sommer" begins so, as half of all messages


def test_other_words_find_nothing(people: Clinic) -> None:
    for typed in ("osé", "ermin", "xyz", "jose groß", "diaz no", "!!!", "_", "%", "'", '"', "*", "___"):
        assert found(people, typed) == [], typed


def test_a_phone_is_found_in_any_spelling(people: Clinic) -> None:
    for typed in (
        "+4915112345678", "+49 151 12345678", "0151 12345678", "0151/123 456-78", "015112", "0049 151 12345678", "151 1234",
        "+49 (0)151 12345678", "(0151) 12345678", "5678", "345678", "4915112345678",
    ):  # fmt: skip
        assert found(people, typed) == ["José Díaz Núñez"], typed


def test_a_brazilian_phone_is_found_with_and_without_its_ninth_digit(people: Clinic) -> None:
    for typed in ("+55 11 98765-4321", "11 98765-4321", "011 98765", "1187654321", "+55 11 8765-4321"):
        assert found(people, typed) == ["Ana O'Neil"], typed


def test_other_scripts_and_letters_are_found(people: Clinic) -> None:
    names = {
        "gross": "Jürgen Groß",
        "jurgen": "Jürgen Groß",
        "李": "李雷",
        "日本語": "李雷",
        "o'neil": "Ana O'Neil",
    }
    for typed, name in names.items():
        assert found(people, typed) == [name], typed


def test_a_found_text_is_shown_with_the_text_around_it(people: Clinic) -> None:
    with people.database.reading() as session:
        page = inbox.find_page(session, InboxFilter(search="thursday"), by=people.maria, at=clock.now())
    assert page.rows[0].match == "Can I move my Termin to Thursday?"


def test_an_excerpt_of_a_long_text_is_short_and_holds_the_word(people: Clinic) -> None:
    receive(people, event("5", "x " * 400 + "Wurzelbehandlung " + "y " * 400, person="whatsapp:+4930901820"))
    with people.database.reading() as session:
        page = inbox.find_page(session, InboxFilter(search="wurzel"), by=people.maria, at=clock.now())
    assert "Wurzelbehandlung" in page.rows[0].match
    assert len(page.rows[0].match) < 150


def test_the_closed_tab_is_searched_too(people: Clinic) -> None:
    set_status(people, people.conversation_id("+4915112345678"), ConversationStatus.RESOLVED)
    assert found(people, "jose") == []
    assert found(people, "jose", Tab.CLOSED) == ["José Díaz Núñez"]


def _second_account(clinic: Clinic) -> int:
    with clinic.database.transaction() as session:
        return connect_account(session, clinic.connector, clinic.ada, sender="+4930901821")


def test_many_matches_elsewhere_hide_nothing_in_the_chosen_tab_and_account(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matches, "_BY_NAME", 2)
    monkeypatch.setattr(matches, "_BY_TEXT", 2)
    for limit in ("_PEOPLE", "_TEXTS"):
        monkeypatch.setattr(search, limit, 6)
    other = _second_account(clinic)
    receive(clinic, event("open", "Termin?", person="whatsapp:+4930000000", profile_name="Ana Open"))
    for number in range(5):
        person = f"whatsapp:+493000000{number + 1}"
        receive(clinic, event(f"c{number}", "Termin?", person=person, profile_name=f"Ana Closed {number}"))
        set_status(clinic, clinic.conversation_id(person.split(":")[1]), ConversationStatus.RESOLVED)
    for typed in ("ana", "termin"):
        assert found(clinic, typed) == ["Ana Open"]
        assert found(clinic, typed, Tab.CLOSED) == ["Ana Closed 3", "Ana Closed 4"]
    for number in range(6):
        one = event(f"o{number}", "Termin?", person=f"whatsapp:+4931000000{number}", profile_name="Ana Other")
        with clinic.database.transaction() as session:
            incoming.receive(session, other, [one])
    for typed in ("ana", "termin"):
        assert found(clinic, typed, account_id=clinic.account_id) == ["Ana Open"]
        assert len(found(clinic, typed, account_id=other)) == 2


def test_after_renaming_only_the_new_name_is_found(people: Clinic) -> None:
    receive(people, event("6", person="whatsapp:+5511987654321", profile_name="Beatriz Silva"))
    assert (found(people, "beatriz"), found(people, "neil")) == (["Beatriz Silva"], [])


def test_no_search_is_too_odd(people: Clinic) -> None:
    for typed in ("w" * 5_000, "word " * 5_000, "\x00", "half \ud83d", "9" * 400, "🙂", "a\u0301" * 3_000):
        assert found(people, typed) == [], typed[:20]


def test_a_reply_is_found_by_its_words(people: Clinic) -> None:
    from tests.steps import queue

    receive(people, event("7", person="whatsapp:+4930901820", at=clock.now()))
    queue(people, people.conversation_id("+4930901820"), "Please bring your Röntgenbild")
    assert found(people, "rontgen") == ["Jürgen Groß"]
    assert (
        conversation(people, people.conversation_id("+4930901820")).preview == "Please bring your Röntgenbild"
    )
