"""Fuel supply in ports: sourced rows with flags, a reader that finds every fault, a map."""

import json
from datetime import date

import polars as pl
import pytest

from sisterport.errors import InputError, SchemaError
from sisterport.fuels import fuel_supply, read_supply, supply_geojson
from sisterport.reference import load, ports

GOOD = {
    "supply_id": "x",
    "locode": "SEGOT",
    "fuel": "methanol",
    "state": "operational",
    "from_date": "2015",
    "source": "a letter",
    "confidence": "low",
    "status": "unverified",
}


def supply(*rows: dict[str, object]) -> pl.DataFrame:
    made = [GOOD | {"supply_id": f"x{i}"} | row for i, row in enumerate(rows)]
    return pl.DataFrame(made, infer_schema_length=None)


def test_the_shipped_rows_are_sound_and_flagged() -> None:
    data = fuel_supply()
    assert data.height == load("fuel_supply").height >= 20
    assert data["source"].null_count() == data["confidence"].null_count() == 0
    shanghai = data.filter((pl.col("locode") == "CNSGH") & (pl.col("fuel") == "methanol"))
    made = shanghai.filter(state="operational").row(0, named=True)
    assert made["delivered_t"] == 47_000
    assert made["status"] == "secondary"
    assert "no certificate" in made["note"]
    planned = shanghai.filter(state="planned").row(0, named=True)
    assert planned["capacity_t_per_year"] == 1e6
    assert planned["confidence"] == "low"
    assert fuel_supply(port="SEGOT", fuel="MeOH")["from_date"].to_list() == ["2015", "2023-01"]


def test_a_target_is_not_counted_as_supply() -> None:
    delivering = fuel_supply(fuel="methanol", states=("pilot", "operational"))
    assert "F02" not in delivering["supply_id"].to_list()
    assert delivering["capacity_t_per_year"].null_count() == delivering.height
    assert fuel_supply(port="USLAX", states=("pilot", "operational")).is_empty()


def test_every_fault_comes_at_once() -> None:
    bad = supply(
        {"locode": "SEGOX"},
        {"fuel": "methanl"},
        {"state": "running"},
        {"method": "balloon"},
        {"confidence": "sure"},
        {"from_date": "2023-13"},
        {"from_date": "2023", "from_precision": "day"},
        {"from_date": "2030-01"},
        {"from_date": None, "from_precision": "day"},
        {"supply_id": "x0"},
    )
    with pytest.raises(SchemaError) as error:
        read_supply(bad, today=date(2026, 6, 1))
    text = "\n".join(error.value.faults)
    for words in (
        "row 0: unknown port code 'SEGOX'",
        "row 1: unknown fuel 'methanl' (did you mean 'methanol'?)",
        "'state': 'running' is not one of announced",
        "'method': 'balloon' is not one of",
        "'confidence': 'sure' is not one of high",
        "row 5: from_date '2023-13' is no date",
        "row 6: from_date '2023' is given to the year, from_precision says day",
        "row 7: state 'operational' from 2030-01, which is still to come",
        "row 8: from_precision 'day' without a from_date",
        "supply_id 'x0' is there twice",
    ):
        assert words in text, words
    assert len(error.value.faults) == 10


def test_a_plan_may_lie_ahead_and_this_month_has_begun() -> None:
    today = date(2026, 6, 1)
    assert read_supply(supply({"state": "planned", "from_date": "2030"}), today=today).height == 1
    assert read_supply(supply({"from_date": "2026-06"}, {"from_date": "2026"}), today=today).height == 2


def test_a_csv_with_bare_years_is_read(tmp_path) -> None:
    path = tmp_path / "supply.csv"
    supply({}, {"from_date": "2016"}).write_csv(path)
    assert read_supply(path)["from_date"].to_list() == ["2015", "2016"]
    with pytest.raises(SchemaError, match="below 0"):
        read_supply(supply({"capacity_t_per_year": -1.0}))


def test_the_map_places_every_row_at_its_port(tmp_path) -> None:
    data = fuel_supply()
    chart = supply_geojson(data, path=tmp_path / "supply.geojson")
    assert json.loads((tmp_path / "supply.geojson").read_text()) == chart
    assert chart["unplaced"] == []
    assert len(chart["features"]) == data.height
    places = {c: (lon, lat) for c, lon, lat in ports().select("locode", "lon_deg", "lat_deg").iter_rows()}
    for feature in chart["features"]:
        assert feature["geometry"]["type"] == "Point"
        assert tuple(feature["geometry"]["coordinates"]) == places[feature["properties"]["locode"]]
        assert feature["properties"]["status"]
        assert feature["properties"]["source"]


def test_a_port_without_a_position_is_listed_not_dropped() -> None:
    nowhere = ports().filter(pl.col("lat_deg").is_null() & pl.col("locode").is_not_null())["locode"]
    if nowhere.is_empty():
        pytest.fail("every port has a position: this test needs another way")
    chart = supply_geojson(read_supply(supply({"locode": nowhere[0]}, {})))
    assert chart["unplaced"] == ["x0"]
    assert [f["geometry"] is None for f in chart["features"]] == [True, False]


def test_unknown_words() -> None:
    with pytest.raises(InputError, match="unknown state open"):
        fuel_supply(states=("open",))
    with pytest.raises(InputError, match="did you mean"):
        fuel_supply(fuel="amonia")
