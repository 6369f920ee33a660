"""First decisions that are the same in all futures, the price of a tonne, and drawn corridors."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sisterport.corridor.certificate import certificate
from sisterport.corridor.frontier import frontier, table
from sisterport.corridor.futures import first_columns, futures
from sisterport.corridor.plan import plan
from sisterport.corridor.repricing import repriced
from sisterport.corridor.solve import solve
from sisterport.corridor.verify import verify
from sisterport.errors import InputError, MethodError

from .tiny import tiny

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
from corridor_instances import REPORTING, TUNING, corridor


@pytest.fixture(scope="module")
def worlds():
    p = tiny(3)
    dear, cheap = p.price_usd_gj.copy(), p.price_usd_gj.copy()
    dear[0] *= 2.5
    cheap[1:] *= 0.6
    return [p, replace(p, price_usd_gj=dear), replace(p, price_usd_gj=cheap)]


def test_all_futures_share_the_first_decisions_and_no_more_is_claimed_than_proven(worlds):
    found = futures(worlds, names=("base", "dear oil", "cheap green"), first_years=2, gap=1e-6)
    first = first_columns(found.plans[0].program, 2)
    decided = [np.rint(x.x[first]) for x in found.plans]
    assert all((d == decided[0]).all() for d in decided)
    assert found.bound_musd <= found.expected_musd * (1 + 1e-9)
    assert found.expected_musd == pytest.approx(np.mean([x.value for x in found.plans]))
    alone = np.mean([x.value for x in found.alone])
    assert alone <= found.expected_musd * (1 + 1e-9)
    assert (found.regret["regret_musd"].drop_nulls() >= -1e-6).all()
    for p, x in zip(worlds, found.plans, strict=True):
        assert verify(p, plan(x), cost_musd=x.cost_musd) == []
    assert found.same["futures_n"].max() <= 3


def test_the_same_future_three_times_is_one_future(worlds):
    one = solve(worlds[0], gap=1e-6)
    found = futures([worlds[0]] * 3, first_years=2, gap=1e-6)
    assert found.expected_musd == pytest.approx(one.value, rel=1e-6)
    assert found.regret["regret_musd"].to_list() == pytest.approx([0.0] * 3, abs=1e-6)


def test_futures_with_other_decisions_are_refused(worlds):
    other = replace(worlds[0], new_musd=np.full_like(worlds[0].new_musd, np.inf))
    with pytest.raises(InputError, match="same decisions"):
        futures([worlds[0], other])


@pytest.mark.parametrize("seed", range(3))
def test_a_dearer_tonne_saves_more_and_costs_more(seed):
    points = frontier(tiny(seed), prices_usd_t=(0.0, 100.0, 400.0), gap=1e-7)
    found = table(points)
    slack = 1e-5 * points[0].cost_musd
    assert (found["emissions_t"].diff().drop_nulls() <= 1.0).all()
    assert (found["cost_musd"].diff().drop_nulls() >= -slack).all()
    steps = found["usd_per_t"].drop_nulls().drop_nans()
    assert (steps <= 400.0 * 1.02).all()


def test_drawn_corridors_are_the_same_for_a_seed_and_differ_within():
    a, b = corridor(3), corridor(3)
    assert (a.sea_tj == b.sea_tj).all()
    assert (a.price_usd_gj == b.price_usd_gj).all()
    assert not set(TUNING) & set(REPORTING)
    assert a.sizes() | {"C": 0, "G": 0, "R": 0} == {
        "S": 10, "P": 6, "T": 4, "F": 8, "V": 5, "Y": 27, "K": 3, "C": 0, "G": 0, "R": 0,
    }  # fmt: skip
    assert a.group_ships.sum() == 60
    rotations = {tuple(a.call_port[calls]) for calls in a.calls_of}
    assert len(rotations) > 5
    assert np.unique(a.demand_teu[:, 0]).size == 10


@pytest.mark.parametrize("seed", range(4))
def test_small_drawn_corridors_hold_and_are_proven(seed):
    p = corridor(seed, services=2, ships=8, years=8, ports=4)
    solved = solve(p, gap=0.005)
    assert solved.gap <= 0.005
    assert verify(p, plan(solved), cost_musd=solved.cost_musd, emissions_t=solved.emissions_t) == []
    assert certificate(solved)["bound"] == pytest.approx(solved.proven, rel=1e-9)


def test_the_second_pass_prices_what_is_missed_at_the_intensity_attained():
    p = tiny(0)
    limit = np.full(3, 60.0)
    penalty = replace(p.accounts[0], name="fueleu", fuel=p.fuel_t_tj - limit, shore=-limit * np.ones((2, 3)),
                      limit=np.zeros((1, 3)), price_usd=np.full(3, 30.0))  # fmt: skip
    p = replace(p, accounts=(*p.accounts, penalty))
    first = solve(p, gap=1e-7)
    second = solve(repriced(first, "fueleu", limit_g_mj=limit), gap=1e-7)
    assert second.value <= first.value * (1 + 1e-6)
    made = plan(first)
    missed = made.accounts.filter(pl.col("account") == "fueleu")["missed_t"].to_numpy()
    burnt = made.fuel.group_by("year").agg(pl.col("energy_tj").sum()).sort("year")["energy_tj"].to_numpy()
    assert missed.max() > 0
    expected = 30.0 * limit / (limit + missed / burnt)
    assert second.problem.accounts[2].price_usd == pytest.approx(expected)
    with pytest.raises(MethodError, match="did you mean 'fueleu'"):
        repriced(first, "fuelleu", limit_g_mj=limit)
