"""Visits to California's ports: a table of them, or stays of ships with the records of their connections."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from sisterport.errors import InputError
from sisterport.fleet import ship_id
from sisterport.project.ashore_read import connections_of, stays_of
from sisterport.project.together import together
from sisterport.rules.at_berth import california_ports, visits
from sisterport.tables import check, empty, read_file
from sisterport.units import MS_PER_HOUR

_TIMES = {"connect_after_h": ("start_utc", "on_utc"), "disconnect_before_pilot_h": ("off_utc", "end_utc")}


class Visited(NamedTuple):
    """Outcomes of visits (table ``carb_outcomes``), and what a reader has to know."""

    outcomes: pl.DataFrame
    notes: list[str]


def visits_of(source: Path, *, connections: Path | None = None, complete: bool = False) -> Visited:
    """Return the outcome of visits.

    Parameters
    ----------
    source
        Table ``carb_visits``; or, with `connections`, the folder of a run or a table of stays.
    connections
        Records of connections: a table, or DCSA events (``.json``).
    complete
        The records are all that there are: a stay without one had no control. Otherwise it is not known, and left
        out.

    Raises
    ------
    SisterportError
        Every fault of both files.
    """
    if not source.exists():
        raise InputError(f"no such file or folder: {source}")
    if connections is None:
        if source.is_dir():
            raise InputError("stays alone do not tell when shore power was on: give --connections")
        if complete:
            raise InputError("--complete is for records of connections: give --connections")
        return Visited(visits(read_file(source)), [])
    given = together(stays=lambda: stays_of(source), connections=lambda: connections_of(connections).records)
    stays = given["stays"].filter(pl.col("locode").is_in(california_ports()))
    notes = [
        "Arrival and departure of a stay stand for Ready to Work and Pilot on Board; those of the terminal decide.",
    ]
    outside = given["stays"].height - stays.height
    if outside:
        notes.append(f"{outside} of {given['stays'].height} stays are outside California and left out.")
    timed = _timed(stays, given["connections"])
    if not complete:
        known = timed.filter(pl.col("on_utc").is_not_null())
        if known.height < timed.height:
            bare = f"{timed.height - known.height} of {timed.height} stays have no record of a connection"
            notes.append(f"{bare}: not known, left out (--complete: they had no control).")
        timed = known
    return Visited(visits(_visits(timed)), notes)


def _timed(stays: pl.DataFrame, connections: pl.DataFrame) -> pl.DataFrame:
    """Give each stay the first and last time at which shore power was on in it."""
    parts = []
    for key in ("imo", "mmsi"):
        named = stays.drop_nulls(key).select("stay_id", key, begin="start_utc", end="end_utc")
        own = connections.drop_nulls(key).select(key, on_utc="start_utc", off_utc="end_utc")
        # a record without an end belongs to the stay in which it begins, and to no later one
        lasts = (pl.col("off_utc") > pl.col("begin")).fill_null(pl.col("on_utc") >= pl.col("begin"))
        joined = named.join(own, on=key).filter(pl.col("on_utc") < pl.col("end"), lasts)
        parts.append(joined.select("stay_id", "begin", "end", "on_utc", "off_utc"))
    spans = (
        pl.concat(parts)
        .unique(maintain_order=True)
        .group_by("stay_id", maintain_order=True)
        .agg(
            pl.max_horizontal(pl.col("on_utc").min(), pl.col("begin").first()).alias("on_utc"),
            # a record without an end does not tell when control ended
            pl.when(pl.col("off_utc").is_not_null().all())
            .then(pl.min_horizontal(pl.col("off_utc").max(), pl.col("end").first()))
            .alias("off_utc"),
        )
    )
    return stays.join(spans, on="stay_id", how="left", maintain_order="left")


def _visits(timed: pl.DataFrame) -> pl.DataFrame:
    if timed.is_empty():
        return empty("carb_visits")
    hours = {
        name: (pl.col(after) - pl.col(before)).dt.total_milliseconds() / MS_PER_HOUR
        for name, (before, after) in _TIMES.items()
    }
    return check(
        timed.with_columns(**hours).select(
            "locode",
            "terminal",
            *hours,
            call_id="stay_id",
            ship_id=ship_id(),
            ship_class=pl.col("ship_class").fill_null("unknown"),
            arrival_utc="start_utc",
            berth_h=(pl.col("end_utc") - pl.col("start_utc")).dt.total_milliseconds() / MS_PER_HOUR,
        ),
        "carb_visits",
    )
