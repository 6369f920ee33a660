"""The one story: a real call from the demo's AIS, carried through the files that each command wrote.

CHICAGO EXPRESS lay at APM terminal, Elizabeth, on 30 June 2020: call -> verdict -> saving -> upgrade plan ->
certificate -> rules -> corridor plan -> indicator -> signed entry. The ship, the berth, the time and the energy are
those of the AIS and the inventory. What nobody has published, her inlet, an outlet at that berth and a service from
New York, is assumed, and the files say so. Each room that joins the house takes the story further.
"""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from sisterport.corridor import read_scenario, shore_shares
from tests.cli.test_cli import cli

MMSI, IMO, BERTH = 211839000, 9295268, "usnyc-apm-3"
SHIP = f"imo:{IMO}"
PERIOD = "out/30-june-2020-one-hour"
INLETS = f"""inlet_id,imo,name,ship_class,has_inlet,bus_frequency_hz,peak_mw,power_factor,source,status
assumed,{IMO},CHICAGO EXPRESS,container,no,60,3.0,0.85,assumed for this test,unverified
"""
CORRIDOR = """[corridor]
id = "assumed"
name = "New York - Rotterdam (assumed)"
ends = [["USNYC"], ["NLRTM"]]
representative_services = true
[horizon]
first_year = 2026
last_year = 2032
discount_rate = 0.08
usd_year = 2024
[ships]
burns = "vlsfo"
sea_margin = 0.15
tank_reserve = 0.1
life_years = 25
[shore_power]
folder = "plugs"
[[service]]
id = "atlantic"
carrier = "assumed"
ports = ["USNYC", "NLRTM"]
days_between_departures = 7
ships = 4
vessel_class = "container_8000_teu"
build_years = [2010, 2010, 2015, 2015]
berth_h = [36, 36]
buffer_h = 48
teu_per_year = 300000
corridor_cargo_share = 1.0
[[fuel]]
id = "vlsfo"
fuel = "vlsfo"
class = "fossil"
usd_per_gj = 14
price_year = 2026
price_growth = 0.0
everywhere = true
[[port]]
locode = "USNYC"
shore_power_from = 2026
electricity_usd_per_kwh = 0.18
[[port]]
locode = "NLRTM"
"""
STEPS = (
    ("demo", "--output", "out"),
    ("shorepower", "match", "plugs", "--stays", PERIOD, "--inlets", "inlets.csv",
     "--assume-outlets", "HVSC-CONTAINER@60", "--class", "container", "--on", "2026-11-01"),
    ("shorepower", "coverage", "plugs"),
    ("shorepower", "savings", "plugs"),
    ("shorepower", "upgrades", "plugs", "--budget", "2", "--unknown", "true"),
    ("shorepower", "verify", "plugs"),
    ("rules", "check", PERIOD, "--year", "2026", "--to", "rules"),
    ("corridor", "plan", "corridor.toml", "--no-futures", "--no-changes", "--no-frontier", "--to", "plan"),
    ("corridor", "verify", "plan"),
    ("network", "init", "--coalition", "Story", "--port", "USNYC", "--user", "first", "--key", "first.pem"),
    ("network", "join", "second.pem", "--port", "USNYC", "--user", "second", "--role", "approver"),
    ("network", "admit", "second.pem.request.json", "--key", "first.pem"),
    ("network", "indicator", "I13", "--period", "2020-06-30/2020-06-30", "--port", "USNYC", "--from", PERIOD,
     "--visibility", "public", "--key", "first.pem"),
    ("network", "submit", "3", "--key", "first.pem"),
    ("network", "approve", "3", "--key", "second.pem"),
    ("network", "publish", "3", "--key", "first.pem"),
    ("network", "export", "ledger.jsonl"),
    ("network", "verify", "ledger.jsonl"),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Every command of the story, one after the other, in one folder."""
    place = tmp_path_factory.mktemp("story")
    (place / "inlets.csv").write_text(INLETS)
    (place / "corridor.toml").write_text(CORRIDOR)
    for step in STEPS:
        done = cli(*step, cwd=place)
        assert (done.returncode, done.stderr) == (0, ""), step
    return place


def frame(told: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(told / f"{name}.parquet")


def one(rows: pl.DataFrame) -> dict:
    assert rows.height == 1
    return rows.row(0, named=True)


def test_the_call_is_that_of_the_ais(told):
    call = one(frame(told, f"{PERIOD}/calls").filter(mmsi=MMSI))
    stop = one(frame(told, f"{PERIOD}/stops").filter(call_id=call["call_id"]))
    assert (call["locode"], stop["area_id"], stop["kind"]) == ("USNYC", BERTH, "berth")
    assert not call["arrival_seen"], "she was there when the hour began"
    assert not call["departure_seen"], "and stayed on"


def test_the_stay_is_the_stop_with_the_energy_of_the_inventory(told):
    call = one(frame(told, f"{PERIOD}/calls").filter(mmsi=MMSI))
    stop = one(frame(told, f"{PERIOD}/stops").filter(call_id=call["call_id"]))
    stay = one(frame(told, "plugs/stays").filter(mmsi=MMSI))
    assert stay["stay_id"] == f"{call['call_id']}-{stop['stop']}"
    assert (stay["imo"], stay["berth_id"], stay["start_utc"], stay["end_utc"]) == (
        IMO, BERTH, stop["start_utc"], stop["end_utc"],
    )  # fmt: skip
    assert (stay["start_seen"], stay["end_seen"]) == (False, False)
    here = frame(told, f"{PERIOD}/segments").filter(mmsi=MMSI, mode="berth").select("segment_id")
    burnt = frame(told, f"{PERIOD}/emissions").join(here, on="segment_id").filter(system="auxiliary_engine")
    assert stay["aux_mwh"] == pytest.approx(burnt["energy_kwh"].sum() / 1e3)
    assert stay["aux_co2e_t"] == pytest.approx(burnt["co2e_ttw_t"].sum())


def test_the_verdict_is_undecided_because_an_hour_does_not_show_the_stay(told):
    verdict = one(frame(told, "plugs/verdicts").filter(ship_id=SHIP))
    assert verdict["berth_id"] == BERTH
    assert verdict["grade"] is None
    assert verdict["best"] == 3, "an inlet has to be fitted at least"
    bits = {
        name: [k for k in range(1, 14) if verdict[f"checks_{name}"] >> (k - 1) & 1] for name in ("false", "unknown")
    }
    assert bits["false"] == [2]
    assert {12, 13} <= set(bits["unknown"]), "length of the stay, papers"
    assert 5 not in bits["unknown"], "60 Hz on both sides"
    asked = frame(told, "plugs/missing").filter(ship_id=SHIP, column="stay_h")
    assert one(asked)["energy_mwh"] == pytest.approx(one(frame(told, "plugs/stays").filter(mmsi=MMSI))["aux_mwh"])


def test_the_stay_counts_once_in_the_coverage_and_nobody_says_that_it_was_connected(told):
    row = one(frame(told, "plugs/coverage"))
    assert row["locode"] == "USNYC"
    assert row["stays"] == frame(told, "plugs/stays").height
    assert row["undecided_stays"] == 1.0
    assert row["did_stays"] is None


def test_the_saving_is_that_of_the_stay(told):
    stay = one(frame(told, "plugs/stays").filter(mmsi=MMSI))
    saved = one(frame(told, "plugs/savings").filter(mmsi=MMSI))
    assert saved["stay_id"] == stay["stay_id"]
    assert saved["energy_mwh"] == pytest.approx(stay["aux_mwh"]), "no time to connect: the ends were not seen"
    assert saved["co2e_gross_t"] == pytest.approx(stay["aux_co2e_t"])
    assert saved["ef_grid_source"].startswith("country US")
    grid = (
        saved["energy_mwh"] / (saved["converter_efficiency"] * (1 - saved["loss_share"])) * saved["ef_grid_t_per_mwh"]
    )
    assert saved["co2e_net_t"] == pytest.approx(stay["aux_co2e_t"] - grid)


def test_the_plan_fits_the_inlet_and_gains_what_was_saved(told):
    covered = one(frame(told, "plugs/covered"))
    seen = (covered["end_utc"] - covered["start_utc"]) / timedelta(hours=1)
    saved = one(frame(told, "plugs/savings").filter(mmsi=MMSI))
    link = one(frame(told, "plugs/links").filter(ship_id=SHIP))
    assert link["link_id"] == f"{SHIP} @ {BERTH}"
    assert link["co2e_t"] == pytest.approx(saved["co2e_net_t"] * 8760 / seen)
    needs = frame(told, "plugs/needs").filter(link_id=link["link_id"])
    assert needs.select("need", "upgrade_id").rows() == [(2, f"inlet_retrofit @ {SHIP}")]
    unit = one(frame(told, "plugs/units"))
    assert (unit["upgrade_id"], unit["fix"], unit["owner"], unit["units"]) == (
        f"inlet_retrofit @ {SHIP}", "inlet_retrofit", SHIP, 1,
    )  # fmt: skip
    connected = one(frame(told, "plugs/connected").filter(link_id=link["link_id"]))
    assert (connected["share"], connected["gain"]) == (1.0, pytest.approx(link["co2e_t"]))
    port = one(frame(told, "plugs/ports"))
    assert port["gain"] == pytest.approx(frame(told, "plugs/connected")["gain"].sum())


def test_the_certificate_proves_the_plan_that_the_files_tell(told):
    record = json.loads((told / "plugs/certificate-2-musd.json").read_text())
    assert record["plan"] == [[f"inlet_retrofit @ {SHIP}", 0, 1]]
    assert record["value"] == pytest.approx(frame(told, "plugs/connected")["gain"].sum())
    assert record["value"] <= record["bound"] * (1 + 1e-9)


def test_what_is_assumed_is_said_on_every_page(told):
    for name in ("match", "coverage", "savings", "upgrades"):
        assert "Assumed outlets" in (told / f"plugs/{name}.html").read_text(), name


def test_the_rules_count_the_fuel_of_the_stay_and_know_that_new_york_is_not_in_europe(told):
    stay = frame(told, "rules/movements").filter(mmsi=MMSI, to_locode="berth", from_locode="USNYC")
    here = frame(told, f"{PERIOD}/segments").filter(mmsi=MMSI, mode="berth").select("segment_id")
    burnt = frame(told, f"{PERIOD}/emissions").join(here, on="segment_id")
    assert stay["mass_t"].sum() == pytest.approx(burnt["fuel_t"].sum())
    account = frame(told, "rules/compliance").filter(ship_id=SHIP)
    number = {(row["regulation"], row["quantity"]): row["value"] for row in account.iter_rows(named=True)}
    assert (number["ets", "applies"], number["ets", "allowances"], number["fueleu", "penalty"]) == (1, 0, 0)
    assert one(account.filter(quantity="rating"))["word"] is None, "an hour is no year"


def test_a_corridor_plan_takes_no_power_from_a_berth_that_nobody_decided(told):
    share = one(shore_shares(read_scenario(told / "corridor.toml")).filter(locode="USNYC"))
    assert (share["share"], share["undecided"]) == (0.0, 1.0)
    assert share["source"].startswith("match in")
    assert frame(told, "plan/corridor_shore").filter(port="USNYC")["energy_tj"].sum() == 0.0
    fuel = frame(told, "plan/corridor_fuel").group_by("year").agg(pl.col("energy_tj").sum())
    assert fuel.height == 7
    assert fuel["energy_tj"].min() > 0


def test_the_plan_is_checked_with_the_match_of_shore_power_that_its_scenario_names(told):
    said = cli("corridor", "verify", "plan", cwd=told).stdout
    assert "bound: the prices prove it" in said
    assert "problem: that of the scenario" in said


def test_the_signed_entry_is_the_sum_of_the_inventory_and_names_its_file(told):
    lines = [json.loads(line) for line in (told / "ledger.jsonl").read_text().splitlines()]
    body = next(line["body"] for line in lines if line.get("body", {}).get("indicator") == "I13")
    value = {row["quantity"]: float(row["value"]) for row in body["values"]}
    at_berth = frame(told, f"{PERIOD}/segments").filter(mode="berth").select("segment_id")
    burnt = frame(told, f"{PERIOD}/emissions").join(at_berth, on="segment_id")
    assert value["nox_t"] == pytest.approx(burnt["nox_kg"].sum() / 1e3)
    named = {source["name"]: source["sha256"] for source in body["sources"]}
    file = (told / PERIOD / "emissions.parquet").read_bytes()
    assert named["emissions.parquet"] == hashlib.sha256(file).hexdigest()
