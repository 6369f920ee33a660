"""A plan whose scenario names other files is checked as any other, wherever plan and files stand now."""

import json
import shutil

import polars as pl
import pytest
from typer.testing import CliRunner

from sisterport.cli.corridor import app
from tests.corridor.test_build import match_folder
from tests.corridor.test_scenario import changed

REGISTER = "imo,ship_class,teu,build_year\n9321483,container,15500,2007\n9074729,container,14500,2011\n"
QUICK = ("--no-futures", "--no-changes", "--no-frontier", "--gap", "1")


def run(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def verify(folder, *options):
    return json.loads(run("verify", folder, *options, "--json").stdout)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A scenario with a register and a match of shore power beside it, and its plan in another folder."""
    place = tmp_path_factory.mktemp("others")
    inputs = place / "inputs"
    (inputs / "ashore").mkdir(parents=True)
    match_folder(inputs / "ashore")
    pl.DataFrame({"not": ["of the match"]}).write_parquet(inputs / "ashore" / "else.parquet")
    (inputs / "ships.csv").write_text(REGISTER, "utf-8")
    scenario = changed(
        inputs,
        ("# [shore_power]", "[shore_power]"), ('# folder = "out/shorepower"', 'folder = "ashore"'),
        ("shore_power_share = 0.8 ", "# shore_power_share = 0.8 "),
        ('guess = ["shore_power_share", "electricity_usd_per_kwh"]\n\n[[port]]\nlocode = "KRPUS"',
         'guess = ["electricity_usd_per_kwh"]\n\n[[port]]\nlocode = "KRPUS"'),
        ("# [register]", "[register]"), ('# file = "ships.csv"', 'file = "ships.csv"'),
    )  # fmt: skip
    done = run("plan", scenario, *QUICK, "--to", place / "out" / "plan")
    assert done.exception is None, done.exception
    return place


@pytest.fixture
def place(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "here")
    return tmp_path / "here"


def test_every_part_is_checked(place):
    assert verify(place / "out/plan") == {part: [] for part in ("plan", "bound", "problem", "answers", "files")}
    manifest = json.loads((place / "out/plan/plan.json").read_text())
    assert set(manifest["read"]) == {
        "../../inputs/ashore/stays.parquet",
        "../../inputs/ashore/verdicts.parquet",
        "../../inputs/ships.csv",
    }
    shutil.copytree(place / "out/plan", place / "out/again")
    assert run("compare", place / "out/plan", place / "out/again").exception is None


def test_another_match_of_shore_power_is_seen(place):
    path = place / "inputs/ashore/stays.parquet"
    pl.read_parquet(path).with_columns(pl.col("aux_mwh") * pl.Series([1.0, 3.0, 1.0])).write_parquet(path)
    found = verify(place / "out/plan")
    assert found["files"] == ["stays.parquet is not as the plan read it"]
    assert "scenario.toml gives another connect than problem.npz" in found["problem"]
    assert not found["plan"]
    assert not found["bound"]


def test_a_register_with_another_ship_is_seen(place):
    (place / "inputs/ships.csv").write_text(REGISTER + "9722625,container,9000,2015\n", "utf-8")
    found = verify(place / "out/plan")
    assert (found["files"], found["problem"]) == (["ships.csv is not as the plan read it"], [])


def test_what_is_gone_is_said_and_can_be_pointed_at(place):
    (place / "inputs").rename(place / "archive")
    found = verify(place / "out/plan")
    assert found["problem"] is None
    assert found["answers"] is None
    text = run("verify", place / "out/plan").stdout
    assert "problem: not checked, for its scenario names files that are gone: ../../inputs/ashore/stays.parquet" in text
    assert not any(verify(place / "out/plan", "--beside", place / "archive").values())
    assert verify(place / "out/plan", "--beside", place / "archive")["problem"] == []


def test_a_scenario_that_cannot_be_read_is_a_fault_where_its_files_are_there(place):
    path = place / "out/plan/scenario.toml"
    path.write_text(path.read_text("utf-8").replace("discount_rate", "discount_rat"), "utf-8")
    found = verify(place / "out/plan")
    assert "discount_rat" in found["problem"][0]
    assert found["files"] == ["scenario.toml is not as the plan wrote it"]
