"""The table ``compliance`` summed up for readers: one row for each ship, for each regulation, for each outcome."""

import polars as pl

SUMMED = {
    "fueleu": ("balance", "penalty"),
    "ets": ("co2e", "co2", "allowances", "cost"),
    "nzf": ("tier1", "tier2", "surplus", "cost_in_eur"),
}
"""Quantities that add up over ships."""
RATINGS = ("A", "B", "C", "D", "E")
REPORT = r"^EU-MRV row (\d+)"

_KEYS = ["ship_id", "year", "report"]
_WIDE = {
    "fueleu_balance_t": ("fueleu", "balance"),
    "fueleu_eur": ("fueleu", "penalty"),
    "ets_allowances_t": ("ets", "allowances"),
    "ets_eur": ("ets", "cost"),
    "nzf_eur": ("nzf", "cost_in_eur"),
}
_COSTS = ("fueleu_eur", "ets_eur", "nzf_eur")


def by_report(compliance: pl.DataFrame) -> pl.DataFrame:
    """Return the table with ``report``: the row of the EU-MRV sheet, null elsewhere. Reports of a ship stay apart.

    Examples
    --------
    >>> by_report(pl.DataFrame({"source_row": ["EU-MRV row 7; x", None]}))["report"].to_list()
    [7, None]
    """
    return compliance.with_columns(report=pl.col("source_row").str.extract(REPORT).cast(pl.Int64))


def ships(compliance: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each ship and year (and report): balance, penalty, allowances, costs, rating, dearest first.

    Parameters
    ----------
    compliance
        Frame of the table ``compliance``.

    Returns
    -------
    polars.DataFrame
        ship_id, year, report, imo, name, fueleu_balance_t, fueleu_eur, ets_allowances_t, ets_eur, nzf_eur, rating,
        ``cost_eur``: the sum of what is known, null where nothing is; of amounts that are ranges ``*_low``, ``*_high``.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> ships(empty("compliance")).height
    0
    """
    rows = by_report(compliance)
    amounts = [
        pl.col(end).filter(regulation=law, quantity=quantity).first().alias(f"{name}{suffix}")
        for name, (law, quantity) in _WIDE.items()
        for end, suffix in (("value", ""), ("low", "_low"), ("high", "_high"))
    ]
    wide = rows.group_by(_KEYS, maintain_order=True).agg(
        pl.col("imo", "name").drop_nulls().first(),
        *amounts,
        pl.col("word").filter(regulation="cii", quantity="rating").first().alias("rating"),
    )
    known = pl.any_horizontal(pl.col(_COSTS).is_not_null())
    summed = wide.with_columns(cost_eur=pl.when(known).then(pl.sum_horizontal(_COSTS)))
    return summed.sort("cost_eur", *_KEYS, descending=[True, False, False, False], nulls_last=True)


def sums(compliance: pl.DataFrame) -> pl.DataFrame:
    """Return what adds up over ships, by regulation and year.

    Returns
    -------
    polars.DataFrame
        regulation, year, quantity, unit, ships (reports) with a value, without one, value, low, high.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> sums(empty("compliance")).height
    0
    """
    wanted = pl.DataFrame(
        [(law, name) for law, names in SUMMED.items() for name in names],
        schema=["regulation", "quantity"],
        orient="row",
    ).with_row_index("_order")
    keys = ["regulation", "year", "quantity", "unit"]
    return (
        compliance.join(wanted, on=["regulation", "quantity"], how="inner", maintain_order="left")
        .group_by(*keys, "_order", maintain_order=True)
        .agg(
            pl.col("value").is_not_null().sum().cast(pl.Int64).alias("with_value"),
            pl.col("value").is_null().sum().cast(pl.Int64).alias("without"),
            pl.col("value", "low", "high").sum(),
        )
        .filter(pl.col("with_value") > 0)
        .sort("_order", "year")
        .drop("_order")
    )


def ratings(compliance: pl.DataFrame) -> pl.DataFrame:
    """Return how many ships have which rating of carbon intensity: year, rating, ships.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> ratings(empty("compliance")).height
    0
    """
    rated = compliance.filter(pl.col("regulation") == "cii", pl.col("quantity") == "rating").drop_nulls("word")
    counted = rated.group_by("year", pl.col("word").alias("rating")).agg(pl.len().cast(pl.Int64).alias("ships"))
    return counted.sort("year", "rating")


def outcomes(compliance: pl.DataFrame) -> pl.DataFrame:
    """Return for how many ships each regulation has which outcome: regulation, year, outcome, ships.

    Where a regulation does not apply, or nothing could be computed, the outcome is the first reason that was given.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> outcomes(empty("compliance")).height
    0
    """
    reason = pl.col("note").str.split("; ").list.first().fill_null("")
    applied = compliance.filter(pl.col("quantity") == "applies", pl.col("regulation") != "cii").with_columns(
        outcome=pl.when(pl.col("value") > 0)
        .then(pl.lit("applies"))
        .otherwise(pl.concat_str(pl.lit("does not apply: "), reason))
    )
    cii = compliance.filter(pl.col("regulation") == "cii")
    rated = cii.filter(pl.col("quantity") == "rating").with_columns(
        outcome=pl.when(pl.col("word").is_null()).then(reason).otherwise(pl.lit("rated"))
    )
    # years without a reduction factor have no row of a rating
    bare = cii.join(rated, on=["ship_id", "year"], how="anti", maintain_order="left").with_columns(
        outcome=pl.concat_str(pl.lit("does not apply: "), reason)
    )
    told = pl.concat([applied, rated, bare])
    counted = told.group_by("regulation", "year", "outcome").agg(pl.len().cast(pl.Int64).alias("ships"))
    return counted.sort("regulation", "year", "ships", "outcome", descending=[False, False, True, False])
