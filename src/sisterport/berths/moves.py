"""Compiled annealing over one sequence of ships per berth; see `search` for what it is used for.

A plan is kept as sequences. Each ship starts as early as its berth allows after the one before. `end` and `spent` hold
the end and the cost up to each place, so that a move is priced from the first place that changes, and no further than
to where the times are the old ones again (or, where costs rise with time, to where the move is lost already).

A move is tried against a limit: what the berths that it touches cost now, and as much more as the temperature allows.
"""

# ruff: noqa: NPY002 (numba knows the old generator)

from math import exp, log
from typing import Any, NamedTuple

import numba as nb
import numpy as np

LOST = 2**60
"""Cost of a sequence with a ship at a berth where it cannot lie; more than any plan costs."""
RELOCATE, SWAP, CHAIN, TAILS = 0.25, 0.60, 0.90, 0.95
"""Upper ends of the shares of moves: one ship elsewhere, two ships swapped, one ship in place of a second that goes to
a third berth, tails of two berths; the rest: pairs."""
NEAR = 0.9
"""Share of moves to a berth that suits the ship; the others go anywhere."""
REACH = 3
"""Places to both sides of the one with the same time that a ship may move to."""
COOLING_STEP = 256
"""Moves between two changes of temperature."""


class Tables(NamedTuple):
    """What ships need and cost.

    Attributes
    ----------
    handling, cost
        As in `problem.Problem`; handling 0 where the ship has no start at all.
    first, last
        First and last start of each ship and berth.
    following
        First start from each step on, where some starts between first and last do not exist (`gaps`).
    rising
        Costs never fall with time.
    penalty
        Price per step of a start after the last.
    near, suits
        Berths in the order in which they suit each ship, and how many do.
    """

    handling: Any
    cost: Any
    first: Any
    last: Any
    following: Any
    gaps: bool
    rising: bool
    penalty: int
    near: Any
    suits: Any


class State(NamedTuple):
    """Ships by berth and place, ships per berth, and end and cost before each place."""

    seq: Any
    size: Any
    end: Any
    spent: Any


@nb.njit(cache=True, nogil=True, forceinline=True)
def _after(i: int, b: int, t: int, v: int, x: Tables) -> tuple[int, int]:
    """End and cost after ship i, when the berth is free from t and v has been spent."""
    steps = x.handling[i, b]
    if steps == 0:
        return t, LOST
    begin = max(t, x.first[i, b])
    late = begin - x.last[i, b]
    if late > 0:
        return begin + steps, v + x.penalty * late + x.cost[i, b, x.last[i, b]]
    if x.gaps:
        begin = x.following[i, b, begin]
    return begin + steps, v + x.cost[i, b, begin]


@nb.njit(cache=True, nogil=True, forceinline=True)
def _price(b: int, p: int, middle: Any, k: int, c: int, q: int, limit: float, s: State, x: Tables) -> Any:
    """Cost of berth b with its first p ships, then middle[:k], then the ships of berth c from place q on.

    Gives up (LOST) once it is sure to exceed the limit.
    """
    t, v = s.end[b, p], s.spent[b, p]
    for y in range(k):
        t, v = _after(middle[y], b, t, v, x)
        if v >= LOST:
            return LOST
    same = b == c
    total = s.spent[b, s.size[b]]
    for r in range(q, s.size[c]):
        rest = total - s.spent[b, r] if same else 0
        if same and t == s.end[b, r]:
            return v + rest
        if v > limit or (same and x.rising and t > s.end[b, r] and v + rest > limit):
            return LOST
        t, v = _after(s.seq[c, r], b, t, v, x)
        if v >= LOST:
            return LOST
    return v


@nb.njit(cache=True, nogil=True, forceinline=True)
def _refresh(b: int, p: int, s: State, x: Tables) -> None:
    """Renew ends and costs of berth b from place p on."""
    for r in range(p, s.size[b]):
        s.end[b, r + 1], s.spent[b, r + 1] = _after(s.seq[b, r], b, s.end[b, r], s.spent[b, r], x)


@nb.njit(cache=True, nogil=True, forceinline=True)
def _splice(b: int, p: int, keep: int, middle: Any, k: int, s: State, x: Tables) -> None:
    """Put middle[:k] in place of the ships p..keep-1 of berth b."""
    by = k - (keep - p)
    if by > 0:
        for r in range(s.size[b] - 1, keep - 1, -1):
            s.seq[b, r + by] = s.seq[b, r]
    elif by < 0:
        for r in range(keep, s.size[b]):
            s.seq[b, r + by] = s.seq[b, r]
    for y in range(k):
        s.seq[b, p + y] = middle[y]
    s.size[b] += by
    _refresh(b, p, s, x)


@nb.njit(cache=True, nogil=True, forceinline=True)
def _place(b: int, t: int, most: int, s: State) -> Any:
    """Random place of berth b, at most `most`, near to where it becomes free at t."""
    low, high = 0, s.size[b]
    while low < high:
        mid = (low + high) // 2
        if s.end[b, mid] < t:
            low = mid + 1
        else:
            high = mid
    return min(max(low + np.random.randint(-REACH, REACH + 1), 0), most)


@nb.njit(cache=True, nogil=True, forceinline=True)
def _where(i: int, berths: int, x: Tables) -> Any:
    """Random berth for ship i, mostly one that suits it."""
    if x.suits[i] and np.random.random() < NEAR:
        return x.near[i, np.random.randint(x.suits[i])]
    return np.random.randint(berths)


@nb.njit(cache=True, nogil=True, forceinline=True)
def _within(b: int, p: int, shift: bool, slack: float, one: Any, s: State, x: Tables) -> Any:
    """Shift ship p inside berth b, or swap it with another there; return the change of cost (0: perhaps not done)."""
    q = p + np.random.randint(-REACH, REACH + 1)
    if q == p or q < 0 or q >= s.size[b]:
        return 0
    low, high = min(p, q), max(p, q)
    k = high + 1 - low
    one[:k] = s.seq[b, low : high + 1]
    if not shift:
        one[0], one[k - 1] = one[k - 1], one[0]
    elif p < q:
        one[: k - 1] = s.seq[b, low + 1 : high + 1]
        one[k - 1] = s.seq[b, p]
    else:
        one[1:k] = s.seq[b, low:high]
        one[0] = s.seq[b, p]
    old = s.spent[b, s.size[b]]
    new = _price(b, low, one, k, b, high + 1, old + slack, s, x)
    if new > old + slack:
        return 0
    _splice(b, low, high + 1, one, k, s, x)
    return new - old


@nb.njit(cache=True, nogil=True, forceinline=True)
def _exchange(b: int, p: int, c: int, kind: float, slack: float, one: Any, two: Any, s: State, x: Tables) -> Any:
    """Give ship p of berth b (or it and the next) to berth c for none, one or two ships; return the change of cost."""
    q = _place(c, s.end[b, p], s.size[c], s)
    given = 1 if kind < SWAP else 2
    if kind < RELOCATE:
        taken = 0
    elif kind < SWAP:
        taken, q = 1, min(q, s.size[c] - 1)
    else:
        taken = min(np.random.randint(3), s.size[c] - q)
    room = s.seq.shape[1]
    if q < 0 or p + given > s.size[b] or s.size[b] + taken - given > room or s.size[c] + given - taken > room:
        return 0
    one[:given] = s.seq[b, p : p + given]
    two[:taken] = s.seq[c, q : q + taken]
    old = s.spent[b, s.size[b]] + s.spent[c, s.size[c]]
    limit = old + slack
    left = _price(b, p, two, taken, b, p + given, limit, s, x)
    if left > limit:
        return 0
    right = _price(c, q, one, given, c, q + taken, limit - left, s, x)
    if left + right > limit:
        return 0
    _splice(b, p, p + given, two, taken, s, x)
    _splice(c, q, q + taken, one, given, s, x)
    return left + right - old


@nb.njit(cache=True, nogil=True, forceinline=True)
def _chain(b: int, p: int, c: int, slack: float, one: Any, two: Any, s: State, x: Tables) -> Any:
    """Put ship p of berth b in place of a ship of berth c, which goes to a third; return the change of cost."""
    if s.size[c] == 0:
        return 0
    q = _place(c, s.end[b, p], s.size[c] - 1, s)
    one[0], two[0] = s.seq[b, p], s.seq[c, q]
    d = _where(two[0], s.size.size, x)
    if d in (b, c) or s.size[d] + 1 > s.seq.shape[1]:
        return 0
    old = s.spent[b, s.size[b]] + s.spent[c, s.size[c]] + s.spent[d, s.size[d]]
    limit = old + slack
    new = _price(c, q, one, 1, c, q + 1, limit, s, x)
    if new > limit:
        return 0
    new += _price(b, p, two, 0, b, p + 1, limit - new, s, x)
    if new > limit:
        return 0
    r = _place(d, s.end[c, q], s.size[d], s)
    new += _price(d, r, two, 1, d, r, limit - new, s, x)
    if new > limit:
        return 0
    _splice(c, q, q + 1, one, 1, s, x)
    _splice(b, p, p + 1, two, 0, s, x)
    _splice(d, r, r, two, 1, s, x)
    return new - old


@nb.njit(cache=True, nogil=True, forceinline=True)
def _tails(b: int, p: int, c: int, slack: float, one: Any, s: State, x: Tables) -> Any:
    """Exchange the ships of berth b from place p on with those of berth c from about then on; the change of cost."""
    q = _place(c, s.end[b, p], s.size[c], s)
    cut_b, cut_c, room = s.size[b] - p, s.size[c] - q, s.seq.shape[1]
    if p + cut_c > room or q + cut_b > room:
        return 0
    old = s.spent[b, s.size[b]] + s.spent[c, s.size[c]]
    limit = old + slack
    left = _price(b, p, one, 0, c, q, limit, s, x)
    if left > limit:
        return 0
    right = _price(c, q, one, 0, b, p, limit - left, s, x)
    if left + right > limit:
        return 0
    one[:cut_b] = s.seq[b, p : s.size[b]]
    s.seq[b, p : p + cut_c] = s.seq[c, q : s.size[c]]
    s.seq[c, q : q + cut_b] = one[:cut_b]
    s.size[b], s.size[c] = p + cut_c, q + cut_b
    _refresh(b, p, s, x)
    _refresh(c, q, s, x)
    return left + right - old


@nb.njit(cache=True, nogil=True)
def anneal(seq: Any, size: Any, x: Tables, hot: float, cold: float, moves: int, seed: int) -> tuple[int, Any, Any]:
    """Anneal from the given sequences; return the least cost seen and its sequences."""
    np.random.seed(seed)
    berths, room = seq.shape
    s = State(seq, size, np.zeros((berths, room + 1), np.int64), np.zeros((berths, room + 1), np.int64))
    now = 0
    for b in range(berths):
        _refresh(b, 0, s, x)
        now += s.spent[b, s.size[b]]
    best, best_seq, best_size = now, seq.copy(), size.copy()
    one, two = np.zeros(room, seq.dtype), np.zeros(room, seq.dtype)
    factor, heat = exp(log(cold / hot) * COOLING_STEP / max(moves, 1)), hot
    for move in range(moves):
        if move % COOLING_STEP == 0:
            heat *= factor
        b = np.random.randint(berths)
        if s.size[b] == 0:
            continue
        p = np.random.randint(s.size[b])
        i = s.seq[b, p]
        c = _where(i, berths, x)
        if x.handling[i, c] == 0:
            continue
        kind, slack = np.random.random(), -heat * log(1.0 - np.random.random())
        if b == c:
            now += _within(b, p, kind < RELOCATE, slack, one, s, x)
        elif SWAP <= kind < CHAIN:
            now += _chain(b, p, c, slack, one, two, s, x)
        elif CHAIN <= kind < TAILS:
            now += _tails(b, p, c, slack, one, s, x)
        else:
            now += _exchange(b, p, c, kind, slack, one, two, s, x)
        if now < best:
            best = now
            best_seq[:], best_size[:] = s.seq, s.size
    return best, best_seq, best_size


@nb.njit(cache=True, nogil=True)
def greedy(order: Any, seq: Any, size: Any, x: Tables) -> None:
    """Put the ships, in the given order, where each costs least behind those that are there."""
    berths = seq.shape[0]
    end = np.zeros(berths, np.int64)
    for i in order:
        best, where, until = LOST, -1, 0
        for b in range(berths):
            t, v = _after(i, b, end[b], 0, x)
            if v < best:
                best, where, until = v, b, t
        seq[where, size[where]] = i
        size[where] += 1
        end[where] = until


class Survey(NamedTuple):
    """What all columns have in common.

    Attributes
    ----------
    first, last
        First and last start of each ship and berth; -1: none.
    gaps
        Some pair has starts that do not exist between its first and last.
    rising
        Costs never fall with time.
    slope
        Mean change of cost per step.
    least, most
        Least and highest cost; 0 without columns.
    """

    first: Any
    last: Any
    gaps: bool
    rising: bool
    slope: float
    least: int
    most: int


@nb.njit(cache=True, nogil=True)
def survey(cost: Any, forbidden: int) -> Survey:
    """Go through all columns once."""
    ships, berths, steps = cost.shape
    first, last = np.full((ships, berths), -1), np.full((ships, berths), -1)
    gaps, rising, slope, count, least, most = False, True, 0.0, 0, forbidden, -forbidden
    for i in range(ships):
        for b in range(berths):
            before = -1
            for t in range(steps):
                now = cost[i, b, t]
                if now == forbidden:
                    continue
                least, most = min(least, now), max(most, now)
                if before < 0:
                    first[i, b] = t
                else:
                    then = cost[i, b, before]
                    rising = rising and now >= then
                    gaps = gaps or before < t - 1
                    slope += abs(now - then)
                    count += t - before
                before = t
            last[i, b] = before
    if least == forbidden:
        least, most = 0, 0
    return Survey(first, last, gaps, rising, slope / max(count, 1), least, most)


@nb.njit(cache=True, nogil=True)
def followers(cost: Any, forbidden: int) -> Any:
    """First start from each step on; the number of steps where there is none."""
    ships, berths, steps = cost.shape
    following = np.full(cost.shape, steps, np.int32)
    for i in range(ships):
        for b in range(berths):
            ahead = steps
            for t in range(steps - 1, -1, -1):
                if cost[i, b, t] != forbidden:
                    ahead = t
                following[i, b, t] = ahead
    return following
