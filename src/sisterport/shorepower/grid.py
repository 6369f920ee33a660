"""How dirty the grid's electricity is for each stay: by the hour, by port and year, or by country."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import SchemaError
from sisterport.reference import load, resolve_locode, value
from sisterport.tables import to_polars
from sisterport.units import MS_PER_HOUR, PER_CENT

POLLUTANTS = ("nox", "sox", "pm10", "bc")
"""Of which a grid frame may give ``<name>_g_per_kwh``."""

_EF = "ef_grid_t_per_mwh"
_OPTIONAL = {f"{name}_g_per_kwh": pl.Float64() for name in POLLUTANTS}


def grid_factors(periods: pl.DataFrame, *, grid: Any = None) -> pl.DataFrame:
    """Return the factors of the grid for each period on shore power.

    Parameters
    ----------
    periods
        ``locode, on_utc, off_utc`` of each period.
    grid
        Frame with ``ef_grid_t_per_mwh`` [t CO2e/MWh] and, if known, ``nox_g_per_kwh, sox_g_per_kwh, pm10_g_per_kwh,
        bc_g_per_kwh``; either by the hour (``time_utc``: each row holds for an hour, or until the next one; ``locode``
        optional) or by place (``locode`` or ``country_code``, ``year`` optional). Without it, and where it has nothing,
        the factor of the country in the reference table ``grid_co2_by_country`` counts.

    Returns
    -------
    DataFrame
        In the order of `periods`: ``ef_grid_t_per_mwh, ef_grid_source, ef_grid_status`` and ``grid_<name>_g_per_kwh``;
        null where nothing is known. Hours without a row take the factor of place or country, in proportion.

    Raises
    ------
    SchemaError
        Listing every fault of `grid`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> day = datetime(2024, 5, 1, tzinfo=UTC)
    >>> grid_factors(pl.DataFrame({"locode": ["CNSGH"], "on_utc": [day], "off_utc": [day]})).row(0)[:3]
    (0.56, 'country CN, 2024', 'secondary')
    """
    hourly, placed = _sorted_out(grid)
    keyed = periods.select(
        "locode",
        pl.col("on_utc", "off_utc").dt.epoch("ms"),
        pl.col("locode").str.slice(0, 2).alias("country_code"),
        pl.col("on_utc").dt.year().cast(pl.Int64).alias("year"),
    )
    found = _by_place(keyed, placed)
    return found if hourly is None else _by_hour(keyed, hourly, found)


def _sorted_out(grid: Any) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Return the frame as an hourly one or one by place, checked."""
    if grid is None:
        return None, None
    given = to_polars(grid)
    hourly = "time_utc" in given.columns
    keys = [name for name in ("time_utc", "locode", "country_code", "year") if name in given.columns]
    faults = [f"column '{name}' missing" for name in (_EF,) if name not in given.columns]
    if not hourly and not {"locode", "country_code"} & set(keys):
        faults.append("needs 'time_utc' (by the hour), or 'locode' or 'country_code'")
    if faults:
        raise SchemaError("grid factors", faults)
    numbers = [name for name in (_EF, *_OPTIONAL) if name in given.columns]
    try:
        rows = given.select(*keys, pl.col(numbers).cast(pl.Float64))
        if hourly:
            rows = rows.with_columns(_utc(rows["time_utc"]))
    except pl.exceptions.PolarsError as error:
        raise SchemaError("grid factors", [str(error).splitlines()[0]]) from None
    if "locode" in keys:
        rows = rows.with_columns(pl.col("locode").map_elements(resolve_locode, return_dtype=pl.String))
    for name in numbers:
        low = rows.filter(pl.col(name) < 0).height
        faults += [f"column '{name}': {low} rows below 0"] if low else []
    lost = rows.filter(pl.any_horizontal(pl.col(_EF).is_null(), *(pl.col(k).is_null() for k in keys))).height
    faults += [f"{lost} rows without '{_EF}' or a key"] if lost else []
    twice = rows.filter(pl.struct(keys).is_duplicated()).height
    faults += [f"{twice} rows have the same {', '.join(keys)} as another"] if twice else []
    if faults:
        raise SchemaError("grid factors", faults)
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in _OPTIONAL.items() if name not in numbers]
    rows = rows.with_columns(absent)
    return (rows, None) if hourly else (None, rows)


def _utc(times: pl.Series) -> pl.Series:
    if times.dtype == pl.String:
        return times.str.to_datetime(time_unit="ms", time_zone="UTC")
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is None:
        times = times.dt.replace_time_zone("UTC")
    return times.cast(pl.Datetime("ms", "UTC"))


def _by_place(keyed: pl.DataFrame, placed: pl.DataFrame | None) -> pl.DataFrame:
    """Return the factors of port and year if given, else those of the country."""
    table = load("grid_co2_by_country").select(
        "country_code",
        pl.col(_EF).alias("country_ef"),
        pl.format("country {}, {}", "country_code", "year").alias("country_source"),
        pl.col("status").alias("country_status"),
    )
    rows = keyed.join(table, on="country_code", how="left", maintain_order="left")
    own = pl.lit(None, pl.Float64)
    if placed is None:
        rows = rows.with_columns(own.alias(name) for name in (_EF, *_OPTIONAL))
    else:
        on = [name for name in ("locode", "country_code", "year") if name in placed.columns]
        placed = placed.with_columns(pl.col("year").cast(pl.Int64)) if "year" in on else placed
        rows = rows.join(placed, on=on, how="left", maintain_order="left")
    given = pl.col(_EF).is_not_null()
    return rows.select(
        pl.coalesce(_EF, "country_ef").alias(_EF),
        pl.when(given).then(pl.lit("given by place")).otherwise("country_source").alias("ef_grid_source"),
        pl.when(given).then(pl.lit("given")).otherwise("country_status").alias("ef_grid_status"),
        *(pl.col(name).alias(f"grid_{name}") for name in _OPTIONAL),
    )


def _by_hour(keyed: pl.DataFrame, hourly: pl.DataFrame, place: pl.DataFrame) -> pl.DataFrame:
    """Put hourly means over what `place` says; hours without a row keep the factor of the place."""
    names = [_EF, *_OPTIONAL]
    ports = hourly.partition_by("locode", as_dict=True) if "locode" in hourly.columns else {}
    count = keyed.height
    share, means = np.zeros(count), {name: np.full(count, np.nan) for name in names}
    for (code,), rows in keyed.with_row_index("row").group_by("locode", maintain_order=True):
        series = ports.get((code,)) if ports else hourly
        if series is None:
            continue
        at = rows["row"].to_numpy()
        on, off = rows["on_utc"].to_numpy(), rows["off_utc"].to_numpy()
        for name in names:
            covered, mean = _mean(series, name, on, off)
            means[name][at] = mean
            if name == _EF:
                share[at] = covered
    new = pl.DataFrame({name: means[name] for name in names}).fill_nan(None)
    part = pl.Series("part", share)
    rows = pl.concat([place.rename({_EF: "place_ef"}), new, part.to_frame()], how="horizontal")
    some = pl.col("part") > 0
    whole = pl.col("part") >= value("grid_hours_whole")
    mixed = pl.col(_EF) * pl.col("part") + pl.col("place_ef") * (1.0 - pl.col("part"))
    percent = (pl.col("part") / PER_CENT).round(0).cast(pl.Int64)
    said = pl.format("hourly {} % of the time, else {}", percent, pl.col("ef_grid_source").fill_null("nothing"))
    return rows.select(
        pl.when(whole).then(_EF).when(some).then(mixed).otherwise("place_ef").alias(_EF),
        pl.when(whole).then(pl.lit("hourly")).when(some).then(said).otherwise("ef_grid_source").alias("ef_grid_source"),
        pl.when(whole).then(pl.lit("given")).otherwise("ef_grid_status").alias("ef_grid_status"),
        *(pl.when(whole).then(name).alias(f"grid_{name}") for name in _OPTIONAL),
    )


def _mean(series: pl.DataFrame, name: str, on: Any, off: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return which share of each period has a row, and the mean of the rows over it; exact for steps."""
    known = series.drop_nulls(name).sort("time_utc")
    nothing = np.zeros(len(on)), np.full(len(on), np.nan)
    if known.is_empty():
        return nothing
    begin = known["time_utc"].dt.epoch("ms").to_numpy().astype(np.float64)
    end = np.minimum(begin + MS_PER_HOUR, np.append(begin[1:], np.inf))
    edges = np.column_stack([begin, end]).ravel()  # rises while a row holds, flat between rows
    length = np.column_stack([np.zeros_like(begin), end - begin]).ravel().cumsum()
    weight = np.column_stack([np.zeros_like(begin), (end - begin) * known[name].to_numpy()]).ravel().cumsum()
    time = np.interp(off, edges, length) - np.interp(on, edges, length)
    total = np.interp(off, edges, weight) - np.interp(on, edges, weight)
    span = (off - on).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(span > 0, time / span, 0.0)
        return share, np.where(time > 0, total / time, np.nan)
