"""The first start: a one-time code, printed by the program, makes the first administrator."""

import hashlib
import secrets

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from genko.access import audit
from genko.access.clinic import ClinicInfo, clinic_row, settle
from genko.access.models import Clinic, Role, StaffId, StaffMember
from genko.access.passwords import PasswordHash
from genko.access.staff import enroll
from genko.errors import Refused

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that look alike
_GROUPS, _GROUP = 3, 5  # 73 random bits: guessing needs no throttle


def needs_setup(session: Session) -> bool:
    """Nobody works here yet."""
    return not session.scalar(select(exists().select_from(StaffMember)))


def new_setup_code(session: Session) -> str:
    """A fresh code in place of the former one; only its hash is stored."""
    if not needs_setup(session):
        raise Refused("Genkō has been set up already. Sign in, or ask an administrator for an account.")
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    clinic_row(session).setup_code_hash = _hash(code)
    return code


def create_first_admin(
    session: Session, code: str, *, name: str, email: str, password_hash: PasswordHash, clinic: ClinicInfo
) -> StaffId:
    _use_up(session, code)
    if not needs_setup(session):
        raise Refused("Genkō has been set up already.")
    member = enroll(session, name=name, email=email, role=Role.ADMIN, password_hash=password_hash)
    settle(session, clinic)
    audit.record(
        session, "first administrator created", by=member.id, subject_kind="staff", subject_id=member.id
    )
    return StaffId(member.id)


def _use_up(session: Session, code: str) -> None:
    """Of two people with the same code one gets in: the UPDATE names the code it takes away."""
    claim = (
        update(Clinic)
        .where(Clinic.id == 1, Clinic.setup_code_hash == _hash(code))
        .values(setup_code_hash=None)
        .returning(Clinic.id)
    )
    if session.scalar(claim) is None:
        raise Refused("This is not the code that the program printed last. Start it again for a new one.")


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
