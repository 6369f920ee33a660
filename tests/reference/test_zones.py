"""The emission zones: named places on the right side, dates as in the law, and no place in two zones."""

import json
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import polars as pl
import pytest
import shapely
from shapely.geometry import shape

from sisterport.inventory.zones import rules_at, zone_rules
from sisterport.reference import load, path
from sisterport.voyages.areas import port_discs
from sisterport.voyages.raster import ZONE_MASK, ZONE_SHIFT, build_zones

FEATURES = json.loads(path("emission_zones").read_text(encoding="utf-8"))["features"]
SHAPES = [(feature["properties"]["zone_id"], shape(feature["geometry"])) for feature in FEATURES]

PLACES = {  # latitude, longitude; harbours, and water next to the lines of the law
    "baltic_sea": {
        "Gothenburg": (57.69, 11.85),
        "Copenhagen": (55.70, 12.62),
        "Frederikshavn": (57.43, 10.55),
        "Aalborg": (57.06, 9.95),
        "Aarhus": (56.15, 10.24),
        "Flensburg": (54.80, 9.43),
        "Kiel": (54.33, 10.15),
        "Luebeck": (53.89, 10.70),
        "Rostock": (54.15, 12.10),
        "Szczecin": (53.43, 14.58),
        "Gdansk": (54.40, 18.68),
        "Kaliningrad": (54.70, 20.45),
        "Riga": (57.02, 24.10),
        "St Petersburg": (59.88, 30.20),
        "Helsinki": (60.15, 24.96),
        "Kemi": (65.66, 24.52),
        "Ornskoldsvik": (63.27, 18.73),
        "Stockholm": (59.32, 18.12),
        "just south of the Skaw line": (57.73, 11.2),
    },
    "north_sea": {
        "Hamburg": (53.54, 9.95),
        "Bremen": (53.11, 8.74),
        "Rotterdam": (51.90, 4.48),
        "Antwerp": (51.27, 4.33),
        "Ghent": (51.12, 3.77),
        "Le Havre": (49.48, 0.13),
        "Rouen": (49.44, 1.05),
        "Roscoff": (48.73, -3.97),
        "Saint-Malo": (48.64, -2.02),
        "Jersey": (49.18, -2.11),
        "London": (51.50, 0.05),
        "Southampton": (50.89, -1.40),
        "Plymouth": (50.36, -4.14),
        "Hull": (53.74, -0.28),
        "Grangemouth": (56.03, -3.69),
        "Aberdeen": (57.14, -2.08),
        "Lerwick": (60.15, -1.14),
        "Bergen": (60.40, 5.31),
        "Flam in the Sognefjord": (60.86, 7.12),
        "Oslo": (59.90, 10.74),
        "Esbjerg": (55.47, 8.43),
        "Hirtshals": (57.60, 9.96),
        "Uddevalla": (58.34, 11.91),
        "just north of the Skaw line": (57.76, 11.2),
        "just south of 62 N": (61.99, 3.0),
        "just east of 4 W": (60.0, -3.99),
        "just east of 5 W": (49.5, -4.99),
    },
    "mediterranean": {
        "Barcelona": (41.35, 2.17),
        "Valencia": (39.44, -0.31),
        "Algeciras": (36.13, -5.43),
        "Gibraltar": (36.14, -5.36),
        "Tanger Med": (35.89, -5.50),
        "Marseille-Fos": (43.40, 4.88),
        "Genoa": (44.40, 8.91),
        "Venice": (45.44, 12.25),
        "Trieste": (45.63, 13.76),
        "Ploce": (43.05, 17.43),
        "Gioia Tauro": (38.45, 15.90),
        "Valletta": (35.89, 14.51),
        "Piraeus": (37.94, 23.62),
        "Thessaloniki": (40.63, 22.92),
        "Izmir": (38.45, 27.15),
        "Mersin": (36.79, 34.64),
        "Haifa": (32.83, 35.00),
        "Damietta": (31.47, 31.76),
        "Alexandria": (31.18, 29.87),
        "Ras Lanuf in the Gulf of Sirte": (30.52, 18.58),
        "Sfax": (34.72, 10.77),
        "Algiers": (36.77, 3.07),
        "roads off Port Said": (31.60, 32.30),
    },
    "norwegian_sea": {
        "Alesund": (62.47, 6.15),
        "Geiranger": (62.10, 7.20),
        "Trondheim": (63.44, 10.40),
        "Mo i Rana": (66.32, 14.13),
        "Narvik": (68.43, 17.41),
        "Hammerfest": (70.66, 23.68),
        "Kirkenes": (69.73, 30.06),
        "100 nm off the Lofoten": (68.5, 8.5),
        "just north of 62 N": (62.01, 3.0),
    },
    "canadian_arctic": {
        "Iqaluit": (63.73, -68.51),
        "Milne Inlet": (71.89, -80.90),
        "Rankin Inlet": (62.81, -92.08),
        "Tuktoyaktuk": (69.45, -133.03),
        "Resolute": (74.68, -94.87),
        "Alert": (82.51, -62.0),
    },
    "china_coastal": {
        "Shanghai": (31.35, 121.60),
        "Yangshan": (30.62, 122.07),
        "Ningbo": (29.93, 121.87),
        "Zhapu": (30.58, 121.10),
        "Qingdao": (36.02, 120.22),
        "Lianyungang": (34.74, 119.45),
        "Tianjin": (38.98, 117.78),
        "Caofeidian": (38.93, 118.50),
        "Yingkou": (40.30, 122.08),
        "Dalian": (38.93, 121.90),
        "Xiamen": (24.45, 118.03),
        "Fuzhou": (25.98, 119.45),
        "Yantian": (22.57, 114.27),
        "Hong Kong": (22.33, 114.13),
        "Guangzhou": (23.07, 113.45),
        "Zhanjiang": (21.17, 110.42),
        "Fangcheng": (21.61, 108.34),
    },
    "china_hainan": {"Haikou": (20.03, 110.28), "Yangpu": (19.72, 109.16), "Sanya": (18.23, 109.48)},
    "china_inland_rivers": {
        "Zhangjiagang": (31.97, 120.40),
        "Nantong": (31.99, 120.81),
        "Nanjing": (32.14, 118.78),
        "Jiujiang": (29.74, 116.00),
        "Wuhan": (30.60, 114.32),
        "Chenglingji": (29.45, 113.15),
        "Chongqing": (29.57, 106.60),
        "Wuzhou": (23.47, 111.30),
    },
    "north_america": {
        "New York": (40.5, -73.8),
        "Los Angeles": (33.7, -118.2),
        "Honolulu": (21.29, -157.87),
        "Houston": (29.73, -95.2),
        "Hudson Strait's south side, 59.9 N": (59.9, -63.0),
    },
    "us_caribbean": {"San Juan": (18.46, -66.10)},
    None: {
        "Brest": (48.38, -4.49),
        "Lisbon": (38.69, -9.15),
        "Cadiz": (36.54, -6.28),
        "Seville": (37.35, -6.00),
        "Casablanca": (33.61, -7.61),
        "Reykjavik": (64.15, -21.85),
        "Torshavn": (62.00, -6.76),
        "Dublin": (53.35, -6.20),
        "Liverpool": (53.44, -3.02),
        "Bristol": (51.50, -2.71),
        "Glasgow": (55.86, -4.30),
        "Falmouth": (50.16, -5.05),
        "Invergordon": (57.69, -4.17),
        "just west of 4 W": (60.0, -4.01),
        "just west of 5 W": (49.5, -5.01),
        "just south of 48-30 N": (48.49, -4.9),
        "Port Said harbour, taken out by the law": (31.26, 32.31),
        "Suez": (29.95, 32.55),
        "Canakkale": (40.15, 26.40),
        "Istanbul": (41.02, 28.97),
        "Constanta": (44.10, 28.68),
        "Murmansk": (69.0, 33.05),
        "Arkhangelsk": (64.55, 40.50),
        "Longyearbyen": (78.23, 15.62),
        "Bear Island": (74.4, 19.1),
        "Jan Mayen": (71.0, -8.4),
        "Nuuk": (64.17, -51.75),
        "Thule": (76.55, -68.8),
        "Havana": (23.15, -82.36),
        "Nassau": (25.08, -77.34),
        "Bermuda": (32.29, -64.78),
        "Tortola": (18.42, -64.61),
        "40 N 60 W": (40.0, -60.0),
        "Prudhoe Bay": (70.4, -148.5),
        "Churchill": (58.78, -94.18),
        "Busan": (35.10, 129.04),
        "Incheon": (37.45, 126.60),
        "Nampo": (38.72, 125.40),
        "Kaohsiung": (22.56, 120.30),
        "Keelung": (25.15, 121.75),
        "Hai Phong": (20.85, 106.70),
        "Singapore": (1.26, 103.84),
        "Tokyo": (35.60, 139.80),
        "mid Yellow Sea": (36.0, 123.5),
    },
}
ALL = [(name, zone, *where) for zone, places in PLACES.items() for name, where in places.items()]

BASE_POINTS = (  # China, Declaration of 15 May 1996, base points 1 to 26: latitude, longitude in degrees and minutes
    "37 24.0 122 42.3;37 23.7 122 42.3;36 57.8 122 34.2;36 55.1 122 32.7;36 53.7 122 31.1;36 44.8 122 15.8;"
    "35 53.6 120 53.1;35 00.2 119 54.2;33 21.8 121 20.8;33 00.9 121 38.4;31 25.3 122 14.6;30 44.1 123 09.4;"
    "30 43.5 123 09.7;30 10.1 122 56.7;28 53.3 122 16.5;28 23.9 121 55.0;28 23.5 121 54.7;27 27.9 121 07.8;"
    "26 22.6 120 30.4;26 09.4 120 24.3;25 25.8 119 56.3;24 58.6 119 28.7;24 09.7 118 14.2;23 31.9 117 41.3;"
    "23 12.9 117 14.9;23 12.3 117 13.9"
)


@pytest.mark.parametrize(("name", "zone", "lat", "lon"), ALL, ids=[place[0] for place in ALL])
def test_a_place_is_in_its_zone_and_in_no_other(name, zone, lat, lon):
    found = {zone_id for zone_id, area in SHAPES if area.covers(shapely.Point(lon, lat))}
    assert found == ({zone} if zone else set()), name


def test_the_raster_takes_all_zones_and_says_the_same():
    zones = build_zones(port_discs(), coast=False, unverified_zones=True)
    assert set(zones.zone_ids) == {zone for zone, _ in SHAPES} == set(PLACES) - {None}
    _, wanted, lat, lon = zip(*ALL, strict=True)
    numbers = (zones.locate(lat, lon) & ZONE_MASK) >> ZONE_SHIFT
    assert [zones.zone_ids[n - 1] if n else None for n in numbers] == list(wanted)


def test_polygons_are_valid_and_share_no_water():
    for zone, area in SHAPES:
        assert area.is_valid, zone
        west, south, east, north = area.bounds
        assert -180 <= west < east <= 180, zone
        assert -90 <= south < north <= 90, zone
    for (a, one), (b, other) in combinations(SHAPES, 2):
        assert one.intersection(other).area < 1e-4, (a, b)  # square degrees: lines they share, rounded to 5 decimals


def test_every_zone_has_a_passport_and_a_small_file():
    for feature in FEATURES:
        entry = feature["properties"]
        assert entry["status"] in {"checked", "secondary", "unverified"}
        assert all(entry[key] for key in ("name", "source", "dates_source", "note")), entry["zone_id"]
        steps = [date.fromisoformat(step["from"]) for step in entry["sulphur_limits"]]
        assert steps == sorted(steps)
        assert steps[0] == date.fromisoformat(entry["valid_from"]) <= date.fromisoformat(entry["sox_from"])
        assert entry["sox_from"] in {step["from"] for step in entry["sulphur_limits"]}
    assert path("emission_zones").stat().st_size < 80_000


@pytest.mark.parametrize(
    ("zone", "day", "sulphur", "tier3_from"),
    [
        ("baltic_sea", (2006, 5, 18), None, None),
        ("baltic_sea", (2006, 5, 19), 1.5, None),
        ("baltic_sea", (2010, 7, 1), 1.0, None),
        ("baltic_sea", (2014, 12, 31), 1.0, None),
        ("baltic_sea", (2015, 1, 1), 0.1, None),
        ("baltic_sea", (2021, 1, 1), 0.1, (2021, 1, 1)),
        ("north_sea", (2007, 11, 21), None, None),
        ("north_sea", (2007, 11, 22), 1.5, None),
        ("north_sea", (2020, 12, 31), 0.1, None),
        ("north_sea", (2024, 6, 1), 0.1, (2021, 1, 1)),
        ("mediterranean", (2025, 4, 30), None, None),
        ("mediterranean", (2025, 5, 1), 0.1, None),
        ("norwegian_sea", (2026, 2, 28), None, None),
        ("norwegian_sea", (2026, 3, 1), None, (2026, 3, 1)),
        ("norwegian_sea", (2027, 3, 1), 0.1, (2026, 3, 1)),
        ("canadian_arctic", (2026, 2, 28), None, None),
        ("canadian_arctic", (2026, 3, 1), None, (2025, 1, 1)),
        ("canadian_arctic", (2027, 3, 1), 0.1, (2025, 1, 1)),
        ("china_coastal", (2018, 12, 31), None, None),
        ("china_coastal", (2026, 1, 1), 0.5, None),
        ("china_hainan", (2021, 12, 31), 0.5, None),
        ("china_hainan", (2022, 1, 1), 0.1, None),
        ("china_inland_rivers", (2019, 12, 31), 0.5, None),
        ("china_inland_rivers", (2020, 1, 1), 0.1, None),
    ],
)
def test_limits_of_a_day(zone, day, sulphur, tier3_from):
    held = rules_at(pl.DataFrame({"zone_id": [zone], "date": [date(*day)]}), zone_rules()).row(0, named=True)
    assert held["sulphur_pct_max"] == sulphur
    assert held["nox_tier3_from"] == (date(*tier3_from) if tier3_from else None)


def _unit(lat, lon):
    lat, lon = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], -1)


def test_chinas_line_runs_twelve_miles_off_its_base_line():
    d = np.array([point.split() for point in BASE_POINTS.split(";")], float)
    base = np.c_[d[:, 0] + d[:, 1] / 60, d[:, 2] + d[:, 3] / 60]
    share = np.linspace(0, 1, 500)[:, None]
    line = np.concatenate([a + (b - a) * share for a, b in pairwise(base)])
    ring = np.array(dict(SHAPES)["china_coastal"].exterior.coords)[:, ::-1]  # latitude, longitude
    from_line = np.degrees(np.arccos(np.clip(_unit(*ring.T) @ _unit(*line.T).T, -1, 1)).min(axis=1)) * 60
    east = ring[(from_line > 5) & (from_line < 25) & (ring[:, 0] > 23.04) & (ring[:, 0] < 37.5)]
    seaward = from_line[[bool((east == point).all(axis=1).any()) for point in ring]]
    assert len(seaward) >= 24
    corners = seaward > 12.3  # the two corners off Haijiao, where the law cuts the angle of its line
    assert corners.sum() == 2
    assert seaward[corners].max() < 13.3
    np.testing.assert_allclose(seaward[~corners], 12.0, atol=0.15)


def test_national_rules_are_dated_and_name_their_place():
    rules = load("national_rules")
    assert rules["rule_id"].is_unique().all()
    days = rules.with_columns(pl.col("valid_from", "valid_to", "keel_from").str.to_date())
    assert days["valid_from"].null_count() == 0
    assert days.filter(pl.col("valid_to") <= pl.col("valid_from")).is_empty()
    assert rules.filter(pl.col("sulphur_pct_max").is_null() & pl.col("nox_tier").is_null()).is_empty()
    modes = {mode for cell in rules["mode"] for mode in cell.split()}
    assert modes <= {"all", "berth", "anchorage", "manoeuvring", "cruise"}
    at_berth = rules.row(by_predicate=pl.col("rule_id") == "eu_berth", named=True)
    assert (at_berth["sulphur_pct_max"], at_berth["valid_from"]) == (0.1, "2010-01-01")
    california = rules.filter(pl.col("rule_id") == "california_2").row(0, named=True)
    assert (california["sulphur_pct_max"], california["valid_from"]) == (0.1, "2014-01-01")
