"""What becomes of a ship that is not seen: it stayed, lay still nearby, was bridged, or nobody can say."""

import polars as pl
import pytest

from sisterport.voyages import build_zones, mode_rules, read_areas, segments
from tests import factory

SHIP = 200_000_001
BERTH, PILOT, AT_SEA = (39.995, -30.015), (40.05, -30.05), (40.0, -25.0)


def seen(place, start_h, *, knots, hours=1.0, north=0.0):
    """Fixes every five minutes from `start_h` on, at a speed that is transmitted."""
    steps = int(12 * hours) + 1
    return [
        (SHIP, 1_600_000_000 + int(3600 * start_h) + 300 * i, place[0] + north * i / 12, place[1], knots)
        for i in range(steps)
    ]


def run(*fixes, rules="sisterport"):
    frame = pl.DataFrame(
        [row for part in fixes for row in part], orient="row", schema=["mmsi", "t", "lat", "lon", "sog"]
    )
    positions = frame.select(
        "mmsi",
        time_utc=pl.from_epoch("t", time_unit="s").dt.replace_time_zone("UTC"),
        lat_deg="lat",
        lon_deg="lon",
        sog_kn=pl.col("sog").cast(pl.Float64),
    )
    zones = build_zones(read_areas(factory.areas()), near_nm=mode_rules(rules).near_nm)
    return segments(positions, factory.ships(mmsi=[SHIP]), zones, rules=rules)


@pytest.mark.parametrize("rules", ["sisterport", "ghg4", "epa", "gfw"])
def test_a_ship_that_goes_away_and_comes_back_did_not_lie_there(rules):
    """28 days at sea between two passages of the pilot station: no energy for them, and the hole is listed."""
    found, holes = run(seen(PILOT, 0, knots=15), seen(PILOT, 28 * 24, knots=15), rules=rules)
    assert holes.select("treatment").rows() == [("unobserved",)]
    assert found["hours"].sum() == pytest.approx(2.0)


def test_a_ship_that_lies_at_its_berth_on_one_side_of_the_hole_stayed():
    found, holes = run(seen(BERTH, 0, knots=0), seen(BERTH, 24, knots=4))
    assert holes.is_empty()
    stayed = found.filter(quality="stayed")
    assert stayed["hours"].sum() == pytest.approx(23.0)
    assert set(stayed["mode"]) == {"berth"}
    assert stayed["lf_h"].sum() == 0


@pytest.mark.parametrize("rules", ["sisterport", "ghg4", "epa", "gfw"])
def test_a_slow_shift_within_the_port_counts_for_the_first_place_whatever_the_mode_rules(rules):
    other = (40.005, -30.015)  # 0.6 nm away
    found, holes = run(seen(BERTH, 0, knots=0), seen(other, 24, knots=0), rules=rules)
    assert holes.is_empty()
    assert found.filter(quality="shifted")["hours"].sum() == pytest.approx(23.0)


def test_no_cliff_between_lying_still_and_creeping_over_the_ocean():
    """From a berth to a place 230 nm away, in 400 hours (0.57 kn: bridged) and in 700 (0.33 kn: nobody can say)."""
    fast, fast_holes = run(seen(BERTH, 0, knots=0), seen(AT_SEA, 400, knots=15))
    slow, slow_holes = run(seen(BERTH, 0, knots=0), seen(AT_SEA, 700, knots=15))
    assert fast_holes["treatment"].to_list() == ["sea_route"]
    assert slow_holes["treatment"].to_list() == ["unobserved"]
    assert fast["hours"].sum() == pytest.approx(401, abs=0.1)
    assert slow["hours"].sum() == pytest.approx(2, abs=0.1)


def test_a_bridged_hole_has_the_speed_of_distance_over_time():
    found, holes = run(seen(BERTH, 0, knots=0), seen(AT_SEA, 21, knots=12))
    bridged = found.filter(quality="bridged")
    assert holes["hours"].item() == pytest.approx(20)
    assert bridged["hours"].sum() == pytest.approx(20)
    assert bridged["distance_nm"].sum() == pytest.approx(holes["distance_nm"].item(), rel=1e-3)
    speed = bridged["distance_nm"].sum() / 20
    expected = (speed / 24.0) ** 3 / (0.867 * 0.917)
    moving = bridged.filter(pl.col("mode").is_in(["cruise", "manoeuvring"]))
    assert moving["lf_h"].sum() / moving["hours"].sum() == pytest.approx(expected, rel=0.01)
    assert (bridged["positions"] == 0).all()


def test_a_hole_beyond_the_limit_is_listed_and_not_estimated():
    found, holes = run(seen(BERTH, 0, knots=0), seen(BERTH, 800, knots=0))
    assert holes["treatment"].to_list() == ["unobserved"]
    assert found["hours"].sum() == pytest.approx(2.0)


def test_closed_passages_lengthen_the_way():
    suez, aden = (31.4, 32.4), (12.5, 44.5)
    zones = build_zones(read_areas(factory.areas()))
    rows = seen(suez, 0, knots=10) + seen(aden, 200, knots=10)
    frame = pl.DataFrame(rows, orient="row", schema=["mmsi", "t", "lat_deg", "lon_deg", "sog_kn"]).with_columns(
        time_utc=pl.from_epoch("t", time_unit="s").dt.replace_time_zone("UTC"), sog_kn=pl.col("sog_kn").cast(pl.Float64)
    )
    ships = factory.ships(mmsi=[SHIP])
    usual = segments(frame, ships, zones).holes["distance_nm"].item()
    closed = segments(frame, ships, zones, closed=("northwest", "suez")).holes["distance_nm"].item()
    assert usual < 2000
    assert closed > 9000
