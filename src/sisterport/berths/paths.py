"""Compiled dynamic programmes over the columns of one berth class after the other; see `bound` for what they mean.

A way through a berth may hold a ship more than once, but not twice in a row (unless its class has two or more ships),
which makes the bound better than that of the linear programme at little cost.

Columns are kept by berth and start: those of berth b that start at t are at[b, t] .. at[b, t + 1] - 1, each with its
ship and cost.
"""

from typing import Any

import numba as nb
import numpy as np

FALL = 0.7
"""Factor on the step length when nothing was gained for a while."""
KEPT = 0.3
"""Part of the old direction kept in the new one."""
PATIENCE = 20
"""Passes without gain before the step gets shorter."""
SHORTEST = 1e-4
"""Step length at which the ascent ends."""
GAIN = 1e-6
"""Part of the bound that counts as a gain."""
MEMORY = 200
"""Passes that the mean use looks back on."""
NOWHERE = 1e300


@nb.njit(cache=True, nogil=True)
def collect(cost: Any, forbidden: int) -> tuple[Any, Any, Any]:  # noqa: C901 (two passes over one table)
    """Return (at, ship, cost) of all columns."""
    ships, berths, steps = cost.shape
    at = np.zeros((berths, steps + 1), np.int64)
    for i in range(ships):
        for b in range(berths):
            for t in range(steps):
                if cost[i, b, t] != forbidden:
                    at[b, t + 1] += 1
    count = 0
    for b in range(berths):
        at[b, 0] = count
        for t in range(steps):
            count += at[b, t + 1]
            at[b, t + 1] = count
    who, price = np.empty(count, np.int32), np.empty(count, np.int32)
    place = at.copy()
    for i in range(ships):
        for b in range(berths):
            for t in range(steps):
                if cost[i, b, t] != forbidden:
                    k = place[b, t]
                    who[k], price[k] = i, cost[i, b, t]
                    place[b, t] += 1
    return at, who, price


@nb.njit(cache=True, nogil=True)
def keep(at: Any, who: Any, price: Any, kept: Any) -> tuple[Any, Any, Any]:
    """Return the columns that are true in `kept`."""
    berths, steps = at.shape[0], at.shape[1] - 1
    new = np.empty_like(at)
    count = 0
    for b in range(berths):
        for t in range(steps):
            new[b, t] = count
            for k in range(at[b, t], at[b, t + 1]):
                if kept[k]:
                    count += 1
        new[b, steps] = count
    return new, who[kept], price[kept]


@nb.njit(cache=True, nogil=True)
def _best_two(
    at: Any, who: Any, price: Any, steps_of: Any, b: int, u: Any, single: Any, best: Any, first: Any, when: Any
) -> None:
    """Fill the cheapest way from each time on, and the cheapest that begins with another ship than that one.

    best[0, t], first[0, t], when[0, t]: its cost, its first ship (-1: none) and that ship's start; [1, t]: the other.
    """
    steps = at.shape[1] - 1
    best[0, steps], first[0, steps], when[0, steps] = 0.0, -1, steps
    best[1, steps], first[1, steps], when[1, steps] = NOWHERE, -1, steps
    for t in range(steps - 1, -1, -1):
        v0, i0, w0 = best[0, t + 1], first[0, t + 1], when[0, t + 1]
        v1, i1, w1 = best[1, t + 1], first[1, t + 1], when[1, t + 1]
        for k in range(at[b, t], at[b, t + 1]):
            i = who[k]
            e = t + steps_of[i]
            v = price[k] - u[i]
            if first[0, e] == i and single[i]:
                v += best[1, e]
            else:
                v += best[0, e]
            if v < v1:
                if i == i0:
                    if v < v0:
                        v0, w0 = v, t
                elif v < v0:
                    v1, i1, w1 = v0, i0, w0
                    v0, i0, w0 = v, i, t
                else:
                    v1, i1, w1 = v, i, t
        best[0, t], first[0, t], when[0, t] = v0, i0, w0
        best[1, t], first[1, t], when[1, t] = v1, i1, w1


@nb.njit(cache=True, nogil=True)
def passes(
    at: Any,
    who: Any,
    price: Any,
    handling: Any,
    room: Any,
    u: Any,
    single: Any,
    used: Any,
    best: Any,
    first: Any,
    when: Any,
) -> float:
    """Sum over berths of the cheapest way through; `used` is how often each berth's way has each ship."""
    berths, steps = at.shape[0], at.shape[1] - 1
    used[:] = 0
    total = 0.0
    for b in range(berths):
        if at[b, 0] == at[b, steps]:
            continue
        _best_two(at, who, price, handling[b], b, u, single, best, first, when)
        total += room[b] * best[0, 0]
        t, before = 0, -1
        while True:
            which = 1 if first[0, t] == before and before >= 0 and single[before] else 0
            i = first[which, t]
            if i < 0:
                break
            used[b, i] += room[b]
            t = when[which, t] + handling[b, i]
            before = i
    return total


@nb.njit(cache=True, nogil=True)
def ascend(
    at: Any,
    who: Any,
    price: Any,
    handling: Any,
    room: Any,
    wanted: Any,
    u: Any,
    cap: Any,
    upper: float,
    length: float,
    count: int,
) -> tuple[float, Any, float, Any, int]:
    """Deflected subgradient ascent; return the best bound, its prices, the step length, the mean use and passes made.

    A column that costs as much as its ship's price is never worth taking, so those with a cost of `cap` and more may be
    left out as long as prices stay below. The mean of how often each berth's way has each ship comes close to the
    linear programme's solution.
    """
    ships, steps = u.size, at.shape[1] - 1
    used, mean, single = np.zeros((at.shape[0], ships)), np.zeros((at.shape[0], ships)), wanted < 2
    best, first = np.zeros((2, steps + 1)), np.zeros((2, steps + 1), np.int32)
    when = np.zeros((2, steps + 1), np.int32)
    top, top_u = -NOWHERE, u.copy()
    now, way = u.copy(), np.zeros(ships)
    idle, made = 0, 0
    while made < count and length >= SHORTEST:
        made += 1
        value = passes(at, who, price, handling, room, now, single, used, best, first, when) + (wanted * now).sum()
        mean += (used - mean) / min(made, MEMORY)
        if value > top:
            idle = 0 if value > top + GAIN * abs(value) else idle + 1
            top = value
            top_u[:] = now
        else:
            idle += 1
        if idle >= PATIENCE:
            length *= FALL
            idle = 0
            now[:] = top_u
            way[:] = 0.0
            continue
        way[:] = KEPT * way + (wanted - used.sum(axis=0))
        norm = (way * way).sum()
        if norm == 0 or top >= upper:
            length = 0.0  # nothing more to gain
            break
        now[:] = np.minimum(now + length * max(upper - value, 0.0) / norm * way, cap)
    return top, top_u, length, mean, made


@nb.njit(cache=True, nogil=True)
def reduced(at: Any, who: Any, price: Any, handling: Any, u: Any, single: Any) -> tuple[Any, Any]:
    """For each column: what the cheapest way through it costs more than the cheapest way; and that one's cost."""
    berths, steps = at.shape[0], at.shape[1] - 1
    more, value = np.empty(who.size), np.zeros(berths)
    best, first = np.zeros((2, steps + 1)), np.zeros((2, steps + 1), np.int32)
    when = np.zeros((2, steps + 1), np.int32)
    past, last = np.zeros((2, steps + 1)), np.zeros((2, steps + 1), np.int32)
    for b in range(berths):
        if at[b, 0] == at[b, steps]:
            continue
        _best_two(at, who, price, handling[b], b, u, single, best, first, when)
        value[b] = best[0, 0]
        past[:] = NOWHERE
        last[:] = -1
        past[0, 0] = 0.0
        for t in range(steps):
            for which in range(2):  # waiting
                _arrive(past, last, t + 1, past[which, t], last[which, t])
            for k in range(at[b, t], at[b, t + 1]):
                i = who[k]
                e = t + handling[b, i]
                v = price[k] - u[i]
                v += past[1, t] if last[0, t] == i and single[i] else past[0, t]
                more[k] = v + (best[1, e] if first[0, e] == i and single[i] else best[0, e]) - best[0, 0]
                _arrive(past, last, e, v, i)
    return more, value


@nb.njit(cache=True, nogil=True, inline="always")
def _arrive(past: Any, last: Any, t: int, v: float, i: int) -> None:
    """Note a way that ends at t with ship i: the cheapest, and the cheapest with another last ship."""
    if v < past[0, t]:
        if last[0, t] != i:
            past[1, t], last[1, t] = past[0, t], last[0, t]
        past[0, t], last[0, t] = v, i
    elif last[0, t] != i and v < past[1, t]:
        past[1, t], last[1, t] = v, i
