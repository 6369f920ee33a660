"""``sisterport corridor`` as a user meets it: one folder, faults at once, plans that anyone can check."""

import hashlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from sisterport.cli.corridor import app, gap_text
from sisterport.corridor.build import problem_of
from sisterport.corridor.examples import EXAMPLES, example, example_path
from sisterport.corridor.scenario_read import read_scenario
from sisterport.errors import InputError, MethodError, ProjectError, SisterportError
from sisterport.project.corridor_problem import differences, read_problem, write_problem
from tests.corridor import small, test_baseline

ships_seen = test_baseline.seen
QUICK = ("--no-futures", "--no-changes", "--no-frontier", "--gap", "1")
START = [sys.executable, "-c", "from sisterport.cli.corridor import app; app()"]


def run(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def good(*args):
    done = run(*args)
    assert done.exception is None, done.exception
    return done.stdout


def said(*args):
    return json.loads(good(*args, "--json"))


def fault(*args) -> SisterportError:
    done = run(*args)
    assert isinstance(done.exception, SisterportError), done.exception
    return done.exception


def hashes(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir()) if p.is_file()}


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "small.toml"
    path.write_text(small.text(), "utf-8")
    return path


@pytest.fixture(scope="module")
def made(scenario, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "plan"
    # in a process of its own, as a user starts it: the page names the tables that were read
    subprocess.run([*START, "plan", str(scenario), *QUICK, "--to", str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture
def plan(made, tmp_path):
    shutil.copytree(made, tmp_path / "plan")
    return tmp_path / "plan"


@pytest.mark.parametrize("name", ["new", *EXAMPLES])
def test_a_new_scenario_is_one_that_check_accepts(name, tmp_path):
    path = tmp_path / "mine.toml"
    assert "wrote" in good("new", path, "--example", name)
    assert said("check", path)["services"]
    assert isinstance(fault("new", path), InputError)  # nothing is overwritten


def test_an_example_that_is_not_there(tmp_path):
    assert "did you mean 'shanghai-hamburg'" in str(fault("new", tmp_path / "x.toml", "--example", "shanghai-hamburgh"))


def test_check_says_what_the_file_holds(scenario):
    found = said("check", scenario)
    assert found["boundary"] == "string"
    assert found["rules"] == ["at_berth", "china"]
    assert {"place": "targets", "key": "cut"} in found["guesses"]
    text = good("check", scenario)
    assert "tp-1: 6 ships, every 7 days, CNNBO - CNSGH - USLAX - USOAK" in text
    assert "note: Assumed: the services are representative." in text


def test_every_fault_of_a_scenario_is_told_at_once(tmp_path):
    wrong = tmp_path / "wrong.toml"
    text = small.text().replace('"USOAK"]', '"USOKA"]').replace("discount_rate", "discount_rat")
    wrong.write_text(text.replace('burns = "vlsfo"', 'burns = "vlsof"'), "utf-8")
    for command in ("check", "baseline", "reach", "plan"):
        error = fault(command, wrong)
        assert isinstance(error, ProjectError)
        assert len(error.faults) >= 3
        assert "USOKA" in str(error)
        assert "discount_rat" in str(error)


def test_the_boundary_stands_with_every_total(scenario, tmp_path):
    found = said("baseline", scenario, "--to", tmp_path / "out")
    assert found["totals"]["boundary"] == "string"
    assert {row["boundary"] for row in found["other_boundaries"]} == {"direct", "cargo"}
    assert all(row["boundary"] == "string" for row in found["parts"])
    summed = sum(row["co2e_wtw_t_per_year"] for row in found["parts"])
    assert summed == pytest.approx(found["totals"]["co2e_wtw_t_per_year"])
    text = good("baseline", scenario, "--boundary", "direct")
    assert text.index("boundary direct:") < text.index("boundary string:")
    page = (tmp_path / "out" / "baseline.html").read_text("utf-8")
    assert "Boundary \u201cstring\u201d: all legs and stays of the services that call at both ends." in page
    assert pl.read_parquet(tmp_path / "out" / "corridor_baseline.parquet")["boundary"].n_unique() == 3


def test_reach_and_baseline_share_a_folder(scenario, tmp_path):
    good("baseline", scenario, "--to", tmp_path)
    found = said("reach", scenario, "--fuel", "compressed_hydrogen", "--extra-call", "JPYOK", "--to", tmp_path)
    today = next(row for row in found["reach"] if row["way"] == "tanks_today")
    assert 0 < today["voyages_share"] < 1
    assert {"baseline.html", "reach.html", "baseline.json", "reach.json"} <= {p.name for p in tmp_path.iterdir()}
    manifest = json.loads((tmp_path / "reach.json").read_text())
    assert manifest["files"]["reach.csv"] == hashes(tmp_path)["reach.csv"]
    assert manifest["options"]["extra_calls"] == ["JPYOK"]


def test_options_of_ships_that_ais_saw_go_with_a_run(scenario):
    assert isinstance(fault("baseline", scenario, "--utilisation", "0.8"), MethodError)
    error = fault("baseline", scenario, "--run", scenario.parent)
    assert "segments.parquet" in str(error)


def test_baseline_and_reach_of_ships_that_ais_saw(scenario, ships_seen, tmp_path):
    for name, rows in ships_seen.items():
        rows.write_parquet(tmp_path / f"{name}.parquet")
    found = said("baseline", scenario, "--run", tmp_path, "--utilisation", 0.8, "--to", tmp_path / "out")
    assert found["totals"]["basis"] == "ais"
    assert found["left_out"] is not None
    page = (tmp_path / "out" / "baseline.html").read_text("utf-8")
    assert "from ships that AIS saw" in page
    assert "What is not in it" in page
    assert "Not known within cargo" in page
    legs = said("reach", scenario, "--run", tmp_path, "--to", tmp_path / "out")["reach"]
    assert {row["way"] for row in legs} == {"tanks_today", "cargo_space", "extra_call", "either"}
    assert "mmsi:" in (tmp_path / "out" / "reach.html").read_text("utf-8")


def test_a_plan_tells_its_gap_and_what_to_do(scenario, made):
    text = good("plan", scenario, *QUICK)
    assert "no plan is better by more than" in text
    assert "ships ordered" in text
    assert "CNSGH  methanol" in text  # what has to be opened
    found = said("plan", scenario, *QUICK)
    summary = found["summary"]
    assert summary["gap"] <= 0.01
    assert summary["bound"] <= summary["cost_musd"]
    assert summary["more_musd"] == pytest.approx(summary["cost_musd"] - summary["today_cost_musd"])
    assert found["orders"]
    assert {row["payer"] for row in found["payers"]} >= {"a fund", "cargo owners", "Shanghai"}
    assert json.loads((made / "summary.json").read_text()) == summary


def test_least_emissions_need_a_budget_and_keep_it(scenario, tmp_path):
    assert "--budget" in str(fault("plan", scenario, *QUICK, "--objective", "emissions"))
    cheap = said("plan", scenario, *QUICK)["summary"]
    found = said("plan", scenario, *QUICK, "--objective", "emissions", "--budget", 400, "--to", tmp_path / "e")[
        "summary"
    ]
    assert found["cost_musd"] <= found["today_cost_musd"] + 400.001
    assert found["emissions_t"] < cheap["emissions_t"]
    assert run("verify", tmp_path / "e").exit_code == 0


def small_budget(folder):
    """Return a scenario whose targets cost more than its budget."""
    path = folder / "poor.toml"
    path.write_text(small.text(extra="\n[budget]\nmusd = 1\n"), "utf-8")
    return path


def test_what_conflicts_is_told_in_the_words_of_the_file(tmp_path):
    path = tmp_path / "hard.toml"
    path.write_text(small.text(cuts="cut = { 2028 = 0.95 }"), "utf-8")
    text = str(fault("plan", path, *QUICK))
    assert "cannot hold together" in text
    assert re.search(r"\[targets\] cut: 95 % from 2028 in \d+: at most \d\d\.\d % can be cut", text)
    assert re.search(r"short by at least \d+\.\d MUSD", str(fault("plan", small_budget(tmp_path), *QUICK)))
    assert "row" not in text


def test_verify_holds_and_sees_what_was_changed(plan):
    assert run("verify", plan).exit_code == 0
    assert all(not faults for faults in said("verify", plan).values())

    fuel = pl.read_parquet(plan / "corridor_fuel.parquet")
    fuel.with_columns(pl.col("energy_tj") * 0.999).write_parquet(plan / "corridor_fuel.parquet")
    done = run("verify", plan)
    assert done.exit_code == 1
    found = json.loads(run("verify", plan, "--json").stdout)
    assert found["plan"]
    assert found["files"] == ["corridor_fuel.parquet is not as the plan wrote it"]
    assert not found["bound"]


@pytest.mark.parametrize(
    ("name", "change", "part"),
    [
        ("certificate.json", lambda record: record | {"bound": record["bound"] * 1.001}, "bound"),
        ("certificate.json", lambda record: record | {"cost_musd": record["cost_musd"] - 1}, "plan"),
        ("certificate.json", lambda record: {key: record[key] for key in record if key != "prices"}, "bound"),
        ("summary.json", lambda summary: summary | {"gap": 0.0}, "bound"),
        ("summary.json", lambda summary: summary | {"cost_musd": 1.0}, "plan"),
    ],
)
def test_a_certificate_cannot_be_made_better(plan, name, change, part):
    content = json.loads((plan / name).read_text())
    (plan / name).write_text(json.dumps(change(content)))
    done = run("verify", plan, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)[part]


def test_another_scenario_beside_the_plan_is_seen(plan):
    text = (plan / "scenario.toml").read_text("utf-8")
    (plan / "scenario.toml").write_text(text.replace("usd_per_gj = 14", "usd_per_gj = 13"), "utf-8")
    found = json.loads(run("verify", plan, "--json").stdout)
    assert found["problem"] == ["scenario.toml gives another price_usd_gj than problem.npz"]


def test_a_table_that_says_something_else_is_seen(plan):
    orders = pl.read_parquet(plan / "orders.parquet")
    orders.with_columns(pl.col("ships") + 1).write_parquet(plan / "orders.parquet")
    found = json.loads(run("verify", plan, "--json").stdout)
    assert found["answers"] == ["orders.parquet is not what the plan says"]


def test_verify_where_there_is_no_plan(tmp_path):
    assert "sisterport corridor plan" in str(fault("verify", tmp_path))


def test_a_corridor_under_fueleu_is_planned_in_two_passes(tmp_path):
    """The penalty is per gram at the intensity that a plan has, which is never below the limit."""
    text = example_path("shanghai-hamburg").read_text("utf-8")
    path = tmp_path / "hamburg.toml"
    text = re.sub(r"(?m)^cut = .*$", "cut = { 2030 = 0.1 }", re.sub(r"last_year = \d+", "last_year = 2032", text))
    path.write_text(text, "utf-8")
    good("plan", path, *QUICK, "--to", tmp_path / "plan")
    first = next(a for a in problem_of(read_scenario(path)).accounts if a.name == "FuelEU Maritime")
    second = next(a for a in read_problem(tmp_path / "plan" / "problem.npz").accounts if a.name == "FuelEU Maritime")
    force = ~np.isnan(first.price_usd)
    assert (second.price_usd[force] <= first.price_usd[force] * (1 + 1e-9)).all()
    assert (second.price_usd[force] > 0.8 * first.price_usd[force]).all()
    assert run("verify", tmp_path / "plan").exit_code == 0


def test_a_problem_survives_its_file(tmp_path):
    problem = problem_of(example("shanghai-hamburg"))
    write_problem(tmp_path / "problem.npz", problem)
    again = read_problem(tmp_path / "problem.npz")
    assert differences(problem, again) == []
    assert dict(again.words) == dict(problem.words)
    (tmp_path / "problem.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match="holds no problem"):
        read_problem(tmp_path / "problem.npz")


def test_two_plans_side_by_side(made, tmp_path):
    other = tmp_path / "deeper.toml"
    other.write_text(small.text(cuts="cut = { 2028 = 0.2, 2030 = 0.55 }"), "utf-8")
    found = said("compare", made, other, "--gap", 1, "--to", tmp_path / "cmp")
    figures = {row["figure"]: row for row in found["figures"]}
    assert figures["emissions_t"]["right"] < figures["emissions_t"]["left"]
    assert figures["cost_musd"]["difference"] == pytest.approx(
        figures["cost_musd"]["right"] - figures["cost_musd"]["left"]
    )
    assert found["scenarios"] == [{"place": "targets.cut.2030", "left": "0.45", "right": "0.55"}]
    assert found["names"] == ["plan", "deeper"]
    for row in found["years"]:
        assert row["co2e_wtw_t_left"] >= row["co2e_wtw_t_right"] * 0.5
    assert (tmp_path / "cmp" / "compare.html").is_file()
    assert "the same" in str(fault("compare", made, made))
    assert isinstance(fault("compare", made, tmp_path / "nothing.toml"), InputError)


def test_a_comparison_by_hand(made, tmp_path):
    """Every figure is that of two plans made one by one, added up from their own tables."""
    other = tmp_path / "deeper.toml"
    other.write_text(small.text(cuts="cut = { 2028 = 0.2, 2030 = 0.55 }", last_year=2031), "utf-8")
    good("plan", other, *QUICK, "--to", tmp_path / "right")
    found = said("compare", made, tmp_path / "right")
    assert found["names"] == ["plan", "right"]
    sides = {"left": made, "right": tmp_path / "right"}
    figures = {row["figure"]: row for row in found["figures"]}
    for side, folder in sides.items():
        read = {name: pl.read_csv(folder / f"{name}.csv") for name in ("costs", "fuel_by_port", "orders")}
        summary = json.loads((folder / "summary.json").read_text())
        assert figures["cost_musd"][side] == pytest.approx(read["costs"]["present_musd"].sum())
        assert figures["ships_ordered"][side] == read["orders"]["ships"].sum()
        assert figures["more_musd"][side] == pytest.approx(summary["cost_musd"] - summary["today_cost_musd"])
        assert figures["usd_per_t"][side] == summary["usd_per_t"]
        in_years = {(row["year"], row["fuel"]): row[f"energy_tj_{side}"] for row in found["fuel"]}
        for (year, fuel), rows in read["fuel_by_port"].group_by("year", "fuel"):
            assert in_years[year, fuel] == pytest.approx(rows["energy_tj"].sum())
        true = {key: rows["ships"].sum() for key, rows in read["orders"].group_by("year", "family")}
        shown = {(row["year"], row["family"]): row[f"ships_{side}"] for row in found["orders"]}
        assert {k: n for k, n in shown.items() if n} == true
        assert 0 in shown.values()  # nothing ordered is none, not unknown
        paid = {row["payer"]: row[f"present_musd_{side}"] for row in found["payers"]}
        assert sum(paid.values()) == pytest.approx(figures["cost_musd"][side])
    beyond = [row for row in found["fuel"] if row["year"] == 2032]
    assert beyond
    assert all(row["energy_tj_right"] is None for row in beyond)  # its horizon ends before
    low, high = found["proven"]
    assert low <= figures["cost_musd"]["difference"] <= high
    assert high - low == pytest.approx(sum(s["cost_musd"] - s["bound"] for s in (
        json.loads((folder / "summary.json").read_text()) for folder in sides.values())))  # fmt: skip


def test_the_same_scenario_gives_the_same_bytes(scenario, made, tmp_path):
    command = [*START, "plan", str(scenario), *QUICK, "--to", str(tmp_path / "again")]
    subprocess.run(command, check=True, capture_output=True)
    assert hashes(tmp_path / "again") == hashes(made)


def test_a_pipe_sees_no_progress(scenario):
    done = subprocess.run([*START, "plan", str(scenario), *QUICK], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_a_terminal_sees_the_gap_closing(scenario):
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*START, "plan", str(scenario), *QUICK], stdout=subprocess.DEVNULL, stderr=follower
    ) as running:
        os.close(follower)
        seen = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the other end was closed
                break
            if not part:
                break
            seen += part
        assert running.wait() == 0
    os.close(leader)
    assert b"no plan yet" in seen
    assert b"gap" in seen


def test_the_line_of_progress():
    assert gap_text("plan", "fleets", 0.0, 0.0) == "plan: fleets, best 0, bound 0"
    assert gap_text("plan", "model", float("inf"), float("-inf")) == "plan: model, no plan yet"


@pytest.mark.parametrize("when", ["planning", "writing"])
def test_a_plan_killed_midway_leaves_the_old_one_whole(plan, scenario, when):
    before = hashes(plan)
    other = plan.parent / "other.toml"
    other.write_text(small.text(last_year=2040), "utf-8")
    with subprocess.Popen(
        [*START, "plan", str(other), *QUICK, "--to", str(plan)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        started = time.monotonic()
        while running.poll() is None:
            if when == "writing" and any(path.suffix == ".parquet" for path in plan.glob(".partial-*/*")):
                break
            if when == "planning" and time.monotonic() - started > 2.0:
                break
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert hashes(plan) == before
    assert run("verify", plan).exit_code == 0
    good("plan", scenario, *QUICK, "--to", plan)
    assert not list(plan.glob(".partial-*")), "what a killed run left is swept away"
