"""Compiled: ships as rectangles of time and quay, put down one after the other; annealing over that order.

A ship is put where she costs least at the earliest time that she can start there: at her wanted place, at the ends of
a quay, or next to a ship that lies already. Costs must not fall with time.
"""

# ruff: noqa: NPY002 (numba knows the old generator)

from math import exp, log
from typing import Any, NamedTuple

import numba as nb
import numpy as np

LOST, GAIN = 2**60, 1e-9
"""More than any plan costs; part of a bound that counts as a gain."""


class Shore(NamedTuple):
    """Ships and quays in whole units.

    Attributes
    ----------
    steps, length
        Time at the quay and length of each ship.
    first, following
        First start of each ship, and the first allowed start from each step on (the horizon: none).
    by_time
        Cost of each ship's start.
    wanted, per_unit
        Wanted place of each ship and what a unit off it costs; on her own quay only.
    quay, elsewhere
        Preferred quay of each ship (-1: all are the same), and what another one costs.
    begin, end
        Of each quay on the common axis.
    """

    steps: Any
    length: Any
    first: Any
    following: Any
    by_time: Any
    wanted: Any
    per_unit: Any
    quay: Any
    elsewhere: Any
    begin: Any
    end: Any


@nb.njit(cache=True, nogil=True)
def place_cost(i: int, q: int, y: int, x: Shore) -> Any:
    """Cost of place y on quay q for ship i."""
    if x.quay[i] >= 0 and x.quay[i] != q:
        return x.elsewhere[i]
    return x.per_unit[i] * abs(y - x.wanted[i])


@nb.njit(cache=True, nogil=True)
def _earliest(i: int, y: int, t: int, put: Any, count: int, start: Any, place: Any, x: Shore) -> Any:
    """First start of ship i at place y that meets no ship put down so far; the horizon if there is none."""
    horizon = x.by_time.shape[1]
    top = y + x.length[i]
    while t < horizon:
        t = x.following[i, t]
        if t >= horizon:
            return horizon
        until = t
        for k in range(count):
            j = put[k]
            free = place[j] >= top or place[j] + x.length[j] <= y
            if not free and start[j] < t + x.steps[i] and start[j] + x.steps[j] > t:
                until = max(until, start[j] + x.steps[j])
        if until == t:
            return t
        t = until
    return horizon


@nb.njit(cache=True, nogil=True)
def put_down(order: Any, start: Any, place: Any, x: Shore) -> Any:
    """Put the ships down in order; return the cost (LOST if one has no place)."""
    total, horizon, ships = 0, x.by_time.shape[1], order.size
    for k in range(ships):
        i = order[k]
        best, best_t, best_y = LOST, -1, -1
        for c in range(2 * k + 3 * x.begin.size):
            if c < 2 * k:
                j = order[c // 2]
                y = place[j] + x.length[j] if c % 2 else place[j] - x.length[i]
            else:
                q, kind = divmod(c - 2 * k, 3)
                y = x.begin[q] if kind == 0 else x.end[q] - x.length[i] if kind == 1 else x.wanted[i]
            for q in range(x.begin.size):
                if y < x.begin[q] or y + x.length[i] > x.end[q]:
                    continue
                off = place_cost(i, q, y, x)
                if off + x.by_time[i, x.first[i]] >= best:
                    continue
                t = _earliest(i, y, x.first[i], order, k, start, place, x)
                if t < horizon and off + x.by_time[i, t] < best:
                    best, best_t, best_y = off + x.by_time[i, t], t, y
        if best_t < 0:
            return LOST
        start[i], place[i] = best_t, best_y
        total += best
    return total


@nb.njit(cache=True, nogil=True)
def anneal(order: Any, x: Shore, hot: float, cold: float, moves: int, seed: int) -> tuple[int, Any, Any, Any]:
    """Anneal over orders; return the least cost, its starts and places, and the order."""
    np.random.seed(seed)
    ships = order.size
    start, place = np.zeros(ships, np.int64), np.zeros(ships, np.int64)
    now = put_down(order, start, place, x)
    best, best_order, tried = now, order.copy(), order.copy()
    factor, heat = exp(log(cold / hot) / max(moves, 1)), hot
    for _ in range(moves):
        heat *= factor
        a, b = np.random.randint(ships), np.random.randint(ships)
        if a == b:
            continue
        tried[:] = order
        if np.random.random() < 0.5:
            tried[a], tried[b] = tried[b], tried[a]
        else:
            ship = tried[a]
            step = 1 if b > a else -1
            for k in range(a, b, step):
                tried[k] = tried[k + step]
            tried[b] = ship
        cost = put_down(tried, start, place, x)
        if cost <= now - heat * log(1.0 - np.random.random()):
            now = cost
            order[:] = tried
            if now < best:
                best = now
                best_order[:] = order
    put_down(best_order, start, place, x)
    return best, start, place, best_order


@nb.njit(cache=True, nogil=True)
def cheapest(price: Any, pitch: int, x: Shore, start: Any, place: Any) -> Any:
    """Cheapest start and place of each ship alone, who pays `price` for each mark that she covers and step.

    price[m, t]: mark m is at m * pitch on the axis of the quays. Places that cover the same marks differ in their own
    cost only, so the best of them is the one nearest to the wanted place.
    """
    marks, horizon = price.shape
    until = np.zeros((marks + 1, horizon + 1))
    for m in range(marks):
        row = 0.0
        for t in range(horizon):
            row += price[m, t]
            until[m + 1, t + 1] = until[m, t + 1] + row
    total = 0.0
    for i in range(start.size):
        best = 1e300
        for q in range(x.begin.size):
            y, last = x.begin[q], x.end[q] - x.length[i]
            while y <= last:
                low, high = -(-y // pitch), -(-(y + x.length[i]) // pitch)
                # the furthest place that covers the same marks
                far = min(low * pitch, (high * pitch) - x.length[i], last)
                at = min(max(x.wanted[i], y), far) if x.quay[i] < 0 or x.quay[i] == q else y
                off = place_cost(i, q, at, x)
                t = x.following[i, x.first[i]]
                while t < horizon:
                    e = t + x.steps[i]
                    v = off + x.by_time[i, t]
                    if v >= best:
                        break
                    v += until[high, e] - until[low, e] - until[high, t] + until[low, t]
                    if v < best:
                        best, start[i], place[i] = v, t, at
                    t = x.following[i, t + 1] if t + 1 < horizon else horizon
                y = far + 1
        total += best
    return total


@nb.njit(cache=True, nogil=True)
def ascend(  # noqa: C901 (one loop, measured)
    price: Any, pitch: int, x: Shore, upper: float, length: float, passes: int, patience: int, fall: float
) -> tuple[float, float]:
    """Raise the bound by prices of marks and steps: best prices in `price`, return bound and step length."""
    ships = x.steps.size
    start, place = np.zeros(ships, np.int64), np.zeros(ships, np.int64)
    best, best_price, idle = -1e300, price.copy(), 0
    over, way = np.zeros(price.shape), np.zeros(price.shape)
    for _ in range(passes):
        value = cheapest(price, pitch, x, start, place) - price.sum()
        if value > best + GAIN * abs(best):
            best, idle = value, 0
            best_price[:] = price
        else:
            idle += 1
            if idle >= patience:
                length, idle = length * fall, 0
                price[:] = best_price
                way[:] = 0.0
                continue
        over[:] = -1.0
        for i in range(ships):
            low, high = -(-place[i] // pitch), -(-(place[i] + x.length[i]) // pitch)
            over[low:high, start[i] : start[i] + x.steps[i]] += 1.0
        norm = 0.0
        for m in range(price.shape[0]):
            for t in range(price.shape[1]):
                way[m, t] = 0.5 * way[m, t] + over[m, t]
                if price[m, t] <= 0.0 and way[m, t] < 0.0:
                    way[m, t] = 0.0
                norm += way[m, t] ** 2
        if norm == 0.0 or best >= upper:
            length = 0.0
            break
        step = length * max(upper - value, 0.0) / norm
        for m in range(price.shape[0]):
            for t in range(price.shape[1]):
                price[m, t] = max(price[m, t] + step * way[m, t], 0.0)
    price[:] = best_price
    return best, length
