"""Holtrop & Mennen: resistance, wake and thrust deduction of a hull, vectorised; every intermediate is returned.

Three readings of one method: ``holtrop_1982`` and ``holtrop_1984`` as published, ``epa_holtrop`` as the US EPA
computes it (its own inputs are made in `sisterport.engines.conditions`).

References
----------
J. Holtrop and G.G.J. Mennen, An approximate power prediction method, International Shipbuilding Progress 29 (335),
1982, 166-170. J. Holtrop, A statistical re-analysis of resistance and propulsion data, ibid. 31 (363), 1984, 272-276.
USEPA Marine Emissions Tools beta 0.2, ShipPowerModel, calcHM*. The papers do not number their equations; symbols
here are theirs, coefficients and expressions stand in the table ``resistance_coefficients``.
"""

from dataclasses import dataclass

import numpy as np

from sisterport.engines.coefficients import Array, coefficients
from sisterport.engines.water import Water, friction, froude

Terms = dict[str, Array]
"""Quantities by the symbol of the papers in lower case; lengths m, areas m2, forces kN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A hull at a draught; arrays that broadcast.

    Parameters
    ----------
    length_m, beam_m, draught_fore_m, draught_aft_m
        Waterline length, breadth, draughts [m].
    volume_m3
        Displacement [m3].
    cm, cwp
        Midship and waterplane coefficient [-].
    lcb_pct
        Centre of buoyancy forward of L/2 in percent of L (the EPA reading puts a length here).
    transom_area_m2, bulb_area_m2, bulb_centre_m
        Immersed transom at rest, bulb section at the stem [m2], its centre above the keel [m].
    diameter_m, propellers
        Propeller diameter [m] and number.
    appendage_area_m2, appendage_factor
        Wetted area of appendages [m2] and their 1+k2 [-].
    c_stern
        Stern shape: -10 V-shaped, 0 normal, 10 U-shaped sections.
    cp, cb, wetted_m2, entrance_deg
        Prismatic and block coefficient, wetted surface of the bare hull, half angle of entrance where they are
        known; else from volume and formulas.
    """

    length_m: Array
    beam_m: Array
    draught_fore_m: Array
    draught_aft_m: Array
    volume_m3: Array
    cm: Array
    cwp: Array
    lcb_pct: Array
    transom_area_m2: Array
    bulb_area_m2: Array
    bulb_centre_m: Array
    diameter_m: Array
    propellers: Array
    appendage_area_m2: Array
    appendage_factor: Array
    c_stern: Array
    cp: Array | None = None
    cb: Array | None = None
    wetted_m2: Array | None = None
    entrance_deg: Array | None = None


def hull_terms(form: Form, method: str) -> Terms:
    """Return what does not depend on speed: form factor, wetted surface, coefficients of the wave resistance."""
    k = coefficients(method)
    length, beam, volume = form.length_m, form.beam_m, form.volume_m3
    t = (form.draught_fore_m + form.draught_aft_m) / 2
    cb = volume / (length * beam * t) if form.cb is None else form.cb
    out: Terms = {"t": t, "cb": cb, "cp": cb / form.cm if form.cp is None else form.cp, "lcb": form.lcb_pct}
    out["lr"] = _run(out["cp"], form.lcb_pct, length, k["run"])
    out["form_factor"] = _form_factor(form, out, method)
    out["s"] = wetted_surface(form, t, cb, method) if form.wetted_m2 is None else form.wetted_m2
    out["ie"] = _entrance(form, out, k["entrance"]) if form.entrance_deg is None else form.entrance_deg
    out |= _wave_terms(form, out, method)
    a, b, c, d, e, f, limit = k["correlation"]
    emerged = limit - np.minimum(form.draught_fore_m / length, limit)
    out["ca"] = a * (length + b) ** c + d + e * np.sqrt(length / f) * cb**4 * out["c2"] * emerged
    return out


def resistance(form: Form, speed_m_s: Array, method: str, water: Water, hull: Terms | None = None) -> Terms:
    """Return the resistance in its parts and in total [kN], with every intermediate.

    Parameters
    ----------
    form
        The hull.
    speed_m_s
        Speed through water [m/s], above zero.
    method
        ``holtrop_1982`` (wave resistance of low speeds only), ``holtrop_1984`` or ``epa_holtrop``.
    water
        Density, viscosity and gravity.
    hull
        `hull_terms` of the same form, if they are at hand.

    Returns
    -------
    dict
        Among others rf (bare friction), form_factor (1+k1), rapp, rw, rb, rtr, ra and r (total) [kN].
    """
    out = dict(hull_terms(form, method) if hull is None else hull)
    v, rho, g = speed_m_s, water.density_t_m3, water.gravity_m_s2
    pressure = rho * v * v / 2
    out["fn"] = froude(v, form.length_m, water)
    out["cf"] = friction(v, form.length_m, water, method)
    out["rf"] = pressure * out["s"] * out["cf"]
    out["rapp"] = pressure * form.appendage_area_m2 * form.appendage_factor * out["cf"]
    out["rw"] = _wave(form, out, method, water)
    factor, decay, a, b, c, d = coefficients(method)["bulb"]
    root = np.sqrt(form.bulb_area_m2)
    height = form.draught_fore_m - form.bulb_centre_m - c * root
    out["fni"] = v / np.sqrt(g * np.maximum(height, 0.0) + d * v * v)
    emergence = (form.draught_fore_m - b * form.bulb_centre_m) ** 2 / np.maximum(a * root, _TINY) ** 2  # PB^-2
    out["rb"] = factor * np.exp(decay * emergence) * out["fni"] ** 3 * root**3 * rho * g / (1 + out["fni"] ** 2)
    a, b, limit = coefficients(method)["transom"]
    immersed = 2 * g * form.transom_area_m2 / (form.beam_m * (1 + form.cwp))
    out["fnt"] = v / np.sqrt(np.maximum(immersed, _TINY))
    out["rtr"] = np.where(out["fnt"] < limit, pressure * form.transom_area_m2 * a * (1 - b * out["fnt"]), 0.0)
    out["ra"] = pressure * (out["s"] + form.appendage_area_m2) * out["ca"]
    out["r"] = out["rf"] * out["form_factor"] + out["rapp"] + out["rw"] + out["rb"] + out["rtr"] + out["ra"]
    return out


def propulsion(form: Form, terms: Terms, method: str) -> tuple[Array, Array]:
    """Return wake fraction and thrust deduction [-]; NaN where the formula has no value.

    Single-screw hulls with conventional stern, and twin screw; `terms` are those of `resistance`.
    """
    k = coefficients(method)
    cp, cb, lcb = terms["cp"], terms["cb"], terms["lcb"]
    a, b, c = k["cp1"]
    cp1 = a * cp + b + c * lcb
    # As in the worked example of 1982, form factor and surface are those of hull and appendages together.
    total = terms["s"] + form.appendage_area_m2
    viscous = (terms["form_factor"] * terms["s"] + form.appendage_factor * form.appendage_area_m2) / total
    cv = viscous * terms["cf"] + terms["ca"]
    width = np.sqrt(form.beam_m * terms["t"])
    a, b, c = k["wake_twin"]
    twin_wake = a * cb + b * cv * cb + c * form.diameter_m / width
    a, b = k["thrust_twin"]
    twin_thrust = a * cb + b * form.diameter_m / width
    single = form.propellers == 1
    own_wake = single & (cp1 < 1) if method == "epa_holtrop" else single
    wake = np.where(own_wake, _wake(form, terms, cp1, cv, method), twin_wake)
    return wake, np.where(single, _thrust(form, terms, cp1, method), twin_thrust)


_TINY = 1e-12  # keeps hulls without bulb or transom from dividing by zero; their terms are zero


def _run(cp: Array, lcb: Array, length: Array, k: tuple[float, ...]) -> Array:
    return length * (1 - cp + k[0] * cp * lcb / (k[1] * cp - 1))


def _form_factor(form: Form, terms: Terms, method: str) -> Array:
    k = coefficients(method)
    length, beam, cp, t = form.length_m, form.beam_m, terms["cp"], terms["t"]
    if method != "holtrop_1982":
        a, b, c, d, e, f, g, stern = k["form"]
        # The EPA code turns the sign of lcb here, and here only.
        run = _run(cp, -form.lcb_pct, length, k["run"]) if method == "epa_holtrop" else terms["lr"]
        shape = (beam / length) ** c * (t / length) ** d * (length / run) ** e * (length**3 / form.volume_m3) ** f
        return a + b * (1 + stern * form.c_stern) * shape * (1 - cp) ** g
    high, a, low, b, c, d = k["c12"]
    tl = t / length
    middle = b * np.maximum(tl - low, 0.0) ** c + d
    terms["c12"] = np.where(tl > high, tl**a, np.where(tl > low, middle, d))
    terms["c13"] = 1 + k["c13"][0] * form.c_stern
    a, b, c, d, e, f = k["form"]
    shape = (beam / terms["lr"]) ** b * (f - cp) ** c * (1 - cp + d * form.lcb_pct) ** e
    return terms["c13"] * (a + terms["c12"] * shape)


def wetted_surface(form: Form, draught_m: Array, cb: Array, method: str) -> Array:
    """Return the wetted surface of the bare hull [m2]."""
    a, b, c, d, e, bulb = coefficients(method)["wetted"]
    section = a + b * cb + c * form.cm + d * form.beam_m / draught_m + e * form.cwp
    return form.length_m * (2 * draught_m + form.beam_m) * np.sqrt(form.cm) * section + bulb * form.bulb_area_m2 / cb


def _entrance(form: Form, terms: Terms, k: tuple[float, ...]) -> Array:
    a, b, c, d, e, f, g, h = k
    length, beam = form.length_m, form.beam_m
    fullness = (1 - form.cwp) ** c * (1 - terms["cp"] + d * form.lcb_pct) ** e
    slenderness = (terms["lr"] / beam) ** f * (g * form.volume_m3 / length**3) ** h
    return 1 + a * np.exp(-((length / beam) ** b) * fullness * slenderness)


def _wave_terms(form: Form, terms: Terms, method: str) -> Terms:
    k = coefficients(method)
    length, beam, t, cp = form.length_m, form.beam_m, terms["t"], terms["cp"]
    bl, lb, slender = beam / length, length / beam, length / np.cbrt(form.volume_m3)
    out: Terms = {"l3_v": length**3 / form.volume_m3}
    low, a, b, high, c, d = k["c7"]
    out["c7"] = np.where(bl < low, a * bl**b, np.where(bl < high, bl, c + d * lb))
    a, b, c, d = k["c1"]
    out["c1"] = a * out["c7"] ** b * (t / beam) ** c * (90 - terms["ie"]) ** d
    a, b, c = k["c3"]
    covered = c * np.sqrt(form.bulb_area_m2) + form.draught_fore_m - form.bulb_centre_m
    out["c3"] = a * form.bulb_area_m2**b / (beam * t * covered)
    out["c2"] = np.exp(k["c2"][0] * np.sqrt(out["c3"]))
    out["c5"] = 1 - k["c5"][0] * form.transom_area_m2 / (beam * t * form.cm)
    a, low, high, b, c = k["c15"]
    out["c15"] = np.where(out["l3_v"] < low, a, np.where(out["l3_v"] < high, a + (slender - b) / c, 0.0))
    limit, a, b, c, d, e = k["c16"]
    c16 = np.where(cp < limit, cp * (a + cp * (b + cp * c)), d + e * cp)
    a, b, c = k["m1"]
    out["m1"] = a * length / t + b / slender + c * bl - c16
    limit, a, b, c = k["lambda"]
    out["lambda"] = a * cp + np.where(lb < limit, b * lb, c)
    if "c17" in k:
        a, b, c, d, e = k["c17"]
        out["c17"] = a * form.cm**b / out["l3_v"] ** c * np.maximum(lb - d, 0.0) ** e
        a, b, c = k["m3"]
        out["m3"] = a * bl**b * (t / beam) ** c
    return out


def _wave(form: Form, terms: Terms, method: str, water: Water) -> Array:
    """Return the wave resistance [kN]: one formula below, another above, the branch points as the method has them."""
    fn = terms["fn"]
    weight = terms["c2"] * terms["c5"] * form.volume_m3 * water.density_t_m3 * water.gravity_m_s2
    if method == "holtrop_1982":
        return weight * _low(fn, terms, method)
    start, full = coefficients(method)["branches"]
    if not np.any(fn > start) and start < full:  # nearly all ships: spare the high-speed formula
        return weight * _low(fn, terms, method)
    low, high = _low(np.minimum(fn, start), terms, method), _high(np.maximum(fn, full), terms, method)
    if start == full:
        return weight * np.where(fn < full, _low(fn, terms, method), high)
    share = np.clip((fn - start) / (full - start), 0.0, 1.0)
    return weight * (low + share * (high - low))


def _low(fn: Array, terms: Terms, method: str) -> Array:
    k = coefficients(method)
    inverse = 1 / (fn * fn)
    if method == "holtrop_1984":
        swing = _m4(fn, terms, k["m4"])
    else:
        swing = terms["c15"] * terms["cp"] ** 2 * np.exp(k["m2"][0] * inverse)
        terms["m2"] = swing
    return terms["c1"] * np.exp(terms["m1"] * fn ** k["d"][0] + swing * np.cos(terms["lambda"] * inverse))


def _high(fn: Array, terms: Terms, method: str) -> Array:
    k = coefficients(method)
    swing = _m4(fn, terms, k["m4"])
    return terms["c17"] * np.exp(terms["m3"] * fn ** k["d"][0] + swing * np.cos(terms["lambda"] / (fn * fn)))


def _m4(fn: Array, terms: Terms, k: tuple[float, ...]) -> Array:
    return terms["c15"] * k[0] * np.exp(k[1] * fn ** k[2])


def _wake(form: Form, terms: Terms, cp1: Array, cv: Array, method: str) -> Array:
    k = coefficients(method)
    length, beam, aft, diameter = form.length_m, form.beam_m, form.draught_aft_m, form.diameter_m
    cp, cb = terms["cp"], terms["cb"]
    ratio = beam / aft
    limit, a, b, c = k["c8"]
    wide = np.maximum(ratio, limit)
    surface = (terms["s"] + form.appendage_area_m2) / (length * diameter)
    c8 = surface * np.where(ratio < limit, ratio, (a * wide + b) / (wide + c))
    limit, a, b, c = k["c9"]
    terms["c9"] = np.where(c8 < limit, c8, a + b / (np.maximum(c8, limit) + c))
    limit, a, b, c = k["c11"]
    deep = aft / diameter
    terms["c11"] = np.where(deep < limit, deep, a * deep**b + c)
    terms["cp1"], terms["cv"] = cp1, cv
    inner = terms["c9"] * cv * length / aft
    crowd = terms["c11"] * cv / (1 - cp1)
    spread = np.sqrt(beam / (length * (1 - cp1)))
    if method == "holtrop_1982":
        a, b, c, d, e, f, g, h = k["wake"]
        rest = d / (e - cp) + f / (e - cb) + g * form.c_stern * cv + h * form.c_stern
        return inner * (a + b * crowd) + c * spread + rest
    a, b, c, d = k["wake"]
    limit, e, f, g, h, i, j, m = k["c19"]
    c19 = np.where(cp < limit, e / (f - cb) + g / (f - cp), h / (i - form.cm) + j + m * cp)
    return (inner * (a + b * crowd) + c * spread + c19) * (1 + d * form.c_stern)


def _thrust(form: Form, terms: Terms, cp1: Array, method: str) -> Array:
    k = coefficients(method)
    length, beam, t, cp, lcb = form.length_m, form.beam_m, terms["t"], terms["cp"], terms["lcb"]
    if method == "holtrop_1982":
        limit, a, b, c = k["c10"]
        terms["c10"] = np.where(length / beam > limit, beam / length, a + b / (beam / length - c))
        a, b, c, d, e = k["thrust"]
        disc = form.diameter_m**2 / (beam * t)
        return a * length / (beam - beam * cp1) + b * terms["c10"] + c + d * disc + e * form.c_stern
    a, b, c, d, e, f = k["thrust"]
    # The EPA code has the displacement where the paper has the propeller diameter.
    scale = form.volume_m3 if method == "epa_holtrop" else form.diameter_m
    shape = (beam / length) ** b * (np.sqrt(beam * t) / scale) ** c
    return a * shape / (1 - cp + d * lcb) ** e + f * form.c_stern
