"""Promise beside value: gap and status by hand, only comparable and published values, no blank for a baseline."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from sisterport.network.progress import NO_BASELINE, progress
from sisterport.tables import check, empty

PROMISE = {
    "seq": 1, "entry_id": "x", "state": "published", "owner": "USLAX", "text": "plug in", "indicator": "I7",
    "definition_version": 1, "quantity": "share", "unit": "", "mode": "used", "direction": "at_least", "target": 0.8,
    "due": date(2026, 12, 31), "corridor": "K01", "ports": "USLAX", "author": "anna", "approver": "ben", "evidence": 0,
}  # fmt: skip
VALUE = {
    "seq": 9, "entry_id": "y", "state": "published", "owner": "USLAX", "indicator": "I7", "definition_version": 1,
    "mode": "used", "corridor": "K01", "ports": "USLAX", "quantity": "share", "unit": "",
    "value": 0.62, "coverage": 0.9, "coverage_basis": "stays", "author": "anna", "approver": "ben",
}  # fmt: skip
ON = date(2026, 11, 1)


def month(number, year=2026):
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return {"begin_utc": datetime(year, number, 1, tzinfo=UTC), "end_utc": after, "seq": 10 * year + number}


def frame(table, rows):
    form = empty(table)
    return check(pl.DataFrame([{**dict.fromkeys(form.columns), **row} for row in rows], schema=form.schema), table)


def one(values, on=ON, **promise):
    rows = progress(
        frame("commitments", [PROMISE | promise]), frame("indicator_values", [VALUE | row for row in values]), on=on
    )
    return rows.row(0, named=True)


def test_the_latest_month_counts_and_the_gap_is_to_the_target():
    row = one([month(5), month(6) | {"value": 0.7}])
    assert (row["value"], row["period"], row["coverage"], row["values"]) == (0.7, "2026-06", 0.9, 2)
    assert row["gap"] == pytest.approx(0.1)


def test_without_a_baseline_nobody_can_say_whether_it_is_on_track():
    row = one([month(5)])
    assert (row["baseline_finding"], row["status"]) == (NO_BASELINE, "undetermined")


@pytest.mark.parametrize(
    ("value", "status"),
    # from 0.2 at the beginning of 2026 to 0.8 at its end: half way after June is 0.498
    [(0.49, "behind"), (0.51, "on_track"), (0.8, "done")],
)
def test_the_straight_line_from_the_baseline(value, status):
    row = one([month(6) | {"value": value}], baseline=0.2, baseline_period="2025", baseline_source="report")
    assert (row["status"], row["baseline_finding"]) == (status, None)


def test_planned_and_late():
    assert one([])["status"] == "planned"
    assert one([month(5)], on=date(2027, 1, 1))["status"] == "late"
    assert one([month(5) | {"value": 0.9}], on=date(2027, 1, 1))["status"] == "done"


@pytest.mark.parametrize("change", [
    {"state": "draft"}, {"state": "approved"}, {"state": "superseded"}, {"mode": "capable"}, {"corridor": "K06"},
    {"ports": "USLAX|USLGB"}, {"indicator": "I8"}, month(12),
])  # fmt: skip
def test_values_that_do_not_count(change):
    assert one([month(5) | change])["value"] is None


def test_values_of_another_version_are_left_out_and_counted():
    row = one([month(5), month(6) | {"definition_version": 2, "value": 0.99}])
    assert (row["value"], row["not_comparable"]) == (0.62, 1)


def test_capable_stands_beside_used():
    supply = month(6) | {"indicator": "I6", "mode": "capable", "value": 1.0}
    row = one([month(6), supply])
    assert (row["beside_indicator"], row["beside_mode"], row["beside_value"]) == ("I6", "capable", 1.0)
    assert one([month(6)])["beside_value"] is None


FUEL = {"indicator": "I4", "quantity": "mass_t", "unit": "t"}


def test_months_that_add_up_are_added_within_the_year_and_once():
    months = [month(n) | FUEL | {"value": 100.0, "coverage": 0.5 + n / 100} for n in (1, 2, 3)]
    quarter = {**month(1), "end_utc": month(3)["end_utc"], "seq": 99} | FUEL | {"value": 330.0}
    other_year = month(12, year=2025) | FUEL | {"value": 5000.0}
    row = one([*months, other_year], target=1000.0, **FUEL)
    assert (row["value"], row["period"], row["coverage"], row["gap"]) == (300.0, "2026-Q1 (3 parts)", 0.51, 700.0)
    assert one([*months, quarter, month(4) | FUEL | {"value": 1.0}], target=1000.0, **FUEL)["value"] == 331.0


def test_a_sum_that_has_to_stay_below_is_not_done_before_its_year_is():
    nox = {"indicator": "I13", "quantity": "nox_t", "unit": "t", "direction": "at_most", "target": 100.0}
    value = {name: nox[name] for name in ("indicator", "quantity", "unit")} | {"value": 8.0}
    assert one([month(1) | value], **nox)["status"] == "undetermined"
    year = {"begin_utc": month(1)["begin_utc"], "end_utc": month(12)["end_utc"], "value": 96.0}
    assert one([value | year], on=date(2027, 2, 1), **nox)["status"] == "done"


def test_only_published_promises_are_shown_unless_asked_for():
    rows = [PROMISE | {"state": state, "seq": n} for n, state in enumerate(("draft", "published", "superseded"), 1)]
    nothing = empty("indicator_values")
    assert progress(frame("commitments", rows), nothing, on=ON)["seq"].to_list() == [2]
    assert progress(frame("commitments", rows), nothing, on=ON, drafts=True)["seq"].to_list() == [1, 2]
