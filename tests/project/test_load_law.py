"""A run with a resistance model for its load law: other numbers, and words for which ship went by what."""

import json
from dataclasses import replace
from importlib import import_module
from importlib.resources import files

import polars as pl
import pytest

from sisterport.engines import load_corrections, load_law
from sisterport.errors import ProjectError
from sisterport.inventory import summarise
from sisterport.inventory.explain_text import text
from sisterport.project import read_project, run, write_outputs
from sisterport.project.explained import explain_cell
from sisterport.project.loads import law_formula
from tests.project import folder

FERRY = 367000150
"""The one ship of the demo's hour that is under way and whose hull suffices for Holtrop's method."""


def with_law(tmp_path, name, method="ghg4"):
    extra = f'\n[method]\nname = "{method}"\nload_law = "{name}"\ndraws = 0\n'
    return read_project(folder.write(tmp_path, folder.TOML + extra))


def main_energy(result, number=0):
    period = result.periods[number]
    rows = summarise(period.emissions, period.segments, period.ships, by=["mmsi", "system"]).filter(system="main")
    return dict(rows.select("mmsi", "energy_kwh").iter_rows())


@pytest.fixture(scope="module")
def demo_hour():
    config = read_project(files("sisterport.demo").joinpath("new_york", "project.toml"))
    config = replace(config, periods=config.periods[:1])
    return {
        law: run(replace(config, method=replace(config.method, load_law=law, draws=0)))
        for law in ("ghg4", "holtrop", "kristensen")
    }


def test_the_law_of_a_project(tmp_path):
    assert with_law(tmp_path, "holtrop").method.law == load_law("holtrop", cubic="ghg4")
    assert with_law(tmp_path, "kristensen", "epa").method.law == load_law("kristensen", cubic="epa_propeller")
    assert with_law(tmp_path, "epa_admiralty", "epa").method.law == load_law("epa_admiralty")
    with pytest.raises(ProjectError, match=r"load_law = 'holtrup' is none of ghg4, holtrop, kristensen"):
        with_law(tmp_path, "holtrup")


def test_the_demo_hour_by_holtrop(demo_hour):
    """One ferry has the hull for it and needs less than by the cube of her speed; nothing else changes."""
    cubic, model = main_energy(demo_hour["ghg4"]), main_energy(demo_hour["holtrop"])
    assert model.keys() == cubic.keys()
    assert 0.5 < model[FERRY] / cubic[FERRY] < 0.9
    assert {mmsi for mmsi in cubic if cubic[mmsi] != model[mmsi]} == {FERRY}
    by_mode = [
        summarise(p.emissions, p.segments, p.ships, by=["mode", "group"]).filter(
            pl.col("mode").is_in(["berth", "anchorage"])
        )
        for p in (demo_hour[law].periods[0] for law in ("ghg4", "holtrop"))
    ]
    assert by_mode[0].equals(by_mode[1])
    assert (
        demo_hour["holtrop"]
        .periods[0]
        .segments.drop(pl.selectors.starts_with("lf_"))
        .equals(demo_hour["ghg4"].periods[0].segments.drop(pl.selectors.starts_with("lf_")))
    )


def test_a_law_that_no_ship_has_the_hull_for_changes_nothing_and_says_so(demo_hour):
    """Kristensen has no set for ferries and tugs, and nothing else moves in the demo's hour."""
    assert main_energy(demo_hour["kristensen"]) == main_energy(demo_hour["ghg4"])
    (said,) = [line for line in demo_hour["kristensen"].parts[0].remarks if "load law" in line]
    assert "ghg4: 43 ships, 100 % of the energy" in said
    assert "16: kristensen: no published set for this kind of ship" in said


def test_fallbacks_are_counted_in_remarks_and_report(demo_hour, tmp_path):
    assert not [line for line in demo_hour["ghg4"].parts[0].remarks if "load law" in line]
    said = [line for line in demo_hour["holtrop"].parts[0].remarks if "load law" in line]
    assert "holtrop: 1 ship, 6 % of the energy; ghg4: 42 ships, 94 % of the energy (" in said[0]
    for reason in ("25: no block coefficient", "14: reference speed beyond", "2: no beam", "1: power at reference"):
        assert reason in said[0]
    assert "1 of 1 hulls under the load law 'holtrop' lie outside a published bound" in said[1]
    write_outputs(demo_hour["holtrop"], tmp_path)
    manifest = json.loads((tmp_path / "run.json").read_text())
    assert manifest["options"]["load_law"] == "holtrop"
    assert any("holtrop: 1 ship" in line for line in manifest["remarks"])
    options = {row["option"]: row for row in manifest["method"]["options"]}
    assert options["load law"] == {
        "option": "load law",
        "value": "holtrop",
        "reference": "Holtrop & Mennen 1982, Holtrop 1984",
    }
    assert options["weather in the load law"]["value"] == "by class and size bin"
    assert "42 ships" in options["main engines of ships under way, by load law"]["value"]
    assert "no block coefficient" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("law", ["holtrop", "kristensen"])
def test_a_container_ship_with_a_hull(tmp_path, law):
    cubic, model = (main_energy(run(with_law(tmp_path, name)))[folder.CONTAINER] for name in ("ghg4", law))
    assert 0.6 < model / cubic < 1.2
    assert model != cubic


def test_an_explanation_names_the_law_and_who_went_by_it(tmp_path, demo_hour):
    said = explain_cell(demo_hour["holtrop"], demo_hour["holtrop"].periods[0].name, {"ship_class": "ferry_pax_only"})
    lines = [line for line in said.formula if "load law" in line]
    assert lines[0].startswith("load factor by the load law holtrop = calm-water power by Holtrop & Mennen 1982")
    assert lines[1] == law_formula(load_law("ghg4"), "ghg4")
    assert lines[2].startswith("main engines by load law: holtrop: 1 ship, ")
    assert "14: reference speed beyond the published Froude numbers" in lines[2]
    assert max(map(len, text(said).splitlines())) <= 100
    plain = explain_cell(demo_hour["ghg4"], demo_hour["ghg4"].periods[0].name, {"ship_class": "ferry_pax_only"})
    (line,) = [line for line in plain.formula if "load law" in line]
    assert line.startswith("load factor by the load law ghg4 = (t / t_ref)^(2/3) (v / v_ref)^3 x weather and fouling")
    assert line.endswith(", at most 100 %, off below 7 %")
    at_rest = explain_cell(demo_hour["holtrop"], demo_hour["holtrop"].periods[0].name, {"mode": "berth"})
    assert not [line for line in at_rest.formula if "load law" in line]
    epa = run(with_law(tmp_path, "holtrop", "epa"))
    (first, *_) = [line for line in explain_cell(epa, "March 2025", {}).formula if "load law" in line]
    assert first.endswith("over installed power x sea margin, 2 % to 100 %")


def test_the_tables_of_a_period_are_made_once(tmp_path, monkeypatch):
    """Segments, map and report take the same ones: they are the dearest part of a small project."""
    calls = []

    def counted(ships, law):
        calls.append(law.name)
        return load_corrections(ships, law)

    for module in ("project.pipeline", "voyages.segments", "engines.corrections"):
        monkeypatch.setattr(import_module(f"sisterport.{module}"), "load_corrections", counted)
    run(with_law(tmp_path, "holtrop"))
    assert calls == ["holtrop"]
