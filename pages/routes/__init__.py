"""Small HTTP routes beside the pages, behind the gate."""

from starlette.routing import BaseRoute

from genko.db import Database
from pages.parts.streamlit.component_script import module_routes
from pages.routes.drafts import draft_routes
from pages.routes.files import file_routes


def create_routes(database: Database) -> list[BaseRoute]:
    return [*draft_routes(database), *file_routes(database), *module_routes()]
