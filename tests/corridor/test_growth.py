"""Cargo that grows: the frequency stays, ships carry all of it, and a plan without it is seen."""

from dataclasses import replace

import numpy as np
import pytest

from sisterport.corridor.answers_frames import told
from sisterport.corridor.baseline import baseline, totals
from sisterport.corridor.build import problem_of, words_of
from sisterport.corridor.examples import example
from sisterport.corridor.plan import plan
from sisterport.corridor.scenario_read import read_scenario
from sisterport.corridor.solve import solve
from sisterport.corridor.verify import verify
from sisterport.errors import MethodError, ProjectError

from . import small
from .test_scenario import changed

GROWTH = 0.04


def grown(scenario, growth=GROWTH):
    return replace(scenario, services=tuple(replace(s, teu_growth=growth) for s in scenario.services))


def test_the_file_says_how_cargo_grows(tmp_path):
    plain = ("# teu_growth_per_year = 0.02 ", "teu_growth_per_year = 0.02 ")
    scenario = read_scenario(changed(tmp_path, plain))
    assert scenario.services[0].teu_after(0) == 700_000
    assert scenario.services[0].teu_after(3) == pytest.approx(700_000 * 1.02**3)
    assert words_of(scenario)["demand:s-1"].endswith("teu_per_year = 700,000, teu_growth_per_year = 0.02")
    with pytest.raises(ProjectError, match=r"teu_growth_per_year should be from -0\.2 to 0\.2, is 2"):
        read_scenario(changed(tmp_path, (plain[0], "teu_growth_per_year = 2 ")))


def test_futures_multiply_what_grows():
    scenario = grown(example("shanghai-los-angeles"))
    future = replace(scenario.futures[0], name="less", demand=0.8)
    scenario = replace(scenario, futures=(*scenario.futures, future))
    least, plain = problem_of(scenario, future="less").demand_teu, problem_of(scenario).demand_teu
    np.testing.assert_allclose(least, 0.8 * plain)
    np.testing.assert_allclose(plain[:, 10], plain[:, 0] * 1.04**10)


def test_a_plan_carries_it_with_more_sailings_and_ships(tmp_path):
    scenario = small.scenario(tmp_path)
    still, problem = problem_of(scenario), problem_of(grown(scenario))
    solved = solve(problem, gap=0.01)
    made = plan(solved)
    assert verify(problem, made, cost_musd=solved.cost_musd) == []
    assert solved.value > solve(still, gap=0.01).bound
    sailed = told(problem, made).sailings
    for row in sailed.iter_rows(named=True):
        service = next(s for s in scenario.services if s.id == row["service"])
        assert row["teu_demand"] == pytest.approx(service.teu_per_year * 1.04 ** (row["year"] - scenario.first_year))
        assert row["teu_capacity"] >= row["teu_demand"] * (1 - 1e-6)
        assert row["sailings"] >= 365 / service.days_between - 1
    last = sailed.filter(year=scenario.last_year)
    assert (last["sailings"] > sailed.filter(year=scenario.first_year)["sailings"] * 1.05).any()


def test_a_plan_for_todays_cargo_is_seen(tmp_path):
    scenario = small.scenario(tmp_path)
    made = plan(solve(problem_of(scenario), gap=0.01))
    faults = verify(problem_of(grown(scenario)), made)
    assert [fault.partition(":")[0] for fault in faults] == ["less cargo than stated"]


def test_the_baseline_of_a_later_year(tmp_path):
    scenario = grown(small.scenario(tmp_path))
    assert baseline(scenario).equals(baseline(scenario, year=scenario.first_year))
    now, then = baseline(scenario), baseline(scenario, year=2032)
    for service in scenario.services:
        departures = 365 / service.days_between
        needed = service.teu_per_year * 1.04**6 / service.capacity_teu
        ratio = max(1.0, needed / departures)
        assert ratio > 1.0
        old, new = (rows.filter(service=service.id)["energy_gj_per_year"].sum() for rows in (now, then))
        assert new / old == pytest.approx(ratio)
    work = [totals(rows)["teu_nm_per_year"].item() for rows in (now, then)]
    assert work[1] / work[0] == pytest.approx(1.04**6)
    with pytest.raises(MethodError, match="outside the horizon"):
        baseline(scenario, year=2033)


def test_a_cut_is_against_the_emissions_of_today():
    plain, more = (problem_of(s) for s in (example("shanghai-hamburg"), grown(example("shanghai-hamburg"))))
    cut = [next(a for a in p.accounts if a.name == "cut") for p in (plain, more)]
    np.testing.assert_allclose(cut[0].limit, cut[1].limit)
