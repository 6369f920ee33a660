"""Factors of the EPA method with their passports: the products of one case and system, from the EPA tables."""

from collections.abc import Mapping
from typing import Any

from sisterport.fuels import wtw
from sisterport.inventory.epa_parts import AT_ECA_SULPHUR, LOCATIONS, TIERS, engine_types, fuel_mix
from sisterport.inventory.passports import (
    PER_G,
    PER_KWH,
    Factor,
    Term,
    absent,
    computed,
    from_table,
    known,
    of_constant,
    sulphur_content,
)
from sisterport.reference import load
from sisterport.units import PER_CENT, ROUNDING

_TABLES = {"main": "main", "auxiliary_engine": "aux", "boiler": "boiler"}
_BURNING = ("lf_co2", "lf_sfc_high")
_PM_SCALE = PER_CENT**2  # sulphur in percent, and the table's fsc is per cent too


def epa_terms(case: Mapping[str, Any], system: str, pollutant: str, *, load_based_bsfc: bool = False) -> list[Term]:
    """Return the products that give fuel or a pollutant of one case and system [g].

    Parameters
    ----------
    case
        The columns of `sisterport.inventory.epa_step.CASE`.
    system, pollutant
        As in `sisterport.inventory.passports.ghg4_terms`; the method has no black carbon.
    load_based_bsfc
        As in `sisterport.inventory.emissions`.

    Examples
    --------
    >>> case = {"engine": "SSD", "tier": 1, "location": "ECA", "global_sulphur_pct": 0.5,
    ...         "residual_name": "vlsfo", "slip_engine": None}
    >>> [(t.name, t.coefficient) for t in epa_terms(case, "main", "fuel")]
    [('fuel', 185.0)]
    """
    engine = _engine(case, system)
    if engine is None or pollutant == "bc":
        what = "black carbon" if pollutant == "bc" else "an engine of unknown type"
        return [Term(name=pollutant, weights=("lf",), factors=(absent(what, PER_KWH, "EPA tables"),))]
    key = {"engine_type": engine, "fuel_type": _fuel_type(system, engine, case["location"])}
    burning = _BURNING if load_based_bsfc else _BURNING[:1]
    fuel = Term(name="fuel", weights=burning, factors=(_consumption(system, key),))
    if pollutant == "nox":
        return _nox(system, key, case["tier"])
    if pollutant in {"pm10", "pm25"}:
        return _particles(system, key, case, pollutant, load_based_bsfc=load_based_bsfc)
    if pollutant in {"co", "nmvoc"}:
        return [_carbon_monoxide_or_hydrocarbons(system, engine, pollutant)]
    if pollutant == "sox":
        weights = ("lf_so2", *burning[1:])
        return [Term(name="SOx", weights=weights, factors=(_consumption(system, key), *_so2_per_fuel(case, key)))]
    return [fuel if pollutant == "fuel" else fuel.times(pollutant.upper(), _gas_per_fuel(case, key, pollutant))]


def fuel_burnt(case: Mapping[str, Any], system: str) -> str | None:
    """Return our name of the fuel that the method has a system burn; None for an unknown main engine."""
    engine = _engine(case, system)
    return None if engine is None else _our_fuel(case, _fuel_type(system, engine, case["location"]))


def _our_fuel(case: Mapping[str, Any], fuel_type: str) -> str:
    return {"MGO/MDO": "distillate", "LNG": "lng", "RM/HFO": str(case["residual_name"])}[fuel_type]


def _engine(case: Mapping[str, Any], system: str) -> str | None:
    """Return the engine type of a system: auxiliary engines are medium-speed, or burn gas as the main engine."""
    if system == "main":
        return case["engine"]  # type: ignore[no-any-return]
    if system == "boiler":
        return "Boiler"
    return "LNG" if case["engine"] == "LNG" else "MSD"


def _fuel_type(system: str, engine: str, location: str) -> str:
    table = _TABLES[system]
    shares = fuel_mix(table)
    place = engine_types(table).index(engine), LOCATIONS.index(location)
    return next(fuel for fuel, share in shares.items() if share[place] == 1.0)


def _consumption(system: str, key: Mapping[str, Any]) -> Factor:
    table = f"epa_bsfc_{_TABLES[system]}"
    return from_table(table, load(table), "bsfc_g_per_kwh", key, "consumption", PER_KWH)


def _carbon_monoxide_or_hydrocarbons(system: str, engine: str, pollutant: str) -> Term:
    column, table = {"co": "co", "nmvoc": "hc"}[pollutant], f"epa_ef_hc_co_{_TABLES[system]}"
    key, name = {"engine_type": engine}, f"{column.upper()} per energy"
    factor = from_table(table, load(table), f"{column}_g_per_kwh", key, name, PER_KWH)
    return Term(name=pollutant.upper(), weights=(f"lf_{column}",), factors=(factor,))


def _gas_per_fuel(case: Mapping[str, Any], key: Mapping[str, Any], gas: str) -> Factor:
    """Return CO2 per fuel, or CH4 or N2O per fuel of FuelEU Annex II, slip included [g/g]."""
    if gas == "co2":
        of_fuel = {"fuel_type": key["fuel_type"]}
        return from_table("epa_cf_co2", load("epa_cf_co2"), "cf_gco2_per_gfuel", of_fuel, "CO2 per fuel", PER_G)
    fuel = _our_fuel(case, key["fuel_type"])
    converter = str(case["slip_engine"]) if fuel == "lng" else "all_ice"
    row = wtw(fuel, converter)
    passport: dict[str, Any] = {
        "source": row.source,
        "status": row.status,
        "table": f"fueleu_wtw_factors: {fuel}, {converter}",
    }
    slip = Factor(name="slip, share of fuel", value=row.slip_fraction, unit="-", **passport)
    burnt = Factor(name=f"{gas.upper()} per burnt fuel", value=getattr(row, f"cf_{gas}"), unit=PER_G, **passport)
    value = (1.0 - known(slip)) * known(burnt) + (known(slip) if gas == "ch4" else 0.0)
    formula = "(1 - slip) x burnt" + (" + slip" if gas == "ch4" else "")
    return computed(f"{gas.upper()} per fuel", value, PER_G, formula, burnt, slip)


def _nox(system: str, key: Mapping[str, Any], tier: int) -> list[Term]:
    table = f"epa_ef_nox_{_TABLES[system]}"

    def factor(counts: int) -> Factor:
        name = TIERS[0] if system == "boiler" else TIERS[counts]
        return from_table(table, load(table), "nox_g_per_kwh", {**key, "tier": name}, f"NOx, {name}", PER_KWH)

    low = min(tier, 2) if system == "main" else tier
    return [
        Term(name="NOx", weights=("lf_nox",), factors=(factor(tier),)),
        Term(name="NOx below 25 % load", weights=("lf_nox_low",), factors=(factor(low),)),
    ]


def _percent(constant: str, name: str) -> Factor:
    fraction = of_constant(constant, name)
    return computed(f"{name}, percent", known(fraction) / PER_CENT, "%", "100 x fraction", fraction)


def _world_sulphur(case: Mapping[str, Any]) -> Factor:
    """Return sulphur outside control areas [percent]: the limit, the mean content before 2020, or the rules given."""
    given, name = float(case["global_sulphur_pct"]), "sulphur of residual fuel"
    for constant in ("global_sulphur", "eca_sulphur_before_2015", "eca_sulphur"):
        limit = _percent(constant, name)
        if abs(known(limit) - given) < ROUNDING:
            return limit
    for year in load("sulphur_content")["year"].unique().sort():
        content = sulphur_content("residual", year)
        if abs(known(content) / PER_CENT - given) < ROUNDING:
            return computed(f"{name}, percent", known(content) / PER_CENT, "%", "100 x fraction", content)
    return Factor(
        name=f"{name}, percent",
        value=given,
        unit="%",
        source="rules of the emission zones",
        status="given",
        table=f"emission_zones: {given:g} %",
    )


def _so2_per_fuel(case: Mapping[str, Any], key: Mapping[str, Any]) -> tuple[Factor, ...]:
    """Return the factors of SO2 per fuel: sulphur by fuel, distillate at the limit of control areas."""
    if key["fuel_type"] == "LNG":
        return (of_constant("epa_lng_so2", "SO2 per LNG"),)
    distillate = key["fuel_type"] == "MGO/MDO"
    percent = _percent("eca_sulphur", "sulphur of distillate") if distillate else _world_sulphur(case)
    sulphur = computed("fuel sulphur", known(percent) * PER_CENT, "mass fraction", "percent / 100", percent)
    return (of_constant("so2_from_sulphur", "SO2 per sulphur"), sulphur)


def _particles(
    system: str, key: Mapping[str, Any], case: Mapping[str, Any], pollutant: str, *, load_based_bsfc: bool
) -> list[Term]:
    ratio = (of_constant("pm25_of_pm10", "PM2.5 over PM10"),) if pollutant == "pm25" else ()
    name = pollutant.upper()
    table = "epa_ef_pm10_st_gt_lng"
    fixed = from_table(table, load(table), "pm10_g_per_kwh", key, "PM10 per energy", PER_KWH)
    if fixed.value is not None:
        return [Term(name=name, weights=("lf_pm",), factors=(fixed, *ratio))]
    base, sulphate = _pm10_parts(system, key, case)
    whole = computed(
        "PM10 per energy", known(base) + (sulphate.value or 0.0), PER_KWH, "base + sulphate", base, sulphate
    )
    terms = [Term(name=name, weights=("lf_pm",), factors=(whole, *ratio))]
    if load_based_bsfc:
        terms.append(Term(name=f"{name}, sulphate at load", weights=_BURNING[1:], factors=(sulphate, *ratio)))
    return terms


def _pm10_parts(system: str, key: Mapping[str, Any], case: Mapping[str, Any]) -> tuple[Factor, Factor]:
    """Return the part of PM10 without sulphur and the sulphate, which follows consumption and the place's sulphur."""
    table, of_fuel = "epa_ef_sulfur_coefficients", {"fuel_type": key["fuel_type"]}

    def number(column: str, name: str, unit: str) -> Factor:
        return from_table(table, load(table), column, of_fuel, name, unit)

    base = number("pm_nom_g_per_kwh", "PM10 without sulphur", PER_KWH)
    fsc, mwr = number("fsc", "sulphur to sulphate", "%"), number("mwr", "molecular weight ratio", "-")
    in_eca = case["location"] in AT_ECA_SULPHUR
    sulphur = _percent("eca_sulphur", "sulphur of the place") if in_eca else _world_sulphur(case)
    parts = (_consumption(system, key), fsc, mwr, sulphur)
    value = _PM_SCALE
    for part in parts:
        value *= known(part)
    return base, computed("sulphate", value, PER_KWH, "consumption x fsc x mwr x S / 10,000", *parts)
