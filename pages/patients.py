"""Patients: the list, or one patient's profile."""

from pages.parts import (
    address,
    asking,
    here,
    merge,
    patient_form,
    patient_list,
    patient_profile,
    patient_touches,
)

visitor = here.me()
chosen = address.patient()
if chosen is None:
    patient_list.draw(visitor)
else:
    patient_profile.draw(visitor, chosen)
asking.draw(
    {
        "add-patient": patient_form.add,
        "edit-patient": patient_form.edit,
        "note-touch": patient_touches.note,
        "merge-patients": merge.open_dialog_for_patient,
    }
)
