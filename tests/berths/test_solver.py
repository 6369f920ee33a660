import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from sisterport.berths import solver
from sisterport.berths.bound import PRICE_GRID, relax
from sisterport.berths.certificate import certify, check
from sisterport.berths.exact import solve
from sisterport.berths.parsers import read_instance
from sisterport.berths.problem import FORBIDDEN, Problem, build, classes, from_discrete
from sisterport.berths.proof import check_plan, recompute_bound
from sisterport.berths.search import search
from sisterport.berths.solver import optimise
from sisterport.berths.warm import compiled_s, warm
from tests.berths.small import best_value, best_with_power, powered, problems

pytest.importorskip("highspy")


@settings(max_examples=60)
@given(problems())
def test_the_optimiser_finds_what_trying_everything_finds(problem):
    best = best_value(problem)
    done = optimise(problem, time_limit_s=60)
    if best is None:
        assert done.status == "infeasible"
    else:
        assert (done.status, done.value, done.bound) == ("optimal", best, best)
        assert check_plan(problem, done.berth, done.start).faults == ()
        assert check(problem, certify(problem, done)) == ()


@settings(max_examples=60)
@given(powered())
def test_shore_power_that_berths_share_is_planned_as_well_as_trying_everything(problem):
    best = best_with_power(problem)
    done = optimise(problem, time_limit_s=60)
    if best is None:
        assert done.status == "infeasible"
    else:
        assert (done.status, done.value, done.bound) == ("optimal", best, best)
        assert check_plan(problem, done.berth, done.start, done.plugged).faults == ()
        assert check(problem, certify(problem, done)) == ()


@settings(max_examples=60)
@given(problems())
def test_no_prices_whatever_prove_more_than_the_best_plan(problem):
    best = best_value(problem)
    if best is None:
        return
    rng = np.random.default_rng(best)
    ship_class = classes(problem).ship_class
    stages = [rng.integers(-5, 40, ship_class.max() + 1) * PRICE_GRID for _ in range(3)]
    for upper in (best, best + 3):
        bound = recompute_bound(problem, ship_class=ship_class, stages=stages, grid=PRICE_GRID, upper=upper)
        assert bound <= best


@settings(max_examples=40)
@given(problems())
def test_the_flow_model_on_all_columns_is_the_whole_problem(problem):
    best = best_value(problem)
    merged = classes(problem)
    flow = solve(merged, relax(merged).columns(), time_limit_s=60)
    assert flow.status == ("infeasible" if best is None else "optimal")
    if best is not None:
        assert round(flow.value) == best


@settings(max_examples=30)
@given(problems(most_ships=4))
def test_order_of_ships_and_berths_does_not_matter_and_more_room_never_costs(problem):
    done = optimise(problem, time_limit_s=60)
    turned = Problem(
        ships=problem.ships[::-1],
        berths=problem.berths[::-1],
        handling=problem.handling[::-1, ::-1],
        cost=np.ascontiguousarray(problem.cost[::-1, ::-1]),
    )
    other = optimise(turned, time_limit_s=60)
    assert (done.status, done.value) == (other.status, other.value)
    if done.status != "optimal":
        return
    wider = Problem(
        ships=problem.ships,
        berths=(*problem.berths, "one more"),
        handling=np.concatenate([problem.handling, problem.handling[:, :1]], axis=1),
        cost=np.concatenate([problem.cost, problem.cost[:, :1]], axis=1),
    )
    assert optimise(wider, time_limit_s=60).value <= done.value


def test_same_seed_same_plan():
    rng = np.random.default_rng(3)
    problem = build(
        handling=rng.integers(4, 30, (25, 4)),
        earliest=rng.integers(0, 60, 25),
        latest=np.full(25, 400),
        opens=np.zeros(4, int),
        closes=np.full(4, 400),
    )
    one, two = (search(problem, moves=50_000, seed=7) for _ in range(2))
    assert (one.berth == two.berth).all()
    assert (one.start == two.start).all()


def test_no_room_for_all_is_proven():
    tight = build(
        handling=np.array([[4], [4], [4]]),
        earliest=np.zeros(3, int),
        latest=np.full(3, 11),
        opens=np.array([0]),
        closes=np.array([20]),
    )
    assert optimise(tight, time_limit_s=20).status == "infeasible"


def test_no_ships_are_planned_at_no_cost():
    nobody = np.zeros((0, 2, 9), np.int32)
    empty = Problem(ships=(), berths=("a", "b"), handling=np.zeros((0, 2), int), cost=nobody)
    done = optimise(empty)
    assert (done.status, done.value, done.bound) == ("optimal", 0, 0)


@pytest.mark.parametrize("name", ["f30x3-04", "f30x5-01", "f40x7-04", "f55x7-04", "f60x5-07", "f60x7-04"])
def test_lalla_ruiz_2012_instances_are_proven_optimal(shared: Path, name: str):
    folder = shared / "data" / "berths"
    with (folder / "bks_dev.csv").open() as file:
        known = {row["instance"]: int(row["value"]) for row in csv.DictReader(file)}
    problem = from_discrete(read_instance(folder / "lallaruiz2012" / f"{name}.txt", format="lr2012"))
    done = optimise(problem, time_limit_s=600)
    assert (done.status, done.value) == ("optimal", known[name])
    assert check(problem, certify(problem, done)) == ()


def test_kramer_2019_plan_and_bound_are_close(shared: Path):
    problem = from_discrete(read_instance(shared / "data" / "berths" / "kliv" / "f250x20-01.txt", format="kliv"))
    done = optimise(problem, gap=0.02, time_limit_s=600)
    assert done.status == "gap"
    assert done.gap <= 0.02
    # value and bound of an earlier measurement are both valid, so they must enclose these
    assert done.bound <= 15735
    assert done.value >= 15620
    assert check(problem, certify(problem, done)) == ()


def test_columns_that_cannot_be_are_never_used():
    rng = np.random.default_rng(5)
    problem = build(
        handling=rng.integers(2, 9, (12, 3)),
        earliest=rng.integers(0, 20, 12),
        latest=np.full(12, 80),
        opens=np.zeros(3, int),
        closes=np.full(3, 80),
    )
    done = optimise(problem, time_limit_s=30)
    assert (problem.cost[np.arange(12), done.berth, done.start] != FORBIDDEN).all()


def test_the_clock_starts_when_all_is_compiled(monkeypatch):
    now = 0.0
    done = []

    def compiling(name, _tiny):
        nonlocal now
        now += 100.0
        done.append(name)

    monkeypatch.setattr(solver, "warm", compiling)
    monkeypatch.setattr(solver, "monotonic", lambda: now)
    four = build(handling=np.array([[4], [2], [1], [3]]), earliest=np.zeros(4, int), latest=np.full(4, 20),
                 opens=np.array([0]), closes=np.array([20]))  # fmt: skip
    found = optimise(four, time_limit_s=1)
    assert done == ["berths"]
    assert (found.status, found.seconds, found.events[0].seconds) == ("optimal", 0.0, 0.0)


def test_compiling_counts_once_and_is_told():
    calls = []
    before = compiled_s()
    for _ in range(2):
        warm("of a test", lambda: calls.append(1))
    assert calls == [1]
    assert compiled_s() >= before
