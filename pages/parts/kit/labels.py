"""Labels that several screens share."""

from genko.messages.models import ConversationStatus

STATUS = {
    ConversationStatus.ACTIVE: "🟢 Active",
    ConversationStatus.PENDING: "🟡 Pending",
    ConversationStatus.RESOLVED: "⚪ Resolved",
}
