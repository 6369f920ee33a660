"""The EPA method on segments against the golden chain, and against facts a user would notice."""

from pathlib import Path

import polars as pl
import pytest

from sisterport.inventory import emissions
from sisterport.inventory.epa_step import SHIP_TYPES

from .frames import NA, segment, segments, ship, ships

OUR_CLASS = {epa: ours for ours, (epa, _) in SHIP_TYPES.items()}
OUR_MODE = {"Transit": "cruise", "Maneuvering": "manoeuvring", "Berth": "berth", "Anchorage": "anchorage"}
COLUMNS = {
    "co2": ("co2_t", 1e6),
    "nox": ("nox_kg", 1e3),
    "so2": ("sox_kg", 1e3),
    "pm10": ("pm10_kg", 1e3),
    "pm2_5": ("pm25_kg", 1e3),
    "hc": ("nmvoc_kg", 1e3),
    "co": ("co_kg", 1e3),
}


@pytest.mark.parametrize("load_based", [False, True])
def test_segments_reproduce_the_golden_chain(cases: Path, *, load_based: bool) -> None:
    table = pl.read_csv(cases / "epa_chain.csv", infer_schema_length=None)
    segment_rows, ship_rows = [], []
    for i, row in enumerate(table.iter_rows(named=True)):
        zone = None if row["location"] == "OutsideECA" else "north_america"
        segment_rows.append(
            segment(
                i,
                [(row["main_lf"], row["dt_h"])],
                mmsi=366000000 + i,
                hours=row["dt_h"],
                mode=OUR_MODE[row["op_mode"]],
                zone_id=zone,
                sulphur_pct=0.1 if zone else 0.5,
            )
        )
        ship_rows.append(
            ship(
                366000000 + i,
                ship_class=OUR_CLASS[row["ship_type"]],
                dwt_t=float(row["dwt"]),
                teu=float(row["teu"] or 0),
                gt=float(row["gt"]),
                power_kw=float(row["installed_kw"]),
                v_ref_kn=row["service_speed_kn"] / 0.94,
                engine_type=row["engine_type"],
                keel_year=row["keel_year"],
                nox_tier=int(row["tier"][-1]),
            )
        )
    found = emissions(
        segments(*segment_rows),
        ships(*ship_rows),
        method="epa",
        zones=NA,
        load_based_bsfc=load_based,
        tier3_everywhere=True,
    )
    totals = found.group_by("segment_id").agg(pl.col(pl.Float64).sum()).sort("segment_id")
    prefix = "g_loadbsfc_" if load_based else "g_"
    for pollutant, (column, grams) in COLUMNS.items():
        got = (totals[column] * grams).to_list()
        assert got == pytest.approx(table[prefix + pollutant].to_list(), rel=1e-9), pollutant


def test_tier3_counts_only_inside_the_nox_area() -> None:
    rows = segments(segment(0, [(0.6, 1.0)]), segment(1, [(0.6, 1.0)], zone_id="north_america"))
    fleet = ships(ship(keel_year=2017, nox_tier=3))
    nox = emissions(rows, fleet, method="epa", zones=NA).filter(system="main")["nox_kg"]
    assert nox.to_list() == pytest.approx([15.3 * 40000 * 0.6 / 1e3, 3.4 * 40000 * 0.6 / 1e3])


def test_load_curve_and_low_load_factor_never_act_together() -> None:
    rows = segments(segment(0, [(0.05, 1.0)]))
    fleet = ships(ship())
    plain, curved = (emissions(rows, fleet, method="epa", load_based_bsfc=on)["co2_t"][0] for on in (False, True))
    assert plain == curved, "below 20 % load only the low-load factor acts"


def test_fuel_is_consistent_with_co2_and_black_carbon_is_absent() -> None:
    rows = segments(segment(0, [(0.6, 1.0)], zone_id="north_america"))
    found = emissions(rows, ships(ship()), method="epa", zones=NA)
    burnt = found.filter(pl.col("fuel_t") > 0)
    assert (burnt["co2_t"] / burnt["fuel_t"]).to_list() == pytest.approx([3.206] * burnt.height)
    assert found["bc_kg"].null_count() == found.height


def test_methane_slip_of_gas_ships_comes_from_fueleu() -> None:
    rows = segments(segment(0, [(0.6, 1.0)]))
    fleet = ships(ship(engine_type="LPDF_4S", fuel="lng", nox_tier=3))
    main = emissions(rows, fleet, method="epa").filter(system="main").row(0, named=True)
    assert main["fuel"] == "lng"
    assert main["ch4_kg"] == pytest.approx(main["fuel_t"] * 1e3 * 0.031)
