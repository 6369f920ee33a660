"""The numbers of a law: a value with its clause, its status and the row of the reference table that it stands in."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sisterport.errors import ReferenceDataError, did_you_mean
from sisterport.reference import load

STATUSES = ("checked", "secondary", "unverified")
"""From best to worst: how far a number was checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A number of a law, or one that was computed by it.

    Attributes
    ----------
    value : float
        The number.
    unit : str
        Its unit.
    clause : str
        Where the law says so.
    status : str
        ``checked``, ``secondary`` or ``unverified``: the worst of the rows that were used.
    row : str
        Reference table and row.
    """

    value: float
    unit: str
    clause: str
    status: str
    row: str


def worst(statuses: Iterable[str]) -> str:
    """Return the worst of some statuses.

    Examples
    --------
    >>> worst(["checked", "unverified", "secondary"])
    'unverified'
    """
    return max(statuses, key=STATUSES.index, default=STATUSES[0])


@cache
def _rows(table: str) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in load(table).iter_rows(named=True):
        rows.setdefault(row["item"], []).append(row)
    return rows


def row_of(table: str, item: str, year: int | None = None) -> dict[str, Any]:
    """Return the row of `item` that holds in `year`.

    Parameters
    ----------
    table
        A reference table with the columns ``item``, ``valid_from`` and ``valid_to`` [year], e.g. ``fueleu_rules``.
    item
        Name of the row.
    year
        Reporting period; not needed for a row without years.

    Raises
    ------
    ReferenceDataError
        There is no such item, or none for that year: the message names table, item and the years that there are.

    Examples
    --------
    >>> row_of("fueleu_rules", "rfnbo_reward", 2033)["value"]
    2.0
    >>> row_of("eu_ets_maritime", "phase_in", 2023)
    Traceback (most recent call last):
    sisterport.errors.ReferenceDataError: eu_ets_maritime has no row 'phase_in' for 2023; there are 2024, 2025, 2026 on
    """
    rows = _rows(table)
    if item not in rows:
        raise ReferenceDataError(f"{table} has no row '{item}'{did_you_mean(item, list(rows))}")
    for row in rows[item]:
        if _holds(row, year):
            return row
    years = ", ".join(_years(row["valid_from"], row["valid_to"]) for row in rows[item])
    raise ReferenceDataError(f"{table} has no row '{item}' for {year}; there are {years}")


def _holds(row: dict[str, Any], year: int | None) -> bool:
    since, until = row["valid_from"], row["valid_to"]
    if year is None:
        return since is None and until is None
    return (since is None or since <= year) and (until is None or year <= until)


def _years(since: int | None, until: int | None) -> str:
    if until is None:
        return f"{since} on"
    return f"{since}" if since == until else f"{since} to {until}"


def clause(table: str, item: str, year: int | None = None) -> Clause:
    """Return the number of `item` that holds in `year`, with its passport.

    Parameters
    ----------
    table, item, year
        As in `row_of`.

    Raises
    ------
    ReferenceDataError
        As `row_of`; or the row holds words, no number.

    Examples
    --------
    >>> clause("fueleu_rules", "borrow_limit").value
    0.02
    """
    row = row_of(table, item, year)
    if row["value"] is None:
        raise ReferenceDataError(f"{table}: '{item}' is no number but words: {row['text']}")
    name = f"{table}: {item}" + ("" if row["valid_from"] is None else f", {_years(row['valid_from'], row['valid_to'])}")
    return Clause(
        value=float(row["value"]), unit=row["unit"] or "", clause=row["source"], status=row["status"], row=name
    )


def words(table: str, item: str, year: int | None = None) -> list[str]:
    """Return the words of `item` that hold in `year`, split at ``|``.

    Examples
    --------
    >>> words("eu_ets_maritime", "surrender_deadline")
    ['09-30']
    """
    return str(row_of(table, item, year)["text"]).split("|")
