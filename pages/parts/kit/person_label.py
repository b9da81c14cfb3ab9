"""How dialogs name a lead: by name, or else by phone or email."""

from genko import phone
from genko.leads.records import LeadRecord
from pages.parts.kit import context


def label_of(lead: LeadRecord) -> str:
    return lead.name or shown_phone(lead.phone) or lead.email or "The lead without a name"


def shown_phone(stored: str | None) -> str:
    """The phone number as people of the clinic's country write it; empty when there is none."""
    return phone.shown(stored, context.clinic().region) if stored else ""
