"""The kernel and the inventory against the same job in SQL and in Polars, written apart (`bench/oracle.py`)."""

import sys
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import generate
import oracle
from sisterport.inventory import emissions
from sisterport.inventory.zones import zone_rules
from sisterport.voyages.areas import read_areas
from sisterport.voyages.raster import build_zones
from sisterport.voyages.segments import segments

OF_CHAIN = ["mmsi", "area_id", "mode", "in_zone", "date", "quality", "system", "fuel"]


@pytest.fixture(scope="module", params=[(40, 4_000, 3), (3, 40_000, 5)], ids=["short tracks", "long tracks"])
def job(request):
    ships, rows, seed = request.param
    fleet = generate.fleet(ships * rows, rows_per_ship=rows, seed=seed)
    positions = generate.natural(pl.concat(list(generate.batches(fleet, batch_rows=40_000))))
    zones = build_zones(
        read_areas(generate.area_collection()), emission_zones=generate.control_area_collection(), coast=False
    )
    ours = segments(positions, fleet.ships, zones, rules="sisterport", law="ghg4", workers=1)
    return fleet.ships, positions, ours


def seen(ours):
    """Segments that the oracle has too."""
    return oracle.covered(ours.segments).with_columns(in_zone=pl.col("zone_id").is_not_null())


def by_key(frame, keys, columns):
    return frame.group_by(keys).agg(pl.col(columns).sum()).sort(keys)


def assert_close(left, right, keys, columns, rel):
    assert left.select(keys).equals(right.select(keys))
    for column in columns:
        scale = left[column].abs().max()
        assert scale > 0, f"{column} is zero throughout: the data tests nothing"
        wrong = (left[column] - right[column]).abs() > rel * left[column].abs() + 1e-12 * scale
        assert not wrong.any(), left.filter(wrong).select(*keys, column).with_columns(other=right.filter(wrong)[column])


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
def test_segments_have_the_keys_and_sums_of_an_independent_query(job, engine):
    ships, positions, ours = job
    if engine == "duckdb":
        theirs, _ = oracle.duckdb_job(positions, ships)
    else:
        theirs, _ = oracle.polars_job(positions.lazy(), ships)
    keys = list(oracle.KEYS)
    mine = by_key(seen(ours), keys, [*oracle.SUMS, *oracle.STATISTICS])
    # Distances (equirectangular there, haversine here) also make the speed where none was transmitted.
    assert_close(mine, theirs, keys, ["distance_nm"], rel=1e-4)
    assert_close(mine, theirs, keys, [*(c for c in oracle.SUMS if c != "distance_nm"), *oracle.STATISTICS], rel=1e-6)
    gaps = seen(ours).group_by(keys).agg(pl.col("gap_max_h").max()).sort(keys)
    assert_close(gaps, theirs, keys, ["gap_max_h"], rel=1e-12)


def test_emissions_equal_those_of_an_independent_query(job):
    ships, positions, ours = job
    _, theirs = oracle.duckdb_job(positions, ships)
    columns = ["energy_kwh", "fuel_t", *oracle.POLLUTANTS]
    rows = emissions(ours.segments, ships, method="ghg4", zones=zone_rules()).join(  # the query knows no rules of ports
        seen(ours).select("segment_id", *(k for k in OF_CHAIN if k not in {"system", "fuel"})), on="segment_id"
    )
    quality = dict(enumerate(oracle.QUALITIES))
    theirs = theirs.with_columns(
        pl.col("mmsi").cast(pl.Int64),
        pl.col("day").cast(pl.Int32).cast(pl.Date).alias("date"),
        pl.col("quality").cast(pl.Int64).replace_strict(quality, return_dtype=pl.String),
    )
    assert_close(by_key(rows, OF_CHAIN, columns), by_key(theirs, OF_CHAIN, columns), OF_CHAIN, columns, rel=1e-6)


def test_no_hour_and_no_position_is_lost(job):
    _, positions, ours = job
    spans = positions.group_by("mmsi").agg(
        pl.len().cast(pl.Int64).alias("positions"),
        hours=(pl.col("time_utc").max() - pl.col("time_utc").min()).dt.total_seconds() / 3600,
    )
    lost = ours.holes.filter(treatment="unobserved")["hours"].sum()
    found = ours.segments.group_by("mmsi").agg(pl.col("positions", "hours").sum())
    assert found.sort("mmsi")["positions"].to_list() == spans.sort("mmsi")["positions"].to_list()
    assert found["hours"].sum() + lost == pytest.approx(spans["hours"].sum(), rel=1e-9)


def test_the_mean_position_of_a_segment_is_near_its_own_even_over_the_date_line(job):
    _, positions, ours = job
    means = seen(ours).select("segment_id", "mmsi", "start_utc", "end_utc", y="lat_deg", x="lon_deg").sort("start_utc")
    own = (
        positions.with_columns(pl.col("mmsi").cast(pl.Int64))
        .sort("time_utc")
        .join_asof(means, left_on="time_utc", right_on="start_utc", by="mmsi", check_sortedness=False)
        .filter(pl.col("time_utc") < pl.col("end_utc"))
    )
    turn = (pl.col("lon_deg") - pl.col("x") + 180) % 360 - 180
    nearest = own.group_by("segment_id").agg(
        (pl.col("lat_deg") - pl.col("y")).abs().min().alias("north"), turn.abs().min().alias("east")
    )
    assert nearest["north"].max() < 1
    assert nearest["east"].max() < 1


def test_the_tracks_go_everywhere(job):
    """The comparison is worth what the data exercise."""
    _, positions, ours = job
    frame = seen(ours)
    assert set(frame["mode"]) == set(oracle.MODES)
    assert set(frame["mode_basis"]) == {"area", "unknown"}
    assert {"seen", "stayed", "shifted"} <= set(frame["quality"])
    assert frame["in_zone"].n_unique() == 2
    assert frame["hours_no_draught"].sum() > 0
    assert positions["sog_kn"].null_count() > 0
    assert ours.holes.height > 0
    if positions.group_by("mmsi").len()["len"].max() > 10_000:
        assert positions["lon_deg"].min() < -179
        assert positions["lon_deg"].max() > 179
