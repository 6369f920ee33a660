"""Shore power of a period: could its ocean-going ships have been plugged in, and what is to be asked.

Nothing is measured here: what registers do not say stays undecided, and the what-if rests on outlets that are assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from sisterport.fleet import ship_id
from sisterport.reference import value
from sisterport.shorepower.assumed import assumed_outlets
from sisterport.shorepower.match import match_prepared
from sisterport.shorepower.prepare import prepare
from sisterport.shorepower.registers import outlet_candidates
from sisterport.shorepower.render import render
from sisterport.shorepower.savings import savings
from sisterport.shorepower.stays import stays
from sisterport.site.scene import Scene
from sisterport.tables import check, empty

TABLES = (
    *("connector_profiles", "fix_costs", "grid_co2_by_country", "outlet_candidates", "ship_frequency_share"),
    *("shorepower_checks", "shorepower_words"),
)
"""Reference tables that the section rests on."""
ASSUMED_PROFILE = "HVSC-CONTAINER"
ASSUMED_HZ = value("shore_assumed_frequency_hz")
"""The what-if of the report: every berth has this outlet."""
_FIRST = ("ship: has_inlet", "berth: state", "pair: stay_h")
"""Asked first of facts that are worth the same: without an answer to these the others do not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ashore:
    """Stays of a period's ocean-going ships, and those at a known berth with their verdicts.

    Attributes
    ----------
    stays : polars.DataFrame
        Table ``stays`` with ``ship_id, ship, where, owner, length_m, start_seen, end_seen, stay_h``; the last only
        where both ends were seen: a stay that the period cuts off is longer than its hours.
    pairs : polars.DataFrame
        ``stay_id, ship_id, berth_id, stay_h`` of the stays at a known berth.
    outlets : polars.DataFrame
        Candidates of the port.
    today, assumed, bare : polars.DataFrame
        Verdicts in the order of `pairs`: with the candidates, with an outlet assumed at each berth, and with that where
        no ship has an inlet.
    facts : polars.DataFrame
        ``side, column, things, stays, energy_mwh, order``: what undecided verdicts of today ask for.
    saved : polars.DataFrame
        Table ``savings`` of the stays at berth, if they were connected to the outlets assumed.
    day : date
        Day of the verdicts.
    """

    stays: pl.DataFrame
    pairs: pl.DataFrame
    outlets: pl.DataFrame
    today: pl.DataFrame
    assumed: pl.DataFrame
    bare: pl.DataFrame
    facts: pl.DataFrame
    saved: pl.DataFrame
    day: date


def stays_seen(scene: Scene) -> pl.DataFrame:
    """Return the stays of the period's ocean-going ships at berth and at anchor."""
    period = scene.period
    fleet = period.ships.filter(group="ocean_going")
    calls = period.calls.join(fleet.select("mmsi"), on="mmsi", how="semi", maintain_order="left")
    stops = period.stops.filter(pl.col("kind").is_in(["berth", "anchorage"]))
    stops = stops.join(calls.select("call_id"), on="call_id", how="semi", maintain_order="left")
    here = period.segments.filter("in_domain").join(fleet.select("mmsi"), on="mmsi", how="semi", maintain_order="left")
    burnt = period.emissions.join(here.select("segment_id"), on="segment_id", how="semi", maintain_order="left")
    drawn = [feature["properties"] for feature in period.areas["features"]]
    areas = pl.DataFrame(drawn, infer_schema_length=None) if drawn else empty("areas")
    found = stays(calls, stops, burnt, here, fleet, areas=_areas(areas)).stays
    names = {area["area_id"]: area["name"] for area in drawn}
    return found.join(fleet.select("mmsi", "length_m"), on="mmsi", how="left", maintain_order="left").with_columns(
        ship_id(),
        ship=pl.coalesce("name", pl.format("MMSI {}", "mmsi")),
        stay_h=pl.when(pl.col("start_seen") & pl.col("end_seen")).then("hours"),
        where=_where(names),
        owner=pl.coalesce(_named("terminal", names), _named("berth_id", names)),
    )


def _areas(table: pl.DataFrame) -> pl.DataFrame:
    """Return drawn areas as their table; sources are not asked for here."""
    lacking = [name for name in ("source", "status") if name not in table.columns]
    return check(table.with_columns(pl.lit("drawn").alias(name) for name in lacking), "areas")


def _named(column: str, names: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(names, default=None, return_dtype=pl.String)


def _where(names: Mapping[str, str]) -> pl.Expr:
    at_anchor = pl.col("place") == "anchorage"
    lost = pl.lit("berth not known")
    return (
        pl.when(at_anchor)
        .then(pl.lit("at anchor"))
        .otherwise(pl.coalesce(_named("berth_id", names), _named("terminal", names), lost))
    )


def computed(rows: pl.DataFrame, day: date) -> Ashore:
    """Return the verdicts of the stays, today and with assumed outlets, the facts that they lack, and the savings."""
    at_berth = rows.filter(pl.col("place") == "berth", pl.col("berth_id").is_not_null())
    pairs = at_berth.select("stay_id", "ship_id", "berth_id", "stay_h")
    ports = rows["locode"].unique()
    outlets = outlet_candidates().filter(pl.col("locode").is_in(ports.implode()))
    fleet = rows.select("ship_id", "imo", "mmsi", "ship_class", "length_m").unique("ship_id", maintain_order=True)
    berths = at_berth.select("berth_id", "locode").unique("berth_id", maintain_order=True)
    today = prepare(empty("inlets"), outlets, on=day, ships=fleet, berths=berths)
    built = assumed_outlets(berths, profile_id=ASSUMED_PROFILE, frequency_hz=ASSUMED_HZ)
    later = prepare(empty("inlets"), built, on=day, ships=fleet)
    facts = asked_for(pairs.join(at_berth.select("stay_id", "aux_mwh"), on="stay_id"), today)
    return Ashore(
        stays=rows,
        pairs=pairs,
        outlets=outlets,
        today=match_prepared(today, pairs=pairs),
        assumed=match_prepared(later, pairs=pairs, priors=True),
        bare=match_prepared(prepare(without_inlets(fleet), built, on=day, ships=fleet), pairs=pairs),
        facts=facts,
        saved=savings(rows.filter(pl.col("place") == "berth"), outlets=built),
        day=day,
    )


def without_inlets(fleet: pl.DataFrame) -> pl.DataFrame:
    """Return a register that says of every ship that it has no inlet: an assumption, marked as such.

    Parameters
    ----------
    fleet
        Columns ``ship_id, imo, mmsi``.
    """
    rows = fleet.select(
        inlet_id=pl.format("assumed {}", "ship_id"),
        imo="imo",
        mmsi="mmsi",
        has_inlet=pl.lit(value=False),
        source=pl.lit("assumed: no inlet"),
        status=pl.lit("unverified"),
    )
    return check(rows, "inlets")


def asked_for(pairs: pl.DataFrame, registers: Any) -> pl.DataFrame:
    """Return the facts that undecided verdicts ask for, those of most energy first.

    Parameters
    ----------
    pairs
        Columns ``ship_id, berth_id, stay_h, aux_mwh``; null is no energy known.
    registers
        As `prepare` gives them.
    """
    rows = []
    for pair in pairs.iter_rows(named=True):
        said = render(pair["ship_id"], pair["berth_id"], registers, stay_h=pair["stay_h"])
        if said.grade is not None:
            continue
        for place, fact in enumerate(said.missing):
            side, column = fact.split(": ", maxsplit=1)
            thing = {"ship": pair["ship_id"], "berth": pair["berth_id"]}.get(
                side, f"{pair['ship_id']} {pair['berth_id']}"
            )
            order = _FIRST.index(fact) if fact in _FIRST else len(_FIRST) + place
            rows.append((side, column, thing, pair["aux_mwh"], order))
    schema = {"side": pl.String, "column": pl.String, "thing": pl.String, "energy": pl.Float64, "order": pl.Int64}
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by("side", "column", maintain_order=True)
        .agg(
            things=pl.col("thing").n_unique().cast(pl.Int64),
            stays=pl.len().cast(pl.Int64),
            energy_mwh=pl.when(pl.col("energy").count() > 0).then(pl.col("energy").sum().round(9)),
            order=pl.col("order").min(),
        )
        .sort("energy_mwh", "order", "column", descending=[True, False, False], nulls_last=True)
    )
