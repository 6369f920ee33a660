"""Stays: no hour and no energy of the inventory is lost; a port's own files list all faults."""

import math
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sisterport.errors import InputError, SchemaError
from sisterport.inventory import emissions, shore_account
from sisterport.project import read_project, run, write_outputs
from sisterport.shorepower.records import read_connections, read_stays, shore_power_records
from sisterport.shorepower.stays import read_run_stays, stays

DEMO = Path(__file__).parents[2] / "src/sisterport/demo/new_york"
DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The demo's run: its result and the folder that it was written to."""
    result = run(read_project(DEMO / "project.toml"))
    folder = tmp_path_factory.mktemp("run")
    write_outputs(result, folder)
    return result, folder


def from_memory(result, period):
    return stays(period.calls, period.stops, period.emissions, period.segments, period.ships, areas=result.areas.frame)


def test_energy_and_hours_are_those_of_the_inventory_added_up_by_hand(made):
    result, _ = made
    for period in result.periods:
        found = from_memory(result, period)
        engine = {
            row["segment_id"]: row
            for row in period.emissions.iter_rows(named=True)
            if row["system"] == "auxiliary_engine"
        }
        mmsi = dict(period.calls.select("call_id", "mmsi").iter_rows())
        stops = defaultdict(list)
        for row in period.stops.iter_rows(named=True):
            stops[mmsi[row["call_id"]]].append(row)
        energy, co2, hours, outside = defaultdict(float), defaultdict(float), defaultdict(float), 0.0
        for segment in period.segments.iter_rows(named=True):
            if segment["mode"] not in {"berth", "anchorage"}:
                continue
            inside = [
                f"{s['call_id']}-{s['stop']}"
                for s in stops[segment["mmsi"]]
                if s["kind"] == segment["mode"]
                and s["start_utc"] <= segment["start_utc"]
                and segment["end_utc"] <= s["end_utc"]
            ]
            assert len(inside) <= 1
            burnt = engine[segment["segment_id"]]
            if not inside:
                outside += segment["hours"]
                continue
            hours[inside[0]] += segment["hours"]
            energy[inside[0]] += (burnt["energy_kwh"] or 0.0) / 1e3
            co2[inside[0]] += burnt["co2_t"] or 0.0
        assert found.stays.height == period.stops.height
        assert found.left_out["hours"].sum() == pytest.approx(outside)
        for row in found.stays.iter_rows(named=True):
            assert row["hours"] == pytest.approx(hours[row["stay_id"]])  # the whole stop lies in the domain
            assert (row["aux_mwh"] or 0.0) == pytest.approx(energy[row["stay_id"]])
            assert (row["aux_co2_t"] or 0.0) == pytest.approx(co2[row["stay_id"]])
            assert (row["aux_mwh"] is None) == (row["aux_hours"] == 0)


def test_berths_and_terminals_come_from_the_areas(made):
    result, _ = made
    found = from_memory(result, result.periods[0]).stays
    kinds = dict(result.areas.frame.select("area_id", "kind").iter_rows())
    row = found.filter(name="CHICAGO EXPRESS").row(0, named=True)
    assert (row["berth_id"], row["place"], row["locode"]) == ("usnyc-apm-3", "berth", "USNYC")
    assert kinds[row["terminal"]] == "terminal"
    assert {kinds[name] for name in found["berth_id"].drop_nulls()} == {"berth"}
    assert found.filter(place="anchorage")["berth_id"].null_count() == found.filter(place="anchorage").height
    assert found.filter(place="berth")["berth_id"].null_count() > 0  # at a berth that nobody has drawn: kept
    bare = stays(*(getattr(result.periods[0], n) for n in ("calls", "stops", "emissions", "segments", "ships"))).stays
    assert bare.filter(name="CHICAGO EXPRESS")["berth_id"].item() == "usnyc-apm-3"


def test_the_files_of_a_run_give_the_same(made):
    result, folder = made
    parts = [from_memory(result, period) for period in result.periods]
    read = read_run_stays(folder, areas=DEMO / "areas.geojson")
    both = pl.concat([part.stays for part in parts])
    assert read.stays.sort("stay_id").equals(both.sort("stay_id"))
    assert read.left_out["hours"].sum() == pytest.approx(sum(part.left_out["hours"].sum() for part in parts))
    one = read_run_stays(folder / "30-june-2020-one-hour", areas=result.areas)
    assert one.stays.equals(parts[0].stays)
    with pytest.raises(InputError, match="no run in"):
        read_run_stays(folder / "nowhere")


def test_shore_power_of_the_inventory_is_a_record_of_the_stay(made):
    """Connections -> records -> emissions -> stays: what was metered comes out where it went in."""
    result, _ = made
    period = result.periods[0]
    stop = from_memory(result, period).stays.filter(name="CHICAGO EXPRESS").row(0, named=True)
    connections = pl.DataFrame(
        {
            "imo": [stop["imo"], stop["imo"], 9074729],
            "start_utc": [stop["start_utc"], stop["start_utc"], stop["start_utc"]],
            "end_utc": [stop["end_utc"], None, stop["end_utc"]],
            "energy_mwh": [0.25, 1.0, 1.0],
            "source": ["meter"] * 3,
        }
    )
    made_records = shore_power_records(connections, ships=period.ships)
    assert made_records.left_out["reason"].to_list() == ["no end", "no MMSI: pass ships with the IMO number"]
    assert made_records.records.select("mmsi", "energy_kwh").row(0) == (stop["mmsi"], 250.0)
    account = shore_account(period.segments, period.ships, made_records.records)
    assert account["used_kwh"].sum() == pytest.approx(250.0)
    again = emissions(period.segments, period.ships, shore_power=made_records.records)
    row = stays(period.calls, period.stops, again, period.segments, period.ships).stays
    found = row.filter(name="CHICAGO EXPRESS").row(0, named=True)
    assert found["connected_mwh"] == pytest.approx(0.25)
    assert found["aux_mwh"] == pytest.approx(stop["aux_mwh"] - 0.25)
    assert row["connected_mwh"].count() == 1


def test_stops_without_a_call_are_an_error(made):
    result, _ = made
    period = result.periods[0]
    frames = (period.stops, period.emissions, period.segments, period.ships)
    with pytest.raises(SchemaError, match=r"225 stops have no call"):
        stays(period.calls.head(0), *frames)


def test_read_a_ports_own_stays(tmp_path):
    path = tmp_path / "stays.csv"
    path.write_text(
        "IMO;locode;berth_id;start_utc;end_utc;aux_mwh\n"
        "9074729;CNSHA;b1;2024-05-01 04:00;2024-05-01 16:30;14,5\n"
        "9321483;USLAX;;2024-05-01 04:00;2024-05-02 04:00;\n",
        encoding="utf-8",
    )
    found = read_stays(path, columns={"IMO": "imo"})
    assert found["locode"].to_list() == ["CNSGH", "USLAX"]
    assert found["hours"].to_list() == [12.5, 24.0]
    assert found["aux_mwh"].to_list() == [14.5, None]
    assert found["stay_id"].n_unique() == 2


def test_a_table_of_calls_is_taken_as_one_stay_each(made):
    result, folder = made
    found = read_stays(folder / "30-june-2020-one-hour" / "calls.csv")
    calls = result.periods[0].calls
    assert found["call_id"].to_list() == calls["call_id"].to_list()
    assert found["hours"].to_list() == pytest.approx(calls["hours_berth"].to_list())
    assert found["berth_id"].to_list() == calls["first_berth"].to_list()


def test_all_faults_of_a_file_at_once(tmp_path):
    path = tmp_path / "stays.csv"
    path.write_text(
        "stay_id,imo,locod,locode,start_utc,end_utc,hours,place,ship_class,aux_mwh\n"
        "a,9074728,,USLAX,2024-05-01T04:00,2024-05-01T02:00,1,quay,container,1\n"
        "a,,,USLAA,yesterday,2024-05-01T02:00,1,berth,containr,-2\n"
        "b,9321483,,USLAX,2024-05-01T04:00,2024-05-01T06:00,3,berth,container,many\n"
    )
    with pytest.raises(SchemaError) as caught:
        read_stays(path)
    said = str(caught.value)
    for part in (
        "1 with a wrong check digit, first: row 0 (9074728)",
        "rows: 1 with neither imo nor mmsi, first: row 1",
        "unknown port code 'USLAA'",
        "'start_utc': 1 not readable, first: row 1 ('yesterday')",
        "'end_utc': 1 before the start, first: row 0",
        "'hours': 1 h and more than the time between start and end, first: row 2",
        "unknown 'quay'",
        "unknown 'containr' (did you mean 'container'?)",
        "'aux_mwh': 1 not readable, first: row 2 ('many')",
        "'aux_mwh': 1 rows below 0",
        "'stay_id': 2 twice",
    ):
        assert part in said, part
    assert "stays.csv" in said


def test_a_misspelt_column_is_named():
    rows = pl.DataFrame({"imo": [9074729], "locode": ["USLAX"], "start_utc": [DAY], "end_utx": [DAY]})
    with pytest.raises(SchemaError, match=r"unknown column 'end_utx' \(did you mean 'end_utc'\?\)"):
        read_stays(rows)
    with pytest.raises(SchemaError, match="column map names 'ATA', which is not there"):
        read_stays(rows, columns={"ATA": "start_utc"})


def test_connections_of_a_port(tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text(
        "imo,locode,berth_id,start_utc,end_utc,energy_kwh\n"
        "9074729,DEHAM,b1,2024-05-01T04:00Z,2024-05-01T16:00Z,41000\n"
        "9321483,DEHAM,b1,2024-05-02T06:00+02:00,,\n"
    )
    found = read_connections(path)
    assert found["energy_mwh"].to_list() == [41.0, None]
    assert found["start_utc"][1] == datetime(2024, 5, 2, 4, tzinfo=UTC)
    assert set(found["source"]) == {"meter.csv"}
    with pytest.raises(SchemaError, match="rows: 2 that say the same ship, place and start twice"):
        read_connections(pl.concat([found.head(1), found.head(1)]))
    with pytest.raises(SchemaError, match="a column 'imo' or 'mmsi' is needed"):
        read_connections(found.drop("imo", "mmsi"))


def test_no_nan_comes_in():
    rows = pl.DataFrame(
        {"imo": [9074729], "locode": ["USLAX"], "start_utc": [DAY], "end_utc": [DAY], "aux_mwh": [math.nan]}
    )
    assert read_stays(rows)["aux_mwh"].to_list() == [None]
