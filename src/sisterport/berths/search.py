"""A good plan quickly: annealing over sequences of ships, then the best start times for the sequences found.

The search proves nothing. What it finds is measured against the bound (`bound`) and checked by `proof`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sisterport.berths.problem import FORBIDDEN, Flags, Ints, Problem, survey

if TYPE_CHECKING:
    from sisterport.berths.moves import Survey, Tables

HOTTEST, COLDEST, REHEAT = 1.0, 0.01, 0.15
"""Temperatures, as parts of what one ship's handling costs one other ship; the third is where a second run begins."""
QUICK = 1.25
"""Handling time over the ship's shortest up to which a berth suits her as long as no prices are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A plan without proof.

    Parameters
    ----------
    berth, start
        Of each ship.
    value
        Its cost; meaningless unless `complete`.
    complete
        Each ship lies where and when it may.
    plugged
        Which ships are plugged in where outlets share power; None: all that can.
    """

    berth: Ints
    start: Ints
    value: int
    complete: bool
    plugged: Flags | None = None


def search(
    problem: Problem,
    *,
    moves: int,
    seed: int,
    begin: Found | None = None,
    pairs: Flags | None = None,
) -> Found:
    """Return the best plan that annealing finds.

    Parameters
    ----------
    problem
        The problem.
    moves
        Moves to try; about three to ten million take a second.
    seed
        Same seed, same plan.
    begin
        Plan to begin with, at a lower temperature; otherwise the ships in order of their first possible start, each
        where it costs least.
    pairs
        Ships x berths that suit each other: most moves try these. If not given, the berths where a ship's handling is
        at most `QUICK` times its shortest.

    Examples
    --------
    >>> from sisterport.berths.problem import build
    >>> three = build(handling=np.array([[4], [2], [1]]), earliest=np.zeros(3, int), latest=np.full(3, 20),
    ...               opens=np.array([0]), closes=np.array([20]))
    >>> search(three, moves=2000, seed=1).value  # shortest first: 1 + 3 + 7
    11
    """
    from sisterport.berths import moves as kernel  # noqa: PLC0415 (numba takes its time)

    seen = survey(problem.cost)
    usable = seen.last >= 0
    if not usable.any(axis=1).all() or not len(problem.ships):
        nowhere = np.full(len(problem.ships), -1, dtype=np.int64)
        return Found(berth=nowhere, start=nowhere, value=0, complete=not len(problem.ships))
    tables = _tables(problem, seen, pairs)
    seq = np.zeros((len(problem.berths), len(problem.ships)), dtype=np.int64)
    size = np.zeros(len(problem.berths), dtype=np.int64)
    if begin is None:
        order = np.argsort(np.where(usable, seen.first, problem.horizon).min(axis=1), kind="stable")
        kernel.greedy(order, seq, size, tables)
    else:
        for ship in np.argsort(begin.start, kind="stable"):
            where = begin.berth[ship]
            seq[where, size[where]] = ship
            size[where] += 1
    # what a usual handling costs a ship that waits for it
    scale = max(seen.slope, 1.0) * float(problem.handling[usable].mean())
    hot = scale * (HOTTEST if begin is None else REHEAT)
    _, seq, size = kernel.anneal(seq, size, tables, hot, scale * COLDEST, moves, seed)
    return retime(problem, [seq[b, : size[b]] for b in range(len(problem.berths))])


def _tables(problem: Problem, seen: "Survey", pairs: Flags | None) -> "Tables":
    """Return what the moves look up; a late step costs more than any column, so that no plan should pay it."""
    from sisterport.berths import moves as kernel  # noqa: PLC0415 (numba takes its time)

    usable = seen.last >= 0
    handling = np.where(usable, problem.handling, 0)
    if pairs is None:
        shortest = np.where(usable, handling, np.iinfo(np.int64).max).min(axis=1)
        pairs = handling <= QUICK * shortest[:, None]
    suits = usable & pairs
    return kernel.Tables(
        handling=handling,
        cost=problem.cost,
        first=seen.first,
        last=seen.last,
        following=kernel.followers(problem.cost, FORBIDDEN) if seen.gaps else np.zeros((1, 1, 1), dtype=np.int32),
        gaps=bool(seen.gaps),
        rising=bool(seen.rising),
        penalty=int(seen.most) + 1,
        near=np.argsort(~suits, axis=1, kind="stable"),  # the suitable ones first
        suits=suits.sum(axis=1),
    )


def retime(problem: Problem, sequences: list[Ints]) -> Found:
    """Return the plan with the cheapest starts that keep the order of ships at each berth."""
    count = len(problem.ships)
    berths, starts = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    for b, order in enumerate(sequences):
        cost, times = best_starts(problem, b, order)
        if cost < 0:
            return Found(berth=berths, start=starts, value=0, complete=False)
        berths[order], starts[order] = b, times
    return Found(berth=berths, start=starts, value=problem.value(berths, starts), complete=True)


def best_starts(problem: Problem, berth: int, order: Ints) -> tuple[int, Ints]:
    """Return the least cost of ships in a given order at one berth, and their starts; -1 if they cannot.

    Examples
    --------
    >>> from sisterport.berths.problem import build
    >>> two = build(handling=np.array([[4], [2]]), earliest=np.array([0, 1]), latest=np.array([9, 9]),
    ...             opens=np.array([0]), closes=np.array([9]))
    >>> cost, starts = best_starts(two, 0, np.array([1, 0]))
    >>> cost, starts.tolist()
    (9, [1, 3])
    """
    from sisterport.berths import columns  # noqa: PLC0415 (numba takes its time)

    cost, starts = columns.best_starts(problem.cost, problem.handling, berth, order, FORBIDDEN)
    return int(cost), starts
