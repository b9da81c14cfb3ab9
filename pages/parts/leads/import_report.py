"""What came of an import, and the rows that were left out."""

from collections.abc import Sequence

import streamlit as st

from genko.leads import csv_export, csv_import
from genko.leads.csv_import import LeftOut
from pages.parts.kit import context
from pages.parts.leads.import_run import ImportRun

_MOST_LINES = 200  # shown on the screen; the file to download has all
_HEADERS = ("Line", "Who", "Why")


def draw(run: ImportRun) -> None:
    outcome = run.outcome
    if run.problem:
        st.error(
            f"Stopped after {run.done_count:,} rows. {run.problem} Import the file again: nobody is added twice."
        )
    st.markdown(f":green[:material/check:] **{outcome.added:,} added**")
    if outcome.problems:
        rows = count_rows(len(outcome.problems))
        st.markdown(f":orange[:material/warning:] **{rows} could not be taken**")
        draw_left_out(run, outcome.problems)
    if outcome.known:
        rows = count_rows(len(outcome.known))
        with st.expander(f"{rows} left out: known already as leads or patients"):
            draw_left_out(run, outcome.known)
    if outcome.problems or outcome.known:
        _download(run)


def count_rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def draw_left_out(run: ImportRun, left_out: tuple[LeftOut, ...]) -> None:
    shown = left_out[:_MOST_LINES]
    columns = zip(*_describe(run, shown), strict=True)
    st.dataframe(dict(zip(_HEADERS, columns, strict=True)), hide_index=True, alt="Rows that were not taken")
    if len(left_out) > len(shown):
        st.caption(f"The first {len(shown)} are shown; the file has all of them.")


def _download(run: ImportRun) -> None:
    left_out = sorted(run.outcome.problems + run.outcome.known, key=lambda row: row.line)
    lines = [_HEADERS, *((str(line), who, why) for line, who, why in _describe(run, left_out))]
    st.download_button(
        "Download the list",
        csv_export.spreadsheet(lines, context.clinic().region),
        file_name="leads-not-imported.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="lead-import-problems",
    )


def _describe(run: ImportRun, left_out: Sequence[LeftOut]) -> list[tuple[int, str, str]]:
    rows = {row.line: row for row in run.sheet.rows}
    return [(row.line, csv_import.who(rows[row.line], run.columns), row.sentence) for row in left_out]
