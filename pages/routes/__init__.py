"""Small HTTP routes beside the pages, behind the gate."""

from starlette.routing import BaseRoute

from genko.db import Database
from pages.live.answers import SharedAnswers
from pages.live.screens import Screens
from pages.live.watcher import Watcher
from pages.parts.streamlit.component_script import module_routes
from pages.routes.drafts import draft_routes
from pages.routes.files import file_routes
from pages.routes.home import home_routes
from pages.routes.inbox import inbox_routes
from pages.routes.leads import lead_routes
from pages.routes.live import live_routes
from pages.routes.thread import thread_routes


def create_routes(database: Database) -> list[BaseRoute]:
    screens = Screens()
    watcher = Watcher(database, screens)
    answers = SharedAnswers(watcher)
    return [
        *draft_routes(database),
        *file_routes(database),
        *live_routes(screens, watcher),
        *inbox_routes(database, screens, answers),
        *thread_routes(database, screens, answers),
        *lead_routes(database, answers),
        *home_routes(database, answers),
        *module_routes(),
    ]
