"""The functions of the US EPA emission chain, vectorised: power, mode, tier, auxiliary and boiler loads.

Factors live in `sisterport.inventory.epa_factors`; the frame step for segments in
`sisterport.inventory.epa_step`.
"""

from typing import Any

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from sisterport.engines import draught_factor, load_law, tier_starts
from sisterport.engines import load_factor as _load_factor
from sisterport.errors import InputError, choose
from sisterport.inventory.epa_parts import TIERS, Floats, codes, engine_types
from sisterport.inventory.sizes import bin_rows
from sisterport.reference import load, value

MODES = {"berth": "Berth", "anchorage": "Anchorage", "manoeuvring": "Maneuvering", "cruise": "Transit"}
"""Our names of the operating modes and the EPA's."""

ALWAYS_TIER_0 = ("ST", "GT", "GT-ED", "LNG")


def propeller_power(
    installed_kw: ArrayLike,
    speed_kn: ArrayLike,
    service_speed_kn: ArrayLike,
    *,
    margin: ArrayLike | None = None,
) -> Floats:
    """Return main engine power by the propeller law [kW].

    Parameters
    ----------
    installed_kw
        Installed main engine power [kW].
    speed_kn, service_speed_kn
        Speed and service speed [kn]; the law refers to maximum speed, service speed over 0.94.
    margin
        Sea margin [-]; 1.15 unless given.

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcPropPwr: P min(1, max(0.02, (v/v_max)^3 margin)), 0 at
    standstill.

    Examples
    --------
    Each ship has its own reference speed:

    >>> propeller_power([1000.0, 1000.0], [12.0, 12.0], [12.0, 24.0]).round(1).tolist()
    [955.2, 119.4]
    """
    return _power(installed_kw, speed_kn, service_speed_kn, 0.0, 0.0, margin, "epa_propeller")


def admiralty_power(
    installed_kw: ArrayLike,
    speed_kn: ArrayLike,
    service_speed_kn: ArrayLike,
    draught_m: ArrayLike,
    max_draught_m: ArrayLike,
    *,
    margin: ArrayLike | None = None,
) -> Floats:
    """Return main engine power by the admiralty formula [kW]: the propeller law with (t/t_max)^(2/3).

    Parameters
    ----------
    installed_kw, speed_kn, service_speed_kn, margin
        As in `propeller_power`.
    draught_m, max_draught_m
        Draught and summer load line draught [m].

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcAdmPwr.

    Examples
    --------
    >>> float(admiralty_power(8500.0, 15.0, 17.5, 8.0, 8.7).round(2))
    4834.75
    """
    return _power(installed_kw, speed_kn, service_speed_kn, draught_m, max_draught_m, margin, "epa_admiralty")


def _power(
    installed_kw: ArrayLike,
    speed_kn: ArrayLike,
    service_speed_kn: ArrayLike,
    draught_m: ArrayLike,
    max_draught_m: ArrayLike,
    margin: ArrayLike | None,
    law_name: str,
) -> Floats:
    law = load_law(law_name)
    given = value("epa_service_margin") if margin is None else margin
    arrays = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (speed_kn, service_speed_kn, draught_m, max_draught_m, given))
    )
    speed, service, draught, max_draught, margins = (np.ascontiguousarray(a.ravel()) for a in arrays)
    ratio = speed / (service / value("service_over_max_speed"))
    load_factors = _load_factors(ratio, draught, max_draught, margins, law.draught_exponent, law.lf_min, law.lf_max)
    return np.asarray(installed_kw, dtype=np.float64) * load_factors.reshape(arrays[0].shape)


@nb.njit(cache=True, error_model="numpy")
def _load_factors(
    ratio: Floats,
    draught: Floats,
    max_draught: Floats,
    margin: Floats,
    exponent: float,
    lf_min: float,
    lf_max: float,
) -> Floats:
    out = np.empty(ratio.size)
    for i in range(ratio.size):
        factor = margin[i] * draught_factor(draught[i], max_draught[i], 0.0, np.inf, exponent)
        out[i] = _load_factor(ratio[i], factor, lf_min, lf_max, 0.0)
    return out


def mode_codes(speed_kn: Any, load_factor: Any, in_berth_area: Any, in_anchorage_area: Any) -> NDArray[np.intp]:
    """Return the operating mode as a position in `MODES`.

    Parameters
    ----------
    speed_kn, load_factor
        Speed [kn] and main engine load [-].
    in_berth_area, in_anchorage_area
        Whether the ship is inside such an area.

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcOperatingMode; the rules are tested in its order.

    Examples
    --------
    >>> in_berth = [True, False, False, False]
    >>> [list(MODES)[code] for code in mode_codes([0.0, 0.4, 9.5, 20.0], [0.0, 0.02, 0.06, 0.6], in_berth, False)]
    ['berth', 'anchorage', 'manoeuvring', 'cruise']
    """
    speed, lf = np.asarray(speed_kn, dtype=np.float64), np.asarray(load_factor, dtype=np.float64)
    anchored = np.asarray(in_anchorage_area, dtype=bool) & (speed <= value("epa_anchorage_kn"))
    berthed = np.asarray(in_berth_area, dtype=bool) & (speed <= value("epa_berth_kn"))
    low = lf <= value("low_load_limit")
    rules = list(np.broadcast_arrays(anchored, berthed, (speed > value("epa_berth_kn")) & low, ~low))
    modes = [list(MODES).index(mode) for mode in ("anchorage", "berth", "manoeuvring", "cruise", "anchorage")]
    return np.select(rules, modes[:-1], default=modes[-1]).astype(np.intp)


def tier(engine_type: Any, keel_year: ArrayLike) -> NDArray[np.str_]:
    """Return the NOx tier of main engines; turbines and LNG engines are Tier 0.

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2, calcTier; MARPOL Annex VI regulation 13.

    Examples
    --------
    >>> tier(["SSD", "SSD", "ST"], [1999, 2016, 2016]).tolist()
    ['Tier 0', 'Tier 3', 'Tier 0']
    """
    return np.array(TIERS)[tier_codes(codes(engine_type, engine_types("main"), "engine type"), keel_year)]


def tier_codes(engine: NDArray[np.intp], keel_year: ArrayLike) -> NDArray[np.intp]:
    """Return the tier as a position in `TIERS`, from engine types as positions."""
    always_0 = np.isin(engine_types("main"), ALWAYS_TIER_0)[engine]
    by_year = np.searchsorted(tier_starts(), np.asarray(keel_year), side="right")
    return np.asarray(np.where(always_0, 0, by_year), dtype=np.intp)


def find_bin(ship_type: Any, size: ArrayLike, table: str) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Return a table of auxiliary loads and the row of each ship in it.

    Parameters
    ----------
    ship_type
        EPA ship types, e.g. ``container.ship``.
    size
        Size in the unit of the type: deadweight [t], TEU, gross tonnage or passengers.
    table
        ``ghg3`` or ``starcrest2016`` (San Pedro Bay ports).

    Raises
    ------
    InputError
        If a size is missing where it decides.
    MethodError
        If a type or the table is unknown.

    Examples
    --------
    >>> bins, rows = find_bin(["oil.tanker", "oil.tanker"], [199_999.0, 200_000.0], "ghg3")
    >>> bins["sub_type"][rows].to_list()
    ['oil.tanker.suezmax', 'oil.tanker.vlcc']
    """
    choose("table of auxiliary loads", table, ["ghg3", "starcrest2016"])
    bins = load(f"epa_load_{table}_aux")
    kinds = pl.Series(ship_type, dtype=pl.String)
    for kind in kinds.unique():
        choose("EPA ship type", kind, bins["ship_type"].unique(maintain_order=True).to_list())
    sizes = pl.Series(np.broadcast_to(np.asarray(size, dtype=np.float64), len(kinds))).fill_nan(None)
    rows = bin_rows(bins, "ship_type", kinds, sizes)
    if (rows < 0).any():
        raise InputError(f"{(rows < 0).sum()} ships without a size where the table has several size classes")
    return bins, rows


def row_load(system: str, rows: NDArray[np.int64], mode: NDArray[np.intp], table: str) -> Floats:
    """Return the load of each row of a table in a mode, a position in `MODES` [kW].

    Examples
    --------
    >>> _, rows = find_bin(["oil.tanker"], [150_000.0], "ghg3")
    >>> row_load("boiler", rows, np.array([0]), "ghg3").tolist()
    [2500.0]
    """
    columns = [f"{name.lower()}_kw" for name in MODES.values()]
    by_mode = load(f"epa_load_{table}_{system}").select(columns).to_numpy()
    return np.asarray(by_mode[rows, mode], dtype=np.float64)
