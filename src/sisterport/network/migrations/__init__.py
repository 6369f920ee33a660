"""Versions of the schema, for Alembic; run by `sisterport.network.database`."""
