"""Every layout and container is read to the same positions; what cannot be read is said, once and clearly."""

import gzip
import zipfile
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.ais import blocks, read_positions
from sisterport.ais.statics import imo_valid
from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.tables import check

LEGACY = """MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass
220413000,2022-01-03T00:00:00,40.66828,-74.14612,0.1,360.0,511.0,GUNVOR MAERSK,IMO9302891,OUJI2,70,5,367.0,42,15.0,70,A
220413000,2022-01-03T00:01:00,40.66829,-74.14612,102.3,-49.5,120.0,GUNVOR MAERSK,IMO9302891,OUJI2,70,57.0,367.0,42,14.5,70,A
367000001,2022-01-03T00:00:30,40.5,-74.0,5.0,10.0,,,IMO0000000,,1012,,,,,,B
"""  # noqa: E501
CSV2 = """mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,cargo,transceiver
220413000,2025-01-01 00:00:00,-74.14612,40.66828,0.1,12.5,120,GUNVOR MAERSK,IMO9302891,OUJI2,70,5,367,42,15.0,70,A
"""  # noqa: E501
DANISH = """# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D
03/12/2015 23:59:59,Class A,219000001,57.70000,11.80000,Under way using engine,0.0,10.1,180.0,181,9302891,OXYZ,"FRU, DAGMAR",Cargo,No additional information,10,80,GPS,4.5,GOTEBORG,,AIS,60,20,5,5
03/12/2015 23:59:59,Base Station,2190047,57.1,11.1,Unknown value,,,,,Unknown,Unknown,,Undefined,,,,Surveyed,,Unknown,,AIS,,,,
03/12/2015 23:59:59,Class B,219000002,57.2,11.2,Unknown value,,0.1,,,Unknown,Unknown,,Undefined,,,,Undefined,,Unknown,,AIS,,,,
"""  # noqa: E501
STATSAT = """mmsi;lon;lat;date_time_utc;sog;cog;true_heading;nav_status;rot;message_nr;source
257000001;10.5;59.1;2020-01-01 00:00:07;12.3;200.1;199;0;0;1;g
"""


def text_file(folder, text, name="positions.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_marinecadastre_legacy(tmp_path):
    positions, statics, report = read_positions(text_file(tmp_path, LEGACY))
    first = positions.row(0, named=True)
    assert first["time_utc"] == datetime(2022, 1, 3, tzinfo=UTC)
    assert (first["lat_deg"], first["lon_deg"], first["heading_deg"]) == (40.66828, -74.14612, 511.0)
    assert positions["nav_status"].to_list() == [5, 57, None]  # '57.0' is a whole number; clean judges it
    maersk, small = statics.iter_rows(named=True)
    assert maersk == {
        "mmsi": 220413000, "imo": 9302891, "name": "GUNVOR MAERSK", "callsign": "OUJI2",
        "ais_type": 70, "length_m": 367.0, "beam_m": 42.0, "draught_m": 15.0,
        "transceiver_class": "A", "identities": 1, "positions": 2,
    }  # fmt: skip
    assert (small["imo"], small["name"], small["ais_type"]) == (
        None,
        None,
        60,
    )  # US code 1012, inspected passenger
    assert report.is_empty()


def test_csv2_has_longitude_first(tmp_path):
    positions, statics, _ = read_positions(text_file(tmp_path, CSV2))
    assert positions.select("lat_deg", "lon_deg").row(0) == (40.66828, -74.14612)
    assert statics["imo"].item() == 9302891


def test_danish_days_come_first_and_base_stations_go(tmp_path):
    positions, statics, report = read_positions(text_file(tmp_path, DANISH))
    assert positions["time_utc"].to_list() == [datetime(2015, 12, 3, 23, 59, 59, tzinfo=UTC)] * 2
    assert positions["nav_status"].to_list() == [0, None]
    assert report.select("reason", "rows", "ships", "action").rows() == [("not_class_a_or_b", 1, 1, "row dropped")]
    ship, boat = statics.iter_rows(named=True)
    assert (ship["name"], ship["ais_type"], ship["length_m"], ship["beam_m"]) == (
        "FRU, DAGMAR",
        70,
        80.0,
        10.0,
    )
    assert (boat["imo"], boat["callsign"], boat["ais_type"], boat["transceiver_class"]) == (
        None,
        None,
        None,
        "B",
    )


def test_older_danish_files_have_four_columns_less(tmp_path):
    older = "\n".join(",".join(line.split(",")[:-4]) for line in DANISH.splitlines()[2:])
    header = DANISH.splitlines()[0].removesuffix(",A,B,C,D")
    positions, _, _ = read_positions(text_file(tmp_path, f"{header}\n{older}\n"))
    assert positions["mmsi"].to_list() == [219000002]


def test_statsat(tmp_path):
    positions, _, _ = read_positions(text_file(tmp_path, STATSAT))
    assert positions.select("lat_deg", "lon_deg", "sog_kn", "heading_deg").row(0) == (59.1, 10.5, 12.3, 199.0)


@pytest.mark.parametrize("kind", ["zip", "gz", "zst", "crlf", "bom", "parquet", "frame", "pandas", "arrow"])
def test_every_container_gives_the_same(tmp_path, kind):
    expected = read_positions(text_file(tmp_path, LEGACY))
    table = pl.read_csv(LEGACY.encode())
    if kind == "zip":
        source = tmp_path / "AIS_2022_01_03.zip"
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("AIS_2022_01_03.csv", LEGACY)
            archive.writestr("readme.pdf", b"%PDF")
    elif kind == "gz":
        source = text_file(tmp_path, gzip.compress(LEGACY.encode()), "x.gz")
    elif kind == "zst":
        source = tmp_path / "ais-2025-01-01.csv.zst"
        with pa.CompressedOutputStream(str(source), "zstd") as stream:
            stream.write(LEGACY.encode())
    elif kind == "crlf":
        source = text_file(tmp_path, LEGACY.replace("\n", "\r\n"), "x.csv")
    elif kind == "bom":
        source = text_file(tmp_path, "\ufeff" + LEGACY, "x.csv")
    elif kind == "parquet":
        source = tmp_path / "x.parquet"
        table.write_parquet(source)
    else:
        source = {"frame": table, "pandas": table.to_pandas(), "arrow": table.to_arrow()}[kind]
    given = read_positions(source)
    if kind in {"pandas", "arrow"}:
        assert type(given[0]).__module__.startswith({"pandas": "pandas", "arrow": "pyarrow"}[kind])
        given = tuple(pl.DataFrame(frame) for frame in given)
        given = tuple(a.cast(b.schema) for a, b in zip(given, expected, strict=True))
    assert all(a.equals(b) for a, b in zip(given, expected, strict=True))


def test_files_globs_and_layouts_mix(tmp_path):
    text_file(tmp_path, LEGACY, "a.csv")
    text_file(tmp_path, CSV2, "b.csv")
    other = text_file(tmp_path, STATSAT, "statsat.txt")
    positions, statics, _ = read_positions([tmp_path / "?.csv", str(other)])
    assert positions.height == 5
    assert statics.filter(pl.col("mmsi") == 220413000)["positions"].item() == 3


def test_small_blocks_give_the_same(tmp_path, monkeypatch):
    path = text_file(tmp_path, LEGACY)
    whole = read_positions(path)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 50)  # shorter than a line
    split = read_positions(path)
    assert all(a.equals(b) for a, b in zip(whole, split, strict=True))


def test_column_map_for_anything_else(tmp_path):
    text = "ship|when|y|x|speed|no\n366952790|2020-12-01T05:00:07.5+05:00|40.6|-74.1|4.2|9302891\n"
    path = text_file(tmp_path, text)
    columns = {
        "ship": "mmsi",
        "when": "time_utc",
        "y": "lat_deg",
        "x": "lon_deg",
        "speed": "sog_kn",
        "no": "imo",
    }
    positions, statics, _ = read_positions(path, columns=columns)
    assert positions["time_utc"].item() == datetime(2020, 12, 1, 0, 0, 7, 500_000, tzinfo=UTC)
    assert (positions["sog_kn"].item(), statics["imo"].item()) == (4.2, 9302891)


def test_column_map_adds_to_a_known_layout(tmp_path):
    path = text_file(tmp_path, STATSAT.replace("sog", "fart"))
    assert read_positions(path)[0]["sog_kn"].item() is None
    assert read_positions(path, columns={"fart": "sog_kn"})[0]["sog_kn"].item() == 12.3


def test_wrong_map_is_one_error_with_everything(tmp_path):
    path = text_file(tmp_path, "ship;Latt;when\n1;2;3\n")
    with pytest.raises(SchemaError) as caught:
        read_positions(path, columns={"shp": "mmsi", "Latt": "lat_degg"})
    text = str(caught.value)
    assert "positions.csv" in text
    assert "names 'shp', which is not there (did you mean 'ship'?)" in text
    assert "no field 'lat_degg' (did you mean 'lat_deg'?)" in text
    assert "no column for 'lat_deg' (found 'Latt'): pass columns={'Latt': 'lat_deg'}" in text
    assert "no column for 'time_utc'" in text
    with pytest.raises(MethodError, match="did you mean 'danish'"):
        read_positions(path, layout="dansk")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-12-01T00:00:07Z", 7_000), ("2020-12-01 00:00:07", 7_000), ("2020-12-01 00:00:07.250", 7_250),
        ("2020-12-01 00:00", 0), ("1606780807", 7_000), ("1606780807250", 7_250),
        ("2020-12-01T01:00:07+01:00", 7_000),
        ("2020-12-01 00:00:07 UTC", 7_000), ("2020-12-01T00:00:07+00:00", 7_000),
    ],
)  # fmt: skip
def test_times_are_utc(written, meant):
    rows = pl.DataFrame({"mmsi": [366952790], "time": [written], "lat": [1.0], "lon": [2.0]})
    read = read_positions(rows)[0]["time_utc"].dt.epoch("ms").item()
    assert read == 1_606_780_800_000 + meant


def test_frames_with_typed_times():
    moment = datetime(2020, 12, 1, 0, 0, 7, tzinfo=UTC)
    base = {"mmsi": [366952790.0], "lat": [1.0], "lon": [2.0]}
    for time in (
        pl.Series("time", [moment]).dt.convert_time_zone("Asia/Shanghai"),
        pl.Series("time", [moment.replace(tzinfo=None)]).cast(pl.Datetime("ns")),
        pl.Series("time", [1606780807]),
    ):
        positions, _, _ = read_positions(pl.DataFrame(base).with_columns(time))
        assert positions["time_utc"].item() == moment
        assert positions["mmsi"].item() == 366952790


def test_what_cannot_be_read_is_null_and_counted(tmp_path):
    text = (
        LEGACY.replace("40.66829", "forty").replace("2022-01-03T00:00:30", "noon").replace("IMO9302891", "IMO9302892")
    )
    positions, statics, report = read_positions(text_file(tmp_path, text))
    assert positions["lat_deg"].to_list() == [40.66828, None, 40.5]
    assert positions["time_utc"].null_count() == 1
    assert statics["imo"].to_list() == [None, None]
    counts = dict(report.select("reason", "rows").iter_rows())
    assert counts == {"unreadable_lat_deg": 1, "unreadable_time_utc": 1, "imo_check_digit": 2}


def test_a_line_with_too_many_fields_is_dropped_and_counted(tmp_path):
    text = LEGACY.replace("511.0,GUNVOR MAERSK", "511.0,GUNVOR, MAERSK")
    positions, _, report = read_positions(text_file(tmp_path, text))
    assert positions["heading_deg"].to_list() == [120.0, None]
    assert report.select("reason", "rows", "action").rows() == [("too_many_fields", 1, "row dropped")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (LEGACY.splitlines()[0] + "\n", "header but no rows"),
        (bytes(range(256)) * 40, "UTF-8|not a CSV"),
        (LEGACY.encode("utf-16"), "UTF-16"),
        (LEGACY.replace("GUNVOR", "GUNVØR").encode("latin-1"), "not UTF-8.*iconv"),
        ("<html><body>404 not found</body></html>", "not a CSV file with a header"),
        ("220413000,2022-01-03,40.6,-74.1\n", "not a CSV file with a header"),
        (b"PK\x03\x04" + bytes(200), "not a complete zip"),
        (b"PAR1" + bytes(200), "not a complete Parquet"),
        (b"\x1f\x8b" + bytes(200), "damaged or incomplete"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 200, "damaged or incomplete"),
        (gzip.compress((LEGACY * 500).encode())[:-900], "damaged or incomplete"),
        (LEGACY.replace(",A\n", ",A,1,2,3\n"), "most lines have more than the 17 fields"),
        ("mmsi,mmsi,time,lat,lon\n", "more than once"),
        (
            DANISH.replace("Class A", "AtoN").replace("Class B", "SAR Airborne"),
            "no position is left of 3 rows",
        ),
        (
            LEGACY.replace("2022-01-03T", "03.01.2022 "),
            "reads as time_utc, for example '03.01.2022 00:00:00'",
        ),
    ],
)
def test_garbage_is_one_clear_error_that_names_the_file(tmp_path, content, says):
    path = text_file(tmp_path, content, "raw.csv")
    with pytest.raises(InputError, match=says) as caught:
        read_positions(path)
    assert "raw.csv" in str(caught.value) or "no position is left" in str(caught.value)


def test_truncated_files(tmp_path, shared):
    whole = (shared / "data/ais/new_york_2020-06-30_first_hour.parquet").read_bytes()
    with pytest.raises(InputError, match="not a complete Parquet file"):
        read_positions(text_file(tmp_path, whole[:50_000], "cut.parquet"))
    archive = tmp_path / "whole.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.csv", LEGACY * 100)
    with pytest.raises(InputError, match="not a complete zip file"):
        read_positions(text_file(tmp_path, archive.read_bytes()[:-80], "cut.zip"))
    stream = tmp_path / "whole.zst"
    noise = np.random.default_rng(1).integers(10**8, 10**9, 20_000).astype(str)
    with pa.CompressedOutputStream(str(stream), "zstd") as file:
        file.write((LEGACY + "".join(f"{n},,,,,,,,,,,,,,,,\n" for n in noise)).encode())
    with pytest.raises(InputError, match="damaged or incomplete"):
        read_positions(text_file(tmp_path, stream.read_bytes()[:-5_000], "cut.zst"))


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match="no file matches"):
        read_positions(tmp_path / "*.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_positions(tmp_path)
    with pytest.raises(InputError, match="expected a path"):
        read_positions(42)


def test_statics_are_by_majority_and_count_identities():
    row = {"mmsi": 366952790, "time": "2020-12-01 00:00:00", "lat": 1.0, "lon": 2.0}
    seen = [("EVA@@@", 9302891, 0.0), ("EVA  ", 9302891, 14.5), ("EVITA", 9627980, 9.0), ("", 0, 99.0)]
    rows = pl.DataFrame([row | {"name": n, "imo": i, "draught": d} for n, i, d in seen])
    statics = read_positions(rows)[1].row(0, named=True)
    assert (statics["name"], statics["imo"], statics["draught_m"]) == ("EVA", 9302891, 14.5)
    assert (statics["identities"], statics["positions"]) == (2, 4)
    unnumbered = read_positions(rows.drop("imo"))[1].row(0, named=True)
    assert unnumbered["identities"] == 2
    assert read_positions(rows.drop("imo", "name"))[1]["identities"].item() == 1


def test_statics_leave_out_what_cannot_be_true():
    rows = pl.DataFrame({
        "mmsi": [366952790, 366952790, 2190047], "time": ["2020-12-01"] * 3,
        "lat": [1.0] * 3, "lon": [1.0] * 3, "length": [0.0, 0.0, 10.0], "width": [99.0, 12.0, 3.0],
        "ship_type": [0, 70, 70],
    }).with_columns(pl.col("time") + " 00:00:00")  # fmt: skip
    statics = read_positions(rows)[1]
    assert statics.select("mmsi", "length_m", "beam_m", "ais_type").rows() == [(366952790, None, 12.0, 70)]


@given(st.integers(100_000, 999_999))
def test_one_check_digit_in_ten_is_right(six):
    valid = pl.select(imo_valid(pl.lit(pl.Series([six * 10 + d for d in range(10)])))).to_series()
    digit = sum(int(c) * w for c, w in zip(str(six), range(7, 1, -1), strict=True)) % 10
    assert valid.arg_true().to_list() == [digit]


@pytest.mark.parametrize("name", ["ais/new_york_2020-12-01_07", "ais/new_york_2020-06-30_first_hour",
    "ais/us_coastal_2020-06-30", "test-only/ais/denmark_2013-11-12_1200_5min"])  # fmt: skip
def test_real_files(shared, name):
    path = shared / f"data/{name}.parquet"
    raw = pl.read_parquet(path)
    positions, statics, _ = read_positions(path)
    assert positions.height == raw.height
    assert positions["lat_deg"].equals(raw["lat"].rename("lat_deg"))
    check(statics, "statics")
    ships = raw.filter(pl.col("mmsi").is_between(200_000_000, 799_999_999))
    assert statics["mmsi"].to_list() == ships["mmsi"].unique().sort().to_list()
    assert statics["positions"].sum() == ships.height


def test_a_known_ship(shared):
    _, statics, _ = read_positions(shared / "data/ais/new_york_2020-12-01_07.parquet")
    fighter = statics.filter(pl.col("imo") == 9722625)
    assert fighter.select("name", "ais_type", "length_m").row(0) == ("HELLAS FIGHTER", 80, 183.0)
