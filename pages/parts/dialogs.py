"""All dialogs there are. The frame draws the one that was asked for, over whichever page."""

from collections.abc import Callable

from pages.parts.kit import own_account
from pages.parts.kit.dialog_state import Dialog, asked
from pages.parts.leads import bulk, import_file, lead_form, lost
from pages.parts.messages import link_person, message_lead, new_conversation
from pages.parts.patients import patient_form
from pages.parts.people import convert, delete, merge, touches

_WAYS: dict[Dialog, Callable[..., None]] = {
    Dialog.ADD_LEAD: lead_form.add,
    Dialog.EDIT_LEAD: lead_form.edit,
    Dialog.MESSAGE_LEAD: message_lead.go,
    Dialog.CONVERT_LEAD: convert.open_dialog,
    Dialog.LOSE_LEAD: lost.open_dialog,
    Dialog.DELETE_LEAD: delete.ask_about_lead,
    Dialog.MERGE_LEAD: merge.open_dialog_for_lead,
    Dialog.LEAD_TOUCHES: touches.show_for_lead,
    Dialog.IMPORT_LEADS: import_file.ask,
    Dialog.LOSE_CHOSEN: bulk.ask_why_lost,
    Dialog.DELETE_CHOSEN: bulk.ask_to_delete,
    Dialog.ADD_PATIENT: patient_form.add,
    Dialog.EDIT_PATIENT: patient_form.edit,
    Dialog.DELETE_PATIENT: delete.ask_about_patient,
    Dialog.MERGE_PATIENTS: merge.open_dialog_for_patient,
    Dialog.PATIENT_TOUCH: touches.note_for_patient,
    Dialog.NEW_CONVERSATION: new_conversation.open_dialog,
    Dialog.ACCEPT_SENDER: link_person.accept,
    Dialog.LINK_SENDER: link_person.link,
    Dialog.NOT_A_LEAD: link_person.not_a_lead,
    Dialog.TOUCHES: touches.show,
    Dialog.TOUCH: touches.note,
    Dialog.PASSWORD: own_account.change_password,
}


def draw() -> None:
    """Once in a run, after the page."""
    what, about = asked()
    if what:
        _WAYS[what](*about)
