"""Frames to tables of text for the one table macro: digits by column, units in the head, totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from sisterport.site.digits import MISSING, THIN, decimals, moment, number, percent

WIDER = "\u2009"
"""Thin space of cells: easier to see in small type; it may break, but cells do not."""
LARGE_KG = 1e4
"""From this value on a column in kg is shown in t."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one column of a frame is shown.

    Attributes
    ----------
    key : str
        Column of the frame.
    label : str
        Head of the column.
    unit : str
        Unit under the head.
    kind : str
        text, number, band (a list of two numbers), count, share, time, flag or digest.
    factor : float
        The value shown is the frame's times this.
    most : int
        Most decimals.
    """

    key: str
    label: str
    unit: str = ""
    kind: str = "number"
    factor: float = 1.0
    most: int = 4


class Cell(NamedTuple):
    """One cell: what is read, and the number behind it."""

    text: str
    value: float | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the table macro renders."""

    caption: str
    head: list[Column]
    rows: list[list[Cell]]
    total: list[Cell] | None = None
    notes: Sequence[str] = ()
    empty: str = "Nothing to show."


def tabulate(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    *,
    caption: str,
    total: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    empty: str = "Nothing to show.",
) -> Table:
    """Return `frame` as a table of text.

    Parameters
    ----------
    frame
        Rows in the order in which they are shown.
    columns
        What to show; columns that the frame does not have are left out.
    caption
        Sentence above the table.
    total
        Last row by column key; columns without an entry stay blank.
    notes
        Sentences below the table.
    empty
        Sentence that stands for a table without rows.

    Examples
    --------
    >>> columns = [Column(key="mode", label="Mode", kind="text"), Column(key="co2_t", label="CO₂", unit="t")]
    >>> frame = pl.DataFrame({"mode": ["berth"], "co2_t": [12.345]})
    >>> table = tabulate(frame, columns, caption="By mode", total={"co2_t": 12.345})
    >>> [cell.text for cell in table.rows[0]], [cell.text for cell in table.total]
    (['berth', '12.3'], ['', '12.3'])
    """
    shown = [_scaled(c, frame, total) for c in columns if c.key in frame.columns]
    places = {c.key: _places(c, frame, total) for c in shown}
    rows = [[_cell(c, row[c.key], places[c.key]) for c in shown] for row in frame.iter_rows(named=True)]
    last = None
    if total is not None and rows:
        last = [_cell(c, total[c.key], places[c.key]) if c.key in total else Cell("", None, c.kind) for c in shown]
    return Table(caption=caption, head=shown, rows=rows, total=last, notes=[n for n in notes if n], empty=empty)


def _numbers(column: Column, frame: pl.DataFrame, total: Mapping[str, Any] | None) -> list[float | None]:
    last = [total[column.key]] if total and column.key in total else []
    values = [*frame[column.key], *last]
    if column.kind == "band":
        values = [None if v is None else v[-1] for v in values]
    return [None if v is None else v * column.factor for v in values]


def _scaled(column: Column, frame: pl.DataFrame, total: Mapping[str, Any] | None) -> Column:
    """Return the column in tonnes when its kilograms are too long to read."""
    if column.unit != "kg" or max((v or 0.0 for v in _numbers(column, frame, total)), default=0.0) < LARGE_KG:
        return column
    return Column(key=column.key, label=column.label, unit="t", factor=column.factor / 1000.0)


def _places(column: Column, frame: pl.DataFrame, total: Mapping[str, Any] | None) -> int:
    return min(column.most, decimals(_numbers(column, frame, total))) if column.kind in {"number", "band"} else 0


def _cell(column: Column, value: Any, places: int) -> Cell:
    if value is None:
        return Cell(MISSING, None, column.kind)
    match column.kind:
        case "number" | "count":
            shown = float(value) * column.factor
            return Cell(number(shown, places).replace(THIN, WIDER), shown, column.kind)
        case "band":
            low, high = (number(float(end) * column.factor, places).replace(THIN, WIDER) for end in value)
            text = f"{low}\u2009\u2013\u2009{high}"
        case "share":
            return Cell(percent(value).replace(THIN, WIDER), float(value), column.kind)
        case "time":
            text = moment(value)
        case "flag":
            text = "yes" if value else "no"
        case _:
            text = str(value)
    return Cell(text, None, column.kind)
