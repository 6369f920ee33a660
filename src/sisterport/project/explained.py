"""Explain a figure of a project's result with the options that it was made with."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from sisterport.engines import load_corrections
from sisterport.errors import InputError, did_you_mean
from sisterport.inventory import Explanation, explain, summarise
from sisterport.inventory.summaries import joined_rows
from sisterport.project.loads import law_formula, law_words, laws_used
from sisterport.project.pipeline import Result, account_options
from sisterport.site import Period
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
    said = explain(
        found.emissions,
        found.segments,
        found.ships,
        where=where,
        amount=amount,
        shore_power=check(read_file(given), "shore_power") if given else None,
        areas=result.areas.frame,
        **account_options(result.config.method),
    )
    return replace(said, formula=(*said.formula, *_laws(result, found, said)))


def _laws(result: Result, period: Period, said: Explanation) -> list[str]:
    """Return which load law made the load hours of the main engines in a cell; nothing where they were off."""
    rows = joined_rows(period.emissions, period.segments, period.ships, list(said.where), result.areas.frame)
    cell = rows.filter(
        pl.col("system") == "main",
        pl.col("energy_kwh") > 0,
        *(pl.col(key).eq_missing(pl.lit(given, rows.schema[key])) for key, given in said.where.items()),
    )
    if cell.is_empty():
        return []
    law = result.config.method.law
    segments = period.segments.join(cell.select("segment_id").unique(), on="segment_id", how="semi")
    laws = laws_used(segments, period.ships, load_corrections(period.ships, law))
    names = laws["load_law"].unique(maintain_order=True).to_list()
    lines = [law_formula(law, name) for name in sorted(names, key=lambda name: name != law.name)]
    return [*lines, f"main engines by load law: {law_words(laws)}"] if law.model else lines


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
