"""A member's own copy: the whole chain, with the records that it may see; and a ledger restored from a backup."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert

from sisterport.errors import InputError
from sisterport.network.canonical import canonical
from sisterport.network.database import act_as, connect, writing
from sisterport.network.entry import Entry, body_hash, is_locode
from sisterport.network.export import Export, Foot, Pair, write_export
from sisterport.network.ledger import Ledger, beside, open_ledger
from sisterport.network.rights import LedgerError
from sisterport.network.schema import ABOUT, BODIES
from sisterport.network.verify import verify


class Pulled(NamedTuple):
    """What came with a pull: new entries, records of old entries that may be seen now, number of the last entry."""

    entries: int
    records: int
    seq: int


def pull(source: Ledger, where: str | Path, *, reader: str) -> Pulled:
    """Bring a member's copy up to date; it is made if it is not there.

    Parameters
    ----------
    source
        The coalition's ledger.
    where
        The copy: SQLite file or URL of PostgreSQL.
    reader
        UN/LOCODE of the member.

    Raises
    ------
    LedgerError
        If the source is shorter than the copy or has another past: nothing is changed then.
    InputError
        If the copy is another member's, or no copy.
    """
    return pull_pairs(list(source.records(reader)), where, reader=reader)


def pull_pairs(pairs: list[Pair], where: str | Path, *, reader: str) -> Pulled:
    """Bring a copy up to date with entries that came from anywhere; otherwise as `pull`.

    Every entry is checked in full, so whoever hands them over need not be trusted.
    """
    if not is_locode(reader):
        raise InputError(f"'{reader}' is no UN/LOCODE of a member")
    with _copy(where, reader) as copy:
        seq, last = copy.standing.head
        if len(pairs) < seq or (seq and pairs[seq - 1][0].hash != last):
            raise LedgerError(
                min(len(pairs) + 1, seq),
                f"the source has not the past that this copy holds up to entry {seq}: it was shortened or rewritten",
            )
        own = copy.records("whole")
        late = [(entry, told) for (entry, body), (_, told) in zip(own, pairs, strict=False) if body is None and told]
        copy.adopt(pairs[seq:])
        _fill(copy, late)
        return Pulled(len(pairs) - seq, len(late), len(pairs))


def _copy(where: str | Path, reader: str) -> Ledger:
    fresh = "://" not in str(where) and not Path(where).exists()
    if fresh:
        engine = connect(where, create=True)
        with writing(engine, reader) as connection:
            connection.execute(insert(ABOUT).values(name="copy_of_reader", value=reader))
        engine.dispose()
    copy = open_ledger(where)
    if copy.reader != reader:
        whose = f"a copy of {copy.reader}" if copy.reader else "a ledger, not a copy"
        copy.close()
        raise InputError(f"{where} is {whose}: give another file")
    return copy


def _fill(copy: Ledger, late: Sequence[tuple[Entry, dict[str, Any]]]) -> None:
    """Add records that were withheld when their entries came; of the source only the record is taken."""
    with writing(copy.engine, copy.reader or "") as connection:
        for entry, body in late:
            if body_hash(body) != entry.body_hash:
                raise LedgerError(entry.seq, "the record is not the one that was signed")
            act_as(connection, entry.owner)
            connection.execute(insert(BODIES).values(seq=entry.seq, body=canonical(body).decode()))


def export(ledger: Ledger, path: str | Path, *, reader: str = "whole") -> Foot:
    """Write a ledger to a file, as a reader may see it; the whole is a backup.

    Tokens are not in it: they are secrets of one server.

    Raises
    ------
    InputError
        If the reader is no member, the ledger is a copy of another one, or the file cannot be written.
    """
    if ledger.reader is not None and reader != ledger.reader:
        raise InputError(f"this copy is of {ledger.reader} and can only be exported so")
    if reader != "whole" and not is_locode(reader):
        raise InputError(f"'{reader}' is no UN/LOCODE of a member")
    pairs = list(ledger.records(reader))
    return write_export(path, pairs, coalition=ledger.standing.coalition, reader=reader)


def restore(path: str | Path, where: str | Path) -> Pulled:
    """Make a new ledger from a backup; an export of it is the backup byte by byte.

    Raises
    ------
    LedgerError
        If the backup does not hold.
    InputError
        If it is not of the whole ledger, or there is a ledger already.
    """
    found = verify(path)
    if found.fault:
        raise LedgerError(found.first_bad, found.fault)
    if found.reader != "whole":
        raise InputError(f"{path} is what {found.reader} may see, no backup of the whole ledger")
    with Ledger(connect(where, create=True), head_file=beside(where)) as ledger:
        ledger.adopt(list(Export(path).pairs()))
    return Pulled(found.entries, 0, found.entries)
