"""A sound inventory passes every check; each check finds the fault that it is for, and says where."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from sisterport.errors import SchemaError
from sisterport.inventory import emissions
from sisterport.inventory.checks import CHECKS, check_inventory, checks_page, made
from sisterport.inventory.checks.registry import limit
from sisterport.project import read_project, run
from sisterport.project.checked import reported
from sisterport.reference import load
from sisterport.tables import empty
from tests.inventory.frames import NA, segment, segments, ship, ships
from tests.project import folder

SHIP = folder.CONTAINER
CASE = pl.col("mmsi") == SHIP
BERTH = 10  # the segment at berth-1 on the first day


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The frames of the made-up project, with one shore connection."""
    result = run(read_project(folder.write(tmp_path_factory.mktemp("checks"))))
    period = result.periods[0]
    seen = reported(result.parts[0].source.chunks())
    shore = pl.DataFrame({"connection": [0], "mmsi": [SHIP], "hours_at_berth": [9.0], "excess_kwh": [0.0]})
    return {
        "segments": period.segments,
        "emissions": period.emissions,
        "ships": period.ships,
        "calls": period.calls,
        "stops": period.stops,
        "areas": result.areas.frame,
        "positions_span": (seen.first_utc, seen.last_utc),
        "draughts": seen.draughts,
        "shore": shore,
        "cells": period.cells,
    }


def found(frames):
    """The findings by name."""
    names = ("segments", "emissions", "ships", "calls", "stops")
    rows = check_inventory(*(frames[n] for n in names), **{k: v for k, v in frames.items() if k not in names})
    return {row["check"]: row for row in rows.iter_rows(named=True)}


def put(table, where, **values):
    """A change of some rows of one frame."""

    def change(frames):
        new = [pl.when(where).then(v).otherwise(pl.col(n)).alias(n) for n, v in values.items()]
        return frames | {table: frames[table].with_columns(new)}

    return change


def drop(table, where):
    return lambda frames: frames | {table: frames[table].filter(~where)}


def twice(table):
    return lambda frames: frames | {table: pl.concat([frames[table], frames[table].head(1)])}


ID, AT = pl.col("segment_id"), pl.col("segment_id") == BERTH
MAIN, AUX = pl.col("system") == "main", pl.col("system") == "auxiliary_engine"
HOUR = pl.duration(hours=1)
LATE = datetime(2025, 4, 1, tzinfo=UTC)

FAULTS = {
    "domain_empty": put("segments", ID >= 0, in_domain=False),
    "not_a_number": put("emissions", AT & MAIN, co2_t=float("nan")),
    "negative_amounts": put("emissions", AT & AUX, nox_kg=-1.0),
    "listed_twice": twice("ships"),
    "segments_without_emissions": drop("emissions", AT & MAIN),
    "emissions_without_segment": drop("segments", AT),
    "segments_without_ship": drop("ships", CASE),
    "parts_and_total": put("cells", pl.lit(value=True), fuel_t=pl.col("fuel_t") * (1 + 1e-6)),
    "order_of_amounts": put("emissions", AT & AUX, pm25_kg=pl.col("pm10_kg") * 1.01),
    "segments_overlap": put("segments", AT, start_utc=pl.col("start_utc") - HOUR, hours=13.0),
    "hours_against_clock": put("segments", AT, hours=11.5),
    "day_too_long": put("segments", AT, hours=23.0),
    "outside_its_day": put("segments", AT, end_utc=pl.col("end_utc") + HOUR),
    "outside_positions": lambda frames: (
        frames | {"positions_span": (frames["positions_span"][0] + timedelta(hours=1), frames["positions_span"][1])}
    ),
    "berth_without_area": put("segments", AT, area_id=None),
    "stop_outside_its_port": put("areas", pl.col("area_id") == "berth-1", locode=pl.lit("CNSGH")),
    "stop_outside_its_call": put("stops", pl.col("area_id") == "berth-1", end_utc=LATE),
    "calls_overlap": lambda frames: (
        frames
        | {"calls": pl.concat([frames["calls"], frames["calls"].filter(CASE).with_columns(call_id=pl.lit("other"))])}
    ),
    "hours_of_calls": put("calls", CASE, hours_moving=99.0),
    "speed_above_reference": put("segments", ID == 1, distance_nm=60.0),
    "holes_share": put("segments", pl.col("mode") == "berth", quality=pl.lit("stayed")),
    "imo_check_digit": put("ships", CASE, imo=9074728),
    "imo_under_two_mmsi": put("ships", ~CASE, imo=9074729),
    "mmsi_of_a_ship": put("ships", ~CASE, mmsi=993669527),
    "length_over_beam": put("ships", CASE, beam_m=30.0),
    "keel_after_build": put("ships", CASE, keel_year=2007),
    "built_later": put("ships", CASE, build_year=2026),
    "tier_against_keel": put("ships", CASE, nox_tier=3),
    "power_against_class": put("ships", CASE, power_kw=5580.0),
    "draught_ratio": put("ships", CASE, draught_ref_m=11.0),
    "unknown_ships": put("ships", ~CASE, ship_class=pl.lit("unknown")),
    "energy_per_mile": put("emissions", MAIN, energy_kwh=pl.col("energy_kwh") / 100),
    "fuel_heat": put("emissions", AT & AUX, fuel_t=pl.col("fuel_t") * 1.5),
    "main_engine_at_rest": put("emissions", AT & MAIN, energy_kwh=5.0),
    "load_at_cap": put("segments", pl.col("mode") == "manoeuvring", lf_h=pl.col("hours")),
    "shore_above_demand": put("shore", CASE, excess_kwh=5.0),
    "shore_without_berth": put("shore", CASE, hours_at_berth=0.0),
}


def test_a_sound_inventory_passes(sound):
    assert found(sound) == {}
    assert made(**sound) == len(CHECKS)


def test_every_check_has_a_fault_here():
    assert set(FAULTS) == set(CHECKS)


@pytest.mark.parametrize("name", FAULTS)
def test_each_check_finds_its_fault(sound, name):
    frames = sound
    if name == "energy_per_mile":  # the made-up ship is slow: let it be faster than half its reference speed
        frames = put("segments", pl.col("mode") == "cruise", distance_nm=14.0 * pl.col("hours"))(sound)
        assert found(frames) == {}
    row = found(FAULTS[name](frames)).get(name)
    assert row, "not found"
    assert row["severity"] == CHECKS[name].severity
    assert row["mend"]
    assert "{" not in row["what"] + row["where"]
    assert row["count"] >= 1


def test_a_finding_names_the_first_offender_and_its_limit(sound):
    row = found(put("ships", CASE, beam_m=30.0)(sound))["length_over_beam"]
    assert row["where"] == f"MMSI {SHIP}: 300 m by 30 m"
    assert (row["count"], row["limit"], row["limit_status"]) == (1, "2 to 8", "secondary")
    assert "cetos" in row["limit_source"]


def test_everything_is_found_at_once_errors_first(sound):
    rows = check_inventory(
        put("segments", AT, hours=11.5)(sound)["segments"],
        put("emissions", AT & AUX, nox_kg=-1.0)(sound)["emissions"],
        put("ships", CASE, beam_m=30.0, keel_year=2007)(sound)["ships"],
        sound["calls"],
        sound["stops"],
    )
    assert {"negative_amounts", "hours_against_clock", "keel_after_build", "length_over_beam"} <= set(rows["check"])
    assert rows["severity"].to_list() == sorted(rows["severity"].to_list(), key=["error", "warn"].index)


def test_what_was_not_given_is_not_checked(sound):
    bare = {n: sound[n] for n in ("segments", "emissions", "ships", "calls", "stops")}
    bare = put("ships", CASE, draught_ref_m=11.0)(bare)
    assert "draught_ratio" not in found(bare)
    assert made() == sum(not check.needs for check in CHECKS.values()) < len(CHECKS)


def test_pandas_in_pandas_out(sound):
    names = ("segments", "emissions", "ships", "calls", "stops")
    assert type(check_inventory(*(sound[n].to_pandas() for n in names))).__module__.startswith("pandas")


def test_a_missing_column_is_named(sound):
    with pytest.raises(SchemaError, match="column 'hours' missing"):
        check_inventory(sound["segments"].drop("hours"), *(sound[n] for n in ("emissions", "ships", "calls", "stops")))


def test_every_piston_engine_of_the_study_lies_in_the_band_of_heat():
    """The band of fuel_heat holds for every row of Table 19 that it is applied to: it is no accident of one ship."""
    heat = {"residual": 40.2, "distillate": 42.7, "lng": 48.0, "methanol": 19.9}
    believed = limit("fuel_heat")
    pistons = ["SSD", "MSD", "HSD", "LPDF_4S", "LPDF_2S", "HPDF", "LBSI"]
    rows = load("sfc_baseline").filter(
        pl.col("engine_type").is_in(pistons) & pl.col("system").is_in(["main", "auxiliary_engine"])
    )
    pilots = load("sfc_baseline").filter(system="main_pilot")
    pilot = {row["engine_type"]: float(row["sfc_g_per_kwh"]) for row in pilots.iter_rows(named=True)}
    assert rows.height > 20
    for row in rows.iter_rows(named=True):
        oil = pilot.get(row["engine_type"], 0.0) if row["system"] == "main" else 0.0
        mj = (float(row["sfc_g_per_kwh"]) * heat[row["fuel"]] + oil * heat["distillate"]) / 1000
        assert believed.low <= mj <= believed.high, row


def test_pilot_oil_counts_with_the_gas_of_its_engine():
    """135 g of LNG alone would be 6.48 MJ/kWh, below the band; with 6 g of pilot oil it is within."""
    gas = ship(engine_type="HPDF", fuel="lng")
    rows, fleet = segments(segment(0, [(0.78, 1.0)])), ships(gas)
    frames = (rows, emissions(rows, fleet, zones=NA), fleet, empty("calls"), empty("stops"))
    assert "fuel_heat" not in check_inventory(*frames)["check"].to_list()


def test_every_limit_has_its_passport_and_is_used():
    table = load("check_limits")
    assert table["source"].null_count() == table["status"].null_count() == 0
    assert set(table["status"]) <= {"checked", "secondary", "unverified"}
    code = "".join(
        path.read_text() for path in (folder.Path(__file__).parents[2] / "src/sisterport/inventory/checks").glob("*.py")
    )
    assert [name for name in table["id"].unique() if f'"{name}"' not in code] == []


def test_the_page_lists_every_check():
    page = checks_page()
    assert [name for name in CHECKS if f"| `{name}` |" not in page] == []
    assert all(check.finds and check.mend for check in CHECKS.values())
