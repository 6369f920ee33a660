"""Results are written whole: into a hidden folder first, and moved at the end; a killed run leaves the old ones."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sisterport.errors import InputError

_STAGING = ".partial-"


@contextmanager
def staged(folder: str | Path) -> Iterator[Path]:
    """Give a hidden folder in `folder` to write into; what is in it at the end replaces what was there.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    target = open_folder(folder)
    target.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=target))
    try:
        yield staging
        for path in sorted(path for path in staging.rglob("*") if path.is_file()):
            place = target / path.relative_to(staging)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def names_in(staging: Path) -> list[str]:
    """Return the names of all files in a folder."""
    return sorted(str(path.relative_to(staging)) for path in staging.rglob("*") if path.is_file())


def open_folder(folder: str | Path) -> Path:
    """Return the folder of the results, which can be written, cleared of what a killed run left in it.

    Raises
    ------
    InputError
        If it cannot be written: better known before the work than after.
    """
    target = Path(folder).resolve()
    there = next(place for place in (target, *target.parents) if place.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=there):
            pass
    except OSError as error:
        raise InputError(f"cannot write to {target}: {error.strerror}") from None
    for left in target.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)
    return target
