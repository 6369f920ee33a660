"""Hours of outlets and power of plants: what the registers give is kept, and what they do not state is said."""

from datetime import date

import polars as pl
import pytest

from sisterport.shorepower.certificate import pack
from sisterport.shorepower.upgrades import upgrades
from sisterport.shorepower.verify import verify
from sisterport.shorepower.within import within
from sisterport.shorepower.within_checked import overloads
from sisterport.tables import check, empty
from sisterport.units import HOURS_PER_YEAR

DAY = date(2026, 11, 1)
SHIPS = ("imo:9074729", "imo:9110913", "imo:9321483")


def outlets(**columns):
    base = {"outlet_id": "o1", "berth_id": "b1", "locode": "DEHAM", "state": "operational"}
    return check(pl.DataFrame([{**base, "source": "port", "status": "checked", **columns}]), "outlets")


def inlets(*peaks):
    rows = [
        {"inlet_id": f"i{n}", "imo": int(ship[4:]), "peak_mw": peak, "power_factor": 0.8}
        for n, (ship, peak) in enumerate(zip(SHIPS, peaks, strict=False))
    ]
    return check(pl.DataFrame(rows).with_columns(source=pl.lit("ship"), status=pl.lit("checked")), "inlets")


def problem(*hours, berth="b1", new=False):
    """Each ship needs an inlet of its own (1 MUSD) and saves a tonne an hour; perhaps the berth an outlet."""
    links = [
        {"link_id": f"{ship} @ {berth}", "ship_id": ship, "berth_id": berth, "locode": "DEHAM", "hours_h": hour}
        | {"energy_mwh": hour, "co2e_t": float(hour)}
        for ship, hour in zip(SHIPS, hours, strict=False)
    ]
    rows = [
        {"upgrade_id": f"inlet_retrofit @ {row['ship_id']}", "side": "ship", "owner": row["ship_id"]}
        | {"fix": "inlet_retrofit", "cost_musd": 1.0}
        for row in links
    ]
    needs = [(row["link_id"], 2, f"inlet_retrofit @ {row['ship_id']}") for row in links]
    if new:
        rows.append({"upgrade_id": f"new_outlet @ {berth}", "side": "berth", "owner": berth, "fix": "new_outlet"})
        rows[-1] |= {"cost_musd": 4.67, "locode": "DEHAM"}
        needs += [(row["link_id"], 3, f"new_outlet @ {berth}") for row in links]
    needs = pl.DataFrame(needs, schema=["link_id", "need", "upgrade_id"], orient="row")
    return pl.DataFrame(rows, infer_schema_length=None), pl.DataFrame(links), needs


def verdicts(*hours, outlet="o1"):
    rows = [
        {"ship_id": ship, "berth_id": "b1", "outlet_id": outlet, "best": 3, "worst": 3}
        | {"checks_true": 0, "checks_false": 2, "checks_unknown": 0}
        for ship, _ in zip(SHIPS, hours, strict=False)
    ]
    return check(pl.DataFrame(rows), "verdicts")


def limited(hours, register, ships=None, **options):
    u, e, n = problem(*hours, **options)
    ships = empty("inlets") if ships is None else ships
    found = within(u, e, verdicts(*hours), outlets=register, inlets=ships, on=DAY)
    return found, n


def test_hours_that_bind_change_the_plan_and_an_overload_is_found():
    """Two ships ask for more hours than the outlet of b1 has: the second inlet goes to the ship at b2 instead."""
    hours = (6000.0, 5900.0, 3000.0)
    u, e, n = problem(*hours)
    e = e.with_columns(berth_id=pl.Series(["b1", "b1", "b2"]))
    free = upgrades(u, e, n, budget_musd=2.0)
    assert free.units["owner"].to_list() == [SHIPS[0], SHIPS[1]]
    registers = {"outlets": outlets(outlets_n=1), "inlets": empty("inlets"), "on": DAY}
    found = within(u, e, verdicts(*hours), **registers)
    plan = upgrades(found.upgrades, found.links, n, budget_musd=2.0)
    assert plan.units["owner"].to_list() == [SHIPS[0], SHIPS[2]]
    assert verify(plan.certificate, found.upgrades, found.links, n) == []
    full = upgrades(found.upgrades, found.links, n, budget_musd=3.0).certificate
    assert full["shares"], "one ship is served in part"
    planted = {**full, "shares": [], "connected": pack([True, True, True])}
    assert "plan: 11900 h used at 'b1', 8760 are there" in verify(planted, found.upgrades, found.links, n)
    for made, faults in ((plan, []), (free, ["2 MUSD: 11,900 h used at 'b1', the registers give 8,760"])):
        connected, units = (part.with_columns(budget_musd=pl.lit(2.0)) for part in (made.links, made.units))
        assert overloads(connected, units, e, verdicts(*hours), **registers) == faults


def test_one_more_outlet_is_built_where_it_pays():
    hours = (8000.0, 8000.0)
    found, n = limited(hours, outlets(outlets_n=1))
    assert upgrades(found.upgrades, found.links, n, budget_musd=2.0).value == pytest.approx(HOURS_PER_YEAR)
    rich = upgrades(found.upgrades, found.links, n, budget_musd=9.0)
    assert rich.value == 16000.0
    assert "more_outlets @ b1" in rich.units["upgrade_id"].to_list()
    connected, units = (part.with_columns(budget_musd=pl.lit(9.0)) for part in (rich.links, rich.units))
    registers = {"outlets": outlets(outlets_n=1), "inlets": empty("inlets"), "on": DAY}
    assert overloads(connected, units, problem(*hours)[1], verdicts(*hours), **registers) == []


def test_new_outlets_have_hours_too():
    hours = (8000.0, 8000.0, 8000.0)
    found, n = limited(hours, outlets(state="none"), new=True)
    plan = upgrades(found.upgrades, found.links, n, budget_musd=3 + 3 * 4.67)
    assert dict(plan.units.select("upgrade_id", "units").iter_rows())["new_outlet @ b1"] == 3
    assert plan.value == 24000.0
    assert upgrades(found.upgrades, found.links, n, budget_musd=3 + 4.67).value == pytest.approx(HOURS_PER_YEAR)


def test_what_is_enough_is_not_limited():
    found, _ = limited((4000.0, 4000.0), outlets(outlets_n=1))
    assert found.upgrades["outlet_hours_h"].null_count() == found.upgrades.height
    found, _ = limited((8000.0, 8000.0), outlets(outlets_n=2))
    assert found.upgrades["outlet_hours_h"].null_count() == found.upgrades.height


def test_what_the_register_does_not_state_is_counted():
    found, _ = limited((5000.0, 4500.0), outlets())
    assert found.said == [
        (
            "Outlet hours limit 1 of 1 berths; 1 of 1 outlets do not state their hours: taken as the whole year; "
            "1 of 1 do not state how many they are: taken as one each."
        ),
        "Plant power limits nothing; 1 of 1 outlets have no plant of known power: not limited.",
    ]


def test_a_small_plant_binds_and_its_simultaneity_counts():
    """Two ships of 4 MW at 0.8: 5 MVA each, half of the year: 5 MVA on average; the plant gives 4."""
    half = HOURS_PER_YEAR / 2
    register = outlets(outlets_n=2, availability_share=1.0, plant_id="p", plant_power_mva=4.0, simultaneity=1.0)
    found, n = limited((half, half), register, inlets(4.0, 4.0))
    plan = upgrades(found.upgrades, found.links, n, budget_musd=2.0)
    assert plan.value == pytest.approx(HOURS_PER_YEAR * 4.0 / 5.0)
    assert verify(plan.certificate, found.upgrades, found.links, n) == []
    both = upgrades(found.upgrades, found.links, n, budget_musd=2.0 + 2 * 1.5)
    assert "plant_again @ p" in both.units["upgrade_id"].to_list()
    assert both.value == pytest.approx(HOURS_PER_YEAR)
    calm, _ = limited((half, half), register.with_columns(simultaneity=pl.lit(0.8)), inlets(4.0, 4.0))
    assert calm.upgrades["plant_mva"].null_count() == calm.upgrades.height
    u, e, _ = problem(half, half)
    free = upgrades(u, e, n, budget_musd=2.0)
    connected, units = (part.with_columns(budget_musd=pl.lit(2.0)) for part in (free.links, free.units))
    (fault,) = overloads(connected, units, e, verdicts(1, 1), outlets=register, inlets=inlets(4.0, 4.0), on=DAY)
    assert fault == "2 MUSD: 5 MVA used at 'p', the registers give 4"


def test_a_ship_without_a_peak_takes_the_power_of_the_outlet():
    register = outlets(outlets_n=2, power_mva=6.0, plant_id="p", plant_power_mva=5.0)
    found, _ = limited((8000.0, 8000.0), register, inlets(4.0))
    assert found.links["peak_mva"].to_list() == [5.0, 6.0]
    assert "1 ships there have no known peak: taken as the power of the outlet" in found.said[1]
