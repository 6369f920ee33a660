"""Fitted regressions: power and speed of bulk carriers and container ships, in the data and outside."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from sisterport.engines import load_factor, load_law
from sisterport.engines.factors import law_factor
from sisterport.fleet import dwt_from_teu, fitted_value, gt_from_deadweight, particulars, teu_from_dwt
from sisterport.reference import load

WORDS = "regression (fitted on EU-MRV 2022, bulk and container)"
CLASSES = ["bulk_carrier", "container"]


def ships(rows: list[dict[str, Any]], *, fitted: bool = True) -> pl.DataFrame:
    register = pl.DataFrame(rows).with_columns(mmsi=pl.int_range(pl.len(), dtype=pl.Int64) + 200_000_000)
    return particulars(register.select("mmsi", identities=1, positions=1), register, fitted=fitted)


def main_power(ship: dict[str, Any], speeds: np.ndarray) -> np.ndarray:
    law = load_law("ghg4")
    factor = law_factor(pl.DataFrame([ship]).select("ship_class", "size_bin"), "ghg4")[0]
    lf = [load_factor(v / ship["v_ref_kn"], factor, law.lf_min, law.lf_max, law.lf_off) for v in speeds]
    return np.array(lf) * ship["power_kw"]


@pytest.mark.parametrize("name", CLASSES)
def test_larger_ships_have_more_power_and_newer_ones_less(name: str) -> None:
    sizes = np.geomspace(5100, 250_000 if name == "container" else 130_000, 40)
    power = ships([{"ship_class": name, "gt": gt, "build_year": 2012} for gt in sizes])["power_kw"].to_numpy()
    assert (np.diff(power) > 0).all()
    by_age = ships([{"ship_class": name, "gt": 40_000.0, "build_year": year} for year in range(1975, 2030)])
    assert (np.diff(by_age["power_kw"].to_numpy()) <= 1e-9).all()
    # beyond the years of the fit nothing more is said
    assert by_age["power_kw"][0] == by_age["power_kw"][20]
    assert by_age["power_kw"][0] < 2.5 * by_age["power_kw"][-1]


@pytest.mark.parametrize("name", CLASSES)
def test_values_are_those_of_ships(name: str) -> None:
    made = ships([{"ship_class": name, "gt": float(gt), "build_year": 2012} for gt in (8000, 22_000, 44_000, 100_000)])
    low, high = (12.0, 16.5) if name == "bulk_carrier" else (14.0, 26.0)
    assert made["v_ref_kn"].is_between(low, high).all(), made["v_ref_kn"]
    assert made["power_kw_source"].unique().to_list() == [f"{WORDS}: GT register"]
    average = ships([{"ship_class": name, "gt": float(gt)} for gt in (8000, 22_000, 44_000, 100_000)], fitted=False)
    assert (made["power_kw"] / average["power_kw"]).is_between(0.5, 1.5).all()


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("gt", [6000.0, 40_000.0, 100_000.0])
def test_main_engine_never_falls_with_speed_and_is_capped(name: str, gt: float) -> None:
    ship = ships([{"ship_class": name, "gt": gt, "build_year": 2015}]).row(0, named=True)
    power = main_power(ship, np.linspace(0.0, 30.0, 301))
    assert (np.diff(power) >= 0).all()
    assert power.max() == pytest.approx(ship["power_kw"])


def test_a_registered_power_or_speed_keeps_the_fuel_below_the_reference_speed() -> None:
    base = {"ship_class": "container", "gt": 90_000.0, "build_year": 2008}
    rows = [base, base | {"power_kw": 68_640.0}, base | {"v_max_kn": 25.0}]
    made = ships([{"power_kw": None, "v_max_kn": None, **row} for row in rows])
    assert made["power_kw_source"].to_list() == [
        f"{WORDS}: GT register",
        "register",
        f"{WORDS}: GT register, speed register",
    ]
    assert made["v_ref_kn_source"].to_list() == [
        f"{WORDS}: GT register",
        f"{WORDS}: GT register, power register",
        "register",
    ]
    speeds = np.linspace(10.0, 18.0, 9)
    first, *rest = (main_power(ship, speeds) for ship in made.iter_rows(named=True))
    for other in rest:
        np.testing.assert_allclose(other, first, rtol=1e-9)


def test_the_register_comes_first_and_other_classes_are_left_alone() -> None:
    known = {"ship_class": "container", "gt": 90_000.0, "power_kw": 60_000.0, "v_max_kn": 24.0}
    made = ships([known]).row(0, named=True)
    assert (made["power_kw"], made["v_ref_kn"]) == (60_000.0, 24.0)
    tanker = ships([{"ship_class": "oil_tanker", "gt": 60_000.0}]).row(0, named=True)
    assert "fitted" not in tanker["power_kw_source"] + tanker["v_ref_kn_source"] + tanker["size_source"]


def test_far_outside_the_sizes_of_the_fit_the_published_values_are_taken() -> None:
    made = ships([{"ship_class": "bulk_carrier", "gt": gt} for gt in (1000.0, 3600.0, 160_000.0, 200_000.0)])
    assert made["size_bin"].to_list() == [1, 1, 6, 6]
    assert made["v_ref_kn_source"].str.starts_with(WORDS).to_list() == [False, True, True, False]


def test_gross_tonnage_gives_the_size_where_nothing_better_is_known() -> None:
    made = ships(
        [
            {"ship_class": "container", "gt": 93_750.0, "teu": None, "length_m": None, "beam_m": None},
            {"ship_class": "container", "gt": 93_750.0, "teu": 8749.0, "length_m": None, "beam_m": None},
            {"ship_class": "bulk_carrier", "gt": 44_000.0, "teu": None, "length_m": 229.0, "beam_m": 32.3},
        ]
    )
    assert made["size_source"].to_list() == ["register: TEU from GT", "register", "register: deadweight from GT"]
    assert made["size"][0] == pytest.approx(8749, rel=0.05)  # Chicago Express
    assert made["size"][2] == pytest.approx(81_000, rel=0.12)  # ships of this class and size: 80,000 to 82,000 t
    blind = ships([{"ship_class": "container", "teu": 8749.0}]).row(0, named=True)
    assert blind["gt"] is None  # a step on the way, not a known tonnage


@pytest.mark.parametrize("teu", [100.0, 2600.0, 2669.0, 3900.0, 4700.0, 4800.0, 9000.0, 23_000.0])
def test_deadweight_of_teu_turns_teu_of_deadweight_round(teu: float) -> None:
    dwt = pl.select(dwt_from_teu(pl.lit(teu)))
    assert dwt.select(teu_from_dwt(pl.col("literal"))).item() == pytest.approx(teu, rel=0.03)


@pytest.mark.parametrize("name", CLASSES)
def test_tonnage_of_deadweight_turns_deadweight_of_tonnage_round(name: str) -> None:
    dwt = fitted_value("deadweight", pl.lit(name), pl.lit(40_000.0))
    assert pl.select(gt_from_deadweight(pl.lit(name), dwt)).item() == pytest.approx(40_000)


def test_every_row_says_where_it_comes_from_and_how_well_it_fits() -> None:
    table = load("fitted_particulars")
    assert table.height == 12
    own = table.filter(pl.col("n") > 2)
    assert set(own["source"]) == {"fitted on EU-MRV 2022, bulk and container, fit half"}
    assert set(table["status"]) == {"secondary"}
    assert table.filter(pl.col("quantity").str.starts_with("power"))["sd_ln"].is_between(0.05, 0.25).all()
