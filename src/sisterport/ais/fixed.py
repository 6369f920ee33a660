"""Fixed-point positions ("fixes"): what the position store holds and the kernels read."""

import polars as pl

from sisterport.tables import check, empty

FIXES = {
    "mmsi": pl.Int32(),
    "t_s": pl.Int64(),
    "lat_e5": pl.Int32(),
    "lon_e5": pl.Int32(),
    "sog_dkn": pl.Int16(),
    "draught_dm": pl.Int16(),
}
"""Columns of fixes: seconds since 1970 UTC, 1e-5 degree (1.1 m), 0.1 kn, 0.1 m; null where not available."""

DECIMALS = {"lat_e5": 5, "lon_e5": 5, "sog_dkn": 1, "draught_dm": 1}
"""Decimals of the natural unit that fixes keep."""

_FROM = {"lat_e5": "lat_deg", "lon_e5": "lon_deg", "sog_dkn": "sog_kn", "draught_dm": "draught_m"}


def fixed_expressions() -> list[pl.Expr]:
    """Return the expressions that turn table ``positions`` into fixes, rounded to the nearest unit."""
    seconds = (pl.col("time_utc").dt.epoch("ms") + 500) // 1000
    scaled = [(pl.col(old) * 10.0 ** DECIMALS[new]).round().cast(FIXES[new]).alias(new) for new, old in _FROM.items()]
    return [pl.col("mmsi").cast(FIXES["mmsi"]), seconds.cast(FIXES["t_s"]).alias("t_s"), *scaled]


def fixed_point(positions: pl.DataFrame) -> pl.DataFrame:
    """Return positions as fixes, sorted by ship and time.

    Parameters
    ----------
    positions
        Table ``positions``: time [UTC], latitude and longitude [deg], speed [kn], draught [m].

    Returns
    -------
    pl.DataFrame
        ``mmsi, t_s, lat_e5, lon_e5, sog_dkn, draught_dm``, see `FIXES`; speed and draught null where not
        available.

    Raises
    ------
    SchemaError
        If `positions` do not fit their table: `sisterport.ais.clean` mends that.

    Examples
    --------
    >>> from datetime import datetime, UTC
    >>> fix = fixed_point(pl.DataFrame({"mmsi": [366952790], "time_utc": [datetime(2020, 12, 1, tzinfo=UTC)],
    ...     "lat_deg": [40.60001], "lon_deg": [-74.1], "sog_kn": [4.2]}))
    >>> fix.row(0)
    (366952790, 1606780800, 4060001, -7410000, 42, None)
    """
    return check(positions, "positions").select(fixed_expressions()).sort("mmsi", "t_s", maintain_order=True)


def natural(fixes: pl.DataFrame) -> pl.DataFrame:
    """Return fixes as table ``positions``; columns that fixes do not carry are null.

    Examples
    --------
    >>> fixes = pl.DataFrame({"mmsi": [366952790], "t_s": [1606780800], "lat_e5": [4060001],
    ...     "lon_e5": [-7410000], "sog_dkn": [42], "draught_dm": [None]})
    >>> natural(fixes).select("lat_deg", "sog_kn", "draught_m").row(0)
    (40.60001, 4.2, None)
    """
    back = fixes.select(
        pl.col("mmsi").cast(pl.Int64),
        pl.from_epoch("t_s", time_unit="s").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC").alias("time_utc"),
        *(_divided(new, decimals).alias(_FROM[new]) for new, decimals in DECIMALS.items()),
    )
    whole = empty("positions")
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in whole.schema.items() if name not in back.columns]
    return back.with_columns(absent).select(whole.columns)


def _divided(name: str, decimals: int) -> pl.Expr:
    """Divide by a power of ten, exactly: Polars multiplies by the reciprocal, so round afterwards."""
    return (pl.col(name).cast(pl.Float64) / 10.0**decimals).round(decimals)
