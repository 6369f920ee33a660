"""A project file is read whole, and everything wrong with it is said at once."""

import pytest

from sisterport.errors import ProjectError
from sisterport.project import read_project
from sisterport.project.names import slug
from tests.project import folder


def test_a_good_file(tmp_path):
    config = read_project(folder.write(tmp_path))
    assert config.name == "Test port (synthetic)"
    assert config.output == tmp_path / "out"
    assert config.periods[0].positions == [tmp_path / "positions.csv"]
    assert (config.method.name, config.method.modes, config.method.gwp) == ("ghg4", "sisterport", "AR5")


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
        "2 periods would share the folder 'a'",
    ):
        assert fault in text
    assert len(caught.value.faults) == 12


def test_every_choice_of_the_method_is_checked(tmp_path):
    toml = (
        folder.TOML
        + """
    [method]
    name = "epa"
    load_law = "ghg4"
    aux_table = "ghg4"
    year = "2020"
    closed_passages = ["suez", "sues"]
    """
    )
    with pytest.raises(ProjectError) as caught:
        read_project(folder.write(tmp_path, toml))
    text = str(caught.value)
    assert "load_law = 'ghg4' is none of epa_propeller, epa_admiralty" in text
    assert "aux_table = 'ghg4' is none of ghg3, starcrest2016" in text
    assert "year should be int" in text
    assert "closed_passages: 'sues' is none of" in text
    assert "did you mean 'suez'" in text
    assert len(caught.value.faults) == 4


def test_options_of_the_other_method_are_faults(tmp_path):
    toml = (
        folder.TOML
        + """
    [method]
    name = "epa"
    weather = "save_coastal"
    fouling = "save_agee"
    slip_low_load = true
    lng_aux_ch4 = "otto"
    long_stay = "maru"
    """
    )
    with pytest.raises(ProjectError) as caught:
        read_project(folder.write(tmp_path, toml))
    text = str(caught.value)
    for key in ("weather", "slip_low_load", "lng_aux_ch4"):
        assert f"[method] {key} is an option of the method 'ghg4', not of 'epa'" in text
    assert "did you mean 'save_age'" in text
    assert "long_stay" not in text, "both methods have it"
    with pytest.raises(ProjectError, match="load_based_bsfc is an option of the method 'epa', not of 'ghg4'"):
        read_project(folder.write(tmp_path, folder.TOML + "[method]\nload_based_bsfc = true\n"))


@pytest.mark.parametrize("name", ["三月", "März 2025", "2025年3月"])
def test_periods_may_be_named_in_any_script(tmp_path, name):
    config = read_project(folder.write(tmp_path, folder.TOML.replace("March 2025", name)))
    assert slug(config.periods[0].name)


@pytest.mark.parametrize("name", ["", "—"])
def test_a_period_needs_a_name_that_can_be_a_folder(tmp_path, name):
    with pytest.raises(ProjectError, match="has no letter or digit"):
        read_project(folder.write(tmp_path, folder.TOML.replace("March 2025", name)))


def test_a_column_map_maps_names_to_names(tmp_path):
    with pytest.raises(ProjectError, match="columns should map names to names"):
        read_project(folder.write(tmp_path, folder.TOML + "columns = { a = 3 }\n"))


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


def test_too_few_draws_are_refused(tmp_path):
    path = folder.write(tmp_path, folder.TOML.replace("[[period]]", "[method]\ndraws = 5\n\n[[period]]"))
    with pytest.raises(ProjectError, match="draws should be 0"):
        read_project(path)
