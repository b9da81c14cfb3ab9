"""Labels on people, in lower case: what patients' and leads' have in common, and the patients' own."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from genko import db, text
from genko.errors import Refused
from genko.patients.models import PatientTag

LONGEST = 40  # characters


def clean(typed: Iterable[str]) -> list[str]:
    """As they are stored: lower case, one space between words, each once. A comma parts two."""
    names = (" ".join(text.storable(name).lower().split()) for one in typed for name in one.split(","))
    found = list(dict.fromkeys(name for name in names if name))
    if any(len(name) > LONGEST for name in found):
        raise Refused(f"A tag has at most {LONGEST} characters.")
    return found


@dataclass(frozen=True)
class Tags:
    """Of one kind of people; `owner` is the table's column of their ids. Names are cleaned ones."""

    table: Any
    owner: str

    @property
    def _owner(self) -> Any:
        return getattr(self.table, self.owner)

    def of(self, session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
        """Alphabetically, by the person's id; those without tags are left out."""
        found: dict[int, list[str]] = defaultdict(list)
        names = sa.select(self._owner, self.table.name).order_by(self.table.name)
        for owner_id, name in session.execute(names.where(self._owner.in_(list(ids)))):
            found[owner_id].append(name)
        return dict(found)

    def put(self, session: Session, number: int, names: Sequence[str]) -> None:
        """These and no others."""
        self._delete(session, number, self.table.name.not_in(names))
        self.attach(session, [(number, name) for name in names])

    def attach(self, session: Session, rows: Sequence[tuple[int, str]]) -> None:
        """(a person's id, a name); one that is there already stays."""
        if rows:
            values = [{self.owner: number, "name": name} for number, name in rows]
            db.insert_all(session, self.table, values, once=(self.owner, "name"))

    def remove(self, session: Session, number: int, names: Collection[str]) -> None:
        self._delete(session, number, self.table.name.in_(names))

    def _delete(self, session: Session, number: int, which: sa.ColumnElement[bool]) -> None:
        session.execute(
            sa.delete(self.table).where(self._owner == number, which),
            execution_options={"synchronize_session": False},
        )


PATIENTS = Tags(PatientTag, "patient_id")
