"""Alone and together; other costs; an agreement as a candidate."""

from itertools import permutations

import polars as pl
import pytest

from sisterport.errors import InputError, SchemaError
from sisterport.shorepower.cooperate import cooperate
from sisterport.shorepower.evaluate import evaluate
from sisterport.shorepower.example import frames
from sisterport.shorepower.joint import with_agreements
from sisterport.shorepower.sensitivity import sensitivity
from sisterport.shorepower.upgrades import upgrades
from sisterport.shorepower.verify import verify

from . import upgrade_cases as cases


def test_an_inlet_that_no_port_pays_alone_is_worth_it_for_two():
    u, e, n = frames()
    both = cooperate(u, e, n, budget_musd=9.0, shares={"AAAAA": 0.5, "BBBBB": 0.5})
    assert both.ports["alone"].to_list() == [2000.0, 0.0]  # 4.5 MUSD: outlet and one ferry; too little at Beport
    assert both.joint.value == 5600.0
    assert both.value_of_cooperating == 3600.0
    assert both.ports["shapley"].to_list() == [3800.0, 1800.0]
    assert both.shapley_by == "all coalitions"


@pytest.mark.parametrize("seed", range(12))
def test_joint_is_never_less_and_shapley_adds_up(seed):
    network = cases.network(seed, hours=False)
    both = cooperate(*network, budget_musd=8.0)
    assert both.joint.value >= both.ports["alone"].sum() - 1e-9
    assert both.ports["shapley"].sum() == pytest.approx(both.joint.value)
    assert both.ports["joint"].sum() == pytest.approx(both.joint.value)


def test_shapley_of_three_ports_is_the_mean_over_all_orders():
    u, e, n = frames()
    third = e.filter(berth_id="a").with_columns(
        locode=pl.lit("CCCCC"), berth_id=pl.lit("c"), link_id=pl.col("ship_id") + "@c", co2e_t=pl.lit(900.0)
    )
    needs = pl.concat([n, third.select("link_id", need=pl.lit(2, pl.Int64), upgrade_id="inlet:" + pl.col("ship_id"))])
    found = cooperate(u, pl.concat([e, third]), needs, budget_musd=12.0)
    names = found.ports["locode"].to_list()
    shares = dict(found.ports.select("locode", pl.col("budget_musd")).iter_rows())

    def value(ports):
        if not ports:
            return 0.0
        here = pl.concat([e, third]).filter(pl.col("locode").is_in(list(ports)))
        mine = u.filter(pl.col("locode").is_null() | pl.col("locode").is_in(list(ports)))
        whole = needs.join(here, on="link_id", how="semi")
        assert whole.join(mine, on="upgrade_id", how="anti").is_empty()
        return upgrades(mine, here, whole, budget_musd=sum(shares[p] for p in ports)).value

    for at, name in enumerate(names):
        added = [
            value(order[: order.index(name) + 1]) - value(order[: order.index(name)]) for order in permutations(names)
        ]
        assert found.ports["shapley"][at] == pytest.approx(sum(added) / len(added))


def test_many_ports_are_sampled_and_say_so():
    u, e, _ = frames()
    links = pl.concat(
        [
            e.with_columns(link_id=pl.col("link_id") + str(k), locode=pl.lit(f"P{k:04}"), berth_id=pl.lit(f"b{k}"))
            for k in range(11)
        ]
    )
    needs = links.select("link_id", need=pl.lit(2, pl.Int64), upgrade_id="inlet:" + pl.col("ship_id"))
    found = cooperate(u, links, needs, budget_musd=3.0, orders=3, seed=1)
    assert found.shapley_by == "3 random orders"
    assert found.ports["shapley"].sum() == pytest.approx(found.joint.value)
    assert found.ports["shapley_error"].null_count() == 0


@pytest.mark.parametrize("shares", [{"AAAAA": 1.0}, {"AAAAA": 0.7, "BBBBB": 0.7}, {"AAAAA": 1.5, "BBBBB": -0.5}])
def test_shares_must_fit(shares):
    with pytest.raises(InputError, match="shares"):
        cooperate(*frames(), budget_musd=1.0, shares=shares)


@pytest.mark.parametrize("seed", range(25))
def test_evaluate_equals_the_plain_sum(seed):
    network = cases.network(seed)
    plan = upgrades(*network, budget_musd=6.0)
    units = dict(plan.units.select("upgrade_id", "units").iter_rows())
    assert evaluate(*network, units)["gain"].sum() == pytest.approx(cases.gain(*network, units))
    with pytest.raises(InputError, match="'ghost'"):
        evaluate(*network, {"ghost": 1})


def test_a_set_that_stays_best_survives():
    u, e, n = frames()
    u = u.with_columns(cost_low_musd=pl.col("cost_musd") * 0.99, cost_high_musd=pl.col("cost_musd") * 1.01)
    held = sensitivity(u, e, n, budget_musd=9.5)
    assert held["survives"].to_list() == [True, True, True]
    assert held["built_again_share"].to_list() == [1.0, 1.0, 1.0]
    dear = sensitivity(u.with_columns(cost_high_musd=pl.col("cost_musd") * 2), e, n, budget_musd=9.5)
    assert dear.filter(cost="cost_high_musd").select("affordable", "survives").row(0) == (False, False)


def test_an_agreement_is_taken_where_it_is_cheaper_than_its_parts():
    u, e, n = frames()
    members = pl.DataFrame(
        {"agreement_id": "60 Hz", "upgrade_id": ["converter:b", "converter:ferry1"], "cost_musd": 1.0}
    )
    both = with_agreements(u, n, members)
    plan = upgrades(both[0], e, both[1], budget_musd=10.0)
    assert "60 Hz" in plan.units["upgrade_id"].to_list()
    assert plan.value == 7200.0
    assert verify(plan.certificate, both[0], e, both[1]) == []
    assert upgrades(u, e, n, budget_musd=10.0).value < plan.value


def test_faults_of_agreements_are_said_at_once():
    u, _, n = frames()
    u = u.with_columns(
        outlet_hours_h=pl.when(pl.col("upgrade_id") == "outlet:b").then(4000.0),
        berth_id=pl.when(pl.col("upgrade_id") == "outlet:b").then(pl.lit("b")),
    )
    members = pl.DataFrame(
        {
            "agreement_id": ["x", "x", "inlet:box"],
            "upgrade_id": ["outlet:b", "ghost", "converter:b"],
            "cost_musd": [1.0, 2.0, 3.0],
        }
    )
    with pytest.raises(SchemaError) as caught:
        with_agreements(u, n, members)
    for words in ("'ghost'", "'outlet:b'", "several costs", "'inlet:box'"):
        assert words in str(caught.value)
