"""``sisterport berths`` as a planner meets it: plans that verify, faults at once, a killed run, events, requests."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from sisterport.berths import audit
from sisterport.cli.berths import app
from sisterport.cli.shorepower import app as shorepower
from sisterport.errors import InputError, MethodError, SchemaError, SisterportError
from sisterport.exchange.dcsa_calls import read_dcsa_calls

EXAMPLES = Path(__file__).parents[2] / "docs/examples/berths"
GIVEN = ("--berths", EXAMPLES / "berths.csv", "--closures", EXAMPLES / "closures.csv", "--tides",
         EXAMPLES / "tides.csv", "--under-keel-m", 0.5, "--weight", "waiting=1", "--weight", "lateness=2")  # fmt: skip
ON_THE_WAY = ("--on-the-way", EXAMPLES / "on_the_way.csv", "--ships", EXAMPLES / "ships.csv", "--buffer-h", 0.5)
HOUSE = "from sisterport.cli.app import main; main()"


def run(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def good(*args) -> str:
    done = run(*args)
    assert done.exception is None, done.exception
    return done.stdout


def said(*args):
    return json.loads(good(*args, "--json"))


def fault(*args) -> SisterportError:
    done = run(*args)
    assert isinstance(done.exception, SisterportError), done.exception
    return done.exception


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir()) if p.is_file()}


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("berths") / "plan"
    events = folder.parent / "events.json"
    told = said("plan", folder, "--calls", EXAMPLES / "calls.csv", *GIVEN, *ON_THE_WAY, "--now", "2026-11-02T00:00",
                "--dcsa", events)  # fmt: skip
    return folder, events, told


@pytest.fixture
def folder(planned, tmp_path):
    """The plan, to change."""
    shutil.copytree(planned[0], tmp_path / "plan")
    return tmp_path / "plan"


def test_outlets_without_a_limit_of_their_plant_need_no_price(tmp_path):
    berths = pl.read_csv(EXAMPLES / "berths.csv").drop("plant_id", "plant_power_mw")
    berths.write_csv(tmp_path / "berths.csv")
    told = said("plan", tmp_path / "plan", "--calls", EXAMPLES / "calls.csv", "--berths", tmp_path / "berths.csv")
    assert told["bound"] <= told["value"] + 1e-9
    assert table(tmp_path / "plan", "plan").height == 10


# ---- plan -----------------------------------------------------------------------------------------------------------


def test_the_plan_serves_every_call_and_holds_what_was_asked_for(planned):
    folder, _, told = planned
    stays = {row["call_id"]: row for row in table(folder, "plan").iter_rows(named=True)}
    assert set(stays) == set(pl.read_csv(EXAMPLES / "calls.csv")["call_id"])
    assert stays["ERATO"]["berth_id"] == "quay-1", "locked"
    assert (stays["JUNO"]["berth_id"], stays["JUNO"]["start_utc"]) == ("quay-3", datetime(2026, 11, 3, 14, tzinfo=UTC))
    assert stays["ATLAS"]["plugged"], "must have shore power"
    assert stays["HYPERION"]["plugged"], "must have shore power"
    assert told["bound"] <= told["value"]
    assert told["value"] == pytest.approx(sum(row["cost"] for row in stays.values()))
    inputs = {name: table(folder, name) for name in ("closures", "tides", "approaches")}
    calls, berths = table(folder, "planned_calls"), table(folder, "berths")
    assert audit.verify(table(folder, "plan"), calls, berths, **inputs, under_keel_m=0.5) == ()


def test_tables_are_there_as_parquet_and_as_csv(planned):
    folder = planned[0]
    for name in ("plan", "reasons", "requests", "calls", "berths"):
        assert pl.read_csv(folder / f"{name}.csv").height == table(folder, name).height


def test_ships_on_their_way_are_asked_for_the_arrival_that_their_berth_allows(planned):
    folder, _, told = planned
    starts = dict(table(folder, "plan").select("call_id", "start_utc").iter_rows())
    for row in told["requests"]:
        wanted = starts[row["call_id"]] - timedelta(minutes=30)
        full = datetime.fromisoformat(row["full_speed_utc"])
        assert abs(datetime.fromisoformat(row["requested_utc"]) - max(wanted, full)) < timedelta(seconds=1)
        assert row["speed_kn"] <= row["service_kn"]
        assert row["saved_t"] >= 0
    assert sum(row["anchor_after_h"] for row in told["requests"]) < sum(r["anchor_before_h"] for r in told["requests"])


def test_plan_and_requests_can_be_read_as_port_call_events(planned):
    folder, events, _ = planned
    read = read_dcsa_calls(events)
    assert "refused" not in read.counts["outcome"].to_list()
    stays = table(folder, "plan").join(table(folder, "who"), on="call_id")
    by_ship = {row["imo"]: row for row in read.calls.iter_rows(named=True)}
    assert len(by_ship) == stays.height
    for stay in stays.iter_rows(named=True):
        call = by_ship[stay["imo"]]
        assert (call["berth_pta_utc"], call["berth_ptd_utc"]) == (stay["start_utc"], stay["end_utc"])
    asked = table(folder, "requests").join(table(folder, "who").select("call_id", "imo"), on="call_id")
    for imo, time_asked in asked.select("imo", pl.col("requested_utc").dt.truncate("1s")).iter_rows():
        assert by_ship[imo]["pilot_rta_utc"].replace(microsecond=0) == time_asked


def test_calls_come_from_events_and_answers_name_the_events(tmp_path):
    said_by_ship = {
        "eventID": "00000000-0000-0000-0000-000000000001",
        "eventUpdatedDateTime": "2026-11-01T08:00:00Z",
        "portCall": {"UNLocationCode": "DEHAM"},
        "vessel": {"vesselIMONumber": "9321483", "vesselName": "CLIO"},
        "portCallService": {"portCallServiceTypeCode": "BERTH", "portCallServiceEventTypeCode": "ARRI"},
        "timestamp": {"classifierCode": "EST", "serviceDateTime": "2026-11-03T04:00:00Z"},
    }
    source, answer = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps([said_by_ship]))
    told = said("plan", tmp_path / "p", "--calls", source, *GIVEN, "--handling-h", 8, "--dcsa", answer)
    assert [row["start_utc"] for row in told["plan"]] == ["2026-11-03T04:00:00+00:00"]
    answers = [event for event in json.loads(answer.read_text())["events"] if event.get("replyToEventID")]
    assert [event["replyToEventID"] for event in answers] == [said_by_ship["eventID"]]


def test_events_without_a_ship_are_refused_before_anything_is_written(tmp_path):
    calls = pl.read_csv(EXAMPLES / "calls.csv").drop("imo")
    calls.write_csv(tmp_path / "calls.csv")
    wrong = fault("plan", tmp_path / "p", "--calls", tmp_path / "calls.csv", *GIVEN, "--dcsa", tmp_path / "e.json")
    assert "neither imo nor mmsi" in str(wrong)
    assert not list((tmp_path / "p").glob("*")) if (tmp_path / "p").exists() else True
    assert not (tmp_path / "e.json").exists()


# ---- faults ---------------------------------------------------------------------------------------------------------


def test_faults_of_several_files_and_words_come_at_once(tmp_path):
    (tmp_path / "calls.csv").write_text("call_id,handling_h\nA,4\n")
    wrong = fault("plan", tmp_path / "p", "--calls", tmp_path / "calls.csv", "--berths", tmp_path / "none.csv",
                  "--weight", "waitng=1", "--weight", "fuel=lots")  # fmt: skip
    for part in ("eta_utc", "none.csv", "waitng", "did you mean 'waiting'", "fuel=lots"):
        assert part in str(wrong), part


def test_calls_that_cannot_be_served_are_all_named(tmp_path):
    calls = pl.read_csv(EXAMPLES / "calls.csv").with_columns(
        length_m=pl.when(pl.col("call_id") == "GAIA").then(480).otherwise("length_m"),
        draught_m=pl.when(pl.col("call_id") == "IRIS").then(19.0).otherwise("draught_m"),
    )
    calls.write_csv(tmp_path / "calls.csv")
    wrong = fault("plan", tmp_path / "p", "--calls", tmp_path / "calls.csv", *GIVEN)
    assert isinstance(wrong, SchemaError)
    assert "GAIA" in str(wrong)
    assert "IRIS" in str(wrong)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--ships", EXAMPLES / "ships.csv"), "--on-the-way"),
        (("--on-the-way", EXAMPLES / "on_the_way.csv"), "--ships"),
        (("--on-the-way", EXAMPLES / "on_the_way.csv", "--ships", EXAMPLES / "ships.csv"), "--now"),
    ],
)
def test_options_that_belong_together_are_asked_for(more, words, tmp_path):
    assert words in str(fault("plan", tmp_path, "--calls", EXAMPLES / "calls.csv", *GIVEN, *more))


def test_a_wrong_file_leaves_the_command_with_exit_code_2_and_the_plan_as_it_was(folder, tmp_path):
    before = digests(folder)
    (tmp_path / "calls.csv").write_text("call_id\nA\n")
    done = house("plan", folder, "--calls", tmp_path / "calls.csv", *GIVEN)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert digests(folder) == before


def house(*args, **options):
    command = [sys.executable, "-c", HOUSE, "berths", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


# ---- a killed run ---------------------------------------------------------------------------------------------------


def test_a_killed_run_leaves_the_last_plan_whole(folder, tmp_path):
    before = digests(folder)
    first = datetime(2026, 11, 2, tzinfo=UTC)
    rows = [
        {"call_id": f"C{i}", "eta_utc": first + timedelta(hours=i % 40), "handling_h": 5.0 + i % 13} for i in range(120)
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "many.csv")
    pl.DataFrame({"berth_id": [f"b{i}" for i in range(6)]}).write_csv(tmp_path / "berths.csv")
    say = "from sisterport.project import berths as p; plan = p.plan; "
    say += "p.plan = lambda *a, **k: (print('planning', flush=True), plan(*a, **k))[1]; "
    command = ["plan", folder, "--calls", tmp_path / "many.csv", "--berths", tmp_path / "berths.csv",
               "--time-limit", "600"]  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", say + HOUSE, "berths", *map(str, command)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "planning\n"
        time.sleep(1)
        assert process.poll() is None, "still planning"
        process.send_signal(signal.SIGKILL)
    assert digests(folder) == before
    assert said("verify", folder)["ok"]


def test_a_run_killed_while_it_writes_leaves_the_last_plan_whole(folder):
    before = digests(folder)
    stop = "import os, signal; from sisterport.project import berths_write as w; "
    stop += "w.pages.wall_chart = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL); "
    command = ["plan", folder, "--calls", EXAMPLES / "calls.csv", *GIVEN, "--seed", "5"]
    done = subprocess.run([sys.executable, "-c", stop + HOUSE, "berths", *map(str, command)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(folder.glob(".partial-*")), "it was writing"
    assert digests(folder) == before
    assert said("verify", folder)["ok"]
    good("plan", folder, "--calls", EXAMPLES / "calls.csv", *GIVEN)
    assert not list(folder.glob(".partial-*")), "the next run clears it away"


# ---- verify ---------------------------------------------------------------------------------------------------------


def test_a_plan_verifies(planned):
    told = said("verify", planned[0])
    assert told == {"ok": True, "faults": {"plan": [], "certificate": [], "numbers": [], "files": []}}
    assert "the prices prove" in good("verify", planned[0])


def changed(folder: Path, name: str, frame: pl.DataFrame) -> None:
    frame.write_parquet(folder / f"{name}.parquet")


def differs(folder: Path) -> dict[str, list[str]]:
    done = run("verify", folder, "--json")
    assert done.exit_code == 1
    return json.loads(done.stdout)["faults"]


def test_a_stay_that_was_moved_is_found(folder):
    late = pl.when(pl.col("call_id") == "CLIO").then(pl.duration(hours=2)).otherwise(pl.duration(hours=0))
    changed(folder, "plan", table(folder, "plan").with_columns(pl.col("start_utc", "end_utc") + late))
    faults = differs(folder)
    assert any("CLIO" in line and "the certificate says" in line for line in faults["certificate"])
    assert "plan.parquet is not as it was written" in faults["files"]


def test_two_ships_at_one_berth_are_found_from_the_tables_alone(folder):
    both = table(folder, "plan").with_columns(
        berth_id=pl.when(pl.col("call_id") == "BOREAS").then(pl.lit("quay-1")).otherwise("berth_id")
    )
    changed(folder, "plan", both)
    assert any("are both at quay-1" in line for line in differs(folder)["plan"])


def test_a_certificate_of_a_bound_that_the_prices_do_not_prove_is_found(folder):
    path = folder / "certificate.json"
    record = json.loads(path.read_text())
    record["stages"] = [[price // 2 for price in stage] for stage in record["stages"]]
    path.write_text(json.dumps(record))
    assert any("the prices prove" in line for line in differs(folder)["certificate"])


def test_other_calls_are_another_problem(folder):
    calls = table(folder, "planned_calls")
    changed(folder, "planned_calls", calls.with_columns(handling_h=pl.col("handling_h") + 1))
    faults = differs(folder)
    assert faults["certificate"] == ["the certificate belongs to another problem"]
    assert any("needs" in line for line in faults["plan"])


def test_told_figures_have_to_add_up(folder):
    told = json.loads((folder / "result.json").read_text())
    (folder / "result.json").write_text(json.dumps(told | {"value": told["value"] - 5}))
    assert any("the plan's cost is told" in line for line in differs(folder)["numbers"])


def test_no_plan_is_said_with_the_command_that_makes_one(tmp_path):
    assert "sisterport berths plan" in str(fault("verify", tmp_path))


# ---- replan ---------------------------------------------------------------------------------------------------------


def test_a_replan_keeps_what_is_near_and_tells_what_moved(folder):
    before = table(folder, "plan")
    calls = pl.read_csv(EXAMPLES / "later.csv")
    told = said("replan", folder, "--now", "2026-11-02T14:00", "--freeze-h", 6, "--calls", EXAMPLES / "later.csv",
                "--weight", "moved=0.5", "--weight", "other_berth=4")  # fmt: skip
    after = {row["call_id"]: row for row in table(folder, "plan").iter_rows(named=True)}
    now = datetime(2026, 11, 2, 14, tzinfo=UTC)
    limit = now + timedelta(hours=6)
    kept = 0
    for row in before.iter_rows(named=True):
        new = after.get(row["call_id"])
        if new is None:
            assert row["end_utc"] <= now or row["call_id"] not in calls["call_id"]
        elif new["frozen"]:
            kept += 1
            assert row["start_utc"] <= limit
            assert (new["berth_id"], new["start_utc"]) == (row["berth_id"], row["start_utc"])
        else:
            assert new["start_utc"] >= now
    assert kept
    moves = {row["call_id"]: row for row in told["changes"]}
    assert moves["KLIO"]["change"] == "new"
    for call, move in moves.items():
        if move["change"] == "moved":
            old = before.filter(call_id=call).row(0, named=True)
            assert (after[call]["berth_id"], after[call]["start_utc"]) != (old["berth_id"], old["start_utc"])
    assert table(folder, "previous").equals(before)
    assert said("verify", folder)["ok"]


def test_a_replan_with_nothing_new_changes_nothing(folder):
    told = said("replan", folder, "--now", "2026-11-02T03:00", "--weight", "moved=1", "--weight", "other_berth=5")
    assert told["changes"] == []
    assert told["moved"] == 0


def test_a_replan_can_be_replanned(folder):
    for now in ("2026-11-02T06:00", "2026-11-02T12:00"):
        good("replan", folder, "--now", now, "--freeze-h", 4, "--weight", "moved=1")
        assert said("verify", folder)["ok"]
    options = json.loads((folder / "plan.json").read_text())["options"]
    assert (options["weights"]["waiting"], options["weights"]["lateness"], options["weights"]["moved"]) == (1, 2, 1)
    assert options["under_keel_m"] == 0.5


def test_a_replan_needs_a_plan(tmp_path):
    assert "sisterport berths plan" in str(fault("replan", tmp_path, "--now", "2026-11-02T06:00"))


# ---- report ---------------------------------------------------------------------------------------------------------


def records(path: Path) -> Path:
    rows = [
        {"call_id": "A", "imo": 9_999_905, "berth_id": "east", "terminal": "T", "arrival_utc": "2026-03-01T00:00",
         "berth_start_utc": "2026-03-01T01:00", "berth_end_utc": "2026-03-01T11:00",
         "departure_utc": "2026-03-01T12:00"},
        {"call_id": "B", "imo": 9_999_917, "berth_id": "east", "terminal": "T", "arrival_utc": "2026-03-01T06:00",
         "anchor_start_utc": "2026-03-01T06:00", "anchor_end_utc": "2026-03-01T12:00",
         "berth_start_utc": "2026-03-01T14:00", "berth_end_utc": "2026-03-02T00:00",
         "departure_utc": "2026-03-02T00:00"},
        {"call_id": "C", "imo": 9_999_929, "berth_id": "west", "terminal": "T", "berth_start_utc": "2026-03-01T04:00",
         "berth_end_utc": "2026-03-01T16:00", "departure_utc": "2026-03-01T17:00"},
    ]  # fmt: skip
    pl.DataFrame(rows, infer_schema_length=None).write_csv(path)
    return path


def test_a_report_says_what_happened_and_what_it_left_out(tmp_path):
    told = said("report", records(tmp_path / "records.csv"), "--to", tmp_path / "r", "--dcsa", tmp_path / "e.json")
    whole = {row["measure"]: row for row in told["all"]}
    assert (whole["waiting"]["n"], whole["waiting"]["left_out"], whole["waiting"]["mean"]) == (2, 1, 3.0)
    assert (whole["turnaround"]["n"], whole["turnaround"]["median"]) == (2, 15.0)
    assert (whole["idle"]["n"], whole["idle"]["median"]) == (1, 3.0), "from 11:00 to 14:00 at the east berth"
    assert whole["occupancy"]["total"] == pytest.approx((10 + 10 + 12) / 48)
    assert [row["calls"] for row in told["anchorage_waiting"]] == [2]
    page = (tmp_path / "r/berth_report.html").read_text()
    assert "3 calls" in page.replace("\u202f", " ")
    times = read_dcsa_calls(tmp_path / "e.json").times
    assert set(times["classifier"]) == {"ACT"}
    assert times.filter(service="BERTH", kind="ARRI").height == 3
    assert times["fyi"].all()


def test_a_report_of_one_terminal_counts_its_calls_only(tmp_path):
    source = records(tmp_path / "records.csv")
    pl.read_csv(source).with_columns(
        terminal=pl.when(pl.col("berth_id") == "west").then(pl.lit("W")).otherwise("terminal")
    ).write_csv(source)
    assert said("report", source, "--terminal", "W")["calls"] == 1
    assert isinstance(fault("report", source, "--terminal", "V"), MethodError)
    assert isinstance(fault("report", source, "--by", "week"), MethodError)


def test_a_report_of_nothing_is_an_error(tmp_path):
    assert "no run in" in str(fault("report", tmp_path))


# ---- solve ----------------------------------------------------------------------------------------------------------


SMALL = "4 2\n1 2 3 4\n1 1\n4 99999\n3 5\n6 4\n2 2\n30 30\n30 30 30 30\n"


def test_a_published_problem_is_solved_and_proven(tmp_path):
    (tmp_path / "tiny.txt").write_text(SMALL)
    told = said("solve", tmp_path / "tiny.txt", "--format", "lr2012", "--to", tmp_path / "tiny.csv")
    assert told["status"] == "optimal"
    assert told["objective"] == told["bound"]
    assert (told["gap"], told["faults"]) == (0.0, [])
    stays = pl.read_csv(tmp_path / "tiny.csv")
    arrivals = dict(zip(sorted(stays["ship"]), (1, 2, 3, 4), strict=True))
    assert sum(e - arrivals[s] for s, e in stays.select("ship", "end").iter_rows()) == told["objective"]


def test_a_published_value_is_reached(shared):
    told = said("solve", shared / "data/berths/lallaruiz2012/f30x5-01.txt", "--format", "lr2012", "--time-limit", 60)
    known = pl.read_csv(shared / "data/berths/bks_dev.csv").filter(instance="f30x5-01")
    assert (told["objective"], told["bound"]) == known.select("value", "lower_bound").row(0)


def test_an_unknown_format_is_named(tmp_path):
    (tmp_path / "a.txt").write_text(SMALL)
    assert isinstance(fault("solve", tmp_path / "a.txt", "--format", "lr2013"), MethodError)
    assert isinstance(fault("solve", tmp_path / "none.txt", "--format", "lr2012"), InputError)


# ---- simulate -------------------------------------------------------------------------------------------------------


def test_policies_are_simulated_on_the_same_ships(tmp_path):
    asked = ("simulate", "--seeds", 2, "--calls", 12, "--notice-h", "24", "--workers", 1)
    told = said(*asked, "--to", tmp_path / "s")
    rows = {(row["policy"], row["measure"]): row for row in told["simulated"]}
    assert {policy for policy, _ in rows} == {"fcfs", "plan", "jit 24 h"}
    assert all(row["runs"] <= 2 for row in rows.values())
    assert rows["fcfs", "main_t"]["mean"] == pytest.approx(rows["plan", "main_t"]["mean"]), "both at service speed"
    assert rows["jit 24 h", "fuel_t"]["published"] == pytest.approx(-0.059)
    runs = table(tmp_path / "s", "simulated_runs")
    assert runs.height == 6
    assert "Synthetic" in (tmp_path / "s/simulation.html").read_text()
    doubled = said(*asked, "--eta-times", 2)
    assert doubled["simulated"] != told["simulated"]


@pytest.mark.parametrize("wrong", [("--notice-h", "soon"), ("--notice-h", "0"), ("--seeds", 0), ("--terminal", "T")])
def test_a_simulation_of_nonsense_is_refused(wrong):
    assert isinstance(fault("simulate", "--calls", 5, *wrong), InputError)


# ---- choices --------------------------------------------------------------------------------------------------------

COMING = (*ON_THE_WAY[:4], "--now", "2026-11-02T00:00")


def test_the_front_holds_what_no_other_choice_beats_and_leaves_the_plan_whole(folder):
    before = digests(folder)
    told = said("front", folder, *COMING, "--samples", 40, "--buffers-h", "0,1,3", "--idle-weight", 20)
    rows = told["trade_offs"]
    assert {row["notice_h"] for row in rows} == {0, 12, 24, 48}
    best = [row for row in rows if row["efficient"]]
    aims = ("anchor_h", "fuel_t", "idle_h")
    for row in best:
        assert not any(all(other[a] <= row[a] for a in aims) and any(other[a] < row[a] for a in aims) for other in rows)
    assert {row["call_id"] for row in told["buffers"]} == set(pl.read_csv(EXAMPLES / "on_the_way.csv")["call_id"])
    assert all(row["cost"] <= row["cost_without"] + 1e-9 for row in told["buffers"])
    assert {name: digests(folder)[name] for name in before} == before
    assert good("verify", folder)
    assert "Buffer of each ship" in (folder / "front.html").read_text(encoding="utf-8")


def test_the_front_tells_plans_apart_by_their_folders(folder, tmp_path):
    (tmp_path / "other").mkdir()
    shutil.copytree(folder, tmp_path / "other/plan")
    shutil.copytree(folder, tmp_path / "late")
    error = fault("front", folder, *COMING, "--also", tmp_path / "other/plan")
    assert "same name" in str(error)
    told = said("front", folder, *COMING, "--also", tmp_path / "late", "--samples", 10, "--buffers-h", "0")
    assert {row["plan"] for row in told["trade_offs"]} == {"plan", "late"}
    assert "hours from 0 on" in str(fault("front", folder, *COMING, "--buffers-h", "0,-1"))


def test_several_ports_are_planned_together(tmp_path):
    given = ("--calls", EXAMPLES / "rotation_calls.csv", "--berths", EXAMPLES / "rotation_berths.csv", "--ships",
             EXAMPLES / "ships.csv", "--step-min", 60)  # fmt: skip
    told = said("rotate", tmp_path / "two", *given)
    assert told["bound"] <= told["value"]
    calls = pl.read_csv(EXAMPLES / "rotation_calls.csv")
    assert {row["call_id"] for row in told["stays"]} == set(calls["call_id"])
    slowed = [leg for leg in told["legs"] if leg["speed_kn"] < 0.95 * 13]
    assert slowed, "the second port has one berth: somebody sails slower"
    assert "Speeds" in (tmp_path / "two/rotation.html").read_text(encoding="utf-8")
    calls.with_columns(eta_utc=pl.lit(None, pl.String)).write_csv(tmp_path / "none.csv")
    error = fault("rotate", tmp_path / "two", "--calls", tmp_path / "none.csv", *given[2:])
    assert "no ship has an eta_utc" in str(error)


# ---- shore power ----------------------------------------------------------------------------------------------------


def test_registers_of_shore_power_decide_who_plugs_in(tmp_path):
    ashore = tmp_path / "ashore"
    inlets = EXAMPLES.parent / "shorepower/inlets.csv"
    done = CliRunner().invoke(
        shorepower, ["match", str(ashore), "--inlets", str(inlets), "--outlets", str(EXAMPLES / "outlets.csv"),
                     "--assessments", str(EXAMPLES / "assessments.csv"), "--on", "2026-11-01"],
    )  # fmt: skip
    assert done.exception is None
    calls, berths = tmp_path / "calls.csv", tmp_path / "berths.csv"
    pl.read_csv(EXAMPLES / "calls.csv").drop("shore_power", "shore_power_mw").write_csv(calls)
    pl.read_csv(EXAMPLES / "berths.csv").drop("shore_power_mw", "plant_id", "plant_power_mw").write_csv(berths)
    given = ("--calls", calls, "--berths", berths, "--shorepower")
    told = said("plan", tmp_path / "p", *given, ashore)
    pairs = table(tmp_path / "p", "pairs")
    assert pairs.filter("plug").select("call_id", "berth_id").rows() == [("ATLAS", "quay-1")]
    assert [row["call_id"] for row in told["plan"] if row["plugged"] and row["berth_id"] != "quay-1"] == []
    assert any("have no verdict" in note for note in told["notes"])
    kept = table(tmp_path / "p", "calls")
    assert kept.filter(call_id="ATLAS").select("shore_power", "shore_power_mw").row(0) == ("may", 3.2)
    assert good("verify", tmp_path / "p")
    again = said("replan", tmp_path / "p", "--now", "2026-11-02T03:00")
    assert [row["plugged"] for row in again["plan"]] == [row["plugged"] for row in told["plan"]]
    assert "sisterport shorepower match" in str(fault("plan", tmp_path / "q", *given, tmp_path / "nothing"))


def test_a_service_speed_above_the_reference_speed_is_told(tmp_path):
    ways = pl.read_csv(EXAMPLES / "on_the_way.csv")
    fast = ways.with_columns(service_kn=pl.when(pl.col("call_id") == "FAUNUS").then(45.0).otherwise("service_kn"))
    fast.write_csv(tmp_path / "ways.csv")
    given = ("--on-the-way", tmp_path / "ways.csv", *COMING[2:])
    told = said("plan", tmp_path / "p", "--calls", EXAMPLES / "calls.csv", *GIVEN, *given)
    (note,) = [note for note in told["notes"] if "reference speed" in note]
    assert note.startswith("1 ships")
    assert note.endswith(": FAUNUS.")
