"""Who must plug in under FuelEU Article 6, and what it costs not to."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.rules import fueleu_ops

CALL = {
    "ship_id": "imo:1",
    "year": 2030,
    "ship_class": "container",
    "gt": 90_000.0,
    "hours": 20.0,
    "afir_port": True,
    "quay_equipped": True,
    "connected": False,
    "demand_kw": 2_000.0,
}


def outcome(**changes) -> str:
    frame = pl.DataFrame([CALL | changes], schema_overrides={"connected": pl.Boolean, "verdict": pl.Int64})
    return fueleu_ops.berth_calls(frame)["outcome"].item()


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({}, "not_compliant"),
        ({"connected": True}, "connected"),
        ({"connected": None}, "open"),
        ({"year": 2029}, "not_covered"),
        ({"gt": 5_000.0}, "not_covered"),
        ({"gt": 5_000.5}, "not_compliant"),
        ({"ship_class": "bulk_carrier"}, "not_covered"),
        ({"ship_class": "cruise"}, "not_compliant"),
        ({"ship_class": "ferry_ropax"}, "not_compliant"),
        ({"ship_class": "passenger"}, "not_compliant"),
        ({"hours": 1.99}, "short_stay"),
        ({"hours": 2.0}, "not_compliant"),
        ({"afir_port": False}, "not_covered"),
        ({"afir_port": False, "year": 2035}, "not_compliant"),
        ({"afir_port": False, "year": 2035, "quay_equipped": False}, "not_covered"),
        ({"afir_port": False, "extended_port": True}, "not_compliant"),
        ({"afir_port": False, "extended_port": True, "year": 2035, "quay_equipped": False}, "not_covered"),
        ({"quay_equipped": False}, "excepted"),
        ({"exception": "zero_emission"}, "excepted"),
        ({"exception": "grid_risk"}, "excepted"),
        ({"verdict": 4, "ship_certified": True}, "excepted"),
        ({"verdict": 4, "ship_certified": False}, "not_compliant"),
        ({"verdict": 4}, "not_compliant"),
        ({"verdict": 3, "ship_certified": True}, "not_compliant"),
        ({"verdict": 0, "ship_certified": True}, "not_compliant"),
        ({"verdict": None, "ship_certified": True}, "not_compliant"),
        ({"verdict": 4, "ship_certified": True, "connected": True}, "connected"),
    ],
)
def test_who_must_connect(changes, right) -> None:
    assert outcome(**changes) == right


def test_the_source_of_an_exception_is_told() -> None:
    rows = [
        CALL | {"exception": "test", "verdict": 4, "ship_certified": True},
        CALL | {"exception": None, "verdict": 4, "ship_certified": True},
        CALL | {"exception": None, "verdict": None, "ship_certified": None, "quay_equipped": False},
        CALL | {"exception": "grid_risk", "verdict": None, "ship_certified": None, "connected": True},
    ]
    found = fueleu_ops.berth_calls(pl.DataFrame(rows, infer_schema_length=None))
    assert found["exception_used"].to_list() == ["test", "incompatible", "no_free_point", None]
    assert found["exception_source"].to_list() == ["claimed", "verdict", "quay", None]
    assert found["status"].to_list() == ["unverified", "secondary", "unverified", "checked"]
    assert found["penalty_eur"].sum() == 0


@given(st.floats(0, 50_000), st.floats(0, 500))
def test_hours_are_rounded_up(demand, hours) -> None:
    found = fueleu_ops.penalty(demand, hours, year=2031)
    assert found.value == pytest.approx(1.5 * demand * math.ceil(hours))
    assert found.status == "unverified"


def test_a_frame_pays_what_one_call_pays() -> None:
    rows = pl.DataFrame([CALL | {"hours": 13.2, "demand_kw": 4000.0}, CALL | {"hours": 13.2, "demand_kw": None}])
    found = fueleu_ops.berth_calls(rows)
    assert found["penalty_eur"].to_list() == [fueleu_ops.penalty(4000.0, 13.2, year=2030).value, None]
    assert found["penalty_eur"][0] == 84_000
    assert found["status"].to_list() == ["unverified"] * 2


@pytest.mark.parametrize(("calls", "allowed"), [(4, 1), (25, 3), (200, 10)])
def test_exceptions_are_capped_from_2035(calls, allowed) -> None:
    """The lower of 10 % of the calls, rounded up, and 10; the first ones in time are the ones that count."""
    rows = pl.DataFrame([CALL | {"year": 2035, "exception": "capacity"}] * calls).with_columns(
        start_utc=pl.datetime_range(
            pl.datetime(2035, 1, 1), pl.datetime(2035, 1, 1) + pl.duration(days=calls - 1), "1d", time_zone="UTC"
        ).reverse()
    )
    found = fueleu_ops.berth_calls(rows)
    assert (found["outcome"] == "excepted").sum() == allowed
    assert (found["outcome"] == "cap_exceeded").sum() == calls - allowed
    assert set(found.filter(outcome="excepted")["start_utc"]) == set(found["start_utc"].sort()[:allowed])
    assert (found["penalty_eur"] > 0).sum() == calls - allowed
    before = fueleu_ops.berth_calls(rows.with_columns(year=pl.lit(2034)))
    assert (before["outcome"] == "excepted").all()
    free = fueleu_ops.berth_calls(rows.with_columns(exception=pl.lit("safety_call")))
    assert (free["outcome"] == "excepted").all()


def test_the_cap_is_per_ship() -> None:
    rows = pl.DataFrame([CALL | {"ship_id": f"imo:{i % 2}", "year": 2036, "exception": "capacity"} for i in range(6)])
    found = fueleu_ops.berth_calls(rows)
    assert found.filter(outcome="excepted")["ship_id"].sort().to_list() == ["imo:0", "imo:1"]


def test_rows_keep_their_order() -> None:
    rows = pl.DataFrame([CALL | {"ship_id": f"imo:{i}", "hours": float(9 - i)} for i in (3, 1, 2)])
    assert fueleu_ops.berth_calls(rows)["ship_id"].to_list() == ["imo:3", "imo:1", "imo:2"]


def test_bad_input_is_refused() -> None:
    with pytest.raises(SchemaError, match="did you mean 'grid_risk'"):
        outcome(exception="grid_rsk")
    with pytest.raises(InputError):
        fueleu_ops.penalty(-1.0, 1.0, year=2030)
    with pytest.raises(ReferenceDataError, match="fueleu_rules has no row 'ops_penalty' for 2029; there are 2030 on"):
        fueleu_ops.penalty(1.0, 1.0, year=2029)
