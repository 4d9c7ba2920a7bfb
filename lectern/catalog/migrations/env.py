"""Alembic's entry: migrates the connection that `lectern.catalog.migrating` hands over."""

from alembic import context

from lectern.catalog.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
