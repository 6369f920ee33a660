"""Money that adds nothing is not spent: of plans that save the same the cheapest is returned."""

import polars as pl
import pytest

from sisterport.errors import InputError
from sisterport.shorepower.example import frames
from sisterport.shorepower.upgrades import upgrades
from sisterport.shorepower.verify import verify
from tests.shorepower import upgrade_cases as cases

METHODS = ("exact", "lagrangian", "milp")


def least(u, e, n, budget, enough):
    """Cost of the cheapest plan that saves enough, by looking at every one."""
    price = dict(u.select("upgrade_id", "cost_musd").iter_rows())
    good = [plan for plan in cases.plans(u, budget) if cases.gain(u, e, n, plan) >= enough - 1e-6]
    return min(sum(price[name] * units for name, units in plan.items()) for plan in good)


@pytest.mark.parametrize("seed", range(60))
def test_with_slack_money_the_cheapest_of_equally_good_plans(seed):
    """All whole prices and round gains, and more money than can be used: ties abound."""
    u, e, n = cases.network(seed)
    u = u.with_columns(pl.col("cost_musd").ceil())
    e = e.with_columns((pl.col("co2e_t") / 20).ceil())
    budget = float(u["cost_musd"].sum()) * (0.5 if seed % 2 else 6.0)
    for method in METHODS:
        plan = upgrades(u, e, n, budget_musd=budget, method=method)
        assert plan.cost_musd == pytest.approx(least(u, e, n, budget, plan.value), abs=1e-6), method
        assert verify(plan.certificate, u, e, n) == []
        assert plan.units["cost_musd"].sum() == pytest.approx(plan.cost_musd)


@pytest.mark.parametrize("seed", range(12))
def test_under_a_floor_too(seed):
    """A cent less than the plan costs buys less, or does not keep the floor."""
    u, e, n = cases.network(seed, hours=False, dirty=False)
    floor = pl.DataFrame([{"floor_id": "f", "locode": "XX000", "share": 0.5}])
    plan = upgrades(u, e, n, budget_musd=99.0, floors=floor, method="milp")
    assert plan.cost_musd < 99.0
    try:
        again = upgrades(u, e, n, budget_musd=plan.cost_musd - 0.01, floors=floor)
    except InputError:
        return
    assert again.value < plan.value


def test_a_dear_fix_is_not_taken_where_a_cheap_one_does_as_well():
    plan = upgrades(*frames(), budget_musd=100.0)
    assert plan.value == 7700.0
    assert plan.cost_musd == 12.5
    assert "converter:ferry1" not in plan.units["upgrade_id"].to_list(), "the converter of the berth serves both"
