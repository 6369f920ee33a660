"""The small tables and numbers that the oracle's queries join to, from the reference tables alone."""

from collections.abc import Mapping
from math import cos, degrees, floor, radians
from typing import Any

import polars as pl

from generate import CONTROL_AREAS, boxes
from sisterport.reference import load, value

MODES = ("cruise", "manoeuvring", "anchorage", "berth")
PRECEDENCE = ("port", "river", "terminal", "anchorage", "berth")
NEAR_PORTS_NM = 5.0
SLOW_KN = 5.0  # slower, and near a port or coast: manoeuvring
YEAR = 2023


def tables(ships: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the small tables that the query joins to: cells, tiles, ships, power, factors."""
    return {
        "cells": _cells(),
        "tiles": _tiles(),
        "ships": _ships(ships),
        "power": _power(ships),
        "factors": _factors(ships),
    }


def _cells() -> pl.DataFrame:
    """Return the area of each cell of 0.01 deg that has one."""
    found: dict[tuple[int, int], tuple[str, str]] = {}
    for row in sorted(boxes(), key=lambda r: PRECEDENCE.index(r["kind"])):
        south, west, north, east = row["bounds"]
        found |= {(i, j): (row["area_id"], row["kind"]) for i in range(south, north) for j in range(west, east)}
    rows = [((i + 9000) * 36_000 + j + 18_000, *names) for (i, j), names in found.items()]
    return pl.DataFrame(rows, schema={"cell": pl.Int32, "area_id": pl.String, "kind": pl.String}, orient="row")


def _tiles() -> pl.DataFrame:
    """Return control area and port nearby of each tile of 1 deg that has one of them."""
    radius = degrees(NEAR_PORTS_NM / value("earth_radius_nm"))
    ports: dict[int, tuple[float, ...]] = {}
    for row in boxes():
        if row["kind"] != "port":
            continue
        south, west, north, east = (x / 100 for x in row["bounds"])
        scale = cos(radians(0.5 * (south + north)))
        reach = radius / scale
        for i in range(floor(south - radius), floor(north + radius) + 1):
            for j in range(floor(west - reach), floor(east + reach) + 1):
                tile = (i + 90) * 360 + j + 180
                if tile in ports:
                    raise AssertionError(f"two ports near tile {tile}: choose others")
                ports[tile] = (south, west, north, east, scale)
    zone = {(i + 90) * 360 + j + 180 for s, w, n, e in CONTROL_AREAS for i in range(s, n) for j in range(w, e)}
    rows = [(tile, tile in zone, *ports.get(tile, (None,) * 5)) for tile in sorted(zone | set(ports))]
    names = ("south", "west", "north", "east", "scale")
    schema = {"tile": pl.Int32, "in_zone": pl.Boolean, **dict.fromkeys(names, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _ships(ships: pl.DataFrame) -> pl.DataFrame:
    """Return what the load law needs of each ship."""
    eta = load("weather_fouling_ghg4").select(
        "ship_class", pl.col("size_bin").cast(pl.Int64), "eta_weather", "eta_fouling"
    )
    large_box = (pl.col("ship_class") == "container") & (pl.col("teu") > value("ghg4_delta_container_from_teu"))
    delta = (
        pl.when(large_box).then(value("ghg4_delta_container"))
        .when(pl.col("ship_class") == "cruise").then(value("ghg4_delta_cruise")).otherwise(1.0)
    )  # fmt: skip
    slow = pl.col("engine_type") == "SSD"
    exponents = {
        f"bc_{fuel}": pl.when(slow).then(value(f"bc_ssd_{fuel}_b")).otherwise(value(f"bc_msd_{fuel}_b"))
        for fuel in ("residual", "distillate")
    }
    return ships.join(eta, on=["ship_class", "size_bin"], how="left").select(
        pl.col("mmsi").cast(pl.Int32),
        "v_ref_kn",
        "draught_ref_m",
        pl.col("power_kw").cast(pl.Float64),
        factor=delta / (pl.col("eta_weather") * pl.col("eta_fouling")),
        **exponents,
    )


def _power(ships: pl.DataFrame) -> pl.DataFrame:
    """Return auxiliary and boiler power by ship and mode."""
    words = {"anchor": "anchorage", "manoeuvre": "manoeuvring"}
    table = load("aux_boiler_power_ghg4").with_columns(
        pl.col("mode").replace(words), pl.col("power_kw").cast(pl.Float64)
    )
    parts = []
    for system in ("auxiliary_engine", "boiler"):
        rows = table.filter(system=system).select("ship_class", "size_bin", "mode", kw="power_kw")
        joined = ships.select("mmsi", "ship_class", "size_bin", "power_kw").join(rows, on=["ship_class", "size_bin"])
        kw = pl.col("kw")
        if system == "auxiliary_engine":
            share = value("ghg4_aux_share") * pl.col("power_kw")
            kw = pl.when(pl.col("power_kw") <= value("ghg4_medium_power_kw")).then(share).otherwise(kw)
        kw = pl.when(pl.col("power_kw") <= value("ghg4_small_power_kw")).then(0.0).otherwise(kw)
        parts.append(joined.select(pl.col("mmsi").cast(pl.Int32), "mode", kw=kw, system=pl.lit(system)))
    return pl.concat(parts)


def _factors(ships: pl.DataFrame) -> pl.DataFrame:
    """Return factors by ship, inside or outside control areas, and system [g/kWh at the baseline]."""
    rows = [
        {"mmsi": ship["mmsi"], "in_zone": inside, "system": system} | _factor(ship, inside, system)
        for ship in ships.iter_rows(named=True)
        for inside in (False, True)
        for system in ("main", "auxiliary_engine", "boiler")
    ]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("mmsi").cast(pl.Int32))


_CACHE: dict[tuple[Any, ...], dict[str, Any]] = {}


def _factor(ship: Mapping[str, Any], inside: bool, system: str) -> dict[str, Any]:
    """Return the factors of one ship: plain look-ups, one at a time, remembered by what they depend on."""
    names = ("fuel", "scrubber", "nox_tier", "keel_year", "build_year", "engine_type")
    key = (*(ship[name] for name in names), inside, system)
    if key not in _CACHE:
        _CACHE[key] = _look_up(ship, inside, system)
    return _CACHE[key]


def _look_up(ship: Mapping[str, Any], inside: bool, system: str) -> dict[str, Any]:
    fuel = ship["fuel"]
    if not ship["scrubber"] and fuel in ("residual", "vlsfo"):
        fuel = "distillate" if inside else "vlsfo"
    oil = "residual" if fuel == "vlsfo" else fuel  # engines do not tell them apart
    engine, year = ship["engine_type"], ship["build_year"]
    built = "before_1984" if year < 1984 else "1984_2000" if year <= 2000 else "after_2000"
    sfc = _one("sfc_baseline", "sfc_g_per_kwh", engine_type=engine, fuel=oil, system=system, engine_build=built)
    sulphur = _one("sulphur_content", "sulphur_mass_fraction", fuel=fuel, year=YEAR)
    limit = value("eca_sulphur") if inside else value("global_sulphur")
    tier = ship["nox_tier"]
    if tier == 3 and not inside:
        tier = 2

    def per_kwh(pollutant: str) -> float:
        return _one(
            "emission_factors_energy", "ef_value", pollutant=pollutant, engine_type=engine, fuel=oil, system=system
        )

    def nox(tier: int) -> float:
        where = {"pollutant": "NOx", "engine_type": engine, "fuel": oil, "system": system, "nox_tier": tier}
        if load("emission_factors_energy").filter(**where, formula_id=f"nox_tier{tier}_rpm").height:
            a, b = value(f"nox_tier{tier}_a"), value(f"nox_tier{tier}_b")
            return float(a * value("nox_rpm_msd") ** -b)
        return _one("emission_factors_energy", "ef_value", **where)

    main = system == "main"
    stroke = "ssd" if engine == "SSD" else "msd"
    return {
        "fuel": fuel,
        "sfc": sfc,
        "co2": _one("fuel_cf_lcv", "cf_gco2_per_gfuel", fuel=fuel, scheme="inventory"),
        "sox": value("so2_from_sulphur") * (limit if ship["scrubber"] else sulphur),
        "pm": value(f"pm_{oil}_base") + sfc * value("pm_per_sulphur") * (sulphur - value(f"pm_{oil}_s")),
        "nox": nox(tier),
        "nox_low": nox(2 if main and tier == 3 else tier),
        "n2o": per_kwh("N2O"),
        "ch4": per_kwh("CH4"),
        "nmvoc": per_kwh("NMVOC"),
        "co": per_kwh("CO"),
        "bc": sfc * value(f"bc_{stroke}_{oil}_a") if main else per_kwh("BC"),
        "residual": oil == "residual",
    }


def _one(table: str, column: str, **where: Any) -> float:
    rows = load(table).filter(**where)
    if rows.height != 1:
        raise AssertionError(f"{rows.height} rows of {table} for {where}")
    return float(rows[column][0])


def constants() -> dict[str, Any]:
    """Return the numbers that the SQL text has places for."""
    low: dict[str, Any] = {row["pollutant"]: row for row in load("epa_ef_llaf_coefficients").iter_rows(named=True)}
    numbers = {
        "hole_s": 3600 * value("hole_h"), "stay_nm": value("hole_stay_nm"),
        "shift_nm": value("hole_shift_nm"), "rest": value("hole_rest_kn"),
        "under_way": value("hole_under_way_kn"), "hole_max_s": 3600 * value("hole_max_h"),
        "on": value("stop_begin_kn"), "off": value("stop_end_kn"), "run_s": value("mode_min_run_s"),
        "slow": SLOW_KN, "near": degrees(NEAR_PORTS_NM / value("earth_radius_nm")), "r": value("earth_radius_nm"),
        "t_low": value("draught_ratio_min"), "t_high": value("draught_ratio_max"), "t_exp": value("draught_exponent"),
        "lf_max": value("ghg4_lf_max"), "lf_off": value("ghg4_lf_off"), "lf_bc": value("lf_bc_min"),
        "a2": value("sfc_curve_a2"), "a1": value("sfc_curve_a1"), "a0": value("sfc_curve_a0"),
        "low": value("low_load_limit"), "tier3": value("tier3_load_limit"),
        "c1": value("epa_llaf_so2_c1"), "c0": value("epa_llaf_so2_c0"),
        "so2_a": low["so2"]["a"], "so2_b": low["so2"]["b"],
        "s_in": 100 * value("eca_sulphur"), "s_out": 100 * value("global_sulphur"),
    }  # fmt: skip
    for name in ("nox", "pm10", "hc", "co", "co2"):
        numbers |= {f"{name}_{k}": float(low[name][k]) for k in ("a", "x", "b")}
    return numbers
