"""Energy to make fuels, without the defect of the source."""

from pathlib import Path

import polars as pl
import pytest

from sisterport.errors import InputError, ReferenceDataError
from sisterport.fuels import demand_table, production_energy_kwh_per_kg, renewable_power_mw
from sisterport.reference import load


def test_the_defect_is_kept_out_and_marked(shared: Path) -> None:
    source = pl.read_csv(shared / "data/fuels/production_demand.csv", infer_schema_length=None)
    table = load("production_demand")
    assert table.height == source.height
    bad = table.filter(pl.col("usable") != "yes")
    assert bad.select("process", "item", "value").rows() == [("NH3", "h2_demand", 0.355599884)]
    assert "defect" in bad["note"].item()
    assert demand_table().height == table.height - 1


def test_hydrogen_of_ammonia_is_stoichiometric() -> None:
    molar_h2, molar_nh3 = 2.016, 17.031
    own = demand_table().filter(process="NH3", item="h2_demand_stoichiometric")["value"].item()
    assert own == pytest.approx(1.5 * molar_h2 / molar_nh3, rel=1e-3)


def test_energy_by_hand() -> None:
    assert production_energy_kwh_per_kg("methanol") == pytest.approx(0.204464607 * 51.03004082 + 0.564623278)
    assert production_energy_kwh_per_kg("NH3") == 10.05314189  # holds electrolysis: adding it again would double
    assert production_energy_kwh_per_kg("LH2") == pytest.approx(51.03004082 + 8.0)
    # hydrogen alone holds 120 MJ/kg: no fuel may be made from less electricity than it holds
    for fuel, lhv in (("methanol", 20.1), ("ammonia", 18.8), ("LH2", 120.0)):
        assert production_energy_kwh_per_kg(fuel) * 3.6 > lhv


def test_power() -> None:
    mw = renewable_power_mw("ammonia", 876_000, capacity_factor=0.5)
    assert mw == pytest.approx(10.05314189 * 876_000 / 8760 / 0.5)
    with pytest.raises(InputError, match="capacity factor 40"):
        renewable_power_mw("ammonia", 1.0, capacity_factor=40)
    with pytest.raises(ReferenceDataError, match="production energy"):
        production_energy_kwh_per_kg("HVO")
