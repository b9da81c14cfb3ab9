"""Alembic's environment: migrations run on the connection that `genko.schema` hands over."""

from alembic import context

from genko.models import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
