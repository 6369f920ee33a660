"""Coefficients of the resistance formulas, by method, from the table ``resistance_coefficients``."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sisterport.errors import ReferenceDataError
from sisterport.reference.store import load

Array = NDArray[np.float64]

KINDS = ("tanker_bulk", "general_cargo", "container", "passenger", "tug", "other")
"""Kinds of ship that the resistance methods tell apart, in the order of their codes."""

_COLUMNS = [f"k{n}" for n in range(1, 9)]


@cache
def coefficients(method: str) -> Mapping[str, tuple[float, ...]]:
    """Return the coefficients of all formulas of `method` that hold for every kind of ship.

    Examples
    --------
    >>> coefficients("holtrop_1984")["m4"]
    (0.4, -0.034, -3.29)
    """
    rows = (row for row in _rows(method) if row["kind"] is None)
    return MappingProxyType({str(row["quantity"]): _numbers(row) for row in rows})


@cache
def by_kind(method: str, quantity: str) -> Array:
    """Return the coefficients of `quantity` for each kind, shape (kinds + 1, coefficients).

    A kind without a published set has NaN; so has the last row, which code -1 (kind unknown) reads.

    Raises
    ------
    ReferenceDataError
        If no kind has this quantity.

    Examples
    --------
    >>> by_kind("epa_kristensen", "ca_floor").T.tolist()
    [[-0.1, -0.1, nan, nan, nan, nan, nan]]
    """
    rows = [row for row in _rows(method) if row["quantity"] == quantity]
    if not rows:
        raise ReferenceDataError(f"no coefficients '{quantity}' of the method '{method}'")
    width = max(len(_numbers(row)) for row in rows)
    table = np.full((len(KINDS) + 1, width), np.nan)
    for row in rows:
        kinds = str(row["kind"]).split() if row["kind"] is not None else KINDS
        for kind in kinds:
            table[KINDS.index(kind)] = _numbers(row)
    table.flags.writeable = False
    return table


def of_kind(method: str, quantity: str, kind: NDArray[np.int64]) -> tuple[Array, ...]:
    """Return the coefficients of `quantity` for ships of the kinds `kind` (codes; -1 unknown)."""
    table = by_kind(method, quantity)
    return tuple(table[kind, n] for n in range(table.shape[1]))


def _rows(method: str) -> list[dict[str, object]]:
    rows = [row for row in load("resistance_coefficients").iter_rows(named=True) if method in row["methods"].split()]
    if not rows:
        raise ReferenceDataError(f"no resistance coefficients of the method '{method}'")
    return rows


def _numbers(row: Mapping[str, object]) -> tuple[float, ...]:
    return tuple(float(str(row[name])) for name in _COLUMNS if row[name] is not None)
