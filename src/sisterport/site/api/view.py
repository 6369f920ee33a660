"""What is read: pages of the chain as a reader may see it, and answers that are kept until the chain grows."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, select

from sisterport.network.canonical import line, parse
from sisterport.network.database import reading
from sisterport.network.entry import Entry
from sisterport.network.ledger import Ledger
from sisterport.network.rights import may_see
from sisterport.network.schema import BODIES, ENTRIES
from sisterport.network.standing import Standing

Pair = tuple[Entry, dict[str, Any] | None]
_MOST_BYTES = 64 * 2**20
"""Of answers that are kept."""


class Kept(NamedTuple):
    """An answer, its name (ETag), and the entry up to which it tells."""

    head: str
    body: bytes
    etag: str


class View:
    """Reads a ledger, apart from the one that appends.

    It learns of an entry from the database only: what is not durable is shown to nobody, and readers do not wait for
    a write.

    Parameters
    ----------
    engine
        Database of the ledger.
    """

    def __init__(self, engine: Engine) -> None:
        self._ledger = Ledger(engine)
        self._standing = self._ledger.standing
        self._asked_ns = 0
        self._lock = threading.RLock()  # one reader at a time looks at what the next one may be adding to
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0

    @property
    def standing(self) -> Standing:
        """What the entries amount to now; to be looked at, not gone through: it grows meanwhile."""
        arrived_ns = time.monotonic_ns()
        with self._lock:
            if self._asked_ns <= arrived_ns:  # else the database was asked for another reader since this one came
                self._asked_ns = time.monotonic_ns()
                self._standing = self._ledger.standing
            return self._standing

    def ask(self, question: Callable[[Ledger], Any]) -> Any:
        """Return what the ledger says now."""
        with self._lock:
            return question(self._ledger)

    def kept(self, name: Hashable, make: Callable[[Ledger], bytes]) -> Kept:
        """Return an answer, made anew only if the ledger has grown since.

        Parameters
        ----------
        name
            All that the answer depends on besides the ledger, the reader among it.
        make
            Makes it.
        """
        head = self.standing.head[1]
        with self._lock:
            found = self._kept.pop(name, None)
            if found is not None:
                self._bytes -= len(found.body)
            if found is None or found.head != head:
                body = make(self._ledger)
                found = Kept(head, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
            self._kept[name] = found
            self._bytes += len(found.body)
            while self._bytes > _MOST_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1].body)
            return found


def page(ledger: Ledger, reader: str, *, after: int, limit: int) -> tuple[list[Pair], int | None]:
    """Return entries after a number with the records that a reader may see, and the last number if there are more.

    A member sees every entry, also where the record is withheld: it cannot check the chain otherwise. Anybody else
    sees the entries whose record is public.
    """
    standing = ledger.standing
    top, bodies = _bodies(ledger.engine, reader, after + 1, None if reader == "public" else after + limit)
    found: list[Pair] = []
    for entry in list(standing.entries.values())[after:top]:
        seen = may_see(entry, reader, published=standing.published(entry))
        if reader == "public" and not seen:
            continue
        if len(found) == limit:
            return found, found[-1][0].seq
        found.append((entry, parse(bodies[entry.seq].encode()) if seen and entry.seq in bodies else None))
    return found, None


def one(ledger: Ledger, reader: str, entry_id: str) -> Pair | None:
    """Return an entry with its record; None where there is none or the reader may not see the record."""
    standing = ledger.standing
    entry = standing.entries.get(entry_id)
    if entry is None or not may_see(entry, reader, published=standing.published(entry)):
        return None
    _, bodies = _bodies(ledger.engine, reader, entry.seq, entry.seq)
    return (entry, parse(bodies[entry.seq].encode())) if entry.seq in bodies else None


def written(pair: Pair) -> bytes:
    """Return an entry and its record as JSON, as in an export."""
    entry, body = pair
    return line(entry.to_dict(), body)


def _bodies(engine: Engine, reader: str, first: int, last: int | None) -> tuple[int, dict[int, str]]:
    """Return the number of the last entry, and the records between two; PostgreSQL looks at the reader too."""
    wanted = select(BODIES.c.seq, BODIES.c.body).where(BODIES.c.seq >= first)
    if last is not None:
        wanted = wanted.where(BODIES.c.seq <= last)
    with reading(engine, reader) as connection:
        top = connection.execute(select(func.max(ENTRIES.c.seq))).scalar() or 0
        return top, {row.seq: row.body for row in connection.execute(wanted)}
