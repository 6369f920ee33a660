"""FuelEU Maritime, EU ETS and Net-Zero Framework as accounts: what counts, what is free, what the rest costs.

Every factor comes from ``rules`` and ``fuels``; here they are only put side by side.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.corridor.build_fuels import emissions, own_factors
from sisterport.corridor.build_promises import NOT_IN_FORCE
from sisterport.corridor.build_scope import leg_scope, no_shore, pool_of
from sisterport.corridor.problem import Account
from sisterport.corridor.scenario import Future, Scenario, at_year
from sisterport.corridor.vessels import GJ_PER_TJ
from sisterport.rules import fueleu
from sisterport.rules.clauses import clause
from sisterport.rules.ets import allowances
from sisterport.rules.movement_scope import in_force
from sisterport.rules.netzero_targets import target_rows
from sisterport.rules.prices import allowance_price, usd_per_eur

Floats = NDArray[np.float64]


def rule_accounts(scenario: Scenario, future: Future, sea_tj: Floats, berth_tj: Floats) -> Iterator[Account]:
    """Yield the accounts of the regulations that a scenario takes as in force.

    Parameters
    ----------
    scenario, future
        The scenario; factors on prices, and whether the Net-Zero Framework comes.
    sea_tj, berth_tj
        Energy of each leg at today's speed and of each stay, on oil [C]: a rule that counts a part of a leg and another
        part of the stay before it counts their mean.
    """
    yield from _european(scenario, future, sea_tj, berth_tj)
    yield from _netzero(scenario, future)


# ---- FuelEU Maritime and EU ETS ----


def _european(scenario: Scenario, future: Future, sea_tj: Floats, berth_tj: Floats) -> Iterator[Account]:
    for regulation, chosen in (("fueleu", scenario.rules.fueleu), ("ets", scenario.rules.ets)):
        valid = [year for year in scenario.years if in_force(regulation, year)]
        if not chosen or not valid:
            continue
        counts = leg_scope(scenario, regulation, valid[0])
        scope = counts.mean(sea_tj, berth_tj)
        pool = pool_of(scenario, scope)
        if (pool == 0).any():
            if regulation == "fueleu":
                yield _fueleu(scenario, scope, pool, counts.at_ports(scenario, berth_tj))
            else:
                yield _ets(scenario, future, scope, pool)


def _fueleu(scenario: Scenario, scope: Floats, pool: NDArray[np.int64], ports: Floats) -> Account:
    """Return FuelEU, pooled over the services in scope: sum of (g - limit x reward) q <= limit x shore electricity.

    The penalty per gram divides by the intensity of the pool: its first value is the limit.
    """
    count = len(scenario.years)
    rate, limits, price = np.zeros((len(scenario.fuels), count)), np.zeros(count), np.full(count, NOT_IN_FORCE)
    every = [own_factors(scenario, fuel, below_criteria="fossil") for fuel in scenario.fuels]
    for y, year in enumerate(scenario.years):
        if not in_force("fueleu", year):
            continue
        limits[y], reward = fueleu.limit(year).value, clause("fueleu_rules", "rfnbo_reward", year).value
        rate[:, y] = [own.wtw_g_per_mj - limits[y] * (reward if own.rfnbo else 1.0) for own in every]
        price[y] = fueleu.penalty_rate(limits[y]).value * usd_per_eur(year, scenario.rules.usd_per_eur).value
    free = np.zeros((1, count))
    return Account(
        name="FuelEU Maritime", fuel=rate, shore=-ports * limits, limit=free, price_usd=price, pool=pool, scope=scope
    )


def _ets(scenario: Scenario, future: Future, scope: Floats, pool: NDArray[np.int64]) -> Account:
    """Return the EU ETS: tank to wake; the CO2 of certified fuels that meet the criteria is zero-rated."""
    years = [year for year in scenario.years if in_force("ets", year)]
    rows = []
    zero = clause("eu_ets_maritime", "zero_rated_co2_factor").value
    for fuel in scenario.fuels:
        own = own_factors(scenario, fuel, below_criteria="fossil")
        met = bool(own.certificate_id) and not own.flag
        burnt_t = GJ_PER_TJ / own.lcv_mj_per_kg  # of a TJ
        burnt = burnt_t * (1.0 - own.slip_fraction)
        gas = {
            "co2_t": burnt * own.cf_co2 * (zero if met else 1.0),
            "ch4_t": burnt * own.cf_ch4 + burnt_t * own.slip_fraction,
            "n2o_t": burnt * own.cf_n2o,
        }
        rows += [{"ship_id": fuel.id, "year": year, "kind": "intra", **gas} for year in years]
    due = allowances(pl.DataFrame(rows))["allowances"].to_numpy().reshape(len(scenario.fuels), len(years))
    first = scenario.years.index(years[0])
    rate = np.zeros((len(scenario.fuels), len(scenario.years)))
    rate[:, first:] = due
    price = np.full(len(scenario.years), NOT_IN_FORCE)
    for y, year in enumerate(years, start=first):
        given = at_year(scenario.rules.allowance_eur, year) or None
        eur = allowance_price(year, given).value * future.carbon_price
        price[y] = eur * usd_per_eur(year, scenario.rules.usd_per_eur).value
    free = np.zeros((1, len(scenario.years)))
    return Account(
        name="EU ETS", fuel=rate, shore=no_shore(scenario), limit=free, price_usd=price, pool=pool, scope=scope
    )


# ---- IMO Net-Zero Framework ----


def _netzero(scenario: Scenario, future: Future) -> Iterator[Account]:
    """Yield both tiers: above the direct target at the price of tier 1, above the base target at the difference.

    Surplus pays tier 2 only: tier 1 is counted for each service by itself, tier 2 over all of them. Electricity from
    shore is not counted.
    """
    rules = scenario.rules
    if not (rules.netzero if future.netzero is None else future.netzero):
        return
    start = future.netzero_start or rules.netzero_start or int(clause("imo_nzf_rules", "start_year").value)
    direct, base, prices = _netzero_years(scenario, start)
    emitted = emissions(scenario)
    one_each = np.arange(len(scenario.services), dtype=np.int64)
    for name, target, price, pool in (
        ("Net-Zero Framework, tier 1", direct, prices[0], one_each),
        ("Net-Zero Framework, tier 2", base, prices[1] - prices[0], np.zeros_like(one_each)),
    ):
        yield Account(
            name=name,
            fuel=np.where(np.isfinite(target), emitted - target, 0.0),
            shore=no_shore(scenario),
            limit=np.zeros((int(pool.max()) + 1, len(scenario.years))),
            price_usd=price,
            pool=pool,
        )


def _netzero_years(scenario: Scenario, start: int) -> tuple[Floats, Floats, Floats]:
    """Return direct and base targets [g/MJ] and the prices of both tiers [USD/t] by year; NaN where nothing is due."""
    rows = {row["targets_year"]: row for row in target_rows().drop_nulls("direct_g_per_mj").to_dicts()}
    last = max(rows)
    count = len(scenario.years)
    direct, base, prices = (np.full(shape, NOT_IN_FORCE) for shape in (count, count, (2, count)))
    given = (scenario.rules.netzero_tier1_usd_per_t, scenario.rules.netzero_tier2_usd_per_t)
    for y, year in enumerate(scenario.years):
        row = rows.get(year) or (rows[last] if year > last and scenario.rules.netzero_unset == "hold" else None)
        if year < start or row is None:
            continue
        direct[y], base[y] = row["direct_g_per_mj"], row["base_g_per_mj"]
        for tier, own in enumerate(given):
            prices[tier, y] = clause("imo_nzf_rules", f"tier{tier + 1}_price", year).value if own is None else own
    return direct, base, prices
