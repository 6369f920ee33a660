"""One profile for all: what an agreement has built, found by matching ships with the profile."""

from datetime import date

import polars as pl
import pytest

from sisterport.errors import SchemaError
from sisterport.shorepower.joint import members, with_agreements
from sisterport.shorepower.match import match
from sisterport.shorepower.needs import link_id, needs
from sisterport.shorepower.upgrades import upgrades
from tests.shorepower.handmade import inlets_of, outlets_of
from tests.shorepower.worlds import DAY


def agreement(**columns):
    base = {"agreement_id": "sixty", "locodes": "DEHAM|SEGOT", "profile": "HVSC-CONTAINER", "frequency_hz": 60.0}
    return pl.DataFrame([base | columns])


@pytest.fixture
def network():
    """Two ships of 60 Hz and an outlet of 50 Hz, at each of two ports."""
    ships = pl.concat([inlets_of("container"), inlets_of("container", imo=9074731, inlet_id="i2")])
    wrong = outlets_of("5-false")
    other = wrong.with_columns(berth_id=pl.lit("b2"), outlet_id=pl.lit("o2"), locode=pl.lit("SEGOT"))
    outlets = pl.concat([wrong, other])
    verdicts = match(ships, outlets, on=DAY, stay_h=24.0)
    found = needs(verdicts, outlets)
    places = outlets.select("berth_id", "locode").unique()
    links = verdicts.select(link_id(), "ship_id", "berth_id").join(places, on="berth_id").sort("link_id")
    links = links.with_columns(energy_mwh=pl.lit(900.0), co2e_t=pl.lit(500.0))
    return found.upgrades, links, found.needs, ships


def test_members_are_the_berth_side_fixes_that_the_profile_mends(network):
    u, e, n, ships = network
    found = members(agreement(since=date(2030, 5, 1)), u, e, n, inlets=ships, on=DAY)
    assert found["upgrade_id"].to_list() == ["frequency_converter @ b1", "frequency_converter @ b2"]
    assert found["earliest_year"].unique().to_list() == [2030]
    (one,) = members(agreement(locodes="SEGOT"), u, e, n, inlets=ships, on=DAY)["upgrade_id"]
    assert one == "frequency_converter @ b2"
    assert members(agreement(frequency_hz=50.0), u, e, n, inlets=ships, on=DAY).is_empty(), "ships of 60 Hz"
    assert members(agreement(locodes="CNSGH"), u, e, n, inlets=ships, on=DAY).is_empty()


def test_an_agreement_is_in_the_plan_where_it_is_the_cheaper_way(network):
    u, e, n, ships = network
    separate = upgrades(u, e, n, budget_musd=20.0)
    assert separate.value == 2000.0
    for cost, taken in ((separate.cost_musd - 0.1, True), (separate.cost_musd + 0.1, False)):
        built = members(agreement(cost_musd=cost), u, e, n, inlets=ships, on=DAY)
        plan = upgrades(*_with(u, e, n, built), budget_musd=20.0)
        assert ("sixty" in plan.units["upgrade_id"].to_list()) is taken
        assert plan.value == separate.value
        assert plan.cost_musd == pytest.approx(min(cost, separate.cost_musd))


def _with(u, e, n, built):
    more, asked = with_agreements(u, n, built)
    return more, e, asked


def test_faults_of_agreements_are_said_at_once(network):
    u, e, n, ships = network
    rows = pl.concat([agreement(locodes="USNYK"), agreement(agreement_id="b", profile="HVSC-CONTANER")])
    with pytest.raises(SchemaError) as caught:
        members(rows, u, e, n, inlets=ships, on=DAY)
    assert "USNYC" in str(caught.value)
    assert "HVSC-CONTAINER" in str(caught.value)
    with pytest.raises(SchemaError, match="column 'profile' missing"):
        members(agreement().drop("profile"), u, e, n, inlets=ships, on=DAY)
