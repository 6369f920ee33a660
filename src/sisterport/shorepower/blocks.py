"""A berth with everything that is built only for it: what it is worth at given prices, by trying each combination.

Upgrades that serve one berth alone (outlets, converters, mobile cable management) are *local*: their combinations are
enumerated, with outlet hours and whole numbers exact. Everything that couples berths (ship-side fixes, plants, money,
floors) has a price. This bound is never above that of the linear relaxation at the same prices.
"""

from itertools import product
from typing import Any, NamedTuple

import numba as nb
import numpy as np

from sisterport.reference import value
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.problem import Floats, Ints
from sisterport.units import TINY

COMBINATIONS = int(value("upgrade_combinations"))
"""Largest number of combinations of local upgrades that is tried at one berth; an own choice of effort."""

_BITS = np.iinfo(np.int64).bits - 2
"""Local upgrades of a berth at most: each has a bit."""


class Blocks(NamedTuple):
    """Berths, their links in (berth, phase) order, and the combinations of their local upgrades.

    A segment holds the links of one berth in one phase; a block holds the segments of one berth.
    """

    local: Any
    """True for upgrades that are enumerated."""
    exact_pool: Any
    """True for pools whose hours are respected exactly; the others have a price per hour."""
    hours: Floats
    built: Ints
    need_ptr: Ints
    need_mask: Ints
    """Bits of the local options of each need."""
    pool_ptr: Ints
    pool_at: Ints
    pool_value: Floats
    order: Ints
    segment_ptr: Ints
    segment_pool: Ints
    block_ptr: Ints
    local_ptr: Ints
    locals: Ints
    combo_ptr: Ints
    combo_at: Ints
    combos: Ints
    """Units of the local upgrades, one row after the other; the first upgrade changes fastest."""


class Work(NamedTuple):
    """Room for the links of one block while its combinations are tried."""

    gain: Floats
    ranked: Ints
    sum_gain: Floats
    sum_hours: Floats
    units: Ints
    paying: Ints
    """Links with a profit, per segment."""


def blocks(p: Problem, *, enumerate_at_most: int = COMBINATIONS) -> Blocks:
    """Choose the local upgrades of each berth and list their combinations."""
    home = _homes(p)
    count = len(p.network.berths)
    makes_hours = np.zeros(p.cost.size, bool)
    makes_hours[p.pools.at] = True
    uses = np.bincount(p.option, minlength=p.cost.size)
    picked = [_pick(p, np.nonzero(home == b)[0], makes_hours, uses, enumerate_at_most) for b in range(count)]
    locals_ = np.concatenate([np.empty(0, np.int64), *(mine for mine, _ in picked)])
    local = np.zeros(p.cost.size, bool)
    local[locals_] = True
    exact = np.ones(len(p.pools), bool)
    exact[p.pools.number()[~local[p.pools.at]]] = False
    order = np.lexsort((np.arange(p.gain.size), p.link_phase, p.berth))
    key = p.berth[order] * len(p.plan.years) + p.link_phase[order]
    starts = np.nonzero(np.r_[True, key[1:] != key[:-1]])[0] if key.size else np.empty(0, np.int64)
    pool = p.pool[order][starts]
    if exact.size:
        pool = np.where((pool >= 0) & exact[pool], pool, -1)
    return Blocks(
        local=local,
        exact_pool=exact,
        hours=p.hours,
        built=p.built,
        need_ptr=p.need_ptr,
        need_mask=_masks(p, [mine for mine, _ in picked]),
        pool_ptr=p.pools.ptr,
        pool_at=p.pools.at,
        pool_value=p.pools.value,
        order=order,
        segment_ptr=np.r_[starts, key.size].astype(np.int64),
        segment_pool=pool,
        block_ptr=np.searchsorted(p.berth[order][starts], np.arange(count + 1)),
        local_ptr=np.cumsum([0, *(mine.size for mine, _ in picked)]),
        locals=locals_,
        combo_ptr=np.cumsum([0, *(len(combos) for _, combos in picked)]),
        combo_at=np.cumsum([0, *(combos.size for _, combos in picked)]),
        combos=np.concatenate([np.empty(0, np.int64), *(combos.ravel() for _, combos in picked)]),
    )


def _masks(p: Problem, picked: list[Ints]) -> Ints:
    """Bits of the local options of each need: bit k is the k-th local upgrade of the berth."""
    bit = np.zeros(p.cost.size, np.int64)
    for mine in picked:
        bit[mine] = np.left_shift(1, np.arange(mine.size))
    owner = np.repeat(np.arange(p.option_ptr.size - 1), np.diff(p.option_ptr))
    mask = np.zeros(p.option_ptr.size - 1, np.int64)
    np.bitwise_or.at(mask, owner, bit[p.option])
    return mask


def _homes(p: Problem) -> Ints:
    """Berth of each upgrade that serves one berth only, else -1."""
    owner = np.repeat(np.arange(p.gain.size), np.diff(p.need_ptr))
    at_need = np.repeat(p.berth[owner], np.diff(p.option_ptr))
    own = p.network.hours_berth[p.base]
    has = own >= 0
    low, high = np.full(p.cost.size, np.iinfo(np.int64).max), np.full(p.cost.size, -1)
    np.minimum.at(low, np.r_[p.option, np.nonzero(has)[0]], np.r_[at_need, own[has]])
    np.maximum.at(high, np.r_[p.option, np.nonzero(has)[0]], np.r_[at_need, own[has]])
    return np.where(low == high, low, -1)


def _pick(p: Problem, mine: Ints, hours: Any, uses: Ints, most: int) -> tuple[Ints, Ints]:
    """Take outlets first, then what serves most links, with all copies of each, while the combinations stay few."""
    if hours[mine].any() and np.prod(p.units[mine][hours[mine]] + 1.0) > most:
        mine = mine[~hours[mine]]
    base, place = np.unique(p.base[mine], return_inverse=True)
    used = np.bincount(place, uses[mine], base.size)
    makes_hours = np.bincount(place, hours[mine], base.size) > 0
    taken: list[int] = []
    many = 1
    for k in np.lexsort((base, -used, ~makes_hours)):
        copies = mine[place == k]
        more = int(np.prod(p.units[copies] + 1))
        if used[k] < 2 and not makes_hours[k]:
            continue
        if many * more > most or len(taken) + copies.size > _BITS:
            break
        taken.extend(int(u) for u in copies)
        many *= more
    spans = [range(int(p.units[u]) + 1) for u in reversed(taken)]
    combos = np.array([combo[::-1] for combo in product(*spans)], np.int64).reshape(many, len(taken))
    return np.array(taken, np.int64), combos[_within_caps(p, taken, combos)]


def _within_caps(p: Problem, taken: list[int], combos: Ints) -> Any:
    """Tell which combinations keep to the units of each upgrade, which its copies in several phases share."""
    base = p.base[taken] if taken else np.empty(0, np.int64)
    fine = np.ones(len(combos), bool)
    for u in np.unique(base):
        fine &= combos[:, base == u].sum(axis=1) <= p.network.units[u]
    return fine


@nb.njit(cache=True, nogil=True)
def _rank(s, start, mask, b, profit, need_price, w):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """List the links of segment `s` that pay when the local upgrades of `mask` are there, best per hour first."""
    count = 0
    for i in range(b.segment_ptr[s], b.segment_ptr[s + 1]):
        e = b.order[i]
        value = profit[e]
        for k in range(b.need_ptr[e], b.need_ptr[e + 1]):
            if value <= 0.0:
                break
            if b.need_mask[k] & mask == 0:
                value -= need_price[k]
        if value > 0.0:
            w.gain[start + count] = value
            w.ranked[start + count] = e
            count += 1
    w.paying[s] = count
    if b.segment_pool[s] >= 0:
        rate = np.empty(count)
        for r in range(count):
            rate[r] = -w.gain[start + r] / max(b.hours[w.ranked[start + r]], TINY)
        best = np.argsort(rate)
        w.gain[start : start + count] = w.gain[start : start + count][best]
        w.ranked[start : start + count] = w.ranked[start : start + count][best]
    gain, hours = 0.0, 0.0
    for r in range(start, start + count):
        gain += w.gain[r]
        hours += b.hours[w.ranked[r]]
        w.sum_gain[r] = gain
        w.sum_hours[r] = hours


@nb.njit(cache=True, nogil=True)
def _fill(s, start, b, w):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the profit of segment `s` in the hours there are, the links in whole, and the share of the next."""
    count, pool = w.paying[s], b.segment_pool[s]
    if count == 0:
        return 0.0, 0, 0.0
    room = np.inf
    if pool >= 0:
        room = 0.0
        for j in range(b.pool_ptr[pool], b.pool_ptr[pool + 1]):
            room += w.units[b.pool_at[j]] * b.pool_value[j]
    if w.sum_hours[start + count - 1] <= room:
        return w.sum_gain[start + count - 1], count, 0.0
    whole = np.searchsorted(w.sum_hours[start : start + count], room, side="right")
    value, used = 0.0, 0.0
    if whole > 0:
        value, used = w.sum_gain[start + whole - 1], w.sum_hours[start + whole - 1]
    share = (room - used) / b.hours[w.ranked[start + whole]]
    return value + share * w.gain[start + whole], whole, share


@nb.njit(cache=True, nogil=True)
def _take(block, c, b, w):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the units of combination `c` of a block; return the bits of what is there."""
    first = b.local_ptr[block]
    n = b.local_ptr[block + 1] - first
    mask = 0
    for k in range(n):
        u = b.locals[first + k]
        w.units[u] = b.built[u] + b.combos[b.combo_at[block] + c * n + k]
        if w.units[u] > 0:
            mask |= 1 << k
    return mask


@nb.njit(cache=True, nogil=True)
def best_of_blocks(b, profit, need_price, unit_worth, x, z):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, C901
    """Return the worth of each block at the given prices; write the best units to `x` and shares of links to `z`."""
    count = b.block_ptr.size - 1
    worth = np.zeros(count)
    size = 0
    for block in range(count):
        size = max(size, b.segment_ptr[b.block_ptr[block + 1]] - b.segment_ptr[b.block_ptr[block]])
    w = Work(
        np.zeros(size), np.zeros(size, np.int64), np.zeros(size), np.zeros(size),
        b.built.copy(), np.zeros(b.segment_pool.size, np.int64),
    )  # fmt: skip
    for block in range(count):
        segments = range(b.block_ptr[block], b.block_ptr[block + 1])
        origin = b.segment_ptr[b.block_ptr[block]]
        mine = range(b.local_ptr[block], b.local_ptr[block + 1])
        best, chosen, last = -np.inf, 0, -1
        for c in range(b.combo_ptr[block + 1] - b.combo_ptr[block]):
            mask = _take(block, c, b, w)
            total = 0.0
            for k in mine:
                u = b.locals[k]
                total += (w.units[u] - b.built[u]) * unit_worth[u]
            for s in segments:
                if mask != last:
                    _rank(s, b.segment_ptr[s] - origin, mask, b, profit, need_price, w)
                total += _fill(s, b.segment_ptr[s] - origin, b, w)[0]
            last = mask
            if total > best:
                best, chosen = total, c
        worth[block] = best
        mask = _take(block, chosen, b, w)
        for k in mine:
            x[b.locals[k]] = w.units[b.locals[k]] - b.built[b.locals[k]]
        for s in segments:
            start = b.segment_ptr[s] - origin
            if mask != last:
                _rank(s, start, mask, b, profit, need_price, w)
            _, whole, share = _fill(s, start, b, w)
            for r in range(start, start + whole):
                z[w.ranked[r]] = 1.0
            if whole < w.paying[s]:
                z[w.ranked[start + whole]] = share
    return worth
