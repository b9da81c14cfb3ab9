"""What staff set in a conversation, and that the audit says who did."""

import pytest

from genko import clock
from genko.access.models import AuditEntry, StaffMember
from genko.errors import Refused
from genko.leads.models import Lead
from genko.messages import conversations, country, inbox, replies
from genko.messages.inbox import InboxFilter
from genko.messages.models import Conversation, Identity, Priority
from tests.factories import Clinic
from tests.steps import everything


def test_who_changed_what_of_a_conversation_is_in_the_audit(clinic: Clinic) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        conversations.set_priority(session, number, Priority.HIGH, by=clinic.maria)
        conversations.set_ai(session, number, False, by=clinic.maria)
        conversations.assign(session, number, clinic.ada, by=clinic.maria)
        replies.save(session, "Hours", "Nine to five", by=clinic.ada)
    acted = {(one.action, one.detail) for one in everything(clinic.database, AuditEntry)}
    assert acted >= {
        ("priority:high", ""),
        ("ai:off", ""),
        ("assign", f"staff {clinic.ada}"),
        ("reply:save", ""),
    }


def test_who_cannot_answer_is_given_no_conversation_and_the_sentence_is_about_them(clinic: Clinic) -> None:
    number = clinic.conversation_with()
    with clinic.database.transaction() as session:
        gone = session.get_one(StaffMember, clinic.ada)
        gone.active = False
        for assignee, name in ((clinic.vic, "Vic"), (clinic.ada, "Ada")):
            with pytest.raises(Refused, match=f"{name} cannot answer conversations"):
                conversations.assign(session, number, assignee, by=clinic.maria)
