from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.berths import Weights, explain, plan, replan, verify
from sisterport.berths.problem import FORBIDDEN
from sisterport.berths.replan import moved_share
from sisterport.berths.solver import optimise
from sisterport.errors import InputError
from tests.berths.ports import T0, WEIGHTS, at, frame, frames, ports

ONE = pl.DataFrame({"berth_id": ["east"]})
TWO = pl.DataFrame({"berth_id": ["east", "west"]})


def queue(*etas, hours=4.0):
    return frame("berth_calls", [{"call_id": f"s{i}", "eta_utc": t, "handling_h": hours} for i, t in enumerate(etas)])


def starts(made):
    return {row["call_id"]: (row["start_utc"] - T0) / timedelta(hours=1) for row in made.stays.iter_rows(named=True)}


def test_what_is_under_way_or_inside_the_freeze_window_stays():
    first = plan(queue(0, 1, 2, 3), ONE)
    assert starts(first) == {"s0": 0, "s1": 4, "s2": 8, "s3": 12}
    short = frame("berth_calls", [{"call_id": "new", "eta_utc": 3, "handling_h": 1.0}])
    calls = pl.concat([queue(0, 1, 2, 3), short])
    new = replan(first, calls, ONE, now_utc=at(3), freeze_h=2, weights=Weights(moved=0.1))
    assert starts(new) == {"s0": 0, "s1": 4, "new": 8, "s2": 9, "s3": 13}
    assert dict(new.stays.select("call_id", "frozen").iter_rows()) == {
        "s0": True, "s1": True, "s2": False, "s3": False, "new": False,
    }  # fmt: skip
    assert new.stays.drop_nulls("moved_h").select(pl.col("moved_h").sum()).item() == 2
    assert moved_share(new, now_utc=at(3), window_h=5) == pytest.approx(1 / 3)


def test_a_frozen_ship_that_comes_too_late_is_planned_anew_and_who_has_left_is_gone():
    first = plan(queue(0, 4), ONE)
    late = queue(0, 7)
    new = replan(first, late, ONE, now_utc=at(5), freeze_h=6)
    assert starts(new) == {"s1": 7}


def test_stability_costs_what_the_weights_say():
    first = plan(queue(0, 5), ONE)
    urgent = frame("berth_calls", [{"call_id": "new", "eta_utc": 4, "handling_h": 2.0}])
    calls = pl.concat([queue(0, 5), urgent])
    assert starts(replan(first, calls, ONE, now_utc=at(1)))["s1"] == 6
    assert starts(replan(first, calls, ONE, now_utc=at(1), weights=Weights(moved=10)))["s1"] == 5


def test_nobody_starts_before_now():
    first = plan(queue(0, 0), ONE)
    new = replan(first, pl.concat([queue(0, 0), queue(0).with_columns(call_id=pl.lit("new"))]), TWO, now_utc=at(2))
    assert starts(new)["new"] >= 2
    assert starts(new)["s0"] == 0


@settings(max_examples=30)
@given(ports(most_calls=4), st.integers(0, 8))
def test_replans_of_any_port_keep_every_rule(port, now):
    (calls, berths), others = frames(port)
    options = {"weights": WEIGHTS, "step_min": 60, "horizon_utc": at(18)}
    try:
        first = plan(calls, berths, **others, **options)
        second = replan(first, calls, berths, now_utc=at(now), freeze_h=2, **others, **options)
    except InputError:
        return
    left = calls.filter(pl.col("call_id").is_in(second.stays["call_id"].implode()))
    gone = calls["call_id"].is_in(left["call_id"].implode())
    fitting = {
        name: f.filter(pl.col("call_id").is_in(left["call_id"].implode())) if "call_id" in f.columns else f
        for name, f in others.items()
    }
    assert verify(second.stays, left, berths, **fitting) == ()
    assert gone.sum() == left.height
    under_way = first.stays.filter((pl.col("start_utc") < at(now)) & (pl.col("end_utc") > at(now)))
    kept = second.stays.join(under_way, on="call_id")
    assert kept.height == under_way.height
    assert kept.filter(pl.col("berth_id") != pl.col("berth_id_right")).height == 0


def test_reasons_name_the_blocking_ship_the_tide_the_closure_and_the_plant():
    berths = TWO.with_columns(
        tide_draught_m=pl.Series([8.0, None]), length_m=pl.Series([300.0, 100.0]), plant_power_mw=pl.lit(3.0),
        plant_id=pl.lit("substation"), shore_power_mw=pl.lit(3.0),
    )  # fmt: skip
    calls = frame(
        "berth_calls",
        [
            {"call_id": "deep", "eta_utc": 0, "handling_h": 4.0, "length_m": 200.0, "draught_m": 10.0},
            {"call_id": "next", "eta_utc": 5, "handling_h": 4.0, "length_m": 200.0, "draught_m": 7.0},
            {"call_id": "small", "eta_utc": 0, "handling_h": 2.0, "length_m": 80.0, "draught_m": 4.0},
        ],
    )
    tides = frame(
        "berth_tides",
        [{"berth_id": None, "begin_utc": hour, "end_utc": hour + 2, "draught_m": 12.0} for hour in (3, 7, 15)],
    )
    closures = frame("berth_closures", [{"berth_id": "west", "begin_utc": 0, "end_utc": 3}])
    made = plan(calls, berths, tides=tides, closures=closures)
    why = {row["call_id"]: row for row in explain(made).iter_rows(named=True)}
    assert why["deep"]["why_then"] == "waits for high water"
    assert why["deep"]["why_here"] == "the only berth with a place for her: she does not fit west"
    assert why["next"]["why_then"] == "waits until deep leaves"
    assert why["next"]["blocked_by"] == "deep"
    assert why["small"]["next_berth_id"] in ("east", "west")
    closed = plan(calls.filter(pl.col("call_id") == "small"), berths[1:], closures=closures)
    assert explain(closed)["why_then"][0] == "west is closed before"
    both = frame(
        "berth_calls",
        [
            {"call_id": berth, "eta_utc": 0, "handling_h": 4.0, "locked_berth_id": berth, "shore_power": "must"}
            for berth in ("east", "west")
        ],
    ).with_columns(shore_power_mw=pl.lit(2.0))
    reasons = explain(plan(both, berths.with_columns(length_m=pl.lit(None, pl.Float64))))["why_then"].to_list()
    assert sorted(reasons) == ["starts when she can come", "waits for shore power: substation is given out before"]


@settings(max_examples=25)
@given(ports(most_calls=4))
def test_the_true_price_of_another_berth_lies_between_the_two_that_are_told(port):
    (calls, berths), others = frames(port)
    try:
        made = plan(calls, berths, **others, weights=WEIGHTS, step_min=60, horizon_utc=at(18))
    except InputError:
        return
    problem = made.desk.problem
    for i, row in enumerate(explain(made).iter_rows(named=True)):
        cost = problem.cost.copy()
        cost[i, made.solution.berth[i]] = FORBIDDEN
        banned = type(problem)(
            ships=problem.ships, berths=problem.berths, handling=problem.handling, cost=cost, power=problem.power
        )
        done = optimise(banned, time_limit_s=60)
        if done.status == "infeasible":
            assert row["next_berth_id"] is None or problem.power is not None
            continue
        true = made.desk.natural(done.value) - made.value
        if row["next_cost_least"] is not None:
            assert row["next_cost_least"] <= true + 1e-6
        if row["next_cost"] is not None and problem.power is None:
            assert row["next_cost"] >= true - 1e-6


def test_what_ships_cost_the_others_is_known_and_helps_a_replan_from_stays_alone():
    calls = queue(*range(12), hours=3.0)
    first = plan(calls, TWO)
    hindrance = first.hindrance
    assert set(hindrance) == set(calls["call_id"])
    assert min(hindrance.values()) >= 0
    assert max(hindrance.values()) > 0, "somebody waits for somebody"
    given = {"now_utc": at(1), "weights": Weights(moved=0.1)}
    by_plan, by_stays = (
        replan(first, calls, TWO, **given),
        replan(first.stays, calls, TWO, hindrance=hindrance, **given),
    )
    assert by_plan.value == by_stays.value
    assert by_plan.certificate == by_stays.certificate
