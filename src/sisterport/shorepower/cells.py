"""Read the cells of a register into the kinds of its table; what cannot be read becomes a fault."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import polars as pl

from sisterport.errors import did_you_mean
from sisterport.reference import value
from sisterport.shorepower.words import UNKNOWN, spelt, words
from sisterport.tables import Column, schema
from sisterport.units import G_PER_KG, PER_CENT

PASSPORT = {"source": pl.String(), "status": pl.String(), "confidence": pl.String(), "seen_on": pl.Date()}
"""What follows a column name in the columns of its passport."""

_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_THOUSANDTH = {"kV": "V", "MVA": "kVA", "MW": "kW", "kA": "A", "t/MWh": "kg/MWh"}
"""Units in which a value that is a thousand times too large was probably given."""


def passport_of(column: str) -> tuple[str, str] | None:
    """Return attribute and part of a passport column, or None for any other column.

    Examples
    --------
    >>> passport_of("voltage_kv_seen_on"), passport_of("seen_on")
    (('voltage_kv', 'seen_on'), None)
    """
    found = re.fullmatch(r"(.+)_(source|status|confidence|seen_on)", column)
    return (found[1], found[2]) if found else None


def text_faults(frame: pl.DataFrame, table: str, columns: Mapping[str, str], given: Sequence[str]) -> list[str]:
    """Return faults of the header: a map to nowhere, columns missing or probably misspelt, no rows."""
    faults = [
        f"column map names '{old}', which is not there{did_you_mean(old, given)}" for old in columns if old not in given
    ]
    known = list(schema(table))
    for name in frame.columns:
        if name in known:
            continue
        base = passport_of(name)
        attribute = base[0] if base else name
        if attribute in frame.columns and base:
            continue
        near = get_close_matches(
            attribute.lower().replace(" ", "_"), known, n=1, cutoff=value("register_name_similarity")
        )
        if near and near[0] != attribute and near[0] not in frame.columns:
            tail = f"_{base[1]}" if base else ""
            faults.append(f"unknown column '{name}' (did you mean '{near[0]}{tail}'?)")
    faults += [
        f"column '{column.name}' missing: {column.meaning}"
        for column in schema(table).values()
        if column.required and column.name not in frame.columns
    ]
    return [*faults, "no rows"] if frame.is_empty() else faults


def read_cells(frame: pl.DataFrame, table: str) -> tuple[pl.DataFrame, list[str]]:
    """Return the frame with all columns of `table` in their kinds, and the faults of single cells.

    Blanks around text are taken off; empty cells and words like ``unknown`` are null. Words of the vocabulary
    are written as it spells them.
    """
    faults: list[str] = []
    columns = schema(table)
    done = []
    for name in [*frame.columns, *(c for c in columns if c not in frame.columns)]:
        column = columns.get(name)
        passport = passport_of(name)
        if name not in frame.columns:
            done.append(pl.Series(name, [None] * frame.height, columns[name].dtype))
            continue
        series = _blank(frame[name], required=column is not None and column.required)
        if column is not None:
            series = _vocabulary(_cast(series, column.dtype, faults), name, name, table, faults)
            faults += _needed(series, column) + _range_faults(series, column)
        elif passport is not None:
            series = _cast(series, PASSPORT[passport[1]], faults)
            series = _vocabulary(series, name, passport[1], table, faults)
        done.append(series)
    return pl.DataFrame(done), faults


def _blank(series: pl.Series, *, required: bool) -> pl.Series:
    if series.dtype == pl.String:
        text = series.str.strip_chars().replace("", None)
        # an identifier may well be called 'unknown'; a needed word may not
        return text if required else text.set(text.str.to_lowercase().is_in(UNKNOWN).fill_null(value=False), None)
    return series.fill_nan(None) if series.dtype.is_float() else series


def _cast(series: pl.Series, dtype: pl.DataType, faults: list[str]) -> pl.Series:
    if series.dtype == dtype:
        return series
    if series.dtype == pl.String and dtype == pl.Boolean:
        lower = series.str.to_lowercase()
        cast = lower.replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)
    elif series.dtype == pl.String and dtype == pl.Int64:  # '3.0', as spreadsheets write it, is 3
        number = series.cast(pl.Float64, strict=False)
        cast = number.set(number != number.floor(), None).cast(pl.Int64, strict=False)
    elif series.dtype == pl.String and dtype == pl.Date:
        cast = series.str.to_date("%Y-%m-%d", strict=False)
    elif series.dtype.is_float() and dtype == pl.Int64:  # pandas keeps whole numbers with gaps as floats
        cast = series.set(series != series.floor(), None).cast(pl.Int64, strict=False)
    else:
        cast = series.cast(dtype, strict=False)
    if cast.dtype.is_float():
        cast = cast.set(~cast.is_finite().fill_null(value=True), None)
    wrong = cast.is_null() & series.is_not_null()
    if wrong.any():
        row = int(wrong.arg_true()[0])
        wanted = {pl.Boolean: "yes or no", pl.Date: "a date like 2024-05-31", pl.Int64: "a whole number"}
        kind = next((text for type_, text in wanted.items() if dtype == type_), "a number")
        faults.append(f"column '{series.name}': {wrong.sum()} not {kind}, first: row {row} ('{series[row]}')")
    return cast


def _vocabulary(series: pl.Series, label: str, column: str, table: str, faults: list[str]) -> pl.Series:
    if table == "assessments" or not words(column, table):
        return series
    spelling = {}
    for word in series.drop_nulls().unique(maintain_order=True):
        spelling[word], fault = spelt(column, table, word)
        if fault:
            faults.append(f"column '{label}': {fault}, first: row {series.index_of(word)}")
    return series.replace(spelling)


def _needed(series: pl.Series, column: Column) -> list[str]:
    if not column.required or not series.null_count():
        return []
    row = int(series.is_null().arg_true()[0])
    return [f"column '{column.name}': {series.null_count()} empty or not readable, first: row {row}"]


def _range_faults(series: pl.Series, column: Column) -> list[str]:
    faults = []
    for limit, text, beyond in (
        (column.minimum, "below", series < column.minimum if column.minimum is not None else None),
        (column.maximum, "above", series > column.maximum if column.maximum is not None else None),
    ):
        if limit is None or beyond is None or not beyond.any():
            continue
        row = int(beyond.fill_null(value=False).arg_true()[0])
        unit = f" {column.unit}" if column.unit else ""
        hint = unit_hint(float(series[row]), column)
        faults.append(
            f"column '{column.name}': {beyond.sum()} {text} {limit:g}{unit}, first: row {row} ({series[row]:g}){hint}"
        )
    return faults


def unit_hint(number: float, column: Column) -> str:
    """Return ``": looks like V, write 6.6"`` where another unit explains a value out of range.

    Examples
    --------
    >>> unit_hint(6600.0, schema("outlets")["voltage_kv"])
    ': looks like V, write 6.6'
    >>> unit_hint(95.0, schema("outlets")["availability_share"])
    ': looks like per cent, write 0.95'
    """
    low, high = column.minimum, column.maximum
    tries = [(G_PER_KG, _THOUSANDTH.get(column.unit))]
    if column.name.endswith(("_share", "_efficiency")) or column.name in {"simultaneity", "power_factor"}:
        tries = [(1 / PER_CENT, "per cent")]
    if low is None or high is None or number <= high:
        return ""
    for factor, unit in tries:
        if unit and low <= number / factor <= high:
            return f": looks like {unit}, write {number / factor:g}"
    return ""
