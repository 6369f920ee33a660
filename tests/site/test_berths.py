"""What a planner relies on in the pages of the berths."""

import re
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from sisterport.berths import Weights, explain, plan, replan
from sisterport.berths.happened import happened
from sisterport.berths.study import Study, summarise_runs
from sisterport.berths.visits import read_records
from sisterport.site.berths import plan_page, report_page, simulation_page, wall_chart
from sisterport.site.berths_gantt import COLOURS, FROZEN, HIGH, LATE, PLUGGED, SHUT, SLOW, STAY, WAITS, gantt, span
from sisterport.site.berths_layers import at
from tests.site.page_reader import Page

EVIL = "<script>alert('1')</script> & \"x\" onload=alert(1)"
T0 = datetime(2026, 11, 2, tzinfo=UTC)


def hour(h: float) -> datetime:
    return T0 + timedelta(hours=h)


CALLS = pl.DataFrame(
    [
        {"call_id": "A", "eta_utc": hour(2), "handling_h": 8.0, "shore_power": "must", "shore_power_mw": 2.0},
        {"call_id": "B", "eta_utc": hour(3), "eta_latest_utc": hour(6), "handling_h": 5.0,
         "requested_departure_utc": hour(7), "locked_berth_id": "east"},
        {"call_id": "C", "eta_utc": hour(4), "handling_h": 6.0, "draught_m": 12.0, "locked_berth_id": "west"},
        {"call_id": "D", "eta_utc": hour(5), "handling_h": 4.0, "locked_berth_id": "east"},
    ],
    infer_schema_length=None,
)  # fmt: skip
BERTHS = pl.DataFrame(
    {
        "berth_id": ["east", "west"],
        "length_m": [300.0, 250.0],
        "depth_m": [15.0, 14.0],
        "tide_draught_m": [None, 10.0],
        "shore_power_mw": [4.0, None],
        "plant_id": ["P", None],
        "plant_power_mw": [5.0, None],
    }
)
FRAMES = {
    "closures": pl.DataFrame(
        {"berth_id": ["west"], "begin_utc": [hour(20)], "end_utc": [hour(24)], "reason": ["crane"]}
    ),
    "tides": pl.DataFrame(
        {"begin_utc": [hour(6), hour(12)], "end_utc": [hour(8), hour(14)], "draught_m": [13.0, 13.0]}
    ),
}
WHO = pl.DataFrame({"call_id": ["A", "C"], "name": [EVIL, "CLIO"]})


@pytest.fixture(scope="module")
def made():
    return plan(CALLS, BERTHS, **FRAMES, weights=Weights(waiting=1.0, lateness=1.0), horizon_utc=hour(60))


@pytest.fixture(scope="module")
def written(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("berths") / "plan.html"
    requests = None
    plan_page(
        path, plan=made, reasons=explain(made), who=WHO, requests=requests, title=f"Plan {EVIL}", notes=["Made up."]
    )
    return path


def boxes(spec) -> dict[str, list[tuple[float, float]]]:
    """Return what the picture draws: begin and end by kind [h since 1970]."""
    found: dict[str, list[tuple[float, float]]] = {}
    for layer in spec["layer"]:
        for row in layer.get("data", {}).get("values", []):
            if {"k", "a", "b"} <= set(row):
                found.setdefault(row["k"], []).append((row["a"], row["b"]))
    return found


def test_every_stay_is_drawn_where_the_plan_has_it(made):
    drawn = boxes(gantt(made, names={}))
    bars = sorted([*drawn[STAY], *drawn[PLUGGED]])
    assert bars == sorted((at(s), at(e)) for s, e in made.stays.select("start_utc", "end_utc").iter_rows())
    plugged = made.stays.filter("plugged")
    assert drawn[PLUGGED] == [(at(s), at(e)) for s, e in plugged.select("start_utc", "end_utc").iter_rows()]


def test_waiting_slowing_down_and_lateness_are_drawn_as_long_as_they_are(made):
    drawn = {kind: sum(b - a for a, b in spans) for kind, spans in boxes(gantt(made, names={})).items()}
    assert drawn.get(WAITS, 0.0) == pytest.approx(made.stays["waiting_h"].sum())
    slow = made.stays.filter(call_id="B").row(0, named=True)
    assert drawn.get(SLOW, 0.0) == pytest.approx((min(slow["start_utc"], hour(6)) - hour(3)) / timedelta(hours=1))
    assert drawn.get(LATE, 0.0) == pytest.approx(made.stays["late_h"].sum())
    assert made.stays["waiting_h"].sum() > 0
    assert made.stays["late_h"].sum() > 0


def test_tide_and_closures_are_drawn_at_their_berth(made):
    drawn = boxes(gantt(made, names={}))
    assert drawn[HIGH] == [(at(hour(6)), at(hour(8))), (at(hour(12)), at(hour(14)))], "only west needs the tide"
    first, last = span(made)
    assert drawn[SHUT] == ([(at(hour(20)), min(at(hour(24)), at(last)))] if last > hour(20) else [])
    assert first <= hour(2)


def test_no_two_bars_of_waiting_cover_each_other(made):
    rows = [
        r
        for layer in gantt(made, names={})["layer"]
        for r in layer.get("data", {}).get("values", [])
        if r.get("k") in (WAITS, SLOW)
    ]
    for i, one in enumerate(rows):
        for other in rows[:i]:
            apart = one["b"] <= other["a"] or other["b"] <= one["a"] or one["c"] >= other["d"] or other["c"] >= one["d"]
            assert apart, (one, other)


def test_a_replan_shows_now_what_is_frozen_and_the_promise_that_was_not_kept(made, tmp_path):
    late = CALLS.with_columns(eta_utc=pl.when(pl.col("call_id") == "D").then(pl.lit(hour(19))).otherwise("eta_utc"))
    new = replan(made, late, BERTHS, **FRAMES, now_utc=hour(4), freeze_h=20, horizon_utc=hour(60))
    spec = gantt(new, names={}, now=hour(4), freeze_h=20)
    _, last = span(new, hour(4))
    assert boxes(spec)[FROZEN] == [(at(hour(4)), min(at(hour(24)), at(last)))]
    text = wall_chart(new, now=hour(4), freeze_h=20)
    for word in ("freeze window", "promised start", "frozen"):
        assert word in text
    page = plan_page(tmp_path / "p.html", plan=new, reasons=explain(new), title="Anew", now=hour(4), freeze_h=20)
    assert "as it stands at" in page.read_text()


def test_the_page_is_one_sound_file_that_loads_nothing(written):
    page = Page.read(written)
    assert page.faults == []
    assert page.loads == []
    assert len(page.ids) == len(set(page.ids))
    assert "script" not in page.tags
    assert "alert(1)" in written.read_text()
    assert '<div class="synthetic"' in written.read_text()


def test_the_table_holds_the_plan(made, written):
    rows = Page.read(written).tables["Stays in order of their start (UTC)"]
    by_ship = {row[0]: row for row in rows}
    assert {"CLIO", "B", "D", "All"} <= set(by_ship)
    clio = made.stays.filter(call_id="C").row(0, named=True)
    assert f"{clio['start_utc']:%H:%M}" in by_ship["CLIO"][3]
    assert by_ship["All"][5] == f"{made.stays['waiting_h'].sum():.1f}"


def test_colours_tell_from_each_other():
    assert len(set(COLOURS.values())) == len(COLOURS)


def test_an_empty_plan_has_a_page(tmp_path):
    nothing = plan(CALLS.clear(), BERTHS)
    page = plan_page(tmp_path / "p.html", plan=nothing, reasons=explain(nothing), title="Nobody")
    assert "There is no call to plan" in page.read_text()


def test_the_report_says_how_many_calls_each_value_rests_on(tmp_path):
    rows = pl.DataFrame(
        {
            "call_id": ["A", "B", "C"],
            "mmsi": [1, 2, 3],
            "terminal": ["T", "T", EVIL],
            "berth_id": ["east", "east", "west"],
            "arrival_utc": [hour(0), hour(6), None],
            "anchor_start_utc": [None, hour(6), None],
            "anchor_end_utc": [None, hour(12), None],
            "berth_start_utc": [hour(1), hour(14), hour(3)],
            "berth_end_utc": [hour(11), hour(24), hour(9)],
            "departure_utc": [hour(12), hour(24), hour(9)],
        }
    )
    watched = read_records(rows)
    path = report_page(tmp_path / "r.html", happened=happened(watched), watch=watched.watch, title="Port")
    page = Page.read(path)
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    whole = {row[0]: row for row in page.tables["All calls together"]}
    assert whole["Waiting at anchor"][2:5] == ["2", "1", "3.0"]
    beside = {row[0]: row for row in page.tables["Terminals side by side"]}
    assert beside["T"][1] == "2"
    assert EVIL in beside
    assert "script" not in page.tags


def study() -> Study:
    rows = [
        {"seed": seed, "policy": policy, "notice_h": notice, "anchor_h": anchor + seed,
         "waiting_h": 5.0, "turnaround_h": 30.0,
         "main_t": fuel, "fuel_t": fuel + 10, "co2e_t": 3 * fuel, "idle_h": 0.1, "berth_idle_h": 2.0,
         "slowed_share": 0.5,
         "slowed_delay_h": None, "others_delay_h": None, "late_h": None, "utilisation": 0.9}
        for seed in (0, 1)
        for policy, notice, anchor, fuel in (
            ("fcfs", 0.0, 8.0, 100.0), ("plan", 0.0, 6.0, 100.0), ("jit 12 h", 12.0, 3.0, 95.0)
        )
    ]  # fmt: skip
    runs = pl.DataFrame(rows, infer_schema_length=None)
    stated = pl.DataFrame({"what": ["calls"], "value": ["2"], "source": ["chosen"]})
    return Study(runs, summarise_runs(runs), stated)


def test_the_simulation_stands_beside_what_was_published(tmp_path):
    path = simulation_page(tmp_path / "s.html", study=study(), title="Port", notes=["Synthetic: all of it."])
    page = Page.read(path)
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    caption = "Fuel against first come first served at service speed"
    rows = {row[0]: row for row in page.tables[caption]}
    plain = [re.sub("\\s", "", cell) for cell in rows["12 h notice"]]
    assert plain[1] == "\u22125.0%"
    assert plain[-1] == "\u22124.2%"
    measures = [row[:3] for row in page.tables["Means over seeds"] if row[0] == "At anchor per call"]
    assert [row[1] for row in measures] == ["First come first served", "Plan", "12 h notice"]
    assert measures[0][2].startswith("8.5")


def test_one_seed_has_no_interval_and_still_a_page(tmp_path):
    runs = study().runs.filter(seed=0)
    one = Study(runs, summarise_runs(runs), study().stated)
    assert simulation_page(tmp_path / "s.html", study=one, title="Port").is_file()
