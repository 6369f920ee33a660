"""Areas: faults are told all at once, precedence is as promised, discs stand where no polygon does."""

import json

import polars as pl
import pytest
import shapely

from sisterport.errors import InputError, SchemaError
from sisterport.voyages.areas import KINDS, circle, port_discs, read_areas


def feature(geometry, **properties):
    row = {"area_id": "a", "kind": "port", "name": "A", "source": "test", "status": "hand_drawn"} | properties
    return {"type": "Feature", "properties": row, "geometry": geometry}


def square(west, south, size=1.0):
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def test_every_fault_is_told_at_once():
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    faulty = collection(
        feature(bow_tie, area_id="tie"),
        feature(square(0, 0), area_id="twin"),
        feature(square(0, 0), area_id="twin"),
        feature(square(0, 0), area_id=""),
        feature(square(0, 0), area_id="k", kind="berht"),
        feature(square(0, 0), area_id="p", parent="twim"),
        feature(square(30, 121), area_id="swap"),
        feature(square(53.0, 9.5), area_id="far", locode="DEHAM"),
        feature({"type": "Point", "coordinates": [0, 0]}, area_id="point"),
        feature(None, area_id="void"),
        feature(square(0, 0), area_id="code", locode="XXXXX"),
    )
    with pytest.raises(SchemaError) as error:
        read_areas(faulty)
    text = str(error.value)
    for part in (
        "'tie': polygon is not valid: Self-intersection at (lon, lat) 0.5 0.5",
        "area_id 'twin' occurs 2 times",
        "feature 3: property 'area_id' missing",
        "unknown kind 'berht' (did you mean 'berth'?)",
        "parent 'twim' is not there (did you mean 'twin'?)",
        "'swap': latitude 122 is out of range; are longitude and latitude swapped?",
        "'far': lies far from DEHAM, but near it with longitude and latitude swapped",
        "'point': geometry is a Point",
        "'void': no geometry",
        "unknown port code 'XXXXX'",
    ):
        assert part in text
    assert len(error.value.faults) == 10


def test_a_berth_outside_its_parent_is_a_warning_and_an_alias_is_counted():
    areas = read_areas(
        collection(
            feature(square(121, 31), area_id="p", locode="CN SHA"),
            feature(square(123, 31), area_id="b", kind="berth", parent="p"),
            feature(square(121.5, 31, 0.2), area_id="b2", kind="berth", parent="p"),
        )
    )
    assert areas.warnings == ("berth 'b' lies outside its parent 'p'",)
    assert areas.frame.filter(area_id="p")["locode"].item() == "CNSGH"
    assert areas.aliases == {"CN SHA": 1}


def test_order_is_precedence_the_smaller_area_counts():
    rows = [feature(square(0, 0, 1 + i / 10), area_id=kind, kind=kind) for i, kind in enumerate(reversed(KINDS))]
    rows.insert(0, feature(square(0, 0, 0.1), area_id="inner", kind="berth"))
    areas = read_areas(collection(*rows))
    assert areas.frame["area_id"].to_list() == [*KINDS, "inner"]


@pytest.mark.parametrize("column", ["geometry", "wkt"])
def test_frames_read_like_geojson(column):
    polygon = shapely.geometry.shape(square(3, 50))
    frame = pl.DataFrame(
        {
            "area_id": ["a"],
            "kind": ["port"],
            "name": ["A"],
            "source": ["s"],
            "status": ["checked"],
            column: [polygon.wkb if column == "geometry" else polygon.wkt],
        }
    )
    areas = read_areas(frame)
    assert areas.geometries == (polygon,)
    assert areas.frame.equals(read_areas(collection(feature(square(3, 50), source="s", status="checked"))).frame)


def test_files_that_are_no_geojson(tmp_path):
    with pytest.raises(InputError, match="cannot read areas"):
        read_areas(tmp_path / "absent.geojson")
    (tmp_path / "broken.geojson").write_text("{")
    with pytest.raises(InputError, match="is not GeoJSON"):
        read_areas(tmp_path / "broken.geojson")
    (tmp_path / "one.geojson").write_text(json.dumps(feature(square(0, 0))))
    with pytest.raises(InputError, match="FeatureCollection"):
        read_areas(tmp_path / "one.geojson")


def test_a_circle_has_its_radius_in_nautical_miles():
    ring = shapely.get_coordinates(circle(60.0, 20.0, 5.0))
    north, east = ring[:, 1].max() - 60.0, ring[:, 0].max() - 20.0
    assert north * 60.0 == pytest.approx(5.0, rel=2e-3)
    assert east * 60.0 * 0.5 == pytest.approx(5.0, rel=2e-3)  # cos 60 deg = 0.5


def test_discs_leave_out_ports_that_are_drawn():
    drawn = read_areas(collection(feature(square(9.5, 53.2), area_id="ham", locode="DEHAM")))
    discs = port_discs(exclude=drawn)
    every = port_discs()
    assert "DEHAM" not in discs.frame["locode"].to_list()
    assert len(every) > 3600
    lost = every.frame.join(discs.frame, on="area_id", how="anti")
    inside = [every.geometries[i].centroid.within(drawn.geometries[0]) for i in range(len(every))]
    assert lost.height == sum(inside) >= 2  # Hamburg and smaller ones in the polygon
    joined = discs.join(drawn)
    assert joined.frame["kind"].to_list()[-1] == "port"
    with pytest.raises(SchemaError, match="in both sets"):
        drawn.join(drawn)


def test_where_discs_overlap_the_larger_harbour_counts():
    frame = port_discs().frame.with_row_index()
    rank = dict(frame.select("area_id", "index").iter_rows())
    assert rank["disc-DEHAM"] > rank["disc-wpi7820"]  # a large harbour after a small one
