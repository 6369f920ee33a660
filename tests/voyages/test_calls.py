"""Calls, stops and legs from segments: arrivals, shifts, holes, and nothing counted twice."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from sisterport import ais, tables
from sisterport.fleet import particulars
from sisterport.voyages import build_zones, calls, mode_rules, read_areas, segments
from tests import factory

START = datetime(2025, 3, 1, tzinfo=UTC)
SEA = (None, "cruise")


def track(*parts, mmsi=200_000_001):
    """Segments one after another: (area, mode, hours[, quality])."""
    rows, start = [], START
    for area, mode, hours, *quality in parts:
        end = start + timedelta(hours=hours)
        rows.append(
            {
                "mmsi": mmsi,
                "start_utc": start,
                "end_utc": end,
                "date": start.date(),
                "mode": mode,
                "mode_basis": "area",
                "area_id": area,
                "locode": area[:5] if area else None,
                "in_domain": True,
                "quality": quality[0] if quality else "seen",
                "hours": float(hours),
                "positions": 10,
                "lat_deg": 40.0,
                "lon_deg": -74.0,
            }
        )
        start = end
    zero = [n for n, c in tables.schema("segments").items() if c.required and c.unit and n not in rows[0]]
    frame = pl.DataFrame(rows).with_columns(**{n: pl.lit(0.0) for n in zero}).with_row_index("segment_id")
    return tables.check(frame, "segments")


def test_a_call_from_sea_to_sea():
    found = calls(
        track(
            (None, "cruise", 10),
            ("USNYC-port", "manoeuvring", 1),
            ("USNYC-anchorage", "anchorage", 5),
            ("USNYC-port", "manoeuvring", 1),
            ("USNYC-berth-1", "berth", 20),
            ("USNYC-port", "manoeuvring", 1),
            ("USNYC-berth-2", "berth", 8),
            ("USNYC-port", "manoeuvring", 1),
            (None, "cruise", 7),
        )
    )
    call = found.calls.row(0, named=True)
    assert found.calls.height == 1
    assert call["call_id"] == "200000001-USNYC-20250301T1000Z"
    assert (call["arrival_seen"], call["departure_seen"]) == (True, True)
    assert (call["hours"], call["hours_berth"], call["hours_anchorage"], call["hours_moving"]) == (
        37,
        28,
        5,
        4,
    )
    assert (call["berths"], call["shifts"], call["first_berth"]) == (2, 1, "USNYC-berth-1")
    assert found.stops["kind"].to_list() == ["anchorage", "berth", "berth"]
    assert found.legs.select("hours", "from_locode", "to_locode").rows() == [
        (10, None, "USNYC"),
        (7, "USNYC", None),
    ]


def test_swinging_over_the_edge_of_a_berth_is_one_stop_and_no_shift():
    found = calls(
        track(
            ("USNYC-berth-1", "berth", 3),
            ("USNYC-terminal", "berth", 1),
            ("USNYC-berth-1", "berth", 2),
            ("USNYC-x", "berth", 1),
        )
    )
    assert found.stops.select("area_id", "hours").rows() == [("USNYC-berth-1", 7)]
    assert found.calls["shifts"].item() == 0
    assert not found.calls["arrival_seen"].item()
    assert not found.calls["departure_seen"].item()


def test_a_berth_reached_by_way_of_the_anchorage_is_no_shift():
    found = calls(track(("USNYC-a", "berth", 3), ("USNYC-b", "anchorage", 3), ("USNYC-c", "berth", 3)))
    assert found.calls.select("berths", "shifts").row(0) == (2, 0)


def test_a_hole_with_both_ends_in_port_is_no_new_arrival_even_if_the_made_up_line_leaves_it():
    found = calls(
        track(
            (None, "cruise", 2),
            ("USNYC-a", "berth", 3),
            (None, "cruise", 30, "bridged"),
            ("USNYC-b", "berth", 3),
            (None, "cruise", 2),
        )
    )
    assert found.calls.height == 1
    assert found.calls["hours_hole"].item() == 30
    assert found.calls["hours"].item() == 36


def test_an_arrival_in_a_hole_is_a_call_that_was_not_seen_to_begin():
    found = calls(track(("CNSGH-a", "berth", 5), (None, "cruise", 300, "bridged"), ("USNYC-a", "berth", 5)))
    assert found.calls["locode"].to_list() == ["CNSGH", "USNYC"]
    assert found.calls["departure_seen"].to_list() == [False, False]
    assert found.calls["arrival_seen"].to_list() == [False, False]
    leg = found.legs.row(0, named=True)
    assert (leg["from_locode"], leg["to_locode"], leg["hours_bridged"]) == ("CNSGH", "USNYC", 300)


def test_passing_through_is_a_leg_and_a_short_absence_no_departure():
    passing = calls(track((None, "cruise", 5), ("USNYC-port", "manoeuvring", 2), (None, "cruise", 5)))
    assert passing.calls.height == 0
    assert passing.legs["hours"].to_list() == [12]
    out_and_in = calls(track(("USNYC-a", "anchorage", 5), (None, "manoeuvring", 0.5), ("USNYC-a", "anchorage", 5)))
    assert out_and_in.calls["hours"].to_list() == [10.5]
    away = calls(track(("USNYC-a", "anchorage", 5), (None, "cruise", 2), ("USNYC-a", "anchorage", 5)))
    assert away.calls.height == 2


def test_ships_do_not_mix():
    one = track(("USNYC-a", "berth", 5))
    two = track(("USNYC-a", "berth", 7), mmsi=200_000_002).with_columns(segment_id=pl.lit(1, pl.Int64))
    assert calls(pl.concat([one, two])).calls["hours"].to_list() == [5, 7]


def test_every_hour_is_in_a_call_or_a_leg():
    found = calls(new_york(None))
    assert found.calls["hours"].sum() + found.legs["hours"].sum() == pytest.approx(new_york(None)["hours"].sum())
    assert found.stops.group_by("call_id").agg(pl.col("hours").sum()).height == found.calls.height
    assert found.calls["call_id"].is_unique().all()


def test_the_tanker_story():
    """HELLAS FIGHTER, first week of December 2020: the story told in the notes on the data."""
    found = calls(new_york(256748000))
    call = found.calls.row(0, named=True)
    assert found.calls.height == 1, "the hole of 23 hours is not a new arrival"
    assert found.stops.select("kind", "area_id").rows() == [
        ("berth", "usnyc-port-reading-1"),
        ("anchorage", "usnyc-anch-stapleton"),
        ("berth", "usnyc-bayonne-kvk-1"),
        ("berth", "usnyc-linden-1"),
    ]
    times = [
        (a.strftime("%d %H:%M"), b.strftime("%d %H:%M")) for a, b in found.stops.select("start_utc", "end_utc").rows()
    ]
    assert times[0][1] == "02 23:31", "lies still, moves at 23:31"
    assert "03 03:55" < times[1][0] < "03 04:10"
    assert "03 06:40" < times[1][1] < "03 07:05", "anchored off Stapleton"
    assert "03 07:55" < times[2][0] < "03 08:30", "stops in the Kill van Kull"
    assert call["shifts"] == 1
    assert 22.8 < call["hours_hole"] < 23.0
    assert found.stops["hours_hole"].to_list()[2] == pytest.approx(call["hours_hole"])


def new_york(mmsi):
    folder = factory.new_york().parent
    positions, statics, _ = ais.read_positions(folder / "positions_2020-12-01_07.parquet")
    if mmsi:
        positions = positions.filter(mmsi=mmsi)
    zones = build_zones(read_areas(folder / "areas.geojson"), near_nm=mode_rules().near_nm)
    return segments(ais.clean(positions)[0], particulars(statics), zones).segments


def test_an_unobserved_hole_ends_the_call_and_the_next_was_not_seen_to_begin():
    before = track(("USNYC-port", "manoeuvring", 1), ("USNYC-a", "berth", 5))
    later = track(("USNYC-a", "berth", 5), ("USNYC-port", "manoeuvring", 1), (None, "cruise", 2)).with_columns(
        pl.col("start_utc", "end_utc") + pl.duration(days=40),
        pl.col("date") + pl.duration(days=40),
        pl.col("segment_id") + 10,
    )
    found = calls(pl.concat([before, later]))
    assert found.calls.select("arrival_seen", "departure_seen", "hours").rows() == [(False, False, 6), (False, True, 6)]
    assert found.stops["hours"].to_list() == [5, 5]
