"""Operating modes: four rule sets, each a readable function compiled into one small table for the row kernel.

A rule sees a point by six features: kind of ship, speed band, load high or low, kind of area, nearness to a port,
distance to the coast. It answers with a mode and with what decided: an area, the coast, or nothing known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import inf, nextafter

import numpy as np
from numpy.typing import NDArray

from sisterport.errors import choose
from sisterport.reference.store import load, value
from sisterport.units import KM_PER_NM

MODES = ("cruise", "manoeuvring", "anchorage", "berth")
CRUISE, MANOEUVRING, ANCHORAGE, BERTH = range(4)
BASES = ("area", "coast", "unknown")
AREA, COAST, UNKNOWN = range(3)
KINDS = ("none", "disc", "port", "river", "terminal", "anchorage", "berth")
NO_AREA, DISC, PORT, RIVER, TERMINAL, ANCHORAGE_AREA, BERTH_AREA = range(7)
COASTS = ("unknown", "inland", "coast_1nm", "coast_5nm", "open_sea")
INLAND = 1

LIQUID_TANKERS = (
    "oil_tanker",
    "chemical_tanker",
    "other_liquids_tanker",
    "liquefied_gas_tanker",
    "unknown_tanker",
)

SHAPE = (2, 4, 3, 7, 3, 5)
"""Liquid tanker or not, speed band, load (low, high, unknown), kind of area, nearness, coast."""

Rule = Callable[[int, int, int, int, int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRules:
    """One rule set.

    Attributes
    ----------
    name : str
    stop_on_kn, stop_off_kn : float
        Speed band 0 begins below the first and ends at the second (hysteresis) [kn].
    edges_kn : tuple of float
        Where bands 2 and 3 begin [kn].
    min_run_s : float
        A shorter run of one mode takes the mode before it [s]; 0: as published, no debounce.
    near_nm : tuple of float
        Distances to a port that count as near (1) and still near (2) [nm].
    near_hysteresis : bool
        Near begins within the first distance and ends beyond the second.
    needs_load : bool
        The rule looks at the load factor.
    table : ndarray of int8, shape (2520,)
        Mode + 4 x basis for every combination of features, in C order of `SHAPE`.
    source : str
    """

    name: str
    stop_on_kn: float
    stop_off_kn: float
    edges_kn: tuple[float, float]
    min_run_s: float
    near_nm: tuple[float, float]
    near_hysteresis: bool
    needs_load: bool
    table: NDArray[np.int8]
    source: str


def _compile(rule: Rule) -> NDArray[np.int8]:
    cells = (rule(*features) for features in product(*(range(n) for n in SHAPE)))
    return np.array([mode + 4 * basis for mode, basis in cells], dtype=np.int8)


def _sisterport(_tanker: int, band: int, _lf: int, kind: int, near: int, coast: int) -> tuple[int, int]:
    if kind not in (NO_AREA, RIVER):
        if band > 0:
            return MANOEUVRING, AREA
        return (BERTH if kind in (BERTH_AREA, TERMINAL, DISC) else ANCHORAGE), AREA
    if kind == RIVER:
        return (MANOEUVRING if band > 0 else ANCHORAGE), AREA
    basis = COAST if coast else UNKNOWN
    if band == 0:
        return ANCHORAGE, basis
    close = near > 0 or coast in (1, 2, 3)
    return (MANOEUVRING if band == 1 and close else CRUISE), basis


def _ghg4(tanker: int, band: int, _lf: int, kind: int, near: int, coast: int) -> tuple[int, int]:
    location, basis = _ghg4_location(tanker, kind, near, coast)
    return _phases()[tanker, band, location], basis


def _ghg4_location(tanker: int, kind: int, near: int, coast: int) -> tuple[str, int]:
    """Order of the locations, which the published tables leave open: river, port, coast, sea."""
    if kind == RIVER:
        return "river", AREA
    if kind != NO_AREA:
        return "port_1nm", AREA
    if coast == INLAND:
        return "river", COAST
    if near == 1:
        return "port_1nm", COAST
    if near == 2 and tanker:
        return "port_5nm", COAST
    return (COASTS[coast], COAST) if coast else ("open_sea", UNKNOWN)


@cache
def _phases() -> dict[tuple[int, int, str], int]:
    """Return (tanker, band, location) -> mode from the published phase rules."""
    codes = {"cruise": CRUISE, "manoeuvre": MANOEUVRING, "anchor": ANCHORAGE, "berth": BERTH}
    starts = sorted(load("phase_rules")["sog_min_kn"].unique().to_list())
    return {
        (int(row["ship_group"] == "liquid_tanker"), starts.index(row["sog_min_kn"]), row["location"]): codes[
            row["mode"]
        ]
        for row in load("phase_rules").iter_rows(named=True)
    }


_LOAD_UNKNOWN, _FASTEST = 2, 3


def _epa(_tanker: int, band: int, lf_high: int, kind: int, _near: int, _coast: int) -> tuple[int, int]:
    """calcOperatingMode, in its order; bands: up to 1 kn, up to 3 kn, below 5 kn, faster (for ships without load)."""
    if kind == ANCHORAGE_AREA and band <= 1:
        return ANCHORAGE, AREA
    if kind in (BERTH_AREA, TERMINAL, DISC) and band == 0:
        return BERTH, AREA
    basis = AREA if kind != NO_AREA else UNKNOWN
    if lf_high == _LOAD_UNKNOWN and band > 0:  # no reference speed: the speed alone decides
        return (CRUISE if band == _FASTEST else MANOEUVRING), UNKNOWN
    if band > 0 and not lf_high:
        return MANOEUVRING, basis
    if lf_high and band > 0:
        return CRUISE, basis
    return ANCHORAGE, basis


def _gfw(_tanker: int, band: int, _lf: int, kind: int, near: int, _coast: int) -> tuple[int, int]:
    inside = near == 1 or kind != NO_AREA
    basis = AREA if inside else UNKNOWN
    if band == 0:
        return (BERTH if inside and kind != ANCHORAGE_AREA else ANCHORAGE), basis
    return (MANOEUVRING if inside else CRUISE), basis


def mode_rules(name: str = "sisterport", *, min_run_s: float | None = None) -> ModeRules:
    """Return a rule set by name.

    Parameters
    ----------
    name
        ``sisterport`` (areas first, hysteresis 0.5/1.5 kn, runs under 10 min take the mode before), ``ghg4`` (phase
        rules of the Fourth IMO GHG Study family), ``epa`` (calcOperatingMode: areas, load) or ``gfw`` (port visits of
        Global Fishing Watch).
    min_run_s
        Debounce [s] instead of the rule set's own.

    Raises
    ------
    MethodError
        If there is no such rule set.

    Examples
    --------
    >>> mode_rules("gfw").stop_off_kn
    0.5
    >>> mode_rules("ghg4").min_run_s
    0.0
    """
    choose("mode rules", name, sorted(_PRESETS))
    rules = _PRESETS[name]()
    if min_run_s is None:
        return rules
    return ModeRules(**{f: getattr(rules, f) for f in ModeRules.__slots__} | {"min_run_s": min_run_s})


@cache
def _sisterport_rules() -> ModeRules:
    return ModeRules(
        name="sisterport",
        stop_on_kn=value("stop_begin_kn"),
        stop_off_kn=value("stop_end_kn"),
        edges_kn=(_phase_edges()[2], inf),
        min_run_s=value("mode_min_run_s"),
        near_nm=(1.0, 5.0),
        near_hysteresis=False,
        needs_load=False,
        table=_compile(_sisterport),
        source="own rules: areas first, then the coast distances of the GHG4 family; hysteresis and debounce",
    )


@cache
def _ghg4_rules() -> ModeRules:
    edges = _phase_edges()
    return ModeRules(
        name="ghg4",
        stop_on_kn=edges[0],
        stop_off_kn=edges[0],
        edges_kn=(edges[1], edges[2]),
        min_run_s=0.0,
        near_nm=(1.0, 5.0),
        near_hysteresis=False,
        needs_load=False,
        table=_compile(_ghg4),
        source="ICCT SAVE v2025.03.1 documentation, Tables 6 and 7",
    )


@cache
def _epa_rules() -> ModeRules:
    return ModeRules(
        name="epa",
        stop_on_kn=nextafter(value("epa_berth_kn"), inf),  # "up to": the limit itself belongs below
        stop_off_kn=nextafter(value("epa_berth_kn"), inf),
        edges_kn=(nextafter(value("epa_anchorage_kn"), inf), _phase_edges()[2]),
        min_run_s=0.0,
        near_nm=(1.0, 5.0),
        near_hysteresis=False,
        needs_load=True,
        table=_compile(_epa),
        source="USEPA Marine Emissions Tools beta 0.2, calcOperatingMode",
    )


@cache
def _gfw_rules() -> ModeRules:
    return ModeRules(
        name="gfw",
        stop_on_kn=nextafter(value("gfw_stop_begin_kn"), inf),
        stop_off_kn=value("gfw_stop_end_kn"),
        edges_kn=(inf, inf),
        min_run_s=0.0,
        near_nm=(value("gfw_enter_km") / KM_PER_NM, value("gfw_exit_km") / KM_PER_NM),
        near_hysteresis=True,
        needs_load=False,
        table=_compile(_gfw),
        source="GlobalFishingWatch/anchorages_pipeline, anchorage_cfg.yaml (port visits, not engine modes)",
    )


def _phase_edges() -> list[float]:
    """Return the speeds at which the published phases change [kn]: 1, 3, 5."""
    return [float(x) for x in sorted(load("phase_rules")["sog_min_kn"].unique().to_list()) if x > 0]


_PRESETS = {"sisterport": _sisterport_rules, "ghg4": _ghg4_rules, "epa": _epa_rules, "gfw": _gfw_rules}
