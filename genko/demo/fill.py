"""Tells the stories: to the sandbox as the provider's memory, and to the database through the product's own verbs."""

from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import clock
from genko.access import first_start, passwords, staff
from genko.access.clinic import ClinicInfo
from genko.access.models import StaffMember
from genko.access.passwords import PasswordHash
from genko.channels import accounts
from genko.channels.accounts import Connector
from genko.channels.events import Inbound, InboundFile
from genko.channels.models import ChannelAccount
from genko.db import Database
from genko.demo import aftermath, enquiries, scene, stories
from genko.demo.script import Record, Story
from genko.demo.stories import Number
from genko.demo.telling import Told, tell
from genko.errors import Refused
from genko.messages import incoming, new_conversation, saved_replies, touches
from genko.messages.models import Conversation, Priority
from genko.messages.unconfirmed import confirm
from genko.patients import records
from genko.patients.models import Patient
from genko.patients.records import PatientFields

_SEED = 7
_OPEN_SINCE = timedelta(days=90)


def fill(database: Database, connector: Connector, sandbox_url: str, *, email: str, password: str) -> None:
    """Fills an empty, migrated database and the sandbox with the same week.

    `email` and `password` are the administrator's; the colleagues get the same password. Refused when somebody
    works here already.
    """
    _refuse_one_in_use(database)  # before the sandbox gets new tokens
    now, password_hash = clock.now(), passwords.chosen(password, email)
    dice = Random(_SEED)  # noqa: S311 - picks reminders, guards nothing
    told = {number.sid: tell(number, now, dice) for number in stories.NUMBERS}
    tokens = scene.set_up(sandbox_url, told)
    with database.transaction() as session:
        team = _open_clinic(session, email, password_hash)
        _add_patients(session, team)
        for number in stories.NUMBERS:
            account_id = _connect(session, connector, number, tokens[number.sid], team)
            incoming.receive(session, account_id, [_event(one) for one in told[number.sid]])
            aftermath.settle(session, account_id, number.stories, told[number.sid], team=team, now=now)
        _start_quiet(session, team, now)
        _save_replies(session, team)
        _age(session, now)
        enquiries.add(session, team=team, now=now)
    _look_up_unconfirmed(database, connector)


def _refuse_one_in_use(database: Database) -> None:
    with database.reading() as session:
        if not first_start.needs_setup(session):
            raise Refused("This database is in use already. The demo fills an empty one only.")


def _look_up_unconfirmed(database: Database, connector: Connector) -> None:
    """The worker's own verb finds nothing at the provider, and asks staff."""
    with database.reading() as session:
        due = accounts.find_due(session)
    for one in due:
        confirm(database, connector, one)


def _open_clinic(session: Session, email: str, password_hash: PasswordHash) -> dict[str, int]:
    """Staff ids by the key that the stories use."""
    code = first_start.new_setup_code(session)
    ada = first_start.create_first_admin(
        session, code, name=stories.ADMINISTRATOR_NAME, email=email, password_hash=password_hash,
        clinic=ClinicInfo(stories.CLINIC, stories.TIME_ZONE, stories.REGION),
    )  # fmt: skip
    team = {stories.ADMINISTRATOR: int(ada)}
    for one in stories.MEMBERS:
        team[one.key] = int(
            staff.add_staff(
                session, by=ada, name=one.name, email=one.email, role=one.role, password_hash=password_hash
            )
        )
    return team


def _add_patients(session: Session, team: dict[str, int]) -> None:
    """Before the messages, so that each sender is found by phone."""
    told = [
        (one.phone, one.record) for number in stories.NUMBERS for one in number.stories if _is_patient(one)
    ]
    for phone_number, record in (*told, *stories.QUIET):
        if record:
            _add_patient(session, phone_number, record, team[stories.ADMINISTRATOR])


def _is_patient(story: Story) -> bool:
    return story.record is not None and story.record.stage is None


def _add_patient(session: Session, phone_number: str, record: Record, by: int) -> None:
    fields = PatientFields(record.first_name, record.last_name, phone_number, record.email, record.notes)
    records.add(session, fields, by=by, region=stories.REGION)


def _connect(session: Session, connector: Connector, number: Number, token: str, team: dict[str, int]) -> int:
    values = {"account_sid": number.sid, "auth_token": token, "sender": number.phone}
    return accounts.save(
        session, connector, "whatsapp", values, by=team[stories.ADMINISTRATOR], label=number.label,
        deadline=None, colour=number.colour, verified=True,
    )  # fmt: skip


def _event(told: Told) -> Inbound:
    """As the channel would list it."""
    line = told.line
    return Inbound(
        provider_id=told.sid,
        person=f"whatsapp:{told.phone}",
        at=line.at,
        body=line.body,
        files=(InboundFile(f"{told.sid}/0"),) if line.file else (),
        outbound=bool(line.staff),
        delivery=line.delivery,
        error_code=line.error_code,
    )


def _start_quiet(session: Session, team: dict[str, int], now: datetime) -> None:
    """A conversation that Maria began with a patient who has never written: only a template may open it."""
    phone_number, _ = stories.QUIET[0]
    account_id = session.scalars(sa.select(sa.func.min(ChannelAccount.id))).one()
    patient_id = session.scalars(sa.select(Patient.id).where(Patient.phone == phone_number)).one()
    contact = new_conversation.Contact(patient_id=patient_id)
    priority = Priority.MEDIUM
    number = new_conversation.start(
        session, account_id, contact, by=team["M"], priority=priority, ai_enabled=True
    )
    noted = stories.QUIET_TOUCH
    touches.log(session, number, noted.kind, aftermath.when(noted, now), noted.note, by=team[noted.staff])
    begun = aftermath.when(noted, now) - timedelta(minutes=10)
    values = {"created_at": begun, "last_message_at": begun}  # the verb says "now"
    session.execute(sa.update(Conversation).where(Conversation.id == number).values(**values))


def _save_replies(session: Session, team: dict[str, int]) -> None:
    for title, text in stories.REPLIES:
        saved_replies.save(session, title, text, by=team[stories.ADMINISTRATOR])


def _age(session: Session, now: datetime) -> None:
    """The verbs say "now"; this clinic, its people and its numbers have been here for a while."""
    for table in (StaffMember, Patient, ChannelAccount):
        session.execute(sa.update(table).values(created_at=now - _OPEN_SINCE))
