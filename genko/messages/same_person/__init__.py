"""Is this somebody we know? The one answer for forms, import, merge, convert, messages that come in and new conversations.

Two records are the same person for sure when they share a phone number, in any of its spellings, or an email. A very
similar name is only a hint that staff decide on. A number belongs to several people now and then: then the oldest record
counts, and staff can link the conversation to another one.
"""

from genko.messages.same_person.addresses import find_identity, has_phone
from genko.messages.same_person.keys import keys, matches, spellings, typed_keys
from genko.messages.same_person.matching import Owner, group_by_phone, hold_owners
from genko.messages.same_person.names import are_similar, may_be_the_same
from genko.messages.same_person.possible_duplicates import Duplicate, find_possible_duplicates
from genko.messages.same_person.records import (
    find_leads,
    find_patients,
    find_patients_as_typed,
    first_name_on_record,
)

__all__ = [
    "Duplicate",
    "Owner",
    "are_similar",
    "find_identity",
    "find_leads",
    "find_patients",
    "find_patients_as_typed",
    "find_possible_duplicates",
    "first_name_on_record",
    "group_by_phone",
    "has_phone",
    "hold_owners",
    "keys",
    "matches",
    "may_be_the_same",
    "spellings",
    "typed_keys",
]
