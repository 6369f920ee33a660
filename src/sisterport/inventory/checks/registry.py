"""The register of checks: a name, how bad it is, one idea, how to mend it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

import polars as pl

from sisterport.errors import ReferenceDataError
from sisterport.reference import constant, load

ERROR, WARN = "error", "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is checked; frames as in ``tables/``, but neither ranges nor missing values have been looked at."""

    segments: pl.DataFrame
    emissions: pl.DataFrame
    ships: pl.DataFrame
    calls: pl.DataFrame
    stops: pl.DataFrame
    areas: pl.DataFrame | None = None
    positions_span: tuple[datetime, datetime] | None = None
    draughts: pl.DataFrame | None = None
    shore: pl.DataFrame | None = None
    cells: pl.DataFrame | None = None

    def with_ship(self, *columns: str) -> pl.DataFrame:
        """Return the segments, in order of ship and time, with columns of their ships."""
        ordered = self.segments.sort("mmsi", "start_utc", "segment_id")
        return ordered.join(self.ships.select("mmsi", *columns), on="mmsi", how="left", maintain_order="left")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What is believed, with its passport."""

    low: float | None
    high: float | None
    unit: str
    source: str
    status: str

    def text(self) -> str | None:
        """Return the limit in words; none where it is no number.

        Examples
        --------
        >>> Limit(low=2, high=8, unit="-", source="", status="").text()
        '2 to 8'
        """
        unit = "" if self.unit in {"", "-"} else f" {self.unit}"
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}{unit}"
        if self.high is not None:
            return f"at most {self.high:g}{unit}"
        return None if self.low is None else f"at least {self.low:g}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    what: str
    where: str
    count: int
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One idea that can be held against an inventory.

    Attributes
    ----------
    name, severity, finds, mend : str
    needs : tuple of str
        Optional attributes of `Given` without which the check says nothing.
    find : callable
        From `Given` to a `Finding`, or None.
    """

    name: str
    severity: str
    finds: str
    mend: str
    needs: tuple[str, ...]
    find: Callable[[Given], Finding | None]

    def applies(self, given: Given) -> bool:
        """Return whether everything that it needs was given."""
        return all(getattr(given, name) is not None for name in self.needs)


_register: dict[str, Check] = {}
CHECKS: Mapping[str, Check] = MappingProxyType(_register)
"""Every check by name, in the order in which they are made."""


def check(
    severity: str, mend: str, *, needs: tuple[str, ...] = ()
) -> Callable[[Callable[[Given], Finding | None]], Callable[[Given], Finding | None]]:
    """Enter a function into the register; its name is the check's, its docstring what it finds."""

    def enter(find: Callable[[Given], Finding | None]) -> Callable[[Given], Finding | None]:
        name = find.__name__
        finds = (find.__doc__ or "").strip().removeprefix("Find ")
        _register[name] = Check(name=name, severity=severity, finds=finds, mend=mend, needs=needs, find=find)
        return find

    return enter


def found(rows: pl.DataFrame, what: str, where: str, limit: Limit | None = None) -> Finding | None:
    """Return what is wrong with `rows`, told by the first of them; none if there are none."""
    if rows.is_empty():
        return None
    first = rows.row(0, named=True)
    return Finding(what=what.format(**first), where=where.format(**first), count=rows.height, limit=limit)


@cache
def limit(name: str) -> Limit:
    """Return a limit of the table ``check_limits``.

    Examples
    --------
    >>> limit("day_hours").text()
    'at most 24 h'
    """
    rows = load("check_limits").filter(pl.col("id") == name, pl.col("ship_class").is_null())
    if rows.height != 1:
        raise ReferenceDataError(f"no limit '{name}' in the table check_limits")
    return _limit(rows.row(0, named=True))


@cache
def class_limits(name: str) -> pl.DataFrame:
    """Return the limits by ship class: ``ship_class, limit_min, limit_max``.

    Examples
    --------
    >>> class_limits("energy_per_mile").filter(ship_class="container").height
    1
    """
    return load("check_limits").filter(id=name).select("ship_class", "limit_min", "limit_max")


def class_limit(name: str, ship_class: str) -> Limit:
    """Return the limit of one ship class."""
    return _limit(load("check_limits").filter(id=name, ship_class=ship_class).row(0, named=True))


def between(low: str, high: str) -> Limit:
    """Return two constants as one limit.

    Examples
    --------
    >>> between("length_over_beam_min", "length_over_beam_max").text()
    '2 to 8'
    """
    ends = constant(low), constant(high)
    return Limit(low=ends[0].value, high=ends[1].value, unit=ends[0].unit, source=ends[1].source, status=ends[1].status)


def law(source: str, *, high: float | None = None, unit: str = "") -> Limit:
    """Return a limit that is a definition or a law, not a choice."""
    return Limit(low=None, high=high, unit=unit, source=source, status="checked")


def _limit(row: dict[str, Any]) -> Limit:
    return Limit(
        low=row["limit_min"], high=row["limit_max"], unit=row["unit"], source=row["source"], status=row["status"]
    )
