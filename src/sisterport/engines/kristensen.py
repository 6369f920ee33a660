"""Kristensen & Lützen after Guldhammer & Harvald: resistance, wake and thrust deduction, vectorised.

Two readings: ``kristensen`` as published, ``epa_kristensen`` as the US EPA computes it. They share the formulas and
differ in the displacement that goes in (`sisterport.engines.conditions`): EPA divides a volume by the density once
more in the wetted surface, and takes the logarithm of cubic metres instead of tonnes in the correlation allowance.

References
----------
H.O. Kristensen and M. Lützen, Prediction of resistance and propulsion power of ships, Technical University of Denmark
and University of Southern Denmark, project 2010-56, work package 2, report 04, 2012 (revised 2013); with the
corrections of Kristensen (2016) for bulbs, wake and thrust deduction. The report was not read itself: its formulas are
those that USEPA Marine Emissions Tools beta 0.2 quotes, the residual resistance also two other implementations.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sisterport.engines.coefficients import Array, coefficients, of_kind
from sisterport.engines.water import Water, friction, froude
from sisterport.reference.store import load

Terms = dict[str, Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A hull at a draught; arrays that broadcast.

    Parameters
    ----------
    kind
        Codes of `coefficients.KINDS`.
    length_m, beam_m, draught_max_m, draught_m
        Waterline length, breadth, design and actual draught [m].
    surface_m2
        Displacement over design draught, the first term of the wetted surface [m2].
    volume_m3, displacement
        Displaced volume at the draught [m3], and the number whose logarithm the correlation allowance takes.
    cb, cp
        Block and prismatic coefficient at the draught [-].
    diameter_m, propellers
        Propeller diameter [m] and number.
    dwt_t, teu
        Deadweight [t] and container capacity [TEU], for the air resistance.
    """

    kind: NDArray[np.int64]
    length_m: Array
    beam_m: Array
    draught_max_m: Array
    draught_m: Array
    surface_m2: Array
    volume_m3: Array
    displacement: Array
    cb: Array
    cp: Array
    diameter_m: Array
    propellers: Array
    dwt_t: Array
    teu: Array


def slenderness(form: Form) -> Array:
    """Return the length-displacement ratio M = L / V^(1/3) [-]."""
    return form.length_m / np.cbrt(form.volume_m3)


def resistance(form: Form, speed_m_s: Array, method: str, water: Water) -> Terms:
    """Return the resistance without margin [kN] and its coefficients; NaN for kinds of ship without a published set.

    Parameters
    ----------
    form
        The hull.
    speed_m_s
        Speed through water [m/s], above zero.
    method
        ``kristensen`` or ``epa_kristensen``.
    water
        Density, viscosity and gravity.

    Returns
    -------
    dict
        fn, m, s [m2], cf, cr, ca, caa [-] and r (total) [kN].
    """
    out: Terms = {"fn": froude(speed_m_s, form.length_m, water), "m": slenderness(form)}
    out["s"] = _wetted_surface(form, method)
    out["cf"] = friction(speed_m_s, form.length_m, water, method)
    out["cr"] = _with_bulb(
        residual(out["m"], out["fn"], form.cp, form.beam_m / form.draught_m, method), out, form, method
    )
    out["ca"], out["caa"] = _roughness(form, method), _air(form, method)
    pressure = water.density_t_m3 * speed_m_s * speed_m_s / 2
    out["r"] = out["s"] * (out["cf"] + out["cr"] + out["ca"] + out["caa"]) * pressure
    return out


def residual(m: Array, fn: Array, cp: Array, beam_over_draught: Array, method: str) -> Array:
    """Return the residual resistance coefficient without bulb [-]: (E + G + H + K + 0.16 (B/T - 2.5)) / 1000.

    References
    ----------
    Guldhammer & Harvald (1974), regression of Andersen & Guldhammer (1986).
    """
    k = coefficients(method)
    a, b, c, d, e = k["cr_e0"]
    f, g, h, i = k["cr_e1"]
    peak = f * m**g * fn ** (h * m + i)
    base = a + m * (b + m * c) + d * fn**e + peak
    a, b, c, d, e, f, g, h = k["cr_e2"]
    part_e = base * (a + b / (m - c) ** d) + (m - e) ** f * (fn - g) ** h
    a, b, c, d, e, f, g = k["cr_g"]
    part_g = (a + b * m * m) * (c * cp + d) ** 2 / (e * (fn - f) ** 2 + 1) ** g
    a, b, c, d, e = k["cr_h"]
    part_h = np.exp(a * (fn - (b + c * cp) - d * (m - e)))
    a, b, c, d = k["cr_k"]
    part_k = a * fn**b * np.exp(c * cp + d)
    a, b = k["cr_beam"]
    return (part_e + part_g + part_h + part_k + a * (beam_over_draught - b)) / 1000


def propulsion(form: Form, terms: Terms, method: str) -> tuple[Array, Array]:
    """Return wake fraction and thrust deduction [-].

    References
    ----------
    Harvald, Resistance and propulsion of ships (1983), with the corrections of Kristensen (2016).
    """
    k = coefficients(method)
    bl, dl, m = form.beam_m / form.length_m, form.diameter_m / form.length_m, terms["m"]
    a, b, c, d = k["wake_a"]
    e, f, g, full = k["wake_c"]
    wake = a * bl + b + (c * bl + d) / ((e + bl * (f + bl * g)) * (full - form.cb) ** 3 + 1)
    a, b, c, d = k["wake_d"]
    wake = (wake + np.minimum(a, b + c / (dl + d))) * k["wake_share"][0]
    a, b, c, d = k["thrust_a"]
    e, f, g, full = k["thrust_f"]
    thrust = a * bl + b + (c + d * bl) / ((e + bl * (f + bl * g)) * (full - form.cb) ** 3 + 1)
    a, b = k["thrust_d"]
    thrust = thrust + a * (dl + b)
    wake_shift, thrust_shift = (_shift(form, m, q, method) for q in ("wake_tanker", "thrust_tanker"))
    a, b, c = k["twin_q"]
    twin = form.cb * (a * form.cb + b) + c
    d, e = k["twin_t"]
    single = form.propellers == 1
    return (
        np.where(single, wake + wake_shift, k["wake_share"][0] * twin),
        np.where(single, thrust + thrust_shift, d + e * twin),
    )


def _shift(form: Form, m: Array, quantity: str, method: str) -> Array:
    a, b = of_kind(method, quantity, form.kind)
    return np.where(np.isnan(a), 0.0, a + b * m)


def _wetted_surface(form: Form, method: str) -> Array:
    a, b, c, d, e = of_kind(method, "surface", form.kind)
    deep, sides = form.draught_max_m, form.length_m + form.beam_m
    whole = a * (form.surface_m2 + b * form.length_m * deep) * (c + d * form.cb)
    return whole - e * (deep - form.draught_m) * sides


def _with_bulb(cr: Array, terms: Terms, form: Form, method: str) -> Array:
    low, a, b = of_kind(method, "bulb_sum", form.kind)
    least, c, d = of_kind(method, "bulb_share", form.kind)
    added = cr + np.maximum(low, a + b * terms["fn"]) / 1000
    return np.where(np.isnan(low), cr * (1 + np.maximum(least, c * terms["fn"] + d) / 100), added)


def _roughness(form: Form, method: str) -> Array:
    a, b = of_kind(method, "ca", form.kind)
    (low,) = of_kind(method, "ca_floor", form.kind)
    lg = np.log10(form.displacement)
    return np.fmax(a * lg + b * lg * lg, low) / 1000  # fmax: kinds without a floor


def _air(form: Form, method: str) -> Array:
    small, first, middle, second, large = of_kind(method, "caa_dwt", form.kind)
    a, b, low = of_kind(method, "caa_teu", form.kind)
    by_dwt = np.where(form.dwt_t <= first, small, np.where(form.dwt_t <= second, middle, large))
    by_dwt = np.where(np.isnan(form.dwt_t), np.nan, by_dwt)
    return np.where(np.isnan(a), by_dwt, np.maximum(a * form.teu**b, low)) / 1000


def teu_from_dwt(dwt_t: Array) -> Array:
    """Return container capacity [TEU] of a deadweight [t].

    References
    ----------
    Kristensen (2016), via USEPA ShipPowerModel calcTEU: TEU = (dwt / a)^(1/b), ranges in ``particulars_formulas``.
    """
    out = np.full(np.shape(dwt_t), np.nan)
    for row in load("particulars_formulas").iter_rows(named=True):
        if row["formula"] == "teu_from_dwt":
            inside = dwt_t > (row["x_above"] or 0)
            out = np.where(inside, (dwt_t / row["a"]) ** (1 / row["b"]), out)
    return out
