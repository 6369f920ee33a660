"""Fill a position store from any amount of data, file by file, with bounded memory."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.ais.blocks import source_files
from sisterport.ais.clean import screen
from sisterport.ais.read import stream
from sisterport.ais.store import ROW_GROUP_ROWS, PositionStore
from sisterport.ais.writer import MAX_BUCKETS, StoreWriter

_BYTES_PER_BUCKET = 1 << 30  # of source files: a bucket then sorts in a few GB of memory


def ingest(
    sources: Any,
    path: str | Path,
    *,
    buckets: int | None = None,
    columns: Mapping[str, str] | None = None,
    layout: str | None = None,
    if_exists: str = "error",
    row_group_rows: int = ROW_GROUP_ROWS,
    progress: Callable[[int, int | None], None] | None = None,
) -> PositionStore:
    """Read, clean and store positions, file by file, with bounded memory.

    Gives the same positions, statics and counts as `read_positions`, `clean` and `write_store`, except that
    appending in several goes judges jumps by what earlier goes kept.

    Parameters
    ----------
    sources, columns, layout
        As for `read_positions`.
    path
        Folder of the store.
    buckets
        Number of files, each sorted in memory; None: by the size of the sources, or as the store to append
        to has.
    if_exists
        ``"error"``, ``"append"`` or ``"replace"``.
    row_group_rows
        Rows per row group.
    progress
        Called with rows read so far and rows in all (None: unknown).

    Raises
    ------
    InputError, SchemaError
        As `read_positions`; if `path` exists and is not to be replaced.
    MethodError
        If `if_exists` is unknown, or `buckets` are not those of the store to append to.

    Examples
    --------
    >>> import tempfile
    >>> import polars as pl
    >>> rows = pl.DataFrame({"mmsi": [366952790] * 2, "time": ["2020-12-01 00:00:00", "2020-12-01 00:01:00"],
    ...     "lat": [40.6, 40.6], "lon": [-74.1, -74.1], "name": ["EVA"] * 2})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = ingest(rows, folder + "/store")
    ...     store.info["rows"], store.statics()["name"].item(), next(store.scan()).height
    (2, 'EVA', 2)
    """
    framed = hasattr(sources, "__arrow_c_stream__") or isinstance(sources, pl.LazyFrame)
    files = [] if framed else source_files(sources)
    if buckets is None and if_exists != "append":
        size = sum(file.stat().st_size for file in files)
        buckets = min(MAX_BUCKETS, max(1, math.ceil(size / _BYTES_PER_BUCKET)))
    with StoreWriter(path, buckets=buckets, if_exists=if_exists, row_group_rows=row_group_rows) as writer:
        given = stream(
            sources if framed else files,
            columns=columns,
            layout=layout,
            votes=writer.votes,
            tally=writer.tally,
            seen=progress,
        )
        for positions in given:
            writer.add_screened(screen(positions, writer.tally))
        writer.keep(sources=[{"name": file.name, "bytes": file.stat().st_size} for file in files])
    return PositionStore.open(path)
