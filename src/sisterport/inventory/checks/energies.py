"""Are the energies plausible: per mile, per fuel, at rest, at the cap, from shore."""

import polars as pl

from sisterport.inventory.activity import ENGINE_OFF
from sisterport.inventory.checks.registry import (
    ERROR,
    WARN,
    Finding,
    Given,
    check,
    class_limit,
    class_limits,
    found,
    law,
    limit,
)
from sisterport.inventory.factors import RECIPROCATING
from sisterport.reference import load
from sisterport.units import G_PER_KG, G_PER_T

_IMO_FUELS = {"residual": "hfo", "vlsfo": "lfo", "distillate": "mdo_mgo", "lng": "lng", "methanol": "methanol"}
_GAS = ("LPDF_4S", "LPDF_2S", "HPDF", "LBSI")


@check(WARN, "look at power_kw, v_max_kn and the class of the ship in the register")
def energy_per_mile(given: Given) -> Finding | None:
    """Find ships whose main engine needs more or less energy per mile than their class can."""
    main = (
        given.emissions.filter(pl.col("system") == "main")
        .group_by("segment_id", maintain_order=True)
        .agg(pl.col("energy_kwh").sum())
    )
    fast = pl.col("distance_nm") >= (limit("mile_speed_share").low or 0.0) * pl.col("v_ref_kn") * pl.col("hours")
    by_ship = (
        given.with_ship("v_ref_kn", "power_kw", "ship_class")
        .filter(pl.col("power_kw").is_not_null() & ~pl.col("mode").is_in(ENGINE_OFF) & (pl.col("distance_nm") > 0))
        .filter(fast)
        .join(main, on="segment_id", how="inner", maintain_order="left")
        .group_by("mmsi", "ship_class", maintain_order=True)
        .agg(pl.col("energy_kwh", "distance_nm").sum())
        .with_columns(per_mile=pl.col("energy_kwh") / pl.col("distance_nm"))
    )
    rows = by_ship.join(class_limits("energy_per_mile"), on="ship_class", how="inner", maintain_order="left").filter(
        ~pl.col("per_mile").is_between(pl.col("limit_min"), pl.col("limit_max"))
    )
    if rows.is_empty():
        return None
    return found(
        rows,
        "ships need an odd energy per mile for their class",
        "MMSI {mmsi}, {ship_class}: {per_mile:,.3g} kWh/nm",
        class_limit("energy_per_mile", rows["ship_class"][0]),
    )


@check(ERROR, "look at the tables of consumption that were changed; report it if none was")
def fuel_heat(given: Given) -> Finding | None:
    """Find piston engines whose fuel holds more or less heat than their energy needs."""
    believed = limit("fuel_heat")
    table = (
        load("fuel_cf_lcv")
        .filter(scheme="imo_mepc308")
        .select(imo_fuel="fuel", lcv=pl.col("lcv_mj_per_kg").cast(pl.Float64))
    )
    names = pl.DataFrame({"fuel": list(_IMO_FUELS), "imo_fuel": list(_IMO_FUELS.values())})
    heat = names.join(table, on="imo_fuel", how="inner", maintain_order="left")
    loads = given.with_ship("engine_type").select("segment_id", "mmsi", "engine_type", "lf_h", "lf_sfc_h")
    piston = pl.col("system").ne("boiler") & pl.col("engine_type").is_in([*RECIPROCATING, *_GAS])
    # the load curve makes consumption higher at low load: that much more is believed of the main engine
    curve = pl.when((pl.col("system") == "main") & (pl.col("lf_h") > 0)).then(pl.col("lf_sfc_h") / pl.col("lf_h"))
    # pilot oil is a row without energy of its own: it counts with the gas of its engine
    burnt = (
        given.emissions.join(heat, on="fuel", how="inner", maintain_order="left")
        .with_columns(heat=pl.col("fuel_t") * G_PER_T * pl.col("lcv") / G_PER_KG)
        .group_by("segment_id", "system", maintain_order=True)
        .agg(pl.col("fuel").first(), pl.col("heat", "energy_kwh").sum())
    )
    rows = (
        burnt.filter((pl.col("energy_kwh") > 0) & (pl.col("heat") > 0))
        .join(loads, on="segment_id", how="inner", maintain_order="left")
        .filter(piston)
        .with_columns(heat=pl.col("heat") / pl.col("energy_kwh"))
        .filter(
            ~pl.col("heat").is_between(
                believed.low or 0.0, (believed.high or 0.0) * pl.max_horizontal(curve.fill_null(1.0), 1.0)
            )
        )
    )
    return found(
        rows,
        "engines burn another heat than piston engines need",
        "segment {segment_id} of {mmsi}, {system}, {fuel}: {heat:.2f} MJ/kWh",
        believed,
    )


@check(ERROR, "make the segments and the inventory anew; report it if it stays")
def main_engine_at_rest(given: Given) -> Finding | None:
    """Find main engines that run at berth or at anchor."""
    modes = given.segments.select("segment_id", "mmsi", "mode")
    rows = (
        given.emissions.filter((pl.col("system") == "main") & (pl.col("energy_kwh") > 0))
        .join(modes, on="segment_id", how="inner", maintain_order="left")
        .filter(pl.col("mode").is_in(ENGINE_OFF))
    )
    return found(
        rows,
        "segments at berth or anchor have main engine energy",
        "segment {segment_id} of {mmsi}, {mode}: {energy_kwh:,.1f} kWh",
        law("both methods: main engine off at berth and at anchor", high=0, unit="kWh"),
    )


@check(WARN, "v_max_kn of the register may be a service speed, or power_kw too small")
def load_at_cap(given: Given) -> Finding | None:
    """Find main engines that ran at the cap of the load law for long."""
    cap, most = limit("cap_load"), limit("cap_hours")
    rows = (
        given.segments.filter((pl.col("hours") > 0) & (pl.col("lf_h") >= (cap.high or 0.0) * pl.col("hours")))
        .group_by("mmsi", maintain_order=True)
        .agg(pl.col("hours").sum())
        .filter(pl.col("hours") > (most.high or 0.0))
        .sort("hours", "mmsi", descending=[True, False])
    )
    return found(rows, "ships ran at full load for long", "MMSI {mmsi}: {hours:,.1f} h", most)


@check(WARN, "look at the meter, the time of the connection, and the auxiliary power of the ship", needs=("shore",))
def shore_above_demand(given: Given) -> Finding | None:
    """Find ships that took more from shore than their auxiliaries need."""
    if given.shore is None:
        return None
    rows = given.shore.filter((pl.col("excess_kwh") > 0) & (pl.col("hours_at_berth") > 0))
    return found(
        rows,
        "shore connections gave more than the demand",
        "connection {connection} of {mmsi}: {excess_kwh:,.0f} kWh",
    )


@check(WARN, "move the connection to the time at berth, or draw the berth", needs=("shore",))
def shore_without_berth(given: Given) -> Finding | None:
    """Find shore connections that met no time at berth."""
    if given.shore is None:
        return None
    rows = given.shore.filter(pl.col("hours_at_berth") <= 0)
    return found(rows, "shore connections met no time at berth", "connection {connection} of {mmsi}")
