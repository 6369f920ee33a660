"""A member and the coalition's server: bring a copy up to date (pull), send what was signed at it (push)."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sisterport.errors import InputError
from sisterport.network.client import Remote
from sisterport.network.entry import Entry, Signed, key_id, stamp
from sisterport.network.export import Export
from sisterport.network.keys import PrivateKey
from sisterport.network.ledger import CLOCK_SKEW, open_ledger
from sisterport.network.outbox import keep, outbox_of, waiting
from sisterport.network.pull import Pulled, pull_pairs
from sisterport.network.standing import Standing


def pull_from(remote: Remote, where: str | Path, *, reader: str | None = None) -> Pulled:
    """Bring a member's copy up to date from a server; it is made if it is not there.

    The export of what the port may see comes whole, and every entry that is new to the copy is checked in full before
    any is taken over: the server need not be trusted.

    Parameters
    ----------
    remote
        The server.
    where
        The copy, as in `sisterport.network.pull.pull`.
    reader
        UN/LOCODE of the port, to be held against what the server says; None takes its word.

    Raises
    ------
    RemoteError
        If the server refuses.
    LedgerError
        If it is shorter than the copy, has another past, or sends what does not hold: nothing is changed then.
    InputError
        If the copy is another member's, or no copy.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "export"
        remote.download("/v1/export", place)
        export = Export(place)
        pairs = list(export.pairs())
    if reader not in (None, export.reader):
        raise InputError(f"the token is of {export.reader}, not of {reader}")
    return pull_pairs(pairs, where, reader=export.reader)


def push(
    remote: Remote, where: str | Path, *, key: PrivateKey | None = None, now: datetime | None = None
) -> list[Entry]:
    """Send what waits in the outbox of a copy, in order, and return the entries that it made.

    Each statement leaves the outbox once its entry is confirmed; sent twice it makes one entry. A server takes no
    statement whose author's clock is far off, so one that has waited for long is signed again, under the same id.

    Parameters
    ----------
    remote
        The server.
    where
        The copy: a SQLite file.
    key
        Key to sign again with; without it, what has waited for too long stays.
    now
        Time; None takes the clock.

    Raises
    ------
    RemoteError
        If the server refuses a statement: that one and those after it stay in the outbox.
    InputError
        If a statement has to be signed again and the key is missing or another person's.
    """
    file = outbox_of(where)
    with open_ledger(where) as copy:
        chain = copy.standing
    left = waiting(file, chain)
    made = []
    while left:
        entry = None
        if _stale(left[0], now or datetime.now(UTC)):
            entry = remote.find(left[0])  # perhaps it arrived, and only the answer was lost
            if entry is None:
                left[0] = _again(left[0], chain, key, now or datetime.now(UTC))
                keep(file, left)  # before it is sent: the answer may be lost again
        made.append(entry or remote.send(left[0]))
        left = left[1:]
        keep(file, left)
    keep(file, left)  # also what a pull has brought since
    return made


def _stale(signed: Signed, now: datetime) -> bool:
    """Return whether a statement is about to be too old for the server; the way takes time too."""
    return abs(now - datetime.fromisoformat(signed.statement.created_utc)) > CLOCK_SKEW / 2


def _again(signed: Signed, chain: Standing, key: PrivateKey | None, now: datetime) -> Signed:
    old = signed.statement
    who = f"{old.author} of {old.owner}"
    if key is None:
        raise InputError(f"the {old.kind} by {who} has waited since {old.created_utc}: give the key to sign it again")
    mine = chain.who(key.public)
    if (mine.port, mine.user) != (old.owner, old.author):
        raise InputError(f"the {old.kind} is by {who} and cannot be signed by {mine.user} of {mine.port}")
    seq, entry_hash = chain.head
    new = replace(old, created_utc=stamp(now), key_id=key_id(key.public), seen_seq=seq, seen_hash=entry_hash)
    return Signed(statement=new, signature=key.sign(new.written()), body=signed.body)
