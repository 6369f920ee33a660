"""Read the EU-MRV publication (THETIS-MRV): fuel, CO2, hours and efficiency of each ship and year."""

import csv
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sisterport.errors import InputError, SchemaError
from sisterport.fleet.identity import imo_check
from sisterport.reference import load

_FAULTS = {"column": pl.String, "fault": pl.String, "cells": pl.Int64, "first_row": pl.Int64, "example": pl.String}
_HEADER_WITHIN = 20  # rows; the publication has three
_NEEDED = ("imo", "ship_type", "fuel_t", "hours_at_sea", "kg_per_nm")


class MrvReports(NamedTuple):
    """What a THETIS-MRV file says: the reports, and the cells that say nothing or nonsense."""

    reports: pl.DataFrame
    faults: pl.DataFrame


def read_mrv(path: str | Path) -> MrvReports:
    """Return the emission reports of a THETIS-MRV publication, an Excel file or its export as CSV.

    The header is the row with ``IMO Number``, whatever stands above; columns are found by their names. Nothing is
    dropped: a company, verifier or correction can report the same ship twice (see `clean_mrv`).

    Parameters
    ----------
    path
        Excel file (needs ``pip install sisterport[mrv]``) or CSV file, separated by commas or semicolons.

    Returns
    -------
    MrvReports
        ``reports``: one row per report with imo, name, ship_type, ship_class, period, verifier, efficiency_kind (EEDI,
        EEXI, EIV), efficiency_g_per_t_nm [g/(t nm)], fuel_t, co2_t, co2_between_t, co2_departed_t, co2_arrived_t,
        co2_berth_t [t], hours_at_sea [h], kg_per_nm, co2_kg_per_nm [kg/nm], g_per_t_nm [g/(t nm)] and row, the row of
        the sheet. What is no number is null. ``faults``: column, fault, cells, first_row, example.

    Raises
    ------
    InputError
        If there is no such file, no Excel reader, or no header.
    SchemaError
        If columns are missing.

    References
    ----------
    Regulation (EU) 2015/757, Art. 21; EMSA, THETIS-MRV, publication of 2022.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> head = ("IMO Number,Ship type,Total fuel consumption [m tonnes],Annual Time spent at sea [hours],"
    ...         "Annual average Fuel consumption per distance [kg / n mile]")
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mrv.csv"
    ...     _ = file.write_text(head + chr(10) + "9074729,Container ship,100.5,50,Division by zero!" + chr(10))
    ...     reports, faults = read_mrv(file)
    >>> reports.select("imo", "ship_class", "fuel_t", "kg_per_nm").row(0)
    (9074729, 'container', 100.5, None)
    >>> faults.select("column", "fault", "cells").row(0)
    ('kg_per_nm', 'division by zero', 1)
    """
    cells = _cells(Path(path))
    top, header = _header(cells)
    body = cells[top + 1 :].with_row_index("row", offset=top + 2)
    found = _columns(header)
    texts = body.select(
        pl.col("row").cast(pl.Int64),
        *(
            (_text(pl.col(cells.columns[found[name]])) if name in found else pl.lit(None, pl.String)).alias(name)
            for name in load("mrv_columns")["column"]
        ),
    )
    texts = texts.filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    return _typed(texts)


def _cells(path: Path) -> pl.DataFrame:
    """Return all cells of the file as text, without headers."""
    if not path.is_file():
        raise InputError(f"no EU-MRV file {path}")
    if path.suffix.lower() not in {".xlsx", ".xls", ".xlsm"}:
        text = path.read_text(encoding="utf-8-sig")
        head = next((line for line in text.splitlines() if "imo number" in line.lower()), "")
        lines = list(csv.reader(text.splitlines(), delimiter=";" if head.count(";") > head.count(",") else ","))
        width = max((len(line) for line in lines), default=0)
        columns = zip(*(line + [""] * (width - len(line)) for line in lines), strict=True)
        return pl.DataFrame({f"column_{i}": list(values) for i, values in enumerate(columns)})
    try:
        # Text everywhere: numbers, "N/A" and numbers written as text stand in the same column.
        return pl.read_excel(path, engine="calamine", has_header=False, infer_schema_length=0)
    except ImportError as error:
        raise InputError(
            "reading Excel files needs the package fastexcel: pip install 'sisterport[mrv]', or save the sheet as CSV"
        ) from error
    except Exception as error:  # the reader has no common base of its errors
        raise InputError(f"{path} is no readable Excel file: {error}") from error


def _header(cells: pl.DataFrame) -> tuple[int, list[str]]:
    for number, row in enumerate(cells.head(_HEADER_WITHIN).iter_rows()):
        names = [_plain(str(cell or "")) for cell in row]
        if "imo number" in names:
            return number, names
    raise InputError(f"no header: none of the first {_HEADER_WITHIN} rows has a cell 'IMO Number'")


def _plain(header: str) -> str:
    return " ".join(header.replace("₂", "2").replace("\u00a0", " ").lower().split())


def _columns(header: list[str]) -> dict[str, int]:
    """Return where each column stands; of several spellings the first of the table wins."""
    found = {}
    for name, spellings in load("mrv_columns").select("column", "header").iter_rows():
        places = [header.index(spelling) for spelling in spellings.split("|") if spelling in header]
        if places:
            found[name] = places[0]
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        names = dict(load("mrv_columns").select("column", "header").iter_rows())
        raise SchemaError("EU-MRV file", [f"no column '{names[name].split('|')[0]}' ({name})" for name in missing])
    return found


def _text(cell: pl.Expr) -> pl.Expr:
    text = cell.cast(pl.String).str.replace_all("\u00a0", " ").str.strip_chars()
    return pl.when(text != "").then(text)


def number_from_text(text: pl.Expr) -> pl.Expr:
    """Return the number that a text says, or null: blanks between digits and either decimal sign are understood.

    A single comma before exactly three digits could be either and gives null.

    Examples
    --------
    >>> words = pl.DataFrame({"t": ["3473.74", "1 234,5", "1,234.5", "1,234", "N/A", "-3", "1e3"]})
    >>> words.select(number_from_text(pl.col("t")))["t"].to_list()
    [3473.74, 1234.5, 1234.5, None, None, -3.0, 1000.0]
    """
    tight = text.str.replace_all(r"(\d) (\d{3})", "$1$2").str.replace_all(r"(\d) (\d{3})", "$1$2")
    thousands = tight.str.contains(r"^-?\d{1,3}(,\d{3})+\.\d+$") | tight.str.contains(r"^-?\d{1,3}(,\d{3}){2,}$")
    decimal = tight.str.contains(r"^-?\d+,\d+$") & ~tight.str.contains(r"^-?[1-9]\d{0,2},\d{3}$")
    plain = pl.when(thousands).then(tight.str.replace_all(",", "")).when(decimal).then(tight.str.replace(",", "."))
    value = plain.otherwise(tight).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def _typed(texts: pl.DataFrame) -> MrvReports:
    faults: list[dict[str, object]] = []
    kinds = dict(load("mrv_columns").select("column", "kind").iter_rows())
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    reports = texts.with_columns(number_from_text(pl.col(name)).alias(name) for name in numbers)
    for name in numbers:
        wrong = texts.with_columns(value=reports[name]).filter(pl.col(name).is_not_null() & pl.col("value").is_null())
        word = pl.col(name).str.to_lowercase()
        kind = (
            pl.when(word.is_in(["n/a", "not applicable", "na"]))
            .then(pl.lit("not applicable"))
            .when(word.str.contains("division by zero|div/0"))
            .then(pl.lit("division by zero"))
            .otherwise(pl.lit("not a number"))
        )
        for (fault,), rows in wrong.group_by(kind.alias("fault"), maintain_order=True):
            faults.append(_fault(name, str(fault), rows, name))
        negative = reports.filter(pl.col(name) < 0)
        if negative.height:
            faults.append(_fault(name, "negative", negative, name))
    reports = reports.with_columns(
        pl.when(pl.col(name) >= 0).then(name) for name in numbers if name not in {"imo", "period"}
    )
    types = load("mrv_ship_types")
    reports = reports.with_columns(
        pl.col("imo", "period").cast(pl.Int64, strict=False),
        ship_class=pl.col("ship_type").replace_strict(types["ship_type"], types["ship_class"], default="unknown"),
        efficiency_kind=pl.col("technical_efficiency").str.extract(r"^(EEDI|EEXI|EIV)"),
        efficiency_g_per_t_nm=number_from_text(pl.col("technical_efficiency").str.extract(r"\(([\d.,]+)")),
    )
    checks = [
        ("imo", "wrong check digit", pl.col("imo").is_not_null() & ~imo_check().fill_null(value=False)),
        ("imo", "in more than one report", pl.col("imo").is_not_null() & pl.struct("imo", "period").is_duplicated()),
        ("ship_type", "unknown type", pl.col("ship_type").is_null() | ~pl.col("ship_type").is_in(types["ship_type"])),
        ("technical_efficiency", "no value", pl.col("efficiency_g_per_t_nm").fill_null(0.0) <= 0),
        ("hours_at_sea", "zero", pl.col("hours_at_sea") == 0),
        ("fuel_t", "zero", pl.col("fuel_t") == 0),
    ]
    for name, fault, condition in checks:
        rows = reports.filter(condition)
        if rows.height:
            faults.append(_fault(name, fault, rows, name))
    reports = reports.with_columns(imo=pl.when(imo_check()).then("imo"))
    return MrvReports(reports.drop("technical_efficiency"), pl.DataFrame(faults, schema=_FAULTS))


def _fault(column: str, fault: str, rows: pl.DataFrame, shown: str) -> dict[str, object]:
    example = rows[shown][0]
    return {
        "column": column,
        "fault": fault,
        "cells": rows.height,
        "first_row": rows["row"][0],
        "example": None if example is None else str(example),
    }
