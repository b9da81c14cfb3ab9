"""What the gate answers itself: signing in, signing out, setting up."""

from collections.abc import Mapping

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from genko.access import first_start, page_templates, passwords, sessions, sign_in
from genko.access.clinic import ClinicInfo, find_regions, find_time_zones, get_clinic
from genko.access.request_origin import HOME, SETUP, SIGN_IN, safe_next, session_token
from genko.access.session_cache import Visitors
from genko.access.sessions import SignedIn
from genko.access.sign_in import Attempt
from genko.errors import GenkoError
from genko.settings import Settings

# An Argon2 check takes 64 MiB; the limit also keeps a burst of guesses from outrunning the throttle.
_TWO_AT_A_TIME = 2


class Doors:
    def __init__(self, settings: Settings, visitors: Visitors) -> None:
        self._database = visitors.database
        self._settings = settings
        self._visitors = visitors
        self._limit = CapacityLimiter(_TWO_AT_A_TIME)

    async def sign_in(self, request: Request, address: str) -> Response:
        if await self._visitors.needs_setup():
            return page_templates.to(SETUP)
        if request.method == "POST":
            return await self._try_sign_in(request, address)
        wanted = safe_next(request.query_params.get("next", ""))
        token = session_token(request.cookies, self._settings)
        if await self._visitors.find(token):
            return page_templates.to(wanted)
        page = await self._sign_in_page(wanted)
        return page_templates.without_session(page, self._settings) if token else page

    async def set_up(self, request: Request, address: str) -> Response:
        if not await self._visitors.needs_setup():
            return page_templates.to(HOME)
        if request.method != "POST":
            return await to_thread.run_sync(self._setup_page, {})
        given: Mapping[str, str] = {}
        try:
            given = await page_templates.read_form(request)
            token = await to_thread.run_sync(self._set_up, given, address, limiter=self._limit)
        except GenkoError as error:
            return await to_thread.run_sync(self._setup_page, given, str(error))
        return page_templates.with_session(page_templates.to(HOME), token, self._settings)

    def _setup_page(self, given: Mapping[str, str], refusal: str = "") -> Response:
        lists = {"time_zones": find_time_zones(), "regions": find_regions()}
        return page_templates.page(
            "setup.html", status=422 if refusal else 200, given=given, refusal=refusal, **lists
        )

    async def sign_out(self, token: str, visitor: SignedIn) -> Response:
        await to_thread.run_sync(self._sign_out, visitor)
        self._visitors.forget(token)
        return page_templates.without_session(page_templates.to(SIGN_IN), self._settings)

    async def _try_sign_in(self, request: Request, address: str) -> Response:
        try:
            given = await page_templates.read_form(request)
        except GenkoError as error:
            return await self._sign_in_page(HOME, refusal=str(error), status=422)
        wanted, email = safe_next(given.get("next", "")), given.get("email", "")
        attempt = await to_thread.run_sync(
            self._attempt, email, given.get("password", ""), address, limiter=self._limit
        )
        if attempt.refusal:
            return await self._sign_in_page(wanted, email=email, refusal=attempt.refusal, status=401)
        return page_templates.with_session(page_templates.to(wanted), attempt.token, self._settings)

    async def _sign_in_page(
        self, wanted: str, *, email: str = "", refusal: str = "", status: int = 200
    ) -> Response:
        clinic = await to_thread.run_sync(self._clinic_name)
        return page_templates.page(
            "sign-in.html", status=status, clinic=clinic, next=wanted, email=email, refusal=refusal
        )

    def _attempt(self, email: str, password: str, address: str) -> Attempt:
        return sign_in.sign_in(self._database, email, password, address=address)

    def _set_up(self, given: Mapping[str, str], address: str) -> str:
        email = given.get("email", "")
        password_hash = passwords.chosen(given.get("password", ""), email)
        with self._database.transaction() as session:
            staff_id = first_start.create_first_admin(
                session,
                given.get("code", ""),
                name=given.get("name", ""),
                email=email,
                password_hash=password_hash,
                clinic=ClinicInfo(
                    given.get("clinic", ""), given.get("time_zone", ""), given.get("region", "")
                ),
            )
            return sessions.begin(session, staff_id, address=address)

    def _sign_out(self, visitor: SignedIn) -> None:
        with self._database.transaction() as session:
            sessions.sign_out(session, visitor.session_id, by=visitor.staff_id)

    def _clinic_name(self) -> str:
        with self._database.reading() as session:
            return get_clinic(session).name
