"""What fewer emissions cost: the plans that a price on every tonne of the corridor brings forth, price by price."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from sisterport.corridor.problem import Account, Problem, check
from sisterport.corridor.solve import Progress, Solved, solve

PRICES_USD_T = (0.0, 50.0, 100.0, 200.0, 400.0, 800.0)
_USD_PER_MUSD = 1e6
_LEAST = 1e-4  # share of the emissions: the cost of fewer tonnes is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A plan on the frontier: no plan with its emissions costs less than its cost by more than `slack_musd`."""

    price_usd_t: float
    cost_musd: float
    """Present value without the price itself, which nobody pays."""
    emissions_t: float
    slack_musd: float
    solved: Solved


def frontier(
    p: Problem,
    *,
    prices_usd_t: Sequence[float] = PRICES_USD_T,
    gap: float = 0.005,
    time_limit_s: float = 600.0,
    progress: Progress | None = None,
) -> list[Point]:
    """Return a plan for each price, from the least cost towards the least emissions.

    The price counts each tonne (well to wake, of any year) alike, so the plans lie on the lower hull of cost against
    emissions; a price only steers the plan and is not among its costs.

    Parameters
    ----------
    p
        The problem.
    prices_usd_t
        Prices per tonne of CO2e, present value, rising [USD/t].
    gap, time_limit_s, progress
        Of each plan, as in `solve`.

    Raises
    ------
    NoPlanError
        If no plan holds all requirements.

    Examples
    --------
    >>> from sisterport.corridor.build import problem_of, without_promises
    >>> from sisterport.corridor.examples import example
    >>> free = problem_of(without_promises(example("shanghai-hamburg")))
    >>> few, many = frontier(free, prices_usd_t=(0.0, 400.0), gap=0.01)
    >>> few.cost_musd < many.cost_musd, few.emissions_t > many.emissions_t
    (True, True)
    """
    points = []
    for price in prices_usd_t:
        solved = solve(_steered(p, price), gap=gap, time_limit_s=time_limit_s, progress=progress)
        unpaid = price * solved.emissions_t / _USD_PER_MUSD
        points.append(
            Point(
                price_usd_t=price,
                cost_musd=solved.cost_musd - unpaid,
                emissions_t=solved.emissions_t,
                slack_musd=solved.value - solved.bound,
                solved=solved,
            )
        )
    return points


def _steered(p: Problem, price_usd_t: float) -> Problem:
    steer = Account(
        name="steering price", fuel=p.fuel_t_tj, shore=p.shore_t_tj, limit=np.zeros((1, len(p.years))),
        price_usd=price_usd_t / p.discount, pool=np.zeros(len(p.services), np.int64),
    )  # fmt: skip
    return check(replace(p, accounts=(*p.accounts, steer)))


def table(points: Sequence[Point]) -> pl.DataFrame:
    """Return cost and emissions of each point, and what a tonne costs between one point and the next."""
    names = ("price_usd_t", "cost_musd", "emissions_t", "slack_musd")
    frame = pl.DataFrame({name: [getattr(point, name) for point in points] for name in names})
    saved = pl.col("emissions_t").shift() - pl.col("emissions_t")
    more = (pl.col("cost_musd") - pl.col("cost_musd").shift()) * _USD_PER_MUSD
    return frame.with_columns(usd_per_t=pl.when(saved > _LEAST * pl.col("emissions_t")).then(more / saved))
