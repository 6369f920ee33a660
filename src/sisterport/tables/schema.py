"""Schemas as tables, and one check that reports every fault of a frame at once."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError, SchemaError, did_you_mean
from sisterport.tables.frames import to_polars

_DTYPES: dict[str, pl.DataType] = {
    "int64": pl.Int64(),
    "float64": pl.Float64(),
    "string": pl.String(),
    "boolean": pl.Boolean(),
    "datetime": pl.Datetime("ms", "UTC"),
    "date": pl.Date(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a schema table."""

    name: str
    dtype: pl.DataType
    unit: str
    required: bool
    minimum: float | None
    maximum: float | None
    meaning: str


@cache
def schema(name: str) -> dict[str, Column]:
    """Return the columns of table `name`, in order.

    Raises
    ------
    ReferenceDataError
        If there is no such table.

    Examples
    --------
    >>> schema("positions")["sog_kn"].unit
    'kn'
    """
    path = files("sisterport.tables").joinpath(f"{name}.csv")
    if not path.is_file():
        raise ReferenceDataError(f"no table '{name}'{did_you_mean(name, names())}")
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {row["column"]: _column(row) for row in rows}


def _column(row: dict[str, str]) -> Column:
    return Column(
        name=row["column"],
        dtype=_DTYPES[row["dtype"]],
        unit=row["unit"],
        required=row["required"] == "yes",
        minimum=float(row["min"]) if row["min"] else None,
        maximum=float(row["max"]) if row["max"] else None,
        meaning=row["meaning"],
    )


def names() -> list[str]:
    """Return the names of all tables."""
    return sorted(p.name.removesuffix(".csv") for p in files("sisterport.tables").iterdir() if p.name.endswith(".csv"))


def empty(name: str) -> pl.DataFrame:
    """Return a frame of table `name` without rows."""
    return pl.DataFrame(schema={column.name: column.dtype for column in schema(name).values()})


def check(frame: Any, name: str, *, columns: Mapping[str, str] | None = None, fill: bool = True) -> pl.DataFrame:
    """Return `frame` as a Polars frame that fits table `name`: renamed, cast, in order.

    Parameters
    ----------
    frame
        Any Arrow-speaking frame.
    name
        Name of the table, e.g. ``"positions"``.
    columns
        Map from the names in `frame` to those of the table, e.g. ``{"SOG": "sog_kn"}``.
    fill
        Add optional columns that are absent as nulls; otherwise leave them out.

    Raises
    ------
    SchemaError
        Listing every fault with its mend: columns that are missing or of a wrong kind, values out of range with
        the first row that has one, nulls where a value is needed.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import datetime, UTC
    >>> rows = pl.DataFrame({"mmsi": [366952790], "t": [datetime(2020, 12, 1, tzinfo=UTC)], "lat_deg": [40.6]})
    >>> try:
    ...     check(rows, "positions", columns={"t": "time_utc"})
    ... except SchemaError as error:
    ...     print(error)
    positions: 1 fault
      - column 'lon_deg' missing
    """
    table = schema(name)
    given = to_polars(frame)
    faults: list[str] = []
    rename = dict(columns or {})
    faults += [
        f"column map names '{old}', which is not there{did_you_mean(old, given.columns)}"
        for old in rename
        if old not in given.columns
    ]
    data = given.rename({old: new for old, new in rename.items() if old in given.columns})
    cast: list[pl.Series] = []
    for column in table.values():
        if column.name not in data.columns:
            if column.required:
                faults.append(f"column '{column.name}' missing{_found_instead(column.name, data.columns, table)}")
            elif fill:
                cast.append(pl.Series(column.name, [None] * data.height, column.dtype))
            continue
        try:
            series = _cast(data[column.name], column.dtype)
        except (pl.exceptions.PolarsError, ValueError) as error:
            found = data.schema[column.name]
            reason = str(error).splitlines()[0]
            faults.append(f"column '{column.name}' is {found}, needed {column.dtype}: {reason}")
            continue
        faults += _value_faults(series, column)
        cast.append(series)
    if faults:
        raise SchemaError(name, faults)
    return pl.DataFrame(cast)


def _cast(series: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Cast strictly; a time without a zone is read as UTC, text as ISO 8601."""
    if isinstance(dtype, pl.Datetime):
        if series.dtype == pl.String:
            series = series.str.to_datetime(time_unit="ms", time_zone="UTC", strict=True)
        elif isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone is None:
            series = series.dt.replace_time_zone("UTC")
    if series.dtype.is_float() and dtype == pl.Int64:
        series = series.fill_nan(None)
    cast = series.cast(dtype, strict=True)
    return cast.fill_nan(None) if cast.dtype.is_float() else cast


def _found_instead(wanted: str, present: list[str], table: Mapping[str, Column]) -> str:
    """Say which column was probably meant: the same word without its unit, in any case."""
    stem = wanted.split("_", maxsplit=1)[0].lower()
    similar = [c for c in present if c not in table and (c.lower().startswith(stem) or c.lower() == wanted.lower())]
    return f" (found '{similar[0]}': pass columns={{'{similar[0]}': '{wanted}'}})" if similar else ""


def _value_faults(series: pl.Series, column: Column) -> list[str]:
    faults = []
    if column.required and series.null_count():
        faults.append(f"column '{column.name}': {series.null_count()} nulls, first: row {_first(series.is_null())}")
    for limit, text, beyond in (
        (column.minimum, "below", series < column.minimum if column.minimum is not None else None),
        (column.maximum, "above", series > column.maximum if column.maximum is not None else None),
    ):
        if beyond is not None and beyond.any():
            unit = f" {column.unit}" if column.unit else ""
            faults.append(
                f"column '{column.name}': {beyond.sum()} rows {text} {limit:g}{unit}, first: row {_first(beyond)}"
            )
    return faults


def _first(mask: pl.Series) -> int:
    return int(mask.fill_null(value=False).arg_true()[0])


def nomenclature() -> str:
    """Return the nomenclature page: every column of every table, as Markdown."""
    parts = ["# Nomenclature", "", "Made from `src/sisterport/tables/*.csv` by `make docs`; do not edit.", ""]
    for name in names():
        parts += [
            f"## {name}",
            "",
            "| column | unit | type | needed | meaning |",
            "| --- | --- | --- | --- | --- |",
        ]
        for c in schema(name).values():
            kind, needed = str(c.dtype).split("(")[0].lower(), "yes" if c.required else ""
            parts.append(f"| `{c.name}` | {c.unit} | {kind} | {needed} | {c.meaning} |")
        parts.append("")
    return "\n".join(parts)
