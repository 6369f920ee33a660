"""The whole US EPA emission chain for rows of one ship in one situation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.inventory.epa import (
    MODES,
    admiralty_power,
    find_bin,
    mode_codes,
    propeller_power,
    row_load,
    tier_codes,
)
from sisterport.inventory.epa_factors import (
    auxiliary_emission_factor,
    boiler_emission_factor,
    low_load_factor,
    main_emission_factor,
)
from sisterport.inventory.epa_parts import LOCATIONS, POLLUTANTS, TIERS, Floats, codes, engine_types
from sisterport.reference import load

SIZE_COLUMNS = {
    "Deadweight": "dwt",
    "TEU": "teu",
    "Gross_Tonnage": "gt",
    "Number_of_Passengers": "passengers",
}
"""Size units of the load tables and the columns that hold them."""

_FOLLOW_CONSUMPTION = ("co2", "so2", "pm10", "pm25")
_MOVING = list(MODES).index("manoeuvring")  # berth and anchorage stand before it


def chain(ships: pl.DataFrame, *, aux_table: str = "ghg3") -> pl.DataFrame:
    """Return the whole chain for rows of one ship in one situation.

    Parameters
    ----------
    ships
        ``ship_type, dwt, gt, teu, installed_kw, service_speed_kn, engine_type, keel_year, sog_kn, location,
        in_berth_area, in_anchorage_area, dt_h``; with ``max_draught_m`` and ``draught_m`` the admiralty power
        too.
    aux_table
        ``ghg3`` or ``starcrest2016``.

    Returns
    -------
    DataFrame
        Power [kW], load, mode, loads [kW], and for each pollutant P ``llaf_P`` [-], ``ef_main_base_P,
        ef_main_P, ef_main_loadbsfc_P, ef_aux_P, ef_boiler_P`` [g/kWh], ``g_P`` and ``g_loadbsfc_P`` [g].

    References
    ----------
    USEPA Marine Emissions Tools beta 0.2. Main power is 0 at berth and anchorage; auxiliary engines are MSD
    (LNG on LNG ships) of the keel year's tier, boilers Tier 0; the load curve applies for 0.2 to 1, the
    low-load factor below.
    """
    texts = ("ship_type", "engine_type", "location")
    col = {name: ships[name].to_numpy() for name in ships.columns if name not in texts}
    engine = codes(ships["engine_type"], engine_types("main"), "engine type")
    place = codes(ships["location"], LOCATIONS, "location")
    power = propeller_power(col["installed_kw"], col["sog_kn"], col["service_speed_kn"])
    load_factor = power / col["installed_kw"]
    mode = mode_codes(col["sog_kn"], load_factor, col["in_berth_area"], col["in_anchorage_area"])
    out: dict[str, Any] = {
        "power_prop_kw": power,
        "load_factor": load_factor,
        "op_mode": _words(list(MODES), mode),
    }
    if {"draught_m", "max_draught_m"} <= col.keys():
        out["power_adm_kw"] = admiralty_power(
            col["installed_kw"],
            col["sog_kn"],
            col["service_speed_kn"],
            col["draught_m"],
            col["max_draught_m"],
        )
    bins, rows = find_bin(ships["ship_type"], sizes(ships, aux_table), aux_table)
    out["sub_type"] = bins["sub_type"][rows]
    out["aux_kw"], out["boiler_kw"] = (row_load(system, rows, mode, aux_table) for system in ("aux", "boiler"))
    out["main_kw"] = np.where(mode < _MOVING, 0.0, power)
    out["main_lf"] = out["main_kw"] / col["installed_kw"]
    gas = engine == engine_types("main").index("LNG")
    aux_engine = np.where(gas, engine_types("aux").index("LNG"), engine_types("aux").index("MSD"))
    by_year = tier_codes(np.zeros_like(engine), col["keel_year"])
    number, aux_number = tier_codes(engine, col["keel_year"]), np.where(gas, 0, by_year)
    out["tier"], out["aux_tier"] = _words(TIERS, number), _words(TIERS, aux_number)
    out["aux_engine_type"] = _words(engine_types("aux"), aux_engine)
    main, aux = (engine, number, place), (aux_engine, aux_number, place)
    for pollutant in POLLUTANTS:
        out |= _pollutant(pollutant, out, main, aux, col["dt_h"])
    return pl.DataFrame(out)


def _words(vocabulary: Sequence[str], index: NDArray[np.intp]) -> pl.Series:
    return pl.Series(list(vocabulary))[index]


def sizes(ships: pl.DataFrame, table: str) -> Floats:
    """Return the size of each ship in the unit of its type; the columns are those of `SIZE_COLUMNS`."""
    units = dict(load(f"epa_load_{table}_aux").select("ship_type", "size_unit").unique().iter_rows())
    unit = ships["ship_type"].replace_strict(units, default=None)
    size = np.full(ships.height, np.nan)
    for name, column in SIZE_COLUMNS.items():
        if column in ships.columns:
            here = (unit == name).fill_null(value=False).to_numpy()
            size[here] = ships[column].cast(pl.Float64).fill_null(np.nan).to_numpy()[here]
    return size


def _pollutant(
    pollutant: str, out: dict[str, Any], main: tuple[Any, Any, Any], aux: tuple[Any, Any, Any], hours: Floats
) -> dict[str, Floats]:
    lf, place = out["main_lf"], main[2]
    llaf = low_load_factor(lf, pollutant, engine_type=main[0], location=place)
    base = main_emission_factor(main[0], main[1], place, pollutant, load_factor=lf)
    curved = base
    if pollutant in _FOLLOW_CONSUMPTION:
        curved = main_emission_factor(main[0], main[1], place, pollutant, load_factor=lf, load_based_bsfc=True)
    ef_aux = auxiliary_emission_factor(aux[0], aux[1], place, pollutant)
    ef_boiler = boiler_emission_factor(place, pollutant)
    others = out["aux_kw"] * ef_aux + out["boiler_kw"] * ef_boiler
    return {
        f"llaf_{pollutant}": llaf,
        f"ef_main_base_{pollutant}": base,
        f"ef_main_{pollutant}": base * llaf,
        f"ef_main_loadbsfc_{pollutant}": curved * llaf,
        f"ef_aux_{pollutant}": ef_aux,
        f"ef_boiler_{pollutant}": ef_boiler,
        f"g_{pollutant}": hours * (out["main_kw"] * base * llaf + others),
        f"g_loadbsfc_{pollutant}": hours * (out["main_kw"] * curved * llaf + others),
    }
