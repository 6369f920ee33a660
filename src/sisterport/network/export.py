"""A ledger as one file that anybody can check: lines of canonical JSON, one per entry, between a head and a foot."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sisterport.errors import InputError
from sisterport.network.canonical import canonical, line, parse
from sisterport.network.entry import Entry, entry_from
from sisterport.network.rights import LedgerError

FORMAT = "sisterport ledger 1"
Pair = tuple[Entry, dict[str, Any] | None]


class Foot(NamedTuple):
    """The last line: what the file has to hold."""

    entries: int
    head: str
    sha256: str


def write_export(path: str | Path, pairs: Iterable[Pair], *, coalition: str, reader: str) -> Foot:
    """Write entries with their records to a file, whole or not at all.

    Parameters
    ----------
    path
        File to write; it is replaced if it is there.
    pairs
        Entries in order, each with its record or None where the reader may not see it.
    coalition
        Name of the coalition.
    reader
        Whose view this is: a UN/LOCODE, or ``whole``.
    """
    target = Path(path)
    digest = hashlib.sha256()
    count, last = 0, ""
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".partial-", delete=False) as out:
            staging = Path(out.name)

            def put(text: bytes) -> None:
                digest.update(text + b"\n")
                out.write(text + b"\n")

            put(canonical({"format": FORMAT, "coalition": coalition, "reader": reader}))
            for entry, body in pairs:
                put(line(entry.to_dict(), body))
                count, last = entry.seq, entry.hash
            foot = Foot(count, last, digest.hexdigest())
            put(canonical(foot._asdict()))
            out.flush()
            os.fsync(out.fileno())
        staging.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}") from None
    return foot


class Export:
    """An export that is read line by line.

    Parameters
    ----------
    path
        The file.

    Attributes
    ----------
    coalition, reader : str
        What its first line says.
    foot : Foot or None
        Its last line, once all entries were read.

    Raises
    ------
    LedgerError
        If it is no export.
    InputError
        If it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        try:
            self._lines = Path(path).read_bytes().split(b"\n")
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from None
        first = self._parsed(0, None)
        if not isinstance(first, dict) or set(first) != {"format", "coalition", "reader"} or first["format"] != FORMAT:
            raise LedgerError(None, f"{path} is no export of a ledger: its first line does not say '{FORMAT}'")
        self.coalition, self.reader = first["coalition"], first["reader"]
        self.foot: Foot | None = None

    def pairs(self) -> Iterator[Pair]:
        """Give entries and records in order; what is no entry stops it with its number."""
        for number in range(1, len(self._lines)):
            given = self._parsed(number, number)
            if isinstance(given, dict) and set(given) == set(Foot._fields):
                self._finish(number, Foot(**given))
                return
            if not isinstance(given, dict) or set(given) != {"entry", "body"}:
                raise LedgerError(number, "is no entry with its record")
            if not isinstance(given["body"], dict | None):
                raise LedgerError(number, "its record is no object")
            try:
                entry = entry_from(given["entry"])
            except InputError as error:
                raise LedgerError(number, str(error)) from None
            yield entry, given["body"]
        raise LedgerError(len(self._lines), "is missing, and all after it: the file was cut off")

    def _finish(self, number: int, foot: Foot) -> None:
        """Hold the last line against what was read."""
        before = b"".join(text + b"\n" for text in self._lines[:number])
        if self._lines[number + 1 :] != [b""]:
            raise LedgerError(None, "there is something after the last line")
        if foot.sha256 != hashlib.sha256(before).hexdigest() or foot.entries != number - 1:
            raise LedgerError(None, "the last line does not fit the lines before it: the file was changed")
        self.foot = foot

    def _parsed(self, number: int, seq: int | None) -> Any:
        text = self._lines[number]
        if number == len(self._lines) - 1 and not text:
            raise LedgerError(seq, "is missing, and all after it: the file was cut off")
        try:
            return parse(text)
        except InputError as error:
            raise LedgerError(seq, f"line {number + 1}: {error}") from None
