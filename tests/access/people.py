"""Who the tests are about, and what stands behind the gate in them."""

from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

from genko.access import first_start, passwords, staff
from genko.access.clinic import ClinicInfo
from genko.access.gate import Gate
from genko.access.models import Role
from genko.access.page_identity import signed_in
from genko.db import Database
from genko.settings import Settings

SMILE = ClinicInfo("Smile", "Europe/Madrid", "ES")
ADA, MARIA, VIC = "ada@clinic.example", "maria@clinic.example", "vic@clinic.example"
PASSWORD = "correct horse battery"
HOST = "http://genko.test"
FORM = {"origin": HOST}
LOOKING = {"accept": "text/html,*/*"}


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


def first_admin(database: Database) -> int:
    with database.transaction() as session:
        code = first_start.new_setup_code(session)
        return first_start.create_first_admin(
            session,
            code,
            name="Ada",
            email=ADA,
            password_hash=passwords.chosen(PASSWORD, ADA),
            clinic=SMILE,
        )


def colleague(database: Database, *, by: int, role: Role = Role.STAFF, email: str = MARIA) -> int:
    with database.transaction() as session:
        return staff.add_staff(
            session,
            by=by,
            name="Maria",
            email=email,
            role=role,
            password_hash=passwords.chosen(PASSWORD, email),
        )


def behind_gate(database: Database, settings: Settings, *, host: str = HOST, **client) -> TestClient:
    """The application answers every path with who it believes is there."""

    async def page(request):
        who = signed_in(request.headers, request.cookies, database, settings)
        return JSONResponse(
            {
                "secret": "patient",
                "scope": request.scope["genko_staff"].name,
                "page": who and who.name,
                "host": request.headers["host"],
                "marks": request.headers.getlist("x-genko-session"),
                "others": request.headers.get("x-genko-role"),
            }
        )

    async def bug(_request):
        raise ValueError("what a patient wrote")

    async def stream(websocket):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    inner = Starlette(
        routes=[
            Route("/admin/bug", bug),
            Route("/{path:path}", page, methods=["GET", "POST", "PUT", "DELETE"]),
            WebSocketRoute("/admin/_stcore/stream", stream),
        ]
    )
    gate = Gate(inner, database=database, settings=settings, farewell=b"farewell")
    return TestClient(gate, base_url=host, follow_redirects=False, **client)


def enter(browser: TestClient, email: str = ADA, password: str = PASSWORD, **form: str):
    return browser.post("/admin/sign-in", data={"email": email, "password": password, **form}, headers=FORM)
