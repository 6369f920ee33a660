"""Pathways: the numbers of the facts sheet worked out again, and the whole of the larger table kept."""

from pathlib import Path

import polars as pl
import pytest

from sisterport.errors import InputError
from sisterport.fuels import pathway_summary, pathways, region_code, tank_to_wake_greet
from sisterport.reference import load


def one(fuel: str, pathway_type: str, region: str = "China") -> dict[str, float]:
    return pathway_summary(fuel=fuel, region=region, pathway_type=pathway_type).row(0, named=True)


@pytest.mark.parametrize(
    ("fuel", "pathway_type", "wtg", "wtw"),
    [
        ("methanol", "electro_renew", -52.0, 18.3),
        ("ftdiesel", "electro_renew", -48.6, 24.5),
        ("ammonia", "electro_renew", 12.5, 12.5),
        ("liquid_hydrogen", "electro_renew", 11.5, 11.5),
        ("lng", "fossil", 16.2, 88.2),
        ("methanol", "electro_grid", 253.7, 253.7 + 70.3),
    ],
)
def test_well_to_wake_in_china(fuel: str, pathway_type: str, wtg: float, wtw: float) -> None:
    row = one(fuel, pathway_type)
    assert row["wtg_g_per_mj"] == pytest.approx(wtg, abs=0.06)
    assert row["wtw_g_per_mj"] == pytest.approx(wtw, abs=0.1)


@pytest.mark.parametrize(
    ("fuel", "pathway_type", "china", "usa", "singapore"),
    [
        ("methanol", "electro_renew", 36.8, 49.9, 60.9),
        ("methanol", "bio_H", 27.2, 33.1, 39.3),
        ("ammonia", "electro_renew", 26.6, 37.3, 48.8),
        ("liquid_hydrogen", "electro_renew", 24.6, 34.5, 45.0),
        ("ftdiesel", "electro_renew", 56.2, 73.4, 88.8),
        ("bio_cfp", "biofuel", 27.8, 30.6, 29.0),
        ("lng", "fossil", 23.9, 15.7, 70.0),
    ],
)
def test_costs_at_the_gate(fuel: str, pathway_type: str, china: float, usa: float, singapore: float) -> None:
    found = [one(fuel, pathway_type, region)["cost_usd_per_gj"] for region in ("China", "US", "Singapore")]
    assert found == pytest.approx([china, usa, singapore], abs=0.06)


def test_tank_to_wake_by_hand() -> None:
    assert tank_to_wake_greet("methanol") == pytest.approx(69.2777 + 0.00114 * 28 + 0.00388 * 265)
    assert tank_to_wake_greet("methanol", gwp="AR4") == pytest.approx(69.2777 + 0.00114 * 25 + 0.00388 * 298)
    assert tank_to_wake_greet("LNG") == pytest.approx(54 + 0.625 * 28 + 0.0019 * 265)
    assert tank_to_wake_greet("ammonia") < 0.01


def test_carbon_of_a_fuel_is_never_lost() -> None:
    """Well-to-gate alone is negative for fuels from captured carbon, well-to-wake of none of them is."""
    rows = pathways()
    assert (rows["wtg_g_per_mj"] < 0).sum() > 800
    assert rows["wtw_g_per_mj"].min() > 0


def test_electricity_from_the_grid_is_dirtier_than_oil_in_china() -> None:
    grid = pathways(region="China", pathway_type="electro_grid")
    assert set(grid["fuel"]) == {"methanol", "ammonia", "liquid_hydrogen", "ftdiesel", "lng"}
    assert grid["wtw_g_per_mj"].min() > 95.5


def test_every_row_of_the_source_is_there(shared: Path) -> None:
    source = pl.read_csv(shared / "data/fuels/pathway_costs.csv", infer_schema_length=None)
    codes = dict(load("fuel_regions").select("name", "region").iter_rows())
    expected = source.select(
        pl.col("fuel_id").alias("fuel"),
        "pathway",
        pl.col("region").replace_strict(codes),
        "pathway_type",
        "lcof_usd_per_t",
        "lcof_usd_per_gj",
        "wtg_gco2e_per_mj",
    )
    both = pathways().join(expected, on=["fuel", "pathway", "region", "pathway_type"], how="full")
    assert both.height == source.height == 2820
    assert (both["cost_usd_per_t"] == both["lcof_usd_per_t"]).all()
    assert (both["wtg_g_per_mj"] == both["wtg_gco2e_per_mj"]).all()
    assert (both["cost_usd_per_gj"] - both["lcof_usd_per_gj"]).abs().max() < 0.021  # the source's rounding


def test_the_summary_is_the_published_one(shared: Path) -> None:
    printed = pl.read_csv(shared / "data/fuels/pathway_cost_summary.csv", infer_schema_length=None)
    codes = dict(load("fuel_regions").select("name", "region").iter_rows())
    printed = printed.rename({"fuel_id": "fuel"}).with_columns(pl.col("region").replace_strict(codes))
    both = pathway_summary().join(printed, on=["fuel", "region", "pathway_type"], how="inner", suffix="_printed")
    assert both.height == printed.height
    assert (both["n_pathways"] == both["n_pathways_printed"]).all()
    for own, theirs in [
        ("cost_usd_per_t", "lcof_median_usd_per_t"),
        ("cost_usd_per_t_min", "lcof_min_usd_per_t"),
        ("cost_usd_per_t_max", "lcof_max_usd_per_t"),
        ("wtg_g_per_mj", "wtg_median_gco2e_per_mj"),
    ]:
        assert (both[own] - both[theirs]).abs().max() <= 0.051


def test_unknown_countries_and_types() -> None:
    assert region_code("south korea") == region_code("KR") == "KR"
    with pytest.raises(InputError, match="did you mean 'China'"):
        region_code("Chna")
    with pytest.raises(InputError, match="did you mean 'electro_renew'"):
        pathways(pathway_type="electro_renw")
    with pytest.raises(InputError, match="no pathway with fuel 'residual'"):
        pathways(fuel="HFO")
