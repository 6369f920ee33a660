"""AFIR Art 9: counted calls, strictly above the mean, 90 % rounded up."""

from datetime import UTC, datetime
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.rules import afir


def _calls(numbers, ship_class="container", locode="NLRTM", **more):
    """Return so many calls in each year."""
    rows = [
        {"locode": locode, "ship_class": ship_class, "gt": 80_000.0, "quay_h": 20.0}
        | {"arrival_utc": datetime(year, 3, 1, tzinfo=UTC)}
        | more
        for year, number in numbers.items()
        for _ in range(number)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _ports(ten_t="core", locode="NLRTM", **more):
    return pl.DataFrame([{"locode": locode, "ten_t": ten_t} | more])


def _one(calls, year=2030, ports=None, **options):
    return afir.duties(calls, year=year, ports=_ports() if ports is None else ports, **options).row(0, named=True)


@given(st.integers(0, 100_000))
def test_ninety_per_cent_rounded_up(calls):
    required = afir.required_calls(calls=calls)
    assert required - 1 < Fraction(9, 10) * calls <= required


@pytest.mark.parametrize(
    ("ship_class", "category", "threshold"),
    [("container", "container", 100), ("ferry_ropax", "ropax", 40), ("cruise", "passenger_other", 25)],
)
def test_the_mean_must_be_strictly_above_the_threshold(ship_class, category, threshold):
    at = _one(_calls({2027: threshold, 2028: threshold, 2029: threshold}, ship_class))
    above = _one(_calls({2027: threshold, 2028: threshold, 2029: threshold + 1}, ship_class))
    assert (at["category"], at["duty"], at["required_calls"]) == (category, False, None)
    assert above["duty"] is True
    assert above["mean_calls"] == pytest.approx(threshold + 1 / 3)


def test_required_and_missing_calls_of_the_year():
    calls = pl.concat(
        [
            _calls({2027: 110, 2028: 120, 2029: 130}, served=False),
            _calls({2030: 60}, served=True),
            _calls({2030: 80}, served=False),
        ]
    )
    row = _one(calls)
    assert (row["calls"], row["calls_source"]) == (140, "year")
    assert (row["required_calls"], row["served_calls"], row["missing_calls"]) == (126, 60, 66)
    assert row["mean_years"] == "2027, 2028, 2029"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gt": 5000.0}, "too small"),
        ({"quay_h": 1.99}, "too short"),
        ({"zero_emission": True}, "zero-emission technology"),
        ({"safety": True}, "unscheduled for safety"),
        ({"ship_class": "bulk_carrier"}, "class of ship not covered"),
    ],
)
def test_calls_that_do_not_count(change, reason):
    calls = _calls({2029: 1}, **change)
    assert afir.counted(calls).select("counts", "counts_reason").row(0) == (False, reason)


@pytest.mark.parametrize("unknown", [{"gt": None}, {"quay_h": None}, {"ship_class": "unknown"}])
def test_calls_of_which_it_is_not_known_leave_the_duty_open(unknown):
    years = (2027, 2028, 2029)
    sure = _calls(dict.fromkeys(years, 90))
    maybe = _calls(dict.fromkeys(years, 20), **unknown)
    row = _one(pl.concat([sure, maybe], how="vertical_relaxed"))
    assert (row["duty"], row["mean_calls"], row["mean_calls_high"], row["not_known"]) == (None, 90, 110, 60)
    assert _one(pl.concat([sure, maybe.head(9)], how="vertical_relaxed"))["duty"] is False


@pytest.mark.parametrize(
    ("ports", "duty"),
    [
        (_ports("core"), True),
        (_ports("comprehensive"), True),
        (_ports("none"), False),
        (_ports(None), None),
        (_ports("core", island_without_grid=True), False),
        (_ports("core", "DEHAM"), None),
    ],
)
def test_core_and_comprehensive_ports(ports, duty):
    assert _one(_calls({2027: 200, 2028: 200, 2029: 200}), ports=ports)["duty"] is duty


def test_ports_outside_the_eu():
    years = {2027: 200, 2028: 200, 2029: 200}
    assert _one(_calls(years, locode="CNSGH"))["reason"] == "not in the EU"
    assert _one(_calls(years, locode="NOOSL"), ports=_ports("core", "NOOSL"))["duty"] is None


def test_not_before_the_end_of_2029_and_todays_calls_only_if_said():
    calls = _calls({2022: 150})
    with pytest.raises(ReferenceDataError, match="required_share has no row in force on 2029-01-01"):
        _one(calls, year=2029)
    with pytest.raises(InputError, match="none of the years"):
        _one(calls)
    row = _one(calls, mean_years=[2022])
    assert (row["required_calls"], row["calls_source"], row["mean_years"]) == (135, "mean", "2022")


def test_bad_words_and_no_calls():
    with pytest.raises(SchemaError, match="ten_t 'yes'"):
        _one(_calls({2029: 1}), ports=_ports("yes"))
    assert afir.duties(_calls({2029: 3}, "bulk_carrier"), year=2030).is_empty()


def test_uncertain_rows_carry_their_status():
    row = _one(_calls({2027: 200, 2028: 200, 2029: 200}))
    assert row["status"] == "unverified"  # what is not counted was not read in the law
    assert row["row"] == "port_rules: afir/container/calls_threshold"
