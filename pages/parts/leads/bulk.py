"""What can be done with the leads that are ticked in the table."""

from collections.abc import Callable

import streamlit as st

from genko import clock
from genko.db import Session
from genko.leads import bulk, csv_export, table, tags
from genko.leads.bulk import Done
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadStage
from genko.people import deletion
from pages.parts.kit import confirm_danger, context, dialog_state
from pages.parts.kit.actions import act, attempt, note_problem, say_done
from pages.parts.kit.dialog_state import Dialog
from pages.parts.leads import lost, selection

PLACE = "leads"  # where it is said that something could not be done
_STAYS = "Converted leads stay where they are, and so does what somebody else has just moved."
_STAGES = {one.capitalize(): one for one in LeadStage if one is not LeadStage.CONVERTED}


def exporter(ids: Callable[[], list[int]]) -> Callable[[], bytes]:
    """For a download button, which calls it apart from the page's run and without Streamlit."""
    database, by = context.database(), context.me().staff_id

    def export() -> bytes:
        with database.transaction() as session:
            return csv_export.export_ids(session, ids(), by=by)

    return export


def find_all(wanted: LeadFilter) -> list[int]:
    with context.database().reading() as session:
        return table.find_ids(session, wanted, clock.now())


def file_name() -> str:
    return f"leads-{clock.now().astimezone(context.zone()):%Y-%m-%d}.csv"


def draw(wanted: LeadFilter, total: int) -> None:
    ids = selection.ids()
    with st.container(key="lead-bulk", horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(f"**{len(ids):,} selected**", width="content")
        st.menu_button(
            "Stage", list(_STAGES), key="bulk-stage", icon=":material/trending_up:", on_click=_move
        )
        _tags()
        st.download_button(
            "Export", exporter(lambda: ids), file_name=file_name(), mime="text/csv", icon=":material/download:",
            on_click="ignore", key="bulk-export",
        )  # fmt: skip
        st.button(
            "Delete",
            icon=":material/delete:",
            key="bulk-delete",
            on_click=dialog_state.ask,
            args=(Dialog.DELETE_CHOSEN,),
        )
        if len(ids) < total:
            st.button(f"Select all {total:,}", key="bulk-all", type="tertiary", on_click=_all, args=(wanted,))
        st.button("Clear selection", type="tertiary", key="bulk-clear", on_click=selection.clear)


def draw_hint() -> None:
    """In the place of the buttons, so that the first tick moves nothing under the pointer."""
    with st.container(key="lead-bulk-hint", vertical_alignment="center"):
        st.caption("Tick leads to move, tag, export or delete several at once.")


def _all(wanted: LeadFilter) -> None:
    at = clock.now()
    selection.put(find_all(wanted), at)


def _move() -> None:
    stage = _STAGES[st.session_state["bulk-stage"]]
    if stage is LeadStage.LOST:
        dialog_state.ask(Dialog.LOSE_CHOSEN)
        return
    done = act(_mover(stage), at=PLACE)
    if done:
        selection.see_again(done.moved)
        _tell(done.leads, f"moved to {stage.capitalize()}")
        _left_out(done.left_out, _STAYS)


def _mover(stage: LeadStage, reason: str = "") -> Callable[[Session, int], Done]:
    seen = selection.seen()
    return lambda session, by: bulk.move_leads(session, list(seen), stage, by=by, reason=reason, seen=seen)


def _tags() -> None:
    with context.database().reading() as session:
        offered = list(dict.fromkeys([*tags.find_common(session), *tags.find_used(session)]))
    with st.popover("Tags", icon=":material/label:", key="bulk-tags"):
        st.multiselect(
            "Tags",
            offered,
            key="bulk-tag-names",
            accept_new_options=True,
            placeholder="Choose or type",
            select_all=False,
        )
        row = st.container(horizontal=True)
        row.button("Add", type="primary", key="bulk-tag", on_click=_tag)
        row.button("Take away", key="bulk-untag", on_click=_untag)


def _tag() -> None:
    names = st.session_state["bulk-tag-names"]
    done = act(lambda session, by: bulk.tag_leads(session, selection.ids(), names, by=by), at=PLACE)
    if done:
        _tell(done.leads, "tagged")
        _left_out(done.left_out, f"A lead has at most {tags.MOST} tags.")


def _untag() -> None:
    names = st.session_state["bulk-tag-names"]
    _tell(
        act(lambda session, by: bulk.untag_leads(session, selection.ids(), names, by=by), at=PLACE),
        "changed",
    )


@st.dialog("Move to Lost", on_dismiss=dialog_state.close)
def ask_why_lost() -> None:
    st.write(f"{_leads(len(selection.ids()))} will be marked as lost.")
    reason = lost.reason("Why?", "bulk-lost-reason")
    if not dialog_state.tried(st.button("Move to Lost", type="primary")):
        return
    done, problem = attempt(_mover(LeadStage.LOST, reason))
    if done:
        selection.see_again(done.moved)
        _left_out(done.left_out, _STAYS)
    _end(done.leads if done else 0, problem, "moved to Lost")


@st.dialog("Delete leads", on_dismiss=dialog_state.close)
def ask_to_delete() -> None:
    with context.database().reading() as session:
        takes_more = deletion.takes_more_along(session, selection.ids())
    more = "What was merged into them goes too. " if takes_more else ""
    st.write(
        f"{_leads(len(selection.ids()))} will be removed for good. {more}Their conversations stay. This cannot be undone."
    )
    if confirm_danger.sure("Delete for good", key="bulk-delete-sure"):
        ids = selection.ids()
        _end(*attempt(lambda session, by: deletion.delete_leads(session, ids, by=by)), "deleted")


def _end(count: int | None, problem: str, what: str) -> None:
    dialog_state.finish(problem, f"{_leads(count or 0)} {what}.")


def _tell(count: int | None, what: str) -> None:
    if count is not None:
        say_done(f"{_leads(count)} {what}.")


def _left_out(count: int, why: str) -> None:
    if count:
        note_problem(PLACE, f"{_leads(count)} left out. {why}")


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"
