"""The factor tables of the US EPA Marine Emissions Tools as small arrays.

Every factor is ``const + g (fixed + eca S_eca + global S_global)`` with the load curve g and the sulphur
contents S: the four parts stand in small arrays by engine type, tier and location, so that a million rows
cost a few array look-ups.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import InputError, ReferenceDataError, choose, did_you_mean
from sisterport.reference import load, value
from sisterport.units import PER_CENT, ROUNDING

POLLUTANTS = ("co2", "nox", "so2", "pm10", "pm25", "hc", "co")
TIERS = ("Tier 0", "Tier 1", "Tier 2", "Tier 3")
LOCATIONS = ("ECA", "OutsideECA", "GreatLakes")
AT_ECA_SULPHUR = ("ECA", "GreatLakes")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """The four parts of a factor, each an array (engine type, tier, location)."""

    const: Floats
    fixed: Floats
    eca: Floats
    world: Floats


CONST, FIXED, ECA, WORLD = range(len(fields(Parts)))


def codes(values: Any, vocabulary: Sequence[str], what: str) -> NDArray[np.intp]:
    """Return the index of each word in `vocabulary`; an array of whole numbers is taken as such indices.

    Raises
    ------
    InputError
        Naming the first word that is not in it.

    Examples
    --------
    >>> codes(["ECA", "GreatLakes"], LOCATIONS, "location").tolist()
    [0, 2]
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "i":
        return values
    series = pl.Series([values] if isinstance(values, str) else values, dtype=pl.String)
    try:
        coded = series.cast(pl.Enum(list(vocabulary)))
    except pl.exceptions.InvalidOperationError:
        wrong = next(word for word in series.drop_nulls().unique() if word not in vocabulary)
        hint = did_you_mean(wrong, vocabulary)
        raise InputError(f"unknown {what} '{wrong}'{hint}; choose from {', '.join(vocabulary)}") from None
    if coded.null_count():
        raise InputError(f"{what}: {coded.null_count()} of {len(coded)} are null")
    index = coded.to_physical().to_numpy().astype(np.intp)
    return index[0] if isinstance(values, str) else index


@cache
def engine_types(system: str) -> tuple[str, ...]:
    """Return the engine types of a system: ``main``, ``aux`` or ``boiler``."""
    return tuple(load(f"epa_bsfc_{system}")["engine_type"].unique(maintain_order=True))


@cache
def fuel_mix(system: str) -> dict[str, Floats]:
    """Return the share of each fuel as arrays (engine type, location).

    Parameters
    ----------
    system
        ``main``, ``aux`` or ``boiler``.

    Examples
    --------
    >>> fuel_mix("main")["RM/HFO"][engine_types("main").index("SSD")].tolist()
    [0.0, 1.0, 0.0]
    """
    engines = engine_types(system)
    mix: dict[str, Floats] = {}
    for row in load(f"epa_fuel_mix_{system}").iter_rows(named=True):
        array = mix.setdefault(row["fuel_type"], np.zeros((len(engines), len(LOCATIONS))))
        array[engines.index(row["engine_type"]), LOCATIONS.index(row["location"])] = row["proportion"]
    if not np.allclose(sum(mix.values()), 1.0, rtol=0, atol=ROUNDING):
        raise ReferenceDataError(f"the shares of epa_fuel_mix_{system} do not add up to 1")
    return mix


def _by_engine(table: str, column: str, system: str, fuel: str | None = None) -> Floats:
    """Return a column of a table by engine type, NaN where it has no row."""
    rows = load(table) if fuel is None else load(table).filter(pl.col("fuel_type") == fuel)
    known = dict(zip(rows["engine_type"], rows[column].cast(pl.Float64), strict=True))
    return np.array([known.get(engine, np.nan) for engine in engine_types(system)])


def baseline_bsfc(system: str) -> Floats:
    """Return baseline consumption of the fuel mix as an array (engine type, location) [g/kWh]."""
    return _weighted(system, {fuel: _bsfc(system, fuel) for fuel in fuel_mix(system)})


def _bsfc(system: str, fuel: str) -> Floats:
    return _by_engine(f"epa_bsfc_{system}", "bsfc_g_per_kwh", system, fuel)


def _weighted(system: str, by_fuel: dict[str, Floats]) -> Floats:
    """Return the mean over the fuel mix; a fuel of share 0 may have no value."""
    terms = [np.where(share > 0, share * by_fuel[fuel][:, None], 0.0) for fuel, share in fuel_mix(system).items()]
    return np.asarray(sum(terms))


@cache
def parts(system: str, pollutant: str) -> Parts:
    """Return the parts of a factor; NaN where the EPA tables have none (turbines and LNG above Tier 0)."""
    choose("system", system, ["main", "aux", "boiler"])
    choose("pollutant", pollutant, POLLUTANTS)
    if pollutant == "pm25":
        of_pm10, ratio = parts(system, "pm10"), value("pm25_of_pm10")
        return Parts(*(ratio * array for array in (of_pm10.const, of_pm10.fixed, of_pm10.eca, of_pm10.world)))
    shape = (len(engine_types(system)), len(TIERS), len(LOCATIONS))
    arrays = [np.zeros(shape) for _ in fields(Parts)]
    build = {"co2": _co2, "so2": _so2, "pm10": _pm10, "nox": _nox}.get(pollutant)
    if build is None:
        arrays[CONST] += _by_engine(f"epa_ef_hc_co_{system}", f"{pollutant}_g_per_kwh", system)[:, None, None]
    else:
        build(system, arrays)
    return Parts(*arrays)


def _co2(system: str, arrays: list[Floats]) -> None:
    carbon = dict(load("epa_cf_co2").select("fuel_type", "cf_gco2_per_gfuel").iter_rows())
    arrays[FIXED] += _weighted(system, {f: carbon[f] * _bsfc(system, f) for f in fuel_mix(system)})[:, None, :]


def _so2(system: str, arrays: list[Floats]) -> None:
    """Sulphur by fuel: distillate at the control area's limit, residual at the global one; LNG by mass."""
    for fuel, share in fuel_mix(system).items():
        part, per_fuel = {
            "LNG": (FIXED, value("epa_lng_so2")),
            "MGO/MDO": (ECA, value("so2_from_sulphur") * PER_CENT),
            "RM/HFO": (WORLD, value("so2_from_sulphur") * PER_CENT),
        }[fuel]
        arrays[part] += np.where(share > 0, share * _bsfc(system, fuel)[:, None] * per_fuel, 0.0)[:, None, :]


def _pm10(system: str, arrays: list[Floats]) -> None:
    """Sulphur by location; turbines and LNG have fixed factors."""
    formula = {row["fuel_type"]: row for row in load("epa_ef_sulfur_coefficients").iter_rows(named=True)}
    at_eca = np.isin(LOCATIONS, AT_ECA_SULPHUR)
    for fuel, share in fuel_mix(system).items():
        fixed = _by_engine("epa_ef_pm10_st_gt_lng", "pm10_g_per_kwh", system, fuel)
        has_fixed = ~np.isnan(fixed)[:, None]
        arrays[CONST] += np.where(has_fixed & (share > 0), share * fixed[:, None], 0.0)[:, None, :]
        if fuel not in formula:
            continue
        row = formula[fuel]
        by_formula = (share > 0) & ~has_fixed
        arrays[CONST] += np.where(by_formula, share * row["pm_nom_g_per_kwh"], 0.0)[:, None, :]
        sulphate = share * _bsfc(system, fuel)[:, None] * row["fsc"] * row["mwr"] * PER_CENT**2
        slope = np.where(by_formula, sulphate, 0.0)
        arrays[ECA] += np.where(at_eca, slope, 0.0)[:, None, :]
        arrays[WORLD] += np.where(at_eca, 0.0, slope)[:, None, :]


def _nox(system: str, arrays: list[Floats]) -> None:
    engines = engine_types(system)
    by_tier = np.full((len(engines), len(TIERS), len(LOCATIONS)), np.nan)
    table = load(f"epa_ef_nox_{system}")
    for tier in TIERS:
        rows = table.filter(pl.col("tier") == tier)
        for e, engine in enumerate(engines):
            for p in range(len(LOCATIONS)):
                burnt = {fuel: share[e, p] for fuel, share in fuel_mix(system).items() if share[e, p] > 0}
                of_engine = rows.filter(pl.col("engine_type") == engine)
                found = dict(of_engine.select("fuel_type", "nox_g_per_kwh").iter_rows())
                if burnt.keys() <= found.keys():
                    by_tier[e, TIERS.index(tier), p] = sum(share * found[fuel] for fuel, share in burnt.items())
    arrays[CONST] += by_tier
