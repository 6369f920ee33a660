"""What happened: waiting at anchor, turnaround, time at berth, shifts, occupancy of berths, idle time between ships.

Only what was seen counts: a call that was in port already when the data begin has no turnaround and no waiting, a stop
that was still on at their end has no length. Such calls are counted as left out, beside the values.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from sisterport.berths.visits import ANCHORAGE, BERTH, Watched
from sisterport.errors import choose
from sisterport.tables import check, to_polars

GROUPS = ("locode", "terminal", "ship_class", "month")
"""What values can be grouped by."""
_MONTH = "%Y-%m"
_OF_CALLS = {
    "waiting": ("h", "waiting_h", pl.col("first_berth_utc").is_not_null()),
    "turnaround": ("h", "turnaround_h", pl.lit(value=True)),
    "at_berth": ("h", "berth_h", pl.col("first_berth_utc").is_not_null()),
    "shifts": ("", "shifts", pl.col("first_berth_utc").is_not_null()),
}
"""Measures of calls: unit, column, and which calls could have one."""


class Happened(NamedTuple):
    """What happened.

    Attributes
    ----------
    calls
        Frame of the table ``port_calls``: one row per call.
    occupancy
        ``berth_id, locode, terminal, month, hours_watched, hours_occupied, ship_hours, hours_hole, stays``: one row per
        berth and month with a ship in it. Ships side by side occupy a berth once; their hours are in `ship_hours`.
        Stops at no known berth have a row without berth for each terminal and month, and no `hours_occupied`.
    idle
        ``berth_id, locode, terminal, ship_class, month, begin_utc, end_utc, hours``: one row per gap at a berth from
        the departure of one ship to the arrival of another one, both seen. The class is that of the ship that came.
    idle_left_out
        Gaps of which the begin or the end was not seen, by `GROUPS`: ``gaps``.
    """

    calls: pl.DataFrame
    occupancy: pl.DataFrame
    idle: pl.DataFrame
    idle_left_out: pl.DataFrame

    def summary(self, *, by: Sequence[str] = ("terminal", "ship_class", "month")) -> pl.DataFrame:
        """Return counts, mean, median and 90th percentile of every measure.

        Parameters
        ----------
        by
            Groups out of `GROUPS`; none: everything together. Occupancy is of berths, not of ship classes: where
            classes are asked for it stands once, with a null class.

        Returns
        -------
        DataFrame
            Frame of the table ``port_times``.
        """
        for name in by:
            choose("group", name, GROUPS)
        keys = [name for name in GROUPS if name in by]
        parts = [_of_calls(self.calls, keys, name) for name in _OF_CALLS]
        parts += [_of_occupancy(self.occupancy, [k for k in keys if k != "ship_class"])]
        parts += [_of_idle(self.idle, self.idle_left_out, keys)]
        filled = [check(part, "port_times") for part in parts]
        return pl.concat(filled).sort([*keys, "measure"], nulls_last=True)


def happened(watched: Watched | Any, *, watch: Any = None) -> Happened:
    """Return what happened in visits.

    Parameters
    ----------
    watched
        What `sisterport.berths.visits.read_run_visits` or `read_records` returned, or a frame of the table ``visits``.
    watch
        With a frame of visits: ``begin_utc, end_utc`` of the periods in which all ships would have been seen; from the
        first arrival to the last departure if not given.

    Raises
    ------
    SchemaError
        If the visits do not fit their table.

    Examples
    --------
    >>> from sisterport.berths.visits import read_records
    >>> rows = pl.DataFrame({"call_id": ["A", "B"], "mmsi": [1, 2], "berth_id": ["east", "east"],
    ...     "arrival_utc": ["2026-03-01T00:00:00", "2026-03-01T06:00:00"],
    ...     "anchor_start_utc": [None, "2026-03-01T06:00:00"], "anchor_end_utc": [None, "2026-03-01T12:00:00"],
    ...     "berth_start_utc": ["2026-03-01T01:00:00", "2026-03-01T14:00:00"],
    ...     "berth_end_utc": ["2026-03-01T11:00:00", "2026-03-02T00:00:00"],
    ...     "departure_utc": ["2026-03-01T12:00:00", "2026-03-02T00:00:00"]})
    >>> seen = happened(read_records(rows))
    >>> seen.summary(by=[]).select("measure", "n", "median", "total").rows()
    ... # doctest: +NORMALIZE_WHITESPACE
    [('at_berth', 2, 10.0, 20.0), ('idle', 1, 3.0, 3.0), ('occupancy', 1, 0.8333333333333334, 0.8333333333333334),
     ('shifts', 2, 0.0, 0.0), ('turnaround', 2, 15.0, 30.0), ('waiting', 2, 3.0, 6.0)]
    """
    rows = check(watched.visits if isinstance(watched, Watched) else watched, "visits")
    if isinstance(watched, Watched):
        windows = watched.watch
    elif watch is None:
        windows = rows.select(begin_utc=pl.col("arrival_utc").min(), end_utc=pl.col("departure_utc").max()).drop_nulls()
    else:
        windows = to_polars(watch).select("begin_utc", "end_utc")
    at_berth = rows.filter(pl.col("place") == BERTH)
    known = at_berth.filter(pl.col("berth_id").is_not_null())
    idle, left_out = _idle(_blocks(_clipped(known, windows), ["window"]))
    return Happened(_calls(rows), _occupancy(at_berth, _months(windows)), idle, left_out)


def anchorage_waiting(calls: Any, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Return the indicator of anchorage waiting: hours at anchor per call before the first berth.

    Parameters
    ----------
    calls
        Frame of the table ``port_calls``, as in `Happened.calls`.
    by
        Groups out of `GROUPS`.

    Returns
    -------
    DataFrame
        Groups and ``calls, left_out, waited, mean_h, median_h, p90_h, total_h``: calls with a berth that were seen from
        their arrival; calls with a berth that were not; calls that waited at all.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> anchorage_waiting(empty("port_calls")).select("calls", "mean_h").row(0)
    (0, None)
    """
    for name in by:
        choose("group", name, GROUPS)
    rows = check(calls, "port_calls")
    keys = [name for name in GROUPS if name in by]
    spread = _spread(rows.filter(_OF_CALLS["waiting"][2]), keys, pl.col("waiting_h"))
    waited = rows.group_by(keys).agg(waited=(pl.col("waiting_h") > 0).sum()) if keys else rows.select(
        waited=(pl.col("waiting_h") > 0).sum())  # fmt: skip
    both = (
        spread.join(waited, on=keys, how="left", nulls_equal=True)
        if keys
        else pl.concat([spread, waited], how="horizontal")
    )
    named = {"n": "calls", "mean": "mean_h", "median": "median_h", "p90": "p90_h", "total": "total_h"}
    return both.rename(named).select(*keys, "calls", "left_out", "waited", "mean_h", "median_h", "p90_h", "total_h")


def _calls(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per call: its first berth and its times, null where they were not seen."""
    berth = pl.col("place") == BERTH
    first = pl.col("start_utc").filter(berth).min()
    before = pl.col("end_utc") <= first
    hours = pl.col("hours")
    anchored = pl.col("place") == ANCHORAGE
    known = pl.col("arrival_seen").first() & pl.col("start_seen").all()
    berthed = pl.col("berth_id").filter(berth)
    moved = berthed.ne_missing(berthed.shift(1)).slice(1)
    ordered = rows.sort("call_id", "start_utc", "stop")
    of_ship = ("mmsi", "imo", "name", "ship_class", "locode", "arrival_utc", "departure_utc")
    found = ordered.group_by("call_id", maintain_order=True).agg(
        pl.col(*of_ship).first(),
        pl.col("terminal", "berth_id").filter(berth).first(),
        pl.col("arrival_utc").first().dt.strftime(_MONTH).alias("month"),
        first.alias("first_berth_utc"),
        pl.when(known & first.is_not_null()).then(hours.filter(anchored & before).sum()).alias("waiting_h"),
        pl.when(pl.col("arrival_seen").first() & pl.col("departure_seen").first())
        .then((pl.col("departure_utc") - pl.col("arrival_utc")).first().dt.total_milliseconds() / 3_600_000)
        .alias("turnaround_h"),
        pl.when(berth.any() & (pl.col("start_seen") & pl.col("end_seen")).filter(berth).all())
        .then(hours.filter(berth).sum())
        .alias("berth_h"),
        hours.filter(anchored & (~before | first.is_null())).sum().alias("anchor_later_h"),
        pl.when(known & pl.col("end_seen").all()).then(moved.sum()).alias("shifts"),
        pl.col("hours_hole").sum(),
        hours.sum().alias("hours_stopped"),
    )
    return check(found, "port_calls")


def _months(windows: pl.DataFrame) -> pl.DataFrame:
    """Cut windows at the turns of months."""
    turns = windows.with_columns(
        month=pl.datetime_ranges(pl.col("begin_utc").dt.truncate("1mo"), pl.col("end_utc"), interval="1mo")
    ).explode("month")
    cut = turns.with_columns(
        begin_utc=pl.max_horizontal("begin_utc", "month"),
        end_utc=pl.min_horizontal("end_utc", pl.col("month").dt.offset_by("1mo")),
        month=pl.col("month").dt.strftime(_MONTH),
    )
    return cut.filter(pl.col("end_utc") > pl.col("begin_utc"))


def _clipped(rows: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """Return the part of each visit inside each window, with the number of the window and what of it was seen."""
    whole = windows.with_row_index("window").rename({"begin_utc": "window_begin", "end_utc": "window_end"})
    met = rows.join(whole, how="cross").filter(
        (pl.col("start_utc") < pl.col("window_end")) & (pl.col("end_utc") > pl.col("window_begin"))
    )
    return met.with_columns(
        start_utc=pl.max_horizontal("start_utc", "window_begin"),
        end_utc=pl.min_horizontal("end_utc", "window_end"),
        start_seen=pl.col("start_seen") & (pl.col("start_utc") >= pl.col("window_begin")),
        end_seen=pl.col("end_seen") & (pl.col("end_utc") <= pl.col("window_end")),
    )


def _blocks(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Return one row per block of time in which a berth was never empty, in order of time."""
    within = ["berth_id", *keys]
    ordered = rows.sort(*within, "start_utc", "end_utc")
    reach = pl.col("end_utc").cum_max().shift(1).over(within)
    numbered = ordered.with_columns(block=(pl.col("start_utc") > reach).fill_null(value=False).cum_sum().over(within))
    last = pl.col("end_utc").arg_max()
    return numbered.group_by([*within, "block"], maintain_order=True).agg(
        pl.col("locode", "terminal", "ship_class", "start_seen").first(),
        pl.col("start_utc").first().alias("begin_utc"),
        pl.col("end_utc").max(),
        pl.col("end_seen").get(last),
        pl.coalesce("mmsi", "imo").first().alias("came"),
        pl.coalesce("mmsi", "imo").get(last).alias("left"),
        pl.col("hours_hole").sum(),
        _hours("end_utc", "start_utc").sum().alias("ship_hours"),
        pl.len().alias("stays"),
    )


def _hours(later: str, earlier: str) -> pl.Expr:
    return (pl.col(later) - pl.col(earlier)).dt.total_milliseconds() / 3_600_000


def _occupancy(rows: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """Return how long each berth was occupied in each month; null for stops at no known berth."""
    blocks = _blocks(_clipped(rows, months), ["month", "window"])
    watched = months.group_by("month").agg(hours_watched=_hours("end_utc", "begin_utc").sum())
    keys = ["berth_id", "locode", "terminal", "month"]
    occupied = pl.when(pl.col("berth_id").first().is_not_null()).then(_hours("end_utc", "begin_utc").sum())
    sums = blocks.group_by(keys, maintain_order=True).agg(
        occupied.alias("hours_occupied"), pl.col("ship_hours", "hours_hole", "stays").sum()
    )
    columns = ("hours_watched", "hours_occupied", "ship_hours", "hours_hole", "stays")
    return sums.join(watched, on="month", how="left", maintain_order="left").select(*keys, *columns)


def _idle(blocks: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the gaps between blocks of different ships, and how many were left out because an end was not seen."""
    before = ("end_utc", "end_seen", "left")
    gaps = (
        blocks.with_columns(pl.col(name).shift(1).over("berth_id", "window").alias(f"{name}_before") for name in before)
        .filter(pl.col("end_utc_before").is_not_null() & pl.col("came").ne_missing(pl.col("left_before")))
        .with_columns(
            end_utc="begin_utc", begin_utc="end_utc_before", seen=pl.col("start_seen") & pl.col("end_seen_before")
        )
        .with_columns(hours=_hours("end_utc", "begin_utc"), month=pl.col("begin_utc").dt.strftime(_MONTH))
    )
    columns = ["berth_id", "locode", "terminal", "ship_class", "month", "begin_utc", "end_utc", "hours"]
    lost = gaps.filter(~pl.col("seen")).group_by(GROUPS).agg(gaps=pl.len())
    return gaps.filter("seen").select(columns), lost


def _spread(rows: pl.DataFrame, keys: Sequence[str], value: pl.Expr) -> pl.DataFrame:
    """Return number, number of nulls, mean, median, 90th percentile and sum of a value by group."""
    number = value.cast(pl.Float64)
    what = {
        "n": number.count(),
        "left_out": number.null_count(),
        "mean": number.mean(),
        "median": number.median(),
        "p90": number.quantile(0.9, interpolation="linear"),
        "total": pl.when(number.count() > 0).then(number.sum()),
        "hole_share": _share(pl.col("hours_hole").filter(number.is_not_null()), number)
        if "hours_hole" in rows.columns
        else pl.lit(None, pl.Float64),
    }
    return rows.group_by(keys, maintain_order=True).agg(**what) if keys else rows.select(**what)


def _share(hole: pl.Expr, number: pl.Expr) -> pl.Expr:
    stopped = pl.col("hours_stopped").filter(number.is_not_null()).sum()
    return pl.when(stopped > 0).then(hole.sum() / stopped)


def _of_calls(calls: pl.DataFrame, keys: Sequence[str], measure: str) -> pl.DataFrame:
    unit, column, could = _OF_CALLS[measure]
    spread = _spread(calls.filter(could), keys, pl.col(column))
    return spread.with_columns(measure=pl.lit(measure), unit=pl.lit(unit))


def _of_occupancy(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    named = rows.rename({"ship_hours": "hours_stopped"})
    spread = _spread(named, keys, pl.col("hours_occupied") / pl.col("hours_watched"))
    known = pl.col("hours_occupied").is_not_null()
    whole = pl.col("hours_occupied").sum() / pl.col("hours_watched").filter(known).sum()
    whole = pl.when(known.any()).then(whole)
    total = rows.group_by(keys, maintain_order=True).agg(total=whole) if keys else rows.select(total=whole)
    return spread.with_columns(total=total["total"], measure=pl.lit("occupancy"), unit=pl.lit("1"))


def _of_idle(idle: pl.DataFrame, lost: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    known = idle.select(*GROUPS, "hours")
    unknown = lost.select(*GROUPS, hours=pl.lit(None, pl.Float64).repeat_by("gaps")).explode("hours")
    both = pl.concat([known, unknown], how="vertical_relaxed")
    return _spread(both, keys, pl.col("hours")).with_columns(measure=pl.lit("idle"), unit=pl.lit("h"))
