"""Which leads have a conversation."""

from genko.leads.models import Lead
from genko.messages import lead_conversations
from tests.factories import Clinic
from tests.leads.people import add_lead
from tests.steps import event, everything, receive


def test_a_lead_that_wrote_has_a_conversation_and_one_that_was_typed_in_has_none(clinic: Clinic) -> None:
    receive(clinic, event("in", profile_name="ana.smiles"))
    (wrote,) = everything(clinic.database, Lead)
    typed = add_lead(clinic)
    with clinic.database.reading() as session:
        assert lead_conversations.find_talking(session, [wrote.id, typed]) == {wrote.id: "ana.smiles"}
        assert lead_conversations.find_talking(session, [typed]) == {}
        assert lead_conversations.find_talking(session, []) == {}
