"""What a ship burns and which NOx tier counts, by place and day."""

import polars as pl

from sisterport.reference import value
from sisterport.units import PER_CENT, ROUNDING

RESIDUAL_LIKE = ("residual", "vlsfo")


def global_limit_from() -> int:
    """Return the first year of today's sulphur limit outside control areas.

    Examples
    --------
    >>> global_limit_from()
    2020
    """
    return int(value("global_sulphur_from_year"))


def sulphur_limit() -> pl.Expr:
    """Return the sulphur limit [mass fraction] from ``sulphur_pct_max`` (null: outside) and ``year``.

    References
    ----------
    MARPOL Annex VI regulation 14: 3.50 % from 2012, 0.50 % from 2020, in control areas the limit of the area.

    Examples
    --------
    >>> rows = pl.DataFrame({"sulphur_pct_max": [0.1, None, None], "year": [2020, 2020, 2019]})
    >>> rows.select(sulphur_limit())["sulphur_limit"].to_list()
    [0.001, 0.005, 0.035]
    """
    low = pl.col("year") >= global_limit_from()
    outside = pl.when(low).then(value("global_sulphur")).otherwise(value("global_sulphur_before_2020"))
    return pl.coalesce(pl.col("sulphur_pct_max") * PER_CENT, outside).alias("sulphur_limit")


def in_eca() -> pl.Expr:
    """Return whether the limit of the place is the 0.10 % of today's SOx control areas.

    Examples
    --------
    >>> rows = pl.DataFrame({"sulphur_pct_max": [0.1, 1.0, None]})
    >>> rows.select(in_eca())["in_eca"].to_list()
    [True, False, False]
    """
    limit = pl.col("sulphur_pct_max") * PER_CENT
    return (limit <= value("eca_sulphur") * (1 + ROUNDING)).fill_null(value=False).alias("in_eca")


def fuel_burnt() -> pl.Expr:
    """Return the fuel in operation from ``fuel``, ``scrubber``, ``in_eca`` and ``year``.

    Residual fuel becomes distillate in control areas and VLSFO elsewhere from 2020, unless there is a
    scrubber; VLSFO becomes distillate in control areas; all other fuels are burnt as they are.

    References
    ----------
    Fourth IMO GHG Study 2020 and ICCT SAVE v2025.03.1, fuel in operation.

    Examples
    --------
    >>> rows = pl.DataFrame({"fuel": ["residual"] * 4, "scrubber": [False, False, True, False],
    ...                      "in_eca": [True, False, True, False], "year": [2020, 2020, 2020, 2019]})
    >>> rows.select(fuel_burnt())["fuel_burnt"].to_list()
    ['distillate', 'vlsfo', 'residual', 'residual']
    """
    fuel = pl.col("fuel")
    oil = fuel.is_in(RESIDUAL_LIKE) & ~pl.col("scrubber").fill_null(value=False)
    return (
        pl.when(oil & pl.col("in_eca"))
        .then(pl.lit("distillate"))
        .when(oil & (pl.col("year") >= global_limit_from()))
        .then(pl.lit("vlsfo"))
        .otherwise(fuel)
        .alias("fuel_burnt")
    )


def tier3_counts() -> pl.Expr:
    """Return whether a Tier III engine has to meet Tier III here: from ``nox_tier3_from`` and ``keel_year``.

    References
    ----------
    MARPOL Annex VI regulation 13.5: inside a NOx control area, for ships with a keel laid on or after its
    date.

    Examples
    --------
    >>> from datetime import date
    >>> from_day = [date(2016, 1, 1), date(2021, 1, 1), None]
    >>> rows = pl.DataFrame({"nox_tier3_from": from_day, "keel_year": [2017] * 3})
    >>> rows.select(tier3_counts())["tier3_counts"].to_list()
    [True, False, False]
    """
    area = pl.col("nox_tier3_from")
    young = (pl.col("keel_year") >= area.dt.year()).fill_null(value=True)
    return (area.is_not_null() & young).alias("tier3_counts")


def tier_in_operation() -> pl.Expr:
    """Return the tier that counts: III only where `tier3_counts`, else II; unknown is an assumed tier.

    Examples
    --------
    >>> rows = pl.DataFrame({"nox_tier": [3, 3, 1, None], "tier3_counts": [True, False, True, True]})
    >>> rows.select(tier_in_operation())["tier"].to_list()
    [3, 2, 1, 1]
    """
    tier = pl.col("nox_tier").fill_null(int(value("nox_tier_unknown")))
    return pl.when("tier3_counts").then(tier).otherwise(tier.clip(upper_bound=2)).cast(pl.Int64).alias("tier")
