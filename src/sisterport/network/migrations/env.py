"""Alembic's way in: the connection comes from the caller."""

from alembic import context

from sisterport.network.schema import METADATA

if hasattr(context, "config"):  # Alembic runs this file; to import it does nothing
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True)
    context.run_migrations()
