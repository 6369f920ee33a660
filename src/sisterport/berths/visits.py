"""Visits: one row per stop of a call at berth or at anchor, from a run or from a port's own records."""

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.reference import resolve_locode
from sisterport.shorepower.stays import stays
from sisterport.tables import check, empty, read_file
from sisterport.voyages import read_areas

BERTH, ANCHORAGE = "berth", "anchorage"
_AREAS = "areas.geojson"
_HOUR_MS = 3_600_000


class Watched(NamedTuple):
    """Visits and when somebody looked.

    Attributes
    ----------
    visits
        Frame of the table ``visits``.
    watch
        ``begin_utc, end_utc`` of the periods in which all ships would have been seen: what berth occupancy is counted
        over.
    """

    visits: pl.DataFrame
    watch: pl.DataFrame


def visits(calls: Any, stops: Any, *, ships: Any = None, areas: Any = None) -> pl.DataFrame:
    """Return the stops of calls with the times of their call, the ship and the terminal.

    Parameters
    ----------
    calls, stops
        Frames of those tables, of one run.
    ships
        Frame of the table ``ships``: name and class.
    areas
        Frame of the table ``areas`` or an `AreaSet`: tells berths from other areas and names the terminal.

    Examples
    --------
    >>> visits(empty("calls"), empty("stops")).height
    0
    """
    port_calls, rows = check(calls, "calls"), check(stops, "stops")
    fleet = empty("ships") if ships is None else ships
    placed = stays(port_calls, rows, empty("emissions"), empty("segments"), fleet, areas=areas).stays
    holes = rows.select("call_id", "stop", "hours_hole", stay_id=pl.format("{}-{}", "call_id", "stop"))
    of_call = port_calls.select("call_id", "arrival_utc", "departure_utc", "arrival_seen", "departure_seen")
    joined = placed.join(holes.drop("call_id"), on="stay_id", how="left", maintain_order="left").join(
        of_call, on="call_id", how="left", maintain_order="left"
    )
    return check(joined, "visits")


def read_run_visits(folder: str | Path) -> Watched:
    """Return the visits of a run from the files that it wrote, all its periods together.

    Parameters
    ----------
    folder
        Where a run was written to: the folder of one period, or the whole with the folders of its periods.

    Raises
    ------
    InputError
        If there is no run, or a call stands in two periods.
    """
    place = Path(folder)
    there = sorted(path.parent for path in [*place.glob("stops.parquet"), *place.glob("*/stops.parquet")])
    if not there:
        raise InputError(f"no run in {place}: there is no stops.parquet, nor one in a folder below")
    own = next((f for f in (place / _AREAS, place.parent / _AREAS) if f.is_file()), None)
    areas = read_areas(own) if own is not None else None
    read = [{name: read_file(period / f"{name}.parquet") for name in ("calls", "stops", "ships")} for period in there]
    found = [visits(part["calls"], part["stops"], ships=part["ships"], areas=areas) for part in read]
    spans = [read_file(period / "segments.parquet").select("start_utc", "end_utc") for period in there]
    ids = pl.concat([part.select(pl.col("call_id").unique()) for part in found])["call_id"]
    if ids.is_duplicated().any():
        raise InputError(f"call {ids.filter(ids.is_duplicated())[0]} is in more than one period of {place}")
    watch = pl.concat([span.select(begin_utc=pl.col("start_utc").min(), end_utc=pl.col("end_utc").max())
                       for span in spans if span.height] or [_span(empty("visits"))])  # fmt: skip
    return Watched(pl.concat(found), watch.sort("begin_utc"))


def read_records(source: Any) -> Watched:
    """Return the visits in a port's own records of calls.

    Parameters
    ----------
    source
        Path of a CSV or Parquet file, or a frame, with the columns of the table ``call_records``: one row per berth of
        a call. A call begins with its arrival, or where that is not recorded with its anchor or first line, and is then
        not seen from the beginning; its end likewise.

    Raises
    ------
    SchemaError
        Listing every fault: columns, times in the wrong order, berths that overlap, port codes that are unknown.

    Examples
    --------
    >>> rows = pl.DataFrame({"call_id": ["A"], "arrival_utc": ["2026-03-01T00:00:00"],
    ...     "anchor_start_utc": ["2026-03-01T01:00:00"], "anchor_end_utc": ["2026-03-01T07:00:00"],
    ...     "berth_start_utc": ["2026-03-01T08:00:00"], "berth_end_utc": ["2026-03-02T08:00:00"]})
    >>> read_records(rows).visits.select("place", "hours", "departure_seen").rows()
    [('anchorage', 6.0, False), ('berth', 24.0, False)]
    """
    given = read_file(source) if isinstance(source, str | Path) else source
    rows = check(given, "call_records").sort("call_id", "berth_start_utc")
    faults = _disorder(rows)
    codes = {}
    for code in rows["locode"].drop_nulls().unique().sort():
        try:
            codes[code] = resolve_locode(code)
        except ReferenceDataError as error:
            faults.append(f"column 'locode': {error}")
    if faults:
        raise SchemaError("call_records", faults)
    rows = rows.with_columns(pl.col("locode").replace_strict(codes, return_dtype=pl.String, default=None))
    found = _of_records(rows)
    return Watched(found, _span(found))


def _disorder(rows: pl.DataFrame) -> list[str]:
    """Return faults in the order of times; a missing time breaks no order."""
    steps = ["arrival_utc", "anchor_start_utc", "anchor_end_utc", "berth_start_utc", "berth_end_utc", "departure_utc"]
    faults = []
    for i, later in enumerate(steps):
        for earlier in steps[:i]:
            if earlier == "arrival_utc" or later == "departure_utc" or (earlier, later) in _NEIGHBOURS:
                wrong = rows.filter(pl.col(earlier) > pl.col(later))
                faults += [f"call {call}: {later} before {earlier}" for call in wrong["call_id"]]
    half = rows.filter(pl.col("anchor_start_utc").is_null() != pl.col("anchor_end_utc").is_null())
    faults += [f"call {call}: only one of anchor_start_utc and anchor_end_utc" for call in half["call_id"]]
    before = pl.col("berth_end_utc").shift(1).over("call_id")
    begins = pl.coalesce("anchor_start_utc", "berth_start_utc")
    faults += [
        f"call {call}: a berth begins before the one before it ends" for call in rows.filter(begins < before)["call_id"]
    ]
    return faults


_NEIGHBOURS = {
    ("anchor_start_utc", "anchor_end_utc"),
    ("anchor_end_utc", "berth_start_utc"),
    ("berth_start_utc", "berth_end_utc"),
}


def _of_records(rows: pl.DataFrame) -> pl.DataFrame:
    arrival = pl.col("arrival_utc").drop_nulls().first().over("call_id")
    departure = pl.col("departure_utc").drop_nulls().last().over("call_id")
    first = pl.min_horizontal("anchor_start_utc", "berth_start_utc").min().over("call_id")
    timed = rows.with_columns(
        arrival_utc=pl.coalesce(arrival, first),
        arrival_seen=arrival.is_not_null(),
        departure_utc=pl.coalesce(departure, pl.col("berth_end_utc").max().over("call_id")),
        departure_seen=departure.is_not_null(),
        start_seen=pl.lit(value=True),
        end_seen=pl.lit(value=True),
        hours_hole=pl.lit(0.0),
    )
    anchored = timed.filter(pl.col("anchor_start_utc").is_not_null()).with_columns(
        place=pl.lit(ANCHORAGE),
        berth_id=pl.lit(None, pl.String),
        terminal=pl.lit(None, pl.String),
        start_utc="anchor_start_utc",
        end_utc="anchor_end_utc",
    )
    berthed = timed.with_columns(place=pl.lit(BERTH), start_utc="berth_start_utc", end_utc="berth_end_utc")
    both = pl.concat([anchored, berthed]).sort("call_id", "start_utc", "end_utc")
    hours = (pl.col("end_utc") - pl.col("start_utc")).dt.total_milliseconds() / _HOUR_MS
    return check(both.with_columns(hours=hours, stop=pl.int_range(1, pl.len() + 1).over("call_id")), "visits")


def _span(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the time from the first arrival to the last departure as one period."""
    span = rows.select(begin_utc=pl.col("arrival_utc").min(), end_utc=pl.col("departure_utc").max())
    return span.drop_nulls()
