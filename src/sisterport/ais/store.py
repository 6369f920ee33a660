"""The position store: a folder of plain Parquet files with fixes, sorted by ship and time.

::

    store/
      bucket=00.parquet ...   fixes; a ship is in one bucket only, and in one row group unless it has very
      many rows statics.parquet         table statics
      cleaning.csv            what cleaning dropped and changed
      votes.parquet           how often each static value was broadcast     } so that an append
      cleaning_ships.parquet  the cleaning counts by ship                   } adds up exactly
      store.json              version, rows, ships, span, sources, scale
      natural.sql             a view in natural units for DuckDB

DuckDB, Polars and Spark read the Parquet files as they are.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sisterport.ais.fixed import FIXES, fixed_point, natural
from sisterport.ais.scan import PositionStore, scan_store
from sisterport.ais.writer import ROW_GROUP_ROWS, StoreWriter

__all__ = ["FIXES", "ROW_GROUP_ROWS", "PositionStore", "fixed_point", "natural", "scan_store", "write_store"]


def write_store(
    positions: Any,
    path: str | Path,
    *,
    buckets: int = 1,
    statics: Any = None,
    report: Any = None,
    sources: Sequence[str] = (),
    if_exists: str = "error",
    row_group_rows: int = ROW_GROUP_ROWS,
) -> PositionStore:
    """Write cleaned positions as a store.

    Parameters
    ----------
    positions
        Table ``positions``, or any number of such frames in any order.
    path
        Folder to make.
    buckets
        Number of files; a ship is in one of them.
    statics
        Table ``statics`` to keep beside the positions.
    report
        The report of `clean`, to keep beside them.
    sources
        Names of what the positions came from.
    if_exists
        ``"error"``, ``"append"`` or ``"replace"``.
    row_group_rows
        Rows per row group.

    Raises
    ------
    InputError
        If `path` exists and is not to be replaced, or is not a store to append to.
    SchemaError
        If the positions do not fit their table: clean them first.
    MethodError
        If `if_exists` is unknown, or `buckets` are not those of the store to append to.
    """
    frames = [positions] if hasattr(positions, "__arrow_c_stream__") else positions
    with StoreWriter(path, buckets=buckets, if_exists=if_exists, row_group_rows=row_group_rows) as writer:
        for frame in frames:
            writer.add(frame)
        writer.keep(statics=statics, report=report, sources=sources)
    return PositionStore.open(path)
