"""A linear programme in blocks: named arrays of columns and rows, terms added by broadcasting, one sparse matrix."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sisterport.corridor.problem import Flags, Floats, Ints

NONE = -1
"""Index of a column or row that does not exist: terms with it are left out."""

Index = NDArray[np.int32]


@dataclass(slots=True)
class Program:
    """Columns and rows in blocks; `columns` and `rows` give index arrays, `add` takes them, broadcast together."""

    blocks: dict[str, Index] = field(default_factory=dict)
    row_blocks: dict[str, Index] = field(default_factory=dict)
    _cost: list[Floats] = field(default_factory=list)
    _emits: list[Floats] = field(default_factory=list)
    _high: list[Floats] = field(default_factory=list)
    _low: list[Floats] = field(default_factory=list)
    _whole: list[Flags] = field(default_factory=list)
    _owner: list[Ints] = field(default_factory=list)
    _row_low: list[Floats] = field(default_factory=list)
    _row_high: list[Floats] = field(default_factory=list)
    _entries: list[tuple[Index, Index, Floats]] = field(default_factory=list)
    width: int = 0
    height: int = 0

    def columns(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        where: Any = True,
        low: Any = 0.0,
        high: Any,
        cost: Any = 0.0,
        emits: Any = 0.0,
        whole: bool = False,
        owner: Any = NONE,
    ) -> Index:
        """Add a block of columns where `where` holds, with the service that owns each, or none.

        Each has a finite upper limit, or a bound could not be added up.
        """
        there = np.broadcast_to(where, shape)
        index = np.full(shape, NONE, np.int32)
        count = int(there.sum())
        index[there] = np.arange(self.width, self.width + count)
        self.width += count
        for kept, given in ((self._cost, cost), (self._emits, emits), (self._low, low), (self._high, high)):
            kept.append(np.broadcast_to(np.asarray(given, float), shape)[there])
        self._whole.append(np.full(count, whole))
        self._owner.append(np.broadcast_to(np.asarray(owner), shape)[there])
        self.blocks[name] = index
        return index

    def rows(
        self, name: str, shape: tuple[int, ...], *, where: Any = True, low: Any = -np.inf, high: Any = np.inf
    ) -> Index:
        """Add a block of rows where `where` holds."""
        there = np.broadcast_to(where, shape)
        index = np.full(shape, NONE, np.int32)
        count = int(there.sum())
        index[there] = np.arange(self.height, self.height + count)
        self.height += count
        self._row_low.append(np.broadcast_to(np.asarray(low, float), shape)[there])
        self._row_high.append(np.broadcast_to(np.asarray(high, float), shape)[there])
        self.row_blocks[name] = index
        return index

    def add(self, rows: Index, columns: Index, factor: Any = 1.0) -> None:
        """Add factor times column to row, for every element of the three broadcast together."""
        r, c, a = np.broadcast_arrays(rows, columns, np.asarray(factor, float))
        used = (r != NONE) & (c != NONE) & (a != 0)
        self._entries.append((r[used], c[used], a[used]))

    @property
    def cost(self) -> Floats:
        """Present value of a unit of each column [MUSD]."""
        return np.concatenate(self._cost)

    @property
    def emits(self) -> Floats:
        """Emissions of a unit of each column [t]."""
        return np.concatenate(self._emits)

    @property
    def low(self) -> Floats:
        """Lower limits of the columns."""
        return np.concatenate(self._low)

    @property
    def high(self) -> Floats:
        """Upper limits of the columns."""
        return np.concatenate(self._high)

    @property
    def whole(self) -> Flags:
        """Whether each column is a whole number."""
        return np.concatenate(self._whole)

    @property
    def owner(self) -> Ints:
        """Service that each column belongs to, `NONE` if it is shared."""
        return np.concatenate(self._owner)

    @property
    def row_low(self) -> Floats:
        """Lower limits of the rows."""
        return np.concatenate(self._row_low)

    @property
    def row_high(self) -> Floats:
        """Upper limits of the rows."""
        return np.concatenate(self._row_high)

    def matrix(self) -> tuple[Ints, Ints, Floats]:
        """Return start, column and value of the entries row by row; entries of one place are added together."""
        r, c, a = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        place, first = np.unique(r.astype(np.int64) * self.width + c, return_inverse=True)
        row, column = np.divmod(place, self.width)
        start = np.r_[0, np.cumsum(np.bincount(row, minlength=self.height))].astype(np.int64)
        return start, column, np.bincount(first, a, place.size).astype(float)

    def values(self, solution: Floats) -> dict[str, Floats]:
        """Return the solution as the blocks, 0 where a column does not exist."""
        return {
            name: np.where(index == NONE, 0.0, solution[np.maximum(index, 0)]) for name, index in self.blocks.items()
        }
