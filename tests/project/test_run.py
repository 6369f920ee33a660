"""A project from its files to its results: numbers that can be worked out by hand, and files that other tools open."""

import json

import duckdb
import polars as pl
import pytest

from sisterport import ingest
from sisterport.errors import InputError, ProjectError
from sisterport.inventory import summarise
from sisterport.project import open_folder, read_project, run, write_outputs
from sisterport.project.pipeline import project_areas
from tests import factory
from tests.project import folder


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return run(read_project(folder.write(tmp_path_factory.mktemp("project"))))


def _ocean(result):
    (row,) = [row for row in result.headlines() if row["group"] == "ocean_going"]
    return row


def test_the_call_comes_out_as_made(result):
    (period,) = result.periods
    call = period.calls.filter(mmsi=folder.CONTAINER).row(0, named=True)
    assert (call["arrival_seen"], call["departure_seen"], call["berths"], call["shifts"]) == (
        True,
        True,
        2,
        1,
    )
    assert call["hours_berth"] == pytest.approx(20, abs=0.3)
    assert call["hours_anchorage"] == pytest.approx(5, abs=0.3)
    assert result.parts[0].legs.filter(mmsi=folder.CONTAINER).height == 2


def test_berth_energy_is_hours_times_the_table(result):
    (period,) = result.periods
    rows = summarise(period.emissions, period.segments, period.ships, by=["mmsi", "mode", "system"])
    berth = rows.filter(mmsi=folder.CONTAINER, mode="berth")
    hours = berth["hours"][0]
    kw = dict(berth.select("system", pl.col("energy_kwh") / hours).iter_rows())
    assert kw["auxiliary_engine"] == pytest.approx(1100), "Fourth IMO GHG Study, Table 17: container, 5,000-7,999 TEU"
    assert kw["boiler"] == pytest.approx(590)
    assert kw["main"] == 0
    fuel = dict(berth.select("system", "fuel_t").iter_rows())
    assert fuel["auxiliary_engine"] == pytest.approx(1100 * hours * 195e-6), (
        "195 g/kWh, residual, outside control areas"
    )


def test_only_the_domain_counts(result):
    (period,) = result.periods
    assert period.segments["in_domain"].all()
    assert period.segments["lon_deg"].min() > -30.5
    sea_hours = result.parts[0].legs["hours"].sum()
    assert period.segments.filter(mmsi=folder.CONTAINER)["hours"].sum() < 38
    assert sea_hours > 8


def test_map_cells_sum_to_the_total(result):
    (period,) = result.periods
    assert period.cells["co2e_ttw_t"].sum() == pytest.approx(period.emissions["co2e_ttw_t"].sum(), rel=1e-9)


def test_files_are_complete_and_open_elsewhere(result, tmp_path):
    files = write_outputs(result, tmp_path / "out")
    base = tmp_path / "out"
    assert {"report.html", "run.json", "march-2025/segments.parquet", "march-2025/by_mode.csv"} <= set(files)
    manifest = json.loads((base / "run.json").read_text())
    assert [i["file"] for i in manifest["inputs"]] == [
        "project.toml",
        "areas.geojson",
        "register.csv",
        "positions.csv",
    ]
    total = duckdb.sql(f"select sum(co2e_ttw_t) from '{base}/march-2025/emissions.parquet'").fetchall()[0][0]
    assert total == pytest.approx(sum(row["co2e_ttw_t"] for row in manifest["headlines"]))
    by_mode = duckdb.sql(f"select sum(co2e_ttw_t) from '{base}/march-2025/by_mode.csv'").fetchall()[0][0]
    assert by_mode == pytest.approx(total)
    stops = json.loads((base / "march-2025/stops.geojson").read_text())
    tracks = json.loads((base / "march-2025/tracks.geojson").read_text())
    assert len(stops["features"]) == result.periods[0].stops.height
    assert {f["properties"]["mmsi"] for f in tracks["features"]} == {folder.CONTAINER, folder.TUG}
    assert "synthetic" in (base / "report.html").read_text().lower()
    assert not [p for p in base.iterdir() if p.name.startswith(".")], "no staging folder is left"
    calls = json.loads((base / "march-2025/calls.geojson").read_text())
    assert len(calls["features"]) == result.periods[0].calls.height
    assert calls["features"][0]["properties"]["arrival_utc"].startswith("2025-03-01T")


def test_a_second_run_replaces_and_the_same_input_gives_the_same_files(result, tmp_path):
    write_outputs(result, tmp_path / "a")
    write_outputs(result, tmp_path / "a")
    write_outputs(result, tmp_path / "b")
    for name in ("report.html", "march-2025/by_ship.csv", "march-2025/stops.geojson"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_store_gives_the_same_inventory_as_the_files(result, tmp_path):
    path = folder.write(tmp_path, folder.TOML.replace('"positions.csv"', '"store"'))
    ingest(tmp_path / "positions.csv", tmp_path / "store")
    again = run(read_project(path))
    assert again.headlines() == result.headlines()


def test_shore_power_takes_the_auxiliaries_off(result, tmp_path):
    path = folder.write(tmp_path, folder.TOML + 'shore_power = "shore.csv"\n')
    (tmp_path / "shore.csv").write_text(
        f"mmsi,start_utc,end_utc\n{folder.CONTAINER},2025-03-01T13:00:00Z,2025-03-01T23:00:00Z\n"
    )
    done = run(read_project(path))
    plugged = _ocean(done)
    assert done.parts[0].shore["hours_at_berth"].to_list() == pytest.approx([10])
    assert done.parts[0].remarks == []
    assert _ocean(result)["fuel_t"] - plugged["fuel_t"] == pytest.approx(10 * 1100 * 195e-6, rel=1e-6)


def test_shore_connections_that_meet_no_berth_are_said(tmp_path):
    path = folder.write(tmp_path, folder.TOML + 'shore_power = "shore.csv"\n')
    (tmp_path / "shore.csv").write_text(
        f"mmsi,start_utc,end_utc\n{folder.CONTAINER},2024-03-01T13:00:00Z,2024-03-01T23:00:00Z\n"
        "999000999,2025-03-01T13:00:00Z,2025-03-01T23:00:00Z\n"
    )
    done = run(read_project(path))
    assert "2 of 2 shore connections met no berth segment" in done.parts[0].remarks[0]
    assert "march-2025/shore.csv" in write_outputs(done, tmp_path / "out")


def test_epa_runs_by_name(tmp_path):
    path = folder.write(tmp_path, folder.TOML + '[method]\nname = "epa"\nmodes = "epa"\n')
    done = run(read_project(path))
    assert done.periods[0].method["law"] == "epa_propeller"
    assert done.periods[0].method["options"][1]["value"] == "epa_propeller"
    assert _ocean(done)["co2e_ttw_t"] > 0


def test_a_wrong_domain_is_said(tmp_path):
    path = folder.write(tmp_path, folder.TOML.replace('domain = "domain"', 'domain = "port"'))
    with pytest.raises(ProjectError, match="'port' is no polygon of kind 'domain'"):
        run(read_project(path))


def test_a_port_that_no_area_lies_in_is_said(tmp_path):
    path = folder.write(tmp_path, folder.TOML.replace("USNYC", "CNSGH"))
    with pytest.raises(ProjectError, match="'CNSGH' is the locode of no area"):
        run(read_project(path))


def test_an_empty_domain_is_said(tmp_path):
    path = folder.write(tmp_path)
    moved = folder.positions().with_columns(pl.col("lat") + 20)
    moved.write_csv(tmp_path / "positions.csv", datetime_format="%Y-%m-%dT%H:%M:%S")
    done = run(read_project(path))
    assert "no ship was seen inside the domain" in done.parts[0].remarks[0]
    assert write_outputs(done, tmp_path / "out")


def test_port_discs_lie_in_the_domain_where_nothing_is_drawn(tmp_path):
    """Ports of the World Port Index get a disc inside the domain too; what is drawn keeps its own."""
    path = folder.write(tmp_path, folder.TOML.replace('domain = "domain"', 'domain = "domain"\nport_discs = true'))
    areas = factory.areas()
    areas["features"][0]["geometry"]["coordinates"] = [[[-75, 40], [-73, 40], [-73, 41.5], [-75, 41.5], [-75, 40]]]
    (tmp_path / "areas.geojson").write_text(json.dumps(areas))
    discs = project_areas(read_project(path)).frame.filter(kind="disc")
    assert discs.filter(pl.col("name").str.contains("(?i)port newark|new haven|bayonne|perth amboy")).height >= 2


def test_results_that_cannot_be_written_are_known_before_the_work(tmp_path):
    (tmp_path / "out").write_text("a file, not a folder")
    with pytest.raises(InputError, match="cannot write to"):
        open_folder(tmp_path / "out")


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    (tmp_path / ".partial-x").mkdir()
    (tmp_path / ".partial-x" / "segments.parquet").write_text("half")
    (tmp_path / "report.html").write_text("old and whole")
    assert open_folder(tmp_path) == tmp_path
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_no_positions_left_is_said(tmp_path):
    path = folder.write(tmp_path)
    (tmp_path / "positions.csv").write_text("mmsi,time,lat,lon\n366952790,2025-03-01T00:00:00,91,181\n")
    with pytest.raises(InputError, match="no position"):
        run(read_project(path))
