"""Ships of a scenario as arrays: variants and their tanks, energy per call, ships of today, what others cost."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sisterport.corridor.itinerary import timetable
from sisterport.corridor.scenario import Scenario, Service
from sisterport.corridor.scenario_tables import FAMILIES
from sisterport.corridor.vessels import (
    GJ_PER_TJ,
    berth_work,
    classes,
    family_fuel,
    fuel_energy_gj,
    leg_work,
    pilot_share,
    tank_gj,
)
from sisterport.errors import ReferenceDataError
from sisterport.fuels import conversion_cost_usd, converter_value, properties
from sisterport.reference import load, value
from sisterport.units import DAYS_PER_YEAR, PER_CENT, USD_PER_MUSD

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A family of fuels with a size of tank.

    Attributes
    ----------
    family : str
        Family of the fuel.
    cargo_share : float
        Share of the cargo space that its tank takes beside the room of today's tanks [-].
    """

    family: str
    cargo_share: float

    @property
    def name(self) -> str:
        """What a plan calls it."""
        if self.family == "oil":
            return "oil"
        return f"{self.family}, {self.cargo_share / PER_CENT:g} % of cargo" if self.cargo_share else self.family


def families_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the families of the scenario's fuels, oil first.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> families_of(example("shanghai-los-angeles"))
    ('oil', 'methane', 'methanol', 'ammonia')
    """
    present = {fuel.family for fuel in scenario.fuels}
    return tuple(family for family in FAMILIES if family == "oil" or family in present)


def variants_of(scenario: Scenario) -> tuple[Variant, ...]:
    """Return the variants that a plan may choose from: each family with today's tank room, and with some cargo space.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> [variant.name for variant in variants_of(example("shanghai-los-angeles"))][:4]
    ['oil', 'methane', 'methane, 5 % of cargo', 'methanol']
    """
    sizes = sorted({0.0, PER_CENT * scenario.cargo_pct})
    return tuple(
        Variant(family=family, cargo_share=share)
        for family in families_of(scenario)
        for share in (sizes if family != "oil" else [0.0])
    )


def room_m3(scenario: Scenario, service: Service, variant: Variant) -> tuple[float, float]:
    """Return the volume of a variant's own tank and of its oil tank [m3].

    A dual-fuel ship keeps an oil tank for a round trip with the scenario's reserve, so it can always go back to oil;
    its own tank has the rest of today's room and the cargo space that the variant gives it.
    """
    whole = float(classes()[service.vessel_class]["main_tank_m3"])
    if variant.family == "oil":
        return whole, whole
    per_m3 = properties(family_fuel("oil")).energy_density_mj_per_l or 1.0  # MJ/L is GJ/m3
    oil = round_trip_gj(scenario, service) / per_m3 / (1.0 - scenario.ships.tank_reserve)
    oil = min(oil, whole)
    more = variant.cargo_share * service.capacity_teu * value("teu_volume_m3")
    return whole - oil + more, oil


def round_trip_gj(scenario: Scenario, service: Service) -> float:
    """Return the fuel energy of the dearest round trip on oil: that of the fewest ships [GJ]."""
    plan = timetable(service, ships=min(service.ships_options), closed=scenario.closed)
    works = [*leg_work(service.vessel_class, plan, scenario.ships), *berth_work(service.vessel_class, plan)]
    return sum(fuel_energy_gj(work, "oil") for work in works)


def sailing(scenario: Scenario) -> dict[str, Any]:
    """Return the arrays of rotations: days, sea_tj, berth_tj, tank_tj, teu, pilot and the demand's fixed part.

    Speed options are numbers of ships, each with its days and energy; a service with fewer options than another repeats
    its slowest.
    """
    variants = variants_of(scenario)
    most = max(len(service.ships_options) for service in scenario.services)
    days, sea, berth, tanks, teu = [], [], [], [], []
    for service in scenario.services:
        options = [*service.ships_options, *[service.ships_options[-1]] * (most - len(service.ships_options))]
        plans = [timetable(service, ships=count, closed=scenario.closed) for count in options]
        days.append([plan.round_trip_days for plan in plans])
        at_sea = [leg_work(service.vessel_class, plan, scenario.ships) for plan in plans]
        at_berth = berth_work(service.vessel_class, plans[0])
        for call in range(len(service.ports)):
            sea.append([[fuel_energy_gj(works[call], v.family) / GJ_PER_TJ for works in at_sea] for v in variants])
            berth.append([fuel_energy_gj(at_berth[call], v.family) / GJ_PER_TJ for v in variants])
        tanks.append([_tank_tj(scenario, service, v) for v in variants])
        teu.append([service.capacity_teu * (1.0 - v.cargo_share) for v in variants])
    return {
        "days": np.array(days),
        "sea_tj": np.array(sea),
        "berth_tj": np.array(berth),
        "tank_tj": np.array(tanks),
        "teu": np.array(teu),
        "pilot": np.array([pilot_share(v.family) for v in variants]),
    }


def _tank_tj(scenario: Scenario, service: Service, variant: Variant) -> float:
    room, _ = room_m3(scenario, service, variant)
    whole = float(classes()[service.vessel_class]["main_tank_m3"])
    reserve = scenario.ships.tank_reserve
    fuel = family_fuel(variant.family)
    return tank_gj(service.vessel_class, fuel, reserve=reserve, more_m3=room - whole) / GJ_PER_TJ


def groups(scenario: Scenario) -> dict[str, Any]:
    """Return the ships of today by service and age; none ends before the second year, the first is as it is."""
    rows = [
        (number, built, service.build_years.count(built))
        for number, service in enumerate(scenario.services)
        for built in sorted(set(service.build_years))
    ]
    ends = [max(1, built + scenario.ships.life_years - scenario.first_year) for _, built, _ in rows]
    return {
        "group_service": np.array([number for number, _, _ in rows], np.int64),
        "group_variant": np.zeros(len(rows), np.int64),
        "group_ships": np.array([count for _, _, count in rows], np.int64),
        "group_end": np.array(ends, np.int64),
    }


def ship_costs(scenario: Scenario, ends: NDArray[np.int64], services: NDArray[np.int64]) -> dict[str, Any]:
    """Return new_musd, own_musd, charter_musd and convert_musd, each less what is left of it after the last year.

    What is left is the straight-line part of the price for the years beyond the horizon, discounted to the year of the
    payment. Nothing is delivered or converted in the first year: the fleet of today is as it is.

    Parameters
    ----------
    scenario
        The scenario.
    ends, services
        Of the groups: index of the first year without them, and their service.
    """
    variants, count = variants_of(scenario), len(scenario.years)
    shape = (len(scenario.services), len(variants), count)
    new, own = np.full(shape, np.inf), np.zeros(shape)
    convert = np.full((len(ends), len(variants), count), np.inf)
    for s, service in enumerate(scenario.services):
        for v, variant in enumerate(variants):
            more, upkeep = premium_musd(scenario, service, variant)
            price = (scenario.ships.ship_musd or classes()[service.vessel_class]["capex_usd"] / USD_PER_MUSD) + more
            own[s, v] = classes()[service.vessel_class]["opex_usd_per_year"] / USD_PER_MUSD + upkeep
            first = _first_ships(scenario, variant)
            for y in range(first, count):
                new[s, v, y] = price * (1.0 - left_over(y, y + scenario.ships.life_years, scenario))
            cost = conversion_musd(service, variant)
            for g in np.flatnonzero(services == s):
                for y in range(first, min(count, int(ends[g]))):
                    convert[g, v, y] = cost * (1.0 - left_over(y, int(ends[g]), scenario))
    charter = np.full(shape, scenario.ships.charter_out_usd_per_day * DAYS_PER_YEAR / USD_PER_MUSD)
    return {"new_musd": new, "own_musd": own, "charter_musd": charter, "convert_musd": convert}


def _first_ships(scenario: Scenario, variant: Variant) -> int:
    """Return the index of the first year in which ships of a variant can be delivered or converted."""
    return max(1, scenario.ships.ships_from.get(variant.family, 0) - scenario.first_year)


def left_over(start: int, end: int, scenario: Scenario) -> float:
    """Return the share of a price of year `start` that is left after the horizon, for a life up to `end` (indices).

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> scenario = example("shanghai-los-angeles")
    >>> left_over(0, 25, scenario), round(left_over(15, 40, scenario), 3)
    (0.0, 0.278)
    """
    count = len(scenario.years)
    after = max(0, end - count) / (end - start)
    return float(after * (1.0 + scenario.discount_rate) ** -(count - start))


def premium_musd(scenario: Scenario, service: Service, variant: Variant) -> tuple[float, float]:
    """Return what a ship costs more than one on oil, once and per year [MUSD].

    Engines x power + supply system + tanks x their prices, less the same on oil; a share of supply system and tank per
    year. The supply system of 15,000 TEU stands for all classes.

    References
    ----------
    navigate-zcs assumptions/defaults, table ``converters_tanks`` (secondary; hydrogen unverified).
    """
    if variant.family == "oil":
        return 0.0, 0.0
    own_m3, oil_m3 = room_m3(scenario, service, variant)
    whole = float(classes()[service.vessel_class]["main_tank_m3"])
    machinery = _engines_musd(service, variant.family) - _engines_musd(service, "oil")
    system = (
        _capex("supply_system_15000_teu", variant.family) - _capex("supply_system_15000_teu", "oil")
    ) / USD_PER_MUSD
    oil_price = _capex("tank_15000_teu", "oil")
    tanks = (own_m3 * _tank_price(variant.family) + (oil_m3 - whole) * oil_price) / USD_PER_MUSD
    share = float(converter_value_any("tank", "opex_share_of_capex"))
    return machinery + system + tanks, share * (system + tanks)


def conversion_musd(service: Service, variant: Variant) -> float:
    """Return the cost of converting an oil ship to a variant [MUSD]; infinite where no source has one.

    A tank in the cargo space costs its volume beside the conversion of the table.
    """
    if variant.family == "oil":
        return float("inf")
    try:
        plain = conversion_cost_usd(service.vessel_class, family_fuel(variant.family))["cost_usd"] / USD_PER_MUSD
    except ReferenceDataError:
        return float("inf")
    more = variant.cargo_share * service.capacity_teu * value("teu_volume_m3")
    return float(plain + more * _tank_price(variant.family) / USD_PER_MUSD)


def _engines_musd(service: Service, family: str) -> float:
    row = classes()[service.vessel_class]
    auxiliary = "ammonia" if family == "hydrogen" else family  # no row of its own, as efficiency
    main = row["propulsion_mw"] * _capex("propulsion_engine", family)
    return float((main + row["auxiliary_mw"] * _capex("auxiliary_engine", auxiliary)) / USD_PER_MUSD)


def _tank_price(family: str) -> float:
    """Return the price of a tank [USD/m3]."""
    if family == "hydrogen":
        return float(converter_value_any("tank", "capex", family="liquid_hydrogen"))
    return _capex("tank_15000_teu", family)


def _capex(equipment: str, family: str) -> float:
    return float(converter_value(equipment, family_fuel(family), "capex")["value"])


def converter_value_any(equipment: str, item: str, *, family: str = "any") -> float:
    """Return a value of ``converters_tanks`` that stands for any family, or for one that no fuel names.

    Examples
    --------
    >>> converter_value_any("tank", "opex_share_of_capex")
    0.01
    """
    return float(load("converters_tanks").filter(equipment=equipment, item=item, fuel_family=family)["value"].item())
