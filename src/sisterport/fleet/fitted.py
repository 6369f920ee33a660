"""Regressions fitted on EU-MRV 2022, bulk carriers and container ships: power, speed and size from gross tonnage.

Fuel per mile tells power over speed cubed (the hull), the technical efficiency tells power over speed (the design);
the two together give installed power and reference speed. ``tools/fit_particulars.py`` writes the coefficients.
"""

from functools import cache, reduce
from typing import Any

import polars as pl

from sisterport.fleet.chain import Step, first_known
from sisterport.fleet.formulas import dwt_from_teu
from sisterport.reference import load, value

FITTED = "regression (fitted on EU-MRV 2022, bulk and container)"
"""Words of the source of a particular that comes from these regressions."""


def fitted_value(
    quantity: str, ship_class: pl.Expr, gt: pl.Expr | None = None, build_year: pl.Expr | None = None
) -> pl.Expr:
    """Return a fitted quantity: exp(a) (GT / GT_ref)^b exp(c (year - year_ref) / 10).

    Parameters
    ----------
    quantity
        ``power_per_v3`` [kW/kn3], ``power_per_v`` [kW/kn], ``deadweight`` [t], ``mean_speed`` [kn]; and what only the
        comparison with yearly reports needs: ``speed_reliability`` [-], ``berth_factor`` [-].
    ship_class
        Null for classes without a row.
    gt
        Gross tonnage; null where it is further outside the sizes of the fit than ``fitted_gt_beyond`` times (a row
        without gt_min holds for all sizes).
    build_year
        Held within the years of the fit, because a trend of ten years says nothing of fifty; unknown is the
        reference year.

    Examples
    --------
    >>> ships = pl.DataFrame({"c": ["bulk_carrier"], "gt": [44000.0], "year": [2012]})
    >>> k = ships.select(fitted_value("power_per_v3", pl.col("c"), pl.col("gt"), pl.col("year"))).item()
    >>> 2.5 < k < 4.0
    True
    """
    return _by_class(quantity, ship_class, lambda row: _value(row, gt, build_year))


def _value(row: dict[str, Any], gt: pl.Expr | None, build_year: pl.Expr | None) -> pl.Expr:
    if row["form"] == "constant" or gt is None:
        return pl.lit(row["a"], pl.Float64)
    inside: pl.Expr = gt > 0
    if row["gt_min"] is not None:
        beyond = value("fitted_gt_beyond")
        inside = gt.is_between(row["gt_min"] / beyond, row["gt_max"] * beyond)
    exponent = row["a"] + row["b_gt"] * (gt / row["gt_ref"]).log()
    if row["c_decade"] and build_year is not None:
        years = build_year.cast(pl.Float64).clip(row["year_min"], row["year_max"]).fill_null(row["year_ref"])
        exponent += row["c_decade"] * 0.1 * (years - row["year_ref"])
    return pl.when(inside).then(exponent.exp())


def gt_from_deadweight(ship_class: pl.Expr, dwt_t: pl.Expr) -> pl.Expr:
    """Return gross tonnage [-] of a deadweight [t]: `fitted_value` ``deadweight`` turned round.

    Examples
    --------
    >>> ship = pl.DataFrame({"c": ["container"], "dwt_t": [103890.0]})
    >>> round(ship.select(gt_from_deadweight(pl.col("c"), pl.col("dwt_t"))).item(), -2)
    90800.0
    """
    return _by_class(
        "deadweight",
        ship_class,
        lambda row: row["gt_ref"] * (dwt_t.log() - row["a"]).mul(1 / row["b_gt"]).exp(),
    )


@cache
def _rows(quantity: str) -> list[dict[str, Any]]:
    return load("fitted_particulars").filter(pl.col("quantity") == quantity).rows(named=True)


def _by_class(quantity: str, ship_class: pl.Expr, result: Any) -> pl.Expr:
    start = pl.lit(None, pl.Float64)
    return reduce(
        lambda other, row: pl.when(ship_class == row["ship_class"]).then(result(row)).otherwise(other),
        _rows(quantity),
        start,
    )


def with_fitted(ships: pl.DataFrame) -> pl.DataFrame:
    """Add what the regressions say: fit_v3 [kW/kn3], fit_v [kW/kn] and fit_how, from which gross tonnage.

    Gross tonnage is the register's, else that of the deadweight, else (container ships) that of the TEU.
    """
    kind, dwt = pl.col("ship_class"), pl.col("reg_dwt_t")
    teu = pl.when(pl.col("size_unit") == "teu").then(dwt_from_teu(pl.col("size")))
    size = pl.when(pl.col("size_unit") == "dwt_t").then("size")
    from_dimensions = pl.col("size_source").str.contains("dimensions")
    origin = pl.when(from_dimensions).then(pl.lit("GT from dimensions")).otherwise(pl.lit("GT from size"))
    steps: list[Step] = [
        (pl.col("reg_gt"), "GT register"),
        (gt_from_deadweight(kind, dwt), "GT from deadweight"),
        (gt_from_deadweight(kind, pl.coalesce(size, teu)), origin),
    ]
    ships = ships.with_columns(first_known("fit_gt", steps))
    year, gt = pl.col("reg_build_year"), pl.col("fit_gt")
    aged = pl.when(year.is_null()).then(pl.lit(", build year unknown")).otherwise(pl.lit(""))
    return ships.with_columns(
        fit_v3=fitted_value("power_per_v3", kind, gt, year),
        fit_v=fitted_value("power_per_v", kind, gt, year),
        fit_how=pl.lit(f"{FITTED}: ") + pl.col("fit_gt_source") + aged,
    )


def fitted_power() -> Step:
    """Return the step of installed power [kW]: of the register's speed, else of the fitted one.

    ``P = K v^3`` with the hull's coefficient K, so that fuel at any speed below the reference speed is that of the
    fit; without a registered speed ``v = sqrt(E / K)``, where E is power over speed.
    """
    registered = pl.col("v_max_known")
    power = (
        pl.when(registered.is_not_null())
        .then(pl.col("fit_v3") * registered.pow(3))
        .otherwise(pl.col("fit_v") * _speed())
    )
    label = pl.when(registered.is_not_null()).then(pl.lit(", speed register")).otherwise(pl.lit(""))
    return power, pl.col("fit_how") + label


def fitted_speed() -> Step:
    """Return the step of reference speed [kn]: of the register's power, ``(P / K)^(1/3)``, else ``sqrt(E / K)``."""
    power = pl.col("reg_power_kw")
    speed = pl.when(power.is_not_null()).then((power / pl.col("fit_v3")).pow(1 / 3)).otherwise(_speed())
    label = pl.when(power.is_not_null()).then(pl.lit(", power register")).otherwise(pl.lit(""))
    return speed, pl.col("fit_how") + label


def _speed() -> pl.Expr:
    return (pl.col("fit_v") / pl.col("fit_v3")).sqrt()
