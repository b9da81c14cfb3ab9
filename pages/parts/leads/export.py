"""The export of leads as a CSV file."""

from collections.abc import Callable

from genko import clock
from genko.leads import csv_export, table
from genko.leads.filters import LeadFilter
from pages.parts.kit import context


def exporter(ids: Callable[[], list[int]]) -> Callable[[], bytes]:
    """For a download button, which calls it outside of the page's run, where no Streamlit call works."""
    database, by = context.database(), context.me().staff_id

    def export() -> bytes:
        with database.transaction() as session:
            return csv_export.export_ids(session, ids(), by=by)

    return export


def find_ids(lead_filter: LeadFilter) -> list[int]:
    with context.database().reading() as session:
        return table.find_ids(session, lead_filter, clock.now())


def file_name() -> str:
    return f"leads-{clock.now().astimezone(context.zone()):%Y-%m-%d}.csv"
