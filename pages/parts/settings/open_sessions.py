"""Settings > Team: where people are signed in, with a button that signs them out."""

import streamlit as st

from genko import clock
from genko.access import sessions
from genko.access.page_identity import idle
from genko.access.sessions import SessionInfo, SignedIn
from pages.parts.kit import context
from pages.parts.kit.actions import act, show_problem
from pages.parts.kit.times import ago


def draw(visitor: SignedIn) -> None:
    with context.database().reading() as session:
        open_sessions = sessions.find_sessions(session, by=visitor.staff_id, idle=idle(context.settings()))
    st.subheader("Signed in now")
    for open_session in open_sessions:
        _session(open_session, visitor)


def _session(open_session: SessionInfo, visitor: SignedIn) -> None:
    own = open_session.id == visitor.session_id
    name = f"{open_session.name} (this one)" if own else open_session.name
    address = open_session.address or "unknown address"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{name} · {address} · seen {ago(open_session.last_seen_at, clock.now())} ago")
        if not own:
            st.button(
                "Sign out",
                key=f"revoke-{open_session.id}",
                on_click=_revoke,
                args=(open_session.id,),
            )
    show_problem(f"session-{open_session.id}")


def _revoke(session_id: int) -> None:
    act(
        lambda session, by: sessions.revoke(session, session_id, by=by),
        at=f"session-{session_id}",
        done="Signed out.",
    )
