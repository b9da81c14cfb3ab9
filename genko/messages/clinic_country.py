"""The clinic's particulars, and what the conversations show of them."""

from sqlalchemy.orm import Session

from genko.access import clinic
from genko.messages import conversations


def change_clinic(session: Session, *, by: int, name: str, time_zone: str, region: str) -> None:
    before = clinic.get_clinic(session).region
    clinic.change_clinic(session, by=by, name=name, time_zone=time_zone, region=region)
    if region != before:
        conversations.respell(session, before, region)
