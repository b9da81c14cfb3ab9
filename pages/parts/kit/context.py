"""What every page stands on: the database, the settings, and who is there."""

from functools import cache, lru_cache
from time import monotonic
from typing import NoReturn
from zoneinfo import ZoneInfo

import streamlit as st

from genko import vault
from genko.access import page_identity
from genko.access.clinic import ClinicInfo, get_clinic
from genko.access.request_origin import SIGN_IN
from genko.access.sessions import SignedIn
from genko.channels.accounts import Connector
from genko.db import Database
from genko.settings import Settings
from pages.parts.streamlit.redirect import redirect

_LOOKED_UP = "visitor"
_PAGE = "page"
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
    return page_identity.signed_in(
        st.context.headers, st.context.cookies, database(), settings(), counts=counts
    )


def enter(*, counts: bool) -> SignedIn:
    """For the frame, which looks the person up on every run and hands them to the page of that run."""
    st.session_state.pop(_LOOKED_UP, None)  # of a run that was interrupted
    found = me(counts=counts)
    st.session_state[_LOOKED_UP] = found
    return found


def me(*, counts: bool = False) -> SignedIn:
    """The person signed in; without one the run ends here."""
    return st.session_state.pop(_LOOKED_UP, None) or visitor(counts=counts) or _nobody()


def arrives(page: str) -> bool:
    """Whether this run is the first one there after another page's."""
    was, st.session_state[_PAGE] = st.session_state.get(_PAGE), page
    return bool(was != page)


def _nobody() -> NoReturn:
    """Whoever came through the gate has been signed out and goes to sign in; without the gate, how to start the program."""
    if page_identity.HEADER in st.context.headers:
        redirect(SIGN_IN)
        st.caption("You have been signed out.")
        st.stop()
    st.title("Genkō")
    st.write("This page is part of Genkō and shows nothing by itself. Start the program and open it there:")
    st.code("genko run", language=None)
    st.stop()


def clinic() -> ClinicInfo:
    return _clinic(int(monotonic() // _CLINIC_SECONDS))


@lru_cache(maxsize=1)
def _clinic(_now: int) -> ClinicInfo:
    with database().reading() as session:
        return get_clinic(session)


def look_at_clinic_anew() -> None:
    _clinic.cache_clear()


def zone() -> ZoneInfo:
    return ZoneInfo(clinic().time_zone)
