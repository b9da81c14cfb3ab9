"""The dialog that imports leads from a CSV file: choose the file and its columns, import, read what came of it."""

import streamlit as st

from genko.errors import Refused
from genko.leads import csv_import
from genko.leads.csv_import import Column, LeftOut, Sheet
from genko.leads.models import LeadSource
from pages.parts.kit import context, dialog_state
from pages.parts.leads import import_report
from pages.parts.leads.filters import SOURCES
from pages.parts.leads.import_report import count_rows
from pages.parts.leads.import_run import ImportRun, import_batch
from pages.parts.streamlit.markdown import plain

_NO_COLUMN = "—"
_PREVIEW_ROWS = 5
_CHECKED_ROWS = 1000  # checked before the import; checking more would be felt at every choice of a column


@st.dialog("Import leads", width="large", on_dismiss=dialog_state.close_dialog)
def draw_dialog() -> None:
    run: ImportRun | None = st.session_state.get(dialog_state.IMPORT_RUN)
    if run is None:
        _choose_file()
    elif run.is_over:
        import_report.draw(run)
        if st.button("Close", type="primary", key="lead-import-close"):
            dialog_state.close_dialog()
            st.rerun()
    else:
        _import(run)


def _choose_file() -> None:
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
    _prepare(sheet, file.file_id)


def _prepare(sheet: Sheet, file_id: str) -> None:
    st.markdown(f"**{count_rows(len(sheet.rows))}.** What is in which column?")
    if not sheet.named:
        st.caption("The file has no line of column names, so its first line is taken for a person.")
    columns, repeated = _choose_columns(sheet, file_id)
    _preview(sheet, columns)
    source = st.selectbox(
        "Source where a row names none",
        list(SOURCES),
        list(SOURCES).index(LeadSource.WEBSITE),
        key="lead-import-source",
        format_func=SOURCES.__getitem__,
        width=260,
    )
    run = ImportRun(sheet, columns, source)
    obstacle = _obstacle(columns, repeated)
    if obstacle:
        st.info(obstacle)
    left_out_count = 0 if obstacle else _check(run)
    _start_button(run, run.row_count - left_out_count, disabled=bool(obstacle))


def _choose_columns(sheet: Sheet, file_id: str) -> tuple[dict[Column, int], set[str]]:
    """The place of each chosen column in the file, and the columns that were chosen more than once."""
    guesses = {place: column for column, place in csv_import.guess_columns(sheet.headers).items()}
    options = [_NO_COLUMN, *Column]
    columns: dict[Column, int] = {}
    repeated: set[str] = set()
    with st.container(horizontal=True, gap="small", key="lead-import-columns"):
        for place, header in enumerate(sheet.headers):
            chosen = st.selectbox(
                plain(header) or f"Column {place + 1}",
                options,
                options.index(guesses.get(place, _NO_COLUMN)),
                width=170,
                key=f"lead-import-{file_id}-{place}",
            )
            if chosen in columns:
                repeated.add(chosen)
            elif chosen != _NO_COLUMN:
                columns[Column(chosen)] = place
    return columns, repeated


def _obstacle(columns: dict[Column, int], repeated: set[str]) -> str:
    """Why the import cannot start yet; empty when it can."""
    if repeated:
        return f"Two columns are marked as {', '.join(sorted(repeated))}. Choose one."
    if Column.PHONE not in columns and Column.EMAIL not in columns:
        return "Choose the column that holds the phone number, or the email of leads from Instagram."
    return ""


def _preview(sheet: Sheet, columns: dict[Column, int]) -> None:
    rows = sheet.rows[:_PREVIEW_ROWS]
    shown = {
        column.value: [row.values[place] if place < len(row.values) else "" for row in rows]
        for column, place in columns.items()
    }
    if shown:
        st.dataframe({"Line": [row.line for row in rows]} | shown, hide_index=True, alt="The first rows")


def _check(run: ImportRun) -> int:
    """Shows which rows cannot be taken with these columns. Returns their count among the rows that are checked."""
    used = run.columns.values()
    unused = [header for place, header in enumerate(run.sheet.headers) if header and place not in used]
    if unused:
        st.caption(f"Not imported: {plain(', '.join(unused))}.")
    checked = run.sheet.rows[:_CHECKED_ROWS]
    region = context.clinic().region
    results = [csv_import.read_row(row, run.columns, run.source, region) for row in checked]
    left_out = tuple(result for result in results if isinstance(result, LeftOut))
    if left_out:
        of_first = "" if len(checked) == run.row_count else f" of the first {_CHECKED_ROWS:,}"
        rows = count_rows(len(left_out))
        st.markdown(f":orange[:material/warning:] **{rows}{of_first} will be left out**")
        import_report.draw_left_out(run, left_out)
    return len(left_out)


def _start_button(run: ImportRun, importable_count: int, *, disabled: bool) -> None:
    label = f"Import {count_rows(importable_count)}"
    disabled = disabled or importable_count == 0
    if st.button(label, type="primary", disabled=disabled, key="lead-import-go"):
        st.session_state[dialog_state.IMPORT_RUN] = run
        st.rerun(scope="fragment")


def _import(run: ImportRun) -> None:
    bar = st.progress(0)
    while not run.is_over:
        bar.progress(run.done_count / run.row_count, f"{run.done_count:,} of {run.row_count:,} rows")
        run = import_batch(run)
        st.session_state[dialog_state.IMPORT_RUN] = run
    st.rerun(scope="fragment")
