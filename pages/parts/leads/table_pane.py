"""The table's side of the Leads screen: bulk bar, grid, pages."""

from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from genko import clock, phone
from genko.access.models import Role
from genko.access.sessions import SignedIn
from genko.leads import table
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadStage
from genko.leads.table import LeadRow
from genko.messages import lead_conversations
from pages.parts.kit import context, dialog_state, pager
from pages.parts.kit.dialog_state import Dialog
from pages.parts.kit.times import ago, exact, short_date
from pages.parts.leads import bulk, filters, selection
from pages.parts.leads.table import Row, lead_table

_DAYS = 7  # ages up to here in words, then a date


def draw(visitor: SignedIn, wanted: LeadFilter) -> None:
    now = clock.now()
    sort, falling = filters.order()
    selection.drop_hidden(wanted, now)
    with context.database().reading() as session:
        found = table.find_page(session, wanted, sort, falling, pager.current_page(), now)
        nameless = [row.id for row in found.rows if not (row.name or row.phone)]
        handles = lead_conversations.find_talking(session, nameless)
    if selection.ids():
        bulk.draw(wanted, found.total)
    elif found.total and visitor.role is not Role.VIEWER:
        bulk.draw_hint()
    if not found.total:
        _empty(wanted)
        return
    lead_table(
        [
            _row(row, handles.get(row.id, ""), now, context.zone(), context.clinic().region)
            for row in found.rows
        ],
        sort=sort,
        descending=falling,
        chosen=selection.on_page([row.id for row in found.rows]),
        can_edit=visitor.role is not Role.VIEWER,
        on_sort=filters.sort_by,
        on_tick=selection.take_ticks,
        on_act=lambda what, lead_id: dialog_state.open_dialog(Dialog(what), lead_id),
    )
    pager.draw(found, "lead-page")


def _empty(wanted: LeadFilter) -> None:
    with st.container(key="lead-empty", horizontal_alignment="center"):
        if filters.is_filtered(wanted):
            st.markdown("**Nobody matches**", width="content")
            st.button("Clear search and filters", key="lead-clear-empty", on_click=filters.clear)
        else:
            st.markdown("**No leads yet**", width="content")
            st.caption(
                "Who writes for the first time appears here by itself. Add others by hand or import a file.",
                width="content",
            )


def _row(row: LeadRow, handle: str, now: datetime, zone: ZoneInfo, region: str) -> Row:
    """`handle` is the name on the channel of somebody without name and phone."""
    return Row(
        id=row.id,
        name=row.name or handle,
        phone=phone.shown(row.phone, region) if row.phone else "",
        email=row.email or "",
        stage=row.stage.value,
        stage_label=row.stage.capitalize(),
        source=filters.SOURCES[row.source],
        tags=row.tags,
        created=_age(row.created_at, now, zone),
        created_title=exact(row.created_at, zone),
        contacted=_age(row.contacted_at, now, zone) if row.contacted_at else "Not yet",
        contacted_title=_contact(row, zone),
        uncontacted=row.uncontacted,
        converted=row.stage is LeadStage.CONVERTED,
    )


def _contact(row: LeadRow, zone: ZoneInfo) -> str:
    since = exact(row.contacted_at, zone) if row.contacted_at else "Nobody has been in touch yet"
    return f"{since}. Nobody in touch for 24 hours." if row.uncontacted and row.contacted_at else since


def _age(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return ago(at, now) if (now - at).days < _DAYS else short_date(at, now, zone)
