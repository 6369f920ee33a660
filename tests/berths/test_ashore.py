from datetime import UTC, datetime

import polars as pl
import pytest

from sisterport.berths import plan, verify
from sisterport.berths.ashore import join_verdicts, stays_planned

T0 = datetime(2026, 1, 1, tzinfo=UTC)
CALLS = pl.DataFrame({"call_id": ["A", "B", "C", "D"], "eta_utc": [T0] * 4, "handling_h": [6.0, 5.0, 4.0, 3.0]})
BERTHS = pl.DataFrame({"berth_id": ["east", "west"]})
WHO = pl.DataFrame({"call_id": ["A", "B", "C", "D"], "imo": [1, 2, None, 4], "mmsi": [None, 200, 300, None]})
OF = {"locode": "DEHAM", "state": "operational", "source": "made up", "status": "unverified"}
OUTLETS = pl.DataFrame(
    [
        {"outlet_id": "e1", "berth_id": "east", "power_mva": 5.0, "plant_id": "P", "plant_power_mva": 5.0} | OF,
        {"outlet_id": "e2", "berth_id": "east", "power_mva": 9.0, "plant_id": None, "plant_power_mva": None} | OF,
        {"outlet_id": "w1", "berth_id": "west", "power_mva": None, "plant_id": None, "plant_power_mva": None} | OF,
    ],
    infer_schema_length=None,
)
MADE_UP = {"source": "made up", "status": "unverified"}
INLETS = pl.DataFrame(
    [
        {"inlet_id": "a", "imo": 1, "mmsi": None, "peak_mw": 2.0, "peak_cargo_mw": 3.0} | MADE_UP,
        {"inlet_id": "b", "imo": None, "mmsi": 200, "peak_mw": 4.5, "peak_cargo_mw": None} | MADE_UP,
        {"inlet_id": "d", "imo": 4, "mmsi": None, "peak_mw": None, "peak_cargo_mw": None} | MADE_UP,
    ],
    infer_schema_length=None,
)


def verdicts(*rows):
    checks = {"checks_true": 0, "checks_false": 0, "checks_unknown": 0}
    return pl.DataFrame(
        [
            {"ship_id": s, "berth_id": b, "outlet_id": o, "grade": g, "best": g or 0, "worst": 6 if g is None else g}
            | checks
            for s, b, o, g in rows
        ],
        infer_schema_length=None,
    )


SAID = verdicts(
    ("imo:1", "east", "e1", 1), ("imo:1", "west", "w1", 0), ("mmsi:200", "east", "e1", 0),
    ("mmsi:300", "east", "e1", None),
    ("imo:4", "east", "e1", 0), ("imo:4", "west", "w1", 3), ("imo:77", "east", "e2", 0),
)  # fmt: skip


@pytest.fixture
def joined():
    return join_verdicts(CALLS, BERTHS, who=WHO, verdicts=SAID, outlets=OUTLETS, inlets=INLETS)


def test_grades_become_plugs_and_the_outlet_that_counts_is_one_that_a_verdict_rests_on(joined):
    plug = {(c, b): p for c, b, p in joined.pairs.select("call_id", "berth_id", "plug").iter_rows()}
    assert plug == {("A", "east"): True, ("A", "west"): True, ("B", "east"): True, ("C", "east"): False,
                    ("D", "east"): True, ("D", "west"): False}  # fmt: skip
    # 5 MVA at the power factor 0.8; e2 is stronger, but nobody of these ships fits it
    assert joined.berths.select("shore_power_mw", "plant_id", "plant_power_mw").rows() == [(4.0, "P", 4.0), (None,) * 3]


def test_who_can_plug_in_may_and_draws_her_highest_peak(joined):
    rows = joined.calls.select("call_id", "shore_power", "shore_power_mw").rows()
    assert rows == [("A", "may", 3.0), ("B", "may", 4.5), ("C", None, None), ("D", None, None)]


def test_what_is_not_planned_on_is_told(joined):
    first, *rest = joined.notes
    assert first.startswith("Shore power: 4 pairs of call and berth can plug in, 1 cannot, 1 are undecided")
    assert "; 2 have no verdict" in first
    assert rest == [
        "Outlets of unknown power, not planned on: w1.",
        "Could plug in, but her demand is not known: D.",
    ]


def test_the_planner_s_own_words_stay():
    berths = BERTHS.with_columns(shore_power_mw=pl.Series([1.5, None]), plant_id=pl.Series(["own", None]))
    calls = CALLS.with_columns(shore_power=pl.Series(["must", "no", None, None]), shore_power_mw=pl.Series([1.0] * 4))
    pairs = pl.DataFrame(
        {"call_id": ["A", "B"], "berth_id": ["east", "west"], "plug": [False, None], "cost": [1.0, 2.0]}
    )
    made = join_verdicts(calls, berths, who=WHO, verdicts=SAID, outlets=OUTLETS, inlets=INLETS, pairs=pairs)
    assert made.berths.select("shore_power_mw", "plant_id", "plant_power_mw").row(0) == (1.5, "own", None)
    assert made.calls["shore_power"].to_list()[:2] == ["must", "no"]
    assert made.calls["shore_power_mw"].to_list() == [1.0] * 4
    kept = {(row["call_id"], row["berth_id"]): row for row in made.pairs.iter_rows(named=True)}
    assert kept["A", "east"]["plug"] is False
    assert (kept["B", "west"]["cost"], kept["B", "west"]["plug"]) == (2.0, None)


def test_a_plan_plugs_in_whom_verdicts_and_plants_allow(joined):
    made = plan(joined.calls, joined.berths, pairs=joined.pairs)
    stays = {row["call_id"]: row for row in made.stays.iter_rows(named=True)}
    assert stays["A"]["plugged"] == (stays["A"]["berth_id"] == "east")
    assert not any(stays[name]["plugged"] for name in "BCD")  # B needs more than the outlet has
    assert verify(made.stays, joined.calls, joined.berths, pairs=joined.pairs) == ()


def test_stays_are_those_of_the_plan_the_shorter_of_two():
    twice = WHO.with_columns(imo=pl.Series([1, 1, None, 4]))
    pairs = pl.DataFrame({"call_id": ["A"], "berth_id": ["west"], "handling_h": [2.0]})
    found = stays_planned(CALLS, BERTHS, who=twice, pairs=pairs)
    hours = {(s, b): h for s, b, h in found.iter_rows()}
    assert (hours["imo:1", "east"], hours["imo:1", "west"]) == (5.0, 2.0)
    assert hours["mmsi:300", "east"] == 4.0
