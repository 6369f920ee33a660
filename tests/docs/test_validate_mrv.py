"""Against reported fuel: the targets hold on ships that the fit has not seen, and the tables are those of the fit."""

import csv
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest

from sisterport.fleet import is_fit_half
from sisterport.reference import load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def files(shared: Path) -> tuple[Path, Path]:
    folder = shared / "data/test-only/mrv"
    return folder / "thetis_mrv_2022.xlsx", folder / "ship_sizes.csv"


def tool(name: str) -> ModuleType:
    if str(ROOT / "tools") not in sys.path:
        sys.path.insert(0, str(ROOT / "tools"))
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def compared(files: tuple[Path, Path]) -> pl.DataFrame:
    mrv = tool("validate_mrv")
    return mrv.comparison(mrv.ships_of_known_size(*files)[0])


@pytest.mark.parametrize("name", ["bulk_carrier", "container"])
def test_targets_on_ships_that_the_fit_has_not_seen(compared: pl.DataFrame, name: str) -> None:
    part = compared.filter(pl.col("ship_class") == name, ~pl.col("fit"))
    ours, truth = part["ours"].to_numpy(), part["kg_per_nm"].to_numpy()
    assert part.height > 250
    assert abs(ours.sum() / truth.sum() - 1) <= 0.05
    error = np.median(np.abs(ours / truth - 1))
    assert error <= 0.12
    assert error <= np.median(np.abs(part["regression"] / truth - 1)) + 0.01
    spread = tool("validate_mrv").band_spread(name)
    assert 0.75 <= np.mean(np.abs(np.log(ours / truth)) <= 1.2816 * spread) <= 0.85
    published = np.median(np.abs(part["published"] / truth - 1))
    assert published > 1.5 * error


def test_both_halves_score_alike_so_nothing_was_learnt_by_heart(compared: pl.DataFrame) -> None:
    scores = tool("validate_mrv").scores(compared).filter(model="ours").sort("ship_class", "half")
    for fit, unseen in zip(
        *(scores.filter(half=h).iter_rows(named=True) for h in ("fit half", "score half")), strict=True
    ):
        assert abs(fit["median_abs_error"] - unseen["median_abs_error"]) < 0.015
        assert abs(fit["bias"] - unseen["bias"]) < 0.02


def test_the_fit_sees_no_scored_ship_and_gives_the_table(files: tuple[Path, Path]) -> None:
    fit, mrv = tool("fit_particulars"), tool("validate_mrv")
    frame = mrv.ships_of_known_size(*files)[0]
    assert frame["fit"].to_list() == [is_fit_half(imo) for imo in frame["imo"]]
    # scored ships burn ten times as much: the coefficients must not notice
    spoilt = frame.with_columns(pl.when("fit").then(1.0).otherwise(10.0).alias("times"))
    spoilt = spoilt.with_columns(pl.col("kg_per_nm", "sea_kg_per_nm") * pl.col("times"))
    rows = [
        row for name in mrv.CLASSES for row in fit.fit(spoilt.filter(pl.col("fit"), pl.col("ship_class") == name), name)
    ]
    table = load("fitted_particulars")
    assert len(rows) == table.height
    for row, stored in zip(rows, table.iter_rows(named=True), strict=True):
        for column in ("a", "b_gt", "c_decade"):
            assert float(row[column]) == pytest.approx(stored[column], abs=2e-4), (row["quantity"], column)
        assert row["n"] == stored["n"]
    seen = set(frame.filter("fit")["imo"])
    assert not seen & set(frame.filter(~pl.col("fit"))["imo"])


def test_measured_spreads_are_in_the_table_of_uncertainty(compared: pl.DataFrame) -> None:
    measured = tool("validate_mrv").spread_by_source(compared)
    stored = load("uncertainty_inputs").filter(pl.col("source") == measured["source"][0])
    assert stored.height == measured.height
    for ours, theirs in zip(measured.iter_rows(named=True), stored.iter_rows(named=True), strict=True):
        assert (ours["grade"], ours["ship_class"], ours["n"]) == (theirs["grade"], theirs["ship_class"], theirs["n"])
        assert float(ours["sd_ln"]) == pytest.approx(theirs["sd_ln"], abs=2e-3)
        assert float(ours["bias_ln"]) == pytest.approx(theirs["bias_ln"], abs=2e-3)


def test_no_ship_of_the_second_file_is_in_the_repository(files: tuple[Path, Path]) -> None:
    text = load("fitted_particulars").write_csv() + load("uncertainty_inputs").write_csv()
    with files[1].open(encoding="utf-8", newline="") as file:
        numbers = [row["imo"] for row in csv.DictReader(file)]
    assert not [n for n in numbers if n in text]


def test_the_size_of_the_plot() -> None:
    assert 20_000 < (ROOT / "docs/validation_mrv.png").stat().st_size < 200_000


def test_another_years_file_given_by_path(tmp_path: Path) -> None:
    from tests.fleet.test_mrv import ship, write_csv

    rows, sizes = [], ["imo,gt,type,year_built"]
    for i, imo in enumerate((9349497, 9448815, 9295268, 9302891, 9190731, 9225665, 9275050, 9480198, 9675834, 9391828)):
        kind = ("Bulk carrier", "Bulk Carrier") if i % 2 else ("Container ship", "Container Ship")
        rows.append(ship(imo=str(imo), ship_type=kind[0], period="2023", per_distance=f"{80 + i}"))
        sizes.append(f"{imo},{30_000 + 1000 * i},{kind[1]},2012")
    rows.append(ship(imo="9074729", time="0"))
    (tmp_path / "sizes.csv").write_text("\n".join([*sizes, "9074729,90000,Container Ship,2010"]))
    write_csv(tmp_path / "mrv.csv", rows)
    command = [sys.executable, ROOT / "tools/validate_mrv.py", tmp_path / "mrv.csv", tmp_path / "sizes.csv", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert {row["rule"]: row["reports"] for row in result["cleaning"]}["no time at sea"] == 1
    assert {row["rule"]: row["reports"] for row in result["cleaning"]}["kept"] == 10
    assert sum(row["ships"] for row in result["scores"] if row["model"] == "ours") == 10
