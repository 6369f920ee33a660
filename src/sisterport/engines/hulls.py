"""Hulls for the resistance methods: what a ship list says, and estimates for the rest, each with its source."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.engines.coefficients import KINDS, Array, by_kind
from sisterport.errors import InputError, SchemaError, did_you_mean
from sisterport.reference.store import load, value
from sisterport.tables import Caller, to_polars

GIVEN = (
    "length_m",
    "lpp_m",
    "lwl_m",
    "beam_m",
    "draught_ref_m",
    "displacement_m3",
    "cb",
    "cm",
    "dwt_t",
    "teu",
    "power_kw",
    "n_propellers",
    "propeller_diameter_m",
    "lcb_pct",
    "transom_area_m2",
    "bulb_area_m2",
    "bulb_centre_m",
    "appendage_area_m2",
    "appendage_factor",
    "c_stern",
)
"""Columns of a ship list that the methods use where they are there; numbers, null where not known."""

_METHOD = "kristensen"  # the estimates of waterline and diameter are the same for all methods


def hull_particulars(ships: Any) -> Any:
    """Return the hulls of `ships`, ready for `propulsion_power`, with the source of each estimate.

    Parameters
    ----------
    ships
        Any Arrow-speaking frame with ship_class (classes of the Fourth IMO GHG Study or ship types of EPA) and any
        of the columns `GIVEN`: a length (lwl_m, else lpp_m, else length_m over all), beam_m, draught_ref_m (summer
        load line) and displacement_m3, cb or dwt_t.

    Returns
    -------
    frame
        The caller's columns, with lwl_m [m], cb [-], displacement_m3 [m3], n_propellers and propeller_diameter_m [m]
        filled in, their `*_source`, kind (of `coefficients.KINDS`) and hull_reason: why a hull cannot be
        computed, null where it can.

    Raises
    ------
    SchemaError
        If ship_class is missing or a column is not numeric.
    InputError
        If a ship class is in no table.

    References
    ----------
    Waterline, propeller diameter, number of propellers: Kristensen & Lützen (2013) via EPA ShipPowerModel. Block
    coefficient from deadweight, dwt = k Cb L B T, and class values: Barrass (2004) via cetos. Length between
    perpendiculars over length over all: own choice. All in ``resistance_coefficients``, ``resistance_classes``,
    ``particulars_formulas`` and ``constants`` with their status.

    Examples
    --------
    >>> ship = pl.DataFrame({"ship_class": ["container"], "length_m": [336.0], "beam_m": [42.8],
    ...                      "draught_ref_m": [14.61], "dwt_t": [103890.0]})
    >>> hull = hull_particulars(ship)
    >>> hull.select(pl.col("lwl_m").round(1), "lwl_m_source", pl.col("cb").round(3), "cb_source").row(0)
    (325.8, 'length over all x 0.96 x 1.01', 0.711, 'deadweight / 0.7')
    """
    caller = Caller(ships)
    frame = _typed(to_polars(ships))
    classes = load("resistance_classes").select("ship_class", "kind", class_propellers="n_propellers", class_cb="cb")
    frame = frame.join(classes, on="ship_class", how="left", maintain_order="left").join(
        _ratios(), on="kind", how="left", maintain_order="left"
    )
    deadweight = load("particulars_formulas").filter(formula="dwt_from_dimensions")
    frame = frame.join(
        deadweight.select("ship_class", dwt_share="a"), on="ship_class", how="left", maintain_order="left"
    )
    frame = _with_block(_with_length(frame))
    diameter = pl.col("d_slope") * pl.col("draught_ref_m") + pl.col("d_shift")
    frame = frame.with_columns(
        pl.coalesce("n_propellers", pl.col("class_propellers").cast(pl.Float64)),
        _source("n_propellers", pl.lit("kind of ship"), pl.col("class_propellers").is_not_null()),
        pl.coalesce("propeller_diameter_m", diameter),
        _source("propeller_diameter_m", pl.lit("design draught"), diameter.is_not_null()),
        hull_reason=_reason(),
    )
    return caller.back(frame.drop("class_propellers", "class_cb", "wl", "d_slope", "d_shift", "dwt_share"))


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    faults = [] if "ship_class" in frame.columns else ["column 'ship_class' missing"]
    here = [name for name in GIVEN if name in frame.columns]
    faults += [f"column '{n}' is {frame[n].dtype}, not a number" for n in here if not _number(frame[n].dtype)]
    if faults:
        raise SchemaError("hulls", faults)
    known = load("resistance_classes")["ship_class"].to_list()
    for name in frame["ship_class"].unique(maintain_order=True).to_list():
        if name is not None and name not in known:
            raise InputError(f"unknown ship class '{name}'{did_you_mean(str(name), known)}")
    numbers = [pl.col(n).cast(pl.Float64) if n in here else pl.lit(None, pl.Float64).alias(n) for n in GIVEN]
    frame = frame.with_columns(pl.col("ship_class").cast(pl.String), *numbers)
    stated = [n for n in GIVEN if n not in _MAY_BE_ZERO]
    return frame.with_columns(pl.when(pl.col(n) > 0).then(n).alias(n) for n in stated).fill_nan(None)


_MAY_BE_ZERO = ("lcb_pct", "transom_area_m2", "bulb_area_m2", "bulb_centre_m", "appendage_area_m2", "c_stern")


def _number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype == pl.Null


@cache
def _ratios() -> pl.DataFrame:
    waterline, diameter = by_kind(_METHOD, "waterline"), by_kind(_METHOD, "diameter")
    table = {"wl": waterline[:-1, 0], "d_slope": diameter[:-1, 0], "d_shift": diameter[:-1, 1]}
    return pl.DataFrame({"kind": KINDS, **table})


def _source(name: str, how: pl.Expr, estimated: pl.Expr) -> pl.Expr:
    given = pl.when(pl.col(name).is_not_null()).then(pl.lit("given"))
    return given.when(estimated).then(how).otherwise(pl.lit("unknown")).alias(f"{name}_source")


def _with_length(frame: pl.DataFrame) -> pl.DataFrame:
    ratio = value("lpp_over_loa")
    wl = pl.col("wl").cast(pl.String)
    from_lpp, from_loa = pl.col("lpp_m") * pl.col("wl"), pl.col("length_m") * ratio * pl.col("wl")
    how = (
        pl.when(pl.col("lpp_m").is_not_null())
        .then(pl.format("Lpp x {}", wl))
        .otherwise(pl.format("length over all x {} x {}", pl.lit(f"{ratio:g}"), wl))
    )
    estimate = pl.coalesce(from_lpp, from_loa)
    return frame.with_columns(pl.coalesce("lwl_m", estimate), _source("lwl_m", how, estimate.is_not_null()))


def _with_block(frame: pl.DataFrame) -> pl.DataFrame:
    box = pl.col("lwl_m") * pl.col("beam_m") * pl.col("draught_ref_m")
    stated = (pl.col("displacement_m3") / box).clip(upper_bound=1.0)
    from_dwt = pl.col("dwt_t") / pl.col("dwt_share") / value("sea_density_t_m3") / box
    believed = from_dwt.is_between(value("block_min"), value("block_max"))
    by_dwt = pl.when(believed).then(from_dwt)
    frame = frame.with_columns(cb_stated=stated, cb_dwt=by_dwt)
    chain = [
        ("cb_stated", pl.lit("displacement")),
        ("cb", pl.lit("given")),
        ("cb_dwt", pl.format("deadweight / {}", pl.col("dwt_share").cast(pl.String))),
        ("class_cb", pl.lit("class of ship")),
    ]
    how = pl.coalesce(pl.when(pl.col(name).is_not_null()).then(label) for name, label in chain)
    frame = frame.with_columns(
        pl.coalesce(name for name, _ in chain).alias("cb"), how.fill_null("unknown").alias("cb_source")
    )
    volume = pl.coalesce("displacement_m3", pl.col("cb") * box)
    return frame.with_columns(displacement_m3=volume).drop("cb_stated", "cb_dwt")


def _reason() -> pl.Expr:
    faults = [
        (pl.col("kind"), "kind of ship unknown"),
        (pl.col("lwl_m"), "no length"),
        (pl.col("beam_m"), "no beam"),
        (pl.col("draught_ref_m"), "no reference draught"),
        (pl.col("cb"), "no block coefficient: needs displacement, deadweight or cb"),
    ]
    return pl.coalesce(pl.when(column.is_null()).then(pl.lit(text)) for column, text in faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hulls:
    """Columns of hulls as arrays; NaN where a ship list says nothing, kind -1 where it is not known."""

    kind: NDArray[np.int64]
    columns: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def part(self, rows: slice, axes: int = 0) -> "Hulls":
        """Return some rows, with `axes` further axes of length one."""
        shape = (-1, *[1] * axes)
        columns = {name: array[rows].reshape(shape) for name, array in self.columns.items()}
        return Hulls(kind=self.kind[rows].reshape(shape), columns=columns)


def hull_arrays(frame: pl.DataFrame) -> Hulls:
    """Return the hulls of a frame of `hull_particulars` as arrays."""
    codes = {name: code for code, name in enumerate(KINDS)}
    kind = frame["kind"].replace_strict(codes, default=None, return_dtype=pl.Int64).fill_null(-1).to_numpy()
    columns = {name: frame[name].fill_null(float("nan")).to_numpy() for name in GIVEN}
    return Hulls(kind=kind, columns=columns)
