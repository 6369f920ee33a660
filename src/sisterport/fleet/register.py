"""Read a ship register, wide or one sourced cell per row, and report all its faults at once."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import SchemaError, did_you_mean
from sisterport.fleet.classes import ship_classes
from sisterport.fleet.identity import imo_check, mmsi_is_ship
from sisterport.reference import load
from sisterport.tables import check, read_file, schema, to_polars

CELL_COLUMNS = ("imo", "mmsi", "field", "source", "status", "note")
_ALIASES = {"draught_max_m": "draught_ref_m"}
_REMARKS = ("main_engine",)  # kept with the cells, needed by no rule
_KEYS = ("imo", "mmsi", "name")


def read_register(source: Any, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return a ship register as a frame that fits the table ``register``.

    Parameters
    ----------
    source
        Path of a CSV or Parquet file, or a frame. Either wide (one row per ship) or long: one cell per row
        with the columns imo, mmsi, field, value and, if known, name, unit, source, status, note.
    columns
        Map from the names in the file to those of the table, e.g. ``{"IMO_NO": "imo"}``.

    Raises
    ------
    SchemaError
        Listing every fault: wrong check digits, ships that occur twice, unknown classes, engine types and
        fuels, values that are no numbers or out of range, wrong units, service speed above maximum speed.

    Examples
    --------
    >>> ships = pl.DataFrame({"imo": [9074729], "ship_class": ["container"], "teu": [7403]})
    >>> read_register(ships)["teu"].to_list()
    [7403.0]
    >>> read_register(ships.with_columns(imo=9074728, ship_class=pl.lit("containr")))
    Traceback (most recent call last):
    sisterport.errors.SchemaError: register: 2 faults
      - column 'imo': 1 with a wrong check digit, first: row 0 (9074728)
      - column 'ship_class': unknown 'containr' (did you mean 'container'?), first: row 0
    """
    given = _load(source, columns)
    faults: list[str] = []
    wide = _wide(given, faults) if _is_long(given) else given
    faults += _name_faults(wide)
    wide = _cast(wide, faults)
    try:
        register = check(wide, "register")
    except SchemaError as error:
        faults += error.faults
    faults += _faults(wide)
    if faults:
        raise SchemaError(f"register {source}" if isinstance(source, str | Path) else "register", faults)
    return register


def _name_faults(frame: pl.DataFrame) -> list[str]:
    """Return columns that are probably misspelt, and a register that says nothing."""
    table = list(schema("register"))
    strange = [name for name in frame.columns if name not in table and name not in _REMARKS]
    near = {name: get_close_matches(name.lower().replace(" ", "_"), table, n=1, cutoff=0.75) for name in strange}
    faults = [f"unknown column '{name}' (did you mean '{match[0]}'?)" for name, match in near.items() if match]
    if frame.is_empty():
        faults.append("no rows")
    if not set(frame.columns) & set(table) - {*_KEYS, "source"}:
        faults.append(f"no column with a particular of a ship; there are: {', '.join(table)}")
    return faults


def register_cells(source: Any, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return where each cell of a register comes from: imo, mmsi, field, source, status, note.

    Parameters
    ----------
    source, columns
        As in `read_register`. In a wide register the column ``source`` of a row holds for all its cells.

    Examples
    --------
    >>> cells = pl.DataFrame({"imo": [9074729], "mmsi": [None], "field": ["teu"], "value": ["7403"],
    ...     "source": ["yard list"], "status": ["checked"]})
    >>> register_cells(cells).row(0)
    (9074729, None, 'teu', 'yard list', 'checked', None)
    """
    given = _load(source, columns)
    if not _is_long(given):
        fields = [c for c in given.columns if c in schema("register") and c not in {*_KEYS, "source"}]
        given = given.with_columns(pl.col(fields).cast(pl.String))
        index = [c for c in ("imo", "mmsi", "source") if c in given.columns]
        given = given.unpivot(fields, index=index, variable_name="field").drop_nulls("value")
    missing = [pl.lit(None, pl.String).alias(c) for c in CELL_COLUMNS if c not in given.columns]
    return given.with_columns(missing).select(
        pl.col("imo", "mmsi").cast(pl.Int64, strict=False),
        pl.col("field").replace(_ALIASES),
        pl.col("source", "status", "note").cast(pl.String),
    )


def _load(source: Any, columns: Mapping[str, str] | None) -> pl.DataFrame:
    frame = read_file(source, text=True) if isinstance(source, str | Path) else to_polars(source)
    return frame.rename(dict(columns or {}), strict=False)


def _is_long(frame: pl.DataFrame) -> bool:
    return {"field", "value"} <= set(frame.columns)


def _wide(cells: pl.DataFrame, faults: list[str]) -> pl.DataFrame:
    """Turn one cell per row into one row per ship; unknown fields, units and repeated cells are faults."""
    for key in _KEYS:
        if key not in cells.columns:
            cells = cells.with_columns(pl.lit(None, pl.String).alias(key))
    cells = cells.with_columns(pl.col("imo", "mmsi", "value").cast(pl.String), pl.col("field").replace(_ALIASES))
    cells = cells.with_columns(
        key=pl.coalesce(pl.lit("imo ") + pl.col("imo"), pl.lit("mmsi ") + pl.col("mmsi"))
    ).with_row_index("row")
    known = [c for c in schema("register") if c not in {*_KEYS, "source"}]
    faults += [
        f"unknown field '{name}'{did_you_mean(str(name), known)}"
        for name in cells["field"].unique(maintain_order=True).to_list()
        if name not in known and name not in _REMARKS
    ]
    cells = cells.filter(pl.col("field").is_in(known))
    faults += _unit_faults(cells)
    for (ship, name), rows in cells.group_by("key", "field", maintain_order=True):
        if rows.height > 1:
            faults.append(f"{ship}: {rows.height} cells for '{name}', first: row {rows['row'][0]}")
    for (ship,), rows in cells.group_by("key", maintain_order=True):
        if rows["mmsi"].drop_nulls().n_unique() > 1:
            faults.append(f"{ship}: more than one mmsi ({', '.join(rows['mmsi'].drop_nulls().unique().sort())})")
    ships = cells.group_by("key", maintain_order=True).agg(pl.col(_KEYS).drop_nulls().first())
    values = cells.pivot("field", index="key", values="value", aggregate_function="first")
    return ships.join(values, on="key", how="left", maintain_order="left").drop("key")


def _unit_faults(cells: pl.DataFrame) -> list[str]:
    if "unit" not in cells.columns:
        return []
    faults = []
    for name, unit, row in cells.select("field", "unit", "row").drop_nulls("unit").iter_rows():
        wanted = schema("register")[name].unit or name
        if unit.casefold() != wanted.casefold():
            faults.append(f"field '{name}' has unit '{unit}', needed {wanted}: row {row}")
    return faults


_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _cast(frame: pl.DataFrame, faults: list[str]) -> pl.DataFrame:
    """Cast to the kinds of the table; what cannot be read becomes a fault, the rest is still checked."""
    done = []
    for series in frame:
        column = schema("register").get(series.name)
        if column is None or series.dtype == column.dtype == pl.String:
            done.append(series)
            continue
        given, cast = _read(series, column.dtype)
        wrong = cast.is_null() & given.is_not_null()
        if wrong.any():
            row = wrong.arg_true()[0]
            faults.append(f"column '{series.name}': {wrong.sum()} not readable, first: row {row} ('{series[row]}')")
        done.append(cast)
    return pl.DataFrame(done)


def _read(series: pl.Series, dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """Return what is given (blanks and NaN as null) and what it reads as; null where it cannot be read."""
    given = series.fill_nan(None) if series.dtype.is_float() else series
    if given.dtype == pl.String:
        given = given.str.strip_chars().replace("", None)
        if dtype == pl.Boolean:
            return given, given.str.to_lowercase().replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)
    if given.dtype.is_float() and dtype == pl.Int64:  # pandas keeps whole numbers with gaps as floats
        return given, given.set(given != given.floor(), None).cast(pl.Int64, strict=False)
    return given, given.cast(dtype, strict=False)


def _faults(frame: pl.DataFrame) -> list[str]:
    """Return the faults that no range of the table can tell."""
    faults = []
    present = frame.columns
    numbered = frame.with_row_index("row")
    ids = [c for c in ("imo", "mmsi") if c in present and frame[c].dtype.is_integer()]
    if "imo" in ids:
        faults += _rows(numbered, ~imo_check("imo"), "imo", "with a wrong check digit")
    if "mmsi" in ids:
        faults += _rows(numbered, ~mmsi_is_ship("mmsi"), "mmsi", "of no ship station")
    if len([c for c in ("imo", "mmsi") if c in present]) == len(ids):
        faults += _rows(
            numbered, pl.all_horizontal(pl.col(c).is_null() for c in ids), None, "with neither imo nor mmsi"
        )
    for key in ids:
        faults += _rows(numbered, pl.col(key).is_not_null() & pl.col(key).is_duplicated(), key, "that occur twice")
    fuels = load("code_lists").filter(pl.col("list") == "fuel")["code"].to_list()
    engines = load("code_lists").filter(pl.col("list") == "engine_type")["code"].to_list()
    for name, choices in (("ship_class", list(ship_classes())), ("engine_type", engines), ("fuel", fuels)):
        if name not in present:
            continue
        wrong = numbered.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(choices))
        faults += [
            f"column '{name}': unknown '{word}'{did_you_mean(str(word), choices)}, first: row {rows['row'][0]}"
            for (word,), rows in wrong.group_by(name, maintain_order=True)
        ]
    for low, high in (("v_service_kn", "v_max_kn"), ("keel_year", "build_year")):
        if low in present and high in present and frame[low].dtype.is_numeric() and frame[high].dtype.is_numeric():
            faults += _rows(numbered, pl.col(low) > pl.col(high), low, f"above {high}")
    return faults


def _rows(frame: pl.DataFrame, wrong: pl.Expr, column: str | None, text: str) -> list[str]:
    bad = frame.filter(wrong)
    if bad.is_empty():
        return []
    value = f" ({bad[column][0]})" if column else ""
    head = f"column '{column}'" if column else "rows"
    return [f"{head}: {bad.height} {text}, first: row {bad['row'][0]}{value}"]
