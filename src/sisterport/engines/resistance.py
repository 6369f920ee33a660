"""Propulsion power from resistance: Holtrop & Mennen and Kristensen, as published and as EPA computes them."""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from sisterport.engines.coefficients import KINDS, Array, by_kind, coefficients
from sisterport.engines.hulls import hull_arrays, hull_particulars
from sisterport.engines.powering import BOUNDS, NUMBERS, Rows, power_of
from sisterport.errors import InputError, choose
from sisterport.tables import Caller, to_polars

MODELS = {
    "holtrop": "holtrop_1984",
    "holtrop_1982": "holtrop_1982",
    "kristensen": "kristensen",
    "epa_holtrop": "epa_holtrop",
    "epa_kristensen": "epa_kristensen",
}
"""Models and the methods whose coefficients they take."""

_BLOCK = 8192  # results at a time: the intermediates stay in the cache
_LABELS = pl.Series(
    [
        ", ".join(compress(BOUNDS, (number >> bit & 1 for bit in range(len(BOUNDS)))))
        for number in range(2 ** len(BOUNDS))
    ]
)


def propulsion_power(
    hull: Any,
    speed_kn: ArrayLike,
    draught_m: ArrayLike | None = None,
    *,
    model: str = "holtrop",
    margin_pct: float | None = None,
) -> Any:
    """Return resistance and power of each ship at a speed and draught: a choice beside the cubic law.

    Parameters
    ----------
    hull
        Ships as for `hulls.hull_particulars` (called here if that has not been done), one row per result.
    speed_kn
        Speed through water [kn]: one number or one per row.
    draught_m
        Draught, even keel [m]: one number, one per row, or None for the reference draught; so is NaN.
    model
        ``holtrop`` (Holtrop 1984), ``holtrop_1982`` (Holtrop & Mennen 1982), ``kristensen``, ``epa_holtrop``,
        ``epa_kristensen`` (as USEPA ShipPowerModel 0.2, defects included; power held between 2 % and 100 % of
        installed power).
    margin_pct
        Service margin on the resistance [percent]; None takes the method's own: 15, but 0 for the published Holtrop
        methods, which predict trial conditions.

    Returns
    -------
    frame
        One row per row of `hull`, in its order, with mmsi and imo if they are there: speed_kn [kn], draught_m [m] as
        used, froude [-], resistance_kn with margin [kN], effective_power_kw, wake_fraction, thrust_deduction,
        open_water_efficiency [-], delivered_power_kw, brake_power_kw [kW], load_factor [fraction of installed power,
        null where that is not known], margin_pct, `outside` (which of `BOUNDS` are passed, comma-separated, empty if
        none), `reason` why numbers are null (null where they are not), lwl_m_source, cb_source.

    Raises
    ------
    MethodError
        If there is no such model.
    InputError
        If a speed is negative, or the number of speeds or draughts is not that of the rows.
    SchemaError
        If `hull` lacks ship_class or holds words for numbers.

    Notes
    -----
    Ranges of validity: by kind of ship, in the rows `validity` of the table ``resistance_coefficients``: for Holtrop
    Fn, Cp, L/B and B/T, for Kristensen Fn, Cp and M = L / V^(1/3). Shallow water, wind, waves and fouling are not in.
    Kristensen has sets for tankers, bulk carriers, general cargo and container ships only.

    References
    ----------
    See `sisterport.engines.holtrop` and `sisterport.engines.kristensen`. Propeller: `water.open_water_efficiency`.

    Examples
    --------
    >>> ship = pl.DataFrame({"ship_class": ["container"], "length_m": [336.0], "beam_m": [42.8],
    ...                      "draught_ref_m": [14.61], "dwt_t": [103890.0], "power_kw": [68640.0]})
    >>> power = propulsion_power(ship, 20.0, 13.0, model="holtrop")
    >>> power.select("froude", "load_factor", "outside", "reason").with_columns(pl.col(pl.Float64).round(3)).row(0)
    (0.182, 0.424, 'Cp', None)
    """
    caller = Caller(hull)
    method = MODELS[choose("resistance model", model, list(MODELS))]
    frame = _prepared(hull)
    hulls = hull_arrays(frame)
    speed = _column(speed_kn, frame.height, "speed_kn")
    draught = _column(np.nan if draught_m is None else draught_m, frame.height, "draught_m")
    margin = _margin(method, margin_pct)
    blocks = _blocks(frame.height, 1)
    parts = [power_of(hulls.part(block), draught[block], speed[block], method, margin) for block in blocks]
    rows = _joined(parts)
    keys = [name for name in ("mmsi", "imo") if name in frame.columns]
    result = frame.select(*keys, speed_kn=pl.Series(speed).fill_nan(None), **_columns(rows))
    result = result.with_columns(
        margin_pct=pl.lit(margin), outside=_outside(rows), reason=_reasons(frame, rows, speed, method)
    )
    return caller.back(result.with_columns(frame.select("lwl_m_source", "cb_source")))


def speed_power_table(
    hull: Any,
    speeds_kn: Sequence[float],
    draughts_m: Sequence[float] | None = None,
    *,
    model: str = "holtrop",
    margin_pct: float | None = None,
) -> Any:
    """Return power of each ship over a grid of speeds and draughts, for laws that look up instead of computing.

    Parameters
    ----------
    hull
        Ships as for `propulsion_power`, one row per ship.
    speeds_kn
        Speeds [kn].
    draughts_m
        Draughts [m], the same for all ships; None for each ship's reference draught.
    model, margin_pct
        As for `propulsion_power`.

    Returns
    -------
    frame
        One row per ship, draught and speed, in that order: row (of `hull`), mmsi and imo if they are there, and the
        numbers of `propulsion_power` with `outside` and `reason`.

    Raises
    ------
    MethodError, InputError, SchemaError
        As `propulsion_power`.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["oil_tanker"], "length_m": [274.0], "beam_m": [48.0],
    ...                       "draught_ref_m": [17.0], "dwt_t": [150000.0], "power_kw": [17000.0]})
    >>> table = speed_power_table(ships, [10.0, 12.0, 14.0])
    >>> table["load_factor"].round(2).to_list()
    [0.3, 0.5, 0.78]
    """
    caller = Caller(hull)
    method = MODELS[choose("resistance model", model, list(MODELS))]
    frame = _prepared(hull).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    hulls = hull_arrays(frame)
    speeds = _column(speeds_kn, len(speeds_kn), "speeds_kn").reshape(1, 1, -1)
    draughts = _column([np.nan] if draughts_m is None else draughts_m, len(draughts_m or [0]), "draughts_m")
    draughts = draughts.reshape(1, -1, 1)
    margin = _margin(method, margin_pct)
    cells = speeds.size * draughts.size
    blocks = _blocks(frame.height, cells)
    parts = [power_of(hulls.part(block, axes=2), draughts, speeds, method, margin) for block in blocks]
    rows = _joined(parts)
    grid = frame.select(pl.all().repeat_by(cells).explode()) if frame.height else frame
    every = np.broadcast_to(speeds, (frame.height, draughts.size, speeds.size)).ravel()
    keys = [name for name in ("row", "mmsi", "imo") if name in frame.columns]
    result = grid.select(*keys, speed_kn=pl.Series(every).fill_nan(None), **_columns(rows))
    return caller.back(result.with_columns(outside=_outside(rows), reason=_reasons(grid, rows, every, method)))


def _prepared(hull: Any) -> pl.DataFrame:
    frame = to_polars(hull)
    return frame if "hull_reason" in frame.columns else hull_particulars(frame)


def _column(numbers: ArrayLike, rows: int, name: str) -> Array:
    if isinstance(numbers, (list, tuple)):  # None stands for a value that is not known
        numbers = pl.Series(numbers, dtype=pl.Float64, strict=False).to_numpy()
    given = np.asarray(numbers, dtype=np.float64)
    if given.ndim > 1 or (given.ndim == 1 and given.size != rows):
        raise InputError(f"{name}: {given.size} values for {rows} rows; give one number or one per row")
    if np.any(given < 0):
        raise InputError(f"{name}: {int(np.sum(given < 0))} values below zero, first {float(given[given < 0].flat[0])}")
    return np.broadcast_to(given, (rows,)).astype(np.float64)


def _margin(method: str, margin_pct: float | None) -> float:
    return coefficients(method)["margin"][0] if margin_pct is None else float(margin_pct)


def _blocks(rows: int, cells: int) -> Iterator[slice]:
    step = max(1, _BLOCK // max(cells, 1))
    return (slice(start, start + step) for start in range(0, max(rows, 1), step))


def _joined(parts: list[Rows]) -> Rows:
    return Rows(
        numbers={name: np.concatenate([part.numbers[name].ravel() for part in parts]) for name in NUMBERS},
        outside=np.concatenate([part.outside.ravel() for part in parts]),
        lacking=np.concatenate([part.lacking.ravel() for part in parts]),
    )


def _columns(rows: Rows) -> dict[str, pl.Series]:
    return {name: pl.Series(array, dtype=pl.Float64).fill_nan(None) for name, array in rows.numbers.items()}


def _outside(rows: Rows) -> pl.Series:
    return _LABELS.gather(pl.Series(rows.outside, dtype=pl.Int64))


def _reasons(hull: pl.DataFrame, rows: Rows, speed_kn: Array, method: str) -> pl.Series:
    """Return why there is no power; null where there is one."""
    facts = hull.select("hull_reason", "kind", "dwt_t", "teu").with_columns(
        lacking=pl.Series(rows.lacking, dtype=pl.Boolean), speed=pl.Series(speed_kn, dtype=pl.Float64)
    )
    size = pl.col("dwt_t") if method.startswith("epa") else pl.coalesce("dwt_t", "teu")
    told = [
        (pl.col("hull_reason").is_not_null(), pl.col("hull_reason")),
        (pl.col("speed").is_nan(), pl.lit("no speed")),
        (pl.col("kind").is_in(_without_set(method)), pl.lit(f"{method}: no published set for this kind of ship")),
        (size.is_null() & pl.lit("kristensen" in method), pl.lit("no deadweight for the air resistance")),
        (pl.lit(True), pl.lit("beyond the formulas")),
    ]
    lacking = pl.coalesce(pl.when(condition).then(text) for condition, text in told)
    return facts.select(reason=pl.when("lacking").then(lacking)).to_series()


def _without_set(method: str) -> list[str]:
    if "kristensen" not in method:
        return []
    known = ~np.isnan(by_kind(method, "ca")[:-1, 0])
    return [kind for kind, there in zip(KINDS, known, strict=True) if not there]
