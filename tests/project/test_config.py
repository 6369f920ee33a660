"""A project file is read whole, and everything wrong with it is said at once."""

import pytest

from sisterport.errors import ProjectError
from sisterport.project import read_project
from tests.project import folder


def test_a_good_file(tmp_path):
    config = read_project(folder.write(tmp_path))
    assert config.name == "Test port (synthetic)"
    assert config.output == tmp_path / "out"
    assert config.periods[0].positions == [tmp_path / "positions.csv"]
    assert (config.method, config.modes, config.gwp) == ("ghg4", "sisterport", "AR5")


def test_everything_wrong_is_reported_at_once(tmp_path):
    toml = """
    [project]
    locode = "XXNYC"
    outptu = "out"
    [areas]
    files = ["no.geojson"]
    domain = 5
    [method]
    name = "ghg5"
    cell_deg = -1
    [shipping]
    [[period]]
    name = "a"
    positions = []
    [[period]]
    name = "a"
    positions = ["none-*.csv"]
    columns = "MMSI"
    """
    with pytest.raises(ProjectError) as caught:
        read_project(folder.write(tmp_path, toml))
    text = str(caught.value)
    for fault in (
        "[project] name is missing",
        "unknown port code 'XXNYC'",
        "[project] unknown key 'outptu' (did you mean 'output'?)",
        "[areas] files: no such file",
        "[areas] domain should be str, is int: 5",
        "[method] name = 'ghg5' is none of epa, ghg4",
        "[method] cell_deg should be above 0",
        "unknown section [shipping]",
        "[period 1] positions names no file",
        "[period 2] positions: no such file",
        "[period 2] columns should be dict, is str",
        "two periods are named 'a'",
    ):
        assert fault in text
    assert len(caught.value.faults) == 12


def test_a_file_that_is_not_toml(tmp_path):
    with pytest.raises(ProjectError, match="not a TOML file"):
        read_project(folder.write(tmp_path, "[project\nname ="))
    with pytest.raises(ProjectError, match="no such file"):
        read_project(tmp_path / "none.toml")


def test_the_template_is_a_project_once_its_files_are_there(tmp_path):
    from importlib.resources import files

    text = files("sisterport.project").joinpath("template.toml").read_text()
    with pytest.raises(ProjectError) as caught:
        read_project(folder.write(tmp_path, text))
    assert len(caught.value.faults) == 1, "only the positions of the template are not there"
    assert "ais-2025-01-*.csv.zst" in caught.value.faults[0]


def test_patterns_name_several_files(tmp_path):
    path = folder.write(tmp_path, folder.TOML.replace('"positions.csv"', '"positions*.csv"'))
    (tmp_path / "positions-2.csv").write_text("x")
    assert [p.name for p in read_project(path).periods[0].positions] == ["positions-2.csv", "positions.csv"]
