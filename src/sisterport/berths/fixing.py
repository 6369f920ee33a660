"""Columns that no better plan can use are taken away for good (reduced-cost fixing).

With prices u and a plan of cost `upper`, the cheapest solution of the relaxation that uses column k costs
L(u) + more_k. Costs are whole, so a better plan costs at most upper - 1, and a column with L(u) + more_k > upper - 1 is
in none. What is left is a smaller problem with the same better plans, on which prices can rise again; if nothing is
left, or L(u) > upper - 1 there, the plan is the best.
"""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from sisterport.berths.bound import Relaxation, price_out
from sisterport.berths.exact import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A smaller relaxation and what the prices proved on the larger one.

    Parameters
    ----------
    relaxation
        The columns that are left.
    bound
        No plan costs less than this or than `upper`, whichever is less; whole.
    removed
        Columns taken away.
    """

    relaxation: Relaxation
    bound: int
    removed: int


def fix(relaxation: Relaxation, u: Floats, *, upper: int) -> Fixed:
    """Return the relaxation without the columns that a plan below `upper` cannot use.

    Parameters
    ----------
    relaxation
        Columns so far.
    u
        Prices on the grid.
    upper
        Cost of a plan that is known.
    """
    from sisterport.berths import paths  # noqa: PLC0415 (numba takes its time)

    value, more = price_out(relaxation, u)
    kept = value + more <= upper - 1
    if kept.all():
        return Fixed(relaxation=relaxation, bound=min(ceil(value), upper), removed=0)
    at, ship, cost = paths.keep(relaxation.at, relaxation.ship, relaxation.cost, kept)
    smaller = replace(relaxation, at=at, ship=ship, cost=cost)
    bare = np.setdiff1d(np.arange(relaxation.merged.wanted.size), ship).size > 0  # a ship without a column
    bound = upper if bare else min(ceil(value), upper)
    return Fixed(relaxation=smaller, bound=bound, removed=int(kept.size - kept.sum()))
