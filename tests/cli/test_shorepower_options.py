"""What the options of ``sisterport shorepower`` change: years, costs, hours, agreements, assumptions, registers."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from sisterport.shorepower.registers import read_inlets, read_outlets
from tests.cli.shore import ATLAS, DORIS, EXAMPLES, MATCH, frame, good, shore


def test_phases_build_once_and_hold(chain):
    said = good("upgrades", "plugs", "--years", "2027:3,2030:6", "--until", 2040, cwd=chain)
    assert "  2027  " in said
    units = frame(chain / "plugs", "units")
    assert units.filter(from_year=2027)["cost_musd"].sum() <= 3
    assert units["cost_musd"].sum() <= 9
    assert "certificate-years.json: plan and bound hold" in good("verify", "plugs", cwd=chain)


def test_costs_high_never_save_more_and_own_costs_count(chain):
    values = {}
    own = "fix_id,cost_mid,currency,price_year\nship_converter,1000,USD,2024\n"
    (chain / "own.csv").write_text(own)
    for costs in ("low", "mid", "high", "own.csv"):
        found = json.loads(good("upgrades", "plugs", "--budget", 3, "--costs", costs, "--json", cwd=chain))
        values[costs] = found["plans"][0]["value"]
    assert values["low"] >= values["mid"] >= values["high"]
    units = frame(chain / "plugs", "units")
    assert units.filter(fix="ship_converter")["cost_musd"].to_list() == [0.001]


def test_plans_keep_within_the_hours_of_the_outlets(chain):
    """An outlet at Hamburg that can be used a tenth of the year: 876 hours, less than ATLAS lies there."""
    rows = pl.read_csv(EXAMPLES / "outlets.csv", infer_schema=False)
    tenth = pl.when(berth_id="hamburg-1").then(pl.lit("0.1")).alias("availability_share")
    rows.with_columns(tenth, outlets_n=pl.lit("1")).write_csv(chain / "scarce.csv")
    before = frame(chain / "plugs", "frontier").filter(budget_musd=9.0).row(0, named=True)
    good(*(chain / "scarce.csv" if part == EXAMPLES / "outlets.csv" else part for part in MATCH), cwd=chain)
    good("savings", "plugs", cwd=chain)
    said = good("upgrades", "plugs", "--budget", 9, cwd=chain)
    assert "Outlet hours limit 1 of 3 berths; 1 of 2 outlets do not state their hours: taken as the whole year." in said
    after = frame(chain / "plugs", "frontier").filter(budget_musd=9.0).row(0, named=True)
    assert after["value"] < before["value"]
    assert after["bound"] < before["value"]
    links, connected = frame(chain / "plugs", "links"), frame(chain / "plugs", "connected")
    used = connected.join(links, on="link_id").filter(berth_id="hamburg-1")
    assert (used["share"] * used["hours_h"]).sum() == pytest.approx(876.0)
    assert shore("verify", "plugs", cwd=chain).returncode == 0
    connected.with_columns(share=pl.lit(1.0)).write_parquet(chain / "plugs/connected.parquet")
    done = shore("verify", "plugs", cwd=chain)
    assert done.returncode == 1
    assert "h used at 'hamburg-1', the registers give 876" in done.stdout


def test_an_agreement_is_held_beside_separate_choices(chain):
    said = good("upgrades", "plugs", "--budget", 9, "--agreements", EXAMPLES / "agreements.csv", cwd=chain)
    assert "sixty-hertz (DEHAM+SEGOT, 2 upgrades, 2.80 MUSD): in the plan; beside separate choices" in said
    assert "0.20 MUSD less spent" in said
    assert "sixty-hertz-list-price (DEHAM+SEGOT, 2 upgrades, 7.58 MUSD): not in the plan; if it is made" in said
    rows = {row["agreement_id"]: row for row in frame(chain / "plugs", "agreements").iter_rows(named=True)}
    assert rows["sixty-hertz"]["in_plan"]
    assert rows["sixty-hertz"]["value"] >= rows["sixty-hertz"]["value_without"]
    assert rows["sixty-hertz-list-price"]["value_if_made"] < rows["sixty-hertz-list-price"]["value_without"]
    assert "One profile for all" in (chain / "plugs/upgrades.html").read_text()
    assert shore("verify", "plugs", cwd=chain).returncode == 0
    (chain / "bad.csv").write_text(
        "agreement_id,locodes,profile,frequency_hz,since\na,DEHAM|USNYK,HVSC-CONTAINER,60,soon\n"
    )
    done = shore("upgrades", "plugs", "--budget", 9, "--agreements", "bad.csv", cwd=chain)
    assert done.returncode == 2
    assert "not a date like" in done.stderr
    (chain / "bad.csv").write_text("agreement_id,locodes,profile,frequency_hz\na,USNYK,HVSC,60\na,DEHAM,HVSC,60\n")
    done = shore("upgrades", "plugs", "--budget", 9, "--agreements", "bad.csv", cwd=chain)
    assert "doubled agreement_id: 'a'" in done.stderr


MONEY = ("--interest", 0.06, "--life", 20, "--fuel-price", 700)


def test_what_a_plan_costs_per_kwh_and_per_tonne_by_hand(chain):
    good("savings", "plugs", "--tariff", 0.12, cwd=chain)
    found = json.loads(good("upgrades", "plugs", "--budget", 9, *MONEY, "--opex-share", 0.02, "--json", cwd=chain))
    plan, rows = found["plans"][0], {row["costs"]: row for row in found["economics"]}
    links = {row["link_id"]: row for row in frame(chain / "plugs", "links").iter_rows(named=True)}
    saved = frame(chain / "plugs", "savings")
    scale = 8760 / (
        frame(chain / "plugs", "covered").select(pl.col("end_utc") - pl.col("start_utc")).item().total_seconds() / 3600
    )
    kwh = 1e3 * sum(links[row["link_id"]]["energy_mwh"] * row["share"] for row in plan["links"])
    met = {(row["ship_id"], row["berth_id"]) for row in plan["links"]}
    ours = [r for r in saved.iter_rows(named=True) if (f"imo:{r['imo']}", r["berth_id"]) in met]
    grid, fuel, net = (scale * sum(r[name] for r in ours) for name in ("grid_mwh", "fuel_t", "co2_net_t"))
    annuity = 0.06 / (1 - 1.06**-20)
    yearly = plan["cost_musd"] * 1e6 * (annuity + 0.02) + grid * 1e3 * 0.12
    assert rows["mid"]["cost_usd_per_kwh"] == pytest.approx(yearly / kwh)
    assert rows["mid"]["abatement_usd_per_t"] == pytest.approx((yearly - 700 * fuel) / net)
    assert rows["low"]["cost_usd_per_kwh"] < rows["mid"]["cost_usd_per_kwh"] < rows["high"]["cost_usd_per_kwh"]
    assert {row["price_year"] for row in rows.values()} == {2024}
    said = good("upgrades", "plugs", "--budget", 9, *MONEY, cwd=chain)
    assert "USD/t CO2 net (low / mid / high, USD of 2024)" in said
    assert "What it costs" in (chain / "plugs/upgrades.html").read_text()


def test_what_savings_cost_says_its_year_and_what_is_missing(chain):
    money = ("--capex", 2, 4, 8, "--interest", 0.06, "--life", 20, "--price-year", 2024)
    said = good("savings", "plugs", *money, cwd=chain)
    assert "USD/kWh not known" in said
    assert "cost: no tariff for some stays" in said
    said = good("savings", "plugs", *money, "--tariff", 0.12, "--fuel-price", 700, cwd=chain)
    assert "costs 0.143 / 0.158 / 0.188 USD/kWh, -19 / 14 / 79 USD/t CO2 net (low / mid / high, USD of 2024)" in said
    assert "note: Costs are of a year: the data cover 28.08 days." in said
    assert frame(chain / "plugs", "economics_of_savings")["costs"].to_list() == ["low", "mid", "high"]
    assert "prices of 2024" in (chain / "plugs/savings.html").read_text()


def test_the_time_between_two_periods_is_no_data(chain):
    """Two weeks of data, ten weeks apart, are two weeks."""
    week = timedelta(days=7)
    first = datetime(2026, 6, 1, tzinfo=UTC)
    starts = pl.Series([first, first + 11 * week], dtype=pl.Datetime("ms", "UTC"))
    pl.DataFrame({"start_utc": starts, "end_utc": starts + week}).write_parquet(chain / "plugs/covered.parquet")
    good("savings", "plugs", cwd=chain)
    said = good("upgrades", "plugs", "--budget", 9, cwd=chain)
    assert (
        "The data cover 14 days in 2 periods, without the time between: sums are multiplied by 26.07 for a year."
        in said
    )
    link = frame(chain / "plugs", "links").filter(ship_id=ATLAS, berth_id="hamburg-1")
    assert link["calls"].item() == pytest.approx(4 * 365 / 14)
    assert "The stays are taken for 28 days" in good("upgrades", "plugs", "--budget", 9, "--days", 28, cwd=chain)


def test_unknown_checks_are_assumed_only_if_asked(chain):
    text = good("upgrades", "plugs", "--budget", 30, "--unknown", "true", cwd=chain)
    assert "note: Assumed: every unknown check turns out well" in text
    assert "Assumed: every unknown check" in (chain / "plugs/upgrades.html").read_text()
    assert frame(chain / "plugs", "left_out").is_empty()


def test_assumed_outlets_are_marked_wherever_they_show(tmp_path):
    said = good("match", "p", "--stays", EXAMPLES / "stays.csv", "--assume-outlets", "HVSC-RORO@50", cwd=tmp_path)
    assert "note: Assumed outlets: nobody has built an outlet at 3 of the berths" in said
    assert "Assumed outlets" in (tmp_path / "p/match.html").read_text()
    outlets = frame(tmp_path / "p", "outlets")
    assert outlets.select("voltage_kv", "frequency_hz", "source").unique().rows() == [
        (11.0, 50.0, "assumed outlet, not built")
    ]
    assert "Assumed outlets" in good("savings", "p", cwd=tmp_path)


def test_ports_classes_and_more_than_one_register(tmp_path):
    args = [part for part in MATCH if part not in ("--assessments", EXAMPLES / "assessments.csv")]
    good(*args, "--outlets", "candidates", "--ports", "DEHAM", "--class", "container", "--priors", cwd=tmp_path)
    verdicts, outlets = frame(tmp_path / "plugs", "verdicts"), frame(tmp_path / "plugs", "outlets")
    assert set(verdicts["berth_id"]) == {"hamburg-1", "hamburg-2"}
    assert set(outlets["locode"]) == {"DEHAM"}
    assert outlets.height > 5
    assert verdicts.filter(ship_id=DORIS)["prior_share"].is_between(0, 1).all()
    assert verdicts.filter(ship_id=ATLAS)["prior_share"].null_count() == 1
    twice = shore(*args, "--outlets", EXAMPLES / "outlets.csv", cwd=tmp_path)
    assert twice.returncode in (0, 2)


def test_without_stays_every_ship_meets_every_berth(tmp_path):
    args = ("--inlets", EXAMPLES / "inlets.csv", "--outlets", EXAMPLES / "outlets.csv", "--on", "2026-11-01")
    good("match", "p", *args, cwd=tmp_path)
    assert frame(tmp_path / "p", "verdicts").height == 9
    (tmp_path / "more.csv").write_text("mmsi,ship_class,length_m\n211839000,container,300\n")
    good("match", "p", *args, "--ships", "more.csv", cwd=tmp_path)
    assert frame(tmp_path / "p", "verdicts").height == 12


@pytest.mark.parametrize(("name", "read"), [("outlets", read_outlets), ("inlets", read_inlets)])
def test_registers_go_from_one_format_to_another_and_back(tmp_path, name, read):
    good("registers", EXAMPLES / f"{name}.csv", "--to", "r.geojson", cwd=tmp_path)
    good("registers", "r.geojson", "--to", "r.parquet", cwd=tmp_path)
    good("registers", "r.parquet", "--to", "r.csv", cwd=tmp_path)
    assert read(tmp_path / "r.csv").equals(read(EXAMPLES / f"{name}.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.geojson", "r.parquet"]


def test_help_is_light():
    code = "import sys, sisterport.cli; print([m for m in ('polars', 'numba', 'shapely', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
