"""Functions of the engine load, one point at a time; the row kernel and the inventory share them."""

from functools import cache
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from sisterport.reference.store import load, value

STATISTICS = (
    "lf_h",
    "lf_sfc_h",
    "lf_sfc_high_h",
    "lf_nox_h",
    "lf_nox_low_h",
    "lf_pm_h",
    "lf_hc_h",
    "lf_co_h",
    "lf_co2_h",
    "lf_so2_h",
    "lf_bc_residual_h",
    "lf_bc_distillate_h",
)
"""The sums over time that the main engine's energy, fuel and pollutants are linear in."""

BC_EXPONENTS = {
    "SSD": ("bc_ssd_residual_b", "bc_ssd_distillate_b"),
    "MSD": ("bc_msd_residual_b", "bc_msd_distillate_b"),
}
"""Constants that hold the black-carbon exponents of slow-speed and of other engines."""

SPEED_STEPS = 32
"""Nodes of a correction of the cubic law per unit of speed over reference speed."""

_jit = nb.njit(cache=True, inline="always", error_model="numpy")


@_jit
def sfc_curve(lf: float, a2: float, a1: float, a0: float) -> float:
    """Return specific consumption over its baseline at load factor `lf` [-].

    References
    ----------
    Fourth IMO GHG Study (2020), eq. 10, via ICCT SAVE v2025.03.1 eq. 8: 0.455 LF^2 - 0.710 LF + 1.280.
    """
    return a2 * lf * lf + a1 * lf + a0


@_jit
def low_load_factor(lf: float, a: float, x: float, b: float, limit: float) -> float:
    """Return the low-load adjustment factor (a LF^-x + b) / (a L^-x + b) for 0 < LF <= L, else 1 [-].

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcLLAF (closed form of the table of the Third IMO GHG Study).
    """
    if lf <= 0.0 or lf > limit:
        return 1.0
    return float((a * lf**-x + b) / (a * limit**-x + b))


@_jit
def low_load_so2(lf: float, sulphur_pct: float, a: float, b: float, c1: float, c0: float, limit: float) -> float:
    """Return the low-load factor of SO2 for fuel sulphur in percent [-].

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcLLAF: [a (c1/LF + c0) S + b] / [a (c1/L + c0) S + b].
    """
    if lf <= 0.0 or lf > limit:
        return 1.0
    return (a * (c1 / lf + c0) * sulphur_pct + b) / (a * (c1 / limit + c0) * sulphur_pct + b)


@_jit
def draught_factor(draught: float, draught_ref: float, low: float, high: float, exponent: float) -> float:
    """Return (t/t_ref)^exponent with the ratio held between `low` and `high`; 1 where a draught is unknown [-].

    References
    ----------
    Fourth IMO GHG Study (2020), eq. 8; USEPA Marine Emissions Tools, calcAdmPwr. Exponent 2/3.
    """
    if exponent == 0.0 or not draught > 0.0 or not draught_ref > 0.0:
        return 1.0
    ratio: float = min(high, max(low, draught / draught_ref))
    return float(ratio**exponent)


@_jit
def load_factor(speed_ratio: float, factor: float, lf_min: float, lf_max: float, lf_off: float) -> float:
    """Return the main-engine load factor of the cubic law [-].

    Parameters
    ----------
    speed_ratio
        Speed over reference speed [-].
    factor
        Product of draught factor, weather, fouling and margin [-].
    lf_min, lf_max
        Floor and cap while the ship moves [-].
    lf_off
        Below this load the engine is off [-].

    References
    ----------
    Fourth IMO GHG Study (2020), eq. 8; USEPA Marine Emissions Tools, calcPropPwr (cap, floor, 0 at standstill).
    """
    if not speed_ratio > 0.0:
        return 0.0
    lf = speed_ratio * speed_ratio * speed_ratio * factor
    lf = min(lf_max, max(lf_min, lf))
    return lf if lf >= lf_off else 0.0


@_jit
def speed_correction(speed_ratio: float, bend: NDArray[np.float64]) -> float:
    """Return the correction of the cubic law at a speed over reference speed [-]: linear between the nodes, 1 without.

    Parameters
    ----------
    speed_ratio
        Speed over reference speed [-]; beyond the last node the correction stays as it is there.
    bend
        Corrections at speed ratios 0, 1 / `SPEED_STEPS`, 2 / `SPEED_STEPS` ...; empty where there are none.
    """
    if bend.size == 0:
        return 1.0
    x = min(speed_ratio * SPEED_STEPS, bend.size - 1.0)
    i = min(int(x), bend.size - 2)
    return float(bend[i] + (x - i) * (bend[i + 1] - bend[i]))


@_jit
def correction_at_draught(
    curve: NDArray[np.float64], ratio: float, low: float, high: float, bend: NDArray[np.float64]
) -> None:
    """Fill `bend` with the corrections at a draught ratio: linear between rows of `curve`.

    The rows run from `low` to `high` at equal ratios from one to the next: light ships need the finer steps.

    Parameters
    ----------
    curve
        Corrections by draught ratio and speed ratio [-].
    ratio
        Draught over reference draught [-], held between `low` and `high`.
    bend
        Filled; nothing is done where it is empty.
    """
    if bend.size == 0:
        return
    last = curve.shape[0] - 1
    step = (high / low) ** (1.0 / last)
    held = min(high, max(low, ratio))
    i = min(int(np.log(held / low) / np.log(step)), last - 1)
    below = low * step**i
    share = (held - below) / (below * step - below)
    for k in range(bend.size):
        bend[k] = curve[i, k] + share * (curve[i + 1, k] - curve[i, k])


@_jit
def load_functions(
    lf: float,
    hours: float,
    low_load: bool,
    sulphur_pct: float,
    bc_residual: float,
    bc_distillate: float,
    c: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Add `hours` at load factor `lf` to the sums `out`, in the order of `STATISTICS`.

    Parameters
    ----------
    lf, hours
        Load factor [-] and time [h].
    low_load
        False for diesel-electric ships: engines are switched off instead of running at low load.
    sulphur_pct
        Fuel sulphur of the place [percent], for the low-load SO2 curve.
    bc_residual, bc_distillate
        Exponents of the black-carbon curves of the ship's engine [-].
    c
        `load_coefficients`.
    out
        Sums [h], shape (12,).
    """
    if lf <= 0.0:
        return
    w = lf * hours
    g = sfc_curve(lf, c[0], c[1], c[2])
    limit = c[3]
    nox = pm = hc = co = co2 = so2 = 1.0
    if low_load and lf <= limit:
        nox = low_load_factor(lf, c[6], c[7], c[8], limit)
        pm = low_load_factor(lf, c[9], c[10], c[11], limit)
        hc = low_load_factor(lf, c[12], c[13], c[14], limit)
        co = low_load_factor(lf, c[15], c[16], c[17], limit)
        co2 = low_load_factor(lf, c[18], c[19], c[20], limit)
        so2 = low_load_so2(lf, sulphur_pct, c[21], c[22], c[23], c[24], limit)
    out[0] += w
    out[1] += w * g
    if lf >= limit:
        out[2] += w * (g - 1.0)
    if lf >= c[4]:
        out[3] += w * nox
    else:
        out[4] += w * nox
    out[5] += w * pm
    out[6] += w * hc
    out[7] += w * co
    out[8] += w * co2
    out[9] += w * so2
    lf_bc = max(lf, c[5])
    out[10] += w * g * lf_bc**-bc_residual
    out[11] += w * g * lf_bc**-bc_distillate


@cache
def load_coefficients() -> NDArray[np.float64]:
    """Return the coefficients that `load_functions` needs, from the reference tables, shape (25,)."""
    rows: dict[str, dict[str, Any]] = {
        r["pollutant"]: r for r in load("epa_ef_llaf_coefficients").iter_rows(named=True)
    }
    curve = [value("sfc_curve_a2"), value("sfc_curve_a1"), value("sfc_curve_a0")]
    limits = [value("low_load_limit"), value("tier3_load_limit"), value("lf_bc_min")]
    closed = [float(rows[p][k]) for p in ("nox", "pm10", "hc", "co", "co2") for k in ("a", "x", "b")]
    so2 = [
        float(rows["so2"]["a"]),
        float(rows["so2"]["b"]),
        value("epa_llaf_so2_c1"),
        value("epa_llaf_so2_c0"),
    ]
    coefficients = np.array(curve + limits + closed + so2)
    coefficients.flags.writeable = False
    return coefficients
