"""Hold an export against the rules, without the server that made it: signatures, chain, two persons, heads.

Nothing is needed but the file and `cryptography`; the first entry that is wrong is named.
"""

from dataclasses import dataclass, field
from pathlib import Path

from sisterport.errors import InputError
from sisterport.network.entry import is_locode
from sisterport.network.export import Export
from sisterport.network.rights import LedgerError, may_see
from sisterport.network.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found in an export.

    Attributes
    ----------
    file : str
        The file.
    coalition, reader : str
        Whose ledger, and whose view of it.
    entries : int
        Entries that hold.
    head : str
        Hash of the last entry that holds.
    withheld : int
        Records that the reader may not see and that are not in the file; only their hashes could be checked.
    first_bad : int or None
        Number of the first entry that does not hold; None where all do, or where what is wrong is no entry.
    fault : str
        What is wrong; empty if nothing is.
    vouchers : dict
        For each port the number of the last entry that one of its signatures vouches for.
    """

    file: str
    coalition: str
    reader: str
    entries: int
    head: str
    withheld: int
    first_bad: int | None
    fault: str
    vouchers: dict[str, int] = field(default_factory=dict)


def verify(path: str | Path, *, known_head: tuple[int, str] | None = None) -> Verified:
    """Return whether an export holds.

    Parameters
    ----------
    path
        The file.
    known_head
        Number and hash of an entry that was seen before, from another place: a ledger that was rewritten whole,
        by somebody who has all keys, shows nowhere else.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    standing = Standing()
    coalition, reader, withheld, missing = "", "", 0, None
    fault: LedgerError | None = None
    try:
        export = Export(path)
        coalition, reader = export.coalition, export.reader
        present: list[bool] = []
        for entry, body in export.pairs():
            standing.admit(entry, body)
            present.append(body is not None)
        withheld = present.count(False)
        missing = _not_as_the_reader_sees(standing, present, reader)
        _hold_ends(standing, export, known_head)
    except LedgerError as error:
        fault = error
    fault = fault or missing
    return Verified(
        file=str(path),
        coalition=coalition,
        reader=reader,
        entries=standing.seq if fault is None or fault.seq is None else fault.seq - 1,
        head=standing.hashes[-1],
        withheld=withheld,
        first_bad=None if fault is None else fault.seq,
        fault="" if fault is None else str(fault),
        vouchers=standing.vouchers(),
    )


def _not_as_the_reader_sees(standing: Standing, present: list[bool], reader: str) -> LedgerError | None:
    """Return the first entry whose record is there though it may not be seen, or the other way round."""
    if reader != "whole" and not is_locode(reader):
        return LedgerError(None, f"the first line names no reader: '{reader}'")
    for entry, there in zip(standing.entries.values(), present, strict=True):
        if there != may_see(entry, reader, published=standing.published(entry)):
            what = f"is there, but {reader} may not see it" if there else "is missing"
            return LedgerError(entry.seq, f"its record {what}")
    return None


def _hold_ends(standing: Standing, export: Export, known_head: tuple[int, str] | None) -> None:
    if standing.seq == 0:
        raise LedgerError(1, "is missing: a ledger has a first entry")
    if export.coalition != standing.coalition:
        raise LedgerError(None, "the first line names another coalition than the first entry")
    if export.foot is None or export.foot.head != standing.hashes[-1]:
        raise LedgerError(None, "the last line names another head than the last entry")
    if known_head is not None:
        seq, entry_hash = known_head
        if seq > standing.seq:
            raise LedgerError(standing.seq + 1, f"is missing: entry {seq} was seen before")
        if standing.hashes[seq] != entry_hash:
            raise LedgerError(seq, "is another one than was seen before: the past was rewritten")


def read_head(text: str) -> tuple[int, str]:
    """Return number and hash from ``SEQ:HASH``.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> read_head("3:" + "ab" * 32)[0]
    3
    """
    seq, _, entry_hash = text.partition(":")
    if not seq.isdigit() or len(entry_hash) != len("0" * 64):
        raise InputError(f"'{text}' is no head: write SEQ:HASH, as `sisterport network head` prints it")
    return int(seq), entry_hash
