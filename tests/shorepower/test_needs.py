"""What has to be built, from verdicts."""

import polars as pl
import pytest

from sisterport.errors import MethodError
from sisterport.shorepower.costs import fix_costs
from sisterport.shorepower.match import match
from sisterport.shorepower.needs import needs
from tests.shorepower.handmade import CASES, IMO, assessments_of, inlets_of, outlets_of
from tests.shorepower.worlds import DAY

SHIP = f"imo:{IMO}"


def needs_of(case, **options):
    outlets = outlets_of(case)
    stay = float(CASES[case]["stay_h"]) if CASES[case]["stay_h"] else None
    found = match(inlets_of(case), outlets, on=DAY, stay_h=stay, assessments=assessments_of(case))
    return needs(found.filter(berth_id="b1"), outlets, **options)


def test_each_failing_check_lists_the_upgrades_of_both_owners():
    found = needs_of("6-false-and-frequency")
    assert found.needs.select("need", "upgrade_id").rows() == [
        (5, "frequency_converter @ b1"),
        (5, f"ship_converter @ {SHIP}"),
        (6, "bigger_outlet @ b1"),
        (6, f"load_management @ {SHIP}"),
    ]
    owners = {
        row["upgrade_id"]: (row["side"], row["owner"], row["locode"]) for row in found.upgrades.iter_rows(named=True)
    }
    assert owners["frequency_converter @ b1"] == ("berth", "b1", "DEHAM")
    assert owners[f"ship_converter @ {SHIP}"] == ("ship", SHIP, None)
    price = fix_costs().filter(fix_id="ship_converter")["cost_mid"][0] / 1e6
    assert found.upgrades.filter(fix="ship_converter")["cost_musd"].to_list() == [pytest.approx(price)]


def test_partial_power_needs_nothing_where_it_is_enough():
    assert needs_of("6-false-partial", full_power=False).needs.is_empty()
    assert needs_of("6-false-nothing", full_power=False).needs["need"].unique().to_list() == [6]


def test_paperwork_is_a_need_only_where_asked():
    assert needs_of("13-false-none").needs.is_empty()
    assert needs_of("13-false-none", documents=True).needs["need"].unique().to_list() == [13]


def test_unknown_checks_are_left_out_and_said_or_taken_either_way():
    left = needs_of("7-unknown")
    assert left.needs.is_empty()
    assert left.left_out["reason"].to_list() == ["unknown checks"]
    assert needs_of("7-unknown", unknown_is="true").needs.is_empty()
    assert needs_of("7-unknown", unknown_is="false").needs["need"].unique().to_list() == [7]


def test_what_nothing_mends_is_left_out_and_said():
    assert needs_of("12-false-too-short").left_out["reason"].to_list() == ["not possible"]
    costs = fix_costs().filter(pl.col("check_no") != 5)
    assert needs_of("6-false-and-frequency", costs=costs).left_out["reason"].to_list() == ["no fix"]


def test_an_upgrade_that_two_pairs_share_stands_once():
    ships = pl.concat([inlets_of("container"), inlets_of("container", imo=9074731, inlet_id="i2")])
    outlets = outlets_of("5-false")
    found = needs(match(ships, outlets, on=DAY, stay_h=24.0), outlets)
    assert found.needs["link_id"].n_unique() == 2
    assert found.upgrades["upgrade_id"].to_list().count("frequency_converter @ b1") == 1


def test_other_money_is_refused():
    with pytest.raises(MethodError, match="MUSD"):
        needs_of("5-false", costs=fix_costs(currency="EUR"))
