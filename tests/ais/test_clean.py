"""Cleaning drops what cannot be, counts every row, and leaves no step that a ship could not sail."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.ais import clean, fixed_point, read_positions
from sisterport.ais.kernels import verdicts
from sisterport.errors import SchemaError
from sisterport.reference import value
from sisterport.tables import check
from tests.ais import plain

LIMITS = {
    "limit_kn": value("teleport_kn"),
    "slack_nm": value("teleport_slack_nm"),
    "radius_nm": value("earth_radius_nm"),
}
T0 = datetime(2020, 12, 1, tzinfo=UTC)
HERE = (40.6, -74.1)
AWAY = (33.7, -118.2)


def rows(*fixes, mmsi=366952790):
    """Positions from (second, lat, lon) and any further columns by name."""
    base = [{"mmsi": mmsi, "time_utc": T0 + timedelta(seconds=s), "lat_deg": a, "lon_deg": o} for s, a, o in fixes]
    return pl.DataFrame(base)


def counts(report):
    return dict(report.select("reason", "rows").iter_rows())


def dropped(report):
    return report.filter(pl.col("action") == "row dropped")["rows"].sum()


def step_faults(fixes):
    """Steps within a ship faster than the limit beyond the slack, by an independent distance."""
    step = fixes.with_columns(pl.all().exclude("mmsi").shift(1).over("mmsi").name.prefix("before_")).drop_nulls(
        "before_t_s"
    )
    lat, lon, lat0, lon0 = (
        np.radians(step[c].to_numpy() / 1e5) for c in ("lat_e5", "lon_e5", "before_lat_e5", "before_lon_e5")
    )
    cosine = np.sin(lat) * np.sin(lat0) + np.cos(lat) * np.cos(lat0) * np.cos(lon - lon0)
    nm = LIMITS["radius_nm"] * np.arccos(np.clip(cosine, -1, 1))
    hours = (step["t_s"] - step["before_t_s"]).to_numpy() / 3600
    # 1e-3 nm: what the arc cosine loses on short distances
    return int((nm - LIMITS["slack_nm"] - 1e-3 > LIMITS["limit_kn"] * hours).sum()), int((hours <= 0).sum())


@pytest.mark.parametrize(
    ("column", "given_value", "left", "reason"),
    [
        ("sog_kn", 102.3, None, "sog_not_available"), ("sog_kn", 102.2, None, "sog_not_available"),
        ("sog_kn", 60.1, None, "sog_too_fast"), ("sog_kn", 60.0, 60.0, None),
        ("sog_kn", -0.1, None, "sog_negative"),
        ("cog_deg", 360.0, None, "cog_not_available"), ("cog_deg", -49.6, None, "cog_not_available"),
        ("cog_deg", -49.7, 359.9, "cog_wrapped"), ("cog_deg", -204.8, 204.8, "cog_wrapped"),
        ("cog_deg", 0.0, 0.0, None),
        ("heading_deg", 511.0, None, "heading_not_available"),
        ("heading_deg", 400.0, None, "heading_out_of_range"),
        ("nav_status", 57, None, "nav_status_out_of_range"), ("nav_status", 15, 15, None),
        ("draught_m", 0.0, None, "draught_zero"), ("draught_m", 25.6, None, "draught_out_of_range"),
        ("sog_kn", float("nan"), None, None), ("draught_m", float("inf"), None, None),
    ],
)  # fmt: skip
def test_values_that_mean_not_available(column, given_value, left, reason):
    kept, report = clean(rows((0, *HERE)).with_columns(pl.lit(given_value).alias(column)))
    assert kept[column].item() == left
    assert counts(report) == ({reason: 1} if reason else {})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mmsi": 2190047}, "not_a_ship"), ({"mmsi": 992190047}, "not_a_ship"),
        ({"mmsi": None}, "not_a_ship"),
        ({"lat_deg": 91.0, "lon_deg": 181.0}, "no_position"),
        ({"lat_deg": 91.0, "lon_deg": 0.0}, "no_position"),
        ({"lat_deg": None}, "no_position"), ({"lon_deg": float("nan")}, "no_position"),
        ({"lat_deg": 90.1}, "position_out_of_range"), ({"lon_deg": -180.1}, "position_out_of_range"),
        ({"lat_deg": 0.0, "lon_deg": 0.0}, "null_island"), ({"time_utc": None}, "missing_time"),
    ],
)  # fmt: skip
def test_rows_that_are_no_position(change, reason):
    good = rows((0, *HERE))
    bad = good.with_columns(pl.lit(v, good.schema[k]).alias(k) for k, v in change.items())
    kept, report = clean(pl.concat([good, bad]))
    assert kept.height == 1
    assert counts(report) == {reason: 1}


def test_duplicates_and_near_ones():
    jitter = (HERE[0] + 4e-4, HERE[1])  # 44 m in a second: the antenna, not a jump
    given = rows((0, *HERE), (0.3, *HERE), (0, *HERE), (1, *jitter), (1.2, *HERE), (2, *HERE))
    kept, report = clean(given)
    assert kept["time_utc"].dt.second().to_list() == [0, 1, 2]
    assert counts(report) == {"duplicate": 2, "same_time": 1}


def test_a_jump_is_dropped_and_the_ship_goes_on():
    kept, report = clean(rows((0, *HERE), (60, *AWAY), (120, *HERE), (180, *HERE)))
    assert kept["lat_deg"].to_list() == [HERE[0]] * 3
    assert counts(report) == {"teleport": 1}


def test_a_first_fix_that_is_wrong_does_not_cost_the_ship():
    kept, report = clean(rows((0, *AWAY), (60, *HERE), (120, *HERE)))
    assert kept["lat_deg"].to_list() == [HERE[0]] * 2
    assert counts(report) == {"teleport": 1}


def test_a_wrong_fix_after_a_hole_does_not_cut_off_the_rest():
    ten_hours = 36_000  # 24 nm off can be reached in that time, but not the way back in a minute
    before = [(60 * i, *HERE) for i in range(20)]
    after = [(ten_hours + 60 + 60 * i, *HERE) for i in range(20)]
    kept, report = clean(rows(*before, (ten_hours, HERE[0] + 0.4, HERE[1]), *after))
    assert kept.height == 40
    assert counts(report) == {"teleport": 1}


def test_the_shorter_of_two_ships_under_one_mmsi_goes():
    one = [(60 * i, *HERE) for i in range(30)]
    two = [(60 * i + 7, *AWAY) for i in range(12)]
    kept, report = clean(rows(*one, *two))
    assert kept.height == 30
    assert kept["lat_deg"].unique().to_list() == [HERE[0]]
    assert report.select("reason", "rows", "ships", "action").rows() == [("shared_mmsi", 12, 1, "row dropped")]


def test_a_fast_ferry_and_a_long_hole_are_no_jumps():
    fast = [(60 * i, 40.0 + i * 40 / 3600, -74.0) for i in range(20)]  # 40 kn
    crossing = (20 * 86_400, 51.0, 1.5)
    assert clean(rows(*fast, crossing))[1].is_empty()


def test_the_date_line_is_not_a_jump():
    assert clean(rows((0, 0.5, 179.999), (60, 0.5, -179.999)))[1].is_empty()


def test_result_does_not_hang_on_the_order_of_rows(shared):
    positions, _, _ = read_positions(shared / "data/test-only/ais/denmark_2013-11-12_1200_5min.parquet")
    kept, report = clean(positions)
    again, report_again = clean(positions.sample(fraction=1, shuffle=True, seed=3))
    assert kept.equals(again)
    assert report.equals(report_again)


def test_missing_columns_are_said():
    with pytest.raises(SchemaError, match=r"column 'lon_deg' missing"):
        clean(rows((0, *HERE)).drop("lon_deg"))
    with pytest.raises(SchemaError, match="lat_deg"):
        clean(rows((0, *HERE)).with_columns(pl.lit("north").alias("lat_deg")))


def test_pandas_in_pandas_out():
    kept, report = clean(rows((0, *HERE)).to_pandas())
    assert type(kept).__module__.startswith("pandas")
    assert type(report).__module__.startswith("pandas")


places = st.tuples(st.integers(-60, 60), st.integers(-179, 179)).map(lambda p: (p[0] * 100_000, p[1] * 100_000))


@st.composite
def one_ship(draw):
    """Fixes of one MMSI hopping between a few places, near each other in time or not."""
    spots = draw(st.lists(places, min_size=1, max_size=6))
    fix = st.tuples(
        st.one_of(st.integers(0, 60), st.integers(0, 300_000)),
        st.sampled_from(spots),
        st.integers(-300, 300),
        st.sampled_from([0, 0, 1, 50, 20_000]),
    )
    drawn = draw(st.lists(fix, min_size=1, max_size=40))
    return sorted((t, spot[0] + a, spot[1] + o) for t, spot, a, o in drawn)


@given(st.lists(one_ship(), min_size=1, max_size=4), st.sampled_from([1, 3, 100]), st.sampled_from([1, 3, 10]))
@settings(max_examples=300, deadline=None)
def test_kernel_agrees_with_the_plain_rules(ships, window, shared_from):
    expected = [v for s in ships for v in plain.ship_verdicts(s, **LIMITS, window=window, shared_from=shared_from)]
    fixes = np.array([fix for ship in ships for fix in ship])
    mmsi = np.concatenate([np.full(len(ship), 201_000_000 + k, np.int32) for k, ship in enumerate(ships)])
    found = verdicts(
        mmsi,
        fixes[:, 0].astype(np.int64),
        fixes[:, 1].astype(np.int32),
        fixes[:, 2].astype(np.int32),
        *LIMITS.values(),
        window,
        shared_from,
    )
    assert found.tolist() == expected


@given(one_ship())
@settings(max_examples=100, deadline=None)
def test_no_step_is_left_that_no_ship_could_sail(ship):
    given_rows = rows(*[(t, a / 1e5, o / 1e5) for t, a, o in ship if (a, o) != (0, 0)] or [(0, *HERE)])
    kept, report = clean(given_rows)
    assert given_rows.height == kept.height + dropped(report)
    assert step_faults(fixed_point(kept)) == (0, 0)
    again, nothing = clean(kept)
    assert again.equals(kept)
    assert nothing.is_empty()


@pytest.mark.parametrize(
    "name",
    ["ais/new_york_2020-12-01_07", "ais/new_york_2020-06-30_first_hour", "ais/us_coastal_2020-06-30",
     "test-only/ais/denmark_2013-11-12_1200_5min", "test-only/ais/dma_bornholm_tanker_2014-10-02",
     "test-only/ais/dma_gothenburg_tanker_2014-09-28"],
)  # fmt: skip
def test_real_files_add_up_and_can_be_sailed(shared, name):
    positions, _, _ = read_positions(shared / f"data/{name}.parquet")
    kept, report = clean(positions)
    assert positions.height == kept.height + dropped(report)
    check(kept, "positions")
    assert step_faults(fixed_point(kept)) == (0, 0)


def test_us_coast_has_shared_mmsis_and_jumps(shared):
    positions, _, _ = read_positions(shared / "data/ais/us_coastal_2020-06-30.parquet")
    ships = positions.filter(pl.col("mmsi").is_between(200_000_000, 799_999_999))
    faults, _ = step_faults(fixed_point(ships))
    assert faults > 400  # what is to be mended is there
    found = clean(positions)[1].filter(pl.col("reason").is_in(["shared_mmsi", "teleport"]))
    assert found["rows"].to_list() == [134, 208]
    assert found["ships"].to_list() == [70, 2]


def test_a_station_that_repeats_an_old_place_does_not_cut_off_the_ship(shared):
    """MMSI 366983530, Los Angeles: a second transmitter says 33.7309 N 118.2613 W every ten minutes."""
    positions, _, _ = read_positions(shared / "data/ais/us_coastal_2020-06-30.parquet")
    ship = positions.filter(mmsi=366983530)
    kept = clean(ship)[0]
    passage = pl.col("time_utc").dt.strftime("%H:%M:%S").is_between(pl.lit("18:15:51"), pl.lit("19:00:00"))
    ghost = (pl.col("lat_deg") - 33.7309).abs().lt(2e-4) & (pl.col("lon_deg") + 118.2613).abs().lt(2e-4)
    sailed, left = ship.filter(passage & ~ghost).height, kept.filter(passage & ~ghost).height
    assert sailed == 31
    assert left >= 30


def test_the_denser_track_is_the_ship_even_where_the_other_could_be_reached():
    """A ghost lies 20 kn away in time, the ship's next fix a second later cannot be reached from it."""
    ship = [(60 * i, 40.0 + 0.001 * i, -74.0) for i in range(40)]
    ghost = [(60 * i + 59, 40.2, -74.0) for i in range(5, 40, 10)]
    kept, report = clean(rows(*sorted(ship + ghost)))
    assert kept["lat_deg"].to_list() == [lat for _, lat, _ in ship]
    assert counts(report) == {"teleport": 4}


def test_copies_from_many_stations_collapse(shared):
    positions, _, _ = read_positions(shared / "data/test-only/ais/dma_bornholm_tanker_2014-10-02.parquet")
    kept, report = clean(positions)
    assert counts(report) == {"duplicate": 1065}
    assert kept.height == positions.unique(["lat_deg", "lon_deg", pl.col("time_utc").dt.round("1s")]).height
