"""Compare modelled with reported fuel per nautical mile: ``validate_mrv.py MRV SIZES [--json]``.

MRV: a THETIS-MRV file of any year. SIZES: a CSV file with the columns imo, gt, type, year_built. Scores are claimed for
bulk carriers and container ships only, the types that the sizes are known of.
"""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from sisterport import emissions, load, particulars, tables
from sisterport.engines import STATISTICS, load_coefficients, load_factor, load_functions, load_law
from sisterport.engines.factors import law_factor
from sisterport.fleet import clean_mrv, fitted_value, is_fit_half, read_mrv

CLASSES = ("bulk_carrier", "container")
SIZE_TYPES = {"Bulk Carrier": "bulk_carrier", "Container Ship": "container"}
EDGES = {
    "bulk_carrier": (0, 20_000, 30_000, 40_000, 60_000, 1_000_000),
    "container": (0, 10_000, 25_000, 50_000, 100_000, 150_000, 1_000_000),
}
Z80 = 1.2816  # 10 % of a normal distribution lie above
HALVES = {True: "fit half", False: "score half"}


def ships_of_known_size(mrv: Path, sizes: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return cleaned bulk carriers and container ships with gt, build_year and half; counts; faults of the file."""
    reports, faults = read_mrv(mrv)
    known = pl.read_csv(sizes).select(
        "imo", pl.col("gt").cast(pl.Float64), kind=pl.col("type").replace_strict(SIZE_TYPES, default=None),
        build_year=pl.col("year_built").cast(pl.Int64),
    )  # fmt: skip
    known = known.filter(pl.col("kind").is_not_null() & (pl.col("gt") > 0) & ~pl.col("imo").is_duplicated())
    ours = reports.filter(pl.col("ship_class").is_in(CLASSES))
    sized = ours.join(known, on="imo", how="inner", maintain_order="left")
    agreed = sized.filter(pl.col("kind") == pl.col("ship_class")).drop("kind")
    kept, counts = clean_mrv(agreed)
    before = [
        ("reports in the file", reports.height),
        ("neither bulk carrier nor container ship", reports.height - ours.height),
        ("size not known", ours.height - sized.height),
        ("the two files name different types", sized.height - agreed.height),
    ]
    counts = pl.concat([pl.DataFrame(before, schema=counts.schema, orient="row"), counts[1:]])
    kept = kept.sort("imo").with_columns(fit=pl.col("imo").map_elements(is_fit_half, return_dtype=pl.Boolean))
    return kept, counts, faults


def ships_frame(frame: pl.DataFrame, *, columns: tuple[str, ...] = ("gt", "build_year"), fitted: bool) -> pl.DataFrame:
    """Return the particulars that the chain finds from the given columns of a register."""
    keys = frame.select("imo", mmsi=pl.int_range(pl.len(), dtype=pl.Int64) + 200_000_000)
    statics = keys.with_columns(identities=pl.lit(1), positions=pl.lit(1))
    register = frame.select("imo", "ship_class", *columns)
    return particulars(statics, register, fitted=fitted)


def one_hour(ships: pl.DataFrame, speed_kn: pl.Series) -> pl.DataFrame:
    """Return one hour at sea per ship at a speed and reference draught: a frame of the table segments."""
    law = load_law("ghg4")
    sums = np.zeros((ships.height, len(STATISTICS)))
    rows = zip(speed_kn, ships["v_ref_kn"], law_factor(ships, law.name), strict=True)
    for i, (speed, v_ref, factor) in enumerate(rows):
        if v_ref:
            lf = load_factor(speed / v_ref, factor, law.lf_min, law.lf_max, law.lf_off)
            load_functions(lf, 1.0, True, 0.1, 0.4, 0.4, load_coefficients(), sums[i])
    noon = datetime(2022, 6, 1, 12, tzinfo=UTC)
    words = {"mode": "cruise", "mode_basis": "unknown", "quality": "seen", "in_domain": True, "date": date(2022, 6, 1)}
    fixed = words | {"start_utc": noon, "end_utc": noon, "hours": 1.0}
    zero = {n: 0 for n, c in tables.schema("segments").items() if c.required and n not in fixed}
    frame = ships.select("mmsi").with_columns(**{k: pl.lit(v) for k, v in (zero | fixed).items() if k != "mmsi"})
    columns = {name: pl.Series(sums[:, i]) for i, name in enumerate(STATISTICS)}
    return frame.drop("segment_id").with_row_index("segment_id").with_columns(**columns)


def fuel_per_hour(ships: pl.DataFrame, speed_kn: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return fuel of the main engine, and of auxiliary engines and boilers, of each ship [kg/h]."""
    hour = emissions(one_hour(ships, speed_kn), ships)
    main = pl.col("system") == "main"
    kg = 1000.0 * pl.col("fuel_t")
    sums = hour.group_by("segment_id").agg(main=kg.filter(main).sum(), other=kg.filter(~main).sum()).sort("segment_id")
    return sums["main"].to_numpy(), sums["other"].to_numpy()


def sailing_speed(frame: pl.DataFrame, *, reliability: float | None = None) -> pl.Series:
    """Return the speed while sailing that a yearly mean speed stands for [kn].

    A yearly mean that is off the usual one of such ships is partly waiting, drifting and errors of the reported
    distance. Of its difference (in ln) only the share ``speed_reliability`` is believed; 1 takes it at face value.
    """
    usual = fitted_value("mean_speed", pl.col("ship_class"), pl.col("gt"), pl.col("build_year"))
    share = fitted_value("speed_reliability", pl.col("ship_class")) if reliability is None else pl.lit(reliability)
    return frame.select(usual * (pl.col("speed_kn") / usual).pow(share)).to_series()


def modelled(
    frame: pl.DataFrame,
    *,
    reliability: float | None = None,
    fitted: bool = True,
    columns: tuple[str, ...] = ("gt", "build_year"),
) -> np.ndarray:
    """Return fuel per mile at sea of each ship [kg/nm]: main engine at the sailing speed, the rest all the hours."""
    ships = ships_frame(frame, columns=columns, fitted=fitted)
    speed = sailing_speed(frame, reliability=reliability)
    main, other = fuel_per_hour(ships, speed)
    return main / speed.to_numpy() + other / frame["speed_kn"].to_numpy()


def plain_regression(frame: pl.DataFrame) -> np.ndarray:
    """Return fuel per mile by ln kg/nm ~ ln GT + year + ln speed, one regression per class, from the fit half."""
    y = np.log(frame["kg_per_nm"].to_numpy())
    predicted = np.zeros(frame.height)
    for name in CLASSES:
        mine, fit = (frame["ship_class"] == name).to_numpy(), frame["fit"].to_numpy()
        x = np.column_stack(
            [np.ones(frame.height), np.log(frame["gt"]), frame["build_year"], np.log(frame["speed_kn"])]
        )
        if mine.any():
            predicted[mine] = np.exp(x[mine] @ np.linalg.lstsq(x[mine & fit], y[mine & fit], rcond=None)[0])
    return predicted


def score(model: np.ndarray, reported: np.ndarray, spread: float | None = None) -> dict[str, float]:
    """Return ships, fleet bias, median absolute error, median ratio, and the share inside the 80 % band."""
    ratio = model / reported
    row = {
        "ships": len(ratio),
        "bias": float(model.sum() / reported.sum() - 1),
        "median_ratio": float(np.median(ratio)),
        "median_abs_error": float(np.median(np.abs(ratio - 1))),
        "sd_ln": float(robust_sd(np.log(ratio))),
    }
    if spread is not None:
        row["in_band"] = float(np.mean(np.abs(np.log(ratio)) <= Z80 * spread))
    return row


def robust_sd(x: np.ndarray) -> float:
    """Return the standard deviation of the normal distribution with the same middle 80 %."""
    low, high = np.quantile(x, [0.1, 0.9])
    return float((high - low) / (2 * Z80))


def band_spread(ship_class: str, *, at_sea: bool = False) -> float:
    """Return the spread (sd of ln) that the fit half left, at sea or with the stays at berth, of the reference table."""
    rows = load("fitted_particulars").filter(ship_class=ship_class)
    sea, berth = (rows.filter(quantity=q)["sd_ln"][0] for q in ("power_per_v3", "berth_factor"))
    return float(sea if at_sea else np.hypot(sea, berth))


def comparison(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with all models beside the reported fuel per mile."""
    port = frame.select(fitted_value("berth_factor", pl.col("ship_class"))).to_series().to_numpy()
    sea = modelled(frame)
    published, no_size = modelled(frame, fitted=False), modelled(frame, fitted=False, columns=("build_year",))
    return frame.with_columns(
        ours=sea * port,
        ours_at_sea=sea,
        face_value=modelled(frame, reliability=1.0) * port,
        published=published * port,
        published_at_sea=published,
        no_size=no_size * port,
        no_size_at_sea=no_size,
        regression=plain_regression(frame),
    )


MODELS = [
    ("ours", "ours", "kg_per_nm"),
    ("ours_at_sea", "ours, at sea only", "sea_kg_per_nm"),
    ("face_value", "ours, mean speed at face value", "kg_per_nm"),
    ("regression", "plain log-linear regression", "kg_per_nm"),
    ("published", "published formulas and class averages", "kg_per_nm"),
    ("no_size", "class averages over all sizes", "kg_per_nm"),
]


def scores(compared: pl.DataFrame) -> pl.DataFrame:
    """Return the scores of every model by class and half."""
    rows = []
    for name in CLASSES:
        for fit in (True, False):
            part = compared.filter(pl.col("ship_class") == name, pl.col("fit") == fit)
            for column, words, truth in MODELS:
                ours = column in {"ours", "ours_at_sea"}
                spread = band_spread(name, at_sea=column == "ours_at_sea") if ours else None
                result = score(part[column].to_numpy(), part[truth].to_numpy(), spread)
                rows.append({"ship_class": name, "half": HALVES[fit], "model": words, **result})
    return pl.DataFrame(rows, infer_schema_length=None)


def scores_by_size(compared: pl.DataFrame) -> pl.DataFrame:
    """Return the scores by class, half and size bin."""
    rows = []
    for name in CLASSES:
        for low, high in zip(EDGES[name][:-1], EDGES[name][1:], strict=True):
            for fit in (True, False):
                part = compared.filter(
                    pl.col("ship_class") == name,
                    pl.col("fit") == fit,
                    pl.col("gt").is_between(low, high, closed="left"),
                )
                if part.height:
                    truth = part["kg_per_nm"].to_numpy()
                    plain = score(part["regression"].to_numpy(), truth)["median_abs_error"]
                    ours = score(part["ours"].to_numpy(), truth, band_spread(name))
                    rows.append(
                        {"ship_class": name, "gt_from": low, "gt_below": high, "half": HALVES[fit], **ours, "regression": plain}
                    )  # fmt: skip
    return pl.DataFrame(rows)


GRADES = [
    ("ours_at_sea", "regression (fitted on EU-MRV 2022, bulk and container)", CLASSES),
    ("published_at_sea", "regression", ("bulk_carrier",)),  # Cepowski: power of bulk carriers
    ("published_at_sea", "class average", ("container",)),
    ("no_size_at_sea", "class average over all sizes", CLASSES),
]


def spread_by_source(compared: pl.DataFrame) -> pl.DataFrame:
    """Return spread and bias of modelled over reported fuel at sea in the score half, by source of the particulars."""
    rows = []
    for column, grade, classes in GRADES:
        for name in classes:
            part = compared.filter(pl.col("ship_class") == name, ~pl.col("fit"))
            ratio = np.log(part[column].to_numpy() / part["sea_kg_per_nm"].to_numpy())
            rows.append(
                {
                    "input": "particulars",
                    "grade": grade,
                    "ship_class": name,
                    "sd_ln": f"{robust_sd(ratio):.3f}",
                    "bias_ln": f"{np.median(ratio):.3f}",
                    "n": len(ratio),
                    "source": "measured: modelled over reported fuel per mile at sea, EU-MRV 2022, score half",
                    "status": "secondary",
                    "note": "of yearly means; the usual mean speed is known; single voyages spread more",
                }
            )
    return pl.DataFrame(rows)


def main() -> None:
    """Print the tables."""
    paths = [Path(word) for word in sys.argv[1:] if not word.startswith("--")]
    if len(paths) != 2:
        sys.exit("usage: validate_mrv.py MRV SIZES [--json]")
    frame, counts, faults = ships_of_known_size(*paths)
    compared = comparison(frame)
    parts = {
        "faulty cells": faults,
        "cleaning": counts,
        "scores": scores(compared),
        "scores by size": scores_by_size(compared),
    }
    if "--json" in sys.argv:
        print(json.dumps({name: table.to_dicts() for name, table in parts.items()}, indent=1))
        return
    with pl.Config(tbl_rows=200, tbl_cols=20, tbl_width_chars=160, float_precision=3, tbl_hide_dataframe_shape=True,
                   tbl_hide_column_data_types=True, fmt_str_lengths=90, tbl_formatting="ASCII_MARKDOWN"):  # fmt: skip
        for name, table in parts.items():
            print(f"\n{name}\n{table}")


if __name__ == "__main__":
    main()
