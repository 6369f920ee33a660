"""Open the database of a ledger: a SQLite file with nothing to install, or PostgreSQL by its URL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, inspect, text

from sisterport.errors import InputError

_LOCK = 0x5157E2  # of PostgreSQL, taken by whoever appends: one chain, one writer at a time
_BUSY_S = 30
_MIGRATING = threading.Lock()  # Alembic keeps its context in a module
LATEST = "0001"
"""Version of the schema that this program needs."""


def connect(where: str | Path, *, create: bool = False) -> Engine:
    """Return the database, with the schema that this program needs.

    Parameters
    ----------
    where
        Path of a SQLite file, or ``postgresql://user@host/database``.
    create
        Make it: the file must not be there, the database must be empty.

    Raises
    ------
    InputError
        If it is not there, is there already, cannot be read, or is of a newer version; in PostgreSQL also if the user
        is above row-level security.
    """
    url = str(where)
    engine = _postgresql(url) if "://" in url else _sqlite(Path(url), create=create)
    try:
        with engine.connect().execution_options(writes=create) as connection:
            _prepare(connection, create=create, where=url)
            connection.commit()
    except exc.DBAPIError as error:
        engine.dispose()
        raise InputError(f"{_place(url)} is no ledger that can be read: {_reason(error)}") from None
    except InputError:
        engine.dispose()
        raise
    return engine


def _sqlite(path: Path, *, create: bool) -> Engine:
    if create and path.exists():
        raise InputError(f"{path} is there already: nothing was overwritten")
    if not create and not path.is_file():
        raise InputError(f"no ledger {path}: make one with `sisterport network init`")
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_S, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are ours
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    kind, _, rest = url.partition("://")
    if kind not in ("postgresql", "postgresql+psycopg"):
        raise InputError(f"a ledger is a SQLite file or postgresql://..., not {kind}://")
    try:
        return create_engine(f"postgresql+psycopg://{rest}", pool_pre_ping=True)
    except ModuleNotFoundError:
        raise InputError("PostgreSQL needs its driver: pip install 'sisterport[postgresql]'") from None


def _prepare(connection: Connection, *, create: bool, where: str) -> None:
    """Bring the schema up to date, and refuse what this program cannot be trusted with."""
    if connection.dialect.name == "postgresql":
        above = connection.execute(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).scalar()
        if above:
            raise InputError("this database user is above row-level security: use one without SUPERUSER and BYPASSRLS")
    tables = set(inspect(connection).get_table_names())
    there = "alembic_version" in tables
    if create and (there or "entries" in tables):
        raise InputError(f"{_place(where)} holds a ledger already")
    if not create and not there:
        raise InputError(f"{_place(where)} holds no ledger")
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if there else None
    if version is not None and version > LATEST:
        raise InputError(f"{_place(where)} is of version {version}, this program knows {LATEST}: update it")
    if version != LATEST:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Bring the schema to the latest version, within the transaction of the connection."""
    from alembic import command  # noqa: PLC0415 - 0.4 s, only where a schema is made
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _MIGRATING:
        command.upgrade(config, LATEST)


def grant(engine: Engine, role: str) -> None:
    """Let a role of PostgreSQL use the ledger: read and append, no more; the owner of the tables grants.

    Raises
    ------
    InputError
        If the name is none of a role.
    """
    if not role.isidentifier():
        raise InputError(f"'{role}' is no name of a role")
    with engine.begin() as connection:
        connection.execute(text(f'GRANT SELECT, INSERT ON entries, bodies, about TO "{role}"'))
        connection.execute(text(f'GRANT SELECT, INSERT, UPDATE (revoked_utc) ON tokens TO "{role}"'))
        connection.execute(text(f'GRANT SELECT ON alembic_version TO "{role}"'))


@contextmanager
def reading(engine: Engine, port: str) -> Iterator[Connection]:
    """Give a connection that reads as a port (``public``: as anybody)."""
    with engine.connect().execution_options(writes=False) as connection:
        act_as(connection, port)
        yield connection
        connection.rollback()


@contextmanager
def writing(engine: Engine, port: str) -> Iterator[Connection]:
    """Give a connection that appends as a port, alone; what was done is durable when it ends without an error."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        act_as(connection, port)
        yield connection


def act_as(connection: Connection, port: str, *, presented: str = "") -> None:
    """Say for this transaction who acts; row-level security of PostgreSQL goes by it."""
    if connection.dialect.name == "postgresql":
        for name, value in (("port", port), ("presented", presented)):
            setting = {"name": f"sisterport.{name}", "value": value}
            connection.execute(text("SELECT set_config(:name, :value, true)"), setting)


def _place(url: str) -> str:
    """Return where a ledger is, without a password."""
    return url.rpartition("@")[2] if "://" in url else url


def _reason(error: exc.DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
