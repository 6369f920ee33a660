"""Auxiliary and boiler power: every class, bin, mode and bin edge against the raw table and worked cases."""

import csv

import polars as pl
import pytest

from sisterport.errors import MethodError
from sisterport.fleet import size_bin
from sisterport.inventory.epa_step import SHIP_TYPES, auxiliary_and_boiler_load
from sisterport.inventory.power import auxiliary_and_boiler_power, main_power_decides
from sisterport.reference import path

OUR_MODE = {"berth": "berth", "anchor": "anchorage", "manoeuvre": "manoeuvring", "cruise": "cruise"}


def raw(name: str) -> list[dict[str, str]]:
    with path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def look_up(**columns: object) -> tuple[float, float]:
    frame = pl.DataFrame([columns], schema_overrides={"size": pl.Float64, "power_kw": pl.Float64})
    return auxiliary_and_boiler_power(frame.with_columns(size_bin())).row(0)


def test_every_cell_at_just_below_and_just_above_every_edge() -> None:
    table = raw("aux_boiler_power_ghg4")
    assert len(table) == 560
    cases = []
    for row in table:
        low = float(row["size_min"])
        high = float(row["size_max_excl"]) if row["size_max_excl"] else low + 1e6
        for size in (low, low + 1e-6, (low + high) / 2, high - 1e-6):
            key = {
                "ship_class": row["ship_class"],
                "size": size,
                "mode": OUR_MODE[row["mode"]],
                "power_kw": 9e3,
            }
            cases.append(key | {"system": row["system"], "expected": float(row["power_kw"])})
    frame = pl.DataFrame(cases).with_columns(size_bin())
    found = pl.concat([frame, auxiliary_and_boiler_power(frame)], how="horizontal")
    right = pl.when(pl.col("system") == "boiler").then("boiler_kw").otherwise("aux_kw") == pl.col("expected")
    assert found.filter(~right.fill_null(value=False)).is_empty()


@pytest.mark.parametrize(
    ("ship_class", "size", "mode", "aux", "boiler"),
    [
        ("container", 7999.0, "berth", 1100, 590),  # facts of the published table, read by hand
        ("container", 8000.0, "berth", 1150, 620),
        ("oil_tanker", 120_000.0, "berth", 2500, 6500),
        ("ferry_ropax", 19_999.0, "cruise", 1100, 0),  # cetos has 1000: two of three transcriptions say 1100
        ("chemical_tanker", 39_999.0, "manoeuvring", 900, 270),  # and 270, not 200
        ("liquefied_gas_tanker", 30_000.0, "berth", 240, 1000),  # cetos takes the next bin
        ("oil_tanker", 7_000.0, "berth", 375, 750),
    ],
)
def test_worked_cases(ship_class: str, size: float, mode: str, aux: float, boiler: float) -> None:
    assert look_up(ship_class=ship_class, size=size, mode=mode, power_kw=9000.0) == (aux, boiler)


def test_small_ships() -> None:
    def tug(power: float | None) -> tuple[float, float]:
        return look_up(ship_class="general_cargo", size=3000.0, mode="manoeuvring", power_kw=power)

    table = tug(None)
    assert table == tug(500.1) == tug(9000.0)
    assert tug(150.0) == tug(1.0) == (0.0, 0.0)
    assert tug(150.1) == (pytest.approx(0.05 * 150.1), table[1])
    assert tug(500.0) == (25.0, table[1])


def test_unknown_is_null_not_zero() -> None:
    assert look_up(ship_class="unknown_cargo", size=3000.0, mode="berth", power_kw=100.0) == (None, None)
    assert look_up(ship_class="container", size=None, mode="berth", power_kw=None) == (None, None)
    assert look_up(ship_class="service_tug", size=None, mode="berth", power_kw=2000.0)[0] == 100.0


def test_a_mode_with_another_name_is_refused() -> None:
    with pytest.raises(MethodError, match="did you mean 'anchorage'"):
        look_up(ship_class="container", size=1.0, mode="anchored", power_kw=1.0)


@pytest.mark.parametrize("table", ["ghg3", "starcrest2016"])
def test_every_cell_of_the_epa_tables(table: str) -> None:
    columns = {"Deadweight": "dwt_t", "TEU": "teu", "Gross_Tonnage": "gt"}
    modes = {
        "berth": "berth_kw",
        "anchorage": "anchorage_kw",
        "manoeuvring": "maneuvering_kw",
        "cruise": "transit_kw",
    }
    column = 0 if table == "ghg3" else 1
    ours: dict[str, list[str]] = {}
    for name, types in SHIP_TYPES.items():
        ours.setdefault(types[column] or "", []).append(name)
    rows, reached = [], 0
    for aux, boiler in zip(raw(f"epa_load_{table}_aux"), raw(f"epa_load_{table}_boiler"), strict=True):
        for name in ours.get(aux["ship_type"], []):
            reached += 1
            low = float(aux["size_min"])
            high = float(aux["size_max_excl"]) if aux["size_max_excl"] else low + 1e6
            for size in (low, high - 1e-6):
                for mode, kw in modes.items():
                    place = {c: size if c == columns[aux["size_unit"]] else None for c in columns.values()}
                    key = {"ship_class": name, "mode": mode} | place
                    rows.append(key | {"aux": float(aux[kw]), "boiler": float(boiler[kw])})
    frame = pl.DataFrame(rows, schema_overrides=dict.fromkeys(columns.values(), pl.Float64), infer_schema_length=None)
    found = auxiliary_and_boiler_load(frame, table=table)
    assert found["aux_kw"].to_list() == frame["aux"].to_list()
    assert found["boiler_kw"].to_list() == frame["boiler"].to_list()
    assert reached >= (57 - 1 if table == "ghg3" else 27)


def test_auxiliaries_of_a_launch_of_unknown_power_are_unknown():
    kinds = ["yacht", "service_tug", "container"]
    rows = pl.DataFrame({"ship_class": kinds, "size_bin": [1, 1, 5], "mode": ["berth"] * 3})
    rows = rows.with_columns(power_kw=pl.lit(None, pl.Float64))
    assert rows.select(main_power_decides()).to_series().to_list() == [True, True, False]
    assert auxiliary_and_boiler_power(rows)["aux_kw"].to_list()[2] == 1100.0
