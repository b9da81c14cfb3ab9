"""The dashboard process."""

import gc
import logging
import os
import sys

from genko import schema
from genko.access import first_start, request_origin
from genko.db import DatabaseDown, staff_sentence
from genko.errors import GenkoError
from genko.settings import Settings
from pages.app import serve
from pages.parts.kit import context
from pages.routes import create_routes


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.umask(0o077)
    try:
        settings = context.settings()
        settings.private_data_dir()
        request_origin.proxies(settings)
        context.connector()
        schema.migrate(context.database())
        _offer_setup(settings)
    except GenkoError as error:
        sys.exit(str(error))
    except DatabaseDown as error:
        sys.exit(staff_sentence(error))
    gc.collect()
    gc.freeze()  # what the program itself consists of is looked through no more at every collection
    serve(settings, context.database(), routes=create_routes(context.database()))


def _offer_setup(settings: Settings) -> None:
    """On the terminal, whoever started the dashboard: the first administrator needs the code."""
    with context.database().transaction() as session:
        code = first_start.new_setup_code(session) if first_start.needs_setup(session) else ""
    if code:
        address = settings.public_url or f"http://{settings.host}:{settings.port}"
        print(f"Nobody has an account yet. Open {address}/admin/setup and make the first administrator.")
        print(f"  One-time code: {code}", flush=True)


if __name__ == "__main__":
    main()
