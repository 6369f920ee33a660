"""The EPA chain against cases computed with the EPA's own R packages: every row and column."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sisterport.inventory import epa, epa_chain, epa_factors
from sisterport.inventory.epa_parts import POLLUTANTS

RTOL = 1e-9
OUR_POLLUTANT = {"pm2_5": "pm25", "pm2.5": "pm25"}
CHAIN_INPUTS = {
    "case",
    "note",
    "ship_type",
    "dwt",
    "gt",
    "teu",
    "installed_kw",
    "service_speed_kn",
    "max_draught_m",
    "engine_type",
    "keel_year",
    "sog_kn",
    "draught_m",
    "location",
    "in_berth_area",
    "in_anchorage_area",
    "dt_h",
}


def read(cases: Path, name: str, columns: set[str] | None = None) -> pl.DataFrame:
    table = pl.read_csv(cases / f"epa_{name}.csv", infer_schema_length=None)
    assert not table.is_empty()
    if columns is not None:
        assert set(table.columns) == columns, "a shape that this test does not know"
    return table


def ours(pollutant: str) -> str:
    name = OUR_POLLUTANT.get(pollutant, pollutant)
    assert name in POLLUTANTS, f"unknown pollutant {pollutant}"
    return name


def test_chain(cases: Path) -> None:
    expected = read(cases, "chain")
    assert set(expected.columns) >= CHAIN_INPUTS
    found = epa_chain.chain(expected.select(CHAIN_INPUTS - {"case", "note"}))
    compared = 0
    for column in expected.columns:
        if column in CHAIN_INPUTS:
            continue
        got = found[column.replace("pm2_5", "pm25")]
        if expected[column].dtype == pl.String:
            names = got.replace(epa.MODES) if column == "op_mode" else got
            assert names.to_list() == expected[column].to_list(), column
        else:
            np.testing.assert_allclose(got, expected[column].cast(pl.Float64), rtol=RTOL, err_msg=column)
        compared += 1
    assert compared == len(expected.columns) - len(CHAIN_INPUTS) >= 68


def test_low_load_factor(cases: Path) -> None:
    columns = {
        "case",
        "engine_type",
        "location",
        "load_factor",
        "pollutant",
        "eca_sulphur_pct",
        "global_sulphur_pct",
    }
    table = read(cases, "llaf", columns | {"llaf"})
    for row in table.iter_rows(named=True):
        found = epa_factors.low_load_factor(
            row["load_factor"],
            ours(row["pollutant"]),
            engine_type=row["engine_type"],
            location=row["location"],
            eca_sulphur_pct=row["eca_sulphur_pct"],
            global_sulphur_pct=row["global_sulphur_pct"],
        )
        assert float(found) == pytest.approx(row["llaf"], rel=RTOL), row


def test_load_bsfc(cases: Path) -> None:
    table = read(cases, "load_bsfc", {"case", "bsfc_baseline_g_per_kwh", "load_factor", "bsfc_g_per_kwh"})
    found = epa_factors.load_bsfc(table["bsfc_baseline_g_per_kwh"].to_numpy(), table["load_factor"].to_numpy())
    np.testing.assert_allclose(found, table["bsfc_g_per_kwh"], rtol=RTOL)


def test_main_emission_factor(cases: Path) -> None:
    columns = {"case", "engine_type", "tier", "location", "load_factor", "load_based_bsfc", "eca_sulphur_pct"}
    table = read(cases, "ef_main", columns | {"global_sulphur_pct", "pollutant", "ef_g_per_kwh"})
    for row in table.iter_rows(named=True):
        found = epa_factors.main_emission_factor(
            row["engine_type"],
            row["tier"],
            row["location"],
            ours(row["pollutant"]),
            load_factor=row["load_factor"],
            load_based_bsfc={"Y": True, "N": False}[row["load_based_bsfc"]],
            eca_sulphur_pct=row["eca_sulphur_pct"],
            global_sulphur_pct=row["global_sulphur_pct"],
        )
        assert float(found) == pytest.approx(row["ef_g_per_kwh"], rel=RTOL), row


def test_nox_factor(cases: Path) -> None:
    table = read(cases, "ef_nox", {"case", "engine_type", "tier", "location", "load_factor", "nox_g_per_kwh"})
    found = epa_factors.main_emission_factor(
        table["engine_type"],
        table["tier"],
        table["location"],
        "nox",
        load_factor=table["load_factor"].to_numpy(),
    )
    np.testing.assert_allclose(found, table["nox_g_per_kwh"], rtol=RTOL)
