"""Compiled: the cheapest way of one ship through her ports, places and start times given what others leave or charge.

One dynamic programme over visits: best[k, b, t] is the cheapest way to be at visit k from hour t on at segment b. Taken
cells (`blocked`) cannot be used; the others cost `price` per segment and hour. Both come as sums over all cells before
(port, segment, hour), so that a rectangle costs four look-ups.
"""

# ruff: noqa: NPY002 (numba knows the old generator)

from math import ceil
from typing import Any, NamedTuple

import numba as nb
import numpy as np

NEVER, TINY, GAIN = 1e300, 1e-9, 1e-7
"""Cost of what cannot be, rounding of hours, and part of a bound that counts as a gain."""


class Fleet(NamedTuple):
    """Ships with their visits (ship x visit), and what all share.

    Attributes
    ----------
    visits
        Visits of each ship.
    port, wanted, earliest, finish, latest
        Of each visit: port, wanted place in segments from 0, hours.
    size
        Segments that each ship covers in each port.
    shortest
        Handling time at the wanted place [h].
    far
        Rise of the handling time per segment off the wanted place.
    segments
        Of each port.
    leg_h, leg_usd
        Hours and fuel cost of the leg before each visit: ship x visit x speed, slowest first.
    usd
        Prices of an hour of idling, handling, delay and of an hour after the latest finish.
    """

    visits: Any
    port: Any
    wanted: Any
    earliest: Any
    finish: Any
    latest: Any
    size: Any
    shortest: Any
    far: float
    segments: Any
    leg_h: Any
    leg_usd: Any
    usd: Any


@nb.njit(cache=True, nogil=True)
def handling(i: int, k: int, b: int, x: Fleet) -> Any:
    """Hours of ship i at segment b on her visit k."""
    return (1.0 + x.far * abs(b - x.wanted[i, k])) * x.shortest[i, k]


@nb.njit(cache=True, nogil=True)
def stay_cost(i: int, k: int, end: float, hours: float, x: Fleet) -> Any:
    """Cost of a stay [USD]."""
    late = max(end - x.finish[i, k], 0.0) * x.usd[2] + max(end - x.latest[i, k], 0.0) * x.usd[3]
    return x.usd[1] * hours + late


@nb.njit(cache=True, nogil=True)
def leg_cost(i: int, k: int, hours: float, x: Fleet) -> Any:
    """Cost of the leg to visit k in so many hours, at the slowest speed that is in time; NEVER if none is."""
    for s in range(x.leg_h.shape[2]):
        if x.leg_h[i, k, s] <= hours + TINY:
            return x.leg_usd[i, k, s] + x.usd[0] * (hours - x.leg_h[i, k, s])
    return NEVER


@nb.njit(cache=True, nogil=True)
def _up(hours: float) -> Any:
    """First whole hour that is not before."""
    return np.int64(ceil(hours - TINY))


@nb.njit(cache=True, nogil=True)
def _sum(cells: Any, p: int, b: int, c: int, t: int, e: int) -> Any:
    """Sum over segments b..c-1 and hours t..e-1 of port p."""
    return cells[p, c, e] - cells[p, b, e] - cells[p, c, t] + cells[p, b, t]


@nb.njit(cache=True, nogil=True)
def route(  # noqa: C901, PLR0912 (one programme, measured)
    i: int, blocked: Any, price: Any, alive: Any, best: Any, back: Any, x: Fleet, at: Any, begin: Any
) -> Any:
    """Cheapest way of ship i; its segments and hours go to `at` and `begin`. NEVER if there is none."""
    hours = blocked.shape[2] - 1
    count = x.visits[i]
    for k in range(count):
        p, size = x.port[i, k], x.size[i, k]
        came = np.full(hours + 1, NEVER)
        origin = np.full(hours + 1, -1)
        if k:
            before = x.port[i, k - 1]
            for b in range(x.segments[before] - x.size[i, k - 1] + 1):
                h = handling(i, k - 1, b, x)
                for t in range(hours):
                    v = best[k - 1, b, t]
                    if v >= NEVER:
                        continue
                    for later in range(_up(t + h + x.leg_h[i, k, -1]), hours + 1):
                        w = v + leg_cost(i, k, later - t - h, x)
                        if w < came[later]:
                            came[later] = w
                            origin[later] = b * (hours + 1) + t
        for b in range(x.segments[p] - size + 1):
            h = handling(i, k, b, x)
            for t in range(hours):
                best[k, b, t] = NEVER
                e = _up(t + h)
                if t < x.earliest[i, k] or e > hours or not alive[i, k, b, t] or (k and came[t] >= NEVER):
                    continue
                if _sum(blocked, p, b, b + size, t, e) > 0:
                    continue
                v = stay_cost(i, k, t + h, h, x) + _sum(price, p, b, b + size, t, e)
                best[k, b, t] = v + (came[t] if k else 0.0)
                back[k, b, t] = origin[t]
    least, k = NEVER, count - 1
    for b in range(x.segments[x.port[i, k]] - x.size[i, k] + 1):
        for t in range(hours):
            if best[k, b, t] < least:
                least = best[k, b, t]
                at[i, k], begin[i, k] = b, t
    if least >= NEVER:
        return NEVER
    for k in range(count - 1, 0, -1):
        at[i, k - 1], begin[i, k - 1] = divmod(back[k, at[i, k], begin[i, k]], hours + 1)
    return least


@nb.njit(cache=True, nogil=True)
def summed(cells: Any) -> Any:
    """Return sums over all cells before (port, segment, hour)."""
    ports, segments, hours = cells.shape
    out = np.zeros((ports, segments + 1, hours + 1), cells.dtype)
    for p in range(ports):
        for b in range(segments):
            for t in range(hours):
                out[p, b + 1, t + 1] = cells[p, b, t] + out[p, b, t + 1] + out[p, b + 1, t] - out[p, b, t]
    return out


@nb.njit(cache=True, nogil=True)
def mark(cells: Any, i: int, by: float, x: Fleet, at: Any, begin: Any) -> None:
    """Add `by` to the cells that ship i covers."""
    for k in range(x.visits[i]):
        b, t = at[i, k], begin[i, k]
        e = _up(t + handling(i, k, b, x))
        cells[x.port[i, k], b : b + x.size[i, k], t:e] += by


@nb.njit(cache=True, nogil=True)
def improve(  # noqa: C901
    taken: Any, alive: Any, x: Fleet, at: Any, begin: Any, cost: Any, rounds: int, most: int, seed: int
) -> None:
    """Take a few ships out and put them back one after the other, each where she costs least; keep what is better.

    Ships whose `cost` is NEVER have no place yet.
    """
    np.random.seed(seed)
    ships, best, back = cost.size, np.empty(alive.shape[1:]), np.zeros(alive.shape[1:], np.int64)
    free = np.zeros((taken.shape[0], taken.shape[1] + 1, taken.shape[2] + 1))
    kept_at, kept_begin, kept_cost = at.copy(), begin.copy(), cost.copy()
    for number in range(rounds):
        few = ships if number == 0 and cost.max() >= NEVER else 1 + np.random.randint(min(most, ships))
        out = np.random.permutation(ships)[:few]
        kept_at[:], kept_begin[:], kept_cost[:] = at, begin, cost
        for i in out:
            if cost[i] < NEVER:
                mark(taken, i, -1.0, x, at, begin)
        old, new = 0.0, 0.0
        for i in out:
            old += kept_cost[i]
            cost[i] = route(i, summed(taken), free, alive, best, back, x, at, begin)
            new += cost[i]
            if cost[i] >= NEVER:
                break
            mark(taken, i, 1.0, x, at, begin)
        if new >= NEVER or new > old:  # put all back as they were
            for i in out:
                if cost[i] >= NEVER:
                    break
                mark(taken, i, -1.0, x, at, begin)
            at[:], begin[:], cost[:] = kept_at, kept_begin, kept_cost
            for i in out:
                if cost[i] < NEVER:
                    mark(taken, i, 1.0, x, at, begin)


@nb.njit(cache=True, nogil=True)
def ascend(
    taken: Any, alive: Any, price: Any, x: Fleet, upper: float, length: float, passes: int, patience: int, fall: float
) -> tuple[float, float]:
    """Raise the bound by prices of cells (subgradient); best prices in `price`, return bound and step."""
    ships, best, back = x.visits.size, np.empty(alive.shape[1:]), np.zeros(alive.shape[1:], np.int64)
    at, begin = np.zeros(x.port.shape, np.int64), np.zeros(x.port.shape, np.int64)
    blocked = summed(taken)
    top, top_price, idle = -NEVER, price.copy(), 0
    over, way = np.zeros(price.shape), np.zeros(price.shape)
    for _ in range(passes):
        value, sums = -price.sum(), summed(price)
        over[:] = -1.0
        for i in range(ships):
            value += route(i, blocked, sums, alive, best, back, x, at, begin)
            mark(over, i, 1.0, x, at, begin)
        idle = 0 if value > top + GAIN * abs(top) else idle + 1
        if value > top:
            top = value
            top_price[:] = price
        if idle >= patience:
            length, idle = length * fall, 0
            price[:] = top_price
            way[:] = 0.0
            continue
        way[:] = 0.3 * way + over
        way[:] = np.where((price <= 0.0) & (way < 0.0), 0.0, way)
        norm = (way * way).sum()
        if norm == 0.0 or top >= upper:
            length = 0.0
            break
        price[:] = np.maximum(price + length * max(upper - value, 0.0) / norm * way, 0.0)
    price[:] = top_price
    return top, length
