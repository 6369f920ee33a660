"""Fit power, speed and size of bulk carriers and container ships on half of the ships of an EU-MRV file.

``fit_particulars.py MRV SIZES`` writes ``reference/data/fitted_particulars.csv`` (coefficients and spreads, no ships) and
the rows of ``uncertainty_inputs.csv`` that are measured on the other half.
"""

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from sisterport.engines import load_coefficients, load_law, sfc_curve
from sisterport.engines.factors import law_factor
from sisterport.fleet import size_bin, teu_from_dwt
from sisterport.inventory.factors import baseline_consumption, build_period
from sisterport.inventory.power import auxiliary_and_boiler_power
from sisterport.reference import load, value
from validate_mrv import CLASSES, comparison, robust_sd, ships_of_known_size, spread_by_source

DATA = Path(__file__).parents[1] / "src/sisterport/reference/data"
GT_REF, YEAR_REF = 40_000.0, 2012
FUEL = "vlsfo"  # the fuel outside control areas; the reports do not say which was burnt
SOURCE = "fitted on EU-MRV 2022, bulk and container, fit half"
FIELDS = ["quantity", "ship_class", "form", "unit", "a", "b_gt", "c_decade", "gt_ref", "year_ref", "sd_ln", "n", "gt_min", "gt_max", "year_min", "year_max", "source", "status", "note"]  # fmt: skip
# Chicago Express and the ship of IMO 9302891: gross tonnage over deadweight, demo register (class and owner's lists).
CONTAINER_GT_PER_DWT = (93_750 / 103_890, 97_933 / 115_700)


def huber(residuals: Callable[[np.ndarray], np.ndarray], start: np.ndarray, scale: float = 0.1) -> np.ndarray:
    """Return the parameters that minimise Huber's loss of the residuals: Gauss-Newton with weights."""
    x = start.astype(float)
    for _ in range(200):
        r = residuals(x)
        w = np.sqrt(np.minimum(1.0, scale / np.maximum(np.abs(r), 1e-12)))
        step = 1e-6
        jacobian = np.column_stack([(residuals(x + step * e) - r) / step for e in np.eye(len(x))])
        move = np.linalg.lstsq(jacobian * w[:, None], -r * w, rcond=None)[0]
        x += move
        if np.abs(move).max() < 1e-10:
            break
    return x


def linear(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Return coefficients of ln y on the columns of x, robust, and the spread."""
    coefficients = huber(lambda b: x @ b - np.log(y), np.linalg.lstsq(x, np.log(y), rcond=None)[0])
    return coefficients, robust_sd(x @ coefficients - np.log(y))


def deadweight(frame: pl.DataFrame, ship_class: str) -> tuple[np.ndarray, float, int, str, str]:
    """Return a and b of deadweight [t] = exp(a) (GT/GT_ref)^b, spread, ships, source, note."""
    if ship_class == "container":
        mean = float(np.mean(CONTAINER_GT_PER_DWT))
        spread = float(np.std(np.log(CONTAINER_GT_PER_DWT), ddof=1))
        words = "gross tonnage over deadweight of two ships of the demo register (0.902, 0.846)"
        return (
            np.array([np.log(GT_REF / mean), 1.0]),
            spread,
            2,
            words,
            "cargo does not tell the deadweight of container ships; used for all sizes",
        )
    cargo = frame.filter(pl.col("g_per_t_nm") > 0).with_columns(
        dwt=1000 * pl.col("kg_per_nm") / pl.col("g_per_t_nm") / value("cargo_over_deadweight")
    )
    cargo = cargo.sort("gt").with_row_index("k").with_columns(part=pl.col("k") * 8 // pl.len())
    points = cargo.group_by("part", maintain_order=True).agg(pl.median("gt"), pl.col("dwt").quantile(0.98))
    x = np.column_stack([np.ones(points.height), np.log(points["gt"] / GT_REF)])
    coefficients = np.linalg.lstsq(x, np.log(points["dwt"]), rcond=None)[0]
    spread = float(np.std(x @ coefficients - np.log(points["dwt"].to_numpy()), ddof=2))
    note = "98 % quantile of the mean cargo among ships of a size, over cargo_over_deadweight: ships whose reported voyages were all laden; used for all sizes"
    return coefficients, spread, cargo.height, SOURCE, note


def power_per_v(frame: pl.DataFrame, dwt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return installed power over maximum speed [kW/kn] of the ships with a technical efficiency, and which they are."""
    index = frame["efficiency_g_per_t_nm"].fill_null(0.0).to_numpy()
    container = (frame["ship_class"] == "container").to_numpy()
    capacity = dwt * np.where(container, value("eiv_container_capacity"), 1.0)
    aux = value("eiv_sfc_aux") * value("eiv_aux_share")
    estimated = value("eiv_cf") * (value("eiv_sfc_main") * value("eiv_mcr_share") + aux)
    # The attained index (EEDI, EEXI) takes the certified consumption, on distillate oil.
    certified = value("eedi_cf") * (value("eedi_sfc_main") * value("eiv_mcr_share") + aux)
    per_kw = np.where((frame["efficiency_kind"] == "EIV").fill_null(value=False), estimated, certified)
    return index * capacity / per_kw * value("service_over_max_speed"), index > 0


def hull(frame: pl.DataFrame, dwt: np.ndarray, e: np.ndarray, usual: np.ndarray) -> tuple[Callable, np.ndarray]:
    """Return the model of ln(fuel per mile at sea) for (ln K, GT, year, reliability), and the reported one."""
    size = pl.Series(dwt)
    sized = frame.with_columns(dwt_t=size, power_kw=pl.lit(1e4), mode=pl.lit("cruise"))
    teu = pl.col("ship_class") == "container"
    sized = sized.with_columns(size=pl.when(teu).then(teu_from_dwt(pl.col("dwt_t"))).otherwise("dwt_t"))
    sized = sized.with_columns(size_bin())
    keys = ["ship_class", "size_bin"]
    sized = sized.join(load("class_defaults").select(*keys, "engine_type"), on=keys, how="left", maintain_order="left")
    table = baseline_consumption().filter(pl.col("fuel") == FUEL)

    def sfc(system: str) -> np.ndarray:
        wanted = table.filter(pl.col("system") == system).select("engine_type", "engine_build", "sfc_g_per_kwh")
        return (
            sized.with_columns(build_period(pl.col("build_year")))
            .join(wanted, on=["engine_type", "engine_build"], how="left", maintain_order="left")["sfc_g_per_kwh"]
            .to_numpy()
        )

    other = auxiliary_and_boiler_power(sized)
    grams = other["aux_kw"].to_numpy() * sfc("auxiliary_engine") + other["boiler_kw"].to_numpy() * sfc("boiler")
    factor, law, curve = law_factor(sized, "ghg4").to_numpy(), load_law("ghg4"), load_coefficients()
    v, main = frame["speed_kn"].to_numpy(), sfc("main")
    x = design(frame)

    def model(p: np.ndarray) -> np.ndarray:
        u = usual * (v / usual) ** p[3]
        k = np.exp(x @ p[:3])
        v_ref = np.sqrt(e / k)
        lf = np.clip((u / v_ref) ** 3 * factor, 1e-3, law.lf_max)
        power = lf * e * v_ref
        return np.log((power * main * sfc_curve.py_func(lf, *curve[:3]) / u + grams / v) / 1000.0)

    return model, np.log(frame["sea_kg_per_nm"].to_numpy())


def design(frame: pl.DataFrame) -> np.ndarray:
    """Return the columns 1, ln(GT/GT_ref), decades since YEAR_REF."""
    gt, year = frame["gt"].to_numpy(), frame["build_year"].to_numpy()
    return np.column_stack([np.ones(frame.height), np.log(gt / GT_REF), (year - YEAR_REF) / 10.0])


def fit(frame: pl.DataFrame, ship_class: str) -> list[dict[str, object]]:
    """Return the rows of one class, from ships of the fit half."""
    x = design(frame)
    d, d_spread, d_n, d_source, d_note = deadweight(frame, ship_class)
    dwt = np.exp(x[:, :2] @ d)
    e_ship, known = power_per_v(frame, dwt)
    e, e_spread = linear(x[known], e_ship[known])
    usual, usual_spread = linear(x, frame["speed_kn"].to_numpy())
    model, reported = hull(frame, dwt, np.exp(x @ e), np.exp(x @ usual))
    k = huber(lambda p: model(p) - reported, np.array([1.0, 0.6, -0.2, 0.5]))
    if not 0.0 <= k[3] <= 1.0:  # a share; at its bound the rest is fitted anew
        bound = min(1.0, max(0.0, k[3]))
        k = np.append(huber(lambda p: model(np.append(p, bound)) - reported, k[:3]), bound)
    spread = robust_sd(model(k) - reported)
    share = frame["berth_share"].to_numpy()
    port = float(np.median(1.0 / (1.0 - share)))
    ages = {"gt_min": frame["gt"].min(), "gt_max": frame["gt"].max(), "year_min": frame["build_year"].min(),
            "year_max": frame["build_year"].max(), "gt_ref": GT_REF, "year_ref": YEAR_REF}  # fmt: skip

    def row(quantity: str, unit: str, coefficients: np.ndarray, sd: float, n: int, note: str, **more: object) -> dict:
        names = dict(zip(("a", "b_gt", "c_decade"), [*(f"{c:.5f}" for c in coefficients), "0", "0"], strict=False))
        fixed = {"quantity": quantity, "ship_class": ship_class, "form": "log-linear", "unit": unit, **names}
        return (
            fixed | ages | {"sd_ln": f"{sd:.4f}", "n": n, "source": SOURCE, "status": "secondary", "note": note} | more
        )

    n = frame.height
    return [
        row("power_per_v3", "kW/kn3", k[:3], spread, n,
            "installed power over maximum speed cubed, for the GHG4 load law at reference draught; takes in that draught is "
            "mostly below reference and speed varies; sd_ln: of fuel per mile at sea"),
        row("power_per_v", "kW/kn", e, e_spread, int(known.sum()),
            "installed power over maximum speed from EIV and EEDI: constants eiv_*, deadweight as fitted"),
        row("deadweight", "t", d, d_spread, d_n, d_note, source=d_source, gt_min="", gt_max=""),
        row("mean_speed", "kn", usual, usual_spread, n, "yearly mean speed; for the comparison with yearly reports only"),
        row("speed_reliability", "-", np.array([k[3]]), 0.0, n,
            "share of a ship's difference (ln) from the usual mean speed that is speed while sailing; for the comparison only",
            form="constant", sd_ln=""),
        row("berth_factor", "-", np.array([port]), robust_sd(-np.log(1.0 - share)), n,
            "all fuel over fuel at sea, median; for the comparison only", form="constant"),
    ]  # fmt: skip


def write(name: str, fields: list[str], rows: list[dict[str, object]]) -> None:
    """Write a reference table."""
    with (DATA / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def main() -> None:
    """Write the tables."""
    frame, _, _ = ships_of_known_size(Path(sys.argv[1]), Path(sys.argv[2]))
    seen = frame.filter(pl.col("fit"))
    rows = [row for name in CLASSES for row in fit(seen.filter(pl.col("ship_class") == name), name)]
    write("fitted_particulars", FIELDS, rows)
    load.cache_clear()
    measured = spread_by_source(comparison(frame)).to_dicts()
    with (DATA / "uncertainty_inputs.csv").open(encoding="utf-8", newline="") as file:
        given = [row for row in csv.DictReader(file) if row["source"] != measured[0]["source"]]
    write("uncertainty_inputs", list(measured[0]), measured + given)


if __name__ == "__main__":
    main()
