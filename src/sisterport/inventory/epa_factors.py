"""Emission factors of the US EPA Marine Emissions Tools, vectorised over ships."""

from collections.abc import Iterable, Sequence
from typing import Any

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from sisterport.engines import low_load_factor as _low_load
from sisterport.engines import low_load_so2 as _low_load_so2
from sisterport.engines import sfc_curve
from sisterport.errors import InputError, choose
from sisterport.inventory.epa_parts import (
    AT_ECA_SULPHUR,
    LOCATIONS,
    POLLUTANTS,
    TIERS,
    Floats,
    codes,
    engine_types,
    parts,
)
from sisterport.reference import load, value
from sisterport.units import PER_CENT

DIESEL_ELECTRIC = ("MSD-ED", "GT-ED")


def _sulphur_pct(given: ArrayLike | None, constant: str) -> Floats:
    return np.asarray(value(constant) / PER_CENT if given is None else given, dtype=np.float64)


def _factor(
    system: str,
    pollutant: str,
    index: tuple[Any, Any, Any],
    *,
    curve: Floats | float = 1.0,
    eca_sulphur_pct: ArrayLike | None = None,
    global_sulphur_pct: ArrayLike | None = None,
) -> Floats:
    part = parts(system, pollutant)
    eca = _sulphur_pct(eca_sulphur_pct, "eca_sulphur")
    world = _sulphur_pct(global_sulphur_pct, "global_sulphur")
    if eca.ndim == 0 and world.ndim == 0:  # the same for all rows: add the small arrays up before the look-up
        burnt = part.fixed + part.eca * eca + part.world * world
        no_curve = isinstance(curve, float) and curve == 1.0
        factor = (part.const + burnt)[index] if no_curve else part.const[index] + curve * burnt[index]
    else:
        of_sulphur = part.eca[index] * eca + part.world[index] * world
        factor = part.const[index] + curve * (part.fixed[index] + of_sulphur)
    missing = np.isnan(factor)
    if missing.any():
        engine, tier, _ = (np.broadcast_to(i, factor.shape)[missing].flat[0] for i in index)
        raise InputError(
            f"the EPA tables have no {pollutant} factor of {engine_types(system)[engine]} {TIERS[tier]}: "
            "turbines and LNG engines are Tier 0"
        )
    return np.asarray(factor)


def load_bsfc(bsfc_g_per_kwh: ArrayLike, load_factor: ArrayLike) -> Floats:
    """Return specific fuel consumption at load [g/kWh].

    Parameters
    ----------
    bsfc_g_per_kwh
        Baseline consumption [g/kWh].
    load_factor
        Main engine load [-].

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcLoadBSFC.

    Examples
    --------
    >>> round(float(load_bsfc(195.0, 0.2)), 3)
    225.459
    """
    lf = np.asarray(load_factor, dtype=np.float64)
    curve = _sfc_curves(np.ascontiguousarray(lf.ravel()), *(value(f"sfc_curve_a{n}") for n in (2, 1, 0)))
    return np.asarray(np.asarray(bsfc_g_per_kwh) * curve.reshape(lf.shape))


def main_emission_factor(
    engine_type: Any,
    tier: Any,
    location: Any,
    pollutant: str,
    *,
    load_factor: ArrayLike | None = None,
    load_based_bsfc: bool = False,
    eca_sulphur_pct: ArrayLike | None = None,
    global_sulphur_pct: ArrayLike | None = None,
) -> Floats:
    """Return emission factors of main engines without the low-load factor [g/kWh].

    Parameters
    ----------
    engine_type
        EPA engine types (SSD, MSD, ST, GT, MSD-ED, GT-ED, LNG).
    tier, location
        ``Tier 0`` to ``Tier 3``; ``ECA``, ``OutsideECA`` or ``GreatLakes``.
    pollutant
        co2, nox, so2, pm10, pm25, hc or co.
    load_factor
        Main engine load [-]; below 25 % a Tier 3 engine emits NOx as Tier 2.
    load_based_bsfc
        Apply the consumption load curve where the load is 0.2 to 1 (CO2, SO2 and the sulphate of PM).
    eca_sulphur_pct, global_sulphur_pct
        Fuel sulphur [percent]; today's limits unless given.

    Raises
    ------
    InputError
        A word that the tables do not have, or an engine and tier without a factor.

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcEF and its parts. SO2 takes sulphur by fuel, PM by location.

    Examples
    --------
    >>> main_emission_factor(["SSD", "SSD"], "Tier 3", "ECA", "nox", load_factor=[0.2, 0.3]).tolist()
    [14.4, 3.4]
    """
    index = (
        codes(engine_type, engine_types("main"), "engine type"),
        codes(tier, TIERS, "tier"),
        codes(location, LOCATIONS, "location"),
    )
    curve: Floats | float = 1.0
    if load_factor is not None:
        lf = np.asarray(load_factor, dtype=np.float64)
        if pollutant == "nox":
            tier3 = TIERS.index("Tier 3")
            low = (index[1] == tier3) & (lf < value("tier3_load_limit"))
            index = (index[0], np.where(low, tier3 - 1, index[1]), index[2])
        if load_based_bsfc:
            curve = np.where((lf >= value("low_load_limit")) & (lf <= 1.0), load_bsfc(1.0, lf), 1.0)
    return _factor(
        "main",
        pollutant,
        index,
        curve=curve,
        eca_sulphur_pct=eca_sulphur_pct,
        global_sulphur_pct=global_sulphur_pct,
    )


def auxiliary_emission_factor(
    engine_type: Any,
    tier: Any,
    location: Any,
    pollutant: str,
    *,
    eca_sulphur_pct: ArrayLike | None = None,
    global_sulphur_pct: ArrayLike | None = None,
) -> Floats:
    """Return emission factors of auxiliary engines (MSD, HSD or LNG) [g/kWh]; see `main_emission_factor`.

    Examples
    --------
    >>> float(auxiliary_emission_factor("MSD", "Tier 1", "OutsideECA", "nox"))
    13.0
    """
    index = (
        codes(engine_type, engine_types("aux"), "auxiliary engine type"),
        codes(tier, TIERS, "tier"),
        codes(location, LOCATIONS, "location"),
    )
    return _factor("aux", pollutant, index, eca_sulphur_pct=eca_sulphur_pct, global_sulphur_pct=global_sulphur_pct)


def boiler_emission_factor(
    location: Any,
    pollutant: str,
    *,
    eca_sulphur_pct: ArrayLike | None = None,
    global_sulphur_pct: ArrayLike | None = None,
) -> Floats:
    """Return emission factors of boilers (Tier 0) [g/kWh]; see `main_emission_factor`.

    Examples
    --------
    >>> float(boiler_emission_factor("ECA", "nox"))
    2.0
    """
    index = (0, TIERS.index("Tier 0"), codes(location, LOCATIONS, "location"))
    return _factor("boiler", pollutant, index, eca_sulphur_pct=eca_sulphur_pct, global_sulphur_pct=global_sulphur_pct)


@nb.njit(cache=True, error_model="numpy")
def _sfc_curves(lf: Floats, a2: float, a1: float, a0: float) -> Floats:
    out = np.empty(lf.size)
    for i in range(lf.size):
        out[i] = sfc_curve(lf[i], a2, a1, a0)
    return out


@nb.njit(cache=True, error_model="numpy")
def _closed_form(lf: Floats, a: float, x: float, b: float, limit: float) -> Floats:
    out = np.empty(lf.size)
    for i in range(lf.size):
        out[i] = _low_load(lf[i], a, x, b, limit)
    return out


@nb.njit(cache=True, error_model="numpy")
def _closed_form_so2(lf: Floats, sulphur: Floats, a: float, b: float, c1: float, c0: float, limit: float) -> Floats:
    out = np.empty(lf.size)
    for i in range(lf.size):
        out[i] = _low_load_so2(lf[i], sulphur[i], a, b, c1, c0, limit)
    return out


def low_load_factor(
    load_factor: ArrayLike,
    pollutant: str,
    *,
    engine_type: Any = "SSD",
    location: Any = "OutsideECA",
    eca_sulphur_pct: ArrayLike | None = None,
    global_sulphur_pct: ArrayLike | None = None,
) -> Floats:
    """Return the low-load adjustment factor of main engines [-].

    Parameters
    ----------
    load_factor
        Main engine load [-]; the factor is 1 at 0 and above 0.2.
    pollutant
        co2, nox, so2, pm10, pm25, hc or co.
    engine_type
        EPA engine types; 1 for diesel-electric ships, whose engines are switched off instead.
    location, eca_sulphur_pct, global_sulphur_pct
        For SO2 only: place and fuel sulphur [percent].

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcLLAF.

    Examples
    --------
    >>> low_load_factor([0.02, 0.5], "co2").round(4).tolist()
    [3.2834, 1.0]
    """
    choose("pollutant", pollutant, POLLUTANTS)
    engine = codes(engine_type, engine_types("main"), "engine type")
    place = codes(location, LOCATIONS, "location")
    lf, engine, place = np.broadcast_arrays(np.asarray(load_factor, dtype=np.float64), engine, place)
    flat = np.ascontiguousarray(lf.ravel())
    name = _TABLE_NAMES.get(pollutant, pollutant)
    row = load("epa_ef_llaf_coefficients").row(by_predicate=pl.col("pollutant") == name, named=True)
    limit = value("low_load_limit")
    if pollutant == "so2":
        at_eca = np.isin(np.arange(len(LOCATIONS)), _indices(LOCATIONS, AT_ECA_SULPHUR))[place]
        world = _sulphur_pct(global_sulphur_pct, "global_sulphur")
        sulphur = np.where(at_eca, _sulphur_pct(eca_sulphur_pct, "eca_sulphur"), world).ravel()
        c1, c0 = value("epa_llaf_so2_c1"), value("epa_llaf_so2_c0")
        factor = _closed_form_so2(flat, sulphur, float(row["a"]), float(row["b"]), c1, c0, limit)
    else:
        factor = _closed_form(flat, float(row["a"]), float(row["x"]), float(row["b"]), limit)
    electric = np.isin(np.arange(len(engine_types("main"))), _indices(engine_types("main"), DIESEL_ELECTRIC))[engine]
    return np.where(electric, 1.0, factor.reshape(lf.shape))


_TABLE_NAMES = {"pm25": "pm2.5"}


def _indices(words: Sequence[str], wanted: Iterable[str]) -> list[int]:
    return [words.index(word) for word in wanted]
