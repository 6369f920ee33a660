"""The cheapest legal pools against every plan there is, and what must always hold."""

from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, ReferenceDataError, SchemaError
from sisterport.rules.flexibility import pool
from sisterport.rules.fueleu import limit, penalty_rate
from sisterport.rules.fueleu_balance import balances
from sisterport.rules.pooling import PoolingPlan, cheapest_pools, surplus_worth
from sisterport.rules.pooling_audit import audit
from tests.rules.pooling_brute import LOAN, UNIT_T, cheapest, cheapest_alone

INTENSITIES = [86.0, 90.0, 91.6, 95.0]
START = 2026


def fleet(balance, intensity=None, *, most_borrowed=1e9, **columns) -> pl.DataFrame:
    """Ships by years as the table ``pooling_fleet``; the energy is such that 2 % of it times the limit can be lent."""
    rows = [
        {
            "ship_id": f"imo:{ship}",
            "year": START + year,
            "balance_t": float(amount),
            "energy_mj": most_borrowed * 1e6 / (0.02 * limit(START + year).value),
            "intensity_g_per_mj": intensity[ship][year] if intensity else 91.6,
        }
        for ship, amounts in enumerate(balance)
        for year, amount in enumerate(amounts)
    ]
    return pl.DataFrame(rows).with_columns(**columns)


def check(ships: pl.DataFrame, found: PoolingPlan, outside_t=None) -> None:
    """What every plan must keep."""
    assert audit(ships, found.plan, outside_t=outside_t) == []
    assert found.plan["penalty_eur"].sum() == pytest.approx(found.cost_eur)
    assert found.bound_eur <= found.cost_eur * (1 + 1e-9)
    assert found.cost_eur <= found.bound_eur * (1 + 1.1e-5) + 1e-6  # the gap of the search, and its own rounding
    assert found.ships["settled_eur"].sum() == pytest.approx(found.cost_eur, rel=1e-6, abs=1e-6)
    if outside_t is None:
        assert found.cost_eur <= found.alone_eur * (1 + 1e-6) + 1e-9
        worse = found.ships.filter(pl.col("settled_eur") > pl.col("alone_eur") * (1 + 1e-6) + 1e-9)
        assert worse.is_empty()
    for (year,), rows in found.plan.filter("pooled").group_by("year"):
        brought = (outside_t or {}).get(year, 0)
        assert -1e-6 <= rows["final_t"].sum() - rows["adjusted_t"].sum() <= brought + 1e-6


@st.composite
def small_fleets(draw, largest=5):
    ships, years = draw(st.sampled_from([(1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2)]))
    amounts = st.integers(-largest, largest - 1)
    balance = [[draw(amounts) for _ in range(years)] for _ in range(ships)]
    intensity = [[draw(st.sampled_from(INTENSITIES)) for _ in range(years)] for _ in range(ships)]
    return balance, intensity


def _in_units(balance, intensity, most_borrowed=0.0):
    rate = [[penalty_rate(value).value for value in row] for row in intensity]
    ships = fleet([[a * UNIT_T for a in row] for row in balance], intensity, most_borrowed=most_borrowed)
    return ships, rate


@settings(max_examples=120)
@given(small_fleets())
def test_no_plan_is_cheaper_and_this_one_is_legal(case) -> None:
    """Without borrowing the best plan lies on the grid: the optimiser must find exactly the cheapest of all."""
    balance, intensity = case
    ships, rate = _in_units(balance, intensity)
    found = cheapest_pools(ships, borrow=False)
    check(ships, found)
    assert found.cost_eur == pytest.approx(cheapest(balance, rate), rel=1e-5, abs=1e-9)


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.integers(-14, 13), min_size=3, max_size=3), min_size=1, max_size=2),
    st.lists(st.sampled_from(INTENSITIES), min_size=6, max_size=6),
)
def test_with_borrowing_no_plan_on_the_grid_is_cheaper(balance, intensities) -> None:
    intensity = [intensities[:3], intensities[3:]][: len(balance)]
    ships, rate = _in_units(balance, intensity, most_borrowed=LOAN * UNIT_T)
    found = cheapest_pools(ships)
    check(ships, found)
    assert found.cost_eur <= cheapest(balance, rate, most_borrowed=LOAN) * (1 + 1e-5) + 1e-9


@settings(max_examples=60)
@given(
    st.integers(1, 5).flatmap(
        lambda years: st.tuples(
            st.lists(st.integers(-60, 60), min_size=years, max_size=years),
            st.lists(st.sampled_from(INTENSITIES), min_size=years, max_size=years),
        )
    ),
    st.sampled_from([5.0, 20.0, 100.0]),
)
def test_a_ship_alone_borrows_as_well_as_can_be(case, most) -> None:
    balance, intensity = case
    ships = fleet([balance], [intensity], most_borrowed=most)
    found = cheapest_pools(ships, pool=False)
    check(ships, found)
    right = cheapest_alone(
        [float(a) for a in balance], [penalty_rate(i).value for i in intensity], [most] * len(balance)
    )
    assert found.cost_eur == pytest.approx(right, rel=1e-5, abs=1e-3)
    assert found.alone_eur == pytest.approx(found.cost_eur, rel=1e-5, abs=1e-3)


def test_a_debt_paid_to_the_last_tonne_leaves_no_deficit_of_rounding() -> None:
    """-2e-16 t once counted as a year with a penalty, and the next penalty as the fourth in a row."""
    ships = fleet([[-5, -1, 1, -1]], [[86.0] * 4], most_borrowed=5.0)
    found = cheapest_pools(ships, pool=False)
    check(ships, found)
    assert found.plan["penalty_n"].to_list() == [1, 2, 0, 1]


BIG = st.lists(st.lists(st.integers(-900, 700), min_size=3, max_size=3), min_size=2, max_size=6)


@pytest.mark.parametrize(
    "balance",
    [
        [[0, 157, 5], [4, -13, -1], [40, 0, -607]],
        [[0, -4, 1], [0, -2, 0], [2, -1, -88]],
        [[0, -3, 1], [0, -3, 0], [3, -1, -88]],
    ],
)
def test_pools_within_the_gap_of_the_search_are_not_taken_where_none_is_cheaper(balance) -> None:
    """The search may stop at pools that cost a hundred-thousandth more than no pools at all."""
    ships = fleet(balance, [[86.0] * 3] * 3, most_borrowed=50.0)
    check(ships, cheapest_pools(ships))


@settings(max_examples=30)
@given(BIG, st.data())
def test_pooling_never_costs_more_and_every_freedom_helps(balance, data) -> None:
    values = st.sampled_from(INTENSITIES)
    intensity = [[data.draw(values) for _ in row] for row in balance]
    ships = fleet(balance, intensity, most_borrowed=50.0)
    both = cheapest_pools(ships)
    check(ships, both)
    for less in ({"pool": False}, {"borrow": False}):
        assert both.cost_eur <= cheapest_pools(ships, **less).cost_eur * (1 + 1e-5) + 1e-3


@settings(max_examples=25)
@given(BIG, st.integers(0, 5), st.integers(1, 500))
def test_a_better_balance_never_costs_more(balance, ship, more) -> None:
    better = [list(row) for row in balance]
    better[ship % len(balance)][0] += more
    one, other = (cheapest_pools(fleet(amounts, most_borrowed=30.0)) for amounts in (balance, better))
    least_total_eur = 1e-5 * 1200 * penalty_rate(91.6).value  # grows with the largest balance of the fleet
    assert other.cost_eur <= one.cost_eur * (1 + 1e-5) + 2 * least_total_eur


@settings(max_examples=25)
@given(BIG, st.floats(1, 1e4))
def test_the_unit_does_not_matter(balance, factor) -> None:
    scaled = [[amount * factor for amount in row] for row in balance]
    one, other = (
        cheapest_pools(fleet(amounts, most_borrowed=30.0 * by)) for amounts, by in ((balance, 1), (scaled, factor))
    )
    smallest_pool_eur = 2 * 0.001 * penalty_rate(91.6).value  # a pool's least total is told in tonnes
    assert other.cost_eur == pytest.approx(one.cost_eur * factor, rel=1e-4, abs=smallest_pool_eur * factor)


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_of_one_search_holds_for_another(seed) -> None:
    """The same fleet under other names is searched in another order: neither may beat what the other has proven."""
    random = Random(seed)  # noqa: S311
    names = [f"imo:{i}" for i in range(14)]
    clean = {name: random.random() < 0.2 for name in names}
    intensity = [[(81.0 if clean[name] else 91.2) + random.gauss(0, 0.5) for _ in range(3)] for name in names]
    energy = [[random.lognormvariate(19, 0.8) for _ in range(3)] for _ in names]
    balance = [
        [(89.3368 - i) * e / 1e6 for i, e in zip(*rows, strict=True)] for rows in zip(intensity, energy, strict=True)
    ]
    ships = fleet(balance, intensity, most_borrowed=100.0)
    other = ships.with_columns(ship_id=pl.col("ship_id").replace(dict(zip(names, reversed(names), strict=True))))
    one, two = cheapest_pools(ships), cheapest_pools(other)
    check(ships, one)
    check(other, two)
    assert one.cost_eur >= two.bound_eur * (1 - 1e-7)
    assert two.cost_eur >= one.bound_eur * (1 - 1e-7)
    assert one.gap < 1.1e-5


def test_a_knapsack_where_the_largest_deficit_does_not_fit() -> None:
    """110 t of surplus: 60 and 45 together beat 100 alone, though 100 is the dearest ship."""
    ships = fleet([[-100], [-60], [-45], [110]])
    found = cheapest_pools(ships)
    check(ships, found)
    assert found.plan.filter("pooled")["ship_id"].to_list() == ["imo:1", "imo:2", "imo:3"]
    assert found.cost_eur == pytest.approx(100 * penalty_rate(91.6).value)
    assert found.alone_eur == pytest.approx(205 * penalty_rate(91.6).value)
    assert found.method == "HiGHS"
    years = found.years.row(0, named=True)
    assert (years["members"], years["penalised"]) == (3, 1)
    assert years["pool_t"] == pytest.approx(5)
    assert years["moved_t"] == pytest.approx(105)


def test_a_thousand_ships_of_one_year_within_the_gap_of_the_best() -> None:
    """A fractional knapsack by hand, dearest tonnes first, bounds every plan from below."""
    balance = [[-1.0 - (7919 * i % 997) / 10] if i % 8 else [150.0 + i / 10] for i in range(1000)]
    intensity = [[90.0 + (6007 * i % 101) / 50] for i in range(1000)]
    ships = fleet(balance, intensity)
    found = cheapest_pools(ships)
    check(ships, found)
    left, least = sum(b for (b,) in balance if b > 0), 0.0
    for (value,), (amount,) in sorted(zip(intensity, balance, strict=True)):
        if amount < 0:
            covered = min(left, -amount)
            left -= covered
            least += (-amount - covered) * penalty_rate(value).value
    assert 0 < least <= found.cost_eur <= least * (1 + 1e-4)


def test_the_dearer_tonne_is_covered_first() -> None:
    """A lower intensity makes a tonne of deficit dearer: the penalty is divided by the ship's own."""
    ships = fleet([[-50], [-50], [60]], [[95.0], [89.5], [80.0]])
    found = cheapest_pools(ships)
    assert found.plan.filter(pl.col("penalty_eur") > 0)["ship_id"].to_list() == ["imo:0"]
    assert found.cost_eur == pytest.approx(50 * penalty_rate(95.0).value)


def test_surplus_waits_for_the_years_in_a_row() -> None:
    """A surplus of 101 t, deficits of 100 t in three years: used in the middle, no penalty is a second one."""
    ships = fleet([[101, 0, 0], [-100, -100, -100]])
    found = cheapest_pools(ships, borrow=False)
    check(ships, found)
    rate = penalty_rate(91.6).value
    assert found.cost_eur == pytest.approx(199 * rate)
    assert found.plan.filter(ship_id="imo:1")["penalty_n"].to_list() == [1, 0, 1]


def test_years_in_a_row_before_the_plan_count() -> None:
    ships = fleet([[-100, -100]], opening_penalties=pl.when(pl.col("year") == START).then(2))
    found = cheapest_pools(ships, borrow=False)
    check(ships, found)
    rate = penalty_rate(91.6).value
    assert found.cost_eur == pytest.approx(100 * rate * (1.2 + 1.3))


def test_what_was_banked_and_borrowed_before_counts() -> None:
    first = pl.when(pl.col("year") == START)
    ships = fleet([[-100, -10]], opening_bank_t=first.then(40.0), opening_borrowed_t=first.then(20.0))
    found = cheapest_pools(ships)
    check(ships, found)
    row = found.plan.row(0, named=True)
    assert (row["carried_t"], row["debt_t"], row["adjusted_t"]) == (40, pytest.approx(22), pytest.approx(-82))
    assert row["borrowed_t"] == 0, "it borrowed the year before"


def test_borrowing_bridges_to_a_year_of_surplus() -> None:
    ships = fleet([[-100, 200]], most_borrowed=150.0)
    found = cheapest_pools(ships)
    check(ships, found)
    assert found.cost_eur == 0
    assert found.plan["borrowed_t"].to_list() == pytest.approx([100, 0])
    assert found.plan["debt_t"].to_list() == pytest.approx([0, 110])
    assert cheapest_pools(fleet([[-100, 200]], most_borrowed=150.0), borrow=False).cost_eur > 0


def test_nothing_is_borrowed_in_the_last_year() -> None:
    found = cheapest_pools(fleet([[-100]], most_borrowed=150.0))
    assert found.plan["borrowed_t"].to_list() == [0]
    assert found.cost_eur == pytest.approx(100 * penalty_rate(91.6).value)


def test_enough_surplus_is_a_closed_form_without_a_solver() -> None:
    ships = fleet([[-100, -20], [150, -5], [0, 0]], most_borrowed=10.0)
    found = cheapest_pools(ships)
    check(ships, found)
    assert (found.method, found.cost_eur, found.bound_eur) == ("closed form", 0, 0)
    assert found.plan.filter(ship_id="imo:2")["pooled"].to_list() == [False, False], "it neither gives nor takes"
    assert found.plan.filter(year=START + 1)["final_t"].sum() == pytest.approx(25)


def test_a_total_of_exactly_zero_is_no_pool() -> None:
    found = cheapest_pools(fleet([[-100], [100]]))
    assert not found.plan["pooled"].any()
    assert found.cost_eur == pytest.approx(100 * penalty_rate(91.6).value)
    assert found.price_eur_per_t is None


def test_a_ship_that_may_not_pool_stays_out() -> None:
    ships = fleet([[-100], [150]], may_pool=pl.col("ship_id") != "imo:0")
    found = cheapest_pools(ships)
    check(ships, found)
    assert not found.plan["pooled"].any()
    assert found.cost_eur == found.alone_eur > 0


def test_ships_that_come_late_and_leave_early() -> None:
    ships = fleet([[-10, -50, -10], [80, 0, 0], [0, 0, -30]]).filter(
        ~((pl.col("ship_id") == "imo:1") & (pl.col("year") > START))
        & ~((pl.col("ship_id") == "imo:2") & (pl.col("year") < START + 2))
    )
    found = cheapest_pools(ships, borrow=False)
    check(ships, found)
    assert found.plan.height == 5
    assert found.plan.filter(ship_id="imo:0")["banked_t"][0] >= 60 - 1e-6, "left by imo:1, which is gone"
    assert found.cost_eur == pytest.approx(30 * penalty_rate(91.6).value)


def test_the_settlement_is_a_trade_at_one_price() -> None:
    ships = fleet([[-100], [40], [80]])
    found = cheapest_pools(ships)
    rate = penalty_rate(91.6).value
    assert found.price_eur_per_t == pytest.approx(rate / 2)
    by_ship = {row["ship_id"]: row for row in found.ships.iter_rows(named=True)}
    assert by_ship["imo:0"]["payment_eur"] == pytest.approx(50 * rate)
    assert by_ship["imo:2"]["payment_eur"] == pytest.approx(2 * by_ship["imo:1"]["payment_eur"])
    assert found.ships["payment_eur"].sum() == pytest.approx(0, abs=1e-6)


def test_what_surplus_from_outside_is_worth() -> None:
    ships = fleet([[-100], [-30], [20]])
    rate = penalty_rate(91.6).value
    worth = {brought: surplus_worth(ships, year=START, surplus_t=brought) for brought in (0, 9, 11, 79, 81, 111)}
    right = {0: 0, 9: 0, 11: 30 * rate, 79: 30 * rate, 81: 100 * rate, 111: 130 * rate}
    assert worth == pytest.approx(right, rel=1e-5)
    brought = cheapest_pools(ships, outside_t={START: 81.0})
    check(ships, brought, outside_t={START: 81.0})


def test_the_marginal_worth_is_a_difference() -> None:
    """Where a bank carries on, one more tonne saves what it covers later."""
    balance = [[-50, -200], [100, 0]]
    found = cheapest_pools(fleet(balance), borrow=False)
    more = cheapest_pools(fleet(balance), borrow=False, outside_t={START: 1.0})
    marginal = found.years["marginal_eur_per_t"][0]
    assert marginal == pytest.approx(found.cost_eur - more.cost_eur, rel=1e-4)
    assert marginal > 600


def test_from_fuel_to_pool() -> None:
    """The frame of balances goes straight in; identity of masses, energies and the law in between."""
    rows = pl.DataFrame(
        {
            "ship_id": ["imo:1", "imo:2", "imo:2"],
            "year": [2025] * 3,
            "fuel": ["HFO", "LNG_diesel_ss", "MDO"],
            "mass_t": [5000.0, 800.0, 50.0],
            "scope_share": [1.0] * 3,
        }
    )
    each = balances(rows)
    found = cheapest_pools(each)
    check(each, found)
    assert found.alone_eur == pytest.approx(each["penalty_eur"].sum())
    assert pool(each["balance_t"].to_list()).valid == (found.cost_eur == 0)


def test_bad_fleets_are_refused_all_at_once() -> None:
    good = fleet([[-100, 0, 5]])
    with pytest.raises(SchemaError, match="a gap"):
        cheapest_pools(good.filter(pl.col("year") != START + 1))
    twice = pl.concat([good, good]).with_columns(intensity_g_per_mj=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(SchemaError) as error:
        cheapest_pools(twice.with_columns(opening_bank_t=pl.lit(1.0)))
    assert len(error.value.faults) == 3
    with pytest.raises(ReferenceDataError, match="2024"):
        cheapest_pools(good.with_columns(year=pl.col("year") - 2))
    with pytest.raises(InputError, match="2040"):
        cheapest_pools(good, outside_t={2040: 1.0})
    assert cheapest_pools(good.clear()).cost_eur == 0


def test_the_audit_sees_what_is_wrong() -> None:
    ships = fleet([[-100, -100, 300], [90, 40, 0]], most_borrowed=30.0)
    plan = cheapest_pools(ships).plan
    assert audit(ships, plan) == []
    for change, words in (
        ({"penalty_eur": pl.col("penalty_eur") * 0.9}, "is due"),
        ({"banked_t": pl.col("banked_t") + 1}, "the final surplus is"),
        ({"penalty_n": pl.lit(1)}, "the years in a row are"),
        ({"pooled": pl.lit(value=False)}, "without being in the pool"),
        ({"borrowed_t": pl.lit(31.0)}, "more than 30 t"),
        ({"borrowed_t": pl.lit(1.0)}, "two years in a row"),
        ({"borrowed_t": pl.lit(1.0), "pooled": pl.lit(value=True)}, "in which it is in a pool"),
    ):
        assert any(words in fault for fault in audit(ships, plan.with_columns(**change))), words
    with pytest.raises(InputError, match="different ships or years"):
        audit(ships, plan.head(2))
