"""Stays: what a ship's auxiliary engines made and emitted at one berth or anchorage, from an inventory."""

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError, SchemaError
from sisterport.tables import check, read_file, to_polars
from sisterport.units import G_PER_KG, G_PER_T, KWH_PER_MWH
from sisterport.voyages import AreaSet, read_areas

_KG_PER_T = G_PER_T / G_PER_KG
_AMOUNTS = {
    "aux_fuel_t": ("fuel_t", 1.0),
    "aux_co2_t": ("co2_t", 1.0),
    "aux_co2e_t": ("co2e_ttw_t", 1.0),
    "aux_nox_t": ("nox_kg", _KG_PER_T),
    "aux_sox_t": ("sox_kg", _KG_PER_T),
    "aux_pm10_t": ("pm10_kg", _KG_PER_T),
    "aux_bc_t": ("bc_kg", _KG_PER_T),
}
_LEFT_OUT = {
    "mode": pl.String,
    "reason": pl.String,
    "segments": pl.Int64,
    "ships": pl.Int64,
    "hours": pl.Float64,
    "aux_mwh": pl.Float64,
}
_AREAS = "areas.geojson"
_RUN = ("calls", "stops", "emissions", "segments", "ships")


class Stays(NamedTuple):
    """Stays, and what of the inventory's time at berth and at anchor is in none of them.

    Attributes
    ----------
    stays
        Frame of the table ``stays``.
    left_out
        ``mode, reason, segments, ships, hours, aux_mwh``: berth and anchorage segments outside every stop. Together
        with the stays they hold all hours and all auxiliary energy of these modes.
    """

    stays: pl.DataFrame
    left_out: pl.DataFrame


def stays(calls: Any, stops: Any, emissions: Any, segments: Any, ships: Any, *, areas: Any = None) -> Stays:
    """Return one row per stop of a call, with the energy and emissions of the auxiliary engines meanwhile.

    Parameters
    ----------
    calls, stops, emissions, segments, ships
        Frames of those tables, of one run.
    areas
        Frame of the table ``areas`` or an `AreaSet`: tells berths from other areas and names the terminal. Without it
        the area of a stop at berth is taken for the berth.

    Returns
    -------
    Stays
        ``aux_mwh`` and the amounts are null where the inventory has no estimate; ``aux_hours`` says for how much of the
        stay it has one (a part of the stay can lie outside the inventory's domain). ``connected_mwh`` is the shore
        energy that the inventory was made with, null where it had none. Boilers are not in it.

    Raises
    ------
    SchemaError
        If a frame does not fit its table, or stops have no call.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> names = ("calls", "stops", "emissions", "segments", "ships")
    >>> found = stays(*(empty(name) for name in names))
    >>> found.stays.height, found.left_out.height
    (0, 0)
    """
    port_calls, rows = check(calls, "calls"), check(stops, "stops")
    lost = rows.join(port_calls, on="call_id", how="anti", maintain_order="left")
    if lost.height:
        raise SchemaError("stops", [f"{lost.height} stops have no call, first: call_id {lost['call_id'][0]}"])
    of_call = ["mmsi", "locode", "arrival_utc", "departure_utc", "arrival_seen", "departure_seen"]
    rows = rows.join(port_calls.select("call_id", *of_call), on="call_id", how="left", maintain_order="left")
    rows = rows.with_columns(
        stay_id=pl.format("{}-{}", "call_id", "stop"),
        start_seen=pl.col("arrival_seen") | (pl.col("start_utc") > pl.col("arrival_utc")),
        end_seen=pl.col("departure_seen") | (pl.col("end_utc") < pl.col("departure_utc")),
    )
    burnt = _auxiliary(check(emissions, "emissions"), check(segments, "segments"))
    inside, outside = _into_stops(burnt, rows)
    sums = inside.group_by("stay_id").agg(
        pl.col("hours").filter(pl.col("aux_mwh").is_not_null()).sum().alias("aux_hours"),
        *(_known(name) for name in ("aux_mwh", "connected_mwh", *_AMOUNTS)),
    )
    fleet = check(ships, "ships").select("mmsi", "imo", "name", "ship_class", "gt")
    joined = (
        rows.join(sums, on="stay_id", how="left", maintain_order="left")
        .join(fleet, on="mmsi", how="left", maintain_order="left")
        .join(_places(areas, rows), on="area_id", how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("aux_hours").fill_null(0.0),
            pl.when(pl.col("kind") == "berth").then("berth_id").alias("berth_id"),
            pl.col("kind").alias("place"),
            pl.lit("inventory").alias("source"),
        )
    )
    return Stays(check(joined, "stays"), outside)


def read_run_stays(folder: str | Path, *, areas: Any = None) -> Stays:
    """Return the stays of a run from the files that it wrote.

    Parameters
    ----------
    folder
        Where a run was written to: the folder of one period, or the whole with the folders of its periods.
    areas
        As in `stays`, or the path of a GeoJSON file; by default the ``areas.geojson`` that the run wrote beside its
        periods.

    Raises
    ------
    InputError
        If there is no run.
    """
    place = Path(folder)
    there = sorted(path.parent for path in [*place.glob("stops.parquet"), *place.glob("*/stops.parquet")])
    if not there:
        raise InputError(f"no run in {place}: there is no stops.parquet, nor one in a folder below")
    own = next((f for f in (place / _AREAS, place.parent / _AREAS) if f.is_file()), None)
    given = own if areas is None else areas
    known = read_areas(given) if isinstance(given, str | Path) else given
    parts = [stays(*(read_file(period / f"{name}.parquet") for name in _RUN), areas=known) for period in there]
    left_out = pl.concat([part.left_out for part in parts]).group_by("mode", "reason", maintain_order=True)
    found = pl.concat([part.stays for part in parts])
    if found["stay_id"].is_duplicated().any():
        twice = found.filter(pl.col("stay_id").is_duplicated())["stay_id"]
        raise InputError(f"{twice.n_unique()} stays are in more than one period of {place}, first: {twice[0]}")
    return Stays(found, left_out.agg(pl.col("segments", "ships", "hours").sum(), _known("aux_mwh")))


def _auxiliary(emissions: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Return stopped segments with the amounts of their auxiliary engines, in MWh and t."""
    engine = emissions.filter(system="auxiliary_engine")
    shore = pl.col("shore_kwh") / KWH_PER_MWH
    per_segment = engine.group_by("segment_id").agg(
        _known("energy_kwh", 1.0 / KWH_PER_MWH).alias("aux_mwh"),
        pl.when(shore.sum() > 0).then(shore.sum()).alias("connected_mwh"),
        *(_known(name, 1.0 / per).alias(alias) for alias, (name, per) in _AMOUNTS.items()),
    )
    stopped = segments.filter(pl.col("mode").is_in(["berth", "anchorage"]))
    columns = ("segment_id", "mmsi", "mode", "start_utc", "end_utc", "hours")
    return stopped.select(columns).join(per_segment, on="segment_id", how="left", maintain_order="left")


def _known(name: str, factor: float = 1.0) -> pl.Expr:
    """Return the sum of what is known, null where nothing is."""
    return pl.when(pl.col(name).count() > 0).then((pl.col(name) * factor).sum()).alias(name)


def _into_stops(burnt: pl.DataFrame, stops: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give each segment its stop: the last one of the ship that began before it, if it lasts and has its mode."""
    spans = stops.select("mmsi", "stay_id", "kind", stop_start="start_utc", stop_end="end_utc").sort("stop_start")
    joined = burnt.sort("start_utc").join_asof(
        spans, left_on="start_utc", right_on="stop_start", by="mmsi", strategy="backward", check_sortedness=False
    )
    within = (pl.col("end_utc") <= pl.col("stop_end")) & (pl.col("mode") == pl.col("kind"))
    inside = joined.filter(within.fill_null(value=False))
    outside = joined.join(inside, on="segment_id", how="anti", maintain_order="left")
    account = outside.group_by("mode", maintain_order=True).agg(
        pl.lit("in no stop of these calls").alias("reason"),
        pl.len().cast(pl.Int64).alias("segments"),
        pl.col("mmsi").n_unique().cast(pl.Int64).alias("ships"),
        pl.col("hours").sum(),
        _known("aux_mwh"),
    )
    return inside, account.select(pl.col(name).cast(dtype) for name, dtype in _LEFT_OUT.items()).sort("mode")


def _places(areas: Any, stops: pl.DataFrame) -> pl.DataFrame:
    """Return ``area_id, berth_id, terminal`` of every area that a stop names."""
    named = stops.select(pl.col("area_id").unique(maintain_order=True))
    if areas is None:
        return named.with_columns(berth_id="area_id", terminal=pl.lit(None, pl.String))
    table = check(areas.frame if isinstance(areas, AreaSet) else to_polars(areas), "areas")
    kinds = dict(table.select("area_id", "kind").iter_rows())
    parents = dict(table.select("area_id", "parent").iter_rows())
    ids = named["area_id"].to_list()
    return named.with_columns(
        berth_id=pl.Series([area if kinds.get(area) == "berth" else None for area in ids], dtype=pl.String),
        terminal=pl.Series([_terminal(area, kinds, parents) for area in ids], dtype=pl.String),
    )


def _terminal(area: str | None, kinds: dict[str, str], parents: dict[str, str | None]) -> str | None:
    """Return the nearest terminal above an area, or the area itself if it is one."""
    seen: set[str] = set()
    while area is not None and area not in seen:
        if kinds.get(area) == "terminal":
            return area
        seen.add(area)
        area = parents.get(area)
    return None
