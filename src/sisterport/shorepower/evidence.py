"""What each check rests on: which columns of which side, what of them is missing, and it all in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sisterport.shorepower.checks import (
    CABLE,
    DOCUMENTS,
    FREQUENCY,
    INLET,
    KIND,
    OUTLET,
    PLUGS,
    POWER,
    PROTECTION,
    REACH,
    TIME,
    VOLTAGE,
    ZONE,
)
from sisterport.shorepower.marking import OF_THE_INLET, OF_THE_OUTLET
from sisterport.shorepower.profiles import passport
from sisterport.tables import schema

Row = Mapping[str, Any]

SHIP_FACTS: dict[int, tuple[str, ...]] = {
    KIND: ("kind", "profile"),
    INLET: ("has_inlet",),
    VOLTAGE: ("voltage_kv", "transformer_kv"),
    FREQUENCY: ("frequency_hz", "bus_frequency_hz"),
    POWER: ("power_factor", "plugs_n", "plug_current_a", "transformer_mva"),
    PLUGS: ("connector", "plugs_n", "plug_current_a", "power_factor"),
    CABLE: ("ship_class", "cable_on_board"),
    REACH: ("side", "inlet_from_stern_m", "length_m", "cable_length_m", "height_min_m", "height_max_m"),
    PROTECTION: ("short_circuit_ka", "neutral", "pilots_n"),
    ZONE: ("ship_class", "zone_concept", "connection_position"),
    DOCUMENTS: ("comms_level", "standard_edition"),
}
"""Columns of inlets that a check asks for; the peak of the state of demand comes on top in checks 6 and 7."""

BERTH_FACTS: dict[int, tuple[str, ...]] = {
    KIND: ("kind", "profile"),
    OUTLET: ("state", "since", "until"),
    VOLTAGE: ("voltage_kv",),
    FREQUENCY: ("frequency_hz", "pair"),
    POWER: (
        *("power_mva", "power_mva_high", "voltage_kv", "socket_current_a", "sockets_n"),
        *("plant_id", "plant_power_mva", "simultaneity", "outlets_n"),
    ),
    PLUGS: ("connector", "sockets_n", "socket_current_a", "voltage_kv"),
    CABLE: ("cable_provider",),
    REACH: ("side", "position_from_m", "position_to_m", "berth_length_m", "reach_m", "height_min_m", "height_max_m"),
    PROTECTION: ("short_circuit_ka", "neutral", "pilots_n"),
    ZONE: ("zone_concept", "connection_position"),
    TIME: ("t_connect_h", "t_disconnect_h"),
    DOCUMENTS: ("comms_level", "standard_edition"),
}
"""Columns of outlets that a check asks for."""

_NOT_NEEDED = {
    *("bus_frequency_hz", "power_mva_high", "peak_mw_high", "until", "plant_id", "comms_level", "standard_edition"),
}
_OF_A_PLANT = ("plant_power_mva", "simultaneity", "outlets_n")
_PEAKS = {
    "largest": ("peak_mw", "peak_mw_high", "peak_cargo_mw", "peak_reefers_mw", "peak_passengers_mw"),
    "alongside": ("peak_mw", "peak_mw_high"),
    "cargo": ("peak_cargo_mw",),
    "reefers": ("peak_reefers_mw",),
    "passengers": ("peak_passengers_mw",),
}
_POWER_CHECKS = (POWER, PLUGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A known fact and where it comes from.

    Attributes
    ----------
    side, column, value, unit
        ``ship`` or ``berth``, column of inlets or outlets, its value and unit.
    source, status, confidence, seen_on
        Of the value itself where it has its own, else of its row.
    """

    side: str
    column: str
    value: Any
    unit: str
    source: str | None
    status: str | None
    confidence: str | None
    seen_on: date | None

    def __str__(self) -> str:
        """Return it as in a sentence."""
        name = self.column.removesuffix(f"_{self.unit.lower()}") if self.unit else self.column
        if isinstance(self.value, bool):
            return f"{name} {'yes' if self.value else 'no'}"
        number = f"{self.value:g}" if isinstance(self.value, float) else str(self.value)
        return f"{name} {number} {self.unit}".rstrip()


def columns_of(check: int, side: str, demand: str) -> tuple[str, ...]:
    """Return the columns of one side that a check asks for.

    Examples
    --------
    >>> columns_of(6, "ship", "cargo")
    ('peak_cargo_mw', 'power_factor', 'plugs_n', 'plug_current_a', 'transformer_mva')
    """
    if side == "berth":
        return BERTH_FACTS.get(check, ())
    return (*(_PEAKS[demand] if check in _POWER_CHECKS else ()), *SHIP_FACTS.get(check, ()))


def facts_of(check: int, inlet: Row, outlet: Row, demand: str) -> tuple[Fact, ...]:
    """Return the known facts that a check rests on."""
    found = []
    for side, row, units in (("ship", inlet, schema("inlets")), ("berth", outlet, schema("outlets"))):
        for column in columns_of(check, side, demand):
            known = passport(row, column)
            if known.value is not None:
                found.append(
                    Fact(
                        side=side,
                        column=column,
                        value=known.value,
                        unit=units[column].unit,
                        source=known.source,
                        status=known.status,
                        confidence=known.confidence,
                        seen_on=known.seen_on,
                    )
                )
    return tuple(found)


def missing_of(check: int, inlet: Row, outlet: Row, demand: str, *, transformer: bool) -> tuple[str, ...]:
    """Return the facts that are missing where a check is unknown, as ``side: column``; not all of them may be needed.

    Parameters
    ----------
    check
        Number of a check that is unknown.
    inlet, outlet
        Rows as prepared.
    demand
        State of demand.
    transformer
        A transformer on board may limit the power.
    """
    peaks = _PEAKS[demand]
    stated = any(inlet[column] is not None for column in peaks)
    found = [
        f"{side}: {column}"
        for side, row in (("ship", inlet), ("berth", outlet))
        for column in columns_of(check, side, demand)
        if is_missing(row, column)
        and not (column in peaks and (stated or column != peaks[0]))
        and (column != "transformer_mva" or transformer)
    ]
    if not found and check in _POWER_CHECKS:  # then a range is too wide
        ranges = (("ship: peak_mw", inlet["peak_mw_high"]), ("berth: power_mva", outlet["power_mva_high"]))
        found = [name for name, high in ranges if high is not None]
    return tuple(found or ["berth: state"])


def is_missing(row: Row, column: str) -> bool:
    """Return whether a fact is unknown that a check needs; what another fact makes needless is not missing."""
    if column == "pair":
        return bool(row["pair"] == "possible")
    own = OF_THE_OUTLET if "outlet_id" in row else OF_THE_INLET
    if column in _NOT_NEEDED or row[column] is not None or (row["free"] and column in own):
        return False
    if column in _OF_A_PLANT:
        return row["plant_id"] is not None
    if column == "frequency_hz":
        return row["hz"] is None
    if column == "since":
        return bool(row["state"] == "operational")
    return True
