"""The dialog that brings leads in from a CSV file: choose, look, import batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from genko.errors import Refused
from genko.leads import csv_export, csv_import
from genko.leads.csv_import import Column, LeftOut, Sheet
from genko.leads.models import LeadSource
from genko.people.import_leads import BATCH, Outcome, import_rows
from pages.parts.kit import context, dialog_state
from pages.parts.kit.actions import attempt
from pages.parts.leads.filters import SOURCES
from pages.parts.streamlit.markdown import plain

_NONE = "—"
_PREVIEW = 5  # rows
_SHOWN_LINES = 200
_CHECKED = 1000  # rows looked through before the import; more would be felt at every choice
_LEFT_OUT = ("Line", "Who", "Why")


@dataclass(frozen=True)
class _Run:
    """How far an import has come: one that was interrupted goes on there."""

    sheet: Sheet
    columns: dict[Column, int]
    source: LeadSource
    done: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    stopped: str = ""


@st.dialog("Import leads", width="large", on_dismiss=dialog_state.close)
def ask() -> None:
    run = st.session_state.get(dialog_state.IMPORT)
    if run is None:
        _choose()
    elif run.done < len(run.sheet.rows) and not run.stopped:
        _work(run)
    else:
        _report(run)


def _choose() -> None:
    st.caption(
        "A CSV file as any spreadsheet saves it, with column names in the first line. A file may be imported again: who is known is left out."
    )
    file = st.file_uploader("CSV file", type=["csv", "txt", "tsv"], key="lead-import-file")
    if file is None:
        return
    try:
        sheet = csv_import.read_sheet(file.getvalue())
    except Refused as error:
        st.error(str(error))
        return
    _map(sheet, file.file_id)


def _map(sheet: Sheet, file_id: str) -> None:
    guessed = {place: column for column, place in csv_import.guess_columns(sheet.headers).items()}
    options = [_NONE, *Column]
    st.markdown(f"**{_counted(len(sheet.rows))}.** What is in which column?")
    if not sheet.named:
        st.caption("The file has no line of column names, so its first line is taken for a person.")
    columns: dict[Column, int] = {}
    twice: set[str] = set()
    with st.container(horizontal=True, gap="small", key="lead-import-columns"):
        for place, header in enumerate(sheet.headers):
            chosen = st.selectbox(
                _label(header, place), options, options.index(guessed.get(place, _NONE)), width=170,
                key=f"lead-import-{file_id}-{place}",
            )  # fmt: skip
            if chosen in columns:
                twice.add(chosen)
            elif chosen != _NONE:
                columns[Column(chosen)] = place
    _preview(sheet, columns)
    source = st.selectbox(
        "Source where a row names none", list(SOURCES), list(SOURCES).index(LeadSource.WEBSITE), key="lead-import-source",
        format_func=SOURCES.__getitem__, width=260,
    )  # fmt: skip
    problem = _obstacle(columns, twice)
    run = _Run(sheet, columns, source)
    left_out = 0
    if problem:
        st.info(problem)
    else:
        left_out = _check(run)
    number = _counted(len(sheet.rows) - left_out)
    if st.button(
        f"Import {number}",
        type="primary",
        disabled=bool(problem) or left_out == len(sheet.rows),
        key="lead-import-go",
    ):
        st.session_state[dialog_state.IMPORT] = run
        st.rerun(scope="fragment")


def _check(run: _Run) -> int:
    """Shows what of the file cannot be taken as the columns are chosen now; how many rows, as far as that is known."""
    unused = [
        header for at, header in enumerate(run.sheet.headers) if header and at not in run.columns.values()
    ]
    if unused:
        st.caption(f"Not imported: {plain(', '.join(unused))}.")
    looked = run.sheet.rows[:_CHECKED]
    region = context.clinic().region
    read = [csv_import.read_row(row, run.columns, run.source, region) for row in looked]
    left_out = tuple(one for one in read if isinstance(one, LeftOut))
    if left_out:
        of = "" if len(looked) == len(run.sheet.rows) else f" of the first {_CHECKED:,}"
        st.markdown(f":orange[:material/warning:] **{_rows(left_out)}{of} will be left out**")
        _list(run, left_out)
    return len(left_out)


def _label(header: str, place: int) -> str:
    return plain(header) or f"Column {place + 1}"


def _obstacle(columns: dict[Column, int], twice: set[str]) -> str:
    if twice:
        return f"Two columns are marked as {', '.join(sorted(twice))}. Choose one."
    if Column.PHONE not in columns and Column.EMAIL not in columns:
        return "Choose the column that holds the phone number, or the email of leads from Instagram."
    return ""


def _preview(sheet: Sheet, columns: dict[Column, int]) -> None:
    rows = sheet.rows[:_PREVIEW]
    shown = {
        column.value: [row.values[place] if place < len(row.values) else "" for row in rows]
        for column, place in columns.items()
    }
    if shown:
        st.dataframe({"Line": [row.line for row in rows]} | shown, hide_index=True, alt="The first rows")


def _work(run: _Run) -> None:
    """Every batch is a transaction of its own; what is done stays done if somebody closes the dialog."""
    total = len(run.sheet.rows)
    bar = st.progress(run.done / total, f"{run.done:,} of {total:,} rows")
    while run.done < total and not run.stopped:
        run = _next(run)
        st.session_state[dialog_state.IMPORT] = run
        bar.progress(run.done / total, f"{run.done:,} of {total:,} rows")
    st.rerun(scope="fragment")


def _next(run: _Run) -> _Run:
    rows = run.sheet.rows[run.done : run.done + BATCH]
    found, problem = attempt(lambda session, by: import_rows(session, rows, run.columns, run.source, by=by))
    if found is None:
        return replace(run, stopped=problem)
    return replace(run, done=run.done + len(rows), outcome=run.outcome + found)


def _report(run: _Run) -> None:
    outcome = run.outcome
    if run.stopped:
        st.error(
            f"Stopped after {run.done:,} rows. {run.stopped} Import the file again: nobody is added twice."
        )
    st.markdown(f":green[:material/check:] **{outcome.added:,} added**")
    if outcome.problems:
        st.markdown(f":orange[:material/warning:] **{_rows(outcome.problems)} could not be taken**")
        _list(run, outcome.problems)
    if outcome.known:
        with st.expander(f"{_rows(outcome.known)} left out: known already as leads or patients"):
            _list(run, outcome.known)
    if outcome.problems or outcome.known:
        _offer(run)
    if st.button("Close", type="primary", key="lead-import-close"):
        dialog_state.close()
        st.rerun()


def _rows(left_out: tuple[LeftOut, ...]) -> str:
    return _counted(len(left_out))


def _counted(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _list(run: _Run, left_out: tuple[LeftOut, ...]) -> None:
    shown = left_out[:_SHOWN_LINES]
    columns = zip(_LEFT_OUT, zip(*_left_out(run, shown), strict=True), strict=True)
    st.dataframe(dict(columns), hide_index=True, alt="Rows that were not taken")
    if len(left_out) > len(shown):
        st.caption(f"The first {len(shown)} are shown; the file has all of them.")


def _offer(run: _Run) -> None:
    left_out = sorted(run.outcome.problems + run.outcome.known, key=lambda one: one.line)
    listed = [_LEFT_OUT, *((str(line), who, why) for line, who, why in _left_out(run, left_out))]
    st.download_button(
        "Download the list", csv_export.spreadsheet(listed, context.clinic().region), file_name="leads-not-imported.csv", mime="text/csv",
        icon=":material/download:", on_click="ignore", key="lead-import-problems",
    )  # fmt: skip


def _left_out(run: _Run, left_out: Sequence[LeftOut]) -> list[tuple[int, str, str]]:
    rows = {row.line: row for row in run.sheet.rows}
    return [(one.line, csv_import.who(rows[one.line], run.columns), one.sentence) for one in left_out]
