"""Of plans that save the same the cheapest: money that adds nothing is not spent."""

from dataclasses import replace

import numpy as np

from sisterport.reference import value
from sisterport.shorepower import exact, milp
from sisterport.shorepower.methods import Found
from sisterport.shorepower.phases import Problem, Rows
from sisterport.shorepower.problem import Floats, Ints
from sisterport.shorepower.repair import Plans
from sisterport.units import ROUNDING


def cheapest(p: Problem, found: Found, *, seed: int, time_limit_s: float) -> Found:
    """Return the cheapest plan that saves as much as the one that was found, with the same proof.

    Few combinations are looked at one by one. Otherwise, where fixes have alternatives, HiGHS is asked whether a plan
    saves as much for less, and then for how little, by halving; where it has no answer in its time the plan stays. With
    one fix per need a set of links has one price, and the plan stays.
    """
    enough = found.value - ROUNDING * max(1.0, abs(found.value))
    if exact.combinations(p) <= exact.MOST and not exact.needs_programme(p):
        x = _of_all(p, enough)
    elif p.gain.size <= value("upgrade_polish_links") and not p.one_fix:
        x = _by_halving(p, found.x, enough, seed=seed, time_limit_s=value("upgrade_cheaper_time_share") * time_limit_s)
    else:
        return found
    if x is None or p.cost @ x >= p.cost @ found.x:
        return found
    z = _shares(p, x)
    return replace(found, x=x, z=z, value=float(p.gain @ z))


def _of_all(p: Problem, enough: float) -> Ints | None:
    """Return the cheapest of all combinations that save enough."""
    values = Plans(p).all_values()
    costs = np.zeros(1)
    for price, most in zip(p.cost, p.units, strict=True):  # the first changes fastest, as in the values
        costs = np.add.outer(np.arange(most + 1) * price, costs).ravel()
    good = np.flatnonzero(values >= enough)
    if not good.size:
        return None
    c = int(good[costs[good].argmin()])
    x = np.zeros(p.units.size, np.int64)
    for u, most in enumerate(p.units):
        c, x[u] = divmod(c, int(most) + 1)
    return x


def _by_halving(p: Problem, x: Ints, enough: float, *, seed: int, time_limit_s: float) -> Ints:
    """Return the cheapest plan that HiGHS finds to save enough; `x` is one that does."""
    best, too_little, step = x, -1.0, value("upgrade_cheaper_step_usd")
    limit = float(p.cost @ best) - step
    while limit > too_little:
        asked = replace(p, gain=np.zeros_like(p.gain), floors=_and_gain(p, enough), limits=_limited(p, limit))
        answer = milp.solve(asked, seed=seed, time_limit_s=time_limit_s)
        other = None if answer.x is None else np.rint(answer.x).astype(np.int64)
        if other is not None and p.cost @ other <= limit and float(p.gain @ _shares(p, other)) >= enough:
            best = other
        else:
            too_little = limit
        limit = min((too_little + float(p.cost @ best)) / 2, float(p.cost @ best) - step)
    return best


def _and_gain(p: Problem, enough: float) -> Rows:
    """Return the floors, and below them that the gain is enough."""
    links = np.flatnonzero(p.gain)
    return Rows(
        ptr=np.r_[p.floors.ptr, p.floors.ptr[-1] + links.size],
        at=np.r_[p.floors.at, links],
        value=np.r_[p.floors.value, p.gain[links]],
        rhs=np.r_[p.floors.rhs, enough],
    )


def _limited(p: Problem, limit: float) -> Rows:
    money = np.arange(len(p.limits)) < p.plan.budget_usd.size
    return replace(p.limits, rhs=np.where(money, np.minimum(p.limits.rhs, limit), p.limits.rhs))


def _shares(p: Problem, x: Ints) -> Floats:
    """Return the share of each link that a plan connects."""
    answer = milp.solve(p, whole=False, fixed=(x, x)).z if exact.needs_programme(p) else None
    return Plans(p).shares(x) if answer is None else answer
