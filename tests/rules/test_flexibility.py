"""Banking, borrowing and when a pool is valid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, ReferenceDataError
from sisterport.rules import flexibility, fueleu

BALANCES = st.lists(st.integers(-50, 50), min_size=1, max_size=6)


@given(st.floats(0, 1e10), st.integers(2025, 2055))
def test_borrowing_is_two_per_cent_of_the_limit(energy, year) -> None:
    found = flexibility.borrowing(energy, year=year)
    assert found.most_g == pytest.approx(0.02 * fueleu.limit(year).value * energy)
    assert found.debt_g == pytest.approx(1.1 * found.most_g)
    assert found.status == "checked"


def test_no_borrowing_twice_or_in_a_pool() -> None:
    assert flexibility.borrowing(1e6, year=2030, borrowed_before=True).most_g == 0
    assert flexibility.borrowing(1e6, year=2030, pooled=True).most_g == 0
    with pytest.raises(ReferenceDataError, match="2024"):
        flexibility.borrowing(1e6, year=2024)
    with pytest.raises(InputError):
        flexibility.borrowing(-1.0, year=2030)


def test_adjusted_balance() -> None:
    assert flexibility.adjusted_balance(-10.0, banked_before=4.0, borrowed_before=10.0) == pytest.approx(-17.0)
    with pytest.raises(InputError):
        flexibility.adjusted_balance(0.0, banked_before=-1.0)


@given(BALANCES)
def test_a_pool_is_possible_if_and_only_if_its_total_is_above_zero(before) -> None:
    found = flexibility.pool(before)
    assert found.total == sum(before)
    assert found.valid == (sum(before) > 0)


@given(BALANCES, st.data())
def test_allocations_that_keep_the_article_are_valid(before, data) -> None:
    """Take from surplus only, give to anyone: balances of a pool add up to its total and nobody is worse off."""
    after = list(before)
    for _ in range(data.draw(st.integers(0, 6))):
        giver = data.draw(st.integers(0, len(before) - 1))
        taker = data.draw(st.integers(0, len(before) - 1))
        amount = data.draw(st.integers(0, max(0, after[giver])))
        after[giver] -= amount
        after[taker] += amount
    assert sum(after) == sum(before)
    found = flexibility.pool(before, after)
    assert found.valid == (sum(before) > 0)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ([-5.0, 10.0], [-6.0, 11.0], "larger deficit"),
        ([-5.0, 10.0], [6.0, -1.0], "leaves with one"),
        ([-5.0, 10.0], [0.0, 6.0], "more is shared out"),
        ([-5.0, 5.0], [0.0, 0.0], "not above 0"),
        ([-5.0, 0.0, 6.0], [2.0, -1.0, 0.0], "ship 2 had no deficit"),
    ],
)
def test_each_fault_is_named(before, after, fault) -> None:
    found = flexibility.pool(before, after)
    assert not found.valid
    assert any(fault in line for line in found.faults)


def test_part_of_a_deficit_may_stay_in_a_valid_pool() -> None:
    assert flexibility.pool({"a": -5.0, "b": 10.0}, {"a": -1.0, "b": 6.0}).valid


def test_rounding_is_forgiven_only_as_far_as_asked() -> None:
    assert not flexibility.pool([-5.0, 10.0], [-5.001, 10.001]).valid
    assert flexibility.pool([-5.0, 10.0], [-5.001, 10.001], tolerance=0.01).valid
    with pytest.raises(InputError, match="differ"):
        flexibility.pool({"a": 1.0}, {"b": 1.0})
