from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings

from sisterport.berths import Weights, plan, verify
from sisterport.errors import InputError, SchemaError
from tests.berths.ports import HORIZON, T0, WEIGHTS, at, best_cost, frame, frames, ports


def planned(port, **more):
    (calls, berths), others = frames(port)
    return plan(calls, berths, **others, weights=WEIGHTS, step_min=60, horizon_utc=at(HORIZON), time_limit_s=60, **more)


@settings(max_examples=60)
@given(ports())
def test_a_plan_with_every_feature_costs_what_trying_everything_finds(port):
    best = best_cost(port)
    if best is None:
        with pytest.raises(InputError):
            planned(port)
        return
    made = planned(port)
    assert made.status == "optimal"
    assert made.value == pytest.approx(best, abs=1e-6)
    assert made.bound == made.value
    assert made.stays["cost"].sum() == pytest.approx(best, abs=1e-6)
    assert made.faults() == ()
    (calls, berths), others = frames(port)
    assert verify(made.stays, calls, berths, **others) == ()


def quiet(*hours, **more):
    """Two berths and calls of the given handling times that come at hour 0."""
    calls = [{"call_id": f"s{i}", "eta_utc": 0, "handling_h": float(h)} for i, h in enumerate(hours)]
    for name, values in more.items():
        for call, value in zip(calls, values, strict=True):
            call[name] = value
    return frame("berth_calls", calls)


EAST_WEST = pl.DataFrame({"berth_id": ["east", "west"]})


def test_weights_are_per_hour_per_tonne_and_per_change():
    calls = quiet(4, 4, requested_departure_utc=[2, 2], promised_berth_id=["west", "west"], promised_start_utc=[1, 1])
    pairs = pl.DataFrame(
        {"call_id": ["s0"], "berth_id": ["west"], "fuel_t": [2.0], "co2e_t": [6.0], "nox_kg": [100.0], "cost": [0.25]}
    )
    weights = Weights(turnaround=0, waiting=1, lateness=10, moved=2, other_berth=7, fuel=0.5, co2e=3, nox=0.01)
    made = plan(calls, EAST_WEST, pairs=pairs, weights=weights)
    # s0 at east: moves 1 h (2) to another berth (7), 2 h late (20); s1 keeps west: at 1, 3 h late, waits 1 h (31),
    # or at 0: moves 1 h, 2 h late (22); s0 at west would pay 1 + 18 + 1 + 0.25 for what it burns there
    assert made.value == 29 + 22
    assert made.stays.sort("call_id")["other_berth"].to_list() == [True, False]


def test_a_ship_that_must_plug_in_waits_for_the_plant_and_one_that_may_does_without():
    berths = EAST_WEST.with_columns(shore_power_mw=6.0, plant_id=pl.lit("substation"), plant_power_mw=6.0)
    pairs = pl.DataFrame(
        {"call_id": ["s0", "s0"], "berth_id": ["east", "west"], "co2e_t": [9.0, 9.0], "plugged_co2e_t": [1.0, 1.0]}
    )
    must = plan(quiet(4, 4, shore_power=["must", "must"], shore_power_mw=[4.0, 4.0]), berths)
    assert must.value == 4 + 8
    assert must.stays["plugged"].all()
    may = plan(
        quiet(4, 4, shore_power=["may", "must"], shore_power_mw=[4.0, 4.0]),
        berths,
        pairs=pairs,
        weights=Weights(co2e=0.1),
    )
    assert may.value == pytest.approx(8 + 0.9)
    assert may.stays["plugged"].to_list() == [False, True]
    assert may.stays["co2e_t"].to_list() == [9.0, None]


def test_a_start_locked_between_two_steps_keeps_the_berth_from_the_step_before():
    calls = quiet(4, 2, locked_berth_id=["east", "east"]).with_columns(
        locked_start_utc=pl.Series([T0 + timedelta(minutes=20), None], dtype=pl.Datetime("ms", "UTC"))
    )
    made = plan(calls, EAST_WEST, step_min=30)
    first, second = made.stays.iter_rows(named=True)
    assert first["start_utc"] == T0
    assert first["end_utc"] == T0 + timedelta(hours=4, minutes=30)
    assert second["start_utc"] >= first["end_utc"]
    assert verify(made.stays, calls, EAST_WEST) == ()


def test_what_cannot_be_served_is_said_in_the_planners_words():
    berths = pl.DataFrame({"berth_id": ["east"], "length_m": [200.0], "depth_m": [10.0]})
    calls = frame(
        "berth_calls",
        [
            {"call_id": "long", "eta_utc": 0, "handling_h": 4.0, "length_m": 250.0, "shore_power": None},
            {"call_id": "deep", "eta_utc": 0, "handling_h": 4.0, "length_m": None, "shore_power": None},
            {"call_id": "plug", "eta_utc": 0, "handling_h": 4.0, "length_m": None, "shore_power": "must"},
            {"call_id": "none", "eta_utc": 0, "handling_h": None, "length_m": None, "shore_power": None},
        ],
    ).with_columns(draught_m=pl.Series([None, 11.0, None, None]), shore_power_mw=pl.Series([None, None, 3.0, None]))
    with pytest.raises(SchemaError) as raised:
        plan(calls, berths, under_keel_m=0.5)
    assert raised.value.faults == [
        "long: 250 m long, the longest berth takes 200 m",
        "deep: draught 11 m and 0.5 m under the keel, the deepest berth has 10 m",
        "plug: must have shore power of 3 MW, and no berth where she fits has it",
        "none: no handling time is known at a berth where she fits (handling_h of calls or pairs)",
    ]


def test_every_fault_of_the_frames_is_named_at_once():
    calls = frame(
        "berth_calls",
        [
            {"call_id": "Ada", "eta_utc": 5, "handling_h": 4.0, "locked_berth_id": "easy", "locked_start_utc": 3},
            {"call_id": "Ada", "eta_utc": 5, "handling_h": 4.0, "locked_berth_id": None, "locked_start_utc": None},
        ],
    ).with_columns(shore_power=pl.Series(["perhaps", None]))
    with pytest.raises(SchemaError) as raised:
        plan(calls, EAST_WEST, pairs=pl.DataFrame({"call_id": ["Bo"], "berth_id": ["east"]}))
    assert raised.value.faults == [
        "call_id 'Ada' comes 2 times",
        "locked_berth_id of calls: no berth 'easy' (did you mean 'east'?)",
        "pairs: no call 'Bo'",
        "Ada: shore_power is 'perhaps'; say must, may or no",
        "Ada is locked to a start before her ETA (2026-01-01 03:00, 2026-01-01 05:00)",
    ]


def test_locks_that_clash_and_too_much_work_for_one_berth_are_named():
    with pytest.raises(InputError, match="s0 and s1 are both locked to east from 2026-01-01 02:00 on"):
        plan(quiet(4, 4, locked_berth_id=["east", "east"], locked_start_utc=[0, 2]), EAST_WEST)
    with pytest.raises(InputError, match="east is the only berth for s0, s1, s2: 12 h of work in 10 h"):
        plan(quiet(4, 4, 4, latest_departure_utc=[10, 10, 10]), pl.DataFrame({"berth_id": ["east"]}))


def test_no_calls_are_a_plan_without_rows():
    made = plan(frame("berth_calls", []), EAST_WEST)
    assert (made.stays.height, made.value, made.bound, made.status) == (0, 0.0, 0.0, "optimal")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start_utc": at(-1)}, "s1 starts at 2025-12-31 23:00, before her ETA 2026-01-01 00:00"),
        ({"end_utc": at(3)}, "s1 needs 4 h at west and gets 3"),
        ({"berth_id": "east"}, "s0 and s1 are both at east from 2026-01-01 00:00 to 2026-01-01 04:00"),
        ({"berth_id": "north"}, "s1 at north: no such call or berth"),
        ({"call_id": "s0"}, "s1 has no berth"),
        ({"plugged": True}, "s1 is plugged in at west, where she cannot"),
    ],
)
def test_the_verifier_finds_planted_faults(change, said):
    calls = quiet(4, 4)
    stays = plan(calls, EAST_WEST).stays.sort("berth_id").with_columns(call_id=pl.Series(["s0", "s1"]))
    assert verify(stays, calls, EAST_WEST) == ()
    planted = pl.concat(
        [stays[:1], stays[1:].with_columns(pl.lit(v).cast(stays.schema[k]).alias(k) for k, v in change.items())]
    )
    assert said in verify(planted, calls, EAST_WEST)


def test_the_verifier_finds_what_the_frames_forbid():
    berths = pl.DataFrame(
        {"berth_id": ["east"], "length_m": [100.0], "depth_m": [8.0], "tide_draught_m": [5.0]}
    ).with_columns(opens_utc=pl.lit(at(2)), closes_utc=pl.lit(at(3)), shore_power_mw=1.0, plant_power_mw=0.5)
    calls = quiet(
        4,
        length_m=[150.0],
        draught_m=[9.0],
        latest_departure_utc=[2],
        locked_start_utc=[9],
        locked_berth_id=["east"],
        shore_power=["must"],
        shore_power_mw=[2.0],
    )
    closures = frame("berth_closures", [{"berth_id": "east", "begin_utc": 1, "end_utc": 2}])
    stays = plan(quiet(4), pl.DataFrame({"berth_id": ["east"]})).stays.with_columns(plugged=True)
    said = "\n".join(verify(stays, calls, berths, closures=closures))
    for part in (
        "has to be gone by 2026-01-01 02:00",
        "before it opens at",
        "after it closes at",
        "is 150 m long",
        "draught of 9 m",
        "while it is closed",
        "comes to east at 2026-01-01 00:00 at too little water",
        "leaves east at 2026-01-01 04:00 at too little water",
        "is locked to start at 2026-01-01 09:00",
        "draws 2 MW, the outlet of east has 1 MW",
        "outlet of east gives 0.5 MW, but 2 MW are drawn",
    ):
        assert part in said
    assert "must have shore power" in "\n".join(verify(stays.with_columns(plugged=False), calls, berths))
