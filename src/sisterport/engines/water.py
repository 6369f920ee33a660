"""Water, friction line, loading of a hull and propeller: what all resistance methods share."""

from dataclasses import dataclass

import numpy as np

from sisterport.engines.coefficients import Array, coefficients
from sisterport.reference.store import value


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """Sea water: density [t/m3], kinematic viscosity [m2/s], gravity [m/s2]."""

    density_t_m3: float
    viscosity_m2_s: float
    gravity_m_s2: float


def sea_water(method: str, density_t_m3: float | None = None, temperature_c: float | None = None) -> Water:
    """Return sea water of a density [t/m3] and temperature [deg C]; at 15 deg C and 1.025 t/m3 if not told.

    References
    ----------
    Kristensen & Lützen (2013), via USEPA ShipPowerModel calcCf.

    Examples
    --------
    >>> f"{sea_water('kristensen').viscosity_m2_s:.4g}"
    '1.188e-06'
    """
    density = value("sea_density_t_m3") if density_t_m3 is None else density_t_m3
    temperature = value("sea_temperature_c") if temperature_c is None else temperature_c
    k1, k2, k3, k4, k5, k6, k7, k8 = coefficients(method)["viscosity"]
    viscosity = ((k1 + k2 * density) * (temperature + k3) ** (k4 * density + k5) + k6 + k7 * density) * k8
    return Water(density_t_m3=density, viscosity_m2_s=viscosity, gravity_m_s2=coefficients(method)["gravity"][0])


def froude(speed_m_s: Array, length_m: Array, water: Water) -> Array:
    """Return the Froude number V / sqrt(g L) [-]."""
    return speed_m_s / np.sqrt(water.gravity_m_s2 * length_m)


def friction(speed_m_s: Array, length_m: Array, water: Water, method: str) -> Array:
    """Return the friction coefficient of the ITTC 1957 line [-]."""
    a, b = coefficients(method)["friction"]
    return a / (np.log10(speed_m_s * length_m / water.viscosity_m2_s) - b) ** 2


def block_at_draught(block: Array, draught_max_m: Array, draught_m: Array, method: str) -> Array:
    """Return the block coefficient at another draught [-]: 1 - (1 - Cb) (T / T1)^(1/3).

    References
    ----------
    Kristensen & Lützen (2013), via USEPA ShipPowerModel calcCbw.
    """
    highest, exponent = coefficients(method)["partial_block"]
    return np.minimum(highest, 1 - (1 - np.minimum(highest, block)) * (draught_max_m / draught_m) ** exponent)


def open_water_efficiency(
    resistance_kn: Array,
    speed_m_s: Array,
    wake: Array,
    thrust: Array,
    *,
    diameter_m: Array,
    propellers: Array,
    water: Water,
    method: str,
) -> Array:
    """Return the open-water efficiency of the propellers from their thrust loading [-].

    References
    ----------
    Kristensen & Lützen (2013), via USEPA ShipPowerModel calcOpenWaterEff.
    """
    low, a, b, _ = coefficients(method)["propeller"]
    advance = (1 - wake) * speed_m_s * diameter_m
    loading = 8 / np.pi * resistance_kn / ((1 - thrust) * propellers * water.density_t_m3 * advance * advance)
    return 2 / (1 + np.sqrt(loading + 1)) * np.maximum(low, a - b * loading)
