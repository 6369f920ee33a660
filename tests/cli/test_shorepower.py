"""``sisterport shorepower`` as a user meets it: a folder that steps fill, errors at once, nothing half written."""

import hashlib
import json
import signal
import subprocess
import time
from datetime import UTC, datetime

import polars as pl
import pytest

from sisterport.exchange import dcsa_events
from sisterport.shorepower.grades import grade_word
from sisterport.shorepower.records import read_connections
from tests.cli.shore import ATLAS, BOREAS, CLIO, DORIS, EXAMPLES, MATCH, frame, good, hashes, shore
from tests.cli.test_cli import COMMAND, cli


def test_every_table_is_there_twice_and_every_step_has_a_page_and_a_manifest(made):
    for path in made.glob("*.parquet"):
        assert pl.read_csv(path.with_suffix(".csv"), infer_schema=False).height == pl.read_parquet(path).height
    for name in ("match", "coverage", "savings", "upgrades"):
        manifest = json.loads((made / f"{name}.json").read_text())
        now = hashes(made)
        assert f"{name}.html" in manifest["files"]
        assert {file: now[file] for file in manifest["files"]} == manifest["files"]
        assert {file: now[file] for file in manifest["read"]} == manifest["read"]
        page = (made / f"{name}.html").read_text()
        assert "never a certificate" in page
        assert "Made up:" in page
    inputs = {row["file"]: row["sha256"] for row in json.loads((made / "match.json").read_text())["inputs"]}
    assert inputs == {f"{n}.csv": hashlib.sha256((EXAMPLES / f"{n}.csv").read_bytes()).hexdigest()
                      for n in ("inlets", "outlets", "stays", "assessments")}  # fmt: skip
    assert not list(made.glob(".partial*"))


def test_verdicts_are_those_of_the_registers(made):
    """ATLAS fits; BOREAS has no inlet and another frequency; Gothenburg has no outlet; CLIO and DORIS are open."""
    grades = {(s, b): g for s, b, g in frame(made, "verdicts").select("ship_id", "berth_id", "grade").iter_rows()}
    assert grades[ATLAS, "hamburg-1"] == 0
    assert grades[BOREAS, "hamburg-2"] == 3
    assert grades[ATLAS, "gothenburg-1"] == grades[BOREAS, "gothenburg-1"] == 5
    assert {grades[CLIO, "hamburg-1"], grades[DORIS, "hamburg-2"], grades[DORIS, "gothenburg-1"]} == {None}
    assert len(grades) == 8, "only pairs that met"


def test_a_pair_in_full_says_what_the_verdict_says(made):
    """With the same day, the same papers and the same stays."""
    for row in frame(made, "verdicts").iter_rows(named=True):
        said = json.loads(good("match", "plugs", "--pair", row["ship_id"], row["berth_id"], "--json", cwd=made.parent))
        assert (said["grade"], said["best"], said["worst"]) == (row["grade"], row["best"], row["worst"])
        assert said["on"] == "2026-11-01"
        false = sum(1 << (check["number"] - 1) for check in said["checks"] if check["answer"] == "false")
        assert false == row["checks_false"]
    text = good("match", "plugs", "--pair", "example boreas", "hamburg-2", cwd=made.parent)
    assert text.startswith(f"{BOREAS} at hamburg-2 on 2026-11-01: grade 3, {grade_word(3)}")
    assert "inlet_retrofit" in text
    assert "USD of 2024" in text


def test_coverage_counts_calls_by_hand(made):
    rows = {row["locode"]: row for row in frame(made, "coverage").iter_rows(named=True)}
    assert rows["DEHAM"]["could_stays"] == 4 / 16, "ATLAS"
    assert rows["DEHAM"]["after_fix_stays"] == 4 / 16, "BOREAS"
    assert rows["DEHAM"]["did_stays"] == 3 / 16
    assert rows["SEGOT"]["did_stays"] is None, "no records is not none connected"


def test_dcsa_events_say_the_same_as_the_table(chain):
    events = dcsa_events(read_connections(EXAMPLES / "connections.csv"), updated=datetime(2026, 7, 1, tzinfo=UTC))
    (chain / "events.json").write_text(json.dumps(events, default=str))
    before = frame(chain / "plugs", "coverage")
    said = good("coverage", "plugs", "--connections", "events.json", cwd=chain)
    after = frame(chain / "plugs", "coverage")
    assert after["did_stays"].to_list() == before["did_stays"].to_list()
    assert "6 paired" in said
    assert (chain / "plugs/feedback.csv").is_file()


def test_savings_and_plans_carry_the_same_amounts(made):
    saved, links = frame(made, "savings"), frame(made, "links")
    ours = saved.filter(imo=9999905, berth_id="hamburg-1")
    link = links.filter(ship_id=ATLAS, berth_id="hamburg-1")
    span = frame(made, "stays").select(pl.col("end_utc").max() - pl.col("start_utc").min()).item()
    scale = 8760 / (span.total_seconds() / 3600)
    assert link["co2e_t"].item() == pytest.approx(ours["co2e_net_t"].sum() * scale)
    assert link["calls"].item() == pytest.approx(4 * scale)
    connected, units = frame(made, "connected"), frame(made, "units")
    for budget in (3.0, 9.0):
        mine = connected.filter(budget_musd=budget)
        point = frame(made, "frontier").filter(budget_musd=budget).row(0, named=True)
        assert point["value"] == pytest.approx(mine["gain"].sum())
        assert point["value"] <= point["bound"] * (1 + 1e-9)
        assert units.filter(budget_musd=budget)["cost_musd"].sum() == pytest.approx(point["cost_musd"])
        assert point["cost_musd"] <= budget
    assert f"{ATLAS} @ hamburg-1" in connected.filter(budget_musd=3.0)["link_id"].to_list(), "needs nothing built"
    alone = frame(made, "cooperation")
    assert alone["budget_alone_musd"].sum() == pytest.approx(9.0)
    assert alone["together"].sum() >= alone["alone"].sum()
    assert set(frame(made, "left_out")["reason"]) == {"unknown checks"}


def test_more_money_never_saves_less(made):
    points = frame(made, "frontier").sort("budget_musd")
    assert points.height > 5
    assert points["value"].is_sorted()


def test_json_of_every_step_can_be_read(chain):
    found = json.loads(good(*MATCH, "--json", cwd=chain))
    assert found["pairs"] == 8
    assert {row["grade"]: row["pairs"] for row in found["grades"]} == {0: 1, 3: 1, 5: 3, None: 3}
    covered = json.loads(good("coverage", "plugs", "--by", "locode,month", "--json", cwd=chain))
    assert {row["month"] for row in covered["coverage"]} == {"2026-06-01"}
    saved = json.loads(good("savings", "plugs", "--where", "locode=SEGOT", "--json", cwd=chain))
    assert saved["explanation"]["where"] == {"locode": "SEGOT"}
    plan = json.loads(good("upgrades", "plugs", "--budget", 9, "--json", cwd=chain))["plans"][0]
    assert plan["bound"] >= plan["value"] > 0
    assert json.loads(good("verify", "plugs", "--json", cwd=chain)) == {
        "certificate-9-musd.json": [],
        "hours and power": [],
        "files": [],
    }
    register = json.loads(good("registers", "candidates", "--json", cwd=chain))
    assert register["states"]["operational"] == 48


def spoil_bound(folder):
    path = folder / "certificate-9-musd.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"bound": record["bound"] * 0.9}))
    return "bound: "


def spoil_plan(folder):
    path = folder / "certificate-9-musd.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"plan": record["plan"][1:]}))
    return "lacks one of"


def spoil_units(folder):
    path = folder / "units.parquet"
    rows = pl.read_parquet(path)
    rows.with_columns(pl.col("units") + 1).write_parquet(path)
    return "the certificate says 1"


def spoil_costs(folder):
    path = folder / "upgrades.parquet"
    pl.read_parquet(path).with_columns(pl.col("cost_musd") * 3).write_parquet(path)
    return "MUSD spent"


def spoil_verdicts(folder):
    path = folder / "verdicts.parquet"
    pl.read_parquet(path).with_columns(grade=pl.lit(0, pl.Int8)).write_parquet(path)
    return "verdicts.parquet was changed after upgrades read it"


def spoil_page(folder):
    path = folder / "upgrades.html"
    path.write_text(path.read_text().replace("What to build first", "What we like"))
    return "upgrades.html is not as upgrades wrote it"


def spoil_file(folder):
    (folder / "certificate-9-musd.json").write_text("{")
    return "certificate"


def spoil_hours(folder):
    """More hours are connected than a year has: nobody's outlet gives that."""
    path = folder / "links.parquet"
    pl.read_parquet(path).with_columns(
        hours_h=pl.when(berth_id="hamburg-1").then(9000.0).otherwise("hours_h")
    ).write_parquet(path)
    return "3 MUSD: 9,000 h used at 'hamburg-1', the registers give 8,760"


@pytest.mark.parametrize(
    "spoil", [spoil_bound, spoil_plan, spoil_units, spoil_costs, spoil_verdicts, spoil_page, spoil_hours]
)
def test_verify_names_what_differs_and_fails(chain, spoil):
    assert shore("verify", "plugs", cwd=chain).returncode == 0
    says = spoil(chain / "plugs")
    done = shore("verify", "plugs", cwd=chain)
    assert done.returncode == 1
    assert says in done.stdout
    assert done.stderr == ""


def test_verify_takes_one_certificate_and_no_garbage(chain):
    assert shore("verify", "plugs/certificate-3-musd.json", cwd=chain).returncode == 0
    spoil_file(chain / "plugs")
    done = shore("verify", "plugs", cwd=chain)
    assert done.returncode == 2
    assert done.stderr.startswith("error: certificate")
    assert shore("verify", ".", cwd=chain).returncode == 2


BAD = """outlet_id,berth_id,locode,state,voltage_kv,frequency_hz,power_mva,connector,source
a,b1,DEHAM,operational,6600,60,7.5,,me
b,b1,DEHAM,operational,6.6,60,-7.5,schuko,me
c,b2,DEHAM,operational,6.6,60,7.5,,me
c,b2,DEHAM,operational,6.6,60,7.5,,me
"""


def test_bad_registers_are_told_at_once_and_nothing_is_written(tmp_path):
    (tmp_path / "outlets.csv").write_text(BAD)
    (tmp_path / "inlets.csv").write_text("inlet_id,imo,peak_mw,source,status\ni1,9074728,1680,yard,checked\n")
    (tmp_path / "stays.csv").write_text("imo,locode,start_utc,end_utc\n9074729,USNYK,2026-06-02,2026-06-01\n")
    done = shore("match", "plugs", "--outlets", "outlets.csv", "--inlets", "inlets.csv", "--stays", "stays.csv",
                 cwd=tmp_path)  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for says in (
        "looks like V, write 6.6", "below 0 MVA", "unknown 'schuko'", "column 'status' missing",
        "outlet_id 'c': 6.6 kV, 60 Hz twice",
        "looks like kW, write 1.68", "wrong check digit", "did you mean 'USNYC'", "before the start",
    ):  # fmt: skip
        assert says in done.stderr, says
    assert not (tmp_path / "plugs").exists()
    assert shore("registers", "outlets.csv", "--to", "o.geojson", cwd=tmp_path).returncode == 2
    assert not (tmp_path / "o.geojson").exists()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("match", "p"), "nothing to match"),
        (("match", "p", "--inlets", EXAMPLES / "inlets.csv"), "--outlets"),
        (("match", "p", "--stays", "none"), "no such file or folder: none"),
        (("match", "p", "--stays", EXAMPLES / "stays.csv", "--class", "contaner"), "did you mean 'container'"),
        (("match", "p", "--stays", EXAMPLES / "stays.csv", "--ports", "USNYK"), "did you mean 'USNYC'"),
        (("match", "p", "--stays", EXAMPLES / "stays.csv", "--demand", "hotel"), "choose from largest"),
        (("match", "p", "--stays", EXAMPLES / "stays.csv", "--assume-outlets", "HVSC-CONTANER"), "HVSC-CONTAINER"),
        (("match", "p", "--stays", EXAMPLES / "stays.csv", "--assume-outlets", "HVSC-CONTAINER@55"), "50 or 60"),
        (("match", "p", "--pair", "imo:1", "b"), "sisterport shorepower match p"),
        (("coverage", "p"), "match p --stays"),
        (("savings", "p"), "match p --stays"),
        (("upgrades", "p", "--budget", "3"), "shorepower match p"),
        (("upgrades", "p"), "give either budgets"),
        (("upgrades", "p", "--years", "2027"), "year:MUSD"),
        (("upgrades", "p", "--budget", "3", "--objective", "co2"), "co2e_t"),
        (("verify", "p"), "no certificate in p"),
        (("registers", EXAMPLES / "stays.csv"), "--as outlets"),
        (("registers", EXAMPLES / "inlets.csv", "--to", "inlets.xlsx"), "ending .csv, .parquet or .geojson"),
    ],
)
def test_wrong_words_are_explained(tmp_path, args, says):
    done = shore(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("match", "plugs", "--pair", "EXAMPLE ATLAS", "hamburg-3"), "did you mean 'hamburg-"),
        (("match", "plugs", "--pair", "EXAMPLE ZENO", "hamburg-1"), "no ship 'EXAMPLE ZENO'"),
        (("coverage", "plugs", "--by", "port"), "unknown key 'port'"),
        (("coverage", "plugs", "--by", "coalition"), "coalition"),
        (("coverage", "plugs", "--coalition", "north"), "name=value"),
        (("savings", "plugs", "--explain", "co2"), "unknown amount 'co2'"),
        (("savings", "plugs", "--where", "port=DEHAM"), "unknown key 'port'"),
        (("upgrades", "plugs", "--years", "2027:3"), "until_year"),
        (("upgrades", "plugs", "--budget", "3", "--until", "2040"), "--until"),
        (("upgrades", "plugs", "--budget", "3", "--days", "0"), "no time"),
        (("upgrades", "plugs", "--budget", "3", "--interest", "0.06"), "--interest and --life go together"),
        (("upgrades", "plugs", "--budget", "3", "--fuel-price", "700"), "go with --interest and --life"),
        (("savings", "plugs", "--capex", "1", "2", "3"), "a cost wants --interest and --life and --price-year too"),
        (("upgrades", "plugs", "--budget", "3", "--costs", "none.csv"), "no such file: none.csv"),
        (("upgrades", "plugs", "--budget", "-1"), "budget"),
        (("upgrades", "plugs", "--budget", "3", "--price-year", "1066"), "1066"),
    ],
)
def test_wrong_words_leave_the_results_as_they_were(chain, args, says):
    before = hashes(chain / "plugs")
    done = shore(*args, cwd=chain)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert hashes(chain / "plugs") == before


def test_a_step_killed_midway_leaves_the_old_results_whole(chain):
    before = hashes(chain / "plugs")
    command = [str(COMMAND), "shorepower", *map(str, MATCH[:-1]), "2026-01-01"]
    with subprocess.Popen(command, cwd=chain, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        while not list((chain / "plugs").glob(".partial-*")) and running.poll() is None:
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    kept = {name: value for name, value in hashes(chain / "plugs").items() if not name.startswith(".partial")}
    assert kept == before
    good(*MATCH, cwd=chain)
    assert not list((chain / "plugs").glob(".partial-*")), "what a killed run left is swept away"


def test_the_same_inputs_give_the_same_bytes(chain, made):
    steps = (MATCH, ("savings", "plugs"), ("upgrades", "plugs", "--budget", 9, "--budget", 3))
    for step in steps:  # each in a process of its own, as a user starts them
        assert cli("shorepower", *step, cwd=chain).returncode == 0
    assert hashes(chain / "plugs") == hashes(made)


def test_results_of_other_inputs_are_not_mixed(chain):
    """A plan needs savings of the same stays, and certificates of budgets that nobody asks for any more are gone."""
    short = (EXAMPLES / "stays.csv").read_text().splitlines(keepends=True)[:9]
    (chain / "june.csv").write_text("".join(short))
    other = ["june.csv" if part == EXAMPLES / "stays.csv" else part for part in MATCH]
    good(*other, cwd=chain)
    stale = shore("upgrades", "plugs", "--budget", 9, cwd=chain)
    assert stale.returncode == 2
    assert "run savings again" in stale.stderr
    assert shore("verify", "plugs", cwd=chain).returncode == 1
    good("savings", "plugs", cwd=chain)
    good("upgrades", "plugs", "--budget", 9, cwd=chain)
    assert [path.name for path in (chain / "plugs").glob("certificate-*")] == ["certificate-9-musd.json"]
    good("verify", "plugs", cwd=chain)
    no_papers = [part for part in other if part not in ("--assessments", EXAMPLES / "assessments.csv")]
    good(*no_papers, cwd=chain)
    assert not (chain / "plugs/assessments.csv").exists()
