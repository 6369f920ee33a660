"""The rows of ``port_rules`` and ``rule_ship_types``: which are in force on a day, which ship type a rule sees."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from sisterport.errors import InputError, ReferenceDataError, did_you_mean
from sisterport.reference import load
from sisterport.rules.clauses import STATUSES

NOT_SAID = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table ``port_rules``.

    Attributes
    ----------
    rule_id, applies_to, parameter : str
        Where the row stands.
    value, unit : str
        What it says.
    valid_from, valid_to : date or None
        First and last day; None is open.
    source, status, note : str
        Its passport.
    """

    rule_id: str
    applies_to: str
    parameter: str
    value: str
    unit: str
    valid_from: date | None
    valid_to: date | None
    source: str
    status: str
    note: str

    @property
    def number(self) -> float:
        """The value as a number."""
        return float(self.value)

    @property
    def words(self) -> list[str]:
        """The value as a list of words."""
        return self.value.split("|")

    @property
    def name(self) -> str:
        """How a message or a column names the row."""
        return f"port_rules: {self.rule_id}/{self.applies_to}/{self.parameter}"

    def holds(self, day: date) -> bool:
        """Say whether the row is in force on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@cache
def rows(rule_id: str) -> tuple[Row, ...]:
    """Return all rows of a rule.

    Raises
    ------
    ReferenceDataError
        If there is no such rule.

    Examples
    --------
    >>> [row.value for row in rows("seattle")]
    ['yes']
    """
    table = load("port_rules").filter(pl.col("rule_id") == rule_id)
    if table.is_empty():
        known = load("port_rules")["rule_id"].unique().sort().to_list()
        raise ReferenceDataError(
            f"no port rule '{rule_id}'{did_you_mean(rule_id, known)}; there are {', '.join(known)}"
        )
    return tuple(
        Row(
            **{key: raw[key] or NOT_SAID for key in ("rule_id", "applies_to", "parameter", "value", "unit", "source")},
            status=raw["status"],
            note=raw["note"] or NOT_SAID,
            valid_from=_day(raw["valid_from"]),
            valid_to=_day(raw["valid_to"]),
        )
        for raw in table.iter_rows(named=True)
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def rules_in_force(day: date) -> pl.DataFrame:
    """Return the rows of all port rules that are in force on a day.

    Parameters
    ----------
    day
        The day.

    Returns
    -------
    polars.DataFrame
        rule_id, jurisdiction, applies_to, parameter, value, unit, valid_from, valid_to, source, status, note. Rows
        without a first day are left out: drafts, and exceptions that belong to other rows.

    Examples
    --------
    >>> from datetime import date
    >>> "seattle" in rules_in_force(date(2026, 6, 1))["rule_id"].to_list()
    False
    """
    text = day.isoformat()
    table = load("port_rules")
    return table.filter((pl.col("valid_from") <= text) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= text)))


def rule(rule_id: str, parameter: str, *, applies_to: str = "all", on: date | None = None) -> Row:
    """Return the one row of a rule that says `parameter` for `applies_to`, in force on a day.

    Parameters
    ----------
    rule_id, parameter, applies_to
        Where the row stands in the table ``port_rules``.
    on
        Day; without it the only row, whenever it is in force.

    Raises
    ------
    ReferenceDataError
        If there is none, or none in force on that day: the message names the row and its days.

    Examples
    --------
    >>> from datetime import date
    >>> rule("china_measures", "must_connect_if_berth_longer_than", applies_to="inland", on=date(2024, 5, 1)).number
    2.0
    """
    found = [row for row in rows(rule_id) if row.parameter == parameter and row.applies_to == applies_to]
    if not found:
        raise ReferenceDataError(f"port_rules has no row {rule_id}/{applies_to}/{parameter}")
    held = [row for row in found if on is None or row.holds(on)]
    if len(held) == 1:
        return held[0]
    if held:
        raise ReferenceDataError(f"{found[0].name} has {len(held)} rows: give the day")
    days = "; ".join(f"{row.valid_from or '...'} to {row.valid_to or '...'}" for row in found)
    raise ReferenceDataError(f"{found[0].name} has no row in force on {on} (there is {days})")


def first_day(rule_id: str, parameter: str) -> Row:
    """Return the row of a parameter that came into force first."""
    dated = [row for row in rows(rule_id) if row.parameter == parameter and row.valid_from]
    return min(dated, key=lambda row: row.valid_from or date.max)


def refuse_before(days: pl.Series, row: Row) -> None:
    """Refuse days before a row is in force.

    Raises
    ------
    ReferenceDataError
        Counting the days that are too early and naming the row.
    """
    early = days.filter(days < row.valid_from)
    if len(early):
        raise ReferenceDataError(
            f"{row.rule_id} has no rule before {row.valid_from} ({row.name}): {len(early)} rows are earlier, "
            f"the first on {early.sort()[0]}"
        )


@cache
def ship_types(regulation: str) -> dict[str, str | None]:
    """Return what a rule takes each ship class or type name for; None where that cannot be told.

    Examples
    --------
    >>> ship_types("afir")["ferry_ropax"]
    'ropax'
    """
    table = load("rule_ship_types").filter(pl.col("regulation") == regulation)
    return dict(table.select("name", "rule_type").iter_rows())


def plain_expr(column: str) -> pl.Expr:
    """Return a ship type in small letters with underscores: ``"Ro-pax ship"`` is ``ro_pax_ship``."""
    return pl.col(column).str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "_").str.strip_chars("_")


def rule_type_expr(column: str, regulation: str) -> pl.Expr:
    """Return the ship type of `regulation` that a column of classes or type names stands for; null if unknown."""
    return plain_expr(column).replace_strict(ship_types(regulation), default=None, return_dtype=pl.String)


def type_status_expr(column: str, regulation: str) -> pl.Expr:
    """Return the status of the row that says what a rule takes a ship class for."""
    table = load("rule_ship_types").filter(pl.col("regulation") == regulation)
    known = dict(table.select("name", "status").iter_rows())
    return plain_expr(column).replace_strict(known, default=None, return_dtype=pl.String)


def worst_expr(*statuses: pl.Expr) -> pl.Expr:
    """Return the worst of some status columns; nulls do not count.

    Examples
    --------
    >>> pl.DataFrame({"a": ["checked"], "b": ["secondary"]}).select(worst_expr(pl.col("a"), pl.col("b"))).item()
    'secondary'
    """
    rank = {status: number for number, status in enumerate(STATUSES)}
    ranks = [status.replace_strict(rank, default=None, return_dtype=pl.Int8) for status in statuses]
    back = {number: status for status, number in rank.items()}
    return pl.max_horizontal(ranks).replace_strict(back, default=None, return_dtype=pl.String)


def refuse_unknown_types(names: pl.Series, regulation: str) -> None:
    """Refuse ship types that the table ``rule_ship_types`` does not have.

    Raises
    ------
    InputError
        Naming each with the nearest one that is known.
    """
    known = ship_types(regulation)
    given = names.drop_nulls().unique().sort().to_list()
    strange = [name for name in given if re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") not in known]
    if strange:
        raise InputError(
            f"unknown ship types for {regulation}: "
            + ", ".join(f"'{name}'{did_you_mean(name.lower(), list(known))}" for name in strange)
        )
