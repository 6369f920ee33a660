"""The exact price frontier: the price at which the best set just costs the budget, and the bound that it proves."""

from dataclasses import dataclass

import numpy as np

from sisterport.reference import value
from sisterport.shorepower.closure import PER_USD, Closure, closure
from sisterport.shorepower.layout import Layout
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.prices import Prices, nothing
from sisterport.shorepower.problem import Ints
from sisterport.shorepower.repair import Plans
from sisterport.units import ROUNDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """The two best sets around a budget, at the price where both are best, and the prices that prove a bound."""

    price_usd: float
    below: Ints
    above: Ints
    prices: Prices


def corner(p: Problem, plans: Plans) -> Corner:
    """Find the corner of the frontier at the budget of a problem with one fix per need.

    The line through a set that costs less and one that costs more than the budget gives the next price; where no set
    lies above that line the two are neighbours on the frontier and the price is exact.
    """
    budget = float(p.limits.rhs[0])
    below, above = _free(p), p.units.copy()
    best: Closure | None = None
    price = _price_of_all(p, plans.layout)
    if p.cost @ above <= budget:
        return Corner(price_usd=np.inf, below=above, above=above, prices=nothing(p))
    for _ in range(int(value("upgrade_cuts"))):  # each finds a corner of a concave frontier
        more = plans.value(above) - plans.value(below)
        if more <= 0:
            break
        price = float(p.cost @ above - p.cost @ below) / more
        best = closure(p, price)
        small, large = best.smallest.astype(np.int64), best.largest.astype(np.int64)
        found = small if p.cost @ small > budget else large
        if p.cost @ small <= budget < p.cost @ large or not _better(p, plans, price, found, below):
            break
        if p.cost @ found <= budget:
            below = found
        else:
            above = found
    if best is None:
        best = closure(p, price)
    return Corner(price_usd=price, below=below, above=above, prices=_proof(best, price))


def _free(p: Problem) -> Ints:
    free: Ints = ((p.cost == 0) & (p.units > 0)).astype(np.int64)
    return free


def _price_of_all(p: Problem, lay: Layout) -> float:
    """Return a price at which every link is worth all that it needs."""
    owner = lay.need_link
    asked = np.bincount(owner, p.cost[p.option], p.gain.size)
    worth = p.gain > 0
    return float(np.max(asked[worth] / p.gain[worth], initial=1.0)) + 1.0


def _better(p: Problem, plans: Plans, price: float, x: Ints, than: Ints) -> bool:
    """Tell whether `x` lies above the line of the price through `than`, by more than rounding."""
    more = price * (plans.value(x) - plans.value(than)) - float(p.cost @ x - p.cost @ than)
    return more > ROUNDING * max(float(p.cost @ x), 1.0) + p.gain.size / PER_USD


def _proof(best: Closure, price: float) -> Prices:
    """Return the flow as prices: each need's share of a cost, in gain."""
    return Prices(
        option=best.share_usd / price,
        hour=np.zeros(0),
        mva=np.zeros(0),
        limit=np.array([1.0 / price]),
        floor=np.zeros(0),
    )
