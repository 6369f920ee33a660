"""Shore power: what is connected burns nothing, what is metered is used up to the demand, once."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.inventory import emissions, shore_account
from sisterport.inventory.shore import shore_supply

from .frames import NA, START, segment, segments, ship, ships

FLEET = ships(ship())  # container ship, 1100 kW auxiliary and 590 kW boiler at berth
SCHEMA = {
    "mmsi": pl.Int64,
    "start_utc": pl.Datetime("ms", "UTC"),
    "end_utc": pl.Datetime("ms", "UTC"),
    "energy_kwh": pl.Float64,
}


def plugs(*rows: tuple[float, float, float | None], mmsi: int = 366000001) -> pl.DataFrame:
    hours = [(mmsi, START + timedelta(hours=a), START + timedelta(hours=b), kwh) for a, b, kwh in rows]
    return pl.DataFrame(hours, schema=SCHEMA, orient="row")


def berth(hours: float = 10.0, **given_: object) -> pl.DataFrame:
    return segments(segment(0, hours=hours, mode="berth", **given_))


def aux(rows: pl.DataFrame, connections: pl.DataFrame) -> dict[str, float]:
    found = emissions(rows, FLEET, shore_power=connections, zones=NA)
    return found.filter(system="auxiliary_engine").row(0, named=True)


def test_connected_hours_burn_nothing_and_boilers_stay_on() -> None:
    rows = berth()
    before = emissions(rows, FLEET, zones=NA)
    after = emissions(rows, FLEET, shore_power=plugs((2, 8, None)), zones=NA)
    plugged = after.filter(system="auxiliary_engine").row(0, named=True)
    assert plugged["shore_kwh"] == pytest.approx(6 * 1100)
    assert plugged["energy_kwh"] == pytest.approx(4 * 1100)
    full = before.filter(system="auxiliary_engine").row(0, named=True)
    for column in ("fuel_t", "co2_t", "nox_kg", "co2e_wtw_t", "pm25_kg"):
        assert plugged[column] == pytest.approx(0.4 * full[column])
    assert after.filter(system="boiler").equals(before.filter(system="boiler"))


def test_metered_energy_is_used_up_to_the_demand() -> None:
    assert aux(berth(), plugs((0, 10, 3000.0)))["shore_kwh"] == pytest.approx(3000)
    assert aux(berth(), plugs((0, 10, 99_000.0)))["energy_kwh"] == 0.0
    account = shore_account(berth(), FLEET, plugs((0, 10, 99_000.0)))
    assert account.row(0, named=True) == {
        "connection": 0,
        "mmsi": 366000001,
        "hours_at_berth": 10.0,
        "demand_kwh": pytest.approx(11_000.0),
        "metered_kwh": 99_000.0,
        "used_kwh": pytest.approx(11_000.0),
        "excess_kwh": pytest.approx(88_000.0),
    }


def test_a_connection_that_meets_no_berth_is_all_excess() -> None:
    rows = segments(segment(0, hours=10.0, mode="anchorage"))
    account = shore_account(rows, FLEET, plugs((0, 10, 500.0)))
    assert account.select("hours_at_berth", "used_kwh", "excess_kwh").row(0) == (0.0, 0.0, 500.0)
    assert aux(rows, plugs((0, 10, 500.0)))["shore_kwh"] == 0.0


def test_connections_that_overlap_each_other_count_once() -> None:
    assert aux(berth(), plugs((0, 6, None), (4, 10, None), (5, 6, None)))["shore_kwh"] == pytest.approx(11_000)


def test_a_connection_over_two_segments_is_shared_by_demand() -> None:
    rows = segments(
        segment(0, hours=2.0, mode="berth"),
        segment(1, hours=6.0, mode="berth", start_utc=START + timedelta(hours=2)),
    )
    found = emissions(rows, FLEET, shore_power=plugs((0, 8, 4000.0)), zones=NA).filter(system="auxiliary_engine")
    assert found["shore_kwh"].to_list() == pytest.approx([1000.0, 3000.0])


def test_other_ships_are_not_connected() -> None:
    assert aux(berth(), plugs((0, 10, None), mmsi=366000002))["shore_kwh"] == 0.0


def test_unknown_demand_stays_unknown() -> None:
    unknown = ships(ship(ship_class="unknown_cargo", size_bin=None, size=None))
    found = emissions(berth(), unknown, shore_power=plugs((0, 10, 500.0)), zones=NA).filter(system="auxiliary_engine")
    assert found.select("energy_kwh", "shore_kwh").row(0) == (None, None)
    assert shore_account(berth(), unknown, plugs((0, 10, 500.0)))["excess_kwh"].to_list() == [500.0]


minutes = st.integers(0, 1440)


@settings(max_examples=80, deadline=None)
@given(
    stays=st.lists(st.tuples(minutes, st.integers(1, 300)), max_size=4),
    links=st.lists(st.tuples(minutes, st.integers(1, 300)), max_size=5),
)
def test_supply_equals_a_count_of_minutes(stays: list[tuple[int, int]], links: list[tuple[int, int]]) -> None:
    day = datetime(2024, 1, 1, tzinfo=UTC)
    spans, clock = [], 0
    for gap, length in stays:  # one after the other, as segments are
        spans.append((clock + gap, clock + gap + length))
        clock += gap + length
    types = {"segment_id": pl.Int64, "mmsi": pl.Int64, "mode": pl.String} | {
        name: pl.Datetime("ms", "UTC") for name in ("start_utc", "end_utc")
    }
    rows = [(i, 1, "berth", day + timedelta(minutes=a), day + timedelta(minutes=b)) for i, (a, b) in enumerate(spans)]
    berthed = pl.DataFrame(rows, schema=types, orient="row").with_columns(
        ((pl.col("end_utc") - pl.col("start_utc")).dt.total_minutes() / 60).alias("hours"),
        aux_kw=pl.lit(60.0),
    )
    connected = pl.DataFrame(
        [(1, day + timedelta(minutes=a), day + timedelta(minutes=a + n), None) for a, n in links],
        schema=SCHEMA,
        orient="row",
    )
    found, _ = shore_supply(berthed, connected)
    plugged = {minute for a, n in links for minute in range(a, a + n)}
    expected = {i: float(len(plugged & set(range(a, b)))) for i, (a, b) in enumerate(spans)}
    got = dict(found.iter_rows())
    for i, kwh in expected.items():
        assert got.get(i, 0.0) == pytest.approx(kwh, abs=1e-9)
