"""A frame is held against its table, and everything wrong with it is said at once."""

from datetime import UTC, datetime

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sisterport import tables
from sisterport.errors import InputError, ReferenceDataError, SchemaError

TIME = datetime(2020, 12, 1, tzinfo=UTC)
GOOD = {
    "mmsi": [366952790, 256748000],
    "time_utc": [TIME, TIME],
    "lat_deg": [40.6, 40.7],
    "lon_deg": [-74.0, -74.1],
}


def test_good_frame_comes_back_with_all_columns_in_order():
    frame = tables.check(pl.DataFrame(GOOD), "positions")
    assert frame.columns == list(tables.schema("positions"))
    assert frame["sog_kn"].null_count() == 2


@pytest.mark.parametrize("kind", [pd.DataFrame, pa.table])
def test_other_frames_are_taken(kind):
    assert tables.check(kind(GOOD), "positions")["mmsi"].to_list() == GOOD["mmsi"]


def test_everything_wrong_is_reported_at_once():
    bad = pl.DataFrame(
        {
            "mmsi": ["ship", "other"],
            "time_utc": [TIME, None],
            "lat_deg": [91.0, 40.0],
            "SOG": [5.0, 200.0],
        }
    )
    with pytest.raises(SchemaError) as caught:
        tables.check(bad, "positions", columns={"SOG": "sog_kn", "COGG": "cog_deg"})
    text = str(caught.value)
    assert len(caught.value.faults) == 6
    assert "column map names 'COGG'" in text
    assert "column 'mmsi' is String" in text
    assert "column 'time_utc': 1 nulls, first: row 1" in text
    assert "column 'lat_deg': 1 rows above 90 deg, first: row 0" in text
    assert "column 'lon_deg' missing" in text
    assert "column 'sog_kn': 1 rows above 102.2 kn, first: row 1" in text


def test_missing_column_names_its_likely_twin():
    with pytest.raises(SchemaError, match=r"'lat_deg' missing \(found 'LAT': pass columns=\{'LAT': 'lat_deg'\}\)"):
        tables.check(pl.DataFrame(GOOD).rename({"lat_deg": "LAT"}), "positions")


def test_times_without_zone_are_utc_and_text_is_iso():
    naive = pl.DataFrame(GOOD | {"time_utc": [datetime(2020, 12, 1), datetime(2020, 12, 2)]})  # noqa: DTZ001
    text = pl.DataFrame(GOOD | {"time_utc": ["2020-12-01T00:00:00Z", "2020-12-02T00:00:00Z"]})
    assert tables.check(naive, "positions")["time_utc"][0] == TIME
    assert tables.check(text, "positions")["time_utc"][0] == TIME


def test_nan_is_null_not_a_number():
    frame = tables.check(pl.DataFrame(GOOD | {"sog_kn": [float("nan"), 5.0]}), "positions")
    assert frame["sog_kn"].to_list() == [None, 5.0]


def test_unknown_table_suggests_the_nearest():
    with pytest.raises(ReferenceDataError, match="did you mean 'positions'"):
        tables.schema("position")


def test_what_is_no_frame_is_refused():
    with pytest.raises(InputError, match="expected a dataframe"):
        tables.check([1, 2, 3], "positions")


def test_caller_gets_its_own_kind_back():
    result = pl.DataFrame({"a": [1]})
    assert isinstance(tables.Caller(pd.DataFrame()).back(result), pd.DataFrame)
    assert isinstance(tables.Caller(pa.table({"a": [1]})).back(result), pa.Table)


@pytest.mark.parametrize("name", tables.names())
def test_every_table_is_well_formed(name):
    for column in tables.schema(name).values():
        assert column.meaning
        assert column.name == column.name.lower()
        unit = {"kn": "_kn", "nm": "_nm", "kW": "_kw", "kWh": "_kwh", "deg": "_deg", "m": "_m"}.get(column.unit)
        assert unit is None or column.name.endswith(unit), f"{column.name} lacks its unit"
    assert f"## {name}" in tables.nomenclature()
    assert tables.empty(name).columns == list(tables.schema(name))
