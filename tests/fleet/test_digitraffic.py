"""Digitraffic vessel details: made-up records in the shape of the interface; no live data was seen."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sisterport.errors import InputError
from sisterport.fleet import particulars, read_register, read_vessel_details


def vessel(imo: int | None, mmsi: int, kind: str | None = "Container ship", **dimensions: Any) -> dict[str, Any]:
    return {
        "vesselId": 1,
        "mmsi": mmsi,
        "imoLloyds": imo,
        "name": "AURORA",
        "vesselConstruction": {"vesselTypeCode": 50, "vesselTypeName": kind},
        "vesselDimensions": {"tonnageCertificateIssuer": " ", **dimensions},
    }


FULL = {
    "grossTonnage": 9600,
    "deathWeight": 11_400,
    "length": 140.0,
    "overallLength": 149.0,
    "breadth": 22.5,
    "draught": 8.7,
    "maxSpeed": 18.5,
    "enginePower": "8400 kW",
}


def test_a_full_record_becomes_a_register_row_that_particulars_take_as_unverified(tmp_path: Path) -> None:
    file = tmp_path / "vessels.json"
    file.write_text(json.dumps([vessel(9074729, 230_000_001, **FULL)]))
    register, cells, faults = read_vessel_details(file)
    assert faults.is_empty()
    row = register.row(0, named=True)
    wanted = {"gt": 9600, "dwt_t": 11_400, "length_m": 149, "beam_m": 22.5, "draught_ref_m": 8.7, "v_max_kn": 18.5}
    assert wanted | {"power_kw": 8400} == {k: row[k] for k in [*wanted, "power_kw"]}
    read_register(register)
    statics = pl.DataFrame({"mmsi": [230_000_001], "imo": [9074729], "identities": 1, "positions": 1})
    ship = particulars(statics, register, cells=cells).row(0, named=True)
    assert (ship["power_kw"], ship["power_kw_source"]) == (8400, "register (unverified)")
    assert (ship["v_ref_kn"], ship["ship_class_source"]) == (18.5, "register (unverified)")


def test_nothing_filed_and_nonsense_are_null_and_counted() -> None:
    register, _, faults = read_vessel_details(
        [
            vessel(None, 230_000_001, "Passenger ship", deathWeight=0, overallLength=0.0, length=35.0),
            vessel(9349497, 0, "Chemical tanker", enginePower="2 x 4500", draught=86.0),
            vessel(1095364, 230_000_003, "Spaceship"),
            vessel(None, 0, None),
            vessel(9349497, 0, "Bulk carrier"),
            {"mmsi": 230_000_005, "vesselConstruction": None, "vesselDimensions": None},
        ]
    )
    assert register["mmsi"].to_list() == [230_000_001, None, 230_000_003, 230_000_005]
    assert register["ship_class"].to_list() == ["unknown_passenger", "chemical_tanker", None, None]
    assert register.select("dwt_t", "length_m").row(0) == (None, 35.0)
    assert register.select("power_kw", "draught_ref_m").row(1) == (None, None)
    found = {(r["field"], r["fault"]): (r["ships"], r["example"]) for r in faults.iter_rows(named=True)}
    assert found == {
        ("power_kw", "not a number"): (1, "2 x 4500"),
        ("draught_ref_m", "out of range"): (1, "86.0"),
        ("ship_class", "unknown type"): (1, "Spaceship"),
        ("imo", "wrong check digit"): (1, "1095364"),
        ("imo", "neither IMO number nor MMSI: left out"): (1, "AURORA"),
        ("imo", "listed twice: the later ones left out"): (1, "9349497"),
    }


@pytest.mark.parametrize(
    ("kind", "ship_class"),
    [
        ("Ro-ro passenger ship", "ro_ro"),
        ("LNG tanker", "liquefied_gas_tanker"),
        ("Tanker", "unknown_tanker"),
        ("Dry cargo ship", "unknown_cargo"),
        ("General cargo ship", "general_cargo"),
        ("Tugboat", "service_tug"),
        ("Spoil barge", None),  # oil is a word, not a part of one
    ],
)
def test_types_by_word(kind: str, ship_class: str | None) -> None:
    register = read_vessel_details([vessel(9074729, 0, kind)]).register
    assert register["ship_class"].to_list() == [ship_class]


def test_what_is_no_list_of_vessels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        read_vessel_details(tmp_path / "none.json")
    for text, message in [("{", "is no JSON"), ('{"a": 1}', "a list of vessels"), ("[1]", "a list of vessels")]:
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(InputError, match=message):
            read_vessel_details(tmp_path / "x.json")
    assert read_vessel_details([]).register.is_empty()
