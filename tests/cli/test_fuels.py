"""``sisterport fuels``: what a fuel is and emits, and what none of it proves."""

import json

import pytest

from sisterport.cli.fuels import app
from sisterport.errors import InputError, MethodError
from sisterport.fuels import fuel_codes
from tests.cli.direct import Direct

FUELS = Direct(app)
run, said, fault = FUELS.run, FUELS.said, FUELS.fault


def test_all_fuels_are_listed():
    assert [row["fuel"] for row in said("show")] == list(fuel_codes())


@pytest.mark.parametrize("fuel", fuel_codes())
def test_every_fuel_has_a_sheet(fuel):
    sheet = said("show", fuel, "--region", "China")
    assert sheet["fuel"]["fuel"] == fuel
    assert run("show", fuel).exception is None
    assert {row["scheme"] for row in sheet["factors"]} <= {"fueleu", "imo"}


@pytest.mark.parametrize(("gwp", "ch4", "n2o"), [("AR4", 25, 298), ("AR5", 28, 265)])
def test_slip_counts_by_engine(gwp, ch4, n2o):
    rows = {r["converter"]: r for r in said("show", "LNG", "--gwp", gwp)["factors"] if r["fuel_class"] == "fossil"}
    for converter, slip in (("lng_otto_medium_speed", 0.031), ("lng_diesel_slow_speed", 0.002)):
        burnt = (1 - slip) * (2.75 + 0.00011 * n2o) + slip * ch4
        assert rows[converter]["wtw_g_per_mj"] == pytest.approx(18.5 + burnt * 1e3 / 49.1)


def test_a_word_that_is_no_fuel():
    assert "did you mean 'methanol'" in str(fault("show", "methanl"))
    assert isinstance(fault("show", "B24"), InputError)


def test_methanol_of_the_grid_is_dirtier_than_oil_and_nothing_is_certified(tmp_path):
    page = tmp_path / "fuels.html"
    rows = {row["pathway_type"]: row for row in said("compare", "--fuel", "methanol", "--page", page)}
    assert rows["electro_grid"]["wtw_g_per_mj"] > 3 * rows["fossil"]["wtw_g_per_mj"]
    assert rows["electro_grid"]["usd_per_t_avoided"] is None
    wind = rows["electro_renew"]
    dearer = wind["cost_usd_per_gj"] - rows["fossil"]["cost_usd_per_gj"]
    assert wind["usd_per_t_avoided"] == pytest.approx(dearer / wind["avoided_g_per_mj"] * 1e3)
    assert not any(row["certified"] for row in rows.values())
    text = page.read_text("utf-8")
    assert "none is certified" in text
    assert "Threshold red_70" in text
    assert "a model is no certificate" in run("compare", "--fuel", "methanol").stdout


def test_another_year_needs_a_growth():
    assert isinstance(fault("compare", "--year", 2030), MethodError)
    later = said("compare", "--year", 2030, "--growth", -0.02, "--fuel", "methanol")
    now = said("compare", "--fuel", "methanol")
    cost = [next(r["cost_usd_per_gj"] for r in rows if r["pathway_type"] == "electro_renew") for rows in (now, later)]
    assert cost[1] < cost[0]
    assert "there are:" in str(fault("compare", "--region", "Atlantis"))


def test_the_supply_of_a_fuel_and_its_map(tmp_path):
    to = tmp_path / "maps" / "supply.geojson"
    rows = said("supply", "--fuel", "e-methanol", "--port", "CNSHA", "--state", "operational", "--to", to)
    assert {(row["locode"], row["state"]) for row in rows} == {("CNSGH", "operational")}
    chart = json.loads(to.read_text("utf-8"))
    assert [feature["id"] for feature in chart["features"]] == [row["supply_id"] for row in rows]
    assert "green by its name" in run("supply").stdout
    assert "choose from" in str(fault("supply", "--state", "dreamt"))
    own = tmp_path / "own.csv"
    own.write_text(
        "supply_id,locode,fuel,state,source,confidence,status\nx,SEGOT,methanl,pilot,a letter,low,unverified\n"
    )
    assert "did you mean 'methanol'" in str(fault("supply", own))
