"""IMO Net-Zero Framework: the two tiers, what is not set is refused, and surplus units that pay once."""

import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.rules import netzero
from sisterport.rules.netzero_units import settle

PRICED = [2028, 2029, 2030]
SET = range(2028, 2036)
gfis = st.floats(0, 150)


def _cost(gfi, year=2029, energy_mj=1e9, **options):
    return netzero.compliance(gfi_g_per_mj=gfi, energy_mj=energy_mj, year=year, enabled=True, **options).cost_usd


@pytest.mark.parametrize(
    ("year", "base", "direct"), [(2028, 4, 17), (2029, 6, 19), (2030, 8, 21), (2031, 12.4, 25.4), (2035, 30, 43)]
)
def test_targets_as_drafted(year, base, direct):
    targets = netzero.targets(year)
    assert targets.base_g_per_mj == pytest.approx(93.3 * (100 - base) / 100)
    assert targets.direct_g_per_mj == pytest.approx(93.3 * (100 - direct) / 100)


def test_targets_fall_every_year():
    for one, other in itertools.pairwise(SET):
        assert netzero.targets(other).base_g_per_mj < netzero.targets(one).base_g_per_mj
        assert netzero.targets(other).direct_g_per_mj < netzero.targets(one).direct_g_per_mj


@pytest.mark.parametrize("year", [2027, 2036, 2039, 2041])
def test_years_without_a_target_are_refused(year):
    with pytest.raises(ReferenceDataError, match=f"imo_nzf_targets has no target for {year}"):
        netzero.targets(year)


def test_2040_has_a_base_target_only():
    assert netzero.targets(2040).base_g_per_mj == pytest.approx(93.3 * 0.35)
    assert netzero.targets(2040).direct_g_per_mj is None
    with pytest.raises(ReferenceDataError, match="no direct compliance target for 2040"):
        _cost(90, year=2040, tier1_usd_per_t=100, tier2_usd_per_t=380)


@given(gfis, gfis, st.floats(0, 1), st.sampled_from(PRICED))
def test_cost_is_convex_in_the_intensity(one, other, weight, year):
    between = _cost(weight * one + (1 - weight) * other, year)
    assert between <= weight * _cost(one, year) + (1 - weight) * _cost(other, year) + 1e-3


@given(st.sampled_from(PRICED))
def test_cost_is_continuous_at_both_targets(year):
    targets = netzero.targets(year)
    for corner in (targets.direct_g_per_mj, targets.base_g_per_mj):
        assert _cost(corner * (1 - 1e-9), year) == pytest.approx(_cost(corner * (1 + 1e-9), year), abs=100)
    assert _cost(targets.direct_g_per_mj, year) == pytest.approx(0, abs=1e-3)
    width = targets.base_g_per_mj - targets.direct_g_per_mj
    assert _cost(targets.base_g_per_mj, year) == pytest.approx(100 * width * 1000)


@given(gfis, st.floats(1e3, 1e11), st.floats(1e-3, 1e3))
def test_units_do_not_matter(gfi, energy_mj, scale):
    assert _cost(gfi, energy_mj=energy_mj * scale) == pytest.approx(_cost(gfi, energy_mj=energy_mj) * scale, rel=1e-9)


@given(gfis, st.sampled_from(PRICED))
def test_tiers_and_surplus_share_out_the_distance_to_the_direct_target(gfi, year):
    result = netzero.compliance(gfi_g_per_mj=gfi, energy_mj=1e6, year=year, enabled=True)
    direct = netzero.targets(year).direct_g_per_mj
    assert result.tier1_t + result.tier2_t - result.surplus_t == pytest.approx(gfi - direct, abs=1e-9)
    assert result.surplus_t == 0 or result.tier1_t + result.tier2_t == 0


def test_not_adopted_so_nothing_is_due_unless_said():
    result = netzero.compliance(gfi_g_per_mj=95.5, energy_mj=1e9, year=2028)
    assert (result.cost_usd, result.applies) == (0, False)
    assert "not adopted" in result.reason
    assert "not adopted" in netzero.compliance(gfi_g_per_mj=95.5, energy_mj=1e9, year=2028, enabled=True).clause


def test_start_year_moves_the_duty_and_on_request_the_schedule():
    late = netzero.compliance(gfi_g_per_mj=95.5, energy_mj=1e9, year=2029, enabled=True, start_year=2030)
    assert (late.cost_usd, late.reason) == (0, "before the start year 2030")
    assert _cost(95.5, 2030, start_year=2030) == _cost(95.5, 2030)
    assert _cost(95.5, 2030, start_year=2030, schedule="shifted") == _cost(95.5, 2028)
    assert _cost(95.5, 2032, start_year=2030, schedule="shifted") == _cost(95.5, 2030)


def test_small_ships_are_not_in():
    assert _cost(95.5, gt=4999) == 0
    assert _cost(95.5, gt=5000) > 0


def test_prices_after_2030_are_open():
    with pytest.raises(ReferenceDataError, match=r"tier1_price' for 2031; .* give tier1_usd_per_t"):
        _cost(95.5, 2031)
    assert _cost(50, 2031) == 0  # a surplus needs no price
    given_ = netzero.compliance(
        gfi_g_per_mj=95.5, energy_mj=1e9, year=2031, enabled=True, tier1_usd_per_t=120, tier2_usd_per_t=400
    )
    assert given_.price_source == "given"
    assert given_.cost_usd == pytest.approx(120 * given_.tier1_t + 400 * given_.tier2_t)
    with pytest.raises(MethodError, match="both tiers"):
        _cost(95.5, 2031, tier1_usd_per_t=120)


def test_one_frame_of_many_years_in_its_order():
    frame = pl.DataFrame({"year": [2030, 2025, 2028], "gfi_g_per_mj": [91.6, 95, 95.5], "energy_mj": [1.5e9, 1, 1e9]})
    assert netzero.balances(frame, enabled=True)["cost_usd"].round(0).to_list() == [5_104_830, 0, 3_467_060]


def test_zero_or_near_zero_threshold_tightens_and_is_not_extended_backwards():
    assert netzero.zero_or_near_zero(gfi_g_per_mj=19, year=2034)
    assert not netzero.zero_or_near_zero(gfi_g_per_mj=19, year=2035)
    with pytest.raises(ReferenceDataError, match="znz_threshold"):
        netzero.zero_or_near_zero(gfi_g_per_mj=1, year=2027)


def test_intensity_is_weighted_by_energy_and_refuses_nonsense():
    assert netzero.attained_gfi(energy_mj=[9, 1], wtw_g_per_mj=[95, 5]) == pytest.approx(86)
    with pytest.raises(InputError):
        netzero.attained_gfi(energy_mj=[0], wtw_g_per_mj=[95])


# --- surplus units


def _fleet(rows):
    frame = pl.DataFrame(rows, schema=["ship_id", "year", "tier1_t", "tier2_t", "surplus_t"], orient="row")
    prices = {"tier1_usd_per_t": 100.0, "tier2_usd_per_t": 380.0, "status": "checked"}
    return frame.cast(dict.fromkeys(("tier1_t", "tier2_t", "surplus_t"), pl.Float64)).with_columns(
        pl.lit(item).alias(name) for name, item in prices.items()
    )


ship_years = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([2028, 2029, 2030, 2031, 2032])), unique=True, max_size=9
)


@st.composite
def fleets(draw):
    rows = []
    for ship, year in draw(ship_years):
        surplus, deficit = draw(st.sampled_from([(0, 3), (0, 7), (4, 0), (9, 0), (0, 0)]))
        rows.append((ship, year, 2.0 * bool(deficit), deficit, surplus))
    return rows


@given(fleets(), st.booleans(), st.integers(0, 2))
def test_every_unit_is_used_once_and_in_time(rows, transfer, life):
    done = settle(_fleet(rows), transfer=transfer, life_years=life)
    assert done["surplus_used_t"].sum() == pytest.approx(done["tier2_by_surplus_t"].sum())
    assert (
        done["surplus_used_t"] + done["surplus_expired_t"] + done["surplus_left_t"] - done["surplus_t"]
    ).abs().max() in (None, 0)
    assert (done["tier2_by_surplus_t"] + done["tier2_remedial_t"] - done["tier2_t"]).abs().max() in (None, 0)
    assert done["cost_usd"].sum() == pytest.approx((done["tier1_t"] * 100 + done["tier2_remedial_t"] * 380).sum())


def _most_paid(rows, life, *, transfer):
    """Return the largest amount of deficits that units can pay: maximum flow by augmenting paths, unit by unit."""
    units = [(s, y) for s, y, _, _, n in rows for _ in range(n)]
    owed = [(s, y) for s, y, _, n, _ in rows for _ in range(n)]
    fits = [[j for j, (t, z) in enumerate(owed) if y <= z <= y + life and (transfer or t == s)] for s, y in units]
    taken = {}

    def augment(i, seen):
        for j in fits[i]:
            if j not in seen:
                seen.add(j)
                if j not in taken or augment(taken[j], seen):
                    taken[j] = i
                    return True
        return False

    return sum(augment(i, set()) for i in range(len(units)))


@given(fleets(), st.booleans(), st.integers(0, 2))
def test_no_other_use_of_the_units_pays_more(rows, transfer, life):
    done = settle(_fleet(rows), transfer=transfer, life_years=life)
    assert done["tier2_by_surplus_t"].sum() == pytest.approx(_most_paid(rows, life, transfer=transfer))


def test_units_never_pay_tier_1_and_end_after_two_years():
    rows = [("a", 2028, 0, 0, 10), ("b", 2028, 5, 0, 0), ("b", 2030, 0, 4, 0), ("b", 2031, 0, 4, 0)]
    done = settle(_fleet(rows))
    assert done["tier2_by_surplus_t"].to_list() == [0, 0, 4, 0]
    assert done["surplus_expired_t"].to_list() == [6, 0, 0, 0]
    assert done["cost_usd"].to_list() == [0, 500, 0, 4 * 380]
    assert done["status"].unique().to_list() == ["secondary"]


def test_own_units_first_and_others_only_if_transferred():
    rows = [("a", 2028, 0, 3, 0), ("b", 2028, 0, 0, 5), ("c", 2029, 0, 4, 0), ("c", 2028, 0, 0, 4)]
    assert settle(_fleet(rows))["tier2_by_surplus_t"].sum() == 7
    assert settle(_fleet(rows), transfer=False)["tier2_by_surplus_t"].to_list() == [0, 0, 4, 0]
    with pytest.raises(InputError, match="missing: surplus_t"):
        settle(_fleet(rows).drop("surplus_t"))
