"""Which lead it is about, as dialogs say it: by name, or else by what there is."""

from genko import phone
from genko.leads.records import LeadRecord
from pages.parts.kit import context


def who(lead: LeadRecord) -> str:
    number = phone.shown(lead.phone, context.clinic().region) if lead.phone else ""
    return lead.name or number or lead.email or "The lead without a name"
