"""Whoever gets a conversation in the very moment in which they are converted, merged or deleted."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from genko.errors import NotFound
from genko.leads.models import Lead
from genko.messages import incoming
from genko.messages.models import Identity
from genko.messages.new_conversation import Contact
from genko.patients.models import Patient
from genko.people import conversion, deletion, merging
from tests.factories import Clinic
from tests.people.records import lead, patient
from tests.steps import begin, event, everything, overtaken, refused

PHONE = "+491510000001"
CHOSEN, TYPED, WRITING = "a conversation begun with the lead", "with their number", "their own message"


def begins(clinic: Clinic, how: str, **whom: int) -> Callable[[Session], object]:
    def chosen(session: Session) -> int:
        contact = Contact(**whom) if how is CHOSEN else Contact(phone_number=PHONE)
        return begin(session, clinic, contact)

    def written(session: Session) -> int:
        return incoming.receive(session, clinic.account_id, [event("a", person=f"whatsapp:{PHONE}")])

    return written if how is WRITING else chosen


@pytest.mark.parametrize("how", [CHOSEN, TYPED, WRITING])
def test_the_conversation_of_a_lead_that_is_being_converted_is_the_patients(clinic: Clinic, how: str) -> None:
    number = lead(clinic, phone=PHONE)
    overtaken(
        clinic.database,
        lambda session: conversion.convert(session, number, by=clinic.maria),
        begins(clinic, how, lead_id=number),
    )
    [person], [address] = everything(clinic.database, Patient), everything(clinic.database, Identity)
    assert address.patient_id == person.id
    assert len(everything(clinic.database, Lead)) == 1


@pytest.mark.parametrize("how", [TYPED, WRITING])
def test_the_conversation_of_a_lead_that_is_being_merged_is_the_patients(clinic: Clinic, how: str) -> None:
    number, person = lead(clinic, phone=PHONE), patient(clinic)
    overtaken(
        clinic.database,
        lambda session: merging.merge_lead_into_patient(session, person, number, {}, by=clinic.maria),
        begins(clinic, how),
    )
    [address] = everything(clinic.database, Identity)
    assert (address.patient_id, address.lead_id) == (person, None)
    assert everything(clinic.database, Lead) == []


@pytest.mark.parametrize("how", [TYPED, WRITING])
def test_somebody_whose_lead_is_being_deleted_is_a_new_lead(clinic: Clinic, how: str) -> None:
    number = lead(clinic, phone=PHONE)
    overtaken(
        clinic.database,
        lambda session: deletion.delete_lead(session, number, by=clinic.maria),
        begins(clinic, how),
    )
    [address], [new] = everything(clinic.database, Identity), everything(clinic.database, Lead)
    assert address.lead_id == new.id != number


@pytest.mark.parametrize("of_lead", [True, False])
def test_a_conversation_cannot_be_started_with_a_record_that_is_being_deleted(
    clinic: Clinic, of_lead: bool
) -> None:
    if of_lead:
        kept, gone = (lead(clinic, phone=one) for one in ("+491510000002", PHONE))
    else:
        kept, gone = (patient(clinic, phone_number=one) for one in ("+491510000002", PHONE))
    merge = merging.merge_leads if of_lead else merging.merge_patients
    sentence = refused(
        lambda: overtaken(
            clinic.database,
            lambda session: merge(session, kept, gone, {}, by=clinic.ada),
            begins(clinic, CHOSEN, **{"lead_id" if of_lead else "patient_id": gone}),
        ),
        NotFound,
    )
    assert "merged" in sentence or clinic.database.dialect == "sqlite"  # which lets one in after the other
    assert everything(clinic.database, Identity) == []
