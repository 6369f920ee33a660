"""Bands of a run: in its tables, its report and its headlines, all the same; and none where none are asked for."""

import polars as pl
import pytest

from sisterport.project import read_project, run, write_outputs
from tests.project import folder


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return run(read_project(folder.write(tmp_path_factory.mktemp("project"))))


def test_tables_headlines_and_report_show_the_same_band(result, tmp_path):
    write_outputs(result, tmp_path)
    table = pl.read_csv(tmp_path / "march-2025/by_class.csv").filter(ship_class="container").row(0, named=True)
    (row,) = [row for row in result.headlines() if row["group"] == "ocean_going"]
    assert table["co2e_ttw_t_low"] < table["co2e_ttw_t"] == row["co2e_ttw_t"] < table["co2e_ttw_t_high"]
    assert (row["co2e_ttw_t_low"], row["co2e_ttw_t_high"]) == pytest.approx(
        (table["co2e_ttw_t_low"], table["co2e_ttw_t_high"]), rel=1e-9
    ), "one class in the group"
    text = (tmp_path / "report.html").read_text()
    low, high = row["co2e_ttw_t_low"], row["co2e_ttw_t_high"]
    assert f"80\u202f% band: {low:.1f}\u00a0to\u00a0{high:.1f}\u202ft" in text
    assert f"{low:.1f}\u2009\u2013\u2009{high:.1f}" in text, "the total row of a table"
    assert "Not in the band" in text
    assert "No uncertainty bands were drawn" not in text


def test_places_of_the_report_have_bands(result):
    (period,) = result.periods
    places = period.bands["place"].drop_nulls("co2e_ttw_t")
    assert places.height > 2
    assert (places["co2e_ttw_t_low"] <= places["co2e_ttw_t"]).all()
    assert places["co2e_ttw_t"].sum() == pytest.approx(period.emissions["co2e_ttw_t"].sum())


def test_no_draws_no_bands(tmp_path):
    path = folder.write(tmp_path, folder.TOML.replace("[[period]]", "[method]\ndraws = 0\n\n[[period]]"))
    result = run(read_project(path))
    assert result.periods[0].bands == {}
    write_outputs(result, tmp_path / "out")
    assert "co2e_ttw_t_low" not in pl.read_csv(tmp_path / "out/march-2025/by_mode.csv").columns
    assert "No uncertainty bands were drawn" in (tmp_path / "out/report.html").read_text()


def test_another_seed_gives_another_band(result, tmp_path):
    path = folder.write(tmp_path, folder.TOML.replace("[[period]]", "[method]\nseed = 2\n\n[[period]]"))
    first, second = (found.headlines() for found in (result, run(read_project(path))))
    for one, two in zip(first, second, strict=True):
        assert one["co2e_ttw_t"] == two["co2e_ttw_t"]
        assert one["co2e_ttw_t_high"] != two["co2e_ttw_t_high"]
        assert one["co2e_ttw_t_high"] == pytest.approx(two["co2e_ttw_t_high"], rel=0.1)
