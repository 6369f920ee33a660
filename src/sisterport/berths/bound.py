"""How good a plan can be at most: a price for each ship, then the cheapest way through each berth on its own.

Take the rule "each ship exactly once" away and pay the price u_i for each time that ship i is served instead. What is
left falls apart into berths (Held and Karp 1971; Geoffrion 1974)::

    L(u) = sum_i u_i + sum_b G_b(0)
    G_b(t) = min( G_b(t+1),  min over columns (i, b, t) of  c_ibt - u_i + G_b(t + h_ib) ),   G_b(end) = 0

No plan costs less than L(u), whatever the prices. With the best prices L is at least the bound of the time-indexed
linear programme; that a ship may not follow itself makes it better than that. Prices are multiples of 1 / `PRICE_GRID`,
so that sums are exact and anybody can repeat them in whole numbers.
"""

from dataclasses import dataclass, replace

import numpy as np

from sisterport.berths.exact import Columns, Floats, with_unplugged
from sisterport.berths.problem import FORBIDDEN, Classes, Ints, Problem, survey
from sisterport.berths.search import Found

PRICE_GRID = 1024
"""Prices are whole numbers divided by this (a power of 2: sums in floating point are exact)."""
HEADROOM = 0.3
"""What prices may rise by until columns are chosen again, in mean prices."""
KNOWN_LENGTH = 0.1
"""Step length to begin with where prices of a similar problem are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """The berths' own problems on the columns that are left.

    Parameters
    ----------
    merged
        The problem without its symmetry.
    at, ship, cost
        Columns by berth class and start (see `paths`).
    """

    merged: Classes
    at: Ints
    ship: Ints
    cost: Ints

    @property
    def handling(self) -> Ints:
        """Return handling [steps] by berth class and ship class."""
        return np.ascontiguousarray(self.merged.problem.handling.T)

    def columns(self) -> Columns:
        """Return the columns as plain lists, with and without a plug where ships may do without."""
        berths, steps = self.at.shape[0], self.at.shape[1] - 1
        where = np.repeat(np.arange(berths * steps), np.diff(self.at, axis=1).ravel())
        ship, berth = self.ship.astype(np.int64), where // steps
        power = self.merged.problem.power
        all_of_them = Columns(
            ship=ship,
            berth=berth,
            start=where % steps,
            cost=self.cost.astype(np.int64),
            steps=self.merged.problem.handling[ship, berth],
            plugged=np.zeros(ship.size, np.bool_) if power is None else power.draw[ship, berth] > 0,
        )
        return all_of_them if power is None else with_unplugged(all_of_them, power)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices of the ship classes, the bound that they gave and how far the ascent has come."""

    u: Floats
    value: float
    length: float
    """Step length at which to go on."""
    use: Floats
    """How often each berth class's cheapest way held each ship class, in the mean over the last passes."""


def relax(merged: Classes) -> Relaxation:
    """Return the relaxation with all columns."""
    from sisterport.berths import paths  # noqa: PLC0415 (numba takes its time)

    at, ship, price = paths.collect(merged.problem.cost, FORBIDDEN)
    return Relaxation(merged=merged, at=at, ship=ship, cost=price)


def opening_prices(problem: Problem, merged: Classes, found: Found, prices: Floats | None = None) -> Prices:
    """Return prices to begin with: the given ones, or what each ship costs in the plan.

    That is, what it costs itself, and what those behind it pay for waiting while it is handled.
    """
    length = 1.0 if prices is None else KNOWN_LENGTH
    if prices is None:
        ships = np.arange(len(problem.ships))
        own = problem.cost[ships, found.berth, found.start].astype(float)
        behind = (found.berth[:, None] == found.berth[None, :]) & (found.start[None, :] > found.start[:, None])
        steps = problem.handling[ships, found.berth]
        prices = own + steps * behind.sum(axis=1) * survey(problem.cost).slope
    mean: Floats = np.bincount(merged.ship_class, weights=prices) / merged.wanted
    return Prices(u=mean, value=-np.inf, length=length, use=np.zeros((merged.room.size, merged.wanted.size)))


def ascend(relaxation: Relaxation, prices: Prices, *, upper: float, passes: int) -> Prices:
    """Return better prices after at most `passes` steps uphill.

    Parameters
    ----------
    relaxation
        Columns to price.
    prices
        Where to begin.
    upper
        Cost of the best plan known: it sets the step length, and there is nothing to gain beyond.
    passes
        Steps.
    """
    from sisterport.berths import paths  # noqa: PLC0415 (numba takes its time)

    merged = relaxation.merged
    cap = prices.u + HEADROOM * max(float(np.abs(prices.u).mean()), 1.0)
    few = paths.keep(relaxation.at, relaxation.ship, relaxation.cost, relaxation.cost < cap[relaxation.ship])
    value, u, length, use, _ = paths.ascend(
        *few,
        relaxation.handling,
        merged.room.astype(float),
        merged.wanted.astype(float),
        np.minimum(prices.u, cap),
        cap,
        float(upper),
        prices.length,
        passes,
    )
    return replace(prices, u=np.round(u * PRICE_GRID) / PRICE_GRID, value=value, length=length, use=use)


def price_out(relaxation: Relaxation, u: Floats) -> tuple[float, Floats]:
    """Return L(u), exact for prices on the grid, and what each column costs more than its berth's cheapest way."""
    from sisterport.berths import paths  # noqa: PLC0415 (numba takes its time)

    merged = relaxation.merged
    more, ways = paths.reduced(
        relaxation.at, relaxation.ship, relaxation.cost, relaxation.handling, u, merged.wanted <= 1
    )
    return float(merged.wanted @ u + merged.room @ ways), more
