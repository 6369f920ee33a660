"""A linear programme with some rows that give way, or without them."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from sisterport.corridor.highs import Linear
from sisterport.corridor.problem import Floats, Ints


def without(lp: Linear, gone: Iterable[Ints]) -> Linear:
    """Return the programme without some rows."""
    row_low, row_high = lp.row_low.copy(), lp.row_high.copy()
    for rows in gone:
        row_low[rows], row_high[rows] = -np.inf, np.inf
    return replace(lp, row_low=row_low, row_high=row_high)


def elastic(lp: Linear, rows: Ints, size: Floats, column: Ints) -> Linear:
    """Return the programme of the least sum of new columns, each of which helps some rows by a size per unit."""
    count = int(column.max(initial=-1)) + 1
    entry_row = np.concatenate([lp.row, rows])
    entry_column = np.concatenate([lp.column, lp.cost.size + column])
    entry_value = np.concatenate([lp.value, size])
    order = np.argsort(entry_row, kind="stable")
    start = np.r_[0, np.cumsum(np.bincount(entry_row, minlength=lp.row_low.size))]
    return Linear(
        cost=np.r_[np.zeros(lp.cost.size), np.ones(count)], low=np.r_[lp.low, np.zeros(count)],
        high=np.r_[lp.high, np.full(count, np.inf)], row_low=lp.row_low, row_high=lp.row_high,
        start=start, column=entry_column[order], value=entry_value[order],
    )  # fmt: skip
