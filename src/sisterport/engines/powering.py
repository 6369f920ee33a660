"""From resistance to power, with a bit for each published bound that is passed; arrays in, arrays out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sisterport.engines import holtrop, kristensen
from sisterport.engines.coefficients import Array, coefficients, of_kind
from sisterport.engines.conditions import epa_holtrop_form, fullness, holtrop_form, kristensen_form
from sisterport.engines.hulls import Hulls
from sisterport.engines.water import Water, open_water_efficiency, sea_water
from sisterport.reference.store import value
from sisterport.units import M_S_PER_KN

BOUNDS = ("Fn", "Cp", "L/B", "B/T", "M", "draught held", "power")
"""What a result can be outside of: form or speed beyond the published range; a draught ratio that is not believed;
power beyond what is installed (the EPA models cap it there)."""

NUMBERS = (
    "draught_m",
    "froude",
    "resistance_kn",
    "effective_power_kw",
    "wake_fraction",
    "thrust_deduction",
    "open_water_efficiency",
    "delivered_power_kw",
    "brake_power_kw",
    "load_factor",
)
"""The numbers of a result, in the order of the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Results as arrays of one shape, NaN where there is none; `outside` holds a bit for each of `BOUNDS`."""

    numbers: dict[str, Array]
    outside: NDArray[np.int64]
    lacking: NDArray[np.bool_]


def power_of(hulls: Hulls, draught_m: Array, speed_kn: Array, method: str, margin_pct: float) -> Rows:
    """Return resistance and power; hulls, draughts [m] (NaN: reference draught) and speeds [kn] broadcast.

    A ship that stands still is computed at 1 kn, for its factors, and its power set to zero.
    """
    with np.errstate(all="ignore"):  # NaN goes through by design and leaves with a reason
        knot = coefficients(method).get("knot", (M_S_PER_KN,))[0]
        still = speed_kn == 0
        v = np.where(still, 1.0, speed_kn) * knot
        t, held = _draught(hulls, draught_m, method)
        water = sea_water(method)
        terms, wake, thrust = _resistance(hulls, t, v, method, water)
        total = terms["r"] * (1 + margin_pct / 100)
        eta = open_water_efficiency(
            total,
            v,
            wake,
            thrust,
            diameter_m=hulls["propeller_diameter_m"],
            propellers=hulls["n_propellers"],
            water=water,
            method=method,
        )
        shaft = coefficients(method)["propeller"][-1]
        effective = total * v
        brake = effective / ((1 - thrust) / (1 - wake) * eta * shaft)
        lacking = ~(np.isfinite(brake) & (brake > 0))
        installed = hulls["power_kw"]
        outside = _passed(hulls, t, terms, method)
        outside = outside | _bit(held, "draught held") | _bit(brake > installed, "power")
        if "bounds" in coefficients(method):
            low, high = coefficients(method)["bounds"]
            brake = np.where(np.isnan(installed), brake, np.clip(brake, low * installed, high * installed))
        moving = {
            "froude": terms["fn"],
            "resistance_kn": total,
            "effective_power_kw": effective,
            "delivered_power_kw": brake * shaft,
            "brake_power_kw": brake,
            "load_factor": brake / installed,
        }
        numbers = {name: np.where(still, 0.0, array) for name, array in moving.items()}
        numbers |= {"wake_fraction": wake, "thrust_deduction": thrust, "open_water_efficiency": eta}
        numbers = {name: np.where(lacking, np.nan, array) for name, array in numbers.items()}
        numbers["load_factor"] = np.where(np.isnan(installed), np.nan, numbers["load_factor"])
        shape = lacking.shape
        numbers["draught_m"] = np.broadcast_to(t, shape)
        return Rows(
            numbers={name: np.broadcast_to(numbers[name], shape) for name in NUMBERS},
            outside=np.where(lacking | still, 0, outside),
            lacking=lacking,
        )


def _resistance(
    hulls: Hulls, draught_m: Array, speed_m_s: Array, method: str, water: Water
) -> tuple[dict[str, Array], Array, Array]:
    """Return the terms of the resistance, wake fraction and thrust deduction."""
    if "holtrop" in method:
        make = epa_holtrop_form if method == "epa_holtrop" else holtrop_form
        form = make(hulls, draught_m, method)
        terms = holtrop.resistance(form, speed_m_s, method, water)
        return terms, *holtrop.propulsion(form, terms, method)
    shape = kristensen_form(hulls, draught_m, method, water)
    terms = kristensen.resistance(shape, speed_m_s, method, water)
    return terms, *kristensen.propulsion(shape, terms, method)


def _bit(flag: NDArray[np.bool_], name: str) -> NDArray[np.int64]:
    return flag.astype(np.int64) << BOUNDS.index(name)


def _draught(hulls: Hulls, draught_m: Array, method: str) -> tuple[Array, NDArray[np.bool_]]:
    """Return the draught that is used [m] and where it is not the one that was told."""
    deep = hulls["draught_ref_m"]
    highest = 1.0 if method.startswith("epa") else value("draught_ratio_max")
    told = np.where(np.isnan(draught_m), deep, draught_m)
    used = np.clip(told, value("draught_ratio_min") * deep, highest * deep)
    return used, (used != told) & ~np.isnan(used)


def _passed(hulls: Hulls, draught_m: Array, terms: dict[str, Array], method: str) -> NDArray[np.int64]:
    """Return a bit for each published bound that is passed; the prismatic coefficient is the hull's own."""
    prismatic = fullness(hulls, draught_m, method)[2]
    length, beam = hulls["lwl_m"], hulls["beam_m"]
    limits = of_kind(method, "validity", hulls.kind)
    checks = [("Fn", terms["fn"], np.zeros(1), limits[0]), ("Cp", prismatic, limits[1], limits[2])]
    if "m" in terms:
        checks.append(("M", terms["m"], limits[3], limits[4]))
    else:
        checks += [("L/B", length / beam, limits[3], limits[4]), ("B/T", beam / draught_m, limits[5], limits[6])]
    out = np.zeros(1, dtype=np.int64)
    for name, number, low, high in checks:
        out = out | _bit((number < low) | (number > high), name)
    return out
