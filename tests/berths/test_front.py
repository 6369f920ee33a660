"""Trade-offs under sampled delays, against a slow simulation of one sample and hand-made cases."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.berths.desk import Weights
from sisterport.berths.front import (
    Prices,
    arrival_windows,
    berth_approaches,
    choose_buffers,
    efficient,
    front,
    fuel_by_start,
    hypervolume,
)
from sisterport.berths.jit import approach, request_arrivals
from sisterport.berths.plan import plan
from sisterport.berths.sampled import Draws, draws, eta_sigma, outcome, queue
from tests.berths.ships import MMSI, RATES

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def port(ships: int, berths: int, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return ships on their way and a plan by order of arrival, busy enough to queue."""
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.uniform(2, 60, ships))
    service = rng.choice([14.0, 16.0, 18.0], ships)
    names = [f"S{i:02d}" for i in range(ships)]
    ways = pl.DataFrame(
        {"call_id": names, "mmsi": rng.choice(MMSI, ships), "distance_nm": hours * service, "service_kn": service}
    )
    clear, rows = np.zeros(berths), []
    for name, there in zip(names, hours, strict=True):
        b = int(clear.argmin())
        start = max(clear[b], there)
        clear[b] = start + rng.uniform(8, 20)
        rows.append((name, f"b{b}", NOW + timedelta(hours=float(start)), NOW + timedelta(hours=float(clear[b]))))
    return ways, pl.DataFrame(rows, schema=["call_id", "berth_id", "start_utc", "end_utc"], orient="row")


def test_without_delays_the_plan_and_its_requests_come_true() -> None:
    ways, stays = port(12, 3)
    asked = request_arrivals(stays, ways, RATES, now=NOW, notice_h=24)
    ships = approach(ways, RATES, notice_h=24)
    none = Draws(late_h=np.zeros((12, 1)), stretch=np.ones((12, 1)))
    found = outcome(ships, queue(stays, ways["call_id"], now=NOW), none)
    assert found.anchor_h[:, 0] == pytest.approx(asked["anchor_after_h"].to_numpy(), abs=1e-3)
    assert found.waiting_h[:, 0] == pytest.approx(asked["queue_h"].to_numpy(), abs=1e-3)
    burnt = (asked["main_after_t"] + asked["other_after_t"]).to_numpy()
    assert found.fuel_t[:, 0] == pytest.approx(burnt, rel=1e-3)
    assert found.idle_h == pytest.approx(0, abs=1e-6)


@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([0.0, 2.0]))
def test_one_sample_equals_ships_followed_one_by_one(seed, asked, buffer) -> None:
    ways, stays = port(10, 2, seed)
    ships = approach(ways, RATES, notice_h=18)
    delays = draws(ships, samples=1, seed=seed)
    found = outcome(ships, queue(stays, ways["call_id"], now=NOW), delays, buffer_h=buffer, asked=asked)
    row = {name: i for i, name in enumerate(ways["call_id"])}
    clear = {"b0": 0.0, "b1": 0.0}
    end_planned = dict(clear)
    for name, berth, begin, end in stays.sort("start_utc").iter_rows():
        i = row[name]
        planned = (begin - NOW).total_seconds() / 3600
        miles, knots = ways["distance_nm"][i], ways["service_kn"][i]
        there = max(miles / knots + delays.late_h[i, 0], 0)
        told = min(max(miles / knots - 18, 0), there)
        latest = told + (there - told) / 0.6
        arrives = max(there, min(planned - buffer, latest)) if asked else there
        begins = max(arrives, clear[berth])
        assert found.anchor_h[i, 0] == pytest.approx(begins - arrives, abs=1e-3)
        assert found.waiting_h[i, 0] == pytest.approx(begins - there, abs=1e-3)
        assert found.idle_h[i, 0] == pytest.approx(begins - max(there, clear[berth]), abs=1e-3)
        clear[berth] = begins + (end - begin).total_seconds() / 3600 * delays.stretch[i, 0]
        end_planned[berth] = end


def test_the_error_of_arrivals_shrinks_with_the_time_to_go_and_doubles() -> None:
    hours = np.array([0.0, 12, 24, 72])
    assert (np.diff(eta_sigma(hours)) > 0).all()
    assert eta_sigma(hours, times=2) == pytest.approx(2 * eta_sigma(hours))
    ways, _ = port(8, 2)
    ships = approach(ways, RATES, notice_h=24)
    late = draws(ships, samples=4000, seed=1).late_h
    assert late.std(axis=1) == pytest.approx(eta_sigma(ships.free_h), rel=0.06)
    assert draws(ships, samples=4000, seed=1).stretch.mean() == pytest.approx(1, abs=0.01)


def test_a_larger_buffer_buys_less_idle_time_for_more_anchorage() -> None:
    ways, stays = port(16, 3)
    found = front({"plan": stays}, ways, RATES, now=NOW, notices_h=[24])
    asked = found.choices.filter(pl.col("notice_h") > 0).sort("buffer_h")
    assert asked["anchor_h"].is_sorted()
    assert asked["idle_h"].is_sorted(descending=True)
    assert asked["fuel_t"].is_sorted()
    nobody = found.choices.filter(notice_h=0).row(0, named=True)
    assert nobody["idle_h"] == 0
    assert nobody["anchor_h"] > asked["anchor_h"][0]
    assert (found.choices["anchor_cvar_h"] >= found.choices["anchor_h"]).all()


def test_a_front_of_plans_with_fuel_in_the_cost() -> None:
    ways, _ = port(14, 3, seed=5)
    calls = arrival_windows(ways, RATES, now=NOW, notice_h=24).with_columns(
        handling_h=pl.Series(np.random.default_rng(5).uniform(8, 20, 14))
    )
    berths = pl.DataFrame({"berth_id": ["a", "b", "c"]})
    curve = berth_approaches(ways, RATES, now=NOW, notice_h=24, horizon_h=200)
    plans = {
        f"fuel x {weight}": plan(calls, berths, approaches=curve, weights=Weights(fuel=weight), time_limit_s=1,
                                 step_min=30).stays
        for weight in (0.0, 1.0, 5.0)
    }  # fmt: skip
    found = front(plans, ways, RATES, now=NOW)
    good = found.choices.filter("efficient")
    assert good.height >= 10
    assert 0 < found.hypervolume < 1
    for row in found.choices.filter(~pl.col("efficient")).iter_rows(named=True):
        beaten = (good["anchor_h"] <= row["anchor_h"]) & (good["fuel_t"] <= row["fuel_t"])
        assert (beaten & (good["idle_h"] <= row["idle_h"])).any()


def test_fuel_in_the_cost_is_the_fuel_of_the_request() -> None:
    ways, stays = port(6, 2)
    asked = request_arrivals(stays, ways, RATES, now=NOW, notice_h=24)
    ships = approach(ways, RATES, notice_h=24)
    starts = np.array([(t - NOW) / timedelta(hours=1) for t in asked["start_utc"]])
    tonnes = np.diagonal(fuel_by_start(ships, starts))
    assert tonnes == pytest.approx((asked["main_after_t"] + asked["other_after_t"]).to_numpy(), rel=1e-4)
    windows = arrival_windows(ways, RATES, now=NOW, notice_h=24)
    assert (windows["eta_utc"] - asked["full_speed_utc"]).abs().max() < timedelta(seconds=1)
    curve = berth_approaches(ways, RATES, now=NOW, notice_h=24, horizon_h=120)
    calls = windows.with_columns(handling_h=pl.lit(10.0))
    options = {"approaches": curve, "weights": Weights(turnaround=1.0, fuel=3.0), "time_limit_s": 5}
    made = plan(calls, pl.DataFrame({"berth_id": ["a", "b"]}), **options)
    # what the plan counts as fuel is what the requests of its starts burn
    burnt = request_arrivals(made.stays, ways, RATES, now=NOW, notice_h=24)
    fuel = made.stays.join(burnt, on="call_id").select("fuel_t", all=pl.col("main_after_t") + pl.col("other_after_t"))
    assert fuel["fuel_t"].to_list() == pytest.approx(fuel["all"].to_list(), rel=5e-3)


def test_chosen_buffers_beat_none_and_every_common_one() -> None:
    ways, stays = port(12, 3, seed=2)
    prices = Prices(idle=4.0)
    found = choose_buffers(stays, ways, RATES, now=NOW, notice_h=24, prices=prices, buffers_h=[0, 1, 2, 4], samples=100)
    row = found.row(0, named=True)
    assert row["cost"] + row["cvar"] < row["cost_without"] + row["cvar_without"]
    assert row["cvar"] < 0.9 * row["cvar_without"]
    ships, line = approach(ways, RATES, notice_h=24), queue(stays, ways["call_id"], now=NOW)
    delays = draws(ships, samples=100, seed=0)

    def score(buffer) -> float:
        got = outcome(ships, line, delays, buffer_h=buffer)
        sums = np.sort((got.anchor_h + 4 * got.idle_h).sum(axis=0))
        return sums.mean() + sums[-10:].mean()

    chosen = found["buffer_h"].to_numpy()
    assert score(chosen) == pytest.approx(row["cost"] + row["cvar"])
    assert all(score(chosen) <= score(float(b)) + 1e-9 for b in (0, 1, 2, 4))


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=12))
def test_hypervolume_is_the_share_of_cells_that_a_point_is_below(points) -> None:
    aims = np.array(points, dtype=float)
    spread = aims.max(axis=0) > aims.min(axis=0)
    if not spread.any():
        assert hypervolume(aims) == 0
    else:
        low, high = aims.min(axis=0)[spread], aims.max(axis=0)[spread]
        cells = np.stack(np.meshgrid(*[np.arange(a, b) + 0.5 for a, b in zip(low, high, strict=True)]), axis=-1)
        under = [(p[spread] <= cells.reshape(-1, spread.sum())).all(axis=1) for p in aims]
        assert hypervolume(aims) == pytest.approx(np.any(under, axis=0).mean())
    kept = efficient(aims)
    for i, p in enumerate(aims):
        beaten = any((q <= p).all() and (q < p).any() for q in aims)
        assert kept[i] != beaten
