"""Whether somebody is known is asked in one place; the form, the import and messages that come in agree."""

import ast

import pytest

from genko.leads.records import LeadFields
from genko.messages import same_person
from genko.messages.models import Identity
from genko.people.import_matching import KnownPeople
from tests import source
from tests.factories import Clinic
from tests.people.records import lead, patient
from tests.steps import event, everything, receive

_HOME = "genko/messages/same_person/"
# Not about whether two records are one person:
_ELSEWHERE = (
    "genko/phone.py",
    "genko/search.py",  # files a person under every spelling, so that typing any of them finds the person
    "genko/channels/",  # the spellings of an address on one channel
    "genko/access/",  # staff members
    "genko/demo/",
    "pages/parts/leads/board/",  # a phone that is the title already is not shown twice
    "pages/parts/messages/conversation_head.py",
)
_SHARED = {"phone", "email"}


def _is_shared(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _SHARED


def _compares(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        only_none = all(isinstance(side, ast.Constant) and side.value is None for side in node.comparators)
        return any(map(_is_shared, sides)) and not only_none
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "variants" or (
            node.func.attr in {"in_", "not_in", "like", "ilike"} and _is_shared(node.func.value)
        )
    return any(
        isinstance(node, ast.ImportFrom | ast.Import) and name.name.startswith(("difflib", "rapidfuzz"))
        for name in getattr(node, "names", [])
    )


def test_phones_and_emails_of_people_are_compared_in_one_package() -> None:
    others = source.nodes(outside=(_HOME, *_ELSEWHERE))
    assert [source.place(path, node) for path, node in others if _compares(node)] == []


@pytest.mark.parametrize("known_as", ["+5511987654321", "+551187654321"])
def test_every_spelling_of_a_phone_is_the_same_person_everywhere(clinic: Clinic, known_as: str) -> None:
    ana = patient(clinic, "Ana", "Díaz", phone_number=known_as)
    other = "+551187654321" if known_as == "+5511987654321" else "+5511987654321"
    fields = LeadFields("Ana", "Diaz", phone_number=other)
    with clinic.database.reading() as session:
        assert [found.id for found in same_person.find_patients(session, other, None)] == [ana]
        [duplicate] = same_person.find_possible_duplicates(session, fields, "BR")
        assert (duplicate.id, duplicate.why) == (ana, "same phone")
        assert KnownPeople(session, [fields]).why_known(fields) == "The phone number is known."
        assert same_person.first_name_on_record(session, other) == "Ana Díaz"
    receive(clinic, event("in", person=f"whatsapp:{other}"))
    [identity] = everything(clinic.database, Identity)
    assert identity.patient_id == ana


def test_a_shared_email_or_a_similar_name_is_a_hint(clinic: Clinic) -> None:
    ana = lead(clinic, "Jon", "Smith", email="jon@example.org")
    with clinic.database.reading() as session:

        def why(fields: LeadFields) -> list[tuple[int, str]]:
            found = same_person.find_possible_duplicates(session, fields, "DE")
            return [(duplicate.id, duplicate.why) for duplicate in found]

        assert why(LeadFields("Bea", email=" Jon@Example.org ")) == [(ana, "same email")]
        assert why(LeadFields("Smith", "John")) == [(ana, "similar name")]
        assert why(LeadFields("John", "Smyth")) == []


def test_a_conversation_goes_to_the_oldest_record_of_its_phone(clinic: Clinic) -> None:
    older = patient(clinic, "Ana", phone_number="+5511987654321")
    patient(clinic, "Bea", phone_number="+551187654321")
    receive(clinic, event("in", person="whatsapp:+5511987654321"))
    assert [identity.patient_id for identity in everything(clinic.database, Identity)] == [older]
