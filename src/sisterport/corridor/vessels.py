"""What a ship of a class needs on a leg and at berth: work of engines and boilers, and the fuel behind it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sisterport.corridor.itinerary import Timetable
from sisterport.corridor.scenario import ShipFacts
from sisterport.errors import ReferenceDataError
from sisterport.fuels import converter_value, pilot_share_min, properties, propulsion_power_mw
from sisterport.reference import load
from sisterport.units import KWH_PER_MJ

GJ_PER_TJ = 1e3
_GJ_PER_MWH = 1.0 / KWH_PER_MJ
_STANDS_FOR = {"oil": "vlsfo", "methane": "lng", "methanol": "methanol", "ammonia": "ammonia"}
"""A fuel of each family, by which the tables of equipment know it."""
_HYDROGEN = "liquid_hydrogen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What engines and boilers have to give [MWh]: at the shaft, as electricity, as heat."""

    shaft_mwh: float
    electric_mwh: float
    heat_mwh: float

    def __add__(self, other: "Work") -> "Work":
        """Return the sum of two pieces of work."""
        return Work(
            shaft_mwh=self.shaft_mwh + other.shaft_mwh,
            electric_mwh=self.electric_mwh + other.electric_mwh,
            heat_mwh=self.heat_mwh + other.heat_mwh,
        )


@cache
def classes() -> dict[str, dict[str, Any]]:
    """Return the vessel classes that have a speed curve, with their row of ``vessel_classes``.

    Examples
    --------
    >>> list(classes())
    ['container_8000_teu', 'container_15000_teu']
    """
    curves = [c.replace("power", "container").removesuffix("_mw") for c in load("speed_power_container").columns]
    return {row["vessel_class"]: row for row in load("vessel_classes").to_dicts() if row["vessel_class"] in curves}


def family_fuel(family: str) -> str:
    """Return the fuel that stands for a family in the tables of equipment.

    Examples
    --------
    >>> family_fuel("methane"), family_fuel("hydrogen")
    ('lng', 'liquid_hydrogen')
    """
    return _STANDS_FOR.get(family, _HYDROGEN)


def efficiency(equipment: str, family: str) -> float:
    """Return the efficiency of an engine on a family of fuels [-].

    Hydrogen auxiliaries and boilers on other fuels than oil have no row: those of ammonia and of oil are taken.

    Parameters
    ----------
    equipment
        ``propulsion_engine``, ``auxiliary_engine`` or ``boiler``.
    family
        ``oil``, ``methane``, ``methanol``, ``ammonia`` or ``hydrogen``.

    Examples
    --------
    >>> efficiency("propulsion_engine", "methanol"), efficiency("boiler", "methanol")
    (0.528, 0.85)
    """
    if equipment == "boiler":
        family = "oil"
    elif equipment == "auxiliary_engine" and family == "hydrogen":
        family = "ammonia"
    return float(converter_value(equipment, family_fuel(family), "efficiency")["value"])


def pilot_share(family: str) -> float:
    """Return the least share of oil in the energy of engines of a family [-]; of hydrogen none is known: none is taken.

    Examples
    --------
    >>> pilot_share("methanol"), pilot_share("oil"), pilot_share("hydrogen")
    (0.05, 0.0, 0.0)
    """
    return 0.0 if family == "hydrogen" else pilot_share_min(family_fuel(family))


def fuel_energy_gj(work: Work, family: str) -> float:
    """Return the fuel energy behind some work [GJ].

    Parameters
    ----------
    work
        What engines and boilers give.
    family
        Family of the fuel.

    References
    ----------
    Efficiencies: navigate-zcs, table ``converters_tanks`` (secondary; boiler unverified).

    Examples
    --------
    >>> round(fuel_energy_gj(Work(shaft_mwh=51.4, electric_mwh=0.0, heat_mwh=0.0), "oil"), 6)
    360.0
    """
    parts = (
        (work.shaft_mwh, "propulsion_engine"),
        (work.electric_mwh, "auxiliary_engine"),
        (work.heat_mwh, "boiler"),
    )
    return _GJ_PER_MWH * sum(mwh / efficiency(equipment, family) for mwh, equipment in parts)


def leg_work(vessel_class: str, plan: Timetable, ships: ShipFacts) -> tuple[Work, ...]:
    """Return the work of one ship on each leg of its round trip.

    The buffer is spread evenly over the legs: there only electricity and heat are counted.

    Parameters
    ----------
    vessel_class
        Class of table ``vessel_classes`` with a speed curve.
    plan
        Its timetable.
    ships
        Margin over the speed curve.

    References
    ----------
    Loads: MIT_NavigaTE_inputs, table ``vessel_classes``; curve: navigate-zcs, table ``speed_power_container``.
    """
    row = classes()[vessel_class]
    power = propulsion_power_mw(vessel_class, plan.speed_kn) * (1.0 + ships.sea_margin)
    buffer = plan.buffer_h / len(plan.sea_h)
    return tuple(
        Work(
            shaft_mwh=power * hours,
            electric_mwh=row["electric_load_sea_mw"] * (hours + buffer),
            heat_mwh=row["heat_load_sea_mw"] * (hours + buffer),
        )
        for hours in plan.sea_h
    )


def berth_work(vessel_class: str, plan: Timetable) -> tuple[Work, ...]:
    """Return the work of one ship at berth at each port of its round trip; only the electricity can come from shore."""
    row = classes()[vessel_class]
    return tuple(
        Work(
            shaft_mwh=0.0,
            electric_mwh=row["electric_load_port_mw"] * hours,
            heat_mwh=row["heat_load_port_mw"] * hours,
        )
        for hours in plan.berth_h
    )


def tank_gj(vessel_class: str, fuel: str, *, reserve: float, more_m3: float = 0.0) -> float:
    """Return the energy that a tank of the class's size holds of a fuel, without the reserve [GJ].

    Parameters
    ----------
    vessel_class
        Class of table ``vessel_classes``.
    fuel
        Code of a fuel with a known density.
    reserve
        Share that may not be counted on [-].
    more_m3
        Volume added to the tank of today [m3].

    Examples
    --------
    >>> oil, green = (tank_gj("container_15000_teu", fuel, reserve=0.0) for fuel in ("vlsfo", "methanol"))
    >>> round(oil / green, 2)
    2.45
    """
    per_m3 = properties(fuel).energy_density_mj_per_l  # MJ/L is GJ/m3
    if per_m3 is None:
        raise ReferenceDataError(f"no density of '{fuel}' is known, so no tank can be sized for it")
    return float((classes()[vessel_class]["main_tank_m3"] + more_m3) * per_m3 * (1.0 - reserve))
