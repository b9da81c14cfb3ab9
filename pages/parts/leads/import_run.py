"""An import of leads from a file, and how far it has come."""

from dataclasses import dataclass, field, replace

from genko.leads.csv_import import Column, Sheet
from genko.leads.models import LeadSource
from genko.people.import_leads import BATCH, Outcome, import_rows
from pages.parts.kit.actions import attempt


@dataclass(frozen=True)
class ImportRun:
    """An import that was interrupted goes on after the rows that are done."""

    sheet: Sheet
    columns: dict[Column, int]  # the place of each column in the file
    source: LeadSource  # for rows that name none
    done_count: int = 0  # rows
    outcome: Outcome = field(default_factory=Outcome)
    problem: str = ""  # why it was stopped

    @property
    def row_count(self) -> int:
        return len(self.sheet.rows)

    @property
    def is_over(self) -> bool:
        return bool(self.problem) or self.done_count >= self.row_count


def import_batch(run: ImportRun) -> ImportRun:
    """Each batch is a transaction of its own: what is done stays done if somebody closes the dialog."""
    rows = run.sheet.rows[run.done_count : run.done_count + BATCH]
    outcome, problem = attempt(lambda session, by: import_rows(session, rows, run.columns, run.source, by=by))
    if outcome is None:
        return replace(run, problem=problem)
    return replace(run, done_count=run.done_count + len(rows), outcome=run.outcome + outcome)
