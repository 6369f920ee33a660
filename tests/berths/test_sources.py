"""Calls for the planner from files, from what happened and from announcements: nothing is lost without a reason."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from sisterport.berths.plan import plan
from sisterport.berths.sources import calls_announced, calls_that_happened, read_planned_calls
from sisterport.berths.visits import read_records
from sisterport.errors import InputError, SchemaError
from sisterport.exchange import read_dcsa_calls
from tests.berths.test_happened import RECORDS
from tests.exchange.test_dcsa_calls import DAY, event

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_file_is_read_as_the_plan_takes_it(tmp_path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        "call_id,eta_utc,handling_h,locked_berth_id\nA,2026-03-01T06:00:00,4,\nB,2026-03-01T07:00:00,2,east\n",
        encoding="utf-8",
    )
    made = plan(read_planned_calls(path), pl.DataFrame({"berth_id": ["east", "west"]}))
    assert dict(made.stays.select("call_id", "berth_id").iter_rows())["B"] == "east"
    path.write_text("call_id,eta_utc\nA,2026-03-01T06:00:00\nA,2026-03-01T07:00:00\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="call 'A' comes more than once"):
        read_planned_calls(path)


def test_what_happened_can_be_planned_anew() -> None:
    visits = read_records(RECORDS).visits
    found = calls_that_happened(visits)
    assert dict(found.left_out.iter_rows()) == {"C": "shifted to another berth", "D": "arrival not seen"}
    assert found.calls["handling_h"].to_list() == pytest.approx([18, 33])
    assert found.ships["berth_id"].to_list() == ["east", "east"]
    assert found.calls.height + found.left_out.height == visits["call_id"].n_unique()
    made = plan(found.calls, pl.DataFrame({"berth_id": ["east"]}), time_limit_s=5)
    assert made.stays.height == 2


def test_announcements_become_calls_and_the_handling_says_where_it_comes_from() -> None:
    load = [{"loadUnits": {"totalUnits": {"totalUnits": 300}}}]
    events = [
        event("EST", 10, call="a"),
        event(None, 0, service="MOVES", call="a", movesForecasts=load),
        event("EST", 11, call="b"),
        event("EST", 31, kind="DEPA", call="b"),
        event("EST", 12, service="PILOT_BOARDING_PLACE", call="c"),
        event("EST", 13, call="d"),
        event("PLN", 15, updated=1, call="d"),
        event("REQ", 5, call="e"),
        event("ACT", 5, call="f"),
    ]
    announced = read_dcsa_calls(events).calls
    found = calls_announced(announced, moves_per_h=50, fixed_h=1, handling_h=9)
    hours = [(row["handling_source"], row["handling_h"], (row["eta_utc"] - DAY) / timedelta(hours=1)) for row in
             found.calls.join(found.ships, on="call_id").sort("eta_utc").iter_rows(named=True)]  # fmt: skip
    assert hours == [
        ("moves forecast", 7, 10),
        ("departure less arrival, both estimated", 20, 11),
        ("the same for all calls", 9, 12),
        ("the same for all calls", 9, 13),
    ]
    assert sorted(found.left_out["reason"]) == ["at berth already", "no estimate of the arrival"]
    assert found.calls.sort("eta_utc")["promised_start_utc"][-1] == DAY + timedelta(hours=15)
    without = calls_announced(announced)
    assert without.calls.height == 1
    assert without.left_out.filter(reason="nothing tells the handling time").height == 3
    with pytest.raises(InputError, match="0 moves per hour"):
        calls_announced(announced, moves_per_h=0)
