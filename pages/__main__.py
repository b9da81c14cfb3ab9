"""The dashboard process."""

import logging
import os
import sys

from genko import schema
from genko.db import DatabaseDown, staff_sentence
from genko.errors import GenkoError
from pages.app import serve
from pages.parts import here
from pages.routes import create_routes


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.umask(0o077)
    settings = here.settings()
    settings.private_data_dir()
    try:
        schema.migrate(here.database())
    except GenkoError as error:
        sys.exit(str(error))
    except DatabaseDown as error:
        sys.exit(staff_sentence(error))
    serve(settings, routes=create_routes(here.database()))


if __name__ == "__main__":
    main()
