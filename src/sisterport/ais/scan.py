"""Open a position store and scan it, whole ships at a time."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sisterport.ais.fixed import FIXES
from sisterport.ais.staging import recover
from sisterport.ais.tally import REPORT_SCHEMA
from sisterport.errors import InputError, SchemaError, did_you_mean

VERSION = 1
"""Version of the store's layout."""


@dataclass(frozen=True, slots=True)
class PositionStore:
    """A position store on disk; `open` checks that it is one."""

    path: Path
    info: dict[str, Any]

    @classmethod
    def open(cls, path: str | Path) -> "PositionStore":
        """Open the store at `path`.

        Raises
        ------
        InputError
            If there is none, or it was written by a later version.
        """
        folder = Path(path).absolute()
        recover(folder)
        file = folder / "store.json"
        if not file.is_file():
            raise InputError(
                f"{path} is not a position store (no store.json in it): make one with ingest or write_store"
            )
        try:
            info = json.loads(file.read_text(encoding="utf-8"))
            version = info["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{file} is damaged: make the store again") from error
        if version != VERSION:
            raise InputError(f"{path} is a store of version {version}, this is version {VERSION}: make the store again")
        return cls(folder, info)

    @property
    def files(self) -> list[Path]:
        """Parquet files with fixes, by bucket."""
        return sorted(self.path.glob("bucket=*.parquet"))

    def statics(self) -> pl.DataFrame:
        """Return table ``statics``."""
        return pl.read_parquet(self.path / "statics.parquet")

    def cleaning(self) -> pl.DataFrame:
        """Return what cleaning did: ``reason, rows, ships, action, meaning``."""
        return pl.read_csv(self.path / "cleaning.csv", schema=pl.Schema(REPORT_SCHEMA))

    def scan(self, *, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Yield the fixes in frames of whole ships; see `scan_store`."""
        return scan_store(self, columns=columns)


def scan_store(
    path: str | Path | PositionStore, *, columns: Sequence[str] | None = None, threads: bool = True
) -> Iterator[pl.DataFrame]:
    """Yield the fixes of a store in frames that hold whole ships, one row group at a time and without copies.

    Parameters
    ----------
    path
        A store.
    columns
        Columns of fixes to read; None: all.
    threads
        Decode columns in parallel.

    Yields
    ------
    pl.DataFrame
        Fixes sorted by ship and time. Memory is bounded by a row group, or by the largest ship.

    Raises
    ------
    InputError
        If `path` is no store, or a file of it is damaged.
    SchemaError
        If a column is not one of fixes.
    """
    store = path if isinstance(path, PositionStore) else PositionStore.open(path)
    wanted = list(FIXES if columns is None else columns)
    faults = [f"no column '{c}'{did_you_mean(c, list(FIXES))}" for c in wanted if c not in FIXES]
    if faults:
        raise SchemaError(f"columns of {store.path.name}", faults)
    read = wanted if "mmsi" in wanted else ["mmsi", *wanted]
    for file_path in store.files:
        try:
            with pq.ParquetFile(file_path, memory_map=True) as file:
                groups = _groups(file, read, threads=threads)
                yield from (frame.select(wanted) for frame in _whole_ships(groups))
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{file_path} is damaged ({str(error).splitlines()[0]}): make the store again") from error


def _groups(file: Any, columns: list[str], *, threads: bool) -> Iterator[tuple[pl.DataFrame, bool]]:
    """Yield row groups, and whether the last ship goes on in the next."""
    meta = file.metadata
    for i in range(meta.num_row_groups):
        frame = cast("pl.DataFrame", pl.from_arrow(file.read_row_group(i, columns=columns, use_threads=threads)))
        goes_on = i + 1 < meta.num_row_groups and meta.row_group(i + 1).column(0).statistics.min == frame["mmsi"][-1]
        yield frame, goes_on


def _whole_ships(groups: Iterable[tuple[pl.DataFrame, bool]]) -> Iterator[pl.DataFrame]:
    """Hold back the rows of a ship that goes on in the next row group."""
    held: list[pl.DataFrame] = []
    for frame, goes_on in groups:
        cut = int(frame["mmsi"].search_sorted(frame["mmsi"][-1], side="left")) if goes_on else frame.height
        if cut:
            yield pl.concat([*held, frame[:cut]]) if held else frame[:cut]
            held = []
        if cut < frame.height:
            held.append(frame[cut:])
    if held:
        yield pl.concat(held)
