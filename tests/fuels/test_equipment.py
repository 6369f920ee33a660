"""Engines, tanks and ships: derived values against the published ones, copies flagged."""

from pathlib import Path

import polars as pl
import pytest

from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.fuels import cargo_loss, conversion_cost_usd, converter_value, newbuild_premium, propulsion_power_mw
from sisterport.reference import load


def test_premium_is_the_published_one(shared: Path) -> None:
    printed = pl.read_csv(shared / "data/fuels/newbuild_premium_15000_teu.csv")
    both = newbuild_premium().join(printed, left_on="family", right_on="fuel_family", suffix="_printed")
    assert both.height == 4
    for own, theirs in [
        ("engines_musd", "engines_musd_printed"),
        ("supply_system_musd", "supply_system_musd_printed"),
        ("total_musd", "total_equipment_musd"),
        ("premium_musd", "premium_vs_oil_musd"),
    ]:
        assert (both[own] - both[theirs]).abs().max() < 0.011


def test_cargo_loss_is_the_published_one(shared: Path) -> None:
    source = pl.read_csv(shared / "data/fuels/cargo_capacity_by_fuel.csv")
    for row in source.iter_rows(named=True):
        boiloff = "lost" if "lost" in row["assumption"] else "kept"
        fuel = "vlsfo" if row["fuel_id"] == "lsfo" else row["fuel_id"]
        assert cargo_loss(row["vessel_class"], fuel, boiloff=boiloff) == row["cargo_loss_share"]
    assert source.height == 140


def test_copies_of_the_authors_are_flagged() -> None:
    assert conversion_cost_usd("container_8000_teu", "LNG")["status"] == "unverified"
    assert conversion_cost_usd("container_8000_teu", "LH2")["note"].startswith("twice ammonia")
    assert conversion_cost_usd("container_8000_teu", "NH3")["status"] == "secondary"
    assert converter_value("propulsion_engine", "LH2", "capex")["note"] == "copied from ammonia"
    assert converter_value("propulsion_engine", "LH2", "capex")["status"] == "unverified"
    assert conversion_cost_usd("container_15000_teu", "methanol")["cost_usd"] == 24_300_000


def test_power_is_interpolated_and_never_extrapolated() -> None:
    at = [propulsion_power_mw("container_15000_teu", v) for v in (14.5, 17.5, 20.5)]
    assert at == [13.7, 22.68, 35.89]
    assert propulsion_power_mw("container_8000_teu", 15.0) == pytest.approx((10.08 + 12.05) / 2)
    assert propulsion_power_mw("container_15000_teu", 5.5) == 1.46
    for speed in (5.0, 23.0):
        with pytest.raises(MethodError, match="outside the curve"):
            propulsion_power_mw("container_15000_teu", speed)


def test_unknown_things() -> None:
    with pytest.raises(InputError, match="did you mean 'container_15000_teu'"):
        cargo_loss("container_15000_te", "methanol")
    with pytest.raises(ReferenceDataError, match="no 'hvo'"):
        cargo_loss("container_15000_teu", "HVO")
    with pytest.raises(ReferenceDataError, match="methanol to ammonia"):
        conversion_cost_usd("container_15000_teu", "ammonia", from_fuel="methanol")
    with pytest.raises(ReferenceDataError, match="did you mean"):
        converter_value("propulsion_engin", "methanol", "efficiency")
    with pytest.raises(MethodError, match="speed curve"):
        propulsion_power_mw("tanker_35k_dwt", 12.0)


def test_tables_carry_source_and_status() -> None:
    for name in ("fuels", "fuel_words", "fuel_properties", "fuel_pathways", "fuel_land_transport", "fuel_thresholds",
                 "fuel_supply", "production_demand", "converters_tanks", "vessel_classes", "conversion_costs",
                 "cargo_loss_by_fuel", "speed_power_container", "fuel_regions"):  # fmt: skip
        table = load(name)
        assert table["source"].null_count() == 0, name
        assert set(table["status"]) <= {"checked", "secondary", "unverified"}, name
