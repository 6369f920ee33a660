"""The factor of the load law that differs from ship to ship: weather, fouling, speed correction, margin."""

from functools import cache

import polars as pl

from sisterport.engines.laws import load_law
from sisterport.errors import InputError, did_you_mean
from sisterport.reference.store import load, value


def law_factor(ships: pl.DataFrame, law_name: str) -> pl.Series:
    """Return the factor of the load law for each ship [-].

    Parameters
    ----------
    ships
        Needs the columns ship_class and size_bin.
    law_name
        ``ghg4``: delta_w / (eta_w eta_f) of class and size bin; ``epa_propeller`` and ``epa_admiralty``: sea
        margin.

    Returns
    -------
    polars.Series
        ``law_factor``; never null. `law_factor_source` says where a fallback was used.

    Raises
    ------
    MethodError
        If there is no such law.
    InputError
        If a class is in no table.

    References
    ----------
    Fourth IMO GHG Study (2020), eq. 8 and Table 44; USEPA Marine Emissions Tools beta 0.2, calcPropPwr.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["container", "container", "cruise"], "size_bin": [2, 9, 5]})
    >>> law_factor(ships, "ghg4").round(3).to_list()
    [1.258, 0.943, 0.88]
    >>> law_factor(ships, "epa_propeller").to_list()
    [1.15, 1.15, 1.15]
    """
    return _factors(ships, law_name)["law_factor"]


def law_factor_source(ships: pl.DataFrame, law_name: str) -> pl.Series:
    """Return how the factor of each ship is known: ``class and size bin``, a fallback, or ``sea margin``.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["container", "unknown"], "size_bin": [None, None]})
    >>> law_factor_source(ships, "ghg4").to_list()
    ['size unknown: worst weather of the class', 'class unknown: worst weather of all classes']
    """
    return _factors(ships, law_name)["law_factor_source"]


def _factors(ships: pl.DataFrame, law_name: str) -> pl.DataFrame:
    load_law(law_name)  # complains about an unknown name
    if law_name != "ghg4":
        margin = pl.repeat(value("epa_service_margin"), ships.height, dtype=pl.Float64)
        return ships.select(law_factor=margin, law_factor_source=pl.repeat("sea margin", ships.height))
    keys = ships.select(pl.col("ship_class").cast(pl.String), pl.col("size_bin").cast(pl.Int64))
    table = _ghg4()
    classes = [*table["ship_class"].unique(maintain_order=True)]
    for name in keys["ship_class"].unique(maintain_order=True).to_list():
        if name not in classes:
            raise InputError(f"unknown ship class '{name}'{did_you_mean(str(name), classes)}")
    found = keys.join(table, on=["ship_class", "size_bin"], how="left", nulls_equal=True, maintain_order="left")
    if found["law_factor"].null_count():
        row = found.filter(pl.col("law_factor").is_null()).row(0, named=True)
        raise InputError(f"ship class '{row['ship_class']}' has no size bin {row['size_bin']}")
    return found


@cache
def _ghg4() -> pl.DataFrame:
    """Return the factor by class and size bin; rows without a bin are the fallback for an unknown size.

    The fallback is the lower weather efficiency (higher power) of the class, without speed-power correction
    for container ships because it holds for the largest only.
    """
    table = load("weather_fouling_ghg4")
    edges = load("aux_boiler_power_ghg4").select("ship_class", "size_bin", "size_min").unique()
    table = table.join(edges, on=["ship_class", "size_bin"], how="left", maintain_order="left")
    large = (pl.col("ship_class") == "container") & (pl.col("size_min") >= value("ghg4_delta_container_from_teu"))
    delta = (
        pl.when(large)
        .then(value("ghg4_delta_container"))
        .when(pl.col("ship_class") == "cruise")
        .then(value("ghg4_delta_cruise"))
        .otherwise(1.0)
    )
    factor = delta / (pl.col("eta_weather") * pl.col("eta_fouling"))
    by_bin = table.select("ship_class", "size_bin", law_factor=factor, law_factor_source=pl.lit("class and size bin"))
    no_size = (
        by_bin.group_by("ship_class", maintain_order=True)
        .agg(pl.max("law_factor"))
        .select(
            "ship_class",
            pl.lit(None, pl.Int64).alias("size_bin"),
            "law_factor",
            pl.lit("size unknown: worst weather of the class").alias("law_factor_source"),
        )
    )
    kinds = load("class_defaults")["ship_class"].unique(maintain_order=True)
    unknown = kinds.filter(kinds.str.starts_with("unknown"))
    no_class = pl.DataFrame({"ship_class": unknown}).select(
        "ship_class",
        pl.lit(None, pl.Int64).alias("size_bin"),
        pl.lit(by_bin["law_factor"].max()).alias("law_factor"),
        pl.lit("class unknown: worst weather of all classes").alias("law_factor_source"),
    )
    return pl.concat([by_bin, no_size, no_class])
