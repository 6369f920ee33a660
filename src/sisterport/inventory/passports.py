"""Factors with their passports: the numbers that a product is made of, by the Fourth IMO GHG Study.

The same tables as in `sisterport.inventory.factors` are read row by row, with source and status; products are worked
out again from them, so that an explanation that adds up also proves the inventory's own chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError
from sisterport.fuels import wtw
from sisterport.inventory.factors import (
    RECIPROCATING,
    baseline_consumption,
    black_carbon_curves,
    energy_rows,
    nox_factors,
    pm10_rows,
)
from sisterport.inventory.ghg4 import OTTO
from sisterport.inventory.operation import RESIDUAL_LIKE
from sisterport.inventory.zones import port_rules
from sisterport.reference import constant, load
from sisterport.units import G_PER_KG, PER_CENT, ROUNDING

PER_KWH, PER_G = "g/kWh", "g/g"
MISSING = "missing"
_RANKS = ("checked", "secondary", "given", "unverified", MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One number of a product.

    Attributes
    ----------
    name, value, unit : str, float, str
        The value is None where the tables have none.
    source, status : str
        Where it comes from and how far it was checked; of a computed factor: the worst of its parts.
    table : str
        Reference table and row.
    formula : str
        How it is computed from its parts.
    parts : tuple of Factor
    """

    name: str
    value: float | None
    unit: str
    source: str
    status: str
    table: str
    formula: str = ""
    parts: tuple["Factor", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A product: energy by weight of the load, times factors.

    Attributes
    ----------
    name : str
        What it gives.
    weights : tuple of str
        Energies of the activity frame that are added up.
    factors : tuple of Factor
    """

    name: str
    weights: tuple[str, ...]
    factors: tuple[Factor, ...] = ()

    @property
    def coefficient(self) -> float | None:
        """Product of the factors; None if one is missing."""
        values = [factor.value for factor in self.factors]
        return None if None in values else prod(value for value in values if value is not None)

    def times(self, name: str, *more: Factor) -> "Term":
        """Return the term with more factors, under another name."""
        return Term(name=name, weights=self.weights, factors=(*self.factors, *more))


def known(factor: Factor) -> float:
    """Return the value of a factor that is not missing."""
    if factor.value is None:
        raise ReferenceDataError(f"no value of '{factor.name}' ({factor.table})")
    return factor.value


def of_constant(identifier: str, name: str = "") -> Factor:
    """Return a constant as a factor.

    Examples
    --------
    >>> of_constant("pm25_of_pm10").value
    0.92
    """
    row = constant(identifier)
    return Factor(
        name=name or identifier.replace("_", " "),
        value=row.value,
        unit=row.unit,
        source=row.source,
        status=row.status,
        table=f"constants: {identifier}",
    )


def absent(name: str, unit: str, table: str) -> Factor:
    """Return a factor that the tables do not have."""
    return Factor(name=name, value=None, unit=unit, source="the method has no value", status=MISSING, table=table)


def computed(name: str, value: float | None, unit: str, formula: str, *parts: Factor) -> Factor:
    """Return a factor that is computed from others, with the worst status among them."""
    status = max((part.status for part in parts), key=rank)
    return Factor(
        name=name,
        value=None if any(part.value is None for part in parts) else value,
        unit=unit,
        source="computed from the factors below it",
        status=status,
        table="",
        formula=formula,
        parts=parts,
    )


def rank(status: str) -> int:
    """Return how weak a status is: 0 is the best."""
    return next((i for i, word in enumerate(_RANKS) if status.startswith(word)), len(_RANKS))


def from_table(table: str, rows: pl.DataFrame, column: str, key: Mapping[str, Any], name: str, unit: str) -> Factor:
    """Return the one row of `rows` with `key` as a factor, or one that says that there is none."""
    said = ", ".join(str(part) for part in key.values())
    found = rows.filter(pl.col(k) == v for k, v in key.items()) if None not in key.values() else rows.clear()
    if found.is_empty() or found[column][0] is None:
        return absent(name, unit, f"{table}: {said}")
    row = found.row(0, named=True)
    near = "" if row.get("exact", True) else " (nearest row)"
    return Factor(
        name=name,
        value=float(row[column]),
        unit=unit,
        source=row["source"],
        status=row["status"],
        table=f"{table}: {said}{near}",
    )


def warming(gas: str, gwp: str) -> Factor:
    """Return the warming potential of ``ch4`` or ``n2o`` [g CO2e/g].

    Examples
    --------
    >>> warming("ch4", "AR5").value
    28.0
    """
    name = f"GWP100 of {gas.upper()}"
    return from_table("gwp_sets", load("gwp_sets"), f"gwp_{gas}", {"gwp_set": gwp}, name, PER_G)


def well_to_tank(fuel: str, converter: str) -> Factor:
    """Return the CO2 equivalent of making a fuel [g/g].

    Examples
    --------
    >>> round(well_to_tank("distillate", "all_ice").value, 4)
    0.6149
    """
    name, table = "well-to-tank CO2e per fuel", f"fueleu_wtw_factors: {fuel}, {converter}"
    try:
        row = wtw(fuel, converter)
    except ReferenceDataError:
        return absent(name, PER_G, table)
    passport: dict[str, Any] = {"source": row.source, "status": row.status, "table": table}
    parts = (
        Factor(name="lower calorific value", value=row.lcv_mj_per_kg, unit="MJ/kg", **passport),
        Factor(name="well-to-tank CO2e per fuel energy", value=row.wtt_g_per_mj, unit="g/MJ", **passport),
    )
    return computed(name, row.lcv_mj_per_kg * row.wtt_g_per_mj / G_PER_KG, PER_G, "LCV x WtT / 1000", *parts)


def sulphur_limit(fraction: float) -> Factor:
    """Return the sulphur limit of a place and year [mass fraction], from the constants or the rules given."""
    ids = ("eca_sulphur", "global_sulphur", "global_sulphur_before_2020", "eca_sulphur_before_2015")
    for identifier in ids:
        if abs(constant(identifier).value - fraction) < ROUNDING:
            limit = of_constant(identifier, "sulphur limit of place and year")
            return replace(limit, table=f"{limit.table}{_same_in_ports(fraction)}")
    return Factor(
        name="sulphur limit of place and year",
        value=fraction,
        unit="mass fraction",
        source="rules of the emission zones",
        status="given",
        table=f"emission_zones: {fraction / PER_CENT:g} %",
    )


def _same_in_ports(fraction: float) -> str:
    """Name the national rules of ports that set the same limit at berth."""
    same = port_rules().filter((pl.col("sulphur_pct_max") - fraction / PER_CENT).abs() < ROUNDING)["rule_id"]
    return f"; at berth also national_rules: {', '.join(same)}" if same.len() else ""


def sulphur_content(fuel: str | None, year: int) -> Factor:
    """Return the mean sulphur of a fuel in a year, or in the nearest year of the table [mass fraction]."""
    if fuel == "methanol":
        return of_constant("methanol_sulphur", "sulphur of methanol")
    rows = load("sulphur_content").filter(pl.col("fuel").eq_missing(pl.lit(fuel, pl.String)))
    years = rows["year"].to_list()
    nearest = min(years, key=lambda given: abs(given - year), default=None)
    key = {"fuel": fuel, "year": nearest}
    return from_table("sulphur_content", rows, "sulphur_mass_fraction", key, "fuel sulphur", "mass fraction")


def ghg4_terms(
    case: Mapping[str, Any],
    system: str,
    pollutant: str,
    *,
    slip_low_load: bool = False,
    lng_aux_ch4: str = "engine",
) -> list[Term]:
    """Return the products that give fuel or a pollutant of one case and system [g], by the study.

    Parameters
    ----------
    case
        The columns of `sisterport.inventory.ghg4.CASE`.
    system
        main, auxiliary_engine or boiler.
    pollutant
        fuel, co2, ch4, n2o, nox, sox, pm10, pm25, bc, co or nmvoc.
    slip_low_load, lng_aux_ch4
        As in `sisterport.inventory.emissions`.

    Examples
    --------
    >>> case = {"engine_type": "SSD", "fuel_burnt": "distillate", "engine_build": "after_2000", "tier": 3,
    ...         "scrubber": False, "sulphur_limit": 0.001, "year": 2020}
    >>> [(t.weights, t.coefficient) for t in ghg4_terms(case, "main", "nox")]
    [(('lf_nox',), 3.4), (('lf_nox_low',), 14.4)]
    """
    key = {"engine_type": case["engine_type"], "fuel": case["fuel_burnt"], "system": system}
    if pollutant in {"fuel", "co2", "sox"}:
        return [_per_fuel(_fuel(key, case), case, key["fuel"], pollutant)]
    if pollutant == "nox":
        tier, low = case["tier"], min(case["tier"], 2)
        return [
            Term(name="NOx", weights=("lf_nox",), factors=(_nox(key, tier),)),
            Term(name="NOx below 25 % load", weights=("lf_nox_low",), factors=(_nox(key, low),)),
        ]
    if pollutant in {"pm10", "pm25"}:
        ratio = (of_constant("pm25_of_pm10", "PM2.5 over PM10"),) if pollutant == "pm25" else ()
        return [Term(name=pollutant.upper(), weights=("lf_pm",), factors=(_pm10(key, case), *ratio))]
    if pollutant == "bc":
        return [_black_carbon(key, case)]
    weights = {"ch4": ("lf_hc",), "n2o": ("lf_nox", "lf_nox_low"), "co": ("lf_co",), "nmvoc": ("lf_hc",)}[pollutant]
    if pollutant == "ch4" and key["fuel"] == "lng" and not slip_low_load:
        weights = ("lf",)
    if pollutant == "ch4" and (system, key["fuel"], lng_aux_ch4) == ("auxiliary_engine", "lng", "otto"):
        key |= OTTO
    return [Term(name=pollutant.upper(), weights=weights, factors=(_energy_factor(key, pollutant),))]


def ghg4_pilot_terms(case: Mapping[str, Any], system: str, pollutant: str) -> list[Term]:
    """Return the products of the pilot oil of a dual-fuel main engine: fuel, CO2 and SOx, else none."""
    key = {"engine_type": case["engine_type"], "fuel": case["fuel_burnt"], "system": "main_pilot"}
    pilot = _consumption(key, "after_2000", "pilot oil")
    if system != "main" or pilot.value is None or pollutant not in {"fuel", "co2", "sox"}:
        return []
    return [_per_fuel(Term(name="pilot oil", weights=("lf",), factors=(pilot,)), case, "distillate", pollutant)]


def _fuel(key: Mapping[str, Any], case: Mapping[str, Any]) -> Term:
    """Return fuel: energy times consumption, times the load curve where it applies."""
    wanted = {**key, "engine_build": case["engine_build"]}
    curve = None not in wanted.values() and bool(baseline_consumption().filter(**wanted)["load_curve"].any())
    weights = ("lf_sfc" if curve else "lf",)
    return Term(name="fuel", weights=weights, factors=(_consumption(key, case["engine_build"], "consumption"),))


def _consumption(key: Mapping[str, Any], build: str, name: str) -> Factor:
    rows = baseline_consumption()
    return from_table("sfc_baseline", rows, "sfc_g_per_kwh", {**key, "engine_build": build}, name, PER_KWH)


def _per_fuel(fuel: Term, case: Mapping[str, Any], name: str | None, pollutant: str) -> Term:
    if pollutant == "fuel":
        return fuel
    prefix = "" if fuel.name == "fuel" else f" of {fuel.name}"
    if pollutant == "co2":
        rows = load("fuel_cf_lcv").filter(scheme="inventory")
        return fuel.times(
            f"CO2{prefix}",
            from_table("fuel_cf_lcv", rows, "cf_gco2_per_gfuel", {"fuel": name}, "CO2 per fuel", PER_G),
        )
    sulphur = _lower(sulphur_content(name, case["year"]), sulphur_limit(case["sulphur_limit"]))
    return fuel.times(f"SOx{prefix}", of_constant("so2_from_sulphur", "SO2 per sulphur"), sulphur)


def _lower(content: Factor, limit: Factor) -> Factor:
    """Return the lower of content and limit; where there is no content, the limit."""
    return limit if content.value is None or known(limit) < content.value else content


def _nox(key: Mapping[str, Any], tier: int) -> Factor:
    rows, name = nox_factors(), f"NOx, Tier {tier}"
    found = from_table("emission_factors_energy", rows, "nox_g_per_kwh", {**key, "nox_tier": tier}, name, PER_KWH)
    if found.value is None:
        return found
    formula = rows.filter(pl.col(k) == v for k, v in key.items()).filter(nox_tier=tier)["formula_id"][0]
    if formula is None:
        return found
    of_tier = formula.removesuffix("_rpm")
    a, b, n = (of_constant(identifier) for identifier in (f"{of_tier}_a", f"{of_tier}_b", "nox_rpm_msd"))
    return computed(name, known(a) * known(n) ** -known(b), PER_KWH, "a n^-b", a, n, b)


def _energy_factor(key: Mapping[str, Any], pollutant: str) -> Factor:
    full = {"pollutant": pollutant, **key}
    name = f"{pollutant.upper()} per energy"
    return from_table("emission_factors_energy", energy_rows(), "g_per_kwh", full, name, PER_KWH)


def _pm10(key: Mapping[str, Any], case: Mapping[str, Any]) -> Factor:
    fixed = from_table(
        "emission_factors_energy",
        pm10_rows(),
        "pm10_g_per_kwh",
        {**key, "engine_build": case["engine_build"]},
        "PM10 per energy",
        PER_KWH,
    )
    fuel = key["fuel"]
    if fixed.value is not None or key["engine_type"] not in RECIPROCATING:
        return fixed
    if fuel == "methanol":
        twin = {**key, "fuel": "residual"}
        share = of_constant("pm_methanol_of_residual", "PM10 of methanol over residual")
        pm = _pm10_by_sulphur(
            "residual", _consumption(twin, "after_2000", "consumption"), of_constant("global_sulphur")
        )
        return computed("PM10 per energy", known(share) * (pm.value or 0.0), PER_KWH, "share x PM10", share, pm)
    if fuel not in (*RESIDUAL_LIKE, "distillate"):
        return fixed
    content, limit = sulphur_content(fuel, case["year"]), sulphur_limit(case["sulphur_limit"])
    scrubbed = case["scrubber"] and fuel in RESIDUAL_LIKE
    sulphur = content if scrubbed else _lower(content, limit)
    consumption = _consumption(key, case["engine_build"], "consumption")
    return _pm10_by_sulphur("distillate" if fuel == "distillate" else "residual", consumption, sulphur)


def _pm10_by_sulphur(fuel: str, consumption: Factor, sulphur: Factor) -> Factor:
    base, start, slope = (
        of_constant(identifier) for identifier in (f"pm_{fuel}_base", f"pm_{fuel}_s", "pm_per_sulphur")
    )
    parts = (base, consumption, slope, sulphur, start)
    value = None
    if consumption.value is not None and sulphur.value is not None:
        value = known(base) + consumption.value * known(slope) * (sulphur.value - known(start))
    return computed("PM10 per energy", value, PER_KWH, "base + consumption x slope x (S - S_base)", *parts)


def _black_carbon(key: Mapping[str, Any], case: Mapping[str, Any]) -> Term:
    keys = {name: key[name] for name in ("engine_type", "fuel")}
    curves = black_carbon_curves().clear() if None in keys.values() else black_carbon_curves().filter(**keys)
    if key["system"] != "main" or curves.is_empty():
        return Term(name="BC", weights=("lf",), factors=(_energy_factor(key, "bc"),))
    curve = curves["bc_curve"][0]
    engine = "ssd" if key["engine_type"] == "SSD" else "msd"
    factors = (
        _consumption(key, case["engine_build"], "consumption"),
        of_constant(f"bc_{engine}_{curve}_a", "black carbon per fuel at full load"),
    )
    return Term(name="BC", weights=(f"lf_bc_{curve}",), factors=factors)
