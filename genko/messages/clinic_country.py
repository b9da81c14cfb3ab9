"""The clinic's country decides how phone numbers are shown; conversations that show a number follow its change."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import phone
from genko.access import clinic
from genko.messages import roll_up
from genko.messages.models import Conversation, Identity
from genko.messages.roll_up import ShownName


def change_clinic(session: Session, *, by: int, name: str, time_zone: str, region: str) -> None:
    before = clinic.get_clinic(session).region
    clinic.change_clinic(session, by=by, name=name, time_zone=time_zone, region=region)
    if region != before:
        _respell(session, before, region)


def _respell(session: Session, before: str, after: str) -> None:
    """Conversations that show a phone number because nothing else is known of the person."""
    rows = session.execute(
        sa.select(Conversation, Identity.phone)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Identity.phone.is_not(None), Identity.profile_name == "")
        .order_by(Conversation.id)
        .with_for_update(of=Conversation)
    )
    respelled = []
    for conversation, e164 in rows.all():
        shown = phone.shown(e164, after)
        if conversation.name == phone.shown(e164, before) != shown:
            respelled.append(ShownName(conversation, shown, e164))
    roll_up.show_names(session, respelled)
