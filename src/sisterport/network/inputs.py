"""What indicators are computed from: the files that runs and other commands wrote, or that ports keep."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.fuels import read_bunkers
from sisterport.network.definitions import indicator_table
from sisterport.network.periods import Period
from sisterport.shorepower.records import read_connections, read_stays
from sisterport.shorepower.registers import read_outlets
from sisterport.tables import check, empty, read_file

_READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    "bunkers": read_bunkers,
    "connections": read_connections,
    "outlets": read_outlets,
    "stays": read_stays,
}
"""Frames that people keep by hand have readers of their own, which forgive more and tell more."""
_ENDINGS = ("parquet", "csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Frames by the names of their tables, and where each came from.

    Attributes
    ----------
    frames : mapping
        Frame by the name of its table.
    sources : list of dict
        ``name, sha256, rows`` of each file.
    """

    frames: Mapping[str, pl.DataFrame]
    sources: list[dict[str, Any]]

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return which of these frames are not there."""
        return [name for name in names if name not in self.frames]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a value is asked of.

    Attributes
    ----------
    period : Period
    ports : list of str
        Canonical UN/LOCODEs.
    ends : tuple of lists of str
        Ports of the two ends of a corridor; empty where they are not told.
    mode : str
        ``capable`` or ``used``.
    coverage : tuple
        Share that was observed and what it is a share of, where only the port itself can tell; (None, "") else.
    rule : str
        Of I7: ``able`` or ``every``.
    fuels : list of str
        Of I3: fuels that qualify; none takes all of the list.
    threshold : str
        Of I3 to I5: below which a fuel counts.
    """

    period: Period
    ports: list[str]
    ends: tuple[list[str], list[str]]
    mode: str
    coverage: tuple[float | None, str] = (None, "")
    rule: str = "able"
    fuels: tuple[str, ...] = ()
    threshold: str = "red_70"

    def within(self, frame: pl.DataFrame, time: str, port: str = "locode") -> pl.DataFrame:
        """Return the rows of the ports whose time lies in the period."""
        begun = pl.col(time).is_between(pl.lit(self.period.begin), pl.lit(self.period.end), closed="left")
        return frame.filter(begun & pl.col(port).is_in(self.ports))


def read_inputs(folders: Iterable[str | Path]) -> Inputs:
    """Return the frames of indicators that lie in folders, as ``<table>.parquet`` or ``<table>.csv``.

    Parameters
    ----------
    folders
        Folders of runs (one period) and of other commands, or of a port's own records. A frame that lies in several
        is taken from the first.

    Raises
    ------
    InputError
        If a folder is not there or holds none of them.
    SchemaError
        Listing every fault of a frame.
    """
    wanted = sorted({name for row in indicator_table().values() for name in (row["frames"] or "").split("|") if name})
    frames: dict[str, pl.DataFrame] = {}
    sources = []
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise InputError(f"no such folder: {folder}")
        files = [folder / f"{name}.{ending}" for name in wanted for ending in _ENDINGS]
        there = [file for file in files if file.is_file()]
        if not there:
            raise InputError(f"{folder} holds none of {', '.join(wanted)} (.parquet or .csv)")
        for file in there:
            if file.stem in frames:
                continue
            frames[file.stem] = _READERS.get(file.stem, _plain)(file)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            sources.append({"name": file.name, "sha256": digest, "rows": frames[file.stem].height})
    return Inputs(frames=frames, sources=sources)


def _plain(file: Path) -> pl.DataFrame:
    """Read a table of any name; days in a CSV file are text."""
    given = read_file(file)
    days = [name for name, dtype in empty(file.stem).schema.items() if dtype == pl.Date]
    text = [name for name in days if given.schema.get(name) == pl.String]
    return check(given.with_columns(pl.col(text).str.to_date(strict=False)) if text else given, file.stem)
