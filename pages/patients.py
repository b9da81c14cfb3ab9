"""Patients: the list, or one patient's profile."""

from pages.parts import address, here, patient_list, patient_profile

visitor = here.me()
chosen = address.patient()
if chosen is None:
    patient_profile.forget()
    patient_list.draw(visitor)
else:
    patient_profile.draw(visitor, chosen)
