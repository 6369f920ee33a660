"""The GHG4 method on segments: worked by hand, and against a row-by-row reference on the raw tables."""

import csv
import math
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.inventory import emissions
from sisterport.reference import load, path

from .frames import NA, segment, segments, ship, ships

LOADS = [(0.02, 0.5), (0.1, 1.0), (0.24, 0.75), (0.25, 0.25), (0.8, 2.0), (1.0, 0.1)]


def raw(name: str) -> list[dict[str, str]]:
    with path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main_row(rows: pl.DataFrame, fleet: pl.DataFrame, **options: Any) -> dict[str, Any]:
    return emissions(rows, fleet, zones=NA, **options).filter(system="main").row(0, named=True)


def test_a_container_ship_outside_control_areas_by_hand() -> None:
    found = main_row(segments(segment(0, [(0.8, 1.0)])), ships(ship()))
    energy = 40000 * 0.8
    fuel_g = energy * 175 * (0.455 * 0.64 - 0.710 * 0.8 + 1.280)
    assert found["fuel"] == "vlsfo"
    assert found["energy_kwh"] == pytest.approx(energy)
    assert found["fuel_t"] == pytest.approx(fuel_g / 1e6)
    assert found["co2_t"] == pytest.approx(fuel_g * 3.188 / 1e6)
    assert found["sox_kg"] == pytest.approx(fuel_g * 2 * 0.97753 * 0.005 / 1e3)
    assert found["nox_kg"] == pytest.approx(energy * 17.0 / 1e3)
    pm10 = 1.35 + 175 * 7 * 0.02247 * (0.005 - 0.0246)
    assert found["pm10_kg"] == pytest.approx(energy * pm10 / 1e3)
    assert found["pm25_kg"] == pytest.approx(0.92 * energy * pm10 / 1e3)
    assert found["bc_kg"] == pytest.approx(fuel_g * 1.5e-4 * 0.8**-0.359 / 1e3)
    assert found["ch4_kg"] == pytest.approx(energy * 0.01 / 1e3)
    assert found["n2o_kg"] == pytest.approx(energy * 0.031 / 1e3)
    co2e = found["co2_t"] + (found["ch4_kg"] * 28 + found["n2o_kg"] * 265) / 1e3
    assert found["co2e_ttw_t"] == pytest.approx(co2e)
    assert found["co2e_wtw_t"] == pytest.approx(co2e + found["fuel_t"] * 41.0 * 13.2 / 1e3)


@pytest.mark.parametrize(
    ("given", "zone", "day", "fuel", "sulphur"),
    [
        ({}, "north_america", date(2020, 12, 1), "distillate", 0.0007),
        ({}, None, date(2020, 12, 1), "vlsfo", 0.005),
        ({}, None, date(2019, 12, 1), "residual", 0.026),
        ({}, "north_america", date(2014, 6, 1), "residual", 0.01),  # before 2015 the limit there was 1 %
        ({"scrubber": True}, "north_america", date(2020, 12, 1), "residual", 0.001),
        ({"scrubber": True}, None, date(2020, 12, 1), "residual", 0.005),
        ({"fuel": "distillate"}, None, date(2022, 12, 1), "distillate", 0.0006),
        ({"fuel": "vlsfo"}, "north_america", date(2022, 12, 1), "distillate", 0.0006),
        ({"fuel": "methanol"}, None, date(2022, 12, 1), "methanol", 5e-7),
        ({"fuel": "residual"}, None, date(2031, 1, 1), "vlsfo", 0.005),
    ],
)
def test_fuel_and_sulphur_by_place_and_day(
    given: dict[str, Any], zone: str | None, day: date, fuel: str, sulphur: float
) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = main_row(segments(segment(0, [(0.8, 1.0)], zone_id=zone, start_utc=start)), ships(ship(**given)))
    assert found["fuel"] == fuel
    assert found["sox_kg"] / (found["fuel_t"] * 1e3) == pytest.approx(2 * 0.97753 * sulphur)


def test_a_scrubber_does_not_take_particles_out() -> None:
    found = main_row(segments(segment(0, [(0.8, 1.0)], zone_id="north_america")), ships(ship(scrubber=True)))
    assert found["pm10_kg"] / found["energy_kwh"] * 1e3 == pytest.approx(1.35 + 175 * 7 * 0.02247 * (0.027 - 0.0246))


@pytest.mark.parametrize(
    ("zone", "day", "keel", "expected"),
    [
        (None, date(2022, 1, 1), 2018, 14.4),
        ("north_america", date(2022, 1, 1), 2018, 3.4),
        ("north_america", date(2015, 12, 31), 2018, 14.4),
        ("north_sea", date(2022, 1, 1), 2018, 14.4),  # the keel was laid before the date of this area
        ("north_sea", date(2022, 1, 1), 2021, 3.4),
        ("north_sea", date(2020, 12, 31), 2021, 14.4),
    ],
)
def test_tier3_only_in_a_nox_area_after_its_date(zone: str | None, day: date, keel: int, expected: float) -> None:
    north_sea = pl.DataFrame(
        {"zone_id": ["north_sea"], "valid_from": [date(2015, 1, 1)], "sulphur_pct_max": [0.1]}
    ).with_columns(nox_tier3_from=date(2021, 1, 1))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = segments(segment(0, [(0.8, 1.0), (0.24, 1.0)], zone_id=zone, start_utc=start))
    fleet = ships(ship(keel_year=keel, nox_tier=3))
    found = emissions(rows, fleet, zones=pl.concat([NA, north_sea])).filter(system="main")
    by_hand = 40000 * (expected * 0.8 + 14.4 * 0.24) / 1e3  # below 25 % load always Tier II
    assert found["nox_kg"].to_list() == pytest.approx([by_hand])


def test_gas_ship_burns_gas_and_pilot_oil() -> None:
    fleet = ships(ship(engine_type="HPDF", fuel="lng", nox_tier=2))
    found = emissions(segments(segment(0, [(0.1, 1.0)])), fleet, zones=NA)
    gas, pilot = found.filter(system="main").rows(named=True)
    assert (gas["fuel"], pilot["fuel"]) == ("lng", "distillate")
    assert pilot["energy_kwh"] == 0.0
    assert pilot["fuel_t"] == pytest.approx(6.0 * 4000 / 1e6)
    assert pilot["co2_t"] == pytest.approx(pilot["fuel_t"] * 3.206)
    assert pilot["sox_kg"] == pytest.approx(pilot["fuel_t"] * 1e3 * 2 * 0.97753 * 0.0007)
    assert gas["ch4_kg"] == pytest.approx(0.2 * 4000 / 1e3), "no oil-engine curve on methane slip"
    with_curve = emissions(segments(segment(0, [(0.1, 1.0)])), fleet, zones=NA, slip_low_load=True)
    curve = (0.0667 * 0.1**-1.5 + 0.3859) / (0.0667 * 0.2**-1.5 + 0.3859)
    assert with_curve["ch4_kg"][0] == pytest.approx(0.2 * 4000 / 1e3 * curve)


def test_unknown_ships_are_null_not_zero() -> None:
    unknown = {
        "power_kw": None,
        "v_ref_kn": None,
        "engine_type": None,
        "fuel": None,
        "ship_class": "unknown_cargo",
    }
    fleet = ships(ship(1 + 366000000, **unknown, size_bin=None, size=None), ship(366000002, v_ref_kn=None))
    rows = segments(
        segment(0),
        segment(1, mode="berth"),
        segment(2, mmsi=366000002),
        segment(3, mmsi=366000009, mode="anchorage"),
    )
    energy = emissions(rows, fleet, zones=NA).pivot(on="system", index="segment_id", values="energy_kwh").rows()
    assert energy == [
        (0, None, None, None),
        (1, 0.0, None, None),  # alongside the main engine is off, whatever it is
        (2, None, 1450.0, 0.0),
        (3, 0.0, None, None),  # a ship without particulars is kept
    ]


def test_engine_without_an_age_takes_the_stated_assumptions() -> None:
    rows = segments(segment(0, [(0.8, 1.0)]))
    known = main_row(rows, ships(ship(build_year=2010, keel_year=2009, nox_tier=1)))
    unknown = main_row(rows, ships(ship(build_year=None, keel_year=None, nox_tier=None)))
    assert known == unknown


ENGINES = {
    "residual": ["SSD", "MSD", "HSD", "GT", "ST"],
    "distillate": ["SSD", "MSD", "HSD", "GT", "ST"],
    "vlsfo": ["SSD", "MSD", "HSD"],
    "lng": ["LPDF_4S", "LPDF_2S", "HPDF", "LBSI", "ST"],
    "methanol": ["SSD", "MSD"],
}
FLEET = st.sampled_from([(engine, fuel) for fuel, engines in ENGINES.items() for engine in engines])


def reference(
    segment_row: dict[str, Any], ship_row: dict[str, Any], loads: list[tuple[float, float]]
) -> dict[str, float]:
    """The main engine of one segment, point by point, from the raw tables and the published equations."""
    engine, fuel, kw = ship_row["engine_type"], ship_row["fuel"], ship_row["power_kw"]
    in_eca = segment_row["zone_id"] is not None
    if fuel in {"residual", "vlsfo"} and not ship_row["scrubber"]:
        fuel = "distillate" if in_eca else "vlsfo"
    name = "residual" if fuel == "vlsfo" else fuel
    build = next(
        period
        for limit, period in ((1983, "before_1984"), (2000, "1984_2000"), (9999, "after_2000"))
        if ship_row["build_year"] <= limit
    )
    sfc_rows = {
        (r["engine_build"]): r
        for r in raw("sfc_baseline")
        if (r["engine_type"], r["fuel"], r["system"]) == (engine, name, "main")
    }
    period = next(p for p in (build, "1984_2000", "after_2000") if p in sfc_rows)
    sfc, curved = float(sfc_rows[period]["sfc_g_per_kwh"]), sfc_rows[period]["load_curve_applies"] == "yes"
    content = {"residual": 0.027, "distillate": 0.0007, "vlsfo": 0.005, "lng": 8.29e-6, "methanol": 5e-7}[fuel]
    emitted = min(content, 0.001 if in_eca else 0.005)

    def ef(pollutant: str, tier: str = "") -> dict[str, str]:
        rows = [
            r
            for r in raw("emission_factors_energy")
            if (r["pollutant"], r["engine_type"], r["fuel"], r["system"]) == (pollutant, engine, name, "main")
        ]
        with_tier = [r for r in rows if r["nox_tier"] == tier]
        return (with_tier or sorted(rows, key=lambda r: r["nox_tier"]))[0]

    def nox(tier: int) -> float:
        row = ef("NOx", str(tier))
        if row["ef_value"]:
            return float(row["ef_value"])
        return {1: 45 * 500**-0.2, 2: 44 * 500**-0.23, 3: 9 * 500**-0.2}[tier]

    def low(lf: float, a: float, x: float, b: float) -> float:
        return (a * lf**-x + b) / (a * 0.2**-x + b) if lf <= 0.2 else 1.0

    tier = ship_row["nox_tier"]
    total = dict.fromkeys(("energy", "fuel", "co2", "nox", "sox", "pm10", "ch4", "n2o", "co", "nmvoc", "bc"), 0.0)
    carbon = {"residual": 3.114, "distillate": 3.206, "vlsfo": 3.188, "lng": 2.75, "methanol": 1.375}[fuel]
    for lf, hours in loads:
        energy = kw * lf * hours
        burnt = energy * sfc * ((0.455 * lf * lf - 0.71 * lf + 1.28) if curved else 1.0)
        total["energy"] += energy
        total["fuel"] += burnt
        total["co2"] += burnt * carbon
        total["sox"] += burnt * 2 * 0.97753 * emitted
        counts = 2 if tier == 3 and not (in_eca and lf >= 0.25) else tier
        total["nox"] += energy * nox(counts) * low(lf, 0.1255, 1.5, 10.4496)
        total["n2o"] += energy * float(ef("N2O")["ef_value"]) * low(lf, 0.1255, 1.5, 10.4496)
        hc = low(lf, 0.0667, 1.5, 0.3859)
        total["ch4"] += energy * float(ef("CH4")["ef_value"]) * (1.0 if fuel == "lng" else hc)
        total["nmvoc"] += energy * float(ef("NMVOC")["ef_value"]) * hc
        total["co"] += energy * float(ef("CO")["ef_value"]) * low(lf, 0.8378, 1.0, 0.1548)
        total["pm10"] += energy * pm10(engine, fuel, sfc, content) * low(lf, 0.0059, 1.5, 0.2551)
        if engine in {"SSD", "MSD", "HSD"} and fuel != "methanol":
            slow, heavy = engine == "SSD", name == "residual"
            a, x = {
                (True, True): (1.5e-4, 0.359),
                (True, False): (3.11e-5, 0.397),
                (False, True): (2.5e-4, 0.968),
                (False, False): (1.201e-4, 1.124),
            }[slow, heavy]
            total["bc"] += burnt * a * max(lf, 0.02) ** -x
        else:
            total["bc"] += energy * float(ef("BC")["ef_value"])
    return total


def pm10(engine: str, fuel: str, sfc: float, content: float) -> float:
    fixed = {
        ("GT", "residual"): 0.06,
        ("GT", "vlsfo"): 0.06,
        ("GT", "distillate"): 0.01,
        ("ST", "residual"): 0.93,
        ("ST", "vlsfo"): 0.93,
        ("ST", "distillate"): 0.16,
        ("ST", "lng"): 0.03,
        ("HPDF", "lng"): 0.01,
    }
    if (engine, fuel) in fixed:
        return fixed[engine, fuel]
    if fuel == "lng":
        return 0.02
    k = 7 * 0.02247
    if fuel == "methanol":
        return 0.1 * (1.35 + {"SSD": 175, "MSD": 185}[engine] * k * (0.005 - 0.0246))
    base, at = (0.23, 0.0024) if fuel == "distillate" else (1.35, 0.0246)
    return base + sfc * k * (content - at)


@settings(max_examples=60, deadline=None)
@given(
    fleet=st.lists(
        st.tuples(FLEET, st.integers(1970, 2020), st.integers(0, 3), st.booleans(), st.floats(600, 80000)),
        min_size=1,
        max_size=6,
    ),
    places=st.lists(st.booleans(), min_size=6, max_size=6),
    loads=st.lists(
        st.lists(st.tuples(st.floats(0.02, 1.0), st.floats(0.01, 10)), min_size=1, max_size=4),
        min_size=6,
        max_size=6,
    ),
)
def test_mixed_fleets_equal_the_row_by_row_reference(
    fleet: list[Any], places: list[bool], loads: list[list[tuple[float, float]]]
) -> None:
    ship_rows, segment_rows = [], []
    for i, ((engine, fuel), build, tier, scrubber, power) in enumerate(fleet):
        mmsi = 366000000 + i
        ship_rows.append(
            ship(
                mmsi,
                engine_type=engine,
                fuel=fuel,
                build_year=build,
                keel_year=2017 if tier == 3 else None,
                nox_tier=tier,
                scrubber=scrubber,
                power_kw=power,
            )
        )
        zone = "north_america" if places[i] else None
        segment_rows.append(segment(i, loads[i], mmsi=mmsi, zone_id=zone, engine_type=engine))
    found = emissions(segments(*segment_rows), ships(*ship_rows), zones=NA)
    main = found.filter((pl.col("system") == "main") & (pl.col("energy_kwh") > 0)).rows(named=True)
    units = {"energy": ("energy_kwh", 1.0), "fuel": ("fuel_t", 1e6), "co2": ("co2_t", 1e6)}
    for i, row in enumerate(main):
        expected = reference(segment_rows[i], ship_rows[i], loads[i])
        for name, value in expected.items():
            column, grams = units.get(name, (f"{name}_kg", 1e3))
            assert math.isclose(row[column] * grams, value, rel_tol=1e-9, abs_tol=1e-12), (name, ship_rows[i])


def test_every_default_of_the_fleet_room_has_all_factors() -> None:
    """A ship whose engine and fuel are filled in by default must not fall out of the inventory."""
    usual = load("class_defaults").select("engine_type").drop_nulls().unique()
    pairs = load("fuel_defaults").join(usual, on="engine_type", how="semi").select("engine_type", "fuel").drop_nulls()
    assert not pairs.is_empty()
    rows = [
        ship(366000000 + i, engine_type=engine, fuel=fuel, build_year=None, keel_year=None)
        for i, (engine, fuel) in enumerate(pairs.unique().sort("engine_type", "fuel").iter_rows())
    ]
    parts = [segment(i, [(0.5, 1.0)], mmsi=row["mmsi"], engine_type=row["engine_type"]) for i, row in enumerate(rows)]
    for method in ("ghg4", "epa"):
        found = emissions(segments(*parts), ships(*rows), zones=NA, method=method)
        missing = found.drop("bc_kg").filter(pl.any_horizontal(pl.all().is_null()))
        assert missing.is_empty(), missing
