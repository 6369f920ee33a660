"""What a member signs at its own copy waits in an outbox, a file beside the copy, until it is sent to the coalition.

A copy cannot place an entry: numbers and hashes are the coalition's to give. So the outbox holds signed statements,
which need no place, one per line, as they are posted. What waits is held against the same rules as if it stood in the
chain already: a promise can be written, submitted, approved and published before any of it is sent.
"""

import os
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sisterport.errors import InputError
from sisterport.network.canonical import line, parse
from sisterport.network.entry import NOTHING, Entry, Signed, signed_from
from sisterport.network.keys import write_private
from sisterport.network.ledger import Ledger, open_ledger
from sisterport.network.records import check_body
from sisterport.network.rights import LedgerError
from sisterport.network.standing import Standing


@dataclass(slots=True)
class _Foreseen(Standing):
    """The chain with what waits behind it; what an author has seen is the chain only."""

    seen: tuple[int, str] = (0, NOTHING)

    @property
    def head(self) -> tuple[int, str]:
        return self.seen


class Desk(Ledger):
    """A member's copy at which statements are signed; they wait in its outbox.

    Parameters
    ----------
    copy_of
        The copy, from `sisterport.network.ledger.open_ledger`; it is taken over.
    file
        The outbox.
    """

    def __init__(self, copy_of: Ledger, *, file: Path) -> None:
        self.file: Path | None = None  # while the chain alone is held against what was acknowledged
        super().__init__(copy_of.engine, head_file=copy_of.head_file)
        self.file = file

    @property
    def standing(self) -> Standing:
        """What the entries of the copy and the waiting statements amount to.

        Raises
        ------
        LedgerError
            If a waiting statement breaks a rule, because the chain has gone another way since.
        """
        chain = super().standing
        if self.file is None:
            return chain
        kept = {field.name: copy(getattr(chain, field.name)) for field in fields(chain)}
        kept["submitters"] = {record: set(users) for record, users in chain.submitters.items()}
        foreseen = _Foreseen(**kept, seen=chain.head)
        for signed in waiting(self.file, chain):
            _admit(foreseen, signed)
        return foreseen

    def append_all(self, statements: Sequence[Signed], *, now: datetime | None = None) -> list[Entry]:
        """Put statements into the outbox, all or none; the entries returned have the place that is foreseen."""
        del now  # no time of receipt yet
        if self.file is None or self.reader is None:
            raise InputError("statements wait at a member's copy only")
        foreseen = self.standing
        for signed in statements:
            check_body(signed.statement.kind, signed.body)
        entries = [_admit(foreseen, signed) for signed in statements]
        keep(self.file, [*read_outbox(self.file), *statements])
        return entries


def _admit(foreseen: Standing, signed: Signed) -> Entry:
    received = max(signed.statement.created_utc, foreseen.received_utc)
    entry = signed.placed(foreseen.seq + 1, foreseen.hashes[-1], received)
    try:
        foreseen.admit(entry, signed.body)
    except LedgerError as error:
        name = f"{signed.statement.kind} {signed.statement.entry_id[:8]}"
        raise LedgerError(None, f"the waiting {name} does not fit: {error}") from None
    return entry


def open_desk(where: str | Path) -> Ledger:
    """Open what one signs at: the coalition's ledger itself, or a member's copy, where statements wait to be sent.

    Raises
    ------
    InputError
        As `sisterport.network.ledger.open_ledger`, or if the copy is no SQLite file.
    """
    ledger = open_ledger(where)
    return ledger if ledger.reader is None else Desk(ledger, file=outbox_of(where))


def outbox_of(where: str | Path) -> Path:
    """Return the file of the outbox of a copy.

    Raises
    ------
    InputError
        If the copy is no SQLite file.
    """
    if "://" in str(where):
        raise InputError("one signs at a copy in a SQLite file: the outbox stands beside it")
    return Path(f"{where}-outbox")


def posted(signed: Signed) -> dict[str, Any]:
    """Return a statement as it is posted to a server."""
    return {"record": parse(signed.statement.written()), "signature": signed.signature, "body": signed.body}


def read_outbox(file: Path) -> list[Signed]:
    """Return all statements of an outbox; a file that is not there is an empty one.

    Raises
    ------
    InputError
        If a line is no signed statement.
    """
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from None
    found = []
    for number, text in enumerate(lines, 1):
        try:
            given = parse(text)
            found.append(signed_from(given["entry"]["record"], given["entry"]["signature"], given["body"]))
        except (InputError, KeyError, TypeError) as error:
            raise InputError(f"{file}, line {number} is no signed statement: {error}") from None
    return found


def waiting(file: Path, chain: Standing) -> list[Signed]:
    """Return the statements of an outbox that do not stand in the chain yet."""
    return [signed for signed in read_outbox(file) if signed.statement.entry_id not in chain.entries]


def keep(file: Path, statements: Sequence[Signed]) -> None:
    """Write the outbox anew, whole, for its owner only: drafts are private. An empty one is no file."""
    if not statements:
        file.unlink(missing_ok=True)
        return
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    write_private(part, b"".join(_line(signed) + b"\n" for signed in statements))
    part.replace(file)


def _line(signed: Signed) -> bytes:
    said = posted(signed)
    return line({name: said[name] for name in ("record", "signature")}, said["body"])


def take_back(where: str | Path, name: str) -> None:
    """Take a waiting statement out of the outbox of a copy.

    Parameters
    ----------
    where
        The copy.
    name
        Its id, or the beginning of it.

    Raises
    ------
    InputError
        If none or several begin so.
    """
    there = read_outbox(outbox_of(where))
    left = [signed for signed in there if not signed.statement.entry_id.startswith(name)]
    if len(left) != len(there) - 1:
        raise InputError(f"{len(there) - len(left) or 'no'} of {len(there)} waiting entries begin with '{name}'")
    keep(outbox_of(where), left)
