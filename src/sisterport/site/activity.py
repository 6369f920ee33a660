"""Frames of one period joined and summed the way the report shows them; pure Polars, no text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from sisterport.site.words import known_how

MEASURES = (
    "energy_kwh",
    "shore_kwh",
    "co2_t",
    "co2e_ttw_t",
    "co2e_wtw_t",
    "nox_kg",
    "sox_kg",
    "pm25_kg",
    "bc_kg",
)
"""Columns of emissions that the report sums."""
STOPPED_NOWHERE = "Outside the named areas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What ships did and emitted inside the domain.

    Attributes
    ----------
    segments : polars.DataFrame
        Segments with the ship's name, class and group, the place, and `estimated`: no system lacks energy.
    emissions : polars.DataFrame
        Emissions with the columns of their segment.
    hours_outside : float
        Ship hours outside the domain, which nothing here counts [h].
    """

    segments: pl.DataFrame
    emissions: pl.DataFrame
    hours_outside: float


def activity(
    segments: pl.DataFrame, emissions: pl.DataFrame, ships: pl.DataFrame, areas: Mapping[str, Any]
) -> Activity:
    """Join the frames of a period.

    A segment without any emission row, or with a null energy or fuel in one of them, is not estimated.
    """
    ship = ships.select("mmsi", "name", "group", "ship_class")
    names = places(areas)
    inside = segments.filter("in_domain")
    known = pl.col("energy_kwh").is_not_null() & pl.col("fuel_t").is_not_null()
    has_energy = emissions.group_by("segment_id", maintain_order=True).agg(estimated=known.all())
    rows = (
        inside.join(ship, on="mmsi", how="left", maintain_order="left")
        .join(has_energy, on="segment_id", how="left", maintain_order="left")
        .join(names, on="area_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("group").fill_null("unknown"),
            pl.col("ship_class").fill_null("unknown"),
            pl.col("estimated").fill_null(value=False),
            pl.col("place").fill_null(STOPPED_NOWHERE),
            pl.col("place_kind").fill_null("none"),
        )
    )
    keys = rows.select(
        "segment_id",
        "mmsi",
        "name",
        "hours",
        "date",
        "mode",
        "quality",
        "group",
        "ship_class",
        "place",
        "place_kind",
    )
    return Activity(
        segments=rows,
        emissions=emissions.join(keys, on="segment_id", how="inner", maintain_order="left"),
        hours_outside=float(segments.filter(~pl.col("in_domain"))["hours"].sum()),
    )


def places(areas: Mapping[str, Any]) -> pl.DataFrame:
    """Return for each area the place that it is reported under: a berth under its terminal, if it has one."""
    known = {f["properties"]["area_id"]: f["properties"] for f in areas["features"]}
    rows = []
    for area_id, own in known.items():
        parent = known.get(own.get("parent") or "", {})
        shown = parent if own["kind"] == "berth" and parent.get("kind") == "terminal" else own
        rows.append((area_id, shown["area_id"], _plain(shown), shown["kind"]))
    kinds = {"area_id": pl.String, "place_id": pl.String, "place": pl.String, "place_kind": pl.String}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _plain(area: Mapping[str, Any]) -> str:
    return f"{area['name']} (elsewhere)" if area["kind"] in {"port", "domain"} else str(area["name"])


def tally(found: Activity, by: Sequence[str], *, group: str | None = None) -> pl.DataFrame:
    """Return ships, hours and sums of `MEASURES` by the columns `by`; a sum of nulls alone stays null.

    `hours_open` are the hours that are not, or not wholly, estimated.
    """
    segments, emissions = found.segments, found.emissions
    if group is not None:
        segments, emissions = (f.filter(pl.col("group") == group) for f in (segments, emissions))
    keys: list[str | pl.Expr] = [*by] or [pl.lit(0).alias("all")]
    hours = segments.group_by(keys, maintain_order=True).agg(
        ships=pl.col("mmsi").n_unique().cast(pl.Int64),
        positions=pl.col("positions").sum(),
        hours=pl.col("hours").sum(),
        hours_open=pl.col("hours").filter(~pl.col("estimated")).sum(),
    )
    sums = emissions.group_by(keys, maintain_order=True).agg(known_sum(name) for name in MEASURES)
    return hours.join(sums, on=list(by) or ["all"], how="left", nulls_equal=True, maintain_order="left")


def known_sum(name: str) -> pl.Expr:
    """Return the sum of a column; null if nothing is known, or only zeros beside values that are not.

    (A ship at berth whose main engine is off and whose auxiliary engines are not known has not emitted zero.)

    Examples
    --------
    >>> rows = pl.DataFrame({"a": [1.0, None], "b": [0.0, None], "c": [0.0, 0.0]})
    >>> rows.select(map(known_sum, "abc")).row(0)
    (1.0, None, 0.0)
    """
    total = pl.col(name).sum()
    says = (pl.col(name).count() > 0) & ((total > 0) | (pl.col(name).null_count() == 0))
    return pl.when(says).then(total).alias(name)


def whole(found: Activity, group: str | None = None) -> dict[str, Any]:
    """Return the tally of everything, or of one group, as one row; counts are zero if there is nothing."""
    rows = tally(found, [], group=group)
    if rows.is_empty():
        return {"ships": 0, "positions": 0, "hours": 0.0, "hours_open": 0.0} | dict.fromkeys(MEASURES)
    return rows.row(0, named=True)


def unpriced(found: Activity, group: str) -> dict[str, float]:
    """Return, per measure, the share of the estimated energy for which that measure has no value."""
    rows = found.emissions.filter(pl.col("group") == group, pl.col("energy_kwh") > 0)
    energy = float(rows["energy_kwh"].sum())
    if not energy:
        return {}
    shares = {
        name: float(rows.filter(pl.col(name).is_null())["energy_kwh"].sum()) / energy
        for name in MEASURES
        if name not in {"energy_kwh", "shore_kwh"}
    }
    return {name: share for name, share in shares.items() if share > 0}


def open_systems(found: Activity, group: str) -> dict[str, float]:
    """Return, per system, the share of the ship hours for which it is not estimated."""
    total = float(found.segments.filter(pl.col("group") == group)["hours"].sum())
    if not total:
        return {}
    rows = found.emissions.filter(pl.col("group") == group, pl.col("energy_kwh").is_null() | pl.col("fuel_t").is_null())
    hours = rows.unique(["segment_id", "system"]).group_by("system", maintain_order=True).agg(pl.col("hours").sum())
    return {system: open_ / total for system, open_ in hours.sort("system").iter_rows() if open_ > 0}


def seen_over_time(segments: pl.DataFrame, start: datetime, end: datetime, step: timedelta) -> pl.DataFrame:
    """Return the number of ships seen in each step of time, by group; steps without a ship count zero."""
    grid = pl.DataFrame({"time": pl.datetime_range(start, end, step, closed="left", eager=True)}).join(
        pl.DataFrame({"group": segments["group"].unique().sort()}), how="cross"
    )
    hit = (
        segments.filter(pl.col("quality") == "seen")
        .select("mmsi", "group", "start_utc", "end_utc")
        .with_columns(step=((pl.col("start_utc") - start).dt.total_seconds() // int(step.total_seconds())))
        .with_columns(
            last=((pl.col("end_utc") - start).dt.total_milliseconds() - 1) // int(step.total_seconds() * 1000)
        )
        .with_columns(step=pl.int_ranges("step", pl.max_horizontal("step", "last") + 1))
        .explode("step")
        .group_by("step", "group", maintain_order=True)
        .agg(ships=pl.col("mmsi").n_unique().cast(pl.Int64))
        .with_columns(time=start + pl.col("step") * step)
    )
    return (
        grid.join(
            hit.select(pl.col("time").cast(grid.schema["time"]), "group", "ships"),
            on=["time", "group"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("ships").fill_null(0))
        .sort("group", "time")
    )


def quality_hours(found: Activity, holes: pl.DataFrame, ships: pl.DataFrame) -> pl.DataFrame:
    """Return ship hours by group and quality; holes too long to bridge are unobserved, wherever they lie."""
    seen = found.segments.group_by("group", "quality", maintain_order=True).agg(
        pl.col("hours").sum(), ships=pl.col("mmsi").n_unique()
    )
    lost = (
        holes.filter(pl.col("treatment") == "unobserved")
        .join(ships.select("mmsi", "group"), on="mmsi", how="left", maintain_order="left")
        .group_by(pl.col("group").fill_null("unknown"), maintain_order=True)
        .agg(pl.col("hours").sum(), ships=pl.col("mmsi").n_unique(), quality=pl.lit("unobserved"))
        .select("group", "quality", "hours", "ships")
    )
    return pl.concat([seen, lost], how="vertical_relaxed")


def how_known(particulars: pl.DataFrame) -> pl.DataFrame:
    """Return the share of ships by field and kind of knowledge."""
    return _by_kind(particulars.select("field", "source", weight="share"))


def energy_by_knowledge(found: Activity, ships: pl.DataFrame) -> pl.DataFrame:
    """Return the share of the estimated energy by field and kind of knowledge of the ship's value."""
    sources = [c for c in ships.columns if c.endswith("_source")]
    energy = (
        found.emissions.group_by("mmsi", maintain_order=True)
        .agg(weight=pl.col("energy_kwh").sum())
        .filter(pl.col("weight") > 0)
    )
    long = energy.join(ships.select("mmsi", *sources), on="mmsi", maintain_order="left").unpivot(
        on=sources, index="weight", variable_name="field", value_name="source"
    )
    return _by_kind(long.with_columns(pl.col("field").str.strip_suffix("_source")).select("field", "source", "weight"))


def _by_kind(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.with_columns(kind=pl.col("source").map_elements(known_how, return_dtype=pl.String, skip_nulls=False))
        .group_by("field", "kind", maintain_order=True)
        .agg(pl.col("weight").sum())
        .with_columns(share=pl.col("weight") / pl.col("weight").sum().over("field"))
        .filter(pl.col("share") > 0)
        .select("field", "kind", "share")
    )


def leaders(found: Activity, ships: pl.DataFrame, *, group: str, first: int) -> pl.DataFrame:
    """Return the ships of a group that emit most CO2e, with what they rest on."""
    columns = ["mmsi", "imo", "size", "size_unit", "power_kw_source", "v_ref_kn_source"]
    return (
        tally(found, ["mmsi", "name", "ship_class"], group=group)
        .filter(pl.col("co2e_ttw_t").is_not_null())
        .sort("co2e_ttw_t", "mmsi", descending=[True, False])
        .head(first)
        .join(ships.select(columns), on="mmsi", how="left", maintain_order="left")
    )


def at_berth(found: Activity, *, group: str) -> pl.DataFrame:
    """Return by place what auxiliary engines (could move to the grid) and boilers (stay) do at berth."""
    berth = pl.col("mode") == "berth"
    stays = found.segments.filter(berth, pl.col("group") == group)
    burnt = found.emissions.filter(berth, pl.col("group") == group)
    hours = stays.group_by("place", maintain_order=True).agg(
        ships=pl.col("mmsi").n_unique().cast(pl.Int64),
        hours=pl.col("hours").sum(),
        hours_open=pl.col("hours").filter(~pl.col("estimated")).sum(),
        hours_known=pl.col("hours").filter("estimated").sum(),
    )
    aux = (
        burnt.filter(pl.col("system") == "auxiliary_engine")
        .group_by("place", maintain_order=True)
        .agg(known_sum(m) for m in ("energy_kwh", "shore_kwh", "co2e_ttw_t", "nox_kg", "pm25_kg"))
    )
    boiler = (
        burnt.filter(pl.col("system") == "boiler")
        .group_by("place", maintain_order=True)
        .agg(known_sum("co2e_ttw_t").alias("boiler_co2e_ttw_t"))
    )
    return (
        hours.join(aux, on="place", how="left", maintain_order="left")
        .join(boiler, on="place", how="left", maintain_order="left")
        .with_columns(mean_kw=pl.when(pl.col("hours_known") > 0).then(pl.col("energy_kwh") / pl.col("hours_known")))
        .sort("energy_kwh", "hours", "place", descending=[True, True, False], nulls_last=True)
    )
