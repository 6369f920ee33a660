"""Unknown facts of the registers: which cells they are, and which values they might have."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from sisterport.reference import load, value
from sisterport.shorepower.coding import KINDS, kinds_of, possible_kinds
from sisterport.shorepower.kleene import TRUE, UNKNOWN
from sisterport.shorepower.marking import OF_THE_INLET, OF_THE_OUTLET
from sisterport.shorepower.profiles import HZ_50, HZ_60
from sisterport.tables import schema

OTHER = "(another)"
"""A word that no register has."""
SHIP_FACTS = (
    *("has_inlet", "ship_class", "kind", "profile", "voltage_kv", "frequency_hz", "bus_frequency_hz", "transformer_kv"),
    *("transformer_mva", "connector", "plugs_n", "plug_current_a", "pilots_n", "neutral", "cable_on_board"),
    *("cable_length_m", "side", "inlet_from_stern_m", "length_m", "height_min_m", "height_max_m", "power_factor"),
    *("short_circuit_ka", "zone_concept", "connection_position"),
)
"""Columns of inlets that the checks ask for; the peak of the state of demand comes on top."""
BERTH_FACTS = (
    *(
        "state",
        "since",
        "kind",
        "profile",
        "voltage_kv",
        "frequency_hz",
        "power_mva",
        "plant_power_mva",
        "simultaneity",
    ),
    *("outlets_n", "connector", "sockets_n", "socket_current_a", "pilots_n", "neutral", "cable_provider", "side"),
    *("position_from_m", "position_to_m", "berth_length_m", "reach_m", "height_min_m", "height_max_m"),
    *("short_circuit_ka", "zone_concept", "connection_position", "t_connect_h", "t_disconnect_h"),
)
"""Columns of outlets that the checks ask for."""
OF_A_PLANT = ("state", "since", "power_mva", "plant_power_mva", "simultaneity", "outlets_n")
"""Columns of an outlet that also tell what is left for the other outlets of its plant."""

_STATES = ("peak_mw", "peak_cargo_mw", "peak_reefers_mw", "peak_passengers_mw")
_NUMBERS_TRIED = int(value("trial_numbers"))
_CLASSES = ("container", "ro_ro", "oil_tanker")  # with a cable of its own, with the shore's, and a tanker
_TWIN = {
    "plugs_n": "sockets_n",
    "plug_current_a": "socket_current_a",
    "inlet_from_stern_m": "position_from_m",
    "position_from_m": "inlet_from_stern_m",
    "position_to_m": "position_from_m",
    "length_m": "berth_length_m",
    "berth_length_m": "length_m",
}


def peak_column(demand: str) -> str:
    """Return the column of inlets that tells the peak of a state of demand."""
    return "peak_mw" if demand in {"largest", "alongside"} else f"peak_{demand}_mw"


def lacking(column: str, side: str, demand: str) -> pl.Expr:
    """Return whether a marked row lacks a fact: it is null, and nothing else that is known stands for it.

    Parameters
    ----------
    column, side
        Column of inlets (side ``ship``) or outlets (``berth``).
    demand
        State of demand: of the largest peak nothing is missing where any is stated.
    """
    unknown = pl.col(column).is_null()
    if column in (OF_THE_INLET if side == "ship" else OF_THE_OUTLET):
        unknown &= pl.col("free") == 0
    if side == "ship":
        more = {
            "has_inlet": pl.col("present") == UNKNOWN,
            "frequency_hz": pl.col("hz").is_null() & (pl.col("present") == TRUE),
            "bus_frequency_hz": pl.col("hz").is_null() & (pl.col("present") != TRUE),
            "peak_mw": pl.all_horizontal(pl.col(_STATES).is_null()) if demand == "largest" else pl.lit(value=True),
        }
    else:
        more = {
            "since": (pl.col("state") == "operational") & (pl.col("present") == UNKNOWN),
            **dict.fromkeys(("plant_power_mva", "simultaneity", "outlets_n"), pl.col("plant_id").is_not_null()),
        }
    return (unknown & more.get(column, pl.lit(value=True))).fill_null(value=False)


def trial_values(column: str, inlets: pl.DataFrame, outlets: pl.DataFrame, *, side: str, on: date) -> list[Any]:
    """Return the values of an unknown fact that are tried.

    Parameters
    ----------
    column, side
        Column of inlets (side ``ship``) or outlets (``berth``).
    inlets, outlets
        Both registers, which have the numbers and words that are tried.
    on
        Day of the verdict.

    Returns
    -------
    list
        All words of a column that takes few; else all that either register has and one more; of numbers the limits of
        the table and those that either register has, of many of them six, evenly spaced in rank (of voltages all).

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> trial_values("side", empty("inlets"), empty("outlets"), side="ship", on=date(2026, 11, 1))
    ['port', 'starboard', 'both']
    """
    fixed: dict[str, Any] = {
        "has_inlet": [False, True],
        "cable_on_board": [False, True],
        "ship_class": _CLASSES,
        "kind": list(KINDS),
        "profile": load("connector_profiles")["profile_id"].to_list(),
        "side": ["port", "starboard", "both" if side == "ship" else "either"],
        "cable_provider": ["ship", "shore", "either"],
        "state": ["operational", "none"],
        "since": [on, on + timedelta(days=1)],
        "frequency_hz": [0.0, HZ_50, HZ_60],
        "bus_frequency_hz": [HZ_50, HZ_60],
        "transformer_kv": ["none", *(f"{kv:g}" for kv in outlets["voltage_kv"].drop_nulls().unique().sort())],
    }
    if column in fixed:
        return list(fixed[column])
    twin = _TWIN.get(column, column)
    known = pl.concat([f[c].cast(pl.String) for f in (inlets, outlets) for c in {column, twin} if c in f.columns])
    table = schema("inlets" if side == "ship" else "outlets")[column]
    if table.dtype == pl.String:
        return [*known.drop_nulls().unique().sort(), OTHER]
    numbers = known.cast(pl.Float64).drop_nulls().unique().sort()
    numbers = numbers.filter(numbers.is_between(table.minimum, table.maximum))
    if numbers.len() > _NUMBERS_TRIED and column != "voltage_kv":
        numbers = numbers.gather(np.linspace(0, numbers.len() - 1, _NUMBERS_TRIED).round().astype(int))
    return list(dict.fromkeys([table.minimum, *numbers, table.maximum]))


def agrees(column: str, value: Any, rows: pl.DataFrame) -> pl.Series:
    """Return whether a value goes with what is known of the kind of connection of each row.

    Parameters
    ----------
    column, value
        Column and the value that is tried.
    rows
        Rows with ``kind``, ``profile``, ``frequency_hz`` and ``voltage_kv``.
    """
    told = {"kind": None, "profile": None, "frequency_hz": None, "voltage_kv": None}
    if column not in told:
        return pl.Series([True], dtype=pl.Boolean).new_from_index(0, rows.height)
    kinds = kinds_of(**{**told, column: value})
    return pl.Series((possible_kinds(rows).to_numpy() & kinds) != 0)
