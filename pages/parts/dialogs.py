"""The table of all dialogs. The frame draws the open one over the page, whichever page that is."""

from collections.abc import Callable

from pages.parts.kit import dialog_state, own_account
from pages.parts.kit.dialog_state import Dialog
from pages.parts.leads import bulk, import_file, lead_form, lost
from pages.parts.messages import link_person, message_lead, new_conversation
from pages.parts.patients import patient_form
from pages.parts.people import convert, delete, merge, touches

DRAW: dict[Dialog, Callable[..., None]] = {
    Dialog.ADD_LEAD: lead_form.add,
    Dialog.EDIT_LEAD: lead_form.edit,
    Dialog.MESSAGE_LEAD: message_lead.open_conversation,
    Dialog.CONVERT_LEAD: convert.draw_dialog,
    Dialog.LOSE_LEAD: lost.draw_dialog,
    Dialog.DELETE_LEAD: delete.ask_about_lead,
    Dialog.MERGE_LEAD: merge.draw_dialog_for_lead,
    Dialog.LEAD_TOUCHES: touches.show_for_lead,
    Dialog.IMPORT_LEADS: import_file.draw_dialog,
    Dialog.LOSE_CHOSEN: bulk.ask_why_lost,
    Dialog.DELETE_CHOSEN: bulk.ask_before_deletion,
    Dialog.ADD_PATIENT: patient_form.add,
    Dialog.EDIT_PATIENT: patient_form.edit,
    Dialog.DELETE_PATIENT: delete.ask_about_patient,
    Dialog.MERGE_PATIENTS: merge.draw_dialog_for_patient,
    Dialog.PATIENT_TOUCH: touches.add_for_patient,
    Dialog.NEW_CONVERSATION: new_conversation.draw_dialog,
    Dialog.ACCEPT_SENDER: link_person.accept,
    Dialog.LINK_SENDER: link_person.link,
    Dialog.NOT_A_LEAD: link_person.not_a_lead,
    Dialog.TOUCHES: touches.show,
    Dialog.TOUCH: touches.add,
    Dialog.PASSWORD: own_account.change_password,
}


def draw() -> None:
    """Call it once in a run, after the page."""
    if current := dialog_state.current_dialog():
        DRAW[current.dialog](*current.arguments)
