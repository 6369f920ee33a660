"""Build a folder beside its place and put it there in one go: a killed process leaves the old one intact."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """Give out an empty folder that takes the place of `path` when the block ends well, else vanishes.

    A process killed between the two renames at the end leaves `path` under its aside name; `recover` puts it
    back. Left-overs of killed processes of this machine are removed.
    """
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    recover(path)
    _sweep(path)
    work = path.with_name(f".{path.name}.writing-{socket.gethostname()}-{os.getpid()}")
    work.mkdir()
    try:
        yield work
        _flush(work)
        aside = _aside(path)
        if path.exists():
            path.rename(aside)
        work.rename(path)
        shutil.rmtree(aside, ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def recover(path: Path) -> None:
    """Put back a folder whose replacement was killed halfway."""
    aside = _aside(path.absolute())
    if aside.exists():
        if path.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(path)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.before")


def _sweep(path: Path) -> None:
    if os.name == "nt":
        return  # asking whether a process lives would signal it there
    start = f".{path.name}.writing-{socket.gethostname()}-"
    for left in path.parent.glob(f"{start}*"):
        number = left.name.removeprefix(start)
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush(folder: Path) -> None:
    """Have the files on the disk before the renames, so that a power cut cannot leave empty ones."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb+") as handle:
                os.fsync(handle.fileno())
