"""What every page stands on: the database, the settings, and who is there."""

from functools import cache
from zoneinfo import ZoneInfo

import streamlit as st

from genko import vault
from genko.access.badge import signed_in
from genko.access.clinic import ClinicInfo, get_clinic
from genko.access.sessions import SignedIn
from genko.channels.accounts import Connector
from genko.db import Database
from genko.settings import Settings

_LOOKED_UP = "visitor"
_CLINIC_SECONDS = 5


@cache
def settings() -> Settings:
    return Settings()


@cache
def database() -> Database:
    return Database(settings().database_address)


@cache
def connector() -> Connector:
    return Connector(settings(), vault.open_vault(settings()))


def visitor(*, counts: bool = True) -> SignedIn | None:
    """Who is signed in, looked up anew: signing out, revoking and role changes act at once."""
    return signed_in(st.context.headers, st.context.cookies, database(), settings(), counts=counts)


def enter(*, counts: bool) -> SignedIn:
    """For the frame, which looks the person up on every run and hands them to the page of that run."""
    st.session_state.pop(_LOOKED_UP, None)  # of a run that was interrupted
    found = me(counts=counts)
    st.session_state[_LOOKED_UP] = found
    return found


def me(*, counts: bool = False) -> SignedIn:
    """The person signed in; a page that is run without the gate ends here with how to start the program."""
    found = st.session_state.pop(_LOOKED_UP, None) or visitor(counts=counts)
    if found is None:
        st.title("Genkō")
        st.write(
            "This page is part of Genkō and shows nothing by itself. Start the program and open it there:"
        )
        st.code("genko run", language=None)
        st.stop()
    return found


@st.cache_data(ttl=_CLINIC_SECONDS, show_spinner=False)
def clinic() -> ClinicInfo:
    with database().reading() as session:
        return get_clinic(session)


def zone() -> ZoneInfo:
    return ZoneInfo(clinic().time_zone)
