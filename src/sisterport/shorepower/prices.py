"""The Lagrangian: what a set of prices proves. Any prices >= 0 give a bound; good ones a tight one.

``bound = limits · rhs - floors · rhs + built capacity + sum over shared upgrades + sum over berths`` (see
docs/shorepower_upgrades.md).
"""

from dataclasses import dataclass

import numba as nb
import numpy as np

from sisterport.shorepower.blocks import Blocks, best_of_blocks
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.problem import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Multipliers, all >= 0: per option of a need, hour of a pool, MVA of a plant, USD (or unit) of a limit, floor."""

    option: Floats
    hour: Floats
    mva: Floats
    limit: Floats
    floor: Floats

    def scaled(self, factor: float) -> "Prices":
        """Return the same prices times `factor`."""
        return Prices(**{name: getattr(self, name) * factor for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The bound at some prices, the plan that attains it, and by how much that plan breaks each priced rule."""

    bound: float
    x: Floats
    z: Floats
    slope: Prices


def nothing(p: Problem) -> Prices:
    """Return prices of zero: all that could ever be gained."""
    sizes = (p.option.size, len(p.pools), len(p.plants), len(p.limits), len(p.floors))
    return Prices(**dict(zip(Prices.__slots__, map(np.zeros, sizes), strict=True)))


def prices(p: Problem, duals: list[Floats]) -> Prices:
    """Return prices from the multipliers of the rows of the linear relaxation: an option costs what its need does."""
    need, hour, mva, limit, floor = duals
    option = np.repeat(need, np.diff(p.option_ptr))
    return Prices(option=option, hour=hour, mva=mva, limit=limit, floor=floor)


def read(p: Problem, b: Blocks, y: Prices) -> Reading:
    """Return the bound that prices `y` prove, with its slope."""
    hour = np.where(b.exact_pool, 0.0, y.hour)
    capacity = p.pools.back(hour, p.cost.size) + p.plants.back(y.mva, p.cost.size)
    unit_worth = capacity - p.limits.back(y.limit, p.cost.size)
    profit = p.gain + p.floors.back(y.floor, p.gain.size)
    profit -= p.mva * _of(y.mva, p.plant) + p.hours * _of(hour, p.pool)
    first, price = np.empty(p.option_ptr.size - 1, np.int64), np.empty(p.option_ptr.size - 1)
    _cheapest(p.option_ptr, p.option, b.local, y.option, first, price)
    x, z = np.zeros(p.cost.size), np.zeros(p.gain.size)
    worth = best_of_blocks(b, profit, price, unit_worth, x, z)
    earned = np.bincount(p.option, np.where(b.local[p.option], 0.0, y.option), p.cost.size).astype(float)
    shared = _shared(p, b, earned, unit_worth, x)
    bound = y.limit @ p.limits.rhs - y.floor @ p.floors.rhs + capacity @ p.built + worth.sum() + shared
    return Reading(bound=float(bound), x=x, z=z, slope=_slope(p, b, x, z, first))


def _of(price: Floats, owner: Ints) -> Floats:
    return np.where(owner >= 0, price[owner], 0.0) if price.size else np.zeros(owner.size)


@nb.njit(cache=True, nogil=True)
def _cheapest(option_ptr, option, local, asked, first, price):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write the cheapest shared option of each need (-1 without one) and its price, infinite without one."""
    for k in range(first.size):
        first[k], price[k] = -1, np.inf
        for i in range(option_ptr[k], option_ptr[k + 1]):
            if not local[option[i]] and asked[i] < price[k]:
                first[k], price[k] = i, asked[i]


@nb.njit(cache=True, nogil=True)
def _option_slope(need_ptr, option_ptr, option, local, built, first, x, z, slope):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Write, per option, whether its upgrade is there less the links that pay for it."""
    for i in range(slope.size):
        slope[i] = 0.0 if local[option[i]] else min(x[option[i]], 1.0)
    for e in range(z.size):
        if z[e] <= 0.0:
            continue
        for k in range(need_ptr[e], need_ptr[e + 1]):
            met_here = False
            for i in range(option_ptr[k], option_ptr[k + 1]):
                u = option[i]
                met_here = met_here or (local[u] and x[u] + built[u] > 0)
            if not met_here and first[k] >= 0:
                slope[first[k]] -= z[e]


def _shared(p: Problem, b: Blocks, earned: Floats, unit_worth: Floats, x: Floats) -> float:
    """Best number of units of each shared upgrade: none, one or all, for its worth is linear beyond the first."""
    here = ~b.local & (p.units > 0)
    one = np.where(here, earned + unit_worth, -np.inf)
    all_ = np.where(here, earned + unit_worth * p.units, -np.inf)
    x[here & (np.maximum(one, all_) > 0)] = 1.0
    many = here & (all_ > np.maximum(one, 0.0))
    x[many] = p.units[many]
    return float(np.maximum(np.maximum(one, all_), 0.0)[here].sum())


def _slope(p: Problem, b: Blocks, x: Floats, z: Floats, first: Ints) -> Prices:
    """Return the derivative of the bound by each price."""
    option = np.empty(p.option.size)
    _option_slope(p.need_ptr, p.option_ptr, p.option, b.local, p.built, first, x, z, option)
    have = x + p.built
    made_hours = p.pools.times(have) - _used(p.pool, p.hours * z, len(p.pools))
    return Prices(
        option=option,
        hour=np.where(b.exact_pool, 0.0, made_hours),
        mva=p.plants.times(have) - _used(p.plant, p.mva * z, len(p.plants)),
        limit=p.limits.rhs - p.limits.times(x),
        floor=p.floors.times(z) - p.floors.rhs,
    )


def _used(owner: Ints, amount: Floats, count: int) -> Floats:
    total: Floats = np.bincount(owner[owner >= 0], amount[owner >= 0], count).astype(float)
    return total
