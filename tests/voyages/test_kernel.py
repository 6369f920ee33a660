"""The kernel agrees with the plain statement of its rules, on made-up tracks and on every real file."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport import ais
from sisterport.engines import STATISTICS, load_basis, load_law
from sisterport.voyages import build_zones, mode_rules, read_areas
from sisterport.voyages.decode import decode
from sisterport.voyages.segments import _job, run_kernel, tracks
from tests import factory
from tests.voyages import plain

LAWS = ("ghg4", "epa_propeller", "epa_admiralty")
BY_MODEL = [("holtrop", None), ("kristensen", None), ("holtrop", "epa_propeller"), ("kristensen", "epa_admiralty")]
RULES = ("sisterport", "ghg4", "epa", "gfw")
SUMS = ("hours", "distance_nm", "gap_max_h", "hours_derived", "hours_no_draught", *STATISTICS)


@cache
def zones_for(rules_name):
    return build_zones(read_areas(factory.areas()), near_nm=mode_rules(rules_name).near_nm)


def kernel(fixes, ships, zones, rules, law, cell_deg=None):
    job = _job(ships, zones, rules, law, cell_deg, None, None)
    raw = run_kernel(*tracks(fixes), job)
    return decode(raw.mmsi, raw.keys, raw.values, zones, cell_deg), raw.holes, job


TABLES = {}


def tables_of(ships, law):
    """Load by the resistance model of each ship that has one; made once for hulls that are the same."""
    if law.model is None:
        return {}
    whose = load_basis(ships, law).filter(load_law=law.name)["mmsi"].to_list()
    found = {}
    for mmsi in whose:
        hull = ships.filter(mmsi=mmsi)
        key = (law, *hull.drop("mmsi").row(0))
        found[mmsi] = TABLES.setdefault(key, plain.by_table(hull, law))
    return found


def assert_same(fixes, ships, zones, rules, law, cell_deg=None):
    """Kernel and plain code give the same segments and the same sums, ship by ship."""
    law = load_law(law) if isinstance(law, str) else law
    got, holes, job = kernel(fixes, ships, zones, rules, law, cell_deg)
    calm_water = tables_of(ships, law)
    expected_holes = []
    for (mmsi,), rows in fixes.group_by("mmsi", maintain_order=True):
        numbers = job.ships[job.numbers(np.array([mmsi]))[0]]
        ship = plain.Ship(*numbers[:5], tanker=bool(numbers[6]), calm_water=calm_water.get(mmsi))
        expected, plain_holes = plain.run(
            list(rows.select("t_s", "lat_e5", "lon_e5", "sog_dkn", "draught_dm").iter_rows()),
            ship,
            law,
            rules,
            lambda lat, lon: int(zones.locate(lat, lon)),
            zones.area_kind,
            cell_deg=cell_deg,
        )
        expected_holes += [(mmsi, t) for t in plain_holes]
        mine = got.filter(mmsi=mmsi)
        assert mine.height == len(expected)
        for row, segment in zip(mine.iter_rows(named=True), expected, strict=True):
            place, mode, basis, day, quality, cell = segment.key
            area = (place & 0xFFFF) - 1
            zone = (place >> 21 & 31) - 1
            assert row["area_id"] == (zones.area_ids[area] if area >= 0 else None)
            assert row["zone_id"] == (zones.zone_ids[zone] if zone >= 0 else None)
            assert (row["mode"], row["mode_basis"], row["date"], row["quality"]) == (
                mode,
                basis,
                day,
                quality,
            )
            assert (row["cell_lat"], row["cell_lon"]) == (cell or (None, None))
            assert row["positions"] == segment.positions
            assert row["start_utc"].timestamp() == segment.start_s
            assert row["end_utc"].timestamp() == segment.end_s
            for name in SUMS:
                want = getattr(segment, name, segment.sums.get(name, 0.0))
                tolerance = 2e-4 if name == "distance_nm" or row["hours_derived"] else 1e-9
                assert row[name] == pytest.approx(want, rel=tolerance, abs=1e-9), name
    here = list(zip(fixes["mmsi"].to_numpy()[holes], fixes["t_s"].to_numpy()[holes], strict=True))
    assert here == expected_holes


@st.composite
def fleets(draw):
    """One to three ships that wander about the test port, stop, vanish and come back."""
    rows = []
    for number in range(draw(st.integers(1, 3))):
        t = 1_600_000_000 + draw(st.integers(0, 86_400))
        lat, lon = 4_000_000, -3_000_000
        for _ in range(draw(st.integers(1, 30))):
            step = draw(st.sampled_from([0, 0, 1, 10, 100, 1000, 6000]))
            lat += draw(st.integers(-1, 1)) * step
            lon += draw(st.integers(-1, 1)) * step
            sog = draw(st.none() | st.integers(0, 8) | st.integers(0, 280))
            draught = draw(st.none() | st.sampled_from([0, 40, 90, 130, 250]))
            rows.append((200_000_001 + number, t, lat, lon, sog, draught))
            t += draw(st.sampled_from([1, 30, 60, 180, 599, 700, 3600, 3601, 20_000, 90_000, 3_000_000]))
    schema = {
        "mmsi": pl.Int32,
        "t_s": pl.Int64,
        "lat_e5": pl.Int32,
        "lon_e5": pl.Int32,
        "sog_dkn": pl.Int16,
        "draught_dm": pl.Int16,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


MIXED = factory.ships(
    mmsi=[200_000_001, 200_000_002, 200_000_003],
    ship_class=["container", "oil_tanker", "service_tug"],
    size_bin=[5, 4, 1],
    engine_type=["SSD", "MSD", "HSD"],
    v_ref_kn=[24.0, 14.0, None],
    draught_ref_m=[13.0, None, 4.0],
)


@pytest.mark.parametrize("rules_name", RULES)
@settings(max_examples=40, deadline=None, report_multiple_bugs=False)
@given(
    fixes=fleets(),
    law=st.sampled_from(LAWS),
    cell_deg=st.sampled_from([None, 0.01]),
    min_run=st.sampled_from([None, 600.0]),
)
def test_kernel_equals_plain_code(rules_name, fixes, law, cell_deg, min_run):
    assert_same(fixes, MIXED, zones_for(rules_name), mode_rules(rules_name, min_run_s=min_run), law, cell_deg)


HULLS = MIXED.with_columns(
    v_ref_kn=pl.Series([24.0, 14.0, 12.0]),
    draught_ref_m=pl.Series([13.0, 11.0, 4.0]),
    power_kw=pl.Series([40_000.0, 9_000.0, 3_000.0]),
    length_m=pl.Series([280.0, 180.0, 28.0]),
    beam_m=pl.Series([40.0, 32.0, 9.0]),
    dwt_t=pl.Series([65_000.0, 45_000.0, None]),
)
"""A container ship and a tanker with hulls, and a tug without a block coefficient."""


@pytest.mark.parametrize("law", BY_MODEL)
@settings(max_examples=25, deadline=None, report_multiple_bugs=False)
@given(fixes=fleets(), rules_name=st.sampled_from(RULES), cell_deg=st.sampled_from([None, 0.01]))
def test_kernel_equals_plain_code_with_a_resistance_model(law, fixes, rules_name, cell_deg):
    name, cubic = law
    law = load_law(name, cubic=cubic)
    assert load_basis(HULLS, law)["load_law"].to_list() == [name, name, law.cubic]
    assert_same(fixes, HULLS, zones_for(rules_name), mode_rules(rules_name), law, cell_deg)


@settings(max_examples=40, deadline=None)
@given(fixes=fleets())
def test_a_mixed_fleet_equals_ship_by_ship(fixes):
    rules, zones = mode_rules("epa"), zones_for("epa")
    law = load_law("epa_propeller")
    together, _, _ = kernel(fixes, MIXED, zones, rules, law)
    alone = [
        kernel(rows, MIXED.filter(mmsi=mmsi), zones, rules, law)[0]
        for (mmsi,), rows in fixes.group_by("mmsi", maintain_order=True)
    ]
    assert together.equals(pl.concat(alone))


@settings(max_examples=60, deadline=None)
@given(fixes=fleets())
def test_time_and_reports_are_all_accounted_for(fixes):
    got, holes, _ = kernel(fixes, MIXED, zones_for("sisterport"), mode_rules(), load_law("ghg4"))
    t, mmsi = fixes["t_s"].to_numpy(), fixes["mmsi"].to_numpy()
    span_s = sum(t[mmsi == m].max() - t[mmsi == m].min() for m in np.unique(mmsi))
    hole_s = (t[holes + 1] - t[holes]).sum()
    assert got["hours"].sum() * 3600 == pytest.approx(span_s - hole_s, abs=1e-3)
    length = (got["end_utc"] - got["start_utc"]).dt.total_milliseconds() / 3.6e6
    assert (length - got["hours"]).abs().max() is None or (length - got["hours"]).abs().max() < 1e-6
    assert got["positions"].sum() <= fixes.height
    assert (got["start_utc"].dt.date() == got["date"]).all()


@pytest.mark.parametrize("rules_name", RULES)
@pytest.mark.parametrize("name", ["new_york_2020-12-01_07", "new_york_2020-06-30_first_hour", "us_coastal_2020-06-30"])
def test_kernel_equals_plain_code_on_real_files(shared, rules_name, name):
    positions, statics, _ = ais.read_positions(shared / "data/ais" / f"{name}.parquet")
    few = statics["mmsi"].sort().gather_every(max(1, statics.height // 25))
    fixes = ais.fixed_point(positions.filter(pl.col("mmsi").is_in(few.implode())))
    ships = factory.ships(mmsi=few.to_list(), length_m=280.0, beam_m=40.0)
    areas = read_areas(factory.areas() if "coastal" in name else factory.new_york())
    zones = build_zones(areas, near_nm=mode_rules(rules_name).near_nm)
    law = {"epa": "epa_propeller", "gfw": "holtrop"}.get(rules_name, "ghg4")
    assert_same(fixes, ships, zones, mode_rules(rules_name), law)
