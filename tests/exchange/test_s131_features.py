"""S-131 features: a register goes out in words of the catalogue and comes back; what has no word is not rounded."""

import copy
import csv
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError
from sisterport.exchange.findings import ERROR
from sisterport.exchange.s131_features import BERTH, FACILITY, TERMINAL, feature_findings, from_features, to_features
from sisterport.reference import load
from sisterport.shorepower.registers import read_outlets
from tests.shorepower import strategies

PASSPORT = {"state": "operational", "source": "chart", "status": "secondary"}
ROW = {"outlet_id": "o1", "berth_id": "b1", "locode": "DEKEL", "terminal": "OK", "voltage_kv": 6.6,
       "frequency_hz": 50.0, "lat_deg": 54.3, "lon_deg": 10.1, **PASSPORT}  # fmt: skip


def features(*changes, berths=None):
    return to_features(pl.DataFrame([ROW | change for change in changes], infer_schema_length=None), berths=berths)


def of_kind(collection, kind):
    return [one for one in collection["features"] if one["properties"]["featureType"] == kind]


def test_one_facility_per_outlet_and_the_port_on_the_berth():
    made = features({}, {"voltage_kv": 11.0}, {"outlet_id": "o2", "voltage_kv": 10.0, "lat_deg": None})
    first, second = of_kind(made, FACILITY)
    assert first["geometry"] == {"type": "Point", "coordinates": [10.1, 54.3]}
    assert first["properties"]["attributes"] == {"iDCode": "o1", "categoryOfShorePowerFacility": 1,
                                                 "categoryOfVoltage": [10, 12], "categoryOfFrequency": [1]}  # fmt: skip
    assert "categoryOfVoltage" not in second["properties"]["attributes"]
    assert (second["properties"]["notInS131"], second["geometry"]) == (["10 kV"], None)
    (berth,), (terminal,) = of_kind(made, BERTH), of_kind(made, TERMINAL)
    assert berth["properties"]["attributes"]["uNLocationCode"] == "DEKEL"
    assert berth["properties"]["attributes"]["categoryOfVoltage"] == [10, 12]
    assert terminal["properties"]["associations"] == {"layoutUnit": ["b1"], "hasInfrastructure": ["o1", "o2"]}
    assert feature_findings(made) == []


def test_sizes_of_berths_are_written_where_they_are_known():
    berths = pl.DataFrame(
        {"berth_id": ["b1"], "length_m": [350.0], "depth_m": [None]}, schema_overrides={"depth_m": pl.Float64}
    )
    attributes = of_kind(features({}, berths=berths), BERTH)[0]["properties"]["attributes"]
    assert attributes["availableBerthingLength"] == 350.0
    assert "minimumBerthDepth" not in attributes
    own = of_kind(features({"berth_length_m": 200.0}), BERTH)[0]["properties"]["attributes"]
    assert own["availableBerthingLength"] == 200.0


@given(strategies.outlets())
def test_registers_come_back(outlets):
    made = json.loads(json.dumps(to_features(outlets), allow_nan=False))
    assert [one for one in feature_findings(made) if one.severity == ERROR] == []
    if outlets.group_by("berth_id").agg(pl.col("locode").n_unique())["locode"].max() > 1:
        return  # a berth is at one port
    back = read_outlets(from_features(made, **PASSPORT))
    for name in outlets["outlet_id"].unique():
        ours, theirs = outlets.filter(outlet_id=name), back.filter(outlet_id=name)
        assert set(theirs["berth_id"]) == set(ours["berth_id"])
        assert set(theirs["locode"]) == set(ours["locode"])
        codable = set(ours["voltage_kv"].drop_nulls()) - {10.0}
        assert set(theirs["voltage_kv"].drop_nulls()) == codable
        assert set(theirs["frequency_hz"].drop_nulls()) == set(ours["frequency_hz"].drop_nulls())


@pytest.mark.parametrize(
    ("place", "wrong", "check"),
    [
        (("properties", "featureType"), "Crane", "feature_type"), (("properties",), None, "feature_type"),
        (("properties", "attributes"), [], "kind"), (("properties", "associations"), [], "kind"),
        (("properties", "attributes", "uNLocationCode"), ..., "required"),
        (("properties", "attributes", "methodOfSecuring"), 11, "code"),
        (("properties", "attributes", "bollardNumber"), ["1", "2", "3"], "too_many"),
        (("properties", "attributes", "categoryOfVoltage"), 10, "kind"),
        (("properties", "attributes", "availableBerthingLength"), "350 m", "kind"),
        (("properties", "attributes", "berthLength"), 350.0, "unknown_field"),
        (("properties", "attributes", "locationMRN"), 5, "kind"),
        (("geometry",), {"type": "MultiPolygon", "coordinates": []}, "geometry"),
    ],
)  # fmt: skip
def test_what_breaks_the_catalogue_is_named(place, wrong, check):
    made = features({})
    part = of_kind(made, BERTH)[0]
    for name in place[:-1]:
        part = part[name]
    if wrong is ...:
        del part[place[-1]]
    else:
        part[place[-1]] = copy.deepcopy(wrong)
    assert check in [one.check for one in feature_findings(made)]


def test_a_facility_without_its_berth_has_no_port():
    made = features({})
    made["features"] = of_kind(made, FACILITY)
    with pytest.raises(InputError, match="names no berth that is there"):
        from_features(made, **PASSPORT)
    with pytest.raises(InputError, match="no GeoJSON feature collection"):
        from_features([], **PASSPORT)


@given(st.recursive(st.none() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.sampled_from(
    ["type", "features", "properties", "featureType", "attributes", "associations", "geometry"]), one)))  # fmt: skip
def test_nothing_makes_the_checks_fail(value):
    feature_findings(value)
    feature_findings({"features": [value]})
    feature_findings({"features": [{"properties": {"featureType": FACILITY, "attributes": value}, "geometry": value}]})


def test_each_code_of_the_catalogue_is_in_the_table(shared):
    path = shared / "data/exchange/s131_2.0.0rc/code_lists.csv"
    ours = {(row["attribute"], str(row["code"])): row["label"] for row in load("s131_codes").iter_rows(named=True)}
    wanted = load("exchange_fields").filter(standard="s131")["field"]
    rows = [
        row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()) if row["attribute"] in set(wanted)
    ]
    assert {(row["attribute"], row["code"]): row["label"] for row in rows} == ours
