"""The planner finds what looking at everything finds; its plans hold; its bounds are true; it behaves as money does."""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sisterport.corridor.conflicts import conflicts
from sisterport.corridor.plan import plan
from sisterport.corridor.solve import NoPlanError, solve
from sisterport.corridor.verify import verify
from sisterport.errors import InputError, MethodError

from .tiny import brute, tiny

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
from corridor_instances import corridor

EXACT = 1e-7


@pytest.mark.parametrize("seed", range(12))
def test_tiny_problems_equal_brute_force(seed):
    p = tiny(seed)
    least = brute(p)
    solved = solve(p, gap=EXACT)
    assert solved.value == pytest.approx(least, rel=1e-6)
    assert solved.bound <= least * (1 + 1e-6)
    assert solved.proven <= least * (1 + 1e-9)
    assert verify(p, plan(solved), cost_musd=solved.cost_musd, emissions_t=solved.emissions_t) == []


def test_a_hard_duty_that_cannot_be_met_is_no_plan_and_is_named():
    p = tiny(1, hard_duty=True)
    p = replace(p, duty=p.duty * 1.6)  # more than can connect
    assert brute(p) == np.inf
    with pytest.raises(NoPlanError):
        solve(p)
    assert [r.text for r in conflicts(p)] == ["frequency of service 'loop'", "shore power duty at East"]


def _spent_on(p, solved, fuel):
    year = pl.DataFrame({"year": p.years, "discount": p.discount})
    used = plan(solved).fuel.filter(pl.col("fuel") == fuel).join(year, on="year")
    return (used["energy_tj"] * used["discount"]).sum()


@pytest.mark.parametrize("fuel", range(3))
@pytest.mark.parametrize("seed", range(4))
def test_dearer_fuel_is_used_no_more(seed, fuel):
    p = tiny(seed)
    dearer = p.price_usd_gj.copy()
    dearer[fuel] += 6.0
    before, after = solve(p, gap=EXACT), solve(replace(p, price_usd_gj=dearer), gap=EXACT)
    name = p.fuels[fuel]
    assert _spent_on(p, after, name) <= _spent_on(p, before, name) + 1e-3
    assert after.value >= before.value * (1 - 1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_tighter_target_never_costs_less_nor_emits_more(seed):
    p = tiny(seed)
    cut = p.accounts[0]
    costs, emitted = [], []
    for price in (0.0, 100.0, 300.0, 900.0):
        dear = replace(p, accounts=(replace(cut, price_usd=price / p.discount, limit=np.zeros((1, 3))), p.accounts[1]))
        solved = solve(dear, gap=EXACT)
        costs.append(solved.value)
        emitted.append(solved.emissions_t)
    assert costs == pytest.approx(sorted(costs), rel=1e-9)
    assert all(b <= a * (1 + 1e-5) for a, b in pairwise(emitted))
    limits = []
    for share in (1.0, 0.9, 0.8):
        hard = replace(cut, price_usd=np.full(3, np.inf), limit=np.full((1, 3), emitted[0] / 3 * 1.5 * share))
        try:
            solved = solve(replace(p, accounts=(hard, p.accounts[1])), gap=EXACT)
        except NoPlanError:
            break
        rows = plan(solved).accounts.filter(pl.col("account") == "cut")
        assert (rows["counted_t"] <= rows["limit_t"] * (1 + 1e-6)).all()
        limits.append(solved.value)
    assert limits == pytest.approx(sorted(limits), rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_more_supply_and_one_more_port_never_cost_more(seed):
    p = tiny(seed)
    value = solve(p, gap=EXACT).value
    assert solve(replace(p, supply_tj=p.supply_tj * 2), gap=EXACT).value <= value * (1 + 1e-6)
    shut = p.open_first.copy()
    shut[1, 1] = len(p.years)
    assert solve(replace(p, open_first=shut), gap=EXACT).value >= value * (1 - 1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_least_emissions_keep_the_budget_and_are_no_more_than_those_of_least_cost(seed):
    p = tiny(seed)
    cheap = solve(p, gap=EXACT)
    clean = solve(p, objective="emissions", budget_musd=cheap.cost_musd * 1.05, gap=EXACT)
    assert clean.cost_musd <= cheap.cost_musd * 1.05 * (1 + 1e-9)
    assert clean.bound * (1 - 1e-6) <= clean.value <= cheap.emissions_t * (1 + 1e-6)
    with pytest.raises(NoPlanError):
        solve(p, budget_musd=cheap.cost_musd * 0.5)
    assert [r.key for r in conflicts(p, budget_musd=cheap.cost_musd * 0.5)][-1:] == ["budget"]


def test_what_conflicts_is_said_in_the_words_of_the_scenario():
    p = tiny(2)
    words = {"demand:loop": "[[services]] 'loop' cargo_teu", "frequency:loop": "[[services]] 'loop' every 5 weeks"}
    too_much = replace(p, demand_teu=p.demand_teu * 3, words=words)
    with pytest.raises(NoPlanError):
        solve(too_much)
    named = [r.text for r in conflicts(too_much)]
    assert "[[services]] 'loop' cargo_teu" in named
    assert conflicts(p) == []


def test_progress_shows_the_gap_closing():
    seen = []
    solve(tiny(0), gap=EXACT, progress=lambda step, value, bound: seen.append((step, value, bound)))
    assert [step for step, _, _ in seen][:4] == ["model", "bound", "openings", "fleets"]
    values = [value for _, value, _ in seen]
    assert values == sorted(values, reverse=True)


def test_wrong_options_and_problems_that_do_not_fit_are_refused():
    p = tiny(0)
    with pytest.raises(MethodError, match="objective"):
        solve(p, objective="glory")
    from sisterport.corridor.problem import check

    with pytest.raises(InputError, match=r"oil tank.*does not hold"):
        check(replace(p, tank_tj=p.tank_tj / 100))
    with pytest.raises(InputError, match="teu has shape"):
        check(replace(p, teu=p.teu[:, :1]))


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_of_parts_is_true_and_no_lower_than_that_of_the_relaxation(seed):
    from sisterport.corridor.parts import parts_bound
    from sisterport.corridor.solve import Search

    p = corridor(seed, services=2, ships=7, years=6, ports=3)
    search = Search(p, gap=1e-6, time_limit_s=30)
    solved = search.run()
    higher = parts_bound(search.m, search.split, search.lp, search.prices, gap=1e-6, seconds=30.0)
    assert solved.proven - 1e-4 <= higher <= solved.value * (1 + 1e-6)
