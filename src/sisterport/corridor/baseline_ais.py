"""What a corridor's ships emitted, from the legs and stays of an inventory; bridged and unknown hours are counted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.corridor.boundary import MEANING, NOTHING, Ends, named
from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.fuels import properties
from sisterport.inventory.summaries import known_sum
from sisterport.reference import resolve_locode
from sisterport.tables import check, read_file
from sisterport.units import DAYS_PER_YEAR, SECONDS_PER_DAY

FRAMES = ("segments", "emissions", "ships", "calls", "legs")
"""Files of one period of a run that a baseline is made from."""

_AMOUNTS = ("energy_gj", "fuel_t", "co2e_ttw_t", "co2e_wtw_t")


class Observed(NamedTuple):
    """A baseline from AIS, and what could not be put on a leg or a stay of it."""

    rows: pl.DataFrame
    left_out: pl.DataFrame


def read_run(folder: str | Path) -> dict[str, pl.DataFrame]:
    """Return the frames of one period of a run.

    Parameters
    ----------
    folder
        Folder of the period, with ``segments.parquet`` and the others.

    Raises
    ------
    InputError
        If a file is missing; names the periods of a run where its folder was given.
    """
    place = Path(folder)
    missing = [name for name in FRAMES if not (place / f"{name}.parquet").is_file()]
    if missing:
        periods = sorted(path.parent.name for path in place.glob("*/segments.parquet"))
        hint = f"; give one of its periods: {', '.join(periods)}" if periods else ""
        raise InputError(f"{place} is no folder of a run: {', '.join(f'{n}.parquet' for n in missing)} missing{hint}")
    return {name: read_file(place / f"{name}.parquet") for name in FRAMES}


def baseline_ais(
    *,
    segments: Any,
    emissions: Any,
    ships: Any,
    calls: Any,
    legs: Any,
    ends: Ends,
    boundary: str = "string",
    cargo_share: float | None = None,
    utilisation: float | None = None,
    days: float | None = None,
) -> Observed:
    """Return what the ships of a corridor needed and emitted, brought to a year.

    Parameters
    ----------
    segments, emissions, ships, calls, legs
        Frames of those tables (`read_run`). Segments outside the inventory's domain are not in them: a corridor needs a
        domain that holds its legs, and what is not there is counted in ``hours_unknown_per_year``.
    ends
        Ports of the two ends.
    boundary
        ``direct``, ``string`` (all legs and stays of the ships that called at both ends) or ``cargo``.
    cargo_share
        Share of corridor cargo, for ``cargo``: AIS does not know what a ship carries.
    utilisation
        Cargo over slots [-]; without it there is no transport work.
    days
        Days that the frames stand for; None takes the time from the first to the last segment.

    Returns
    -------
    Observed
        ``rows``: table ``corridor_baseline``, one row per ship and pair of ports, and per ship and port. ``left_out``:
        reason, segments, hours, fuel_t of what is on no leg or stay, or of ships or legs outside the boundary.

    Raises
    ------
    MethodError
        ``cargo`` without its share, no time, or nothing within the boundary.
    SchemaError
        Frames that do not fit.
    """
    limit = named(boundary)
    if limit == "cargo" and cargo_share is None:
        raise MethodError("the boundary 'cargo' needs cargo_share: AIS does not know what a ship carries")
    seen = check(segments, "segments")
    span = _days(seen) if days is None else days
    if not span > 0:
        raise MethodError(f"days = {span:g} is no time")
    ports = tuple([resolve_locode(code) for code in end] for end in ends)
    parts = _parts(check(legs, "legs"), check(calls, "calls"), (ports[0], ports[1]))
    placed = _placed(seen, check(emissions, "emissions"), parts)
    kept = _within(parts, limit)
    rows = _summed(placed, kept, check(ships, "ships"), utilisation)
    if rows.is_empty():
        raise MethodError(NOTHING.format(boundary=limit, meaning=MEANING[limit]))
    share = cargo_share if limit == "cargo" and cargo_share is not None else 1.0
    amounts = [name for name in rows.columns if name.endswith("_per_year")]
    yearly = rows.with_columns(pl.col(amounts) * (share * DAYS_PER_YEAR / span)).with_columns(
        boundary=pl.lit(limit), basis=pl.lit("ais"), share=pl.lit(share)
    )
    ordered = yearly.sort("service", "kind", "place")
    return Observed(check(ordered, "corridor_baseline"), _left_out(placed, kept))


def leg_energy(*, segments: Any, emissions: Any, calls: Any, legs: Any) -> pl.DataFrame:
    """Return the fuel energy of each leg and stay of an inventory, for `sisterport.corridor.reach_legs.legs_of_ships`.

    Parameters
    ----------
    segments, emissions, calls, legs
        Frames of those tables (`read_run`).

    Returns
    -------
    polars.DataFrame
        ``part_id`` (of the leg or the call), ``energy_gj``; null where any of its time has no estimate.
    """
    parts = _parts(check(legs, "legs"), check(calls, "calls"), ([], []))
    placed = _placed(check(segments, "segments"), check(emissions, "emissions"), parts)
    whole = ~pl.col("unknown").any()
    return (
        placed.drop_nulls("part_id")
        .group_by("part_id", maintain_order=True)
        .agg(pl.when(whole).then(pl.col("energy_gj").sum()))
    )


def _days(segments: pl.DataFrame) -> float:
    if segments.is_empty():
        raise SchemaError("segments", ["no rows: nothing was seen"])
    span = segments.select(pl.col("end_utc").max() - pl.col("start_utc").min()).item()
    return float(span.total_seconds()) / SECONDS_PER_DAY


def _parts(legs: pl.DataFrame, calls: pl.DataFrame, ends: tuple[Sequence[str], Sequence[str]]) -> pl.DataFrame:
    """Return legs and calls as one frame of what ships did one after another."""
    leg = legs.select(
        "mmsi", pl.col("leg_id").alias("part_id"), pl.lit("leg").alias("kind"), "from_locode", "to_locode",
        pl.col("departure_utc").alias("start_utc"), pl.col("arrival_utc").alias("end_utc"), "hours",
    )  # fmt: skip
    stay = calls.select(
        "mmsi", pl.col("call_id").alias("part_id"), pl.lit("berth").alias("kind"),
        pl.col("locode").alias("from_locode"), pl.lit(None, pl.String).alias("to_locode"),
        pl.col("arrival_utc").alias("start_utc"), pl.col("departure_utc").alias("end_utc"), "hours",
    )  # fmt: skip
    every = pl.concat([leg, stay])
    return every.with_columns(_end("from_locode", ends).alias("end"), _end("to_locode", ends).alias("to_end"))


def _end(column: str, ends: tuple[Sequence[str], Sequence[str]]) -> pl.Expr:
    word = pl.when(pl.col(column).is_in(ends[0])).then(pl.lit("first"))
    return word.when(pl.col(column).is_in(ends[1])).then(pl.lit("second")).otherwise(pl.lit(None, pl.String))


def _within(parts: pl.DataFrame, limit: str) -> pl.DataFrame:
    """Return the parts that the boundary counts."""
    if limit == "direct":
        return parts.filter((pl.col("kind") == "leg") & (pl.col("end") != pl.col("to_end")))
    both = parts.filter(kind="berth").group_by("mmsi").agg(pl.col("end").drop_nulls().n_unique().alias("ends"))
    return parts.join(both.filter(pl.col("ends") == 2), on="mmsi", how="semi", maintain_order="left")


def _placed(segments: pl.DataFrame, emissions: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Return segments with their amounts and the leg or stay that they lie in."""
    energy = {fuel: properties(fuel, scheme="fueleu").lhv_mj_per_kg for fuel in emissions["fuel"].drop_nulls().unique()}
    per_t = pl.col("fuel").replace_strict(energy, default=None, return_dtype=pl.Float64)
    amounts = emissions.with_columns(energy_gj=pl.col("fuel_t") * per_t)
    summed = amounts.group_by("segment_id").agg(
        *(known_sum(name).alias(name) for name in _AMOUNTS),
        (pl.col("energy_kwh").is_null() | pl.col("fuel_t").is_null()).any().alias("unknown"),
    )
    known = segments.join(summed, on="segment_id", how="left", maintain_order="left").sort("start_utc")
    intervals = parts.select("mmsi", "part_id", "start_utc", pl.col("end_utc").alias("part_end")).sort("start_utc")
    # check_sortedness off: both sides are sorted by time, which the groups by ship keep
    joined = known.join_asof(intervals, on="start_utc", by="mmsi", strategy="backward", check_sortedness=False)
    inside = pl.col("end_utc") <= pl.col("part_end")
    return joined.with_columns(
        part_id=pl.when(inside).then("part_id"), unknown=pl.col("unknown").fill_null(value=True)
    ).drop("part_end")


def _summed(placed: pl.DataFrame, kept: pl.DataFrame, ships: pl.DataFrame, utilisation: float | None) -> pl.DataFrame:
    """Return one row per ship and place, amounts of the time that was seen under names of yearly ones."""
    on_part = placed.group_by("part_id").agg(
        pl.col("distance_nm", "hours").sum(),
        pl.col("hours").filter(pl.col("unknown")).sum().alias("hours_unknown"),
        pl.col("hours").filter(pl.col("quality") == "bridged").sum().alias("bridged"),
        *(known_sum(name).alias(name) for name in _AMOUNTS),
    )
    joined = kept.join(on_part, on="part_id", how="left", suffix="_seen", maintain_order="left")
    teu = ships.select("mmsi", "teu")
    load = pl.lit(utilisation, pl.Float64)  # null where it is not given: there is no transport work then
    rows = joined.join(teu, on="mmsi", how="left", maintain_order="left").with_columns(
        pl.col("distance_nm", "hours_seen", "hours_unknown", "bridged").fill_null(0.0),
        service=pl.format("mmsi:{}", "mmsi"),
        place=pl.when(pl.col("kind") == "leg")
        .then(pl.format("{}-{}", pl.col("from_locode").fill_null("?"), pl.col("to_locode").fill_null("?")))
        .otherwise("from_locode"),
    )
    # hours of the leg that no segment of the inventory covers are as unknown as those without particulars
    lost = (pl.col("hours") - pl.col("hours_seen")).clip(lower_bound=0.0)
    nm = pl.when(pl.col("kind") == "leg").then("distance_nm").otherwise(0.0)
    keys = ["service", "kind", "place", "from_locode", "to_locode"]
    return rows.group_by(keys, maintain_order=True).agg(
        pl.when(pl.col("kind") == "berth").then("end").first().alias("end"),
        pl.len().cast(pl.Float64).alias("trips_per_year"),
        pl.col("distance_nm").sum().alias("distance_nm_per_year"),
        pl.col("hours").sum().alias("hours_per_year"),
        pl.col("bridged").sum().alias("hours_bridged_per_year"),
        (pl.col("hours_unknown") + lost).sum().alias("hours_unknown_per_year"),
        *(known_sum(name).alias(f"{name}_per_year") for name in _AMOUNTS),
        pl.when((pl.col("teu") * load).count() > 0).then((pl.col("teu") * load * nm).sum()).alias("teu_nm_per_year"),
    )


def _left_out(placed: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    inside = pl.col("part_id").is_in(kept["part_id"].implode())
    reason = pl.when(pl.col("part_id").is_null()).then(pl.lit("on no leg and in no stay"))
    return (
        placed.with_columns(reason=reason.when(~inside).then(pl.lit("outside the boundary")))
        .filter(pl.col("reason").is_not_null())
        .group_by("reason")
        .agg(pl.len().cast(pl.Int64).alias("segments"), pl.col("hours").sum(), pl.col("fuel_t").sum())
        .sort("reason")
    )
