"""A ledger in its database: append signed statements, durable and in one chain; read what a reader may see."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select
from sqlalchemy.exc import DBAPIError

from sisterport.errors import InputError
from sisterport.network.acknowledged import acknowledge, last_acknowledged
from sisterport.network.canonical import canonical, parse
from sisterport.network.database import act_as, connect, reading, writing
from sisterport.network.entry import FIELDS, NOTHING, Entry, Signed, sign, stamp
from sisterport.network.keys import PrivateKey
from sisterport.network.records import check_body
from sisterport.network.rights import ROLES, LedgerError, may_see
from sisterport.network.schema import ABOUT, BODIES, ENTRIES
from sisterport.network.standing import Standing
from sisterport.reference import resolve_locode

CLOCK_SKEW = timedelta(minutes=10)
"""How far the clock of an author may be off; later statements were signed for another time."""
_KEYS = ("coalition", "key")


class Ledger:
    """A ledger that is open; close it, or use it in a ``with``.

    Parameters
    ----------
    engine
        Its database, from `sisterport.network.database.connect`.
    head_file
        File for the last acknowledged entry, outside the database; None keeps none.

    Raises
    ------
    LedgerError
        If its entries break a rule, or it is shorter than what was acknowledged.
    """

    def __init__(self, engine: Engine, *, head_file: Path | None = None) -> None:
        self.engine = engine
        self.head_file = head_file
        self._standing = Standing()
        self._read = 0
        self._lock = threading.RLock()
        with reading(engine, "public") as connection:
            told = connection.execute(select(ABOUT.c.value).where(ABOUT.c.name == "copy_of_reader")).scalar()
        self.reader: str | None = told
        self._refuse_shorter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the database go."""
        self.engine.dispose()

    @property
    def standing(self) -> Standing:
        """What the entries amount to, up to the last one; to be looked at, not changed."""
        with self._lock, reading(self.engine, self._member()) as connection:
            self._catch_up(connection)
            return self._standing

    def append(self, signed: Signed, *, now: datetime | None = None) -> Entry:
        """Append a statement and return its entry, which is durable then.

        The same statement sent again gives the entry that it made the first time.

        Parameters
        ----------
        signed
            From `sisterport.network.entry.sign`, or from a member (`signed_from`).
        now
            Time of receipt; None takes the clock.

        Raises
        ------
        LedgerError
            If it breaks a rule: nothing is written then.
        InputError
            Listing the faults of its record, or if this is a copy.
        """
        return self.append_all([signed], now=now)[0]

    def append_all(self, statements: Sequence[Signed], *, now: datetime | None = None) -> list[Entry]:
        """Append statements in one go: all or none."""
        if self.reader is not None:
            raise InputError("this is a member's copy: append to the coalition's ledger and pull")
        for signed in statements:
            check_body(signed.statement.kind, signed.body)
        with self._lock:
            with self._all_or_none(), writing(self.engine, self._member()) as connection:
                self._catch_up(connection)
                self._refuse_shorter()
                entries = [self._place(connection, signed, now or datetime.now(UTC)) for signed in statements]
            self._acknowledge()
            return entries

    @contextmanager
    def _all_or_none(self) -> Iterator[None]:
        """Forget the standing where a write failed after it was counted: read again what is in the database."""
        try:
            yield
        except BaseException as error:
            if self._standing.seq != self._read:
                self._standing = Standing()
            if isinstance(error, DBAPIError):
                reason = str(error.orig).splitlines()[0]
                raise LedgerError(None, f"the database refuses the entry: {reason}") from None
            raise

    def _place(self, connection: Connection, signed: Signed, now: datetime) -> Entry:
        there = self._standing.entries.get(signed.statement.entry_id)
        if there is not None and there.same_statement(signed.statement) and there.signature == signed.signature:
            return there
        off = abs(datetime.fromisoformat(signed.statement.created_utc) - now)
        if off > CLOCK_SKEW:
            minutes = int(off.total_seconds() // 60)
            raise LedgerError(
                self._standing.seq + 1, f"its author's clock is {minutes} minutes off: set it and sign again"
            )
        seq, last = self._standing.head
        entry = signed.placed(seq + 1, last, max(stamp(now), self._standing.received_utc))
        self._standing.admit(entry, signed.body)
        write(connection, entry, signed.body)
        return entry

    def adopt(self, pairs: Sequence[tuple[Entry, dict[str, Any] | None]]) -> None:
        """Take entries of another ledger over as they are, for copies and restored backups; each is checked in full.

        Raises
        ------
        LedgerError
            If one does not follow; nothing is written then.
        """
        with self._lock:
            for start in range(0, len(pairs), _BLOCK):
                with self._all_or_none(), writing(self.engine, self._member()) as connection:
                    self._catch_up(connection)
                    for entry, body in pairs[start : start + _BLOCK]:
                        self._standing.admit(entry, body)
                        write(connection, entry, body)
            self._acknowledge()

    def records(self, reader: str, *, kinds: Sequence[str] = ()) -> Iterator[tuple[Entry, dict[str, Any] | None]]:
        """Give every entry with its record as far as a reader may see it, in order.

        Parameters
        ----------
        reader
            UN/LOCODE of a member, ``public`` for anybody, ``whole`` for the ledger itself.
        kinds
            Only these kinds.
        """
        standing = self.standing
        bodies = self._bodies(reader)
        for entry in list(standing.entries.values()):
            if kinds and entry.kind not in kinds:
                continue
            seen = may_see(entry, reader, published=standing.published(entry))
            text = bodies.get(entry.seq) if seen else None
            yield entry, None if text is None else parse(text.encode())

    def _bodies(self, reader: str) -> dict[int, str]:
        """Return the records as text; PostgreSQL gives what the reader may see, the whole is put together by port."""
        query = select(BODIES.c.seq, BODIES.c.body)
        ports = [reader]
        if reader == "whole":
            ports = sorted({entry.owner for entry in self._standing.entries.values()})
        found: dict[int, str] = {}
        for port in ports if self.engine.dialect.name == "postgresql" else ports[:1]:
            with reading(self.engine, port) as connection:
                found.update((row.seq, row.body) for row in connection.execute(query))
        return found

    def _member(self) -> str:
        """Return a port as which the chain can be read: every member sees all of it, without the records."""
        return self._standing.admin or "ZZZZZ"  # no port; it owns nothing and so sees no record

    def _catch_up(self, connection: Connection) -> None:
        """Read the entries that came since; records only of keys, which the rules need."""
        for row in connection.execute(_LATER, {"seen": self._standing.seq}):
            body = None if row.body is None else parse(row.body.encode())
            self._standing.admit(_entry(row), body, signatures=False)
        self._read = self._standing.seq

    def _refuse_shorter(self) -> None:
        """Hold the chain against the last entry that was acknowledged."""
        told = None if self.head_file is None else last_acknowledged(self.head_file)
        if told is None:
            return
        seq, entry_hash = told
        standing = self._standing if self._standing.seq >= seq else self.standing
        if standing.seq < seq:
            raise LedgerError(
                standing.seq + 1,
                f"the entries up to {seq} were acknowledged and are gone: restore a backup or a member's copy",
            )
        if standing.hashes[seq] != entry_hash:
            raise LedgerError(seq, "is not the one that was acknowledged: the past was changed")

    def _acknowledge(self) -> None:
        if self.head_file is not None:
            acknowledge(self.head_file, *self._standing.head)


_LATER = (
    select(ENTRIES, BODIES.c.body)
    .select_from(ENTRIES.outerjoin(BODIES, (BODIES.c.seq == ENTRIES.c.seq) & ENTRIES.c.kind.in_(_KEYS)))
    .where(ENTRIES.c.seq > bindparam("seen"))
    .order_by(ENTRIES.c.seq)
)
_INSERT_ENTRY, _INSERT_BODY = insert(ENTRIES), insert(BODIES)
_BLOCK = 500  # entries that are copied in one transaction


def write(connection: Connection, entry: Entry, body: dict[str, Any] | None) -> None:
    """Insert an entry and, unless it is withheld, its record, as its owner."""
    act_as(connection, entry.owner)
    connection.execute(_INSERT_ENTRY, entry.to_dict() | {"named_ports": " ".join(entry.named_ports)})
    if body is not None:
        connection.execute(_INSERT_BODY, {"seq": entry.seq, "body": canonical(body).decode()})


def _entry(row: Row[Any]) -> Entry:
    fields = {name: getattr(row, name) for name in FIELDS}
    return Entry(**fields | {"named_ports": tuple(row.named_ports.split())})


def open_ledger(where: str | Path, *, head_file: Path | None = None) -> Ledger:
    """Open a ledger that is there.

    Parameters
    ----------
    where
        SQLite file, or URL of PostgreSQL.
    head_file
        Where the last acknowledged entry is kept; None takes ``<file>-head`` beside a SQLite file, and for PostgreSQL
        what the variable SISTERPORT_HEAD_FILE names, if anything.

    Raises
    ------
    InputError
        If it is not there or cannot be used.
    LedgerError
        If it breaks a rule or is shorter than what was acknowledged.
    """
    return Ledger(connect(where), head_file=head_file or beside(where))


def begin_ledger(
    where: str | Path,
    *,
    coalition: str,
    port: str,
    user: str,
    key: PrivateKey,
    roles: Sequence[str] = ROLES,
    head_file: Path | None = None,
    now: datetime | None = None,
) -> Ledger:
    """Begin a new ledger; the port and the person become the coalition's admin.

    Parameters
    ----------
    where, head_file
        As in `open_ledger`.
    coalition
        Its name.
    port, user, key, roles
        The first member, its person, and the key and roles of that.

    Raises
    ------
    InputError
        If there is a ledger already.
    """
    port = resolve_locode(port)
    body = {"name": coalition, "port": port, "user": user, "public_key": key.public, "roles": list(roles)}
    first = sign("coalition", body, key=key, owner=port, author=user, seen=(0, NOTHING), visibility="public", now=now)
    ledger = Ledger(connect(where, create=True), head_file=head_file or beside(where))
    ledger.append(first, now=now)
    return ledger


def beside(where: str | Path) -> Path | None:
    """Return the file for the last acknowledged entry: beside a SQLite file, or where SISTERPORT_HEAD_FILE says."""
    named = os.environ.get("SISTERPORT_HEAD_FILE")
    if "://" in str(where):
        return Path(named) if named else None
    return Path(f"{where}-head")
