"""Costs of fixes: traceable to the projects, converted right, and overridable with every fault listed."""

from statistics import median

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import ReferenceDataError, SchemaError
from sisterport.reference import load
from sisterport.shorepower.costs import LEVELS, conversion, fix_costs, price_years, survives

YEARS = [year for year in range(2012, 2024) if year != 2016]  # of 2016 the release was not found


def in_usd(amount: float, currency: str, year: int) -> float:
    """Bring an amount to USD of 2024, by hand."""
    index = dict(load("price_index").select("year", "index_usd").iter_rows())
    rate = 1.0
    for row in load("exchange_rates").iter_rows(named=True):
        if (row["currency"], row["year"]) == (currency, year):
            rate = row["rate"] if row["quoted"] == "usd_per_unit" else 1 / row["rate"]
    return amount * rate * index[2024] / index[year]


def test_new_outlet_is_the_range_of_the_projects_without_converter():
    rows = [
        r
        for r in load("shorepower_projects").iter_rows(named=True)
        if r["side"] == "berth" and r["converter"] == "no" and r["n_berths"] and r["price_year"]
    ]
    each = [in_usd(r["cost_min_million"] * 1e6 / r["n_berths"], r["currency"], r["price_year"]) for r in rows]
    found = fix_costs(price_year=2024).filter(fix_id="new_outlet").row(0, named=True)
    assert len(each) == 4
    assert [found[level] for level in LEVELS] == pytest.approx([min(each), median(each), max(each)], abs=5001)


def test_converter_is_the_difference_between_projects_with_and_without():
    rows = {r["project"]: r for r in load("shorepower_projects").iter_rows(named=True)}
    per_mva = {
        name: in_usd(r["cost_min_million"] * 1e6 / r["mva_total"], r["currency"], r["price_year"])
        for name, r in rows.items()
        if r["mva_total"] and r["price_year"]
    }
    plain = per_mva.pop("Kiel Norwegenkai 2019")
    extra = [7.5 * (v - plain) for name, v in per_mva.items() if rows[name]["converter"][:4] in {"yes", "part"}]
    found = fix_costs(price_year=2024).filter(fix_id="frequency_converter").row(0, named=True)
    assert len(extra) == 3
    assert [found[level] for level in LEVELS] == pytest.approx([min(extra), median(extra), max(extra)], abs=5001)


def test_every_check_that_can_be_mended_has_a_fix_and_every_guess_is_flagged():
    table = fix_costs()
    assert set(table["check_no"]) == set(range(1, 14))
    assert table["fix_id"].is_unique().all()
    assert set(table["side"]) == {"ship", "berth"}
    guesses = table.filter(pl.col("source").str.contains("guess|placeholder"))
    assert set(guesses["status"]) == {"unverified"}
    for row in table.iter_rows(named=True):
        assert 0 < row["cost_low"] <= row["cost_mid"] <= row["cost_high"]


def test_an_answer_names_its_price_year_and_the_weakest_source():
    table = fix_costs(currency="CAD", price_year=2024)
    assert set(table["currency"]) == {"CAD"}
    assert set(table["price_year"]) == {2024}
    assert set(table["conversion_status"]) == {"unverified"}  # the rate of 2024 is from memory
    assert set(fix_costs(price_year=2024, currency="USD")["conversion_status"]) == {"checked"}


@given(
    amount=st.floats(1, 1e9),
    year=st.sampled_from(YEARS),
    other=st.sampled_from(YEARS),
    code=st.sampled_from(["EUR", "CAD", "HKD", "NOK", "USD"]),
)
def test_there_and_back_again_is_the_same_money(amount, year, other, code):
    there = conversion(currency=code, price_year=year, to_currency="USD", to_year=other).factor
    back = conversion(currency="USD", price_year=other, to_currency=code, to_year=year).factor
    assert amount * there * back == pytest.approx(amount, rel=1e-12)


def test_a_known_exchange():
    found = conversion(currency="HKD", price_year=2015, to_currency="USD", to_year=2015)
    assert 315 * found.factor == pytest.approx(40.63, abs=0.01)  # Kai Tak, 315 MHKD


def test_money_that_cannot_be_converted_says_what_there_is():
    with pytest.raises(ReferenceDataError, match=r"no exchange rate of NOK in 2024; there is 2012, 2013"):
        fix_costs(currency="NOK", price_year=2024)
    with pytest.raises(ReferenceDataError, match=r"no exchange rate of EURO in 2020 \(did you mean 'EUR'\?\)"):
        fix_costs(currency="EURO", price_year=2020)
    with pytest.raises(ReferenceDataError, match="no price index of 1980"):
        fix_costs(price_year=1980)
    assert 2025 not in price_years()  # eleven months only


def test_own_prices_replace_those_of_the_table():
    own = pl.DataFrame({"fix_id": ["inlet_retrofit"], "cost_mid": [1e6], "currency": ["EUR"], "price_year": [2023]})
    row = fix_costs(price_year=2023, override=own).filter(fix_id="inlet_retrofit").row(0, named=True)
    assert row["cost_low"] == row["cost_mid"] == row["cost_high"] == pytest.approx(1_081_700)
    assert (row["source"], row["stated_currency"]) == ("given by the caller", "EUR")
    plain, changed = fix_costs(price_year=2023), fix_costs(price_year=2023, override=own)
    others = pl.col("fix_id") != "inlet_retrofit"
    assert changed.filter(others).equals(plain.filter(others))


def test_all_faults_of_own_prices_at_once():
    own = pl.DataFrame(
        {
            "fix_id": ["inlet_retrofitt", "new_outlet", "new_outlet"],
            "cost_low": [1.0, 5.0, None],
            "cost_mid": [2.0, 4.0, -1.0],
            "currency": ["EUR", "USD", None],
            "price_year": [2023, 2023, 2023],
        }
    )
    with pytest.raises(SchemaError) as caught:
        fix_costs(override=own)
    said = str(caught.value)
    for part in (
        "did you mean 'inlet_retrofit'?",
        "not in order (5, 4, 4)",
        "a negative cost",
        "no currency",
        "'new_outlet' stands more than once",
    ):
        assert part in said
    with pytest.raises(SchemaError, match="column 'currency' missing"):
        fix_costs(override=own.drop("currency"))


def test_survival():
    same = survives({"a", "b"}, low=["b", "a"], high=("a", "b"))
    assert same.survives
    assert str(same) == "the choice is the same at low and high cost"
    other = survives({"a", "b"}, low=["a"], high=["a", "c"])
    assert not other.survives
    assert (other.always, other.sometimes) == (("a",), ("b", "c"))
    assert "at low and high cost" in str(other)
