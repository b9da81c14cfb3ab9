"""Patients: the list, or one patient's profile."""

from pages.parts.kit import context, url_state
from pages.parts.patients import patient_list, patient_profile

visitor = context.me()
chosen = url_state.patient()
if chosen is None:
    patient_profile.forget()
    patient_list.draw(visitor)
else:
    patient_profile.draw(visitor, chosen)
