"""World Heritage fjords: who, from when, and what is allowed."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from sisterport.errors import InputError, ReferenceDataError
from sisterport.rules import norway


def _passage(**change):
    row = {
        "ship_class": "cruise",
        "gt": 8000.0,
        "time_utc": datetime(2026, 7, 1, tzinfo=UTC),
        "fjord": "Geirangerfjord",
        "co2_t": 0.0,
        "ch4_t": 0.0,
    }
    return norway.passages(pl.DataFrame([row | change], infer_schema_length=None)).row(0, named=True)


@pytest.mark.parametrize(
    ("gt", "on", "required"),
    [
        (9999, date(2026, 1, 1), True),
        (10_000, date(2026, 1, 1), False),
        (10_000, date(2031, 12, 31), False),
        (10_000, date(2032, 1, 1), True),
        (None, date(2026, 1, 1), None),
        (None, date(2032, 1, 1), True),
    ],
)
def test_small_ships_from_2026_all_from_2032(gt, on, required):
    assert norway.zero_required(gt=gt, on=on) is required


def test_days_before_the_rule_are_refused():
    with pytest.raises(ReferenceDataError, match="norway_fjords has no rule before 2026-01-01"):
        norway.zero_required(gt=9999, on=date(2025, 12, 31))


@pytest.mark.parametrize(
    "name", ["Nærøyfjord", "Naeroyfjord", "Nærøyfjorden", "aurlandsfjord", "Sunnylvsfjorden", "Tafjord", "TAFJORDEN"]
)
def test_the_five_fjords_in_their_spellings(name):
    assert norway.is_world_heritage(name)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"fjord": "Sognefjord"}, "not a World Heritage fjord"),
        ({"ship_class": "bulk_carrier"}, "not a passenger ship"),
        ({"gt": 90_000.0}, "10,000 GT or more: from 2032-01-01"),
    ],
)
def test_who_is_free(change, reason):
    row = _passage(co2_t=5.0, **change)
    assert (row["zero_required"], row["compliant"], row["reason"]) == (False, True, reason)


def test_any_fossil_carbon_breaks_the_rule_but_pilot_fuel_and_biogas_do_not():
    assert _passage()["compliant"] is True
    assert _passage(co2_t=0.1)["compliant"] is False
    assert _passage(ch4_t=0.01)["compliant"] is False
    assert _passage(co2_t=5.0, allowed_co2_t=5.0)["compliant"] is True
    assert _passage(co2_t=5.0, allowed_co2_t=2.0)["excess_co2_t"] == 3
    assert _passage(co2_t=None)["compliant"] is None
    assert _passage(co2_t=None, ch4_t=1.0)["compliant"] is False


def test_shore_power_where_it_is_at_hand_also_for_large_ships():
    large = _passage(gt=90_000.0, shore_available=True, shore_used=False)
    assert (large["must_connect"], large["connected"]) == (True, False)
    assert _passage(shore_available=False)["must_connect"] is False
    assert _passage(shore_available=None)["must_connect"] is None


def test_unknown_classes_are_open_and_misspelt_ones_refused():
    assert _passage(ship_class="unknown")["zero_required"] is None
    with pytest.raises(InputError, match="did you mean 'cruise'"):
        _passage(ship_class="cruse")
