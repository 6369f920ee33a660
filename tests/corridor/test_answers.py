"""What people read of a plan is what the plan says: every sum is made again another way."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.corridor.answers import fuel_by_port, years
from sisterport.corridor.answers_abatement import abatement
from sisterport.corridor.answers_changes import changes, variations
from sisterport.corridor.answers_costs import RULES, against, payers, per_tonne, who_pays
from sisterport.corridor.answers_frames import told
from sisterport.corridor.answers_proposals import proposals, safe
from sisterport.corridor.build import problem_of, without_promises
from sisterport.corridor.examples import example
from sisterport.corridor.plan import plan
from sisterport.corridor.scenario import Transfer
from sisterport.corridor.solve import NoPlanError, solve
from sisterport.errors import MethodError
from sisterport.network.records import check_body
from tests.corridor import small

METHANOL_LCV = 19.9  # MJ/kg, Annex II of FuelEU


def planned(scenario, future=None):
    problem = problem_of(scenario, future=future)
    solved = solve(problem, gap=0.01)
    return problem, solved, plan(solved)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return small.scenario(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def made(scenario):
    return planned(scenario)


@pytest.fixture(scope="module")
def said(made):
    return told(made[0], made[2])


@pytest.fixture(scope="module")
def today(scenario):
    problem, _, frames = planned(without_promises(scenario))
    return told(problem, frames)


@pytest.fixture(scope="module")
def hamburg():
    """A corridor under FuelEU and EU ETS, whose costs are shared by pools."""
    scenario = replace(example("shanghai-hamburg"), last_year=2033, futures=())
    return planned(scenario)


@pytest.mark.parametrize("name", ["made", "hamburg"])
def test_costs_by_service_and_port_add_up_to_those_of_the_plan(name, request):
    problem, solved, frames = request.getfixturevalue(name)
    found = told(problem, frames)
    items = {row["item"]: row["present_musd"] for row in _by_item(frames.costs).to_dicts()}
    own = {row["item"]: row["present_musd"] for row in _by_item(found.costs).to_dicts()}
    for item in {*items, *own}:
        assert own.get(item, 0.0) == pytest.approx(items.get(item, 0.0), rel=1e-6, abs=1e-4), item
    assert found.cost_musd == pytest.approx(solved.cost_musd, rel=1e-6)
    assert found.emissions_t == pytest.approx(solved.emissions_t, rel=1e-6)


def _by_item(costs):
    return costs.group_by("item").agg(pl.col("present_musd").sum())


def test_the_hamburg_case_pays_for_rules(hamburg):
    problem, _, frames = hamburg
    paid = who_pays(told(problem, frames).costs, example("shanghai-hamburg")).filter(kind=RULES)
    assert paid["musd"].sum() > 1.0
    assert set(paid["payer"]) <= {s.carrier for s in example("shanghai-hamburg").services}


def test_what_legs_and_stays_need_is_bunkered_or_comes_from_shore(said):
    def energy(frame, column):
        return frame.group_by("year", "service").agg(pl.col(column).sum()).sort("year", "service")[column].to_numpy()

    need = energy(said.legs, "energy_tj")
    bunkered = said.fuel.select("year", "service", tj="energy_tj")
    shore = said.shore.select("year", "service", tj="fuel_saved_tj")
    assert need == pytest.approx(energy(pl.concat([bunkered, shore]), "tj"), rel=1e-5)


def test_tonnes_of_fuel_by_port(said, scenario):
    rows = fuel_by_port(said, scenario)
    methanol = rows.filter(family="methanol")
    assert methanol.height
    assert methanol["mass_t"].to_numpy() == pytest.approx(methanol["energy_tj"].to_numpy() * 1e3 / METHANOL_LCV)
    assert (methanol["usd_per_t"] * methanol["mass_t"] / 1e6).to_numpy() == pytest.approx(
        methanol["cost_musd"].to_numpy()
    )
    assert rows["energy_tj"].sum() == pytest.approx(said.fuel["energy_tj"].sum())
    assert not rows.filter(pl.col("fuel") == "vlsfo")["green"].any()


def test_ships_there_are_follow_from_orders_and_ends(said, scenario):
    """Ships of a year are those before, plus orders, less those that end: counted anew from build years."""
    life = scenario.ships.life_years
    for service in scenario.services:
        there = dict(said.ships.filter(service=service.id).group_by("year").agg(pl.col("ships").sum()).iter_rows())
        new = said.orders.filter(pl.col("service") == service.id, pl.col("from_variant").is_null())
        for year in scenario.years:
            old = sum(1 for built in service.build_years if year == scenario.first_year or built + life > year)
            built = new.filter(pl.col("year") <= year)["ships"].sum()
            assert there[year] == old + built


def test_the_years_at_a_glance(said, scenario):
    rows = years(said, scenario)
    assert rows["year"].to_list() == list(scenario.years)
    assert rows["cost_musd"].sum() == pytest.approx(said.costs["musd"].sum())
    assert rows["co2e_wtw_t"].sum() == pytest.approx(said.emissions_t)
    first = rows["co2e_wtw_t"][0]
    assert rows["co2e_wtw_t"][-1] <= 0.56 * first  # the cut of 45 %, of a baseline without shore power


def test_transfers_move_money_and_make_none(said, scenario):
    paid = who_pays(said.costs, scenario)
    assert paid["present_musd"].sum() == pytest.approx(said.cost_musd)
    moved = paid.filter(pl.col("payer") != pl.col("owner"))
    assert set(moved["payer"]) == {"a fund", "cargo owners"}
    fuel = paid.filter(pl.col("owner") == "carrier A", pl.col("kind") == "fuel")
    share = fuel.filter(payer="cargo owners")["present_musd"].sum() / fuel["present_musd"].sum()
    assert share == pytest.approx(0.4)
    opened = said.costs.filter(pl.col("item") == "bunker ports", pl.col("port") == "CNSGH")["present_musd"].sum()
    assert opened > 0
    assert moved.filter(payer="a fund")["present_musd"].sum() == pytest.approx(0.25 * opened)
    own = who_pays(said.costs, replace(scenario, transfers=()))
    assert (own["payer"] == own["owner"]).all()


def test_no_more_than_all_of_a_cost_can_be_moved(said, scenario):
    twice = (*scenario.transfers, Transfer(item="fuel", owner="carrier A", payer="x", share=0.7))
    with pytest.raises(MethodError, match="fuel of carrier A: 110%"):
        who_pays(said.costs, replace(scenario, transfers=twice))


def test_more_than_today_adds_up(said, today, scenario):
    rows = payers(who_pays(said.costs, scenario), who_pays(today.costs, scenario))
    assert rows["more_musd"].sum() == pytest.approx(said.cost_musd - today.cost_musd)
    difference = against(said, today)
    assert difference["avoided_t"].sum() == pytest.approx(today.emissions_t - said.emissions_t, abs=30)
    whole = per_tonne(difference)
    d = difference["discount"].to_numpy()
    tonnes = np.dot(difference["avoided_t"], d)
    assert whole["usd_per_t"] == pytest.approx((said.cost_musd - today.cost_musd) * 1e6 / tonnes, rel=1e-6)
    assert whole["usd_per_teu"] == pytest.approx(whole["more_musd"] * 1e6 / np.dot(difference["teu"], d))


def test_measures_add_up_to_the_whole_difference(made, said, today):
    rows = abatement(made[0], said, today, burns="vlsfo")
    assert rows["avoided_t"].sum() == pytest.approx(today.emissions_t - said.emissions_t, abs=30)
    assert rows["more_musd"].sum() == pytest.approx(said.cost_musd - today.cost_musd, abs=1e-3)
    known = rows.drop_nulls("usd_per_t")["usd_per_t"].to_list()
    assert known == sorted(known)


def test_a_fuel_avoids_what_oil_would_emit(made, said, today):
    problem = made[0]
    rows = {row["measure"]: row for row in abatement(problem, said, today, burns="vlsfo").to_dicts()}
    rate = {name: float(problem.fuel_t_tj[f, 0]) for f, name in enumerate(problem.fuels)}
    for fuel in ("bio-methanol", "e-methanol"):
        energy = said.fuel.filter(fuel=fuel)["energy_tj"].sum()
        if energy:
            assert rows[fuel]["avoided_t"] == pytest.approx(energy * (rate["vlsfo"] - rate[fuel]))


def test_changes_do_what_they_say(said, scenario):
    def planner(changed, future):
        try:
            problem, _, frames = planned(changed, future)
        except NoPlanError:
            return None
        return told(problem, frames)

    rows = {row["change"]: row for row in changes(said, scenario, planner=planner).to_dicts()}
    assert set(rows) == {words for words, _, _ in variations(scenario)}
    tolerance = 0.01 * said.cost_musd  # the gap of both plans
    assert rows["green fuels 20 % dearer"]["more_musd"] >= -tolerance
    assert rows["green fuels 20 % cheaper"]["more_musd"] <= tolerance
    assert rows["a cut 5 points deeper"]["more_musd"] >= -tolerance
    assert rows["10 % more supply of fuels"]["more_musd"] <= tolerance
    assert rows["without \u201cfirst zero-lifecycle ship by 2030\u201d"]["more_musd"] <= tolerance
    assert all(0.0 <= row["fuel_moved_share"] <= 1.0 for row in rows.values() if row["possible"])


def test_a_change_without_a_plan_is_said_and_stands_first(said, scenario):
    rows = changes(said, scenario, planner=lambda _, __: None)
    assert not rows["possible"].any()
    same = changes(said, scenario, planner=lambda _, __: said)
    assert same["fuel_moved_share"].to_list() == [0.0] * same.height
    assert same["more_musd"].to_list() == [0.0] * same.height


def test_proposals_are_commitments_of_the_network(said, scenario):
    rows = proposals(said, scenario, baseline_t=2.2e6)
    assert rows.height
    for row in rows.iter_rows(named=True):
        body = {key: value for key, value in row.items() if value is not None and key not in {"by", "baseline"}}
        check_body("commitment", body | {"ports": row["ports"].split("|")})
        assert row["corridor"] == "K01"
    fuel = fuel_by_port(said, scenario)
    for row in rows.filter(indicator="I4").iter_rows(named=True):
        year = int(row["due"][:4])
        planned_t = fuel.filter(pl.col("year") == year, pl.col("port") == row["ports"], pl.col("green"))["mass_t"]
        assert float(row["target"]) <= planned_t.max() * (1 + 1e-6)  # the solver's rounding
        assert float(row["target"]) >= 0.9 * planned_t.min()
    last = rows.filter(pl.col("indicator") == "I1").tail(1)
    assert float(last["target"].item()) >= years(said, scenario)["co2e_wtw_t"][-1]


@given(st.floats(1e-3, 1e9), st.booleans())
def test_rounding_is_on_the_safe_side(value, down):
    found = safe(value, down=down)
    assert found <= value * (1 + 1e-6) if down else found >= value * (1 - 1e-6)
    assert found == pytest.approx(value, rel=0.1)
