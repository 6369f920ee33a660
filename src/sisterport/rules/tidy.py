"""Wide frames of results to the one tidy frame of the table ``compliance``."""

from collections.abc import Mapping

import polars as pl

from sisterport.tables import check, empty

_PASSPORT = ("clause", "status", "source_row", "note")


def tidy(
    wide: pl.DataFrame,
    *,
    regulation: str,
    quantities: Mapping[str, tuple[str, str]],
    words: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Return a wide frame as rows of the table ``compliance``.

    Parameters
    ----------
    wide
        ship_id, imo, name, year, the columns of `quantities` and `words`, and as far as known ``<column>_low``,
        ``<column>_high``, ``<column>_note``, clause, status, source_row, note.
    regulation
        Name of the regulation.
    quantities
        Column, and the name of its quantity with the unit.
    words
        Column of words, and the name of its quantity.

    Returns
    -------
    polars.DataFrame
        Table ``compliance``; without ends of a range low and high are the value.

    Examples
    --------
    >>> wide = pl.DataFrame({"ship_id": ["imo:1"], "year": [2026], "due_t": [5.0]})
    >>> tidy(wide, regulation="ets", quantities={"due_t": ("allowances", "t")}).select("quantity", "low").row(0)
    ('allowances', 5.0)
    """
    parts = [_numbers(wide, column, name, unit) for column, (name, unit) in quantities.items()]
    parts += [_words(wide, column, name) for column, name in (words or {}).items()]
    if not parts:
        return empty("compliance")
    rows = pl.concat(parts, how="diagonal_relaxed").with_columns(regulation=pl.lit(regulation))
    return check(rows, "compliance")


def _base(wide: pl.DataFrame, column: str) -> list[pl.Expr]:
    there = [name for name in ("ship_id", "imo", "name", "year", *_PASSPORT) if name in wide.columns and name != "note"]
    notes = [pl.col(name) for name in (f"{column}_note", "note") if name in wide.columns]
    note = pl.concat_str(notes, separator="; ", ignore_nulls=True) if notes else pl.lit(None, pl.String)
    return [*(pl.col(name) for name in there), pl.when(note != "").then(note).alias("note")]


def _numbers(wide: pl.DataFrame, column: str, name: str, unit: str) -> pl.DataFrame:
    ends = {end: f"{column}_{end}" if f"{column}_{end}" in wide.columns else column for end in ("low", "high")}
    return wide.select(
        *_base(wide, column),
        quantity=pl.lit(name),
        unit=pl.lit(unit),
        value=pl.col(column).cast(pl.Float64),
        low=pl.col(ends["low"]).cast(pl.Float64),
        high=pl.col(ends["high"]).cast(pl.Float64),
    )


def _words(wide: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    return wide.select(*_base(wide, column), quantity=pl.lit(name), word=pl.col(column))
