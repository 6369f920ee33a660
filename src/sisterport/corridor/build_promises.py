"""The scenario's own price on emissions, its cut and its promises, as accounts and pledges."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sisterport.corridor.baseline import baseline
from sisterport.corridor.build_fuels import emissions
from sisterport.corridor.build_scope import boundary_scope, no_shore, pool_of
from sisterport.corridor.build_ships import variants_of
from sisterport.corridor.build_shore import electricity
from sisterport.corridor.fuel_factors import green
from sisterport.corridor.problem import Account, Pledge
from sisterport.corridor.scenario import Agreement, Future, Scenario, at_year
from sisterport.corridor.vessels import pilot_share

Floats = NDArray[np.float64]
NOT_IN_FORCE = np.nan
"""Price of an account in years in which it asks nothing."""


def promise_accounts(scenario: Scenario, future: Future, sea_tj: Floats, berth_tj: Floats) -> Iterator[Account]:
    """Yield the accounts of the scenario's own carbon price, its cut and its promises; see `build_rules`."""
    yield from _carbon(scenario, future)
    yield from _cut(scenario, sea_tj, berth_tj)
    for agreement in scenario.agreements:
        yield _share(scenario, agreement)


def _carbon(scenario: Scenario, future: Future) -> Iterator[Account]:
    steps = scenario.rules.carbon_usd_per_t
    if not steps:
        return
    price = np.array([at_year(steps, year, NOT_IN_FORCE) for year in scenario.years]) * future.carbon_price
    yield Account(
        name="carbon price",
        fuel=emissions(scenario),
        shore=electricity(scenario)[1],
        limit=np.zeros((1, len(scenario.years))),
        price_usd=price,
        pool=np.zeros(len(scenario.services), np.int64),
    )


def _cut(scenario: Scenario, sea_tj: Floats, berth_tj: Floats) -> Iterator[Account]:
    """Yield the cut against the baseline within the scenario's boundary."""
    targets = scenario.targets
    if not targets.cut:
        return
    today = float(baseline(scenario)[f"co2e_{targets.measure}_t_per_year"].sum())
    cut = np.array([at_year(targets.cut, year, NOT_IN_FORCE) for year in scenario.years])
    price = np.inf if targets.kind == "hard" else float(targets.usd_per_t or 0.0)
    counts = boundary_scope(scenario)
    shore = electricity(scenario)[1] * counts.at_ports(scenario, berth_tj)
    scope = counts.mean(sea_tj, berth_tj)
    pool = pool_of(scenario, scope)
    inside = np.repeat(pool == 0, [len(service.ports) for service in scenario.services])
    yield Account(
        name="cut",
        fuel=emissions(scenario, measure=targets.measure),
        shore=shore if targets.measure == "wtw" else no_shore(scenario),
        limit=np.nan_to_num(today * (1.0 - cut))[None, :],
        baseline_t=today,
        price_usd=np.where(np.isfinite(cut), price, NOT_IN_FORCE),
        pool=pool,
        scope=None if (scope[inside] == 1.0).all() else scope,
    )


def greens(scenario: Scenario, agreement: Agreement) -> list[bool]:
    """Return which fuels are green by the threshold of a promise in its year: by certified intensity, never by name."""
    return [green(f, scenario, year=agreement.year, threshold=agreement.threshold)[0] for f in scenario.fuels]


def _share(scenario: Scenario, agreement: Agreement) -> Account:
    """Return a share of the energy on green fuel; promised ships have to burn it too, but for their pilot fuel."""
    counted = np.array(greens(scenario, agreement))
    of = np.array([agreement.service in {"", service.id} for service in scenario.services])
    share = agreement.energy_share
    if agreement.ships:
        fleet = sum(service.ships for service, own in zip(scenario.services, of, strict=True) if own)
        share = agreement.ships / fleet * (1.0 - _pilot_of(scenario, counted))
    rate = np.where(counted, share - 1.0, share)
    years = np.array(scenario.years) >= agreement.year
    return Account(
        name=agreement.name,
        fuel=np.repeat(rate[:, None], len(scenario.years), axis=1),
        shore=no_shore(scenario),
        limit=np.zeros((1, len(scenario.years))),
        price_usd=np.where(years, np.inf, NOT_IN_FORCE),
        pool=np.where(of, 0, -1).astype(np.int64),
    )


def _pilot_of(scenario: Scenario, counted: NDArray[np.bool_]) -> float:
    """Return the largest pilot share of the families of green fuels: they may be burnt in any of them."""
    families = {fuel.family for fuel, own in zip(scenario.fuels, counted, strict=True) if own}
    return max((pilot_share(family) for family in families), default=0.0)


def pledges(scenario: Scenario) -> tuple[Pledge, ...]:
    """Return the ships that promises ask for: of a family that has a fuel which is green by the promise's threshold."""
    found = []
    families = [variant.family for variant in variants_of(scenario)]
    for agreement in scenario.agreements:
        if not agreement.ships:
            continue
        counted = greens(scenario, agreement)
        able = {fuel.family for fuel, own in zip(scenario.fuels, counted, strict=True) if own}
        services = [agreement.service in {"", service.id} for service in scenario.services]
        found.append(
            Pledge(
                name=agreement.name,
                services=np.array(services),
                variants=np.array([family in able for family in families]),
                from_year=agreement.year - scenario.first_year,
                ships=agreement.ships,
            )
        )
    return tuple(found)
