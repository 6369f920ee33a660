"""Ports: known positions, codes unique, aliases as ships use them."""

import polars as pl
import pytest

from sisterport.errors import ReferenceDataError
from sisterport.reference import catalogue, load, ports, resolve_locode

# Positions from charts and gazetteers, to a tenth of a degree.
KNOWN = {
    "USNYC": (40.7, -74.0),
    "CNSGH": (31.2, 121.5),
    "USLAX": (33.7, -118.3),
    "USLGB": (33.8, -118.2),
    "SGSIN": (1.3, 103.8),
    "DEHAM": (53.5, 10.0),
    "SEGOT": (57.7, 11.9),
    "NLRTM": (51.9, 4.4),
    "KRPUS": (35.1, 129.1),
    "CNYTN": (22.6, 114.3),
    "USPDX": (45.6, -122.7),
    "GBBEL": (54.6, -5.9),
    "ESVLC": (39.4, -0.3),
    "CAVAN": (49.3, -123.1),
    "INNSA": (18.9, 72.9),
}


@pytest.mark.parametrize("code", KNOWN)
def test_known_positions(code):
    row = ports().filter(pl.col("locode") == code).row(0, named=True)
    assert abs(row["lat_deg"] - KNOWN[code][0]) < 0.11
    assert abs(row["lon_deg"] - KNOWN[code][1]) < 0.11


def test_the_table_is_sound():
    table = ports()
    codes = table["locode"].drop_nulls()
    assert table.height > 3700
    assert codes.len() > 1800
    assert not codes.is_duplicated().any()
    assert codes.str.contains("^[A-Z]{2}[A-Z2-9]{3}$").all()
    coded = table.filter(pl.col("locode").is_not_null())
    assert (coded["locode"].str.slice(0, 2) == coded["country"]).all()
    assert table["country"].str.contains("^[A-Z]{2}$").all()
    assert table["wpi_number"].drop_nulls().is_unique().all()
    assert table["lat_deg"].drop_nulls().is_between(-80, 85).all()
    assert table["lon_deg"].drop_nulls().is_between(-180, 180).all()
    assert set(table["status"]) <= {"checked", "secondary"}
    assert table["source"].null_count() == 0
    assert (table["lat_deg"].is_null() == table["lon_deg"].is_null()).all()
    assert table.filter(pl.col("lat_deg").is_null())["source"].str.contains("position").all()


@pytest.mark.parametrize(
    ("code", "canonical"),
    [
        ("CNSGH", "CNSGH"),
        ("CNSHG", "CNSGH"),
        ("cn sha", "CNSGH"),  # an airport in UN/LOCODE, the seaport in the mouth of carriers
        ("CNYSA", "CNSGH"),
        ("CNNGB", "CNNBO"),
        ("CNTAO", "CNQIN"),
        ("CNQDG", "CNQIN"),
        ("CNNBG", "CNNBO"),
        ("USJNU", "USJNU"),  # a seaport of UN/LOCODE that the table of ports has without a code
        ("CNTNJ", "CNTXG"),
        ("CNCWN", "CNSHK"),
        ("Pusan", "KRPUS"),
        ("Göteborg", "SEGOT"),
        ("NEW YORK / NEW JERSEY", "USNYC"),
    ],
)
def test_aliases(code, canonical):
    assert resolve_locode(code) == canonical


def test_what_is_no_port_is_told():
    with pytest.raises(ReferenceDataError, match="no seaport here: 'Shanghai Pudong International Apt'"):
        resolve_locode("CNPVG")
    with pytest.raises(ReferenceDataError, match="another place"):
        resolve_locode("CNYSN")
    with pytest.raises(ReferenceDataError, match="did you mean 'CN"):
        resolve_locode("CNSG2")


def test_aliases_lead_to_ports_of_the_table_and_resources_exist():
    assert set(load("port_aliases")["canonical_locode"]) <= set(ports()["locode"].drop_nulls())
    assert {"ports", "emission_zones", "coast_distance"} <= set(catalogue())


def test_against_the_world_port_index(shared):
    """Every port of the index is there, at its place."""
    index = pl.read_parquet(shared / "data/ports/world_port_index.parquet")
    both = index.join(ports(), left_on="World Port Index Number", right_on="wpi_number", how="inner")
    assert both.height == index.height
    assert (both["Latitude"] - both["lat_deg"]).abs().max() < 0.001
    assert (both["Longitude"] - both["lon_deg"]).abs().max() < 0.001


def test_codes_lie_where_un_locode_says(shared):
    places = pl.read_parquet(shared / "data/ports/unlocode_2023-1.parquet").filter(pl.col("lat").is_not_null())
    both = ports().filter(pl.col("status") == "checked").join(places, on="locode")
    assert both.height > 1000
    assert both["is_port"].all()
    assert (both["lat"] - both["lat_deg"]).abs().max() < 0.31
