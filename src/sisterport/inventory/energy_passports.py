"""What stands behind an energy: the table of auxiliary power, and the curves that weigh the hours of load."""

from functools import cache
from typing import Any

import polars as pl

from sisterport.engines import BC_EXPONENTS
from sisterport.inventory.epa_step import TABLE_MODES as EPA_MODES
from sisterport.inventory.epa_step import load_table_rows
from sisterport.inventory.long_stay import TANKERS
from sisterport.inventory.passports import Factor, absent, computed, from_table, known, of_constant
from sisterport.inventory.power import TABLE_MODES as GHG4_MODES
from sisterport.reference import load, value

_LOW_LOAD = {
    "lf_nox": "nox",
    "lf_nox_low": "nox",
    "lf_pm": "pm10",
    "lf_hc": "hc",
    "lf_co": "co",
    "lf_co2": "co2",
    "lf_so2": "so2",
}
"""Weighted energies and the low-load curve in them."""


@cache
def curve_factors(weights: tuple[str, ...], engine_type: str | None) -> list[Factor]:
    """Return the constants of the curves that weigh the load hours of a main engine.

    Examples
    --------
    >>> [factor.value for factor in curve_factors(("lf_sfc",), "SSD")]
    [0.455, -0.71, 1.28]
    """
    found: list[Factor] = []
    for weight in weights:
        if weight in {"lf_sfc", "lf_sfc_high"} or weight.startswith("lf_bc"):
            found += [of_constant(f"sfc_curve_a{n}") for n in (2, 1, 0)]
        if weight.startswith("lf_bc"):
            pair = BC_EXPONENTS["SSD" if engine_type == "SSD" else "MSD"]
            found.append(of_constant(pair[0 if weight.endswith("residual") else 1]))
        if weight in _LOW_LOAD:
            found += [of_constant("low_load_limit"), *_low_load_curve(_LOW_LOAD[weight])]
        if weight in {"lf_nox", "lf_nox_low"}:
            found.append(of_constant("tier3_load_limit"))
        if weight == "lf_so2":
            found += [of_constant("epa_llaf_so2_c1"), of_constant("epa_llaf_so2_c0")]
    return list({factor.table: factor for factor in found}.values())


@cache
def _low_load_curve(pollutant: str) -> list[Factor]:
    table = load("epa_ef_llaf_coefficients")
    key = {"pollutant": pollutant}
    columns = [c for c in ("a", "x", "b") if table.filter(**key)[c][0] is not None]
    return [_named_column("epa_ef_llaf_coefficients", table, column, key) for column in columns]


def _named_column(table: str, rows: pl.DataFrame, column: str, key: dict[str, Any]) -> Factor:
    named = rows.with_columns(column=pl.lit(column))
    name = f"low-load curve of {key['pollutant']}, {column}"
    return from_table(table, named, column, key | {"column": column}, name, "-")


def power_factor(ship: dict[str, Any], system: str, *, table: str) -> Factor:
    """Return the power of an auxiliary engine or boiler of a ship in a mode as a factor [kW].

    Parameters
    ----------
    ship
        ``ship_class, size_bin, dwt_t, teu, gt, power_kw, mode``.
    system
        auxiliary_engine or boiler.
    table
        ``ghg4``, ``ghg3`` or ``starcrest2016``.

    Examples
    --------
    >>> ship = {"ship_class": "container", "size_bin": 5, "power_kw": 40000.0, "mode": "berth"}
    >>> power_factor(ship, "boiler", table="ghg4").value
    590.0
    """
    if table != "ghg4":
        return _epa_power(ship, system, table)
    mode = next(name for name, ours in GHG4_MODES.items() if ours == ship["mode"])
    rows = load("aux_boiler_power_ghg4")
    key = {"ship_class": ship["ship_class"], "size_bin": ship["size_bin"], "system": system, "mode": mode}
    found = from_table("aux_boiler_power_ghg4", rows, "power_kw", key, _name(system), "kW")
    main = ship["power_kw"]
    if found.value is None or main is None or main > value("ghg4_medium_power_kw"):
        return found
    rule = "main power up to the limit: no auxiliary power"
    if main <= value("ghg4_small_power_kw"):
        return computed(_name(system), 0.0, "kW", rule, of_constant("ghg4_small_power_kw"))
    if system == "boiler":
        return found
    share, limit = of_constant("ghg4_aux_share"), of_constant("ghg4_medium_power_kw")
    return computed(_name(system), known(share) * main, "kW", "share x main power, up to the limit", share, limit)


def long_stay_share(share: float, ship_class: str) -> Factor:
    """Return the mean share of the table's power over stays that are partly long, as a factor.

    Examples
    --------
    >>> long_stay_share(0.875, "container").parts[1].value
    0.75
    """
    kind = "_tanker" if ship_class in TANKERS else ""
    parts = (of_constant(f"maru_long_stay{kind}_h"), of_constant(f"maru_long_stay{kind}_share"))
    return computed("share of power over long stays, mean", share, "-", "1 up to the limit, less from it on", *parts)


def _epa_power(ship: dict[str, Any], system: str, table: str) -> Factor:
    types = {"ship_class": pl.String, "dwt_t": pl.Float64, "teu": pl.Float64, "gt": pl.Float64}
    one = pl.DataFrame({key: [ship[key]] for key in types}, schema=types, strict=False)
    row = int(load_table_rows(one, table=table)[0])
    name = f"epa_load_{table}_{'aux' if system == 'auxiliary_engine' else 'boiler'}"
    column = EPA_MODES[ship["mode"]]
    if row < 0:
        return absent(_name(system), "kW", f"{name}: {ship['ship_class']}")
    found = load(name)[row].with_columns(mode=pl.lit(column))
    key = {"sub_type": found["sub_type"][0], "mode": column}
    return from_table(name, found, column, key, _name(system), "kW")


def _name(system: str) -> str:
    return "auxiliary power" if system == "auxiliary_engine" else "boiler power"
