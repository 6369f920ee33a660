"""Calls for the planner: from a file, from what happened, or from what ships announced; what is left out is counted."""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.berths.happened import happened
from sisterport.errors import InputError, SchemaError
from sisterport.tables import check, read_file

_HOUR_MS = 3_600_000


class Planned(NamedTuple):
    """Calls for the planner, and those that cannot be planned.

    Attributes
    ----------
    calls
        Frame of the table ``berth_calls``.
    ships
        Frame of the table ``call_ships``: who they are and how the handling time is known.
    left_out
        ``call_id, reason``.
    """

    calls: pl.DataFrame
    ships: pl.DataFrame
    left_out: pl.DataFrame


def read_planned_calls(source: Any) -> pl.DataFrame:
    """Return calls to be planned from a file, or a frame, with the columns of the table ``berth_calls``.

    Parameters
    ----------
    source
        Path of a CSV or Parquet file, or a frame. Only ``call_id`` and ``eta_utc`` are needed by themselves.

    Raises
    ------
    SchemaError
        Listing every fault; a call that comes twice is one.

    Examples
    --------
    >>> rows = pl.DataFrame({"call_id": ["A"], "eta_utc": ["2026-03-01T06:00:00"], "handling_h": [12]})
    >>> read_planned_calls(rows).select("eta_utc", "handling_h").dtypes
    [Datetime(time_unit='ms', time_zone='UTC'), Float64]
    """
    rows = check(read_file(source) if isinstance(source, str | Path) else source, "berth_calls")
    twice = rows.filter(pl.col("call_id").is_duplicated())["call_id"].unique(maintain_order=True)
    if twice.len():
        raise SchemaError("berth_calls", [f"call '{name}' comes more than once" for name in twice])
    return rows


def calls_that_happened(visits: Any, *, ships: Any = None) -> Planned:
    """Return calls that happened as if they were still to be planned: arrival as ETA, hours at berth as handling.

    Parameters
    ----------
    visits
        Frame of the table ``visits``. Only calls that were seen from arrival to the end of one stop at one berth can be
        planned: a shift to another berth is two stays.
    ships
        Frame of the table ``ships``: length and draught.

    Returns
    -------
    Planned
        ``berth_id`` of the ships is where they went.
    """
    calls = happened(check(visits, "visits")).calls
    reasons = [
        (pl.col("first_berth_utc").is_null(), "no stop at a berth"),
        (pl.col("waiting_h").is_null(), "arrival not seen"),
        (pl.col("berth_h").is_null(), "stop at berth not seen from begin to end"),
        (pl.col("shifts") > 0, "shifted to another berth"),
        (pl.col("berth_h") <= 0, "no time at berth"),
    ]
    rows = calls.with_columns(reason=pl.coalesce(pl.when(when).then(pl.lit(why)) for when, why in reasons))
    kept = rows.filter(pl.col("reason").is_null()).with_columns(
        eta_utc="arrival_utc", handling_h="berth_h", handling_source=pl.lit("hours at berth")
    )
    if ships is not None:
        sizes = check(ships, "ships").select("mmsi", "length_m", draught_m="draught_ref_m")
        kept = kept.join(sizes, on="mmsi", how="left", maintain_order="left")
    return _planned(kept, rows)


def calls_announced(
    announced: Any,
    *,
    moves_per_h: float | None = None,
    fixed_h: float = 0.0,
    handling_h: float | None = None,
    after: datetime | None = None,
) -> Planned:
    """Return announced calls (`sisterport.exchange.read_dcsa_calls`) for the planner.

    Parameters
    ----------
    announced
        Frame of the table ``announced_calls``.
    moves_per_h
        Containers that the terminal loads and discharges per hour and ship [1/h]: handling from the moves forecast.
    fixed_h
        Time at berth without cargo operations, added to that [h].
    handling_h
        Handling where neither a forecast nor times of departure tell it [h]; without it such calls are left out.
    after
        Calls whose estimated arrival is before this are left out (with a time zone).

    Returns
    -------
    Planned
        ETA: of the berth, else of the pilot place. A planned (agreed) berth arrival is the promise.

    Raises
    ------
    InputError
        If a rate of moves is not above 0.

    Examples
    --------
    >>> from datetime import UTC
    >>> rows = pl.DataFrame({"call_id": ["A", "B"], "state": ["estimated", "actual"], "moves": [600.0, None],
    ...     "berth_eta_utc": [datetime(2026, 3, 1, 6, tzinfo=UTC)] * 2,
    ...     "berth_ata_utc": [None, datetime(2026, 3, 1, 7, tzinfo=UTC)]})
    >>> found = calls_announced(rows, moves_per_h=60, fixed_h=2)
    >>> found.calls["handling_h"].to_list(), found.ships["handling_source"].to_list(), found.left_out.rows()
    ([12.0], ['moves forecast'], [('B', 'at berth already')])
    """
    if moves_per_h is not None and not moves_per_h > 0:
        raise InputError(f"{moves_per_h:g} moves per hour: it has to be above 0")
    rows = check(announced, "announced_calls")
    stay = (pl.col("berth_etd_utc") - pl.col("berth_eta_utc")).dt.total_milliseconds() / _HOUR_MS
    of_moves = pl.col("moves") / moves_per_h + fixed_h if moves_per_h is not None else pl.lit(None, pl.Float64)
    known = [
        (of_moves, "moves forecast"),
        (pl.when(stay > 0).then(stay), "departure less arrival, both estimated"),
        (pl.lit(handling_h, pl.Float64), "the same for all calls"),
    ]
    timed = rows.with_columns(
        eta_utc=pl.coalesce("berth_eta_utc", "pilot_eta_utc"),
        handling_h=pl.coalesce(value for value, _ in known),
        handling_source=pl.coalesce(pl.when(value.is_not_null()).then(pl.lit(why)) for value, why in known),
        promised_start_utc="berth_pta_utc",
        promised_berth_id=pl.when(pl.col("berth_pta_utc").is_not_null()).then("place"),
        requested_departure_utc=pl.coalesce("berth_rtd_utc", "berth_etd_utc"),
    )
    late = pl.col("eta_utc") < pl.lit(after) if after is not None else pl.lit(value=False)
    reasons = [
        (pl.col("berth_atd_utc").is_not_null(), "departed"),
        (pl.col("berth_ata_utc").is_not_null(), "at berth already"),
        (pl.col("eta_utc").is_null(), "no estimate of the arrival"),
        (late, "estimated arrival is over"),
        (pl.col("handling_h").is_null(), "nothing tells the handling time"),
    ]
    judged = timed.with_columns(reason=pl.coalesce(pl.when(when).then(pl.lit(why)) for when, why in reasons))
    return _planned(judged.filter(pl.col("reason").is_null()), judged)


def _planned(kept: pl.DataFrame, judged: pl.DataFrame) -> Planned:
    left_out = judged.filter(pl.col("reason").is_not_null()).select("call_id", "reason")
    return Planned(check(kept, "berth_calls"), check(kept, "call_ships"), left_out)
