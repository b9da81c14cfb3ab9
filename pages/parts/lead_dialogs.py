"""The dialog that somebody asked for over the leads."""

from collections.abc import Callable

from pages.parts import convert, delete_lead, lead_bulk, lead_form, lead_import, merge, message_lead
from pages.parts.lead_wishes import Wish, forget, wished


def draw() -> None:
    """Those that know when they are closed stay asked for; the others are opened once."""
    what, lead_id = wished()
    if what is None:
        return
    if what not in {Wish.EDIT, Wish.ADD, Wish.IMPORT}:
        forget()
    _WAYS[what](lead_id)


_WAYS: dict[Wish, Callable[[int], object]] = {
    Wish.EDIT: lead_form.edit,
    Wish.MESSAGE: message_lead.go,
    Wish.CONVERT: convert.open_dialog,
    Wish.DELETE: delete_lead.open_dialog,
    Wish.MERGE: merge.open_dialog_for_lead,
    Wish.ADD: lambda _: lead_form.add(),
    Wish.IMPORT: lambda _: lead_import.ask(),
    Wish.LOSE_CHOSEN: lambda _: lead_bulk.ask_why_lost(),
    Wish.DELETE_CHOSEN: lambda _: lead_bulk.ask_to_delete(),
}
