"""What is short is so much: with what can be kept there is a plan, with a little more there is none."""

import re
from dataclasses import replace

import numpy as np
import pytest

from sisterport.corridor.conflicts import conflicts
from sisterport.corridor.solve import solve

from .tiny import tiny

ONLY_2028 = np.array([np.nan, np.nan, np.inf])


def amount(p, key, **options):
    """Return the number in what is said of a requirement."""
    said = {r.key: r.short for r in conflicts(p, **options)}[key]
    return float(re.search(r"\d[\d,.]*", said).group().replace(",", "")), said


def holds(p, **options):
    return conflicts(p, **options) == []


def cut(p, share):
    today = float(p.accounts[0].limit[0, 0])
    limit = np.full((1, 3), today * (1 - share))
    return replace(p, accounts=(replace(p.accounts[0], price_usd=ONLY_2028, limit=limit, baseline_t=today),))


@pytest.mark.parametrize("seed", [0, 2, 5])
def test_the_most_that_can_be_cut(seed):
    p = tiny(seed)
    found, said = amount(cut(p, 0.999), "account:cut:2028")
    assert said.endswith("% can be cut")
    assert holds(cut(p, found / 100))
    assert not holds(cut(p, found / 100 + 0.002))


def share(p, asked):
    account = replace(p.accounts[0], name="share", fuel=np.array([0.0, 0.0, -1.0])[:, None] + np.full((3, 3), asked),
                      shore=p.accounts[0].shore * 0, limit=np.zeros((1, 3)), price_usd=ONLY_2028)  # fmt: skip
    return replace(p, accounts=(account,), supply_tj=p.supply_tj * 0.1)


@pytest.mark.parametrize("seed", [2, 5])
def test_the_most_of_a_fuel(seed):
    found, said = amount(share(tiny(seed), 0.8), "account:share:2028")
    assert said.endswith("% of the energy can be on these fuels")
    assert 0 < found < 80
    assert holds(share(tiny(seed), found / 100))
    assert not holds(share(tiny(seed), found / 100 + 0.002))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_budget(seed):
    p = tiny(seed)
    budget = solve(p).cost_musd * 0.8
    short, said = amount(p, "budget", budget_musd=budget)
    assert said == f"short by at least {short:,.1f} MUSD"
    assert holds(p, budget_musd=budget + short + 0.051)
    assert not holds(p, budget_musd=budget + short - 0.051)


def test_cargo_sailings_ships_and_supply():
    p = tiny(2)
    times = lambda key, by: replace(p, **{key: getattr(p, key) * by})  # noqa: E731
    found, said = amount(times("demand_teu", 3), "demand:loop")
    assert said.endswith("of the cargo can be carried")
    assert holds(times("demand_teu", 3 * found / 100))
    assert not holds(times("demand_teu", 3 * (found + 0.2) / 100))

    found, _ = amount(times("sailings_min", 2), "frequency:loop")
    assert holds(times("sailings_min", 2 * found / 100))
    assert not holds(times("sailings_min", 2 * (found + 0.2) / 100))

    asks = lambda n: replace(p, pledges=tuple(replace(k, ships=n) for k in p.pledges))  # noqa: E731
    found, said = amount(asks(9), "pledge:one methanol ship")
    assert said == "at most 3 of 9 ships"
    assert holds(asks(3))
    assert not holds(asks(4))

    found, said = amount(share(p, 0.8), "supply:e-methanol")
    assert said.endswith("times as much would be needed")
    more = lambda by: replace(share(p, 0.8), supply_tj=share(p, 0.8).supply_tj * by)  # noqa: E731
    assert holds(more(found + 0.01))
    assert not holds(more(found - 0.01))
