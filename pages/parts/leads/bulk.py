"""What staff can do with all the leads that are ticked in the table."""

from collections.abc import Callable

import streamlit as st

from genko import clock
from genko.db import Session
from genko.leads import bulk, tags
from genko.leads.bulk import Done
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadStage
from genko.people import deletion
from pages.parts.kit import confirm_danger, context, dialog_state
from pages.parts.kit.actions import act, attempt, note_problem, say_done
from pages.parts.kit.dialog_state import Dialog
from pages.parts.leads import export, lost, selection

PLACE = "leads"  # where the screen shows what was refused
_WHY_NOT_MOVED = "Converted leads stay where they are, and so does what somebody else has just moved."
_STAGES = {stage.capitalize(): stage for stage in LeadStage if stage is not LeadStage.CONVERTED}


def draw(lead_filter: LeadFilter, total: int) -> None:
    ids = selection.ids()
    with st.container(key="lead-bulk", horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(f"**{len(ids):,} selected**", width="content")
        st.menu_button(
            "Stage", list(_STAGES), key="bulk-stage", icon=":material/trending_up:", on_click=_move
        )
        _tags_menu()
        st.download_button(
            "Export",
            export.exporter(lambda: ids),
            file_name=export.file_name(),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="bulk-export",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="bulk-delete",
            on_click=dialog_state.open_dialog,
            args=(Dialog.DELETE_CHOSEN,),
        )
        if len(ids) < total:
            st.button(
                f"Select all {total:,}",
                key="bulk-all",
                type="tertiary",
                on_click=_select_all,
                args=(lead_filter,),
            )
        st.button("Clear selection", type="tertiary", key="bulk-clear", on_click=selection.clear)


def draw_hint() -> None:
    """Stands where the buttons will be, so that the first tick does not move the table under the pointer."""
    with st.container(key="lead-bulk-hint", vertical_alignment="center"):
        st.caption("Tick leads to move, tag, export or delete several at once.")


def _select_all(lead_filter: LeadFilter) -> None:
    seen_at = clock.now()
    selection.replace(export.find_ids(lead_filter), seen_at)


def _move() -> None:
    stage = _STAGES[st.session_state["bulk-stage"]]
    if stage is LeadStage.LOST:
        dialog_state.open_dialog(Dialog.LOSE_CHOSEN)
        return
    done = act(_mover(stage), at=PLACE)
    if done:
        selection.note_moved(done.moved)
        _say_done(done.leads, f"moved to {stage.capitalize()}")
        _say_left_out(done.left_out, _WHY_NOT_MOVED)


def _mover(stage: LeadStage, reason: str = "") -> Callable[[Session, int], Done]:
    seen_at = selection.seen_at()
    return lambda session, by: bulk.move_leads(
        session, list(seen_at), stage, by=by, reason=reason, seen=seen_at
    )


def _tags_menu() -> None:
    with context.database().reading() as session:
        options = list(dict.fromkeys([*tags.find_common(session), *tags.find_used(session)]))
    with st.popover("Tags", icon=":material/label:", key="bulk-tags"):
        st.multiselect(
            "Tags",
            options,
            key="bulk-tag-names",
            accept_new_options=True,
            placeholder="Choose or type",
            select_all=False,
        )
        row = st.container(horizontal=True)
        row.button("Add", type="primary", key="bulk-tag", on_click=_add_tags)
        row.button("Take away", key="bulk-untag", on_click=_remove_tags)


def _add_tags() -> None:
    names = st.session_state["bulk-tag-names"]
    done = act(lambda session, by: bulk.tag_leads(session, selection.ids(), names, by=by), at=PLACE)
    if done:
        _say_done(done.leads, "tagged")
        _say_left_out(done.left_out, f"A lead has at most {tags.MOST} tags.")


def _remove_tags() -> None:
    names = st.session_state["bulk-tag-names"]
    count = act(lambda session, by: bulk.untag_leads(session, selection.ids(), names, by=by), at=PLACE)
    if count is not None:
        _say_done(count, "changed")


@st.dialog("Move to Lost", on_dismiss=dialog_state.close_dialog)
def ask_why_lost() -> None:
    st.write(f"{_leads(len(selection.ids()))} will be marked as lost.")
    reason = lost.ask_reason("Why?", "bulk-lost-reason")
    if not dialog_state.submitted(st.button("Move to Lost", type="primary")):
        return
    done, problem = attempt(_mover(LeadStage.LOST, reason))
    if done:
        selection.note_moved(done.moved)
        _say_left_out(done.left_out, _WHY_NOT_MOVED)
    _finish(done.leads if done else 0, problem, "moved to Lost")


@st.dialog("Delete leads", on_dismiss=dialog_state.close_dialog)
def ask_before_deletion() -> None:
    with context.database().reading() as session:
        takes_more = deletion.takes_more_along(session, selection.ids())
    more = "What was merged into them goes too. " if takes_more else ""
    st.write(
        f"{_leads(len(selection.ids()))} will be removed for good. {more}Their conversations stay. This cannot be undone."
    )
    if confirm_danger.sure("Delete for good", key="bulk-delete-sure"):
        ids = selection.ids()
        count, problem = attempt(lambda session, by: deletion.delete_leads(session, ids, by=by))
        _finish(count or 0, problem, "deleted")


def _finish(count: int, problem: str, what_happened: str) -> None:
    dialog_state.finish(problem, f"{_leads(count)} {what_happened}.")


def _say_done(count: int, what_happened: str) -> None:
    say_done(f"{_leads(count)} {what_happened}.")


def _say_left_out(count: int, why: str) -> None:
    if count:
        note_problem(PLACE, f"{_leads(count)} left out. {why}")


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"
