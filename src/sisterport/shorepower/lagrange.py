"""Better prices, step by step: the volume algorithm (Barahona and Anbil, Mathematical Programming 87, 2000).

The slope of the bound at one set of prices comes from one plan and jumps from plan to plan. The volume algorithm steps
along the slope of a running mean of plans instead, which comes near a fractional best answer, and accepts a step only
where the bound falls.
"""

from dataclasses import dataclass

import numba as nb
import numpy as np

from sisterport.reference import value
from sisterport.shorepower.blocks import Blocks
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.prices import Prices, nothing, read
from sisterport.shorepower.problem import Floats, Ints
from sisterport.units import ROUNDING, TINY, USD_PER_MUSD

_PATIENCE, _EVERY = int(value("volume_patience")), int(value("volume_every"))
_WEIGHT, _PARTS, _FALL = value("volume_weight"), value("volume_weight_parts"), value("volume_fall")
_EASE, _EASE_MAX = value("volume_ease"), value("volume_ease_max")
_LONGER, _SHORTER = value("volume_longer"), value("volume_shorter")
_LEAST = value("volume_least")


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Prices, the bound that they prove, and the (broken) plan that attains it."""

    prices: Prices
    bound: float
    x: Floats


def shared_by_gain(p: Problem, price: Floats) -> Prices:
    """Return prices that share the cost of each upgrade among its links by their gain, to begin with.

    Parameters
    ----------
    p
        The problem.
    price
        What a USD of each limit costs in gain.
    """
    owner = np.repeat(np.repeat(np.arange(p.gain.size), np.diff(p.need_ptr)), np.diff(p.option_ptr))
    gain = np.maximum(p.gain, 0.0)[owner]
    total = np.bincount(p.option, gain, p.cost.size)
    cost = p.limits.back(price, p.cost.size)
    option = gain * (cost / np.maximum(total, TINY))[p.option]
    y = nothing(p)
    return Prices(option=option, hour=y.hour, mva=y.mva, limit=price, floor=y.floor)


def descend(p: Problem, b: Blocks, start: Prices, *, target: float, steps: int, ease: float = _EASE) -> Priced:
    """Lower the bound towards `target`, the gain of a known plan.

    Parameters
    ----------
    p, b
        Problem and its berths.
    start
        Prices to begin with.
    target
        Gain of a known plan: no bound can be lower.
    steps
        Number of steps.
    ease
        First step, as a share of Polyak's.
    """
    size = _size(p)
    best = read(p, b, start)
    prices = _vector(start) / size
    tried = np.empty_like(prices)
    weight, idle, before = _WEIGHT, 0, np.inf
    mean = weight * _vector(best.slope) * size
    for step in range(steps):
        square = _dot(mean, mean)
        if best.bound <= target * (1 + ROUNDING) or square <= 0:
            break
        _stepped(prices, mean, ease * (best.bound - target) / square, tried)
        reading = read(p, b, _prices(start, tried * size))
        slope = _vector(reading.slope) * size
        if reading.bound < best.bound:
            best, idle = reading, 0
            prices[:] = tried
            ease = min(ease * _LONGER, _EASE_MAX) if _dot(slope, mean) > 0 else ease
        else:
            idle += 1
        if idle >= _PATIENCE:
            ease, idle = ease * _SHORTER, 0
        _mix(mean, slope, weight)
        if step % _EVERY == _EVERY - 1:
            weight = max(weight / _FALL, _WEIGHT / _PARTS)
            if before - best.bound < _LEAST * abs(best.bound):
                break
            before = best.bound
    return Priced(prices=_prices(start, prices * size), bound=best.bound, x=best.x)


@nb.njit(cache=True, nogil=True)
def _stepped(prices, mean, length, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write prices a step further, none below zero."""
    for i in range(out.size):
        out[i] = max(prices[i] - length * mean[i], 0.0)


@nb.njit(cache=True, nogil=True)
def _dot(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the inner product, on one core: that of numpy waits for others."""
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@nb.njit(cache=True, nogil=True)
def _mix(mean, slope, weight):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Mix a new slope into the mean, by the share that makes the mean shortest, within limits."""
    along, square = 0.0, 0.0
    for i in range(mean.size):
        way = slope[i] - mean[i]
        along += mean[i] * way
        square += way * way
    share = min(max(-along / max(square, TINY), weight / _PARTS), weight)
    for i in range(mean.size):
        mean[i] += share * (slope[i] - mean[i])


def _vector(y: Prices) -> Floats:
    return np.concatenate([y.option, y.hour, y.mva, y.limit, y.floor])


def _prices(like: Prices, values: Floats) -> Prices:
    """Put one long array back into prices."""
    sizes = [getattr(like, name).size for name in Prices.__slots__]
    parts = np.split(values, np.cumsum(sizes)[:-1])
    return Prices(**dict(zip(Prices.__slots__, parts, strict=True)))


def _size(p: Problem) -> Floats:
    """Natural size of each price relative to that of an option, so that one step suits all."""
    money = np.arange(len(p.limits)) < p.plan.budget_usd.size
    counted = np.maximum(p.floors.times(np.ones(p.gain.size)) / np.maximum(np.diff(p.floors.ptr), 1), ROUNDING)
    return np.concatenate(
        [
            np.ones(p.option.size),
            1.0 / _mean(p.hours, p.pool, len(p.pools)),
            1.0 / _mean(p.mva, p.plant, len(p.plants)),
            np.where(money, 1.0 / USD_PER_MUSD, 1.0),
            1.0 / counted,
        ]
    )


def _mean(amount: Floats, owner: Ints, count: int) -> Floats:
    used = owner >= 0
    total = np.bincount(owner[used], amount[used], count)
    return np.maximum(total / np.maximum(np.bincount(owner[used], minlength=count), 1), ROUNDING)
