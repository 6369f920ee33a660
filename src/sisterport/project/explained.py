"""Explain a figure of a project's result with the options that it was made with."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sisterport.errors import InputError, did_you_mean
from sisterport.inventory import Explanation, explain, summarise
from sisterport.project.pipeline import Result, account_options
from sisterport.tables import check, read_file


def explain_cell(result: Result, period: str, where: Mapping[str, Any], amount: str = "co2e_ttw_t") -> Explanation:
    """Return where a figure of a period comes from.

    Parameters
    ----------
    result
        From `sisterport.run`.
    period
        Its name.
    where, amount
        As in `sisterport.explain`.

    Raises
    ------
    InputError
        If there is no such period.
    MethodError
        If there is no such key or amount.
    """
    names = [part.name for part in result.periods]
    if period not in names:
        raise InputError(f"no period '{period}'{did_you_mean(period, names)}; there are: {', '.join(names)}")
    found = result.periods[names.index(period)]
    given = next(part.shore_power for part in result.config.periods if part.name == period)
    return explain(
        found.emissions,
        found.segments,
        found.ships,
        where=where,
        amount=amount,
        shore_power=check(read_file(given), "shore_power") if given else None,
        areas=result.areas.frame,
        **account_options(result.config.method),
    )


def worked_example(result: Result) -> tuple[str, Explanation] | None:
    """Return the period and the derivation of the largest figure by class and mode; None where there is none."""
    keys = ["group", "ship_class", "mode"]
    rows = [
        summarise(period.emissions, period.segments, period.ships, by=keys).select(
            pl.lit(period.name).alias("period"), *keys, "co2e_ttw_t"
        )
        for period in result.periods
    ]
    largest = pl.concat(rows).drop_nulls("co2e_ttw_t").sort("co2e_ttw_t", descending=True, maintain_order=True).head(1)
    if largest.is_empty():
        return None
    row = largest.row(0, named=True)
    return row["period"], explain_cell(result, row["period"], {key: row[key] for key in keys})
