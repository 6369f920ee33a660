"""Segments to port calls, stops and legs.

A call is one stay of a ship in one port with at least one stop at a berth or an anchorage. A hole whose two ends lie in
the same port belongs to the stay: not being seen is no new arrival. Only an unobserved hole (too long, or the ship went
away and came back) ends a call, with a departure that was not seen.
"""

from typing import Any, NamedTuple

import polars as pl

from sisterport.reference.store import value
from sisterport.tables import check

_STOPPED = ("berth", "anchorage")
_TIME = "%Y%m%dT%H%MZ"


class Calls(NamedTuple):
    """Calls, their stops, and the legs between them."""

    calls: pl.DataFrame
    stops: pl.DataFrame
    legs: pl.DataFrame


def calls(segments: Any) -> Calls:
    """Return the calls, stops and legs of a frame of segments.

    Parameters
    ----------
    segments
        Segments of whole ships (``tables/segments.csv``).

    Returns
    -------
    Calls
        Frames ``calls``, ``stops`` and ``legs`` as in ``tables/``. Passing through a port without a stop is part of a
        leg. ``arrival_seen`` is false where the track begins in port or the arrival lies in a hole.

    Raises
    ------
    SchemaError
        If `segments` does not fit its table.
    """
    rows = _with_call(check(segments, "segments").sort("mmsi", "start_utc", "segment_id"))
    stops = _stops(rows)
    found = _calls(rows, stops)
    return Calls(check(found, "calls"), check(stops.drop("mmsi"), "stops"), check(_legs(rows, found), "legs"))


def _with_call(segments: pl.DataFrame) -> pl.DataFrame:
    """Add `call_id`, null at sea."""
    rows = _stays(segments)
    stay = (
        rows.filter(pl.col("port").is_not_null())
        .group_by("mmsi", "stay", maintain_order=True)
        .agg(pl.col("port").first(), pl.col("start_utc").min(), stopped=pl.col("mode").is_in(_STOPPED).any())
        .filter("stopped")
        .select(
            "mmsi",
            "stay",
            call_id=pl.format("{}-{}-{}", "mmsi", "port", pl.col("start_utc").dt.strftime(_TIME)),
        )
    )
    return rows.join(stay, on=["mmsi", "stay"], how="left", maintain_order="left")


def _stays(segments: pl.DataFrame) -> pl.DataFrame:
    """Add `port` and the number `stay` of the ship's stay in a port or at sea."""
    seen = pl.col("quality") != "bridged"
    disc = pl.when(pl.col("area_id").str.starts_with("disc-")).then("area_id")  # a port without a code
    here = pl.coalesce("locode", disc, pl.lit(""))
    before = pl.when(seen).then(here).forward_fill().over("mmsi")
    after = pl.when(seen).then(here).backward_fill().over("mmsi")
    # a hole between two fixes in the same port is part of the stay, wherever the made-up line runs
    port = pl.when(~seen & (before == after)).then(before).otherwise(here)
    rows = segments.with_columns(port=pl.when(port != "").then(port))
    # after an unobserved hole nobody can say that the ship is still on the same call
    lost = pl.col("start_utc") != pl.col("end_utc").shift(1).over("mmsi")
    rows = rows.with_columns(watch=lost.fill_null(value=False).cum_sum().over("mmsi"))
    run = _run_id("mmsi", "watch", "port")
    runs = (
        rows.with_columns(run=run)
        .group_by("run", maintain_order=True)
        .agg(pl.col("mmsi", "watch", "port").first(), hours=pl.col("hours").sum())
    )
    around = pl.col("port").shift(1).over("mmsi", "watch")
    brief = (
        pl.col("port").is_null()
        & (around == pl.col("port").shift(-1).over("mmsi", "watch"))
        & (pl.col("hours") < value("call_merge_h"))
    )
    merged = runs.with_columns(port=pl.when(brief).then(around).otherwise(pl.col("port")))
    return (
        rows.with_columns(run=run)
        .drop("port")
        .join(merged.select("run", "port"), on="run", how="left", maintain_order="left")
        .with_columns(stay=_run_id("mmsi", "watch", "port"))
        .drop("run", "watch")
    )


def _run_id(*columns: str) -> pl.Expr:
    return pl.struct(*columns).rle_id()


def _stops(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per stop: neighbouring segments of a call in one stopped mode.

    Its area is the one where the ship spent most of the time: swinging over the edge of a berth is no move.
    """
    hole = pl.col("quality") != "seen"
    in_area = pl.col("hours").sum().over("run", "area_id")
    return (
        rows.with_columns(run=_run_id("mmsi", "call_id", "mode"))
        .filter(pl.col("call_id").is_not_null() & pl.col("mode").is_in(_STOPPED))
        .with_columns(in_area=in_area)
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("mmsi", "call_id", "mode").first(),
            pl.col("area_id").sort_by("in_area").last(),
            pl.col("start_utc").min(),
            pl.col("end_utc").max(),
            (pl.col("hours") * hole).sum().alias("hours_hole"),
            _mean("lat_deg"),
            _mean("lon_deg"),
            pl.col("hours").sum(),
        )
        .rename({"mode": "kind"})
        .with_columns(stop=pl.int_range(1, pl.len() + 1).over("call_id"))
        .drop("run")
    )


def _mean(column: str) -> pl.Expr:
    return (pl.col(column) * pl.col("hours")).sum() / pl.col("hours").sum()


def _calls(rows: pl.DataFrame, stops: pl.DataFrame) -> pl.DataFrame:
    neighbour_seen = (pl.col("quality") == "seen").cast(pl.Int8)
    joins = pl.col("start_utc") == pl.col("end_utc").shift(1).over("mmsi")
    linked = rows.with_columns(
        before=(neighbour_seen.shift(1).over("mmsi") == 1) & joins,
        after=(neighbour_seen.shift(-1).over("mmsi") == 1) & joins.shift(-1).over("mmsi"),
    ).with_columns(pl.col("before", "after").fill_null(value=False))
    hours = pl.col("hours")
    at_berth = pl.col("kind") == "berth"
    moved = pl.col("area_id").ne_missing(pl.col("area_id").shift(1)) & at_berth & at_berth.shift(1)
    berths = stops.group_by("call_id", maintain_order=True).agg(
        berths=pl.col("area_id").filter(at_berth).n_unique(),
        shifts=moved.sum(),
        first_berth=pl.col("area_id").filter(at_berth).first(),
    )
    return (
        linked.filter(pl.col("call_id").is_not_null())
        .group_by("call_id", maintain_order=True)
        .agg(
            pl.col("mmsi").first(),
            pl.col("port").first().alias("locode"),
            pl.col("start_utc").min().alias("arrival_utc"),
            pl.col("end_utc").max().alias("departure_utc"),
            ((pl.col("quality") == "seen") & pl.col("before")).first().alias("arrival_seen"),
            ((pl.col("quality") == "seen") & pl.col("after")).last().alias("departure_seen"),
            hours.sum(),
            hours.filter(pl.col("mode") == "berth").sum().alias("hours_berth"),
            hours.filter(pl.col("mode") == "anchorage").sum().alias("hours_anchorage"),
            hours.filter(~pl.col("mode").is_in(_STOPPED)).sum().alias("hours_moving"),
            hours.filter(pl.col("quality") != "seen").sum().alias("hours_hole"),
        )
        .join(berths, on="call_id", how="left", maintain_order="left")
        .with_columns(pl.col("berths", "shifts").fill_null(0))
    )


def _legs(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return what lies between calls; the ends are open where the track begins or ends at sea."""
    at_sea = rows.with_columns(leg=_run_id("mmsi", "call_id")).filter(pl.col("call_id").is_null())
    ends = rows.select(
        "segment_id",
        from_call_id=pl.col("call_id").forward_fill().over("mmsi"),
        to_call_id=pl.col("call_id").backward_fill().over("mmsi"),
    )
    port = dict(found.select("call_id", "locode").iter_rows())
    return (
        at_sea.join(ends, on="segment_id", how="left", maintain_order="left")
        .group_by("leg", maintain_order=True)
        .agg(
            pl.col("mmsi", "from_call_id", "to_call_id").first(),
            pl.col("start_utc").min().alias("departure_utc"),
            pl.col("end_utc").max().alias("arrival_utc"),
            pl.col("hours", "distance_nm").sum(),
            pl.col("hours").filter(pl.col("quality") == "bridged").sum().alias("hours_bridged"),
        )
        .with_columns(
            leg_id=pl.format("{}-{}", "mmsi", pl.col("departure_utc").dt.strftime(_TIME)),
            from_locode=pl.col("from_call_id").replace_strict(port, return_dtype=pl.String, default=None),
            to_locode=pl.col("to_call_id").replace_strict(port, return_dtype=pl.String, default=None),
        )
        .drop("leg")
    )
