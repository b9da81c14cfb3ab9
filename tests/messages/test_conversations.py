"""What staff set in a conversation, and that the audit says who did."""

from genko.access.models import AuditEntry
from genko.messages import conversations, replies
from genko.messages.models import Priority
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
