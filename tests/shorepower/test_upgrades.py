"""The chosen upgrades are the best ones: held against every plan, looked at in plain Python."""

import polars as pl
import pytest

from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.shorepower.example import frames
from sisterport.shorepower.upgrades import upgrades
from sisterport.shorepower.verify import verify

from . import upgrade_cases as cases


def best(network, budget):
    return max(cases.gain(*network, units) for units in cases.plans(network[0], budget))


@pytest.mark.parametrize("seed", range(150))
def test_exact_equals_brute_force_with_alternatives_units_and_hours(seed):
    network = cases.network(seed)
    for budget in (2.0, 5.0, 11.0):
        plan = upgrades(*network, budget_musd=budget)
        assert plan.value == pytest.approx(best(network, budget), abs=1e-9)
        assert plan.bound == pytest.approx(plan.value, abs=1e-6)
        assert plan.proven >= plan.value - 1e-6
        assert verify(plan.certificate, *network) == []


@pytest.mark.parametrize("seed", range(100))
def test_no_bound_of_any_method_is_below_the_best_plan(seed):
    network = cases.network(seed)
    plain = cases.network(seed, alternatives=False, hours=False)
    for budget in (3.0, 7.0):
        assert upgrades(*network, budget_musd=budget, method="lagrangian").proven >= best(network, budget) - 1e-6
        assert upgrades(*plain, budget_musd=budget, method="frontier").proven >= best(plain, budget) - 1e-6


@pytest.mark.parametrize("method", ["lagrangian", "frontier"])
@pytest.mark.parametrize("seed", range(30))
def test_a_heuristic_plan_keeps_the_budget_and_its_certificate_holds(method, seed):
    network = cases.network(seed, alternatives=method != "frontier", hours=method != "frontier")
    plan = upgrades(*network, budget_musd=6.0, method=method)
    assert plan.units["cost_musd"].sum() <= 6.0 + 1e-9
    assert verify(plan.certificate, *network) == []
    assert plan.value == pytest.approx(cases.gain(*network, dict(plan.units.select("upgrade_id", "units").iter_rows())))


@pytest.mark.parametrize("seed", range(20))
def test_order_of_rows_is_irrelevant(seed):
    network = cases.network(seed)
    shuffled = [frame.sample(fraction=1.0, shuffle=True, seed=seed) for frame in network]
    one, other = (upgrades(*net, budget_musd=5.0, method=m) for net, m in ((network, "auto"), (shuffled, "auto")))
    assert one.certificate == other.certificate
    one, other = (upgrades(*net, budget_musd=5.0, method="lagrangian") for net in (network, shuffled))
    assert one.certificate == other.certificate


def test_more_money_never_saves_less():
    network = cases.network(4)
    values = [plan.value for plan in upgrades(*network, budget_musd=[0.0, 1.0, 2.0, 4.0, 8.0, 16.0])]
    assert values == sorted(values)


def test_links_on_a_dirty_grid_are_dropped_and_shown():
    u, e, n = frames()
    e = e.with_columns(co2e_t=pl.when(pl.col("link_id") == "box@b").then(-5.0).otherwise("co2e_t"))
    plan = upgrades(u, e, n, budget_musd=20.0)
    assert plan.notes["links_dropped_no_gain"] == 1
    assert plan.dropped["link_id"].to_list() == ["box@b"]
    assert "inlet:box" not in plan.units["upgrade_id"].to_list()


def test_a_port_learns_what_it_gains():
    ports = upgrades(*frames(), budget_musd=20.0).ports
    assert ports.select("locode", "gain", "cost_at_port_musd").rows() == [
        ("AAAAA", 3500.0, 3.0),
        ("BBBBB", 4200.0, 6.0),
    ]


def test_a_floor_is_kept_though_it_saves_less():
    u, e, n = frames()
    floor = pl.DataFrame({"floor_id": ["afir"], "locode": ["BBBBB"], "share": [0.9]})
    free, bound_to = upgrades(u, e, n, budget_musd=9.5), upgrades(u, e, n, budget_musd=12.0, floors=floor)
    assert free.value == 5600.0
    calls = bound_to.links.join(e, on="link_id").filter(pl.col("berth_id") == "b")
    assert (calls["share"] * calls["calls"]).sum() >= 0.9 * e.filter(berth_id="b")["calls"].sum()
    assert verify(bound_to.certificate, u, e, n) == []
    with pytest.raises(InputError, match="keeps the floors: afir"):
        upgrades(u, e, n, budget_musd=5.0, floors=floor)


@pytest.mark.parametrize("seed", range(25))
def test_floors_equal_brute_force(seed):
    u, e, n = cases.network(seed, hours=False, alternatives=seed % 2 == 0)
    floor = pl.DataFrame({"floor_id": ["f"], "locode": ["XX000"], "share": [0.6]})
    kept = e.filter(locode="XX000")
    found = []
    for units in cases.plans(u, 9.0):
        connected = [link for link in e.to_dicts() if _connected(n, units, link["link_id"])]
        there = [link for link in connected if link["locode"] == "XX000"]
        # links of negative gain are connected only as far as the floor asks, the least harmful per call first
        positive = sum(link["co2e_t"] for link in connected if link["co2e_t"] > 0)
        short = 0.6 * kept["calls"].sum() - sum(link["calls"] for link in there if link["co2e_t"] > 0)
        for link in sorted((x for x in there if x["co2e_t"] <= 0), key=lambda x: -x["co2e_t"] / x["calls"]):
            share = min(1.0, max(0.0, short / link["calls"]))
            positive += share * link["co2e_t"]
            short -= share * link["calls"]
        if short <= 1e-9:
            found.append(positive)
    if not found:
        with pytest.raises(InputError):
            upgrades(u, e, n, budget_musd=9.0, floors=floor)
        return
    for method in ("auto", "milp"):
        plan = upgrades(u, e, n, budget_musd=9.0, floors=floor, method=method)
        assert plan.value == pytest.approx(max(found), rel=1e-4, abs=1e-6)
        assert plan.proven >= max(found) - 1e-6
        assert verify(plan.certificate, u, e, n) == []


def _connected(needs, units, link):
    options = {}
    for _, need, u in needs.filter(link_id=link).iter_rows():
        options.setdefault(need, []).append(units[u])
    return all(any(of) for of in options.values())


@pytest.mark.parametrize("seed", range(40))
def test_phases_equal_brute_force(seed):
    u, e, n = cases.network(seed, alternatives=False)
    u = u.head(6) if u.height > 6 else u
    n = n.filter(pl.col("upgrade_id").is_in(u["upgrade_id"].implode()))
    phases = pl.DataFrame({"from_year": [2028, 2030], "budget_musd": [3.0, 2.5]})
    weights = [1 + 1 / 1.05, 1.05**-2 + 1.05**-3 + 1.05**-4]
    early = {tuple(p.values()): (p, cases.gain(u, e, n, p)) for p in cases.plans(u, 3.0)}
    late = {tuple(p.values()): cases.gain(u, e, n, p) for p in cases.plans(u, 5.5)}
    top = max(
        weights[0] * first + weights[1] * second
        for now, (_, first) in early.items()
        for then, second in late.items()
        if all(a <= b for a, b in zip(now, then, strict=True))
    )
    for method in ("auto", "milp", "lagrangian"):
        plan = upgrades(u, e, n, phases=phases, until_year=2032, discount=0.05, method=method)
        assert verify(plan.certificate, u, e, n) == []
        assert plan.proven >= top - 1e-6
        if method != "lagrangian":
            assert plan.value == pytest.approx(top, rel=1e-4, abs=1e-9)
        spent = plan.units.filter(pl.col("from_year") == 2028)["cost_musd"].sum()
        assert spent <= 3.0 + 1e-9


def test_an_upgrade_waits_for_its_year():
    u, e, n = frames()
    u = u.with_columns(earliest_year=pl.when(pl.col("upgrade_id") == "outlet:a").then(2030).otherwise(None))
    phases = pl.DataFrame({"from_year": [2028, 2030], "budget_musd": [13.0, 0.0]})
    plan = upgrades(u, e, n, phases=phases, until_year=2031)
    when = dict(plan.units.select("upgrade_id", "from_year").iter_rows())
    assert when["outlet:a"] == 2030
    assert when["outlet:b"] == 2028


@pytest.mark.parametrize("seed", range(40))
def test_plant_and_hours_at_once_equal_a_plain_linear_programme(seed):
    u, e, n = cases.network(seed, plants=True, dirty=False)
    plan = upgrades(u, e, n, budget_musd=6.0)
    top = max(_with_plant(u, e, n, units, plan.value) for units in cases.plans(u, 6.0))
    assert plan.value == pytest.approx(top, abs=1e-6)
    assert plan.proven >= top - 1e-6
    assert verify(plan.certificate, u, e, n) == []


def _with_plant(u, e, n, units, enough):
    """Gain of a plan with hours and power; the programme is only solved where the hours alone allow as much."""
    if cases.gain(u, e, n, units) < enough:
        return 0.0
    highspy = pytest.importorskip("highspy")
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    links = [link for link in e.to_dicts() if _connected_or_built(u, n, units, link["link_id"])]
    z = {link["link_id"]: h.addVariable(lb=0, ub=1, obj=-link["co2e_t"]) for link in links}
    rows = {row["upgrade_id"]: {"outlet_hours_h": None, **row} for row in u.to_dicts()}
    have = {name: (row["units_built"] or 0) + units[name] for name, row in rows.items()}
    for berth in e["berth_id"].unique():
        makers = [r for r in rows.values() if r["outlet_hours_h"] is not None and r["berth_id"] == berth]
        here = [link for link in links if link["berth_id"] == berth]
        if makers and here:
            room = sum(r["outlet_hours_h"] * have[r["upgrade_id"]] for r in makers)
            h.addConstr(sum(link["hours_h"] * z[link["link_id"]] for link in here) <= room)
    if links:
        h.addConstr(sum(0.5 * link["peak_mva"] * z[link["link_id"]] for link in links) <= 4.0 * have["plant"])
    h.run()
    return -h.getInfo().objective_function_value


def _connected_or_built(u, n, units, link):
    built = dict(u.select("upgrade_id", pl.col("units_built").fill_null(0)).iter_rows())
    return _connected(n, {name: units[name] + built[name] for name in units}, link)


def test_everything_wrong_with_the_frames_is_said_at_once():
    u, e, n = frames()
    u = pl.concat([u, u.head(1)]).with_columns(side=pl.lit("sea"), outlet_hours_h=pl.lit(100.0))
    n = pl.concat([n, pl.DataFrame({"link_id": ["ghost"], "need": [1], "upgrade_id": ["nothing"]})])
    with pytest.raises(SchemaError) as caught:
        upgrades(u, e.with_columns(co2e_t=None), n, budget_musd=1.0)
    text = str(caught.value)
    for words in (
        "doubled upgrade_id",
        "side not one of",
        "without berth_id",
        "'ghost'",
        "'nothing'",
        "co2e_t is null",
    ):
        assert words in text


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"budget_musd": 1.0, "phases": pl.DataFrame({"from_year": [2030], "budget_musd": [1.0]})},
        {"budget_musd": 1.0, "discount": 0.1},
        {"budget_musd": 1.0, "method": "magic"},
        {"budget_musd": 1.0, "objective": "gold_t"},
        {"budget_musd": 1.0, "method": "frontier"},
    ],
)
def test_options_that_do_not_go_together(options):
    with pytest.raises(MethodError):
        upgrades(*frames(), **options)


def test_a_negative_budget_is_refused():
    with pytest.raises(InputError, match="budget_musd is -1"):
        upgrades(*frames(), budget_musd=-1.0)
