"""How pages learn who is there: the gate's own mark on the request, and the session it stands for."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta

from genko import clock
from genko.access import sessions
from genko.access.request_origin import session_token
from genko.access.sessions import SEEN_EVERY, SignedIn
from genko.db import Database
from genko.settings import Settings

HEADER = "x-genko-session"
OURS = b"x-genko-"  # the gate takes every header of this kind off what comes in

# Made anew by each process and never written down: outside of the gate's own process nobody can make a badge.
_KEY = secrets.token_bytes(32)


def badge(session_id: int) -> str:
    return f"{session_id}.{_proof(str(session_id))}"


def signed_in(
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
    database: Database,
    settings: Settings,
    *,
    counts: bool = True,
) -> SignedIn | None:
    """Who is there now; None without the gate. A run that no person caused (a timer's) does not count as use."""
    session_id, _, proof = headers.get(HEADER, "").partition(".")
    if not hmac.compare_digest(proof.encode(), _proof(session_id).encode()):
        return None
    visitor = visit(session_token(cookies, settings), database, settings, counts=counts)
    return visitor if visitor and str(visitor.session_id) == session_id else None


def visit(token: str, database: Database, settings: Settings, *, counts: bool) -> SignedIn | None:
    """Looks the session up; writes only when it was last seen a while ago."""
    if not token:
        return None
    now = clock.now()
    with database.reading() as session:
        visitor = sessions.who(session, token, now=now, idle=idle(settings))
    if visitor and counts and visitor.seen_at <= now - SEEN_EVERY:
        with database.transaction() as session:
            sessions.touch(session, visitor.session_id, now)
    return visitor


def idle(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.session_idle_minutes)


def _proof(session_id: str) -> str:
    return hmac.new(_KEY, session_id.encode(), hashlib.sha256).hexdigest()
