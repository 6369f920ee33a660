"""The EU ETS for shipping against the law by hand and what must always hold."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError, SchemaError
from sisterport.rules import ets

LEGS = st.lists(
    st.tuples(
        st.integers(2024, 2032),
        st.sampled_from(ets.KINDS),
        st.sampled_from(["HFO", "MDO", "LNG_otto_ms", "LNG_lbsi", "MeOH_ng"]),
        st.floats(0, 1e4),
    ),
    min_size=1,
    max_size=8,
)


def fuel(rows) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["year", "kind", "fuel", "mass_t"], orient="row")
    return frame.with_columns(ship_id=pl.lit("imo:1"))


def due(rows) -> pl.DataFrame:
    return ets.allowances(ets.gases(fuel(rows)))


@pytest.mark.parametrize(
    ("year", "kind", "right"),
    [
        (2024, "extra", 0.4 * 0.5 * 3.114),
        (2024, "intra", 0.4 * 3.114),
        (2025, "berth", 0.7 * 3.114),
        (2025, "none", 0.0),
        (2026, "intra", 3.114 + 5e-5 * 28 + 0.00018 * 265),
        (2035, "extra", 0.5 * (3.114 + 5e-5 * 28 + 0.00018 * 265)),
    ],
)
def test_heavy_fuel_oil_by_hand(year, kind, right) -> None:
    assert due([(year, kind, "HFO", 1000.0)])["allowances"].item() == pytest.approx(1000 * right, rel=1e-12)


def test_methane_slip_counts_from_2026() -> None:
    before, after = (due([(year, "intra", "LNG_otto_ms", 1000.0)]) for year in (2025, 2026))
    assert before["allowances"].item() == pytest.approx(0.7 * 0.969 * 2750)
    assert after["allowances"].item() == pytest.approx(969 * (2.75 + 0.00011 * 265) + 31 * 28)
    assert (before["ch4_n2o"].item(), after["ch4_n2o"].item()) == ("not_yet", "counted")


def test_a_round_trip_is_halved_leg_by_leg() -> None:
    """Singapore-Hamburg, berth, Hamburg-Gothenburg, Gothenburg-Singapore: not half of the whole trip."""
    trip = [
        (2026, "extra", "HFO", 1000.0),
        (2026, "berth", "MDO", 20.0),
        (2026, "intra", "HFO", 50.0),
        (2026, "extra", "HFO", 900.0),
    ]
    per_t = {"HFO": 3.114 + 5e-5 * 28 + 0.00018 * 265, "MDO": 3.206 + 5e-5 * 28 + 0.00018 * 265}
    right = per_t["HFO"] * (500 + 50 + 450) + per_t["MDO"] * 20
    assert due(trip)["allowances"].sum() == pytest.approx(right, rel=1e-12)


@given(LEGS, st.floats(0, 500))
def test_additive_over_legs(rows, price) -> None:
    each = sum(due([row])["allowances"].item() for row in rows)
    together = ets.by_ship(ets.gases(fuel(rows)), allowance_eur=price)
    assert together["allowances"].sum() == pytest.approx(each, rel=1e-9, abs=1e-9)
    assert together["cost_eur"].sum() == pytest.approx(price * each, rel=1e-9, abs=1e-6)


@given(LEGS, st.floats(0.1, 10))
def test_proportional_to_mass(rows, factor) -> None:
    more = [(year, kind, name, mass * factor) for year, kind, name, mass in rows]
    assert due(more)["allowances"].sum() == pytest.approx(factor * due(rows)["allowances"].sum(), rel=1e-9, abs=1e-9)


def test_zero_rated_fuel_leaves_methane_and_laughing_gas() -> None:
    rows = pl.DataFrame(
        {
            "ship_id": ["imo:1"] * 2,
            "year": [2026] * 2,
            "kind": ["intra"] * 2,
            "fuel": ["bio_lng_otto_ms"] * 2,
            "mass_t": [100.0] * 2,
            "zero_rated": [True, None],
        }
    )
    found = ets.allowances(ets.gases(rows))
    assert found["allowances"][0] == pytest.approx(96.9 * 0.00011 * 265 + 3.1 * 28)
    assert found["allowances"][1] - found["allowances"][0] == pytest.approx(96.9 * 2.75)
    assert found["status"].to_list() == ["secondary"] * 2
    with pytest.raises(SchemaError, match="'HFO' is fossil and cannot be zero-rated"):
        ets.gases(rows.with_columns(fuel=pl.lit("HFO")))


def test_gases_of_an_inventory_and_what_is_not_known() -> None:
    rows = pl.DataFrame(
        {
            "ship_id": ["imo:1"] * 3,
            "year": [2026, 2026, 2025],
            "kind": ["intra", None, "intra"],
            "scope_share": [None, 0.5, None],
            "co2_t": [100.0, 100.0, 100.0],
            "ch4_t": [1.0, None, None],
            "n2o_t": [0.1, None, None],
        }
    )
    found = ets.allowances(rows)
    assert found["allowances"].to_list() == pytest.approx([100 + 28 + 26.5, 50, 70])
    assert found["ch4_n2o"].to_list() == ["counted", "unknown", "not_yet"]
    assert ets.by_ship(rows, allowance_eur=1.0)["unknown_rows"].to_list() == [0, 1]


def test_ice_class_is_flagged_and_ends() -> None:
    rows = pl.DataFrame({"ship_id": "imo:1", "year": [2030, 2031], "kind": "intra", "co2_t": 100.0, "ice_class": True})
    found = ets.allowances(rows)
    assert found["allowances"].to_list() == pytest.approx([95, 100])
    assert found["status"].to_list() == ["unverified", "checked"]


def test_which_ships() -> None:
    assert ets.applies(5_000, year=2024)
    assert not ets.applies(4_999, year=2024)
    assert [ets.applies(6_000, year=year, offshore=True) for year in (2026, 2027)] == [False, True]
    with pytest.raises(ReferenceDataError, match="gt_threshold"):
        ets.applies(6_000, year=2023)


def test_bad_input_is_refused_all_at_once() -> None:
    with pytest.raises(ReferenceDataError, match=r"phase_in' for 2022.*phase_in' for 2023; there are 2024, 2025, 2026"):
        due([(2023, "intra", "HFO", 1.0), (2022, "intra", "HFO", 1.0)])
    with pytest.raises(SchemaError) as error:
        due([(2026, "intr", "HFO", 1.0), (2026, "bert", "HFO", 1.0), (2026, None, "HFO", 1.0)])
    assert len(error.value.faults) == 3
    with pytest.raises(SchemaError, match="unknown fuel 'HFOO'"):
        due([(2026, "intra", "HFOO", 1.0)])
    with pytest.raises(SchemaError, match=r"mass_t.*below 0"):
        due([(2026, "intra", "HFO", -1.0)])
    with pytest.raises(MethodError, match="did you mean 'intra'"):
        ets.leg_share("intr")
    with pytest.raises(InputError):
        ets.by_ship(ets.gases(fuel([(2026, "intra", "HFO", 1.0)])), allowance_eur=-1.0)
