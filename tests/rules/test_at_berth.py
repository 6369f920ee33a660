"""California: each visit for itself; exempt and incident visits are not "controlled"."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.rules import at_berth


def _visit(ship_class="container", locode="USLAX", year=2025, **more):
    row = {
        "ship_class": ship_class,
        "locode": locode,
        "arrival_utc": datetime(year, 6, 1, tzinfo=UTC),
        "berth_h": 30.0,
        "connect_after_h": 1.0,
        "disconnect_before_pilot_h": 0.5,
    }
    return pl.DataFrame([row | more], infer_schema_length=None)


def _outcome(*args, **kwargs):
    return at_berth.visits(_visit(*args, **kwargs))["outcome"].item()


@pytest.mark.parametrize(
    ("after", "before", "good"), [(2, 1, True), (2.01, 1, False), (2, 1.01, False), (0, 0, True), (None, 0, False)]
)
def test_two_hours_after_arrival_and_one_before_departure(after, before, good):
    assert at_berth.controlled(berth_h=30, connect_after_h=after, disconnect_before_pilot_h=before) is good
    outcome = _outcome(connect_after_h=after, disconnect_before_pilot_h=before)
    assert outcome == ("controlled" if good else "uncontrolled")


@given(st.floats(3, 200), st.floats(0, 2), st.floats(0, 1))
def test_the_length_of_the_stay_does_not_matter(berth_h, after, before):
    assert at_berth.controlled(berth_h=berth_h, connect_after_h=after, disconnect_before_pilot_h=before)


@pytest.mark.parametrize(
    ("ship_class", "locode", "first"),
    [
        ("container", "USOAK", 2023),
        ("refrigerated_bulk", "USNTD", 2023),
        ("cruise", "USSAN", 2023),
        ("vehicle", "USNTD", 2025),
        ("oil_tanker", "USLAX", 2025),
        ("chemical_tanker", "USLGB", 2025),
        ("oil_tanker", "USRCH", 2027),
    ],
)
def test_first_year_by_type_and_for_tankers_by_port(ship_class, locode, first):
    assert _outcome(ship_class, locode, first) == "controlled"
    if first > 2023:
        assert _outcome(ship_class, locode, first - 1) == "not_yet"


def test_visits_before_the_regulation_are_refused():
    with pytest.raises(ReferenceDataError, match="carb_at_berth has no rule before 2023-01-01"):
        at_berth.visits(_visit(year=2022))


def test_exempt_and_incident_visits_are_outcomes_of_their_own():
    assert _outcome(exempt="safety_emergency", connect_after_h=None) == "exempt"
    assert _outcome(incident="terminal", connect_after_h=None) == "incident"
    assert _outcome(remediation="repair", connect_after_h=None) == "remediation"
    assert _outcome("bulk_carrier", connect_after_h=None) == "not_covered"
    assert _outcome("unknown_cargo") == "unknown"
    assert at_berth.visits(_visit(locode="USSEA"))["reason"].item() == "port outside California"


def test_result_shows_by_how_much_and_how_far_it_was_checked():
    row = at_berth.visits(_visit(connect_after_h=2.5, disconnect_before_pilot_h=1.25)).row(0, named=True)
    assert (row["late_h"], row["early_h"], row["uncontrolled_h"]) == (0.5, 0.25, 3.75)
    assert row["reason"] == "control began too late; control ended too early"
    assert (row["status"], row["clause"]) == ("secondary", "17 CCR 93130.7")
    assert at_berth.visits(_visit(connect_after_h=None))["uncontrolled_h"].item() == 30


def test_all_faults_at_once():
    with pytest.raises(SchemaError, match="3 faults"):
        at_berth.visits(_visit(exempt="holiday", incident="ship", berth_h=1.0, connect_after_h=2.0))
    with pytest.raises(InputError, match="did you mean 'container'"):
        at_berth.visits(_visit("contaner"))
    with pytest.raises(InputError, match="do not fit"):
        at_berth.controlled(berth_h=2, connect_after_h=2, disconnect_before_pilot_h=1)


def test_incident_events_are_a_share_of_last_years_visits_in_whole_visits():
    assert at_berth.incident_events(last_year_visits=103, year=2023, kind="terminal") == 15
    assert at_berth.incident_events(last_year_visits=103, year=2025, kind="terminal") == 5
    assert at_berth.incident_events(last_year_visits=30, year=2025, kind="vessel") == 2  # 1.5, up
    with pytest.raises(ReferenceDataError, match="incident_share has no row in force on 2022-01-01"):
        at_berth.incident_events(last_year_visits=10, year=2022, kind="vessel")


@given(st.integers(0, 5000), st.sampled_from([2023, 2024, 2025, 2030]), st.sampled_from(["terminal", "vessel"]))
def test_incident_events_are_never_more_than_the_share_and_a_half(visits, year, kind):
    share = 0.15 if kind == "terminal" and year < 2025 else 0.05
    assert abs(at_berth.incident_events(last_year_visits=visits, year=year, kind=kind) - share * visits) <= 0.5 + 1e-9


def test_low_activity_needs_both_years():
    assert at_berth.terminal_exempt([19, 19])
    assert not at_berth.terminal_exempt([19, 20])
    with pytest.raises(InputError):
        at_berth.terminal_exempt([19])


def test_approved_strategies_are_strictly_below_the_rates():
    assert at_berth.strategy_approved(nox_g_per_kwh=2.79, pm25_g_per_kwh=0.029, rog_g_per_kwh=0.09)
    assert not at_berth.strategy_approved(nox_g_per_kwh=2.8, pm25_g_per_kwh=0.029, rog_g_per_kwh=0.09)
    assert not at_berth.strategy_approved(nox_g_per_kwh=1, pm25_g_per_kwh=0.03, rog_g_per_kwh=0.09)
    assert not at_berth.strategy_approved(nox_g_per_kwh=1, pm25_g_per_kwh=0.01, rog_g_per_kwh=0.1)
