"""A scenario as the arrays of the optimisation, one problem for each of its futures."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sisterport.corridor.build_fuels import emissions, openings, prices, supplies
from sisterport.corridor.build_promises import pledges, promise_accounts
from sisterport.corridor.build_rules import rule_accounts
from sisterport.corridor.build_ships import families_of, groups, sailing, ship_costs, variants_of
from sisterport.corridor.build_shore import connectable, duties, electricity, shore_openings
from sisterport.corridor.problem import Problem, check
from sisterport.corridor.scenario import Future, Scenario
from sisterport.corridor.vessels import efficiency
from sisterport.errors import choose
from sisterport.units import DAYS_PER_YEAR

AS_STATED = Future(
    name="as stated",
    weight=1.0,
    green_price=1.0,
    fossil_price=1.0,
    carbon_price=1.0,
    supply=1.0,
    demand=1.0,
    netzero=None,
    netzero_start=None,
)
"""The scenario's own values."""


def problem_of(scenario: Scenario, *, future: str | None = None) -> Problem:
    """Return the optimisation problem of a scenario.

    Parameters
    ----------
    scenario
        From `read_scenario`.
    future
        Name of one of its futures; None takes the scenario's own values.

    Raises
    ------
    InputError
        If arrays do not fit together: an oil tank that does not hold a round trip.
    MethodError
        If there is no such future.

    Notes
    -----
    Money is that of ``usd_year``; prices of new ships, conversions and openings stay as they are. Speed options are the
    numbers of ships that the scenario allows. The fleet of the first year is that of today. What it costs to keep a
    bunker port or a shore connection open is known to no source here and taken as part of its price.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> problem = problem_of(example("shanghai-los-angeles"))
    >>> problem.families, problem.sizes()["S"], problem.fuels[0]
    (('oil', 'methane', 'methanol', 'ammonia'), 4, 'vlsfo')
    """
    chosen = AS_STATED if future is None else _future(scenario, future)
    years = np.array(scenario.years)
    families, variants = families_of(scenario), variants_of(scenario)
    ports = [port.locode for port in scenario.ports]
    arrays = sailing(scenario)
    fleet = groups(scenario)
    today = np.array([s.ships_options.index(s.ships) for s in scenario.services])
    calls = np.repeat(np.arange(len(scenario.services)), [len(s.ports) for s in scenario.services])
    oil = (arrays["sea_tj"][np.arange(calls.size), 0, today[calls]], arrays["berth_tj"][:, 0])
    region, supply_tj = supplies(scenario, chosen)
    open_musd, open_first = openings(scenario)
    shore_musd, shore_first = shore_openings(scenario)
    shore_usd_gj, shore_t_tj = electricity(scenario)
    duty, duty_usd_gj = duties(scenario)
    return check(
        Problem(
            years=tuple(scenario.years),
            services=tuple(s.id for s in scenario.services),
            ports=tuple(ports),
            families=families,
            fuels=tuple(fuel.id for fuel in scenario.fuels),
            variants=tuple(variant.name for variant in variants),
            discount=(1.0 + scenario.discount_rate) ** -(years - scenario.first_year).astype(np.float64),
            call_service=calls.astype(np.int64),
            call_port=np.array([ports.index(port) for s in scenario.services for port in s.ports], np.int64),
            **arrays,
            ship_days=DAYS_PER_YEAR,
            sailings_min=np.array([DAYS_PER_YEAR / s.days_between for s in scenario.services]),
            demand_teu=chosen.demand
            * np.array([[s.teu_after(y) for y in range(years.size)] for s in scenario.services]),
            variant_family=np.array([families.index(v.family) for v in variants], np.int64),
            **fleet,
            **ship_costs(scenario, fleet["group_end"], fleet["group_service"]),
            new_max=np.array([scenario.ships.new_ships_per_year or max(s.ships_options) for s in scenario.services]),
            life=np.full(len(variants), scenario.ships.life_years),
            fuel_family=np.array([families.index(fuel.family) for fuel in scenario.fuels], np.int64),
            price_usd_gj=prices(scenario, chosen),
            supply_region=region,
            supply_tj=supply_tj,
            open_musd=open_musd,
            open_run_musd=np.zeros((len(ports), len(families))),
            open_first=open_first,
            shore_musd=shore_musd,
            shore_run_musd=np.zeros(len(ports)),
            shore_first=shore_first,
            connect=connectable(scenario),
            shore_usd_gj=shore_usd_gj,
            shore_per_fuel=efficiency("auxiliary_engine", "oil"),
            duty=duty,
            duty_usd_gj=duty_usd_gj,
            fuel_t_tj=emissions(scenario),
            shore_t_tj=shore_t_tj,
            accounts=(*rule_accounts(scenario, chosen, *oil), *promise_accounts(scenario, chosen, *oil)),
            pledges=pledges(scenario),
            words=words_of(scenario),
        )
    )


def problems_of(scenario: Scenario) -> list[tuple[Future, Problem]]:
    """Return the problem of each future of a scenario; of one without futures, that of its own values."""
    if not scenario.futures:
        return [(AS_STATED, problem_of(scenario))]
    return [(future, problem_of(scenario, future=future.name)) for future in scenario.futures]


def without_promises(scenario: Scenario) -> Scenario:
    """Return the scenario without targets, promises and budget: what a plan costs beyond its plan is what they cost.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> [account.name for account in problem_of(without_promises(example("shanghai-hamburg"))).accounts]
    ['FuelEU Maritime', 'EU ETS']
    """
    return replace(scenario, targets=replace(scenario.targets, cut={}), agreements=(), budget_musd=None)


def _future(scenario: Scenario, name: str) -> Future:
    names = [future.name for future in scenario.futures]
    choose("future", name, names)
    return scenario.futures[names.index(name)]


def words_of(scenario: Scenario) -> Mapping[str, str]:
    """Return what the file calls each requirement, for those who have to read why no plan exists.

    Examples
    --------
    >>> from sisterport.corridor.examples import example
    >>> words_of(example("shanghai-los-angeles"))["account:cut"][:40]
    '[targets] cut: 10 % from 2030, 30 % from'
    """
    cut = ", ".join(f"{share:.0%} from {year}".replace("%", " %") for year, share in scenario.targets.cut.items())
    found = {"account:cut": f"[targets] cut: {cut}", "account:carbon price": "[rules] carbon_usd_per_t"}
    rules = {"FuelEU Maritime": "fueleu", "EU ETS": "ets"}
    rules |= {f"Net-Zero Framework, tier {tier}": "netzero" for tier in (1, 2)}
    found |= {f"account:{name}": f"[rules] {key}" for name, key in rules.items()}
    for agreement in scenario.agreements:
        asked = f"{agreement.ships} ships" if agreement.ships else f"{agreement.energy_share:.0%} of the energy"
        text = f"[[agreement]] {agreement.name}: {asked} on green fuel ({agreement.threshold}) from {agreement.year}"
        found |= {f"account:{agreement.name}": text, f"pledge:{agreement.name}": text}
    for service in scenario.services:
        place = f"[[service]] {service.id}"
        grows = f", teu_growth_per_year = {service.teu_growth:g}" if service.teu_growth else ""
        found[f"demand:{service.id}"] = f"{place} teu_per_year = {service.teu_per_year:,.0f}{grows}"
        found[f"frequency:{service.id}"] = f"{place} days_between_departures = {service.days_between:g}"
        found[f"new:{service.id}"] = f"{place}, [ships] new_ships_per_year, ships_from"
    for fuel in dict.fromkeys(row.fuel for row in scenario.supply):
        ports = ", ".join(row.port for row in scenario.supply if row.fuel == fuel)
        found[f"supply:{fuel}"] = f"[[supply]] {fuel} in {ports}: t_per_year"
    for port in scenario.ports:
        place = f"[[port]] {port.locode}"
        found[f"duty:{port.locode}"] = f"{place} shore_power_share, and [rules] at_berth, china, afir, fueleu"
        found[f"shore:{port.locode}"] = f"{place} shore_power_from, shore_power_musd"
        for family in families_of(scenario):
            found[f"open:{port.locode}:{family}"] = f"{place} bunkers_from, bunker_musd: {family}"
    if scenario.budget_musd is not None:
        found["budget"] = f"[budget] musd = {scenario.budget_musd:g}"
    return found
