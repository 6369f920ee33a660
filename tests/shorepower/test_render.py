"""What a reader is told about one pair."""

import json

import polars as pl
import pytest

from sisterport.errors import SchemaError
from sisterport.reference import load
from sisterport.shorepower.costs import fix_costs
from sisterport.shorepower.grades import PRE_SCREEN, checks_of
from sisterport.shorepower.match import match, match_prepared
from sisterport.shorepower.prepare import prepare
from sisterport.shorepower.render import render
from tests.shorepower.handmade import CASES, IMO, assessments_of, inlets_of, outlets_of
from tests.shorepower.worlds import DAY, INLET_FACTS, OUTLET_FACTS, dice, forget, frame, world

SHIP = f"imo:{IMO}"


def reasons_of(case, inlets=None, outlets=None, **options):
    own = inlets_of(case) if inlets is None else inlets
    their = outlets_of(case) if outlets is None else outlets
    registers = prepare(own, their, on=DAY, assessments=assessments_of(case))
    stay = float(CASES[case]["stay_h"]) if CASES[case]["stay_h"] else None
    return render(SHIP, "b1", registers, stay_h=stay, **options)


@pytest.mark.parametrize("case", CASES)
def test_every_hand_made_case_is_told_as_it_was_judged(case):
    reasons = reasons_of(case)
    row = CASES[case]
    assert [str(line.number) for line in reasons.checks if line.answer == "false"] == row["false"].split("|") * bool(
        row["false"]
    )
    assert (reasons.best, reasons.worst) == (int(row["best"]), int(row["worst"]))
    assert [line.check for line in reasons.checks] == load("shorepower_checks")["check_id"].to_list()
    for line in reasons.checks:
        assert line.rule
        assert bool(line.missing) == (line.answer == "unknown"), (line.number, line.answer)
        assert bool(line.ship_fixes or line.berth_fixes) == (line.answer != "true")
        assert all(fact.source and fact.status for fact in line.facts)
    assert json.loads(json.dumps(reasons.to_dict(), default=str))["note"] == PRE_SCREEN
    assert str(reasons).splitlines()[-1] == PRE_SCREEN


def test_random_pairs_are_told_as_the_matrix_has_them():
    for seed in range(6):
        inlets, outlets = world(seed)
        inlets = forget(inlets, "inlet_id", INLET_FACTS, 0.2, dice(seed))
        outlets = forget(outlets, "outlet_id", OUTLET_FACTS, 0.2, dice(seed))
        registers = prepare(frame(inlets, "inlets"), frame(outlets, "outlets"), on=DAY)
        for row in match_prepared(registers, stay_h=6.0).iter_rows(named=True):
            reasons = render(row["ship_id"], row["berth_id"], registers, stay_h=6.0)
            for answer in ("true", "false", "unknown"):
                told = [line.number for line in reasons.checks if line.answer == answer]
                assert told == checks_of(row[f"checks_{answer}"])
            assert (reasons.grade, reasons.best, reasons.worst) == (row["grade"], row["best"], row["worst"])
            assert (reasons.inlet_id, reasons.outlet_id) == (row["inlet_id"], row["outlet_id"])


def test_evidence_names_the_source_of_each_value_rather_than_of_its_row():
    outlets = outlets_of("5-false").with_columns(
        frequency_hz_source=pl.lit("inferred (grid)"), frequency_hz_status=pl.lit("unverified")
    )
    line = reasons_of("5-false", outlets=outlets.with_columns(source=pl.lit("port"), status=pl.lit("checked"))).checks[
        4
    ]
    facts = {(fact.side, fact.column): fact for fact in line.facts}
    assert facts["berth", "frequency_hz"].source == "inferred (grid)"
    assert facts["berth", "frequency_hz"].status == "unverified"
    assert "frequency 50 Hz" in str(facts["berth", "frequency_hz"])


def test_facts_to_obtain_are_those_that_would_decide():
    assert reasons_of("6-unknown-range").missing == ("ship: peak_mw",)
    assert reasons_of("7-unknown").missing == ("berth: connector",)
    assert reasons_of("6-unknown-factor").missing == ("ship: power_factor",)
    assert reasons_of("6-unknown-plant").missing[0] == "berth: plant_power_mva"
    assert reasons_of("12-unknown-stay").missing == ("pair: stay_h",)
    assert reasons_of("13-unknown").missing == ("pair: assessment",)
    assert reasons_of("5-unknown-pairs").missing == ("berth: pair",)
    assert reasons_of("2-unknown").missing[:3] == ("ship: kind", "ship: profile", "ship: has_inlet")


def test_learning_a_missing_fact_decides_the_pair():
    """What is named as missing is what was forgotten: tell it again, and the pair is decided."""
    for case in ("1-unknown", "7-unknown", "8-unknown", "9-unknown-side", "10-unknown", "6-unknown-outlet"):
        row = CASES[case]
        side, column = reasons_of(case).missing[0].split(": ")
        known = (inlets_of if side == "ship" else outlets_of)(row["base"])[column][0]
        told = {"ship": {}, "berth": {}} | {side: {column: known}}
        found = match(inlets_of(case, **told["ship"]), outlets_of(case, **told["berth"]), on=DAY, stay_h=24.0,
                      assessments=assessments_of(case))  # fmt: skip
        assert found["grade"].to_list() == [0], case


def test_fixes_cost_what_the_costs_say():
    reasons = reasons_of("5-false")
    costs = fix_costs()
    converter = costs.filter(fix_id="ship_converter").row(0, named=True)
    assert reasons.mending.cheapest.ids == ("ship_converter",)
    assert (reasons.mending.cheapest.low, reasons.mending.cheapest.high) == (
        converter["cost_low"],
        converter["cost_high"],
    )
    assert reasons.mending.berth_only.ids == ("frequency_converter",)
    assert f"costs low / mid / high in USD of {costs['price_year'][0]}" in str(reasons)
    euro = reasons_of("5-false", costs=fix_costs(currency="EUR", price_year=2019))
    assert (euro.currency, euro.price_year) == ("EUR", 2019)


def test_where_one_side_alone_cannot_mend_it_there_is_no_such_set():
    reasons = reasons_of("both-sides")
    assert reasons.mending.cheapest.ids == ("inlet_retrofit", "new_outlet")
    assert reasons.mending.ship_only is None
    assert reasons.mending.berth_only is None


def test_a_ship_that_nobody_knows_is_refused():
    registers = prepare(inlets_of("container"), outlets_of("container"), on=DAY)
    with pytest.raises(SchemaError, match="no ship 'imo:1'"):
        render("imo:1", "b1", registers)
