"""Make every check at once, and write the page that lists them."""

from datetime import datetime
from typing import Any

import polars as pl

from sisterport.errors import SchemaError

# importing a module enters its checks; the order of this list is the order of the findings
from sisterport.inventory.checks import energies, particulars, tracks, whole  # noqa: F401
from sisterport.inventory.checks.registry import CHECKS, ERROR, Check, Finding, Given
from sisterport.tables import Caller, empty, schema, to_polars
from sisterport.tables import check as fit


def check_inventory(
    segments: Any,
    emissions: Any,
    ships: Any,
    calls: Any,
    stops: Any,
    *,
    areas: Any = None,
    positions_span: tuple[datetime, datetime] | None = None,
    draughts: Any = None,
    shore: Any = None,
    cells: Any = None,
) -> Any:
    """Hold an inventory against every check and return one row per finding.

    Parameters
    ----------
    segments, emissions, ships, calls, stops
        Frames of those tables. Unlike elsewhere, values out of range and NaN are findings, not exceptions.
    areas
        Frame of the table ``areas``; without it stops are not held against their ports.
    positions_span
        Time of the first and the last position (UTC).
    draughts
        Frame with ``mmsi, draught_min_m, draught_max_m`` [m]: least and largest draught that each ship reported.
    shore
        Frame from `sisterport.inventory.shore_account`.
    cells
        Summary by map cell, to be held against the total.

    Returns
    -------
    frame of the table ``findings``
        Errors first, in the order of `CHECKS`; no row if nothing was found.

    Raises
    ------
    SchemaError
        If a needed column is missing or of a wrong kind.

    Examples
    --------
    >>> from sisterport.tables import empty
    >>> frames = [empty(name) for name in ("segments", "emissions", "ships", "calls", "stops")]
    >>> check_inventory(*frames).select("check", "severity", "count").rows()
    [('domain_empty', 'error', 1)]
    """
    caller = Caller(segments)
    given = Given(
        segments=_columns(segments, "segments"),
        emissions=_columns(emissions, "emissions"),
        ships=_columns(ships, "ships"),
        calls=_columns(calls, "calls"),
        stops=_columns(stops, "stops"),
        areas=None if areas is None else _columns(areas, "areas"),
        positions_span=positions_span,
        draughts=None if draughts is None else to_polars(draughts),
        shore=None if shore is None else to_polars(shore),
        cells=None if cells is None else to_polars(cells),
    )
    rows = [(check, check.find(given)) for check in CHECKS.values() if check.applies(given)]
    found = [_row(check, finding) for check, finding in rows if finding is not None]
    found.sort(key=lambda row: row["severity"] != ERROR)
    types = {name: column.dtype for name, column in schema("findings").items()}
    return caller.back(fit(pl.DataFrame(found, schema=types) if found else empty("findings"), "findings"))


def made(**given: Any) -> int:
    """Return how many checks are made when these of the optional arguments of `check_inventory` are given.

    Examples
    --------
    >>> made(shore=1, areas=1, draughts=1, positions_span=1) == len(CHECKS)
    True
    """
    return sum(all(given.get(name) is not None for name in check.needs) for check in CHECKS.values())


def _columns(frame: Any, table: str) -> pl.DataFrame:
    """Return the columns of a table, cast, without a look at the values."""
    data, columns = to_polars(frame), schema(table)
    missing = [name for name, column in columns.items() if column.required and name not in data.columns]
    if missing:
        raise SchemaError(table, [f"column '{name}' missing" for name in missing])
    try:
        return data.select(
            (pl.col(name) if name in data.columns else pl.lit(None)).cast(column.dtype).alias(name)
            for name, column in columns.items()
        )
    except pl.exceptions.PolarsError as error:
        raise SchemaError(table, [str(error).splitlines()[0]]) from error


def _row(check: Check, finding: Finding) -> dict[str, Any]:
    limit = finding.limit
    return {
        "check": check.name,
        "severity": check.severity,
        "what": finding.what,
        "where": finding.where,
        "count": finding.count,
        "limit": limit.text() if limit else None,
        "limit_source": limit.source if limit else None,
        "limit_status": limit.status if limit else None,
        "mend": check.mend,
    }


def checks_page() -> str:
    """Return the page of all checks, as Markdown."""
    lines = [
        "# Checks",
        "",
        "Made from `sisterport.inventory.checks` by `make docs`; do not edit.",
        "",
        "`sisterport run` makes all of them and writes `checks.csv`; `sisterport check PROJECT.toml --results` makes",
        "them and writes nothing. Exit codes: 0 nothing wrong, 1 a finding of severity error (with `--strict`: any",
        "finding), 2 an input that cannot be used. The limits are rows of the table `check_limits` and constants, each",
        "with source and status; a finding names its limit. A limit that is an own choice says so: a warning is a",
        "reason to look, not a verdict.",
        "",
        "| check | severity | finds | how to mend |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| `{c.name}` | {c.severity} | {c.finds} | {c.mend} |" for c in CHECKS.values()]
    return "\n".join([*lines, ""])
