"""The comparison of fuels: what a tonne costs, what is dirtier, what is certified."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError
from sisterport.fuels import compare, pathway_summary, properties, usd_per_t_avoided, wtw


def test_a_row_by_hand() -> None:
    table = compare("China", fuels=["methanol"], baseline_usd_per_gj=14.0, baseline_g_per_mj=95.0)
    row = table.filter(pathway_type="electro_renew").row(0, named=True)
    model = pathway_summary(fuel="methanol", region="CN", pathway_type="electro_renew").row(0, named=True)
    cost = model["cost_usd_per_gj"] + 18 / 20.1
    assert row["cost_usd_per_gj"] == pytest.approx(cost)
    assert row["usd_per_t_avoided"] == pytest.approx((cost - 14.0) / (95.0 - model["wtw_g_per_mj"]) * 1000)
    assert row["volume_factor"] == properties("methanol").volume_factor
    assert row["excludes"] == "delivery"


def test_nothing_is_certified_by_a_model() -> None:
    table = compare("China")
    assert not table["certified"].any()
    assert table["below_threshold"].any()
    assert table["n_pathways"].sum() - 1 == 141
    assert set(table["baseline_status"]) == {"unverified"}  # the scenario price of VLSFO


def test_vlsfo_comes_first_with_the_defaults_of_both_schemes() -> None:
    first = compare("Singapore").row(0, named=True)
    assert first["fuel"] == "vlsfo"
    assert first["wtw_imo_g_per_mj"] == wtw("vlsfo", "SSD", scheme="imo").wtw_g_per_mj == first["wtw_g_per_mj"]
    assert first["wtw_fueleu_g_per_mj"] == wtw("vlsfo", "SSD").wtw_g_per_mj
    assert first["price_kind"] == "market, one day"


def test_dirty_methanol_has_no_price_of_a_tonne() -> None:
    table = compare("China", fuels=["methanol"])
    grid = table.filter(pathway_type="electro_grid").row(0, named=True)
    assert grid["wtw_g_per_mj"] > 300
    assert grid["usd_per_t_avoided"] is None
    assert grid["note"] == "dirtier than VLSFO"
    assert not grid["below_threshold"]


def test_sorted_by_the_cost_of_a_tonne() -> None:
    found = compare("United States")["usd_per_t_avoided"].to_list()[1:]
    known = [f for f in found if f is not None]
    assert known == sorted(known)
    assert all(f is None for f in found[len(known) :])


def test_delivery_and_growth_reach_the_table() -> None:
    near, far = compare("China", fuels=["ammonia"]), compare("China", fuels=["ammonia"], delivery_to="SGSIN")
    more = (far["cost_usd_per_gj"] - near["cost_usd_per_gj"]).to_list()
    assert more == pytest.approx([0.0] + [92.2 / 18.8] * (len(more) - 1))
    assert set(far["excludes"][1:]) == {"handling"}
    with pytest.raises(MethodError, match="growth_per_year"):
        compare("China", year=2030)
    later = compare("China", year=2030, growth_per_year=-0.01, threshold_name="nzf_zero")
    assert set(later["year"]) == {2030}


@given(st.floats(0, 100), st.floats(-50, 90), st.floats(0.1, 50))
def test_a_cleaner_fuel_of_the_same_price_never_costs_more_a_tonne(cost: float, wtw_g: float, less: float) -> None:
    dirty = usd_per_t_avoided(14 + cost, wtw_g, base_usd_per_gj=14.0, base_g_per_mj=95.0)
    clean = usd_per_t_avoided(14 + cost, wtw_g - less, base_usd_per_gj=14.0, base_g_per_mj=95.0)
    assert dirty is not None
    assert clean is not None
    assert clean <= dirty + 1e-9


def test_the_same_emissions_avoid_nothing() -> None:
    assert usd_per_t_avoided(20.0, 95.0, base_usd_per_gj=14.0, base_g_per_mj=95.0) is None
    with pytest.raises(InputError, match="no pathways are known for: hvo"):
        compare("China", fuels=["HVO"])
