"""Fuels of a scenario as arrays: prices on board, supply, bunker openings, and what they emit."""

import numpy as np
from numpy.typing import NDArray

from sisterport.corridor.build_ships import families_of
from sisterport.corridor.fuel_factors import factors
from sisterport.corridor.scenario import Fuel, Future, PortFacts, Scenario, Supply, at_year
from sisterport.corridor.vessels import GJ_PER_TJ
from sisterport.fuels import WellToWake, price

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def own_factors(scenario: Scenario, fuel: Fuel, *, below_criteria: str = "as_certified") -> WellToWake:
    """Return the well-to-wake factors of a fuel of the scenario."""
    engine = scenario.ships.methane_engine
    return factors(fuel, methane_engine=engine, gwp=scenario.gwp, below_criteria=below_criteria)


def prices(scenario: Scenario, future: Future) -> Floats:
    """Return the price of each fuel in each port and year, delivered on board [USD/GJ]; infinite where it is not sold.

    Growth is of the fuel's own price; transport, storage and bunkering stay as they are.
    """
    ports = [port.locode for port in scenario.ports]
    out = np.full((len(scenario.fuels), len(ports), len(scenario.years)), np.inf)
    for f, fuel in enumerate(scenario.fuels):
        factor = future.fossil_price if fuel.fuel_class == "fossil" else future.green_price
        if fuel.everywhere:
            out[f] = _series(scenario, fuel, None) * factor
        for row in scenario.supply:
            if row.fuel == fuel.id:
                out[f, ports.index(row.port)] = _series(scenario, fuel, row) * factor
    return out


def _series(scenario: Scenario, fuel: Fuel, supply: Supply | None) -> Floats:
    """Return the price of a fuel by year [USD/GJ]."""
    years = np.array(scenario.years)
    if fuel.usd_per_gj is not None:
        return np.asarray(fuel.usd_per_gj * (1.0 + fuel.price_growth) ** (years - fuel.price_year))
    if supply is None:
        raise ValueError(f"fuel {fuel.id} has neither a price nor a supply")  # the reader refuses such a file
    model = price(
        fuel.fuel,
        year=scenario.first_year,
        region=supply.made_in,
        pathway_type=fuel.pathway_type,
        growth_per_year=0.0,
        delivery_usd_per_t=supply.delivery_usd_per_t,
        handling_usd_per_t=supply.handling_usd_per_t,
    )
    extras = model.total_usd_per_gj - model.base_usd_per_gj
    return np.asarray(model.base_usd_per_gj * (1.0 + fuel.price_growth) ** (years - model.base_year) + extras)


def supplies(scenario: Scenario, future: Future) -> tuple[Ints, Floats]:
    """Return the row of the supply that limits each fuel in each port (-1: none does), and the supply by year [TJ]."""
    ports, fuels = [port.locode for port in scenario.ports], [fuel.id for fuel in scenario.fuels]
    region = np.full((len(fuels), len(ports)), -1, np.int64)
    tj = np.zeros((len(scenario.supply), len(scenario.years)))
    for number, row in enumerate(scenario.supply):
        f = fuels.index(row.fuel)
        region[f, ports.index(row.port)] = number
        per_t = own_factors(scenario, scenario.fuels[f]).lcv_mj_per_kg / GJ_PER_TJ  # GJ/t is MJ/kg
        tj[number] = [at_year(row.t_per_year, year) * per_t * future.supply for year in scenario.years]
    return region, tj


def openings(scenario: Scenario) -> tuple[Floats, Ints]:
    """Return the cost of opening bunkering by port, family and year [MUSD], and the first year possible.

    -1: open from the start; the number of years: never. A port that bunkers a family from a later year on opens then at
    no cost.
    """
    families, never = families_of(scenario), len(scenario.years)
    cost = np.full((len(scenario.ports), len(families), never), np.inf)
    first = np.full((len(scenario.ports), len(families)), never, np.int64)
    for p, port in enumerate(scenario.ports):
        for t, family in enumerate(families):
            cost[p, t], first[p, t] = _opening(port, family, scenario)
    return cost, first


def _opening(port: PortFacts, family: str, scenario: Scenario) -> tuple[float, int]:
    never = len(scenario.years)
    if family == "oil":
        return 0.0, -1
    if family in port.bunkers_from:
        index = port.bunkers_from[family] - scenario.first_year
        return 0.0, -1 if index <= 0 else min(index, never)
    return (port.bunker_musd[family], 0) if family in port.bunker_musd else (0.0, never)


def emissions(scenario: Scenario, *, measure: str = "wtw") -> Floats:
    """Return what a TJ of each fuel emits [t/TJ], the same in every year.

    Parameters
    ----------
    scenario
        The scenario.
    measure
        ``wtw`` (well to wake) or ``ttw`` (tank to wake).
    """
    every = [own_factors(scenario, fuel) for fuel in scenario.fuels]
    rate = [own.wtw_g_per_mj if measure == "wtw" else own.ttw_g_per_mj for own in every]  # g/MJ is t/TJ
    return np.repeat(np.array(rate)[:, None], len(scenario.years), axis=1)
