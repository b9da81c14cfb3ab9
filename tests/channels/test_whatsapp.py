"""What is WhatsApp's own: its addresses, its spellings of phone numbers, and what it can send."""

import pytest

from genko.channels.outgoing import FilePart, TemplatePart, TextPart
from genko.channels.providers.whatsapp import WhatsApp


@pytest.mark.parametrize(
    ("person_id", "phone"),
    [
        ("whatsapp:+4915112345678", "+4915112345678"),
        ("+4915112345678", "+4915112345678"),
        ("whatsapp:US.1349", None),
        ("whatsapp:+0", None),
        ("", None),
    ],
)
def test_a_person_s_address_gives_their_phone_or_none(person_id: str, phone: str | None) -> None:
    assert WhatsApp.phone_of(person_id) == phone


def test_our_address_is_shown_as_a_phone_number() -> None:
    assert WhatsApp.address_label("whatsapp:+49301234567") == "+49301234567"


def test_a_mobile_is_known_under_the_spellings_of_its_country() -> None:
    assert WhatsApp.phone_variants("+5215512345678") == ["+5215512345678", "+525512345678"]


def test_files_and_templates_are_refused_with_a_sentence() -> None:
    files = WhatsApp.why_unsendable((FilePart("a.pdf", "application/pdf", b"%PDF"),))
    assert files == "WhatsApp messages with files cannot be sent from Genkō."
    assert WhatsApp.why_unsendable((TemplatePart("HX1"),)) == (
        "WhatsApp messages with templates cannot be sent from Genkō."
    )
    assert WhatsApp.why_unsendable((TextPart("Hello"),)) is None
