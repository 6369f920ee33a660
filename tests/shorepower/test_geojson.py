"""One feature per outlet, its pairs as a list, and a file that is no register says why."""

import json

import polars as pl
import pytest
from hypothesis import given, settings

from sisterport.errors import InputError, SchemaError
from sisterport.shorepower.geojson import to_geojson
from sisterport.shorepower.registers import UNCODED_PORTS, outlet_candidates, read_outlets, write_outlets
from tests.shorepower import strategies


def test_an_outlet_is_a_feature_with_its_pairs_and_passports():
    features = {f["id"]: f for f in to_geojson(outlet_candidates())["features"]}
    assert len(features) == outlet_candidates()["outlet_id"].n_unique()
    kiel = features["DEKEL-ostseekai"]["properties"]
    pairs = [(p["voltage_kv"], p["frequency_hz"], p["pair"]) for p in kiel["pairs"]]
    assert pairs == [(kv, hz, "possible") for kv in (6.6, 11.0) for hz in (50.0, 60.0)]
    assert kiel["plant_power_mva"] == 16
    assert kiel["plant_id_source"].startswith("Maritime Journal")
    assert features["USLGB-pier-g-its"]["properties"]["pairs"][0]["frequency_hz_source"] == "inferred (grid)"
    assert features["DEKEL-ostseekai"]["geometry"] is None


def test_the_member_s131_is_shown_and_not_believed(tmp_path):
    file = write_outlets(outlet_candidates(), tmp_path / "o.geojson")
    collection = json.loads(file.read_text())
    kiel = next(f for f in collection["features"] if f["id"] == "DEKEL-norwegenkai")
    assert kiel["properties"]["s131"]["notInS131"] == ["10 kV"]
    kiel["properties"]["s131"]["categoryOfVoltage"] = [13]
    file.write_text(json.dumps(collection))
    assert read_outlets(file, known_ports=UNCODED_PORTS).equals(outlet_candidates())


@settings(max_examples=30)
@given(register=strategies.outlets())
def test_nothing_of_an_outlet_is_in_its_pairs(register):
    for feature in to_geojson(register)["features"]:
        rows = register.filter(pl.col("outlet_id") == feature["id"])
        assert len(feature["properties"]["pairs"]) == rows.height
        place = feature["geometry"]["coordinates"] if feature["geometry"] else [None, None]
        assert place == [rows["lon_deg"][0], rows["lat_deg"][0]]
        assert all("berth_id" not in pair for pair in feature["properties"]["pairs"])
    json.dumps(to_geojson(register), allow_nan=False)


def test_a_plain_feature_is_one_row(tmp_path):
    properties = {"outlet_id": "o", "berth_id": "b", "locode": "DEKEL", "state": "operational", "voltage_kv": 6600,
                  "source": "s", "status": "checked"}  # fmt: skip
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [10.1, 154.3]}, "properties": properties}
    file = tmp_path / "o.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(SchemaError) as error:
        read_outlets(file)
    assert len(error.value.faults) == 2
    assert "looks like V, write 6.6" in str(error.value)
    assert "'lat_deg': 1 above 90 deg" in str(error.value)
    properties["voltage_kv"] = 6.6
    feature["geometry"]["coordinates"] = [10.1, 54.3, 2.0]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert read_outlets(file).select("lat_deg", "lon_deg", "voltage_kv").row(0) == (54.3, 10.1, 6.6)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "cannot read"),
        ("[]", "no GeoJSON feature collection"),
        ('{"type": "Feature"}', "no GeoJSON feature collection"),
        ('{"features": [1]}', "feature 0 has no properties"),
        ('{"features": [{"properties": {}, "geometry": {"type": "Polygon"}}]}', "geometry is Polygon, needed Point"),
        ('{"features": [{"properties": {}, "geometry": {"type": "Point"}}]}', "needs two coordinates"),
        ('{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": ["a", 1]}}]}', "no numbers"),
        ('{"features": [{"properties": {"pairs": [1]}, "geometry": null}]}', "'pairs' is no list of objects"),
    ],
)
def test_what_is_no_register(content, told, tmp_path):
    file = tmp_path / "o.geojson"
    file.write_text(content)
    with pytest.raises(InputError, match=told):
        read_outlets(file)


def test_an_empty_collection_has_no_rows(tmp_path):
    file = tmp_path / "o.geojson"
    file.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(SchemaError, match="no rows"):
        read_outlets(file)
