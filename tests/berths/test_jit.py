"""Just-in-time requests: fuel against the inventory's own kernel, speeds and times against hand calculation."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.ais import fixed_point
from sisterport.berths.burn import SPEEDS, burn, burn_rates
from sisterport.berths.jit import approach, request_arrivals, speed_profile
from sisterport.errors import InputError, SchemaError
from sisterport.inventory import emissions
from sisterport.voyages import build_zones, read_areas, segments
from tests.berths.ships import MMSI, RATES, SHIPS
from tests.factory import areas

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def hour(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def asked(start_h: float, miles: float, service: float, *, notice: float = 48, mmsi: int = MMSI[1], **more: object):
    """Return the request for one ship, as a row."""
    extra = {k: more.pop(k) for k in ("slowest_kn", "queue_time_utc") if k in more}
    way = pl.DataFrame({"call_id": ["A"], "mmsi": [mmsi], "distance_nm": [miles], "service_kn": [service]} |
                       {k: [v] for k, v in extra.items()})  # fmt: skip
    stay = pl.DataFrame({"call_id": ["A"], "berth_id": ["east"], "start_utc": [hour(start_h)]})
    found = request_arrivals(stay, way, RATES, now=NOW, notice_h=notice, **more)
    return found.row(0, named=True)


@pytest.fixture(scope="module")
def kernel_zones():
    """No coast, no emission zone: the open sea of the made-up port."""
    return build_zones(read_areas(areas()))


@pytest.mark.parametrize(
    ("knots", "within"), [(10.0, 1e-3), (14.0, 1e-3), (18.0, 1.2e-2)]
)  # 18 kn: the cap of the load
def test_an_hour_under_way_burns_what_the_inventory_says_of_a_track(knots, within, kernel_zones) -> None:
    ship = SHIPS.filter(mmsi=MMSI[1]).with_columns(draught_ref_m=pl.lit(None, pl.Float64))
    minutes = np.arange(0, 181, 2)
    track = pl.DataFrame(
        {
            "mmsi": MMSI[1],
            "time_utc": [NOW + timedelta(minutes=int(m)) for m in minutes],
            "lat_deg": 42.0 + knots * minutes / 3600,  # a minute of latitude is a mile
            "lon_deg": -30.0,
            "sog_kn": knots,
        }
    )
    rows = segments(fixed_point(track), ship, kernel_zones).segments.filter(mode="cruise")
    burnt = emissions(rows, ship)["fuel_t"].sum() / rows["hours"].sum()
    main, other = burn(burn_rates(ship, year=2026), [MMSI[1]]).at(np.array([knots]))
    assert main[0] + other[0] == pytest.approx(burnt, rel=within)


def test_the_worked_example_of_the_facts() -> None:
    row = asked(21.0, 300.0, 20.0, mmsi=MMSI[2])
    assert row["speed_kn"] == pytest.approx(300 / 21)
    assert row["anchor_before_h"] == pytest.approx(6)
    assert row["anchor_after_h"] == 0
    # 49 % by the pure square law; specific consumption rises at low load
    assert 1 - row["main_after_t"] / row["main_before_t"] == pytest.approx(0.49, abs=0.06)
    anchor = RATES.filter(mmsi=MMSI[2], mode="anchorage")["fuel_t_per_h"].item()
    sea = RATES.filter(mmsi=MMSI[2], mode="cruise")["other_t_per_h"][0]
    assert row["other_before_t"] == pytest.approx(15 * sea + 6 * anchor)
    assert row["other_after_t"] == pytest.approx(21 * sea)


def test_full_speed_until_notice_then_the_rest_slower() -> None:
    row = asked(40.0, 480.0, 16.0, notice=12.0)  # 30 h at full speed, told after 18 h, 192 nm left
    assert row["notice_utc"] == hour(18)
    assert row["speed_kn"] == pytest.approx(max(192 / 22, 0.6 * 16))
    profile = speed_profile(request_arrivals(
        pl.DataFrame({"call_id": ["A"], "berth_id": ["east"], "start_utc": [hour(40)]}),
        pl.DataFrame({"call_id": ["A"], "mmsi": [MMSI[1]], "distance_nm": [480.0], "service_kn": [16.0]}),
        RATES, now=NOW, notice_h=12.0), now=NOW)  # fmt: skip
    assert profile["leg"].to_list() == ["full speed", "advised", "anchor"]
    hours = (profile["end_utc"] - profile["begin_utc"]).dt.total_seconds() / 3600
    assert (hours * profile["speed_kn"]).sum() == pytest.approx(480, rel=1e-6)
    assert hours.sum() == pytest.approx(40)


def test_the_lowest_speed_binds_and_the_rest_is_waited() -> None:
    row = asked(100.0, 160.0, 16.0, slowest_kn=8.0)
    assert row["speed_kn"] == pytest.approx(8)
    assert (row["arrival_utc"], row["requested_utc"]) == (hour(20), hour(100))
    assert row["anchor_after_h"] == pytest.approx(80)


def test_a_berth_that_is_free_asks_nobody_to_slow_down() -> None:
    row = asked(5.0, 160.0, 16.0)
    assert not row["slowed"]
    assert row["saved_t"] == 0
    assert row["arrival_utc"] == row["full_speed_utc"] == hour(10)


def test_the_notional_arrival_is_kept() -> None:
    first = asked(21.0, 240.0, 16.0)
    assert first["queue_time_utc"] == first["full_speed_utc"] == hour(15)
    later = asked(21.0, 240.0, 16.0, queue_time_utc=hour(11))  # slowed before: she would have been here earlier
    assert later["queue_time_utc"] == hour(11)
    assert later["queue_h"] == pytest.approx(10)


def test_a_buffer_makes_the_ship_wait_that_long() -> None:
    assert asked(21.0, 240.0, 16.0, buffer_h=2.0)["anchor_after_h"] == pytest.approx(2)
    assert asked(21.0, 240.0, 16.0, buffer_h={"A": 3.0})["anchor_after_h"] == pytest.approx(3)
    assert asked(21.0, 240.0, 16.0, buffer_h=99.0)["saved_t"] == 0


@given(st.floats(0, 72), st.floats(0, 900), st.floats(9, 18), st.floats(0, 72), st.floats(0, 5))
def test_asking_never_burns_more_and_never_arrives_after_the_start_if_the_ship_can_help_it(
    start, miles, service, notice, buffer
) -> None:
    row = asked(start, miles, service, notice=notice, buffer_h=buffer)
    assert row["saved_t"] >= -1e-9
    assert row["anchor_after_h"] <= row["anchor_before_h"] + 1e-6
    assert row["arrival_utc"] <= max(row["start_utc"], row["full_speed_utc"]) + timedelta(seconds=1)
    assert row["speed_kn"] >= 0.6 * service - 1e-6 or miles == 0


def test_more_notice_saves_more() -> None:
    saved = [asked(60.0, 640.0, 16.0, notice=h)["saved_t"] for h in (0, 12, 24, 48, 72)]
    assert saved[0] == 0
    assert saved == sorted(saved)
    assert saved[1] > 0


def test_a_ship_without_an_estimate_is_named() -> None:
    bare = SHIPS.filter(mmsi=MMSI[0]).with_columns(power_kw=pl.lit(None, pl.Float64))
    rates = burn_rates(bare, year=2026)
    assert rates.height == SPEEDS + 1
    with pytest.raises(InputError, match="MMSI 200000001, 7"):
        burn(rates, [MMSI[0], 7])


def test_faults_are_named() -> None:
    way = pl.DataFrame({"call_id": ["A"], "mmsi": [MMSI[0]], "distance_nm": [1.0], "service_kn": [9.0],
                        "slowest_kn": [10.0]})  # fmt: skip
    with pytest.raises(SchemaError, match="call A: slowest_kn above service_kn"):
        approach(way, RATES, notice_h=12)
    with pytest.raises(InputError, match="not in the plan: A"):
        request_arrivals(
            pl.DataFrame({"call_id": ["B"], "berth_id": ["x"], "start_utc": [NOW]}), way, RATES, now=NOW, notice_h=1
        )
