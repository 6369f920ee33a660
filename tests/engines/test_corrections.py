"""Resistance models as load laws: corrections of the cubic law, which ships have them, and how near they come."""

import numpy as np
import polars as pl
import pytest
from tests import factory

from sisterport.engines import load_basis, load_corrections, load_law, propulsion_power
from sisterport.engines.factors import law_factor
from sisterport.engines.functions import correction_at_draught, load_factor, speed_correction
from sisterport.errors import MethodError
from sisterport.reference import value

FLEET = factory.ships(
    mmsi=[1, 2, 3, 4, 5],
    ship_class=["container", "oil_tanker", "bulk_carrier", "general_cargo", "vehicle"],
    size_bin=[6, 7, 5, 3, 2],
    length_m=[336.0, 274.0, 223.0, 118.0, 199.0],
    beam_m=[42.8, 48.0, 32.3, 20.0, 32.3],
    draught_ref_m=[14.6, 17.0, 14.2, 7.5, 10.0],
    dwt_t=[103890.0, 150000.0, 75000.0, 12000.0, 18000.0],
    power_kw=[68640.0, 17000.0, 11000.0, 5400.0, 14000.0],
    v_ref_kn=[25.0, 15.5, 15.0, 15.0, 20.0],
)


def test_a_load_law_is_known_by_name_and_by_the_law_behind_it():
    assert load_law("ghg4").model is None
    assert load_law("holtrop") == load_law("holtrop", cubic="ghg4")
    epa, propeller = load_law("kristensen", cubic="epa_propeller"), load_law("epa_propeller")
    assert (epa.model, epa.lf_min, epa.lf_off, epa.draught_exponent) == ("kristensen", 0.02, 0.0, 0.0)
    assert (epa.lf_min, epa.lf_max) == (propeller.lf_min, propeller.lf_max)
    with pytest.raises(MethodError, match=r"unknown load law 'holtrup' \(did you mean 'holtrop'\?\)"):
        load_law("holtrup")
    with pytest.raises(MethodError, match="unknown cubic load law 'holtrop'"):
        load_law("kristensen", cubic="holtrop")
    with pytest.raises(MethodError, match="'ghg4' is cubic itself"):
        load_law("ghg4", cubic="epa_propeller")
    with pytest.raises(MethodError, match="unknown load law 'holtrop'"):
        law_factor(FLEET, "holtrop")  # weather and fouling belong to the cubic law


def load_by_table(found, ship, law, speed_kn, draught_m):
    """Load in calm water as the kernel takes it."""
    row = FLEET.row(ship, named=True)
    ratio, x = draught_m / row["draught_ref_m"], speed_kn / row["v_ref_kn"]
    bend = np.empty(found.curves.shape[2])
    limits = value("draught_ratio_min"), value("draught_ratio_max")
    correction_at_draught(found.curves[found.number[ship]], ratio, *limits, bend)
    factor = min(limits[1], max(limits[0], ratio)) ** law.draught_exponent * speed_correction(x, bend)
    return load_factor(x, factor, 0.0, np.inf, 0.0)


@pytest.mark.parametrize("cubic", ["ghg4", "epa_propeller"])
@pytest.mark.parametrize("model", ["holtrop", "kristensen"])
def test_loads_by_table_are_those_of_the_model(model, cubic):
    """The sum over speeds, which is what an energy is, to half a percent at every draught; each point to one."""
    law = load_law(model, cubic=cubic)
    found = load_corrections(FLEET, law)
    for ship in np.flatnonzero(found.number):
        row = FLEET[int(ship)]
        speeds = np.round(np.arange(0.3, 1.1, 0.02) * row["v_ref_kn"][0], 1)
        for ratio in (0.5, 0.57, 0.66, 0.78, 0.85, 0.93, 1.0, 1.08, 1.1):
            draught = ratio * row["draught_ref_m"][0]
            told = pl.concat([row] * speeds.size)
            direct = propulsion_power(told, speeds, draught, model=model, margin_pct=0)["load_factor"].to_numpy()
            table = [load_by_table(found, ship, law, v, draught) for v in speeds]
            np.testing.assert_allclose(table, direct, rtol=0.01)
            assert sum(table) == pytest.approx(direct.sum(), rel=0.005)


def test_beyond_the_table_the_correction_stays():
    law = load_law("holtrop")
    found = load_corrections(FLEET, law)
    cube = load_by_table(found, 0, law, 2 * 25.0, 14.6) / load_by_table(found, 0, law, 1.25 * 25.0, 14.6)
    assert cube == pytest.approx((2 / 1.25) ** 3)
    assert load_by_table(found, 0, law, 20.0, 3.0) == load_by_table(found, 0, law, 20.0, 0.3 * 14.6)
    assert load_by_table(found, 0, law, 20.0, 30.0) == load_by_table(found, 0, law, 20.0, 1.1 * 14.6)
    assert load_by_table(found, 0, law, 0.0, 14.6) == 0.0
    assert speed_correction(0.7, np.empty(0)) == 1.0


def test_who_has_no_hull_is_told_why():
    changes = [
        ({"power_kw": None}, "no main engine power"),
        ({"v_ref_kn": None}, "no reference speed"),
        ({"length_m": None}, "no length"),
        ({"beam_m": None}, "no beam"),
        ({"draught_ref_m": None}, "no reference draught"),
        ({"ship_class": "service_tug", "dwt_t": None}, "no block coefficient: needs displacement, deadweight or cb"),
        ({"ship_class": "unknown_cargo", "size_bin": None}, "kind of ship unknown"),
        ({"power_kw": 20_000.0}, "power at reference speed not within a factor 2 of the installed power"),
        ({"power_kw": 119_000.0, "v_ref_kn": 18.0}, "power at reference speed not within a factor 2"),
        ({"ship_class": "ferry_pax_only", "length_m": 40.0, "beam_m": 9.0, "v_ref_kn": 30.0}, "Froude"),
        ({}, None),
    ]
    kinds = FLEET.schema
    ships = pl.concat(
        FLEET[0].with_columns(mmsi=pl.lit(n, pl.Int64), **{k: pl.lit(v, kinds[k]) for k, v in change.items()})
        for n, (change, _) in enumerate(changes)
    )
    found = load_basis(ships, load_law("holtrop", cubic="epa_propeller"))
    assert found["mmsi"].to_list() == ships["mmsi"].to_list()
    for row, (_, reason) in zip(found.iter_rows(named=True), changes, strict=True):
        assert row["load_law"] == ("epa_propeller" if reason else "holtrop")
        assert row["reason"] is None if reason is None else reason in row["reason"]
    assert load_basis(FLEET, load_law("kristensen")).filter(mmsi=5)["reason"][0].startswith("kristensen: no published")
    assert load_basis(FLEET, load_law("ghg4"))["load_law"].to_list() == ["ghg4"] * 5


def test_a_constant_correction_gives_way_to_those_of_the_model():
    """The largest container ships have delta_w = 0.75 in the study; with a hull the model takes its place."""
    large = FLEET[0].with_columns(size_bin=pl.lit(9, pl.Int64))
    fleet = pl.concat([large, large.with_columns(mmsi=pl.lit(2, pl.Int64), length_m=pl.lit(None, pl.Float64))])
    factor = law_factor(fleet, "ghg4")
    found = load_corrections(fleet, load_law("holtrop"))
    assert found.factor(fleet, factor, "ghg4").to_list() == pytest.approx([factor[0] / 0.75, factor[1]])


def test_hulls_outside_a_published_bound_are_named():
    wide = FLEET[0].with_columns(beam_m=pl.lit(62.0))
    assert "B/T" in load_basis(wide, load_law("holtrop"))["outside"][0]
    assert load_corrections(FLEET[:0], load_law("holtrop")).curves.shape[0] == 1
