"""A scenario as arrays: today's way is the baseline, and every rule counts as its own room does."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sisterport.corridor.baseline import baseline
from sisterport.corridor.build import problem_of, problems_of, words_of
from sisterport.corridor.build_ships import left_over, premium_musd, room_m3, variants_of
from sisterport.corridor.build_shore import electric_share, shore_shares
from sisterport.corridor.examples import EXAMPLES, example, example_path
from sisterport.corridor.fuel_factors import factors, green
from sisterport.corridor.problem import Account, Problem
from sisterport.corridor.scenario import Scenario
from sisterport.corridor.scenario_read import read_scenario
from sisterport.errors import MethodError, ProjectError
from sisterport.fuels import newbuild_premium, price
from sisterport.rules import netzero
from sisterport.rules.ets import allowances, gases
from sisterport.rules.fueleu_balance import ship_balance
from sisterport.rules.prices import usd_per_eur
from tests.corridor.test_scenario import changed

LA, HAMBURG = "shanghai-los-angeles", "shanghai-hamburg"


def today(scenario: Scenario, problem: Problem) -> np.ndarray:
    """Energy of each call and its leg in a year, all ships on oil at today's speed [TJ]."""
    option = [service.ships_options.index(service.ships) for service in scenario.services]
    sailings = problem.sailings_min[problem.call_service]
    sea = np.array([problem.sea_tj[c, 0, option[s]] for c, s in enumerate(problem.call_service)])
    return (sea + problem.berth_tj[:, 0]) * sailings


def account(problem: Problem, name: str) -> Account:
    return next(account for account in problem.accounts if account.name == name)


BOUNDARIES = [(n, b) for n in EXAMPLES for b in ("string", "direct", "cargo") if (n, b) != (HAMBURG, "direct")]
"""No leg of Shanghai-Hamburg is direct."""


@pytest.mark.parametrize(("name", "boundary"), BOUNDARIES)
def test_todays_way_is_the_baseline_within_every_boundary(name: str, boundary: str) -> None:
    scenario = dataclasses.replace(example(name), boundary=boundary)
    problem = problem_of(scenario)
    rows = baseline(scenario)
    cut = account(problem, "cut")
    scope = np.ones(problem.call_service.size) if cut.scope is None else cut.scope
    counted = float((today(scenario, problem) * scope).sum())
    assert counted == pytest.approx(rows["energy_gj_per_year"].sum() / 1e3)
    oil = problem.fuels.index(scenario.ships.burns)
    year = scenario.years.index(2035)
    emitted = counted * cut.fuel[oil, year]
    share = {"string": 1.0, "direct": 0.0, "cargo": None}[boundary]
    if share is not None:
        np.testing.assert_allclose(cut.shore, share * problem.shore_t_tj)
    else:
        assert (cut.shore < problem.shore_t_tj)[problem.shore_t_tj > 0].all() or name == "singapore-los-angeles"
    assert emitted == pytest.approx(rows["co2e_wtw_t_per_year"].sum())
    assert cut.limit[0, year] == pytest.approx(0.7 * emitted)
    assert np.isnan(cut.price_usd[0])


def test_today_needs_the_ships_of_today() -> None:
    scenario = example(LA)
    problem = problem_of(scenario)
    for s, service in enumerate(scenario.services):
        days = problem.days[s, service.ships_options.index(service.ships)]
        assert problem.sailings_min[s] * days / problem.ship_days == pytest.approx(service.ships)
        assert problem.group_ships[problem.group_service == s].sum() == service.ships
    assert (problem.group_end >= 1).all()
    assert np.isinf(problem.new_musd[:, :, 0]).all()


def test_tanks_and_cargo_of_a_variant() -> None:
    scenario = example(LA)
    problem = problem_of(scenario)
    names = list(problem.variants)
    plain, more = names.index("methanol"), names.index("methanol, 5 % of cargo")
    gained = 0.05 * 15_000 * 33.2 * 20.1 * 0.794 * 0.9 / 1e3
    assert problem.tank_tj[0, more] - problem.tank_tj[0, plain] == pytest.approx(gained)
    assert problem.teu[0, [plain, more]].tolist() == [15_000, 14_250]
    own, oil = room_m3(scenario, scenario.services[0], variants_of(scenario)[plain])
    assert own + oil == pytest.approx(15_000)
    # the oil tank of a dual-fuel ship still holds the dearest round trip
    trip = (problem.sea_tj[:4, 0].sum(axis=0) + problem.berth_tj[:4, 0].sum()).max()
    assert oil * 39.5 * 0.991 * 0.9 / 1e3 == pytest.approx(trip)


def test_premium_of_a_new_ship_is_near_that_of_the_fuels_room() -> None:
    """Same costs per MW and m3; a smaller engine and tank than the newer class make it a little cheaper."""
    scenario = example(LA)
    theirs = dict(newbuild_premium().select("family", "premium_musd").iter_rows())
    for variant in variants_of(scenario)[1:]:
        if variant.cargo_share == 0:
            own, _ = premium_musd(scenario, scenario.services[0], variant)
            assert 0.6 * theirs[variant.family] < own < theirs[variant.family]


def test_what_is_left_after_the_horizon() -> None:
    scenario = example(LA)
    count = len(scenario.years)
    assert left_over(3, 3 + 20, scenario) == 0.0
    assert left_over(count - 1, count + 24, scenario) == pytest.approx(24 / 25 / 1.08)


def test_prices_are_those_of_the_fuels_room_with_growth() -> None:
    scenario = example(LA)
    problem = problem_of(scenario)
    f, p, y = problem.fuels.index("e-methanol"), problem.ports.index("CNSGH"), scenario.years.index(2035)
    theirs = price(
        "methanol", year=2035, region="CN", pathway_type="electro_renew", growth_per_year=-0.015, delivery_usd_per_t=78
    )
    assert problem.price_usd_gj[f, p, y] == pytest.approx(theirs.total_usd_per_gj)
    assert np.isinf(problem.price_usd_gj[f, problem.ports.index("KRPUS")]).all()
    assert problem.supply_tj[problem.supply_region[f, p], y] == pytest.approx(600_000 * 19.9 / 1e3)
    assert problem.supply_tj[problem.supply_region[f, p], 0] == 0.0


def test_openings() -> None:
    problem = problem_of(example(LA))
    port = {code: problem.ports.index(code) for code in ("CNSGH", "USLAX", "KRPUS")}
    methanol = problem.families.index("methanol")
    never = len(problem.years)
    assert problem.open_first[port["CNSGH"], methanol] == -1
    assert problem.open_first[port["USLAX"], methanol] == 0
    assert problem.open_musd[port["USLAX"], methanol, 0] == 40
    assert problem.open_first[port["KRPUS"], methanol] == never
    assert (problem.open_first[:, 0] == -1).all()
    assert problem.shore_first[port["KRPUS"]] == never


# ---- rules ----


def mix(problem: Problem, **tj: float) -> np.ndarray:
    out = np.zeros(len(problem.fuels))
    for name, amount in tj.items():
        out[problem.fuels.index(name.replace("_", "-"))] = amount
    return out


@pytest.mark.parametrize(("year", "shore_tj"), [(2030, 0.0), (2030, 40.0), (2036, 25.0)])
def test_fueleu_is_that_of_the_rules_room(year: int, shore_tj: float) -> None:
    """The balance of a pool of LNG, e-methanol (RFNBO) and bio-methanol, with electricity from shore."""
    scenario = example(HAMBURG)
    problem = problem_of(scenario)
    rule, y = account(problem, "FuelEU Maritime"), scenario.years.index(year)
    q = mix(problem, lng=600.0, e_methanol=300.0, bio_methanol=100.0)
    port = problem.ports.index("DEHAM")
    missed = float(rule.fuel[:, y] @ q + rule.shore[port, y] * shore_tj - rule.limit[0, y])
    assert rule.shore[problem.ports.index("CNSGH"), y] == 0.0  # electricity outside Europe is no reward
    theirs = ship_balance(
        {"LNG_diesel_ss": 600_000 / 49.1, "e_methanol": 300_000 / 19.9, "bio_methanol": 100_000 / 19.9},
        year=year,
        shore_mj=shore_tj * 1e6,
        certified={"e_methanol": {"certified_e_g_per_mj": 18.4}, "bio_methanol": {"certified_e_g_per_mj": 27.0}},
    )
    # theirs is (limit - emissions / rewarded) x energy, the linear form limit x rewarded - emissions
    energy, rewarded = 1000.0 + shore_tj, (1300.0 if year <= 2033 else 1000.0) + shore_tj
    assert -missed * energy / rewarded == pytest.approx(theirs.balance_t, rel=1e-6)


def test_fueleu_penalty_at_the_limit() -> None:
    scenario = example(HAMBURG)
    rule = account(problem_of(scenario), "FuelEU Maritime")
    limit = 91.16 * 0.94
    expected = 2400 / (41_000 * limit) * 1e6 * usd_per_eur(2030).value
    assert rule.price_usd[scenario.years.index(2030)] == pytest.approx(expected)


def test_ets_is_that_of_the_rules_room() -> None:
    scenario = example(HAMBURG)
    problem = problem_of(scenario)
    rule, y = account(problem, "EU ETS"), scenario.years.index(2030)
    rows = pl.DataFrame(
        {"ship_id": ["a", "b", "c"], "year": [2030] * 3, "kind": ["intra"] * 3,
         "fuel": ["LNG_diesel_ss", "e_methanol", "bio_methanol"], "mass_t": [1e6 / 1e3 / 49.1, 1e3 / 19.9, 1e3 / 19.9],
         "zero_rated": [False, True, True]}
    )  # fmt: skip
    theirs = allowances(gases(rows))["allowances"].to_list()
    own = [rule.fuel[problem.fuels.index(name), y] for name in ("lng", "e-methanol", "bio-methanol")]
    assert own == pytest.approx(theirs, abs=1e-9)
    assert rule.price_usd[y] == pytest.approx(100 * usd_per_eur(2030).value)


def test_european_scope_is_half_of_the_legs_to_and_from_third_countries() -> None:
    scenario = example(HAMBURG)
    problem = problem_of(scenario)
    scope = account(problem, "EU ETS").scope
    assert scope is not None
    calls = {port: scope[i] for i, port in enumerate(scenario.services[0].ports)}
    assert calls["CNSGH"] == 0.0
    assert calls["SGSIN"] == pytest.approx(0.5, abs=0.01)  # half of the leg to Rotterdam, nothing of the stay
    assert calls["NLRTM"] == 1.0
    assert 0.5 < calls["DEHAM"] < 0.55  # the stay whole, half of the leg to Port Klang
    assert not [a for a in problem_of(example(LA)).accounts if a.name in {"EU ETS", "FuelEU Maritime"}]


def netzero_scenario(tmp_path: Path) -> Scenario:
    prices = "netzero_tier1_usd_per_t = 100\nnetzero_tier2_usd_per_t = 380"
    on = f'netzero = true\nnetzero_unset = "hold"\n{prices}'
    return read_scenario(changed(tmp_path, ("at_berth = true\nchina = true", on), name=LA))


@pytest.mark.parametrize("green_tj", [0.0, 80.0, 200.0, 400.0])
@pytest.mark.parametrize("year", [2028, 2032])
def test_netzero_costs_what_the_rules_room_says(tmp_path: Path, green_tj: float, year: int) -> None:
    scenario = netzero_scenario(tmp_path)
    problem = problem_of(scenario)
    y = scenario.years.index(year)
    q = mix(problem, vlsfo=1000.0 - green_tj, e_methanol=green_tj)
    rate = np.array([problem.fuel_t_tj[:, y]])
    owed = 0.0
    for tier in (1, 2):
        rule = account(problem, f"Net-Zero Framework, tier {tier}")
        owed += max(0.0, float(rule.fuel[:, y] @ q)) * rule.price_usd[y]
    theirs = netzero.compliance(
        gfi_g_per_mj=float((rate @ q)[0] / 1000.0), energy_mj=1e9, year=year, enabled=True,
        tier1_usd_per_t=100.0, tier2_usd_per_t=380.0,
    )  # fmt: skip
    assert owed == pytest.approx(theirs.cost_usd, abs=1e-3)


def test_netzero_is_off_unless_asked_for_and_holds_after_its_last_year(tmp_path: Path) -> None:
    assert not [a for a in problem_of(example(LA)).accounts if a.name.startswith("Net-Zero")]
    scenario = netzero_scenario(tmp_path)
    rule = account(problem_of(scenario), "Net-Zero Framework, tier 1")
    prices = dict(zip(scenario.years, rule.price_usd, strict=True))
    assert np.isnan(prices[2027])
    assert prices[2028] == prices[2050] == 100.0
    rates = dict(zip(scenario.years, rule.fuel[0], strict=True))
    assert rates[2035] == rates[2036] == rates[2050] > rates[2034]


def test_californian_berths_want_all_but_the_edges_of_a_stay() -> None:
    scenario = example(LA)
    problem = problem_of(scenario)
    service = scenario.services[0]
    call = service.ports.index("USOAK")
    electric = electric_share(scenario, service)
    assert problem.duty[call, 0] == pytest.approx(min(1 - 3 / 30, 0.9) * electric)
    assert np.isinf(problem.duty_usd_gj[call, 0])
    assert (problem.duty <= problem.connect[:, None] + 1e-12).all()
    assert problem.duty[service.ports.index("CNNBO"), 0] == 0.0  # China: no shore power there yet
    assert problem.duty[service.ports.index("CNSGH"), 0] == pytest.approx(0.8 * electric)


def test_european_berths_from_2030_at_the_penalty_of_fueleu() -> None:
    scenario = example(HAMBURG)
    problem = problem_of(scenario)
    call = scenario.services[0].ports.index("DEHAM")
    assert problem.duty[call, scenario.years.index(2029)] == 0.0
    y = scenario.years.index(2030)
    assert problem.duty[call, y] == pytest.approx(problem.connect[call])
    # 1.5 EUR per kWh of electricity; a GJ of fuel is half a GJ of it
    assert problem.duty_usd_gj[call, y] == pytest.approx(1.5 * usd_per_eur(2030).value * 1000 / 3.6 * 0.5)


# ---- promises, green, futures, words ----


def test_green_is_what_the_certificate_says_and_not_the_name(tmp_path: Path) -> None:
    dirty = read_scenario(
        changed(tmp_path, ("certified_wtw_g_per_mj = 18.4", "certified_wtw_g_per_mj = 180.0"), name=LA)
    )
    for year in (2028, 2030, 2040):
        assert not green(dirty.fuel("e-methanol"), dirty, year=year)[0]
    clean = example(LA)
    assert green(clean.fuel("e-methanol"), clean, year=2030, threshold="nzf_zero")[0]
    assert not green(clean.fuel("e-methanol"), clean, year=2035, threshold="nzf_zero")[0]  # 14 g/MJ from 2035
    assert not green(clean.fuel("lng"), clean, year=2030)[0]
    methanol = [v.startswith("methanol") for v in problem_of(clean).variants]
    assert problem_of(clean).pledges[0].variants[methanol].all()
    assert not problem_of(dirty).pledges[0].variants[methanol].any()
    # FuelEU takes it for fossil methanol, the climate for what it emits
    own = {below: factors(dirty.fuel("e-methanol"), methane_engine="HPDF", gwp="AR5", below_criteria=below).wtw_g_per_mj
           for below in ("as_certified", "fossil")}  # fmt: skip
    assert own["as_certified"] == pytest.approx(180.0)
    assert own["fossil"] == pytest.approx(100.4, abs=0.1)


def test_a_promised_ship_has_to_burn_green_fuel() -> None:
    scenario = example(LA)
    problem = problem_of(scenario)
    name = scenario.agreements[0].name
    pledge, share = problem.pledges[0], account(problem, name)
    assert (pledge.ships, pledge.from_year) == (1, 4)
    y = scenario.years.index(2030)
    needed = 1 / 22 * 0.95
    enough = mix(problem, vlsfo=1 - needed, e_ammonia=needed)
    too_little = mix(problem, vlsfo=1 - 0.9 * needed, e_ammonia=0.9 * needed)
    assert float(share.fuel[:, y] @ enough) == pytest.approx(0.0, abs=1e-12)
    assert float(share.fuel[:, y] @ too_little) > 0
    assert np.isnan(share.price_usd[y - 1])
    assert np.isinf(share.price_usd[y])


def test_futures_change_what_they_say_and_nothing_else() -> None:
    scenario = example(LA)
    plain = problem_of(scenario)
    found = {future.name: problem for future, problem in problems_of(scenario)}
    dear = found["green fuels dear"]
    fossil = [fuel.fuel_class == "fossil" for fuel in scenario.fuels]
    sold = np.isfinite(plain.price_usd_gj)
    ratio = dear.price_usd_gj[sold] / plain.price_usd_gj[sold]
    expected = np.broadcast_to(np.where(fossil, 1.0, 1.4)[:, None, None], plain.price_usd_gj.shape)[sold]
    assert ratio == pytest.approx(expected)
    assert dear.supply_tj == pytest.approx(0.7 * plain.supply_tj)
    same = ("days", "sea_tj", "tank_tj", "new_musd", "duty", "open_musd", "demand_teu", "fuel_t_tj")
    for name in same:
        np.testing.assert_array_equal(getattr(dear, name), getattr(plain, name))
    with pytest.raises(MethodError, match="did you mean 'green fuels dear'"):
        problem_of(scenario, future="green fuel dear")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_requirement_has_its_words(name: str) -> None:
    scenario = example(name)
    problem, words = problem_of(scenario), words_of(scenario)
    wanted = [f"account:{account.name}" for account in problem.accounts]
    wanted += [f"pledge:{pledge.name}" for pledge in problem.pledges]
    wanted += [f"{kind}:{s}" for kind in ("demand", "frequency", "new") for s in problem.services]
    wanted += [f"supply:{fuel}" for fuel in {row.fuel for row in scenario.supply}]
    wanted += [f"{kind}:{port}" for kind in ("duty", "shore") for port in problem.ports]
    wanted += [f"open:{port}:{family}" for port in problem.ports for family in problem.families]
    assert set(wanted) <= set(words)
    assert words["account:cut"].startswith("[targets] cut: 10 % from 2030")
    assert dict(problem.words) == dict(words)


# ---- shore power from a match ----


def match_folder(folder: Path) -> None:
    """Two stays of container ships at Shanghai, one could connect, one after a fix of the berth; one tanker."""
    start = datetime(2024, 5, 1, tzinfo=UTC)
    rows: list[dict[str, Any]] = [
        {"stay_id": "a", "imo": 9074729, "ship_class": "container", "berth_id": "b1", "aux_mwh": 30.0},
        {"stay_id": "b", "imo": 9321483, "ship_class": "container", "berth_id": "b1", "aux_mwh": 10.0},
        {"stay_id": "c", "imo": 9722625, "ship_class": "oil_tanker", "berth_id": "b1", "aux_mwh": 60.0},
    ]
    common = {"locode": "CNSGH", "start_utc": start, "end_utc": datetime(2024, 5, 2, tzinfo=UTC), "hours": 24.0}
    bits = {"checks_true": 0, "checks_false": 0, "checks_unknown": 0, "berth_id": "b1"}
    verdicts = [{"ship_id": f"imo:{imo}", "grade": g, "best": g, "worst": g} | bits
                for imo, g in ((9074729, 0), (9321483, 4), (9722625, 6))]  # fmt: skip
    pl.DataFrame([common | row for row in rows]).write_parquet(folder / "stays.parquet")
    pl.DataFrame(verdicts).write_parquet(folder / "verdicts.parquet")


def test_shares_at_berth_come_from_the_match_that_the_scenario_names(tmp_path: Path) -> None:
    out = tmp_path / "ashore"
    out.mkdir()
    open_port = ("# [shore_power]", "[shore_power]"), ('# folder = "out/shorepower"', 'folder = "ashore"')
    no_share = ("shore_power_share = 0.8 ", "# shore_power_share = 0.8 ")
    unmarked = ('guess = ["shore_power_share", "electricity_usd_per_kwh"]\n\n[[port]]\nlocode = "KRPUS"',
                'guess = ["electricity_usd_per_kwh"]\n\n[[port]]\nlocode = "KRPUS"')  # fmt: skip
    path = changed(tmp_path, *open_port, no_share, unmarked)
    with pytest.raises(
        ProjectError, match=r"line \d+: \[shore_power\] folder: stays\.parquet, verdicts\.parquet missing"
    ):
        read_scenario(path)
    match_folder(out)
    scenario = read_scenario(path)
    shares = {row["locode"]: row for row in shore_shares(scenario).to_dicts()}
    assert shares["CNSGH"]["share"] == pytest.approx(0.75)
    assert shares["CNSGH"]["source"].startswith("match in")
    assert shares["USLAX"]["source"] == "file"
    assert shares["KRPUS"]["share"] == 0.0
    to_open = read_scenario(
        changed(tmp_path, *open_port, no_share, unmarked, ("shore_power_from = 2026 ", "shore_power_musd = 15 "),
                ('guess = ["electricity_usd_per_kwh"]', 'guess = ["electricity_usd_per_kwh", "shore_power_musd"]'))
    )  # fmt: skip
    assert shore_shares(to_open).row(0)[1] == pytest.approx(1.0)  # with the fix of the berth


def test_the_commented_file_can_be_planned() -> None:
    problem = problem_of(read_scenario(example_path("new")))
    assert problem.services == ("s-1",)
