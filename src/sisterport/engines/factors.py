"""The factor of the load law that differs from ship to ship: weather, fouling, speed correction, margin."""

from functools import cache

import polars as pl

from sisterport.engines.laws import CUBIC
from sisterport.errors import InputError, MethodError, choose, did_you_mean
from sisterport.reference.store import load, value

WEATHERS = ("method", "save_coastal")
"""Choices of the weather factor."""
FOULINGS = ("method", "save_age")
"""Choices of the fouling factor."""
_M_PER_UM = 1e-6


def law_factor(
    ships: pl.DataFrame, law_name: str, *, weather: str = "method", fouling: str = "method", year: int | None = None
) -> pl.Series:
    """Return the factor of the load law for each ship [-].

    Parameters
    ----------
    ships
        Needs the columns ship_class and size_bin; for fouling by age build_year.
    law_name
        A cubic law. ``ghg4``: delta_w / (eta_w eta_f) of class and size bin; ``epa_propeller`` and
        ``epa_admiralty``: sea margin.
    weather
        ``method``: eta_w; ``save_coastal``: the coastal factor of SAVE in its place, everywhere. (Its larger factor
        beyond 5 nm is not applied: the load is capped interval by interval, so it cannot be a factor of the ship.)
    fouling
        ``method``: eta_f; ``save_age``: hull roughness by age (`fouling_by_age`) in its place.
    year
        Year in which ages are counted, for ``save_age``.

    Returns
    -------
    polars.Series
        ``law_factor``; never null. `law_factor_source` says where a fallback was used.

    Raises
    ------
    MethodError
        If there is no such law or option, or an option is asked of a law that has a margin instead.
    InputError
        If a class is in no table.

    References
    ----------
    Fourth IMO GHG Study (2020), eq. 8 and Table 44; USEPA Marine Emissions Tools beta 0.2, calcPropPwr; ICCT SAVE
    v2025.03.1, eq. 5.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["container", "container", "cruise"], "size_bin": [2, 9, 5]})
    >>> law_factor(ships, "ghg4").round(3).to_list()
    [1.258, 0.943, 0.88]
    >>> law_factor(ships, "epa_propeller").to_list()
    [1.15, 1.15, 1.15]
    """
    choose("weather factor", weather, WEATHERS)
    choose("fouling factor", fouling, FOULINGS)
    if (weather, fouling) == ("method", "method"):
        return _factors(ships, law_name)["law_factor"]
    if law_name != "ghg4":
        raise MethodError(f"weather and fouling are options of the load law 'ghg4'; '{law_name}' has one sea margin")
    by_weather = _factors(ships, law_name)["law_factor" if weather == "method" else "delta"]
    if weather == "save_coastal":
        by_weather = by_weather * value("save_weather_coastal") / value("ghg4_eta_f")
    if fouling == "method":
        return by_weather.alias("law_factor")
    if year is None:
        raise MethodError("fouling by age needs the year in which ages are counted")
    age = year - ships["build_year"].cast(pl.Int64)
    return (by_weather * value("ghg4_eta_f") * fouling_by_age(age)).alias("law_factor")


def speed_power_delta(ships: pl.DataFrame, law_name: str) -> pl.Series:
    """Return the constant correction of the cubic law that is in `law_factor`, delta_w [-]; 1 where there is none.

    A resistance model has its own corrections in the place of it.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_class": ["container", "container", "cruise"], "size_bin": [2, 9, 5]})
    >>> speed_power_delta(ships, "ghg4").to_list()
    [1.0, 0.75, 0.7]
    """
    return _factors(ships, law_name)["delta"]


def fouling_by_age(age_years: pl.Series) -> pl.Series:
    """Return the hull fouling factor on power by age of the ship [-].

    Parameters
    ----------
    age_years
        Age [years]; null: the mean of the fleet. A ship not built yet counts as new.

    References
    ----------
    ICCT SAVE v2025.03.1 documentation, eq. 5 and Table 10: 1.02 + 0.044 (k2^(1/3) - k1^(1/3)) / 0.018, k in m: k1 of a
    new hull, k2 by age plus growth since the last docking.

    Examples
    --------
    >>> fouling_by_age(pl.Series([0, 12, 24, None], dtype=pl.Int64)).round(3).to_list()
    [1.02, 1.073, 1.108, 1.07]
    """
    table = load("hull_roughness_age").sort("age_min_years")
    age = age_years.cast(pl.Int64).clip(0)
    row = table["age_min_years"].cast(pl.Int64).search_sorted(age.fill_null(0), side="right").cast(pl.Int64) - 1
    roughness = table["average_hull_roughness_um"].cast(pl.Float64).gather(row) * _M_PER_UM
    grown = roughness + (age % int(value("save_docking_years"))) * value("save_roughness_growth_m")
    rougher = grown ** (1 / 3) - value("save_roughness_new_m") ** (1 / 3)
    factor = rougher * (value("save_fouling_a") / value("save_fouling_b")) + value("save_fouling_base")
    filled: pl.Series = factor.fill_null(value("save_fouling_mean"))
    return filled.alias("fouling")


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
    choose("load law", law_name, CUBIC)
    if law_name != "ghg4":
        margin = pl.repeat(value("epa_service_margin"), ships.height, dtype=pl.Float64)
        one = pl.repeat(1.0, ships.height, dtype=pl.Float64)
        return ships.select(law_factor=margin, delta=one, law_factor_source=pl.repeat("sea margin", ships.height))
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
    by_bin = table.select(
        "ship_class", "size_bin", law_factor=factor, delta=delta, law_factor_source=pl.lit("class and size bin")
    )
    no_size = (
        by_bin.group_by("ship_class", maintain_order=True)
        .agg(pl.max("law_factor"), pl.max("delta"))
        .select(
            "ship_class",
            pl.lit(None, pl.Int64).alias("size_bin"),
            "law_factor",
            "delta",
            pl.lit("size unknown: worst weather of the class").alias("law_factor_source"),
        )
    )
    kinds = load("class_defaults")["ship_class"].unique(maintain_order=True)
    unknown = kinds.filter(kinds.str.starts_with("unknown"))
    no_class = pl.DataFrame({"ship_class": unknown}).select(
        "ship_class",
        pl.lit(None, pl.Int64).alias("size_bin"),
        pl.lit(by_bin["law_factor"].max()).alias("law_factor"),
        pl.lit(by_bin["delta"].max()).alias("delta"),
        pl.lit("class unknown: worst weather of all classes").alias("law_factor_source"),
    )
    return pl.concat([by_bin, no_size, no_class])
