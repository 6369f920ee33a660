"""The last entry that was acknowledged, kept outside the database.

SQLite comes back after a power cut with a clean beginning of what was committed, and does not say that the end is
missing. So the end is written down a second time, in a small file of its own; a ledger shorter than that is refused.
"""

import os
import zlib
from pathlib import Path

_LINE = "{seq:012d} {hash} {check:08x}\n"
_SIZE = len(_LINE.format(seq=0, hash="0" * 64, check=0))


def acknowledge(path: Path, seq: int, entry_hash: str) -> None:
    """Write down that an entry was acknowledged; durable when this returns.

    Two places are written in turn: a write that is cut short leaves the other one. A later entry that another program
    has written down is left.
    """
    told = last_acknowledged(path)
    if told is not None and told[0] >= seq:
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.lseek(handle, _SIZE * (seq % 2), os.SEEK_SET)
        os.write(handle, _written(seq, entry_hash).encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def last_acknowledged(path: Path) -> tuple[int, str] | None:
    """Return number and hash of the last entry that was acknowledged; None where no file is.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for seq in (1, 2, 3):
    ...         acknowledge(Path(folder) / "head", seq, f"{seq:064x}")
    ...     last_acknowledged(Path(folder) / "head")[0]
    3
    """
    try:
        text = path.read_bytes().decode("ascii", errors="replace")
    except FileNotFoundError:
        return None
    found = []
    for line in (text[:_SIZE], text[_SIZE : 2 * _SIZE]):
        parts = line.split()
        if len(parts) == 3 and parts[0].isdigit() and line == _written(int(parts[0]), parts[1]):
            found.append((int(parts[0]), parts[1]))
    return max(found, default=None)


def _written(seq: int, entry_hash: str) -> str:
    check = zlib.crc32(f"{seq} {entry_hash}".encode())
    return _LINE.format(seq=seq, hash=entry_hash, check=check)
