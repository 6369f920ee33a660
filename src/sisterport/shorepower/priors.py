"""Shares of ships by class, for ships of which nothing is known.

A prior says what share of ships of a class have 60 Hz or an inlet. It serves *expected* statistics over many ships
and is marked as such wherever it shows; it never makes an unknown fact of one ship true. No function of the matcher
calls it unless the caller asks for it.
"""

from typing import Any

import polars as pl

from sisterport.errors import InputError
from sisterport.reference import load
from sisterport.shorepower.profiles import HZ_50, HZ_60
from sisterport.tables import to_polars

KNOWN = "known of the ship"


def frequency_priors(ships: Any) -> pl.DataFrame:
    """Return, for each ship whose frequency is unknown, the share of its class that has 60 and 50 Hz.

    Parameters
    ----------
    ships
        Frame with ``ship_class`` and, where known, ``length_m`` [m] and ``frequency_hz`` or
        ``bus_frequency_hz`` [Hz].

    Returns
    -------
    DataFrame
        The frame with ``prior_60hz_share``, ``prior_50hz_share`` [-] and ``prior_hz_source``,
        ``prior_hz_status``. Without a length the share of the whole class holds. Shares are null where the
        ship's own frequency is known or the class has no share; ``prior_hz_source`` says which.

    Raises
    ------
    InputError
        If there is no column ``ship_class``.

    References
    ----------
    Ericsson & Fazlagic (2008), Chalmers, as given by IAPH; reference table ``ship_frequency_share``.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["container", "container", "offshore"], "length_m": [300.0, None, 80.0]})
    >>> frequency_priors(ships)["prior_60hz_share"].to_list()
    [0.94, 0.74, None]
    """
    return _apply(ships, load("ship_frequency_share"), {"share_60hz": "prior_60hz_share", "share_50hz":
                  "prior_50hz_share"}, "prior_hz", ("frequency_hz", "bus_frequency_hz"))  # fmt: skip


def inlet_priors(ships: Any) -> pl.DataFrame:
    """Return, for each ship of which it is unknown, the share of its class that has an inlet.

    Parameters
    ----------
    ships
        Frame with ``ship_class`` and, where known, ``has_inlet``.

    Returns
    -------
    DataFrame
        The frame with ``prior_inlet_share`` [-], ``prior_inlet_source``, ``prior_inlet_status``. Only for cruise
        ships a share was found; for all others, container ships among them, it is null and the source says so.

    Raises
    ------
    InputError
        If there is no column ``ship_class``.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["cruise", "container"], "has_inlet": [None, None]})
    >>> inlet_priors(ships)["prior_inlet_share"].to_list()
    [0.5, None]
    """
    shares = load("ship_inlet_share").with_columns(
        pl.lit(None, pl.Float64).alias("length_min_m"), pl.lit(None, pl.Float64).alias("length_max_m")
    )
    return _apply(ships, shares, {"share": "prior_inlet_share"}, "prior_inlet", ("has_inlet",))


def share_with_frequency(ship_class: str, frequency_hz: float, length_m: float | None = None) -> float | None:
    """Return the share of ships of a class that have a frequency, or None where it is not known.

    Parameters
    ----------
    ship_class
        Class of the Fourth IMO GHG Study.
    frequency_hz
        50 or 60 [Hz].
    length_m
        Length over all [m]; without it the share of the whole class.

    Examples
    --------
    >>> share_with_frequency("container", 50.0, 300.0), share_with_frequency("yacht", 50.0)
    (0.06, None)
    """
    one = pl.DataFrame({"ship_class": [ship_class], "length_m": [length_m]}, schema_overrides={"length_m": pl.Float64})
    row = frequency_priors(one).row(0, named=True)
    share = {HZ_60: row["prior_60hz_share"], HZ_50: row["prior_50hz_share"]}.get(float(frequency_hz))
    return None if share is None else float(share)


def _apply(
    ships: Any, table: pl.DataFrame, shares: dict[str, str], prefix: str, facts: tuple[str, ...]
) -> pl.DataFrame:
    frame = to_polars(ships)
    if "ship_class" not in frame.columns:
        raise InputError("priors need the column 'ship_class'")
    length = pl.col("length_m").cast(pl.Float64) if "length_m" in frame.columns else pl.lit(None, pl.Float64)
    numbered = frame.with_row_index("prior_row").with_columns(length.alias("prior_length_m"))
    rows = numbered.select("prior_row", "ship_class", "prior_length_m").join(
        table.select("ship_class", "length_min_m", "length_max_m", "source", "status", *shares), on="ship_class"
    )
    best = _fitting(rows).select(
        "prior_row",
        *(pl.col(old).alias(new) for old, new in shares.items()),
        pl.col("source").alias(f"{prefix}_source"),
        pl.col("status").alias(f"{prefix}_status"),
    )
    joined = numbered.join(best, on="prior_row", how="left", maintain_order="left")
    given = [pl.col(c).is_not_null() for c in facts if c in frame.columns]
    known = pl.any_horizontal(given) if given else pl.lit(value=False)
    none = pl.concat_str(pl.lit("no share known for class "), pl.col("ship_class").fill_null("unknown"))
    return joined.with_columns(
        *(pl.when(~known).then(new).alias(new) for new in shares.values()),
        pl.when(known).then(pl.lit(KNOWN)).otherwise(pl.coalesce(f"{prefix}_source", none)).alias(f"{prefix}_source"),
        pl.when(~known).then(f"{prefix}_status").alias(f"{prefix}_status"),
    ).drop("prior_row", "prior_length_m")


def _fitting(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the row of the narrowest length range that holds each ship; the whole class without a length."""
    length = pl.col("prior_length_m")
    whole = pl.all_horizontal(pl.col("length_min_m", "length_max_m").is_null())
    low = pl.col("length_min_m").fill_null(float("-inf"))
    high = pl.col("length_max_m").fill_null(float("inf"))
    inside = (length >= low) & (length < high)
    fits = whole | inside.fill_null(value=False)
    return rows.filter(fits).sort("prior_row", whole, maintain_order=True).unique("prior_row", keep="first")
