"""Calorific values, densities and tank volumes against their sources."""

from pathlib import Path

import polars as pl
import pytest

from sisterport.errors import InputError, MethodError, ReferenceDataError
from sisterport.fuels import lcv_range, properties, properties_table, tank_volume_m3
from sisterport.reference import load


def test_volume_factors_are_those_printed_with_the_source(shared: Path) -> None:
    printed = pl.read_csv(shared / "data/fuels/fuel_properties.csv")
    seen = 0
    for row in printed.iter_rows(named=True):
        code = {"lsfo": "vlsfo"}.get(row["fuel_id"], row["fuel_id"])
        if code == "lsng":
            continue
        own = properties(code)
        assert own.lhv_mj_per_kg == row["lhv_mj_per_kg"]
        assert own.energy_density_mj_per_l == pytest.approx(row["energy_density_mj_per_l"], abs=0.006)
        assert own.volume_factor == pytest.approx(row["volume_factor_vs_lsfo"], abs=0.006)
        seen += 1
    assert seen == 9


def test_each_scheme_has_its_own_calorific_value() -> None:
    assert [properties("LNG", scheme=s).lhv_mj_per_kg for s in ("greet", "fueleu", "imo")] == [48.6, 49.1, 48.0]
    assert [properties("methanol", scheme=s).lhv_mj_per_kg for s in ("greet", "fueleu", "imo")] == [20.1, 19.9, 19.9]
    assert properties("MGO", scheme="imo").lhv_mj_per_kg == 42.7
    assert properties("VLSFO", scheme="imo").lhv_mj_per_kg == 40.2
    assert lcv_range("LNG") == (48.0, 49.1)


def test_what_a_scheme_does_not_have_is_said() -> None:
    with pytest.raises(ReferenceDataError, match="there is one in: fueleu, imo"):
        properties("HFO", scheme="greet")
    with pytest.raises(MethodError, match="did you mean 'greet'"):
        properties("LNG", scheme="geet")
    with pytest.raises(InputError, match="did you mean"):
        properties("ammonai")


def test_densities_from_memory_say_so() -> None:
    assert properties("HFO", scheme="fueleu").status == "unverified"
    assert properties("HFO", scheme="fueleu").volume_factor == pytest.approx(41.0 / 40.5)
    assert properties("hvo", scheme="fueleu").volume_factor is None
    with pytest.raises(ReferenceDataError, match="no density"):
        tank_volume_m3(1.0, "hvo", scheme="fueleu")


def test_a_tank_holds_what_it_should() -> None:
    tonnes = 5000.0
    energy_gj = tonnes * 20.1
    assert tank_volume_m3(energy_gj, "methanol") == pytest.approx(tonnes / 0.794)


def test_the_table_has_every_fuel_of_the_scheme_once() -> None:
    for scheme in ("greet", "fueleu", "imo"):
        table = properties_table(scheme=scheme)
        assert table["fuel"].is_unique().all()
        assert table["lhv_mj_per_kg"].null_count() == 0
    assert properties_table()["fuel"].n_unique() == load("fuel_properties").filter(scheme="greet").height - 1  # LSNG
