"""A marginal price is what a little more or less really changes, with ships and openings as they are."""

from dataclasses import replace

import numpy as np
import pytest

from sisterport.corridor.answers import mass_factors
from sisterport.corridor.answers_marginal import marginal
from sisterport.corridor.build import problem_of, without_promises
from sisterport.corridor.highs import Solver
from sisterport.corridor.model import model
from sisterport.corridor.solve import solve
from sisterport.corridor.solved import linear

from . import small

STEP = 1e-4


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    scenario = small.scenario(tmp_path_factory.mktemp("marginal"), cuts="cut = { 2028 = 0.2, 2030 = 0.5 }")
    problem = problem_of(scenario)
    problem = replace(problem, supply_tj=problem.supply_tj * 0.25)  # so that it binds
    solved = solve(problem, gap=0.01)
    return scenario, solved, marginal(solved, scenario)


def least(solved, problem):
    """Cost of a problem with the whole numbers of a plan [MUSD]."""
    m = model(problem)
    lp = linear(m)
    low, high, whole = lp.low.copy(), lp.high.copy(), m.whole
    low[whole] = high[whole] = np.rint(solved.x[whole])
    return Solver(replace(lp, low=low, high=high)).solve().value


def checked(solved, row, changed, per_step):
    """Compare a price with what one small step costs on either side: it lies between them."""
    y = solved.problem.years.index(row["year"])
    here, less, more = (least(solved, changed(y, side * STEP)) for side in (0, -1, 1))
    usd = 1e6 / solved.problem.discount[y] / (per_step * STEP)
    slopes = sorted(abs(usd * (other - here)) for other in (less, more))
    assert slopes[0] * 0.99 - 1e-3 <= row["value"] <= slopes[1] * 1.01 + 1e-3, (row, slopes)


def rows(case, kind, most=3):
    found = case[2].filter(kind=kind).sort("value", descending=True).head(most).to_dicts()
    assert found, kind
    return found


def test_supply(case):
    scenario, solved, _ = case
    p, per_tj = solved.problem, mass_factors(scenario)
    for row in rows(case, "supply"):
        region = p.supply_region[p.fuels.index(row["name"]), p.ports.index(row["port"])]

        def changed(y, part, region=region):
            supply = p.supply_tj.copy()
            supply[region, y] *= 1 + part
            return replace(p, supply_tj=supply)

        checked(solved, row, changed, row["amount"])
        assert row["unit"] == "USD/t of fuel"
        y = p.years.index(row["year"])
        assert row["amount"] == pytest.approx(p.supply_tj[region, y] * per_tj[row["name"]])


def test_the_last_tonne_of_a_target(case):
    _, solved, _ = case
    p = solved.problem
    number = next(k for k, account in enumerate(p.accounts) if account.name == "cut")

    def changed(y, part):
        limit = p.accounts[number].limit.copy()
        limit[0, y] *= 1 + part
        accounts = list(p.accounts)
        accounts[number] = replace(p.accounts[number], limit=limit)
        return replace(p, accounts=tuple(accounts))

    for row in rows(case, "target"):
        checked(solved, row, changed, row["amount"])
        assert row["unit"] == "USD/t CO2e"
        assert 50 < row["value"] < 5_000
        assert row["text"].startswith("[targets] cut: 20 % from 2028")


def test_sailings(case):
    _, solved, _ = case
    p = solved.problem
    for row in rows(case, "frequency"):
        s = p.services.index(row["name"])
        few = p.sailings_min.copy()
        few[s] *= 1 - STEP  # of all years: the price is of one
        every = case[2].filter(kind="frequency", name=row["name"])
        saved = sum(r["value"] * p.discount[p.years.index(r["year"])] for r in every.to_dicts()) / 1e6
        told = (least(solved, p) - least(solved, replace(p, sailings_min=few))) / (p.sailings_min[s] * STEP)
        assert saved == pytest.approx(told, rel=0.05), row


def test_cargo_is_worth_nothing_where_the_frequency_holds_more(case):
    assert case[2].filter(kind="cargo").is_empty()
    p = problem_of(without_promises(case[0]))
    full = (p.teu[:, 0] * p.sailings_min)[:, None]
    tight = replace(p, demand_teu=full * np.where(np.arange(len(p.years)) < 3, 0.9, 1.01))  # ships come in time
    solved = solve(tight, gap=0.01)
    rows = marginal(solved, case[0]).filter(kind="cargo").sort("value", descending=True).head(2).to_dicts()
    assert rows
    for row in rows:
        s = tight.services.index(row["name"])

        def changed(y, part, s=s):
            demand = tight.demand_teu.copy()
            demand[s, y] *= 1 + part
            return replace(tight, demand_teu=demand)

        checked(solved, row, changed, row["amount"])


def test_duties(case):
    _, solved, _ = case
    p = solved.problem
    for row in rows(case, "duty", most=2):
        s, i = p.services.index(row["name"]), p.ports.index(row["port"])
        c = int(np.flatnonzero((p.call_service == s) & (p.call_port == i))[0])
        y = p.years.index(row["year"])
        berth = sum(p.berth_tj[c, v] * n for v, n in _sailed(solved, p.call_service[c], y)) * 1e3  # GJ

        def changed(y, part, c=c):
            duty = p.duty.copy()
            duty[c, y] *= 1 + part
            return replace(p, duty=duty)

        checked(solved, row, changed, p.duty[c, y] * berth)


def _sailed(solved, s, y):
    w = solved.program.values(solved.x)["w"][s, :, :, y].sum(axis=1)
    return enumerate(w)


def test_least_emissions_tell_what_a_budget_saves(case):
    scenario, solved, _ = case
    budget = solved.cost_musd * 1.02
    clean = solve(solved.problem, objective="emissions", budget_musd=budget, gap=0.01)
    found = marginal(clean, scenario)
    row = found.filter(kind="budget").row(0, named=True)
    assert row["unit"] == "t CO2e/USD"
    assert 1e-4 < row["value"] < 0.1  # between 10 and 10,000 USD a tonne
    assert set(found["unit"].str.split("/").list.first()) == {"t CO2e"}
