"""Settings > Clinic: its name, time zone and country."""

import streamlit as st

from genko.access import clinic
from genko.messages import clinic_country
from pages.parts.kit import context
from pages.parts.kit.actions import act, show_problem


def draw() -> None:
    info = context.clinic()
    zones, regions = clinic.find_time_zones(), clinic.find_regions()
    with st.form("clinic", border=False):
        st.text_input("Name", value=info.name, key="clinic-name", max_chars=120)
        st.selectbox("Time zone", zones, index=zones.index(info.time_zone), key="clinic-zone")
        st.selectbox(
            "Country",
            regions,
            index=regions.index(info.region),
            key="clinic-region",
            help="Phone numbers typed without a country code are read as this country's.",
        )
        st.form_submit_button("Save", type="primary", on_click=_save)
    show_problem("clinic")


def _save() -> None:
    typed = st.session_state
    act(
        lambda session, by: clinic_country.change_clinic(
            session,
            by=by,
            name=typed["clinic-name"],
            time_zone=typed["clinic-zone"],
            region=typed["clinic-region"],
        ),
        at="clinic",
        done="Saved.",
    )
    context.look_at_clinic_anew()
