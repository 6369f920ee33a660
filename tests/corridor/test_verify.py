"""Every planted violation is found, and a certificate proves what it says and nothing more."""

import copy
import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sisterport.corridor import proof
from sisterport.corridor.certificate import certificate, to_json
from sisterport.corridor.plan import plan
from sisterport.corridor.solve import solve
from sisterport.corridor.verify import verify

from .tiny import tiny


@pytest.fixture(scope="module")
def case():
    """A plan with methanol in tanks, shore energy and a chartered ship."""
    p = tiny(0)
    cheap = p.price_usd_gj.copy()
    cheap[1:][np.isfinite(cheap[1:])] = 6.0
    p = replace(p, price_usd_gj=cheap, duty_usd_gj=np.full(p.duty.shape, np.inf), supply_tj=p.supply_tj + 30)
    solved = solve(p, gap=1e-6)
    made = plan(solved)
    for frame in (made.ships, made.fuel, made.tanks, made.shore, made.openings, made.counted, made.conversions):
        assert frame.height
    assert made.ships["built_n"].sum() > 0
    assert (made.ships["chartered_out_years"] > 0).any()
    return p, solved, made


def test_a_true_plan_has_no_faults(case):
    p, solved, made = case
    assert verify(p, made, cost_musd=solved.cost_musd, emissions_t=solved.emissions_t) == []


def _scaled(name, column, factor, where=None):
    def change(p, made):
        value = pl.col(column) * factor
        frame = getattr(made, name).with_columns(
            value if where is None else pl.when(where).then(value).otherwise(pl.col(column))
        )
        return p, replace(made, **{name: frame})

    return change


def _without(name, rows):
    return lambda p, made: (p, replace(made, **{name: getattr(made, name).filter(~rows)}))


def _later(name):
    return lambda p, made: (p, replace(made, **{name: getattr(made, name).with_columns(pl.lit(2028).alias("year"))}))


def _forbidden(account):
    return replace(account, price_usd=np.full(3, np.inf), limit=account.limit * 0)


def _problem(**changes):
    return lambda p, made: (replace(p, **{k: change(getattr(p, k)) for k, change in changes.items()}), made)


def _at_once(p, made):
    """Bunker at the last call what was bunkered at the two before it: the year's sum is what it was."""
    last = pl.when(pl.col("port") == "West").then(3).otherwise(pl.col("call")).cast(pl.Int64).alias("call")
    keys = {"fuel": ["fuel"], "tanks": ["variant"]}
    moved = {
        name: getattr(made, name).with_columns(last).group_by("service", "call", "port", *own, "year").sum()
        for name, own in keys.items()
    }
    return p, replace(made, **moved)


def _chartered(p, made):
    every = pl.col("ships_n").cast(pl.Float64).alias("chartered_out_years")
    return p, replace(made, ships=made.ships.with_columns(every))


COST = "cost in the frame"
ROOM, DAYS, FEW = "tanks too small", "more sailings than the ships have days for", "fewer sailings than the stated"
SCOPE, COUNTS = "the energy counted is not that of the legs in scope", "a rule counts more of a fuel than was bunkered"
FLEET = "ships that do not follow from those before"
CARGO, NEED, BOUGHT = (
    "less cargo than stated",
    "energy bought is not energy needed",
    "methanol bought is not methanol in",
)
DUTY, PLUG = "less shore energy than the law wants", "more shore energy than can connect"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_scaled("ships", "ships_n", 2), {FLEET, COST}),
        (_scaled("ships", "ships_n", 0.5), {FLEET, DAYS, "ships: some number is negative or not whole",
                                            "'one methanol ship': fewer than 1 ships", COST}),
        (_chartered, {DAYS, COST}),
        (_without("conversions", pl.col("ships_n") > 0), {FLEET, COST}),
        (_scaled("conversions", "ships_n", 3), {FLEET, "ships: more conversions than ships", COST}),
        (_problem(group_end=lambda x: np.minimum(x, 2)), {FLEET}),
        (_problem(new_max=lambda x: x * 0), {"more new ships than the yards deliver"}),
        (_problem(new_musd=lambda x: x * np.inf), {"ships that cannot be had", COST}),
        (_problem(convert_musd=lambda x: x * np.inf), {"ships: group 1 of 'loop' cannot become methanol", COST}),
        (_problem(sailings_min=lambda x: x * 1.1), {FEW}),
        (_problem(ship_days=lambda x: x * 0.9), {DAYS}),
        (_problem(demand_teu=lambda d: d * 1.3), {CARGO}),
        (_scaled("sailings", "sailings_n", 0.999), {FEW, CARGO, NEED, PLUG, SCOPE, ROOM}),
        (_scaled("fuel", "energy_tj", 1.001, pl.col("fuel") == "VLSFO"), {NEED, COST}),
        (_scaled("fuel", "energy_tj", -1.0), {"some amount is below zero", NEED, BOUGHT, COUNTS, COST}),
        (_scaled("tanks", "energy_tj", 0.999), {BOUGHT}),
        (_problem(tank_tj=lambda t: t * np.array([1.0, 0.3])), {ROOM}),
        (_at_once, {ROOM}),
        (_problem(pilot=lambda x: x + np.array([0.0, 0.9]), tank_tj=lambda t: t * 100),
         {"more bunkered than can be burnt beside the pilot"}),
        (_problem(price_usd_gj=lambda x: np.where(np.arange(3)[:, None, None] > 0, np.inf, x)),
         {"e-methanol is not sold at West", COST}),
        (_without("openings", pl.col("opened") == "methanol"),
         {"e-methanol bunkered at West before methanol bunkering is open", COST}),
        (_problem(open_first=lambda x: np.where(x >= 0, 3, 3)), {"methanol at West opens in 2027, before it can"}),
        (_problem(shore_first=lambda x: x + 2), {"shore power at East opens in 2027, before it can"}),
        (_problem(connect=lambda x: x * 0.5), {PLUG}),
        (_without("openings", pl.col("opened") == "shore power"),
         {"shore energy at East before shore power is open", COST}),
        (_problem(duty=lambda x: x * 2), {DUTY}),
        (_problem(supply_tj=lambda x: x * 0.01), {"more e-methanol than is supplied"}),
        (_scaled("counted", "energy_tj", 0.999, pl.col("fuel") == "VLSFO"), {SCOPE, COST}),
        (_scaled("counted", "energy_tj", 50, pl.col("fuel") == "e-methanol"), {SCOPE, COUNTS}),
        (_problem(accounts=lambda a: (_forbidden(a[0]), a[1])), {"'cut' is not kept in 2026", COST}),
        (_problem(pledges=lambda x: tuple(replace(k, ships=9) for k in x)),
         {"'one methanol ship': fewer than 9 ships in 2028"}),
        (_scaled("costs", "present_musd", 1.00001), {COST}),
        (_later("sailings"), {DAYS, FEW, CARGO, NEED, PLUG, DUTY, SCOPE, ROOM, "more bunkered than can be burnt"}),
        (_scaled("ships", "ships_n", 1), set()),
    ],
)  # fmt: skip
def test_a_planted_violation_is_found_and_nothing_else(case, change, found):
    """Every fault is one that was planted or follows from it, and none of those is missed."""
    p, made = change(*case[::2])
    faults = verify(p, made)
    for fault in faults:
        assert any(words in fault for words in found), fault
    for words in found:
        assert any(words in fault for fault in faults), (words, faults)


def test_a_wrong_cost_or_emission_is_found(case):
    p, solved, made = case
    assert "cost" in verify(p, made, cost_musd=solved.cost_musd * 1.001)[0]
    assert "emissions" in verify(p, made, emissions_t=solved.emissions_t * 0.999)[0]
    for never in (np.nan, np.inf):
        assert "cost" in verify(p, made, cost_musd=never)[0]


def test_a_plan_of_another_problem_does_not_fit(case):
    _, _, made = case
    other = replace(tiny(0), services=("other",))
    assert verify(other, made)[0].startswith("plan and problem do not fit")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("objective", ["cost", "emissions"])
def test_the_certificate_proves_the_bound_by_itself(seed, objective):
    p = tiny(seed)
    budget = None if objective == "cost" else solve(p, gap=1e-6).cost_musd * 1.1
    solved = solve(p, gap=1e-6, objective=objective, budget_musd=budget)
    record = json.loads(to_json(certificate(solved)))
    unit = 1.0 if objective == "cost" else 1e3
    assert record["bound"] == pytest.approx(solved.proven, rel=1e-9)
    assert proof.bound(p, record) * unit == pytest.approx(solved.proven, rel=1e-9)
    rng = np.random.default_rng(seed)
    for size in (0.01, 0.3, 3.0):  # whatever the prices: what they prove is true
        changed = copy.deepcopy(record)
        for name, packed in record["prices"].items():
            values = proof.unpacked(packed)
            spread = size * (np.abs(values).max(initial=0.0) + 0.01)
            changed["prices"][name] = _packed(values + rng.normal(0, spread, values.shape))
        assert proof.bound(p, changed) * unit <= solved.value * (1 + 1e-9)


def _packed(values):
    from sisterport.corridor.certificate import _packed

    return _packed(values)


def test_prices_that_do_not_fit_are_refused():
    p = tiny(0)
    record = certificate(solve(p))
    record["prices"]["fleet"] = record["prices"]["time"] | {"shape": [1]}
    with pytest.raises(ValueError, match=r"reshape|shape"):
        proof.bound(p, record)
    record["prices"]["fleet"] = _packed(np.full((1, 2, 3), np.nan))
    with pytest.raises(ValueError, match="not finite"):
        proof.bound(p, record)


def test_the_checks_use_none_of_the_optimisers_code():
    for checked in ("verify", "proof"):
        source = Path(import_module(f"sisterport.corridor.{checked}").__file__).read_text(encoding="utf-8")
        used = {line.split()[1] for line in source.splitlines() if line.startswith("from sisterport.corridor")}
        assert used <= {"sisterport.corridor.problem", "sisterport.corridor.plan_frames"}
