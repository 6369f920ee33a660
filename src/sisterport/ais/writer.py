"""Write a position store: spill by bucket of ships, then sort and settle one bucket at a time."""

import json
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sisterport.ais.clean import settle
from sisterport.ais.fixed import DECIMALS, FIXES, fixed_expressions
from sisterport.ais.scan import VERSION, PositionStore
from sisterport.ais.staging import staged
from sisterport.ais.statics import Votes
from sisterport.ais.tally import Tally
from sisterport.errors import InputError, MethodError, choose
from sisterport.tables import check, to_polars

ROW_GROUP_ROWS = 1_000_000
"""Rows per row group: large enough to decode fast, small enough for bounded memory."""
MAX_BUCKETS = 256

_DELTA = ("t_s", "lat_e5", "lon_e5")
_DICTIONARY = ("mmsi", "sog_dkn", "draught_dm")
_CODEC = "none"  # measured: lz4 saves little on top of delta and dictionary, and costs decode speed
_HASH = 2_654_435_761  # Knuth's multiplier: MMSIs of large ships end in 000, a remainder alone is lopsided

NATURAL_SQL = """-- Positions in natural units: duckdb -init natural.sql -c "FROM positions LIMIT 5"
CREATE OR REPLACE VIEW positions AS
SELECT mmsi, make_timestamp(t_s * 1000000) AS time_utc, lat_e5 / 1e5 AS lat_deg, lon_e5 / 1e5 AS lon_deg,
       sog_dkn / 10.0 AS sog_kn, draught_dm / 10.0 AS draught_m
FROM read_parquet('bucket=*.parquet', hive_partitioning = false);
"""


def write_bucket(fixes: pl.DataFrame, path: Path, *, row_group_rows: int = ROW_GROUP_ROWS) -> None:
    """Write sorted fixes as Parquet; row groups end with a ship, unless it is larger than two of them."""
    table = fixes.select(FIXES.keys()).rechunk().to_arrow()
    with pq.ParquetWriter(
        path,
        table.schema,
        compression=_CODEC,
        use_dictionary=list(_DICTIONARY),
        column_encoding=dict.fromkeys(_DELTA, "DELTA_BINARY_PACKED"),
    ) as writer:
        ends = fixes.select(pl.col("mmsi").rle_id()).to_series()
        start = 0
        while start < fixes.height:
            end = min(start + row_group_rows, fixes.height)
            ship_end = int(cast("int", ends.search_sorted(ends[end - 1], side="right")))
            end = ship_end if ship_end - start <= 2 * row_group_rows else end
            writer.write_table(table.slice(start, end - start), row_group_size=end - start)
            start = end


class StoreWriter(AbstractContextManager["StoreWriter"]):
    """Collects positions in any order; on leaving the block without an error the store takes its place."""

    def __init__(self, path: str | Path, *, buckets: int | None, if_exists: str, row_group_rows: int) -> None:
        self.path = Path(path).absolute()
        self.old = self._old(choose("if_exists", if_exists, ("error", "append", "replace")))
        had = self.old.info["buckets"] if self.old else None
        if had and buckets not in {None, 1, had}:
            raise MethodError(f"{path} has {had} buckets, not {buckets}: leave `buckets` out to append")
        self.buckets = had or buckets or 1
        if not 1 <= self.buckets <= MAX_BUCKETS:
            raise MethodError(f"buckets must be 1 to {MAX_BUCKETS}, got {self.buckets}")
        self.row_group_rows = row_group_rows
        old = self.old.path if self.old else None
        self.votes = Votes(pl.read_parquet(old / "votes.parquet") if old else None)
        self.tally = Tally(pl.read_parquet(old / "cleaning_ships.parquet") if old else None)
        self.sources: list[Any] = list(self.old.info["sources"]) if self.old else []
        self._given_statics: pl.DataFrame | None = None
        self._stack = ExitStack()
        self._parts: dict[int, Any] = {}

    def _old(self, if_exists: str) -> PositionStore | None:
        if not self.path.exists():
            return None
        if if_exists == "error":
            raise InputError(f"{self.path} exists: choose another folder, or if_exists='append' or 'replace'")
        store = PositionStore.open(self.path)  # only a store is ever replaced
        return store if if_exists == "append" else None

    def __enter__(self) -> Self:
        """Make the working folder."""
        self._work = self._stack.enter_context(staged(self.path))
        self._spill = self._work / "spill"
        self._spill.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Finish the store, or leave nothing behind."""
        for part in self._parts.values():
            part.close()
        with self._stack as stack:
            if error is not None:
                return stack.__exit__(kind, error, trace)
            self._finish()
        return None

    def add(self, positions: Any) -> None:
        """Add cleaned positions (table ``positions``)."""
        self.add_screened(check(positions, "positions"))

    def add_screened(self, positions: pl.DataFrame) -> None:
        """Add positions that have been through `screen`."""
        fixes = positions.select(fixed_expressions())
        numbers = ((pl.col("mmsi").cast(pl.Int64) * _HASH) & 0xFFFF_FFFF) * self.buckets // 2**32
        split = fixes.with_columns(numbers.alias("bucket")).partition_by("bucket", as_dict=True, include_key=False)
        for (number,), part in split.items():
            table = part.to_arrow()
            bucket = cast("int", number)
            if bucket not in self._parts:
                options = pa.ipc.IpcWriteOptions(compression="lz4")
                self._parts[bucket] = pa.ipc.new_stream(
                    str(self._spill / f"{bucket}.arrows"), table.schema, options=options
                )
            self._parts[bucket].write_table(table)

    def keep(self, *, statics: Any = None, report: Any = None, sources: Sequence[Any] = ()) -> None:
        """Keep what belongs to the positions: ready statics, the report of a cleaning, names of sources."""
        if statics is not None:
            self._given_statics = check(statics, "statics")
        if report is not None:
            counts = to_polars(report).select("reason", pl.lit(None, pl.Int64).alias("mmsi"), "rows")
            self.tally.merge(counts)
        self.sources += list(sources)

    def _finish(self) -> None:
        rows, ships = 0, 0
        span: list[int] = []
        for bucket in range(self.buckets):
            fixes = settle(self._bucket(bucket), self.tally)
            write_bucket(fixes, self._work / f"bucket={bucket:02d}.parquet", row_group_rows=self.row_group_rows)
            rows += fixes.height
            ships += fixes["mmsi"].n_unique()
            if fixes.height:
                span += fixes.select(pl.col("t_s").min().alias("from"), pl.col("t_s").max().alias("to")).row(0)
        shutil.rmtree(self._spill)
        if not rows:
            raise InputError(
                "no position is left after cleaning: " + str(self.tally.report().select("reason", "rows").rows())
            )
        ends = pl.from_epoch(pl.Series([min(span), max(span)]), time_unit="s").dt.to_string("%Y-%m-%dT%H:%M:%SZ")
        info = describe(rows=rows, ships=ships, span=(ends[0], ends[1]), buckets=self.buckets, sources=self.sources)
        (self._work / "store.json").write_text(json.dumps(info, indent=1), encoding="utf-8")
        (self._work / "natural.sql").write_text(NATURAL_SQL, encoding="utf-8")
        self.votes.counts().write_parquet(self._work / "votes.parquet")
        self.tally.by_ship().write_parquet(self._work / "cleaning_ships.parquet")
        self.tally.report().write_csv(self._work / "cleaning.csv")
        self._statics().write_parquet(self._work / "statics.parquet")

    def _bucket(self, bucket: int) -> pl.DataFrame:
        """Return all fixes of a bucket, old and new, in any order."""
        found = [pl.DataFrame(schema=FIXES)]
        if self.old:
            found.append(pl.read_parquet(self.old.path / f"bucket={bucket:02d}.parquet", hive_partitioning=False))
        spilled = self._spill / f"{bucket}.arrows"
        if spilled.exists():
            with pa.OSFile(str(spilled)) as file, pa.ipc.open_stream(file) as reader:
                found.append(cast("pl.DataFrame", pl.from_arrow(reader.read_all())))
            spilled.unlink()
        return pl.concat(found)

    def _statics(self) -> pl.DataFrame:
        """Return statics of the votes; ready ones that were handed in stand for ships without votes."""
        voted = self.votes.statics()
        ready = [self._given_statics] if self._given_statics is not None else []
        if self.old:
            ready.append(self.old.statics())
        return pl.concat([voted, *ready]).unique("mmsi", keep="first", maintain_order=True).sort("mmsi")


def describe(*, rows: int, ships: int, span: tuple[Any, Any], buckets: int, sources: Sequence[Any]) -> dict[str, Any]:
    """Return the content of ``store.json``."""
    return {
        "format": "sisterport positions",
        "version": VERSION,
        "rows": rows,
        "ships": ships,
        "start_utc": span[0],
        "end_utc": span[1],
        "buckets": buckets,
        "scale": {"t_s": "seconds since 1970-01-01 UTC"}
        | {name: 10.0**-decimals for name, decimals in DECIMALS.items()},
        "sources": list(sources),
    }
