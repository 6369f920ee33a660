"""Read AIS positions and static data from whatever people have; count what could not be read."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from sisterport.ais.blocks import RawTable, raw_tables
from sisterport.ais.convert import read_field
from sisterport.ais.layouts import NEEDED, Layout, resolve_layout
from sisterport.ais.statics import VOTED, Votes, imo_valid
from sisterport.ais.tally import Tally
from sisterport.errors import InputError
from sisterport.tables import Caller, empty, schema


def read_positions(
    source: Any, *, columns: Mapping[str, str] | None = None, layout: str | None = None
) -> tuple[Any, Any, Any]:
    """Read AIS positions, and the static data that came along.

    Nothing is judged here beyond what can be read; `clean` does that.

    Parameters
    ----------
    source
        A path, a glob, several of them, or any Arrow-speaking frame. Files: CSV, also in .zip, .gz or .zst,
        and Parquet. Known headers: NOAA MarineCadastre (both), Danish Maritime Authority, Statsat, ours
        (``layouts.csv``).
    columns
        Map from other column names to ours, e.g. ``{"Speed": "sog_kn", "ShipIMO": "imo"}``.
    layout
        Name of a known layout, where the header does not say it; None: by header.

    Returns
    -------
    positions, statics, report
        Tables ``positions`` (in the order of the source) and ``statics`` (one row per ship station), and
        what was dropped or set to null: ``reason, rows, ships, action, meaning``. Rows read = rows of
        positions + rows dropped.

    Raises
    ------
    InputError
        If a file is missing, empty, damaged or not a table, or if no row is left.
    SchemaError
        If a needed column is not found; lists every fault with its mend.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"MMSI": [366952790], "BaseDateTime": ["2020-12-01T00:00:07"], "LAT": [40.6],
    ...     "LON": [-74.1], "SOG": [4.2], "IMO": ["IMO9627980"]})
    >>> positions, statics, report = read_positions(rows)
    >>> positions["time_utc"].item().isoformat(), statics["imo"].item(), report.height
    ('2020-12-01T00:00:07+00:00', 9627980, 0)
    """
    caller, votes, tally = Caller(source), Votes(), Tally()
    frames = list(stream(source, columns=columns, layout=layout, votes=votes, tally=tally))
    positions = pl.concat([empty("positions"), *frames])
    return caller.back(positions), caller.back(votes.statics()), caller.back(tally.report())


def stream(
    source: Any,
    *,
    columns: Mapping[str, str] | None,
    layout: str | None,
    votes: Votes,
    tally: Tally,
    seen: Callable[[int, int | None], None] | None = None,
) -> Iterator[pl.DataFrame]:
    """Yield the positions of `source` block by block, counting into `votes` and `tally`.

    `seen` is called with the rows read so far and, for sources that say so, the rows there are.
    """
    read = kept = 0
    for table in raw_tables(source):
        chosen = resolve_layout(table.header, columns=columns, layout=layout, where=table.label)
        before = read
        readable: set[str] = set()
        for raw in table.frames(chosen, tally):
            read += raw.height
            positions = _convert(raw, chosen, votes, tally)
            kept += positions.height
            readable |= {name for name in NEEDED if positions[name].null_count() < positions.height}
            if seen is not None:
                seen(read, None if table.rows is None else before + table.rows)
            yield positions
        if read == before:
            raise InputError(f"{table.label} has a header but no rows")
        if positions.height:
            _refuse_unread(table, chosen, raw, readable)
    if not kept:
        raise InputError(f"no position is left of {read} rows: {_most(tally)}")


def _refuse_unread(table: RawTable, layout: Layout, raw: pl.DataFrame, readable: set[str]) -> None:
    """Refuse a table in which a needed column could not be read in any row: the map is wrong."""
    for name in NEEDED:
        given = raw[name].drop_nulls()
        if name not in readable:
            example = f"for example {given[0]!r}" if given.len() else "it is empty"
            raise InputError(
                f"{table.label}: nothing in column '{layout.headers[name]}' reads as {name}, {example}; "
                "name another column or layout"
            )


def _most(tally: Tally) -> str:
    for reason, rows, _, _, meaning in tally.report().sort("rows", descending=True).iter_rows():
        return f"{rows} {reason} ({meaning})"
    return "nothing was dropped"


def _convert(raw: pl.DataFrame, layout: Layout, votes: Votes, tally: Tally) -> pl.DataFrame:
    """Return positions of a raw block; count static data into `votes`, what is unreadable into `tally`."""
    mmsi, bad = read_field(raw["mmsi"], "mmsi")
    tally.add("unreadable_mmsi", mmsi.filter(bad))
    if layout.ships_only:
        ship = read_field(raw["transceiver_class"], "transceiver_class")[0].is_not_null()
        tally.add("not_class_a_or_b", mmsi.filter(~ship))
        raw, mmsi = raw.filter(ship), mmsi.filter(ship)
    table = schema("positions").values()
    done = [mmsi]
    for name in (column.name for column in table if column.name in raw.columns and column.name != "mmsi"):
        series, bad = read_field(raw[name], name, layout.time_format)
        tally.add(f"unreadable_{name}", mmsi.filter(bad))
        done.append(series)
    positions = pl.DataFrame(done)
    absent = [pl.lit(None, c.dtype).alias(c.name) for c in table if c.name not in positions.columns]
    positions = positions.with_columns(absent).select(column.name for column in table)
    static = raw.select(name for name in VOTED if name in raw.columns)
    _vote(positions.select("mmsi", "draught_m").hstack(static), votes, tally)
    return positions


def _vote(raw: pl.DataFrame, votes: Votes, tally: Tally) -> None:
    """Convert static data once per ship and different content, and count it."""
    static = [name for name in raw.columns if name in VOTED]
    draught, most = pl.col("draught_m"), schema("positions")["draught_m"].maximum
    groups = raw.group_by("mmsi", *static).agg(
        pl.len().cast(pl.Int64).alias("rows"), draught.filter((draught > 0) & (draught <= most)).max()
    )
    for name in static:
        series, bad = read_field(groups[name], name)
        tally.add(f"unreadable_{name}", groups["mmsi"].filter(bad), groups["rows"].filter(bad))
        groups = groups.with_columns(series.alias(name))
    if "imo" in static:
        wrong = groups.filter(~imo_valid(pl.col("imo")))
        tally.add("imo_check_digit", wrong["mmsi"], wrong["rows"])
    votes.add(groups)
