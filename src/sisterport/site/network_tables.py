"""Tables of the pages of the coalition's server: what a ledger holds, as text that a person reads."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from markupsafe import Markup

from sisterport.network.canonical import canonical
from sisterport.network.progress import NO_BASELINE
from sisterport.site.digits import MISSING, percent, plain
from sisterport.site.tabulate import Column, Table, tabulate


def promises(told: pl.DataFrame) -> Table:
    """Return what is promised, by when."""
    rows = [
        {
            "entry": row["seq"],
            "owner": row["owner"],
            "text": row["text"],
            "mode": row["mode"],
            "promised": f"{'≥' if row['direction'] == 'at_least' else '≤'} {_amount(row['target'], row['unit'])}",
            "due": row["due"].isoformat(),
            "status": row["status"].replace("_", " "),
        }
        for row in told.iter_rows(named=True)
    ]
    table = tabulate(
        pl.DataFrame(rows, infer_schema_length=None),
        texts("entry", "owner", "text", "mode", "promised", "due", "status"),
        caption="What is promised, by when",
        empty="No commitment is published.",
    )
    return linked(table, "entry")


def measured(told: pl.DataFrame) -> Table:
    """Return what is capable beside what is used, and what is missing."""
    rows = [
        {
            "entry": row["seq"],
            "indicator": row["indicator"],
            row["mode"]: _value(row["value"], row["unit"], row["period"]),
            _other(row["mode"]): _beside(row),
            "coverage": MISSING if row["coverage"] is None else percent(row["coverage"]),
            "gap": _amount(row["gap"], row["unit"]),
            "baseline": row["baseline_finding"] or _amount(row["baseline"], row["unit"]),
            "evidence": row["evidence"],
        }
        for row in told.iter_rows(named=True)
    ]
    names = ("entry", "indicator", "capable", "used", "coverage", "gap", "baseline", "evidence")
    schema = dict.fromkeys(names, pl.String) | {"entry": pl.Int64, "evidence": pl.Int64}
    table = tabulate(
        pl.DataFrame(rows, schema=schema),
        texts(*names),
        caption="What is capable beside what is used",
        notes=[f"'{NO_BASELINE}': a finding, not a gap in this table."],
        empty="No commitment is published.",
    )
    return linked(table, "entry")


def _beside(row: Mapping[str, Any]) -> str:
    if row["beside_indicator"] is None:
        return "no indicator of it"
    if row["beside_value"] is None:
        return f"{row['beside_indicator']}: none published"
    return f"{row['beside_indicator']}: {_value(row['beside_value'], '', row['beside_period'])}"


def _other(mode: str) -> str:
    return "used" if mode == "capable" else "capable"


def _value(value: float | None, unit: str, period: str | None) -> str:
    return "none published" if value is None else f"{_amount(value, unit)} ({period})"


def _amount(value: float | None, unit: str) -> str:
    return MISSING if value is None else f"{plain(float(f'{value:.4g}'))} {unit}".strip()


def values(given: pl.DataFrame) -> Table:
    """Return published values with their bounds and coverage."""
    columns = [
        *texts("entry", "owner", "indicator", "quantity", "mode"),
        Column(key="begin_utc", label="From", kind="time"),
        Column(key="end_utc", label="To", kind="time"),
        Column(key="value", label="Value", kind="text"),
        Column(key="bounds", label="Bounds", kind="text"),
        Column(key="coverage", label="Coverage", kind="share"),
    ]
    shown = given.with_columns(
        pl.col("seq").alias("entry"),
        pl.Series("bounds", [_bounds(*row) for row in given.select("low", "high").iter_rows()], dtype=pl.String),
        pl.Series("value", [_amount(*row) for row in given.select("value", "unit").iter_rows()], dtype=pl.String),
    )
    table = tabulate(
        shown, columns, caption="Each signed by two persons", empty="No value is published that you may see."
    )
    return linked(table, "entry")


def _bounds(low: float | None, high: float | None) -> str:
    return "not estimated" if low is None or high is None else f"{_amount(low, '')} to {_amount(high, '')}"


def fields(record: Mapping[str, Any], caption: str) -> Table:
    """Return the fields of an object as a table; what is nested is written as JSON."""
    rows = [(name, _written(value)) for name, value in record.items()]
    frame = pl.DataFrame(rows, schema={"field": pl.String, "value": pl.String}, orient="row")
    columns = [*texts("field"), Column(key="value", label="Value", kind="digest")]
    return tabulate(frame, columns, caption=caption, empty="It only points to another entry.")


def _written(value: Any) -> str:
    return MISSING if value in (None, "") else value if isinstance(value, str) else canonical(value).decode()


def texts(*names: str) -> list[Column]:
    """Return columns that hold text."""
    return [
        Column(key=name, label=_LABELS.get(name, name.replace("_", " ").capitalize()), kind="text") for name in names
    ]


_LABELS = {"locode": "UN/LOCODE", "received_utc": "Received (UTC)", "corridor_id": "Id", "stage_as_sourced": "Stage",
           "text": "Promise", "friendly_port": "Friendly port"}  # fmt: skip


def listed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return lists of codes as they are read: with commas."""
    return frame.with_columns(pl.col("^(ports|corridors|agreements)$").str.replace_all("|", ", ", literal=True))


def linked(table: Table, key: str) -> Table:
    """Return a table whose column of numbers of entries leads to them."""
    keys: Sequence[str] = [column.key for column in table.head]
    if key not in keys:
        return table
    place = keys.index(key)
    link = Markup('<a href="/entries/{}">{}</a>')
    rows = [
        [cell._replace(text=link.format(cell.text, cell.text)) if n == place else cell for n, cell in enumerate(row)]
        for row in table.rows
    ]
    return replace(table, rows=rows)
