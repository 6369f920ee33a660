"""Compiled: the cost of each ship, berth and start from parts that depend on less, and the best starts of an order."""

from typing import Any

import numba as nb
import numpy as np

NEVER = 2**60
"""More than any plan costs."""


@nb.njit(cache=True, nogil=True)
def fill(
    cost: Any,
    handling: Any,
    begin: Any,
    end: Any,
    by_start: Any,
    by_end: Any,
    extra: Any,
    closed: Any,
    passes: Any,
    draught: Any,
    forbidden: int,
) -> None:
    """Fill `cost`: the sum of its parts, or `forbidden`.

    Parameters
    ----------
    cost
        Ships x berths x steps, filled with `forbidden`.
    handling
        Steps of each ship at each berth; 0: never.
    begin, end
        First start and last end of each ship at each berth.
    by_start, by_end
        Cost of each ship's start and end at each step.
    extra
        Cost of each ship at each berth.
    closed
        Closed steps of each berth before each step.
    passes
        Deepest draught that comes and goes at each berth and step.
    draught
        Of each ship.
    forbidden
        Cost of what cannot be.
    """
    ships, berths, steps = cost.shape
    for i in range(ships):
        for b in range(berths):
            h = handling[i, b]
            if h <= 0:
                continue
            for t in range(max(begin[i, b], 0), min(end[i, b], steps) - h + 1):
                if closed[b, t + h] > closed[b, t] or draught[i] > passes[b, t] or draught[i] > passes[b, t + h]:
                    continue
                cost[i, b, t] = min(round(by_start[i, t] + by_end[i, t + h] + extra[i, b]), forbidden - 1)


@nb.njit(cache=True, nogil=True)
def best_starts(cost: Any, handling: Any, b: int, order: Any, forbidden: int) -> tuple[int, Any]:
    """Least cost of the ships in `order` at berth b and their starts; cost -1 if they cannot.

    ended[k, t]: cheapest way in which ship k ends at t or before, with the ships before it.
    """
    count, steps = order.size, cost.shape[2]
    ended = np.full((count + 1, steps + 1), NEVER)
    ended[0] = 0
    for k in range(count):
        i = order[k]
        h = handling[i, b]
        for t in range(steps - h + 1 if h > 0 else 0):
            if cost[i, b, t] != forbidden and ended[k, t] < NEVER:
                ended[k + 1, t + h] = ended[k, t] + cost[i, b, t]
        for t in range(steps):
            ended[k + 1, t + 1] = min(ended[k + 1, t + 1], ended[k + 1, t])
    starts = np.full(count, -1)
    if ended[count, steps] >= NEVER:
        return -1, starts
    until = steps
    for k in range(count, 0, -1):
        while until > 0 and ended[k, until - 1] == ended[k, until]:  # the earliest of the cheapest
            until -= 1
        until -= handling[order[k - 1], b]
        starts[k - 1] = until
    return ended[count, steps], starts
