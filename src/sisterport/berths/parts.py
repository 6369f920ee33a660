"""Better plans by parts: some berths that serve the same kind of ships, with their ships, planned to the end.

A whole port of 200 ships is too much for a proof, half of its berths mostly is not. The rest of the plan stays, so
what is better in the part is better in the whole.
"""

from typing import TYPE_CHECKING

import numpy as np

from sisterport.berths.exact import Floats
from sisterport.berths.problem import Flags, Problem
from sisterport.berths.search import Found

if TYPE_CHECKING:
    from collections.abc import Callable

    from sisterport.berths.solution import Solution

SHIPS = 120
"""Ships in a part, about."""


def better_part(
    problem: Problem,
    best: Found,
    *,
    suits: Flags,
    prices: Floats,
    seed: int,
    solve: "Callable[[Problem, Found, Floats], Solution]",
) -> Found:
    """Return the plan with one part of it planned anew, or as it was if nothing better is found.

    Parameters
    ----------
    problem
        The problem; not for outlets that share power, which ties all berths together.
    best
        The plan so far.
    suits
        Ships x berths that suit each other: berths that suit the same ships make a part.
    prices
        Price of each ship.
    seed
        Random seed.
    solve
        Plans a part, from its plan so far and the prices of its ships.
    """
    rng = np.random.default_rng(seed)
    load = np.bincount(best.berth, minlength=len(problem.berths))
    chosen = [int(rng.integers(len(problem.berths)))]
    while load[chosen].sum() < SHIPS and len(chosen) < len(problem.berths):
        shared = suits[np.isin(best.berth, chosen)].sum(axis=0) + 1.0
        shared[chosen] = 0.0
        chosen.append(int(rng.choice(shared.size, p=shared / shared.sum())))
    berths = np.array(sorted(chosen))
    ships = np.flatnonzero(np.isin(best.berth, berths))
    pairs = np.ix_(ships, berths)
    part = Problem(
        ships=tuple(problem.ships[i] for i in ships),
        berths=tuple(problem.berths[b] for b in berths),
        handling=problem.handling[pairs],
        cost=np.ascontiguousarray(problem.cost[pairs]),
    )
    at, start = np.searchsorted(berths, best.berth[ships]), best.start[ships]
    done = solve(part, Found(berth=at, start=start, value=part.value(at, start), complete=True), prices[ships])
    if done.status in ("infeasible", "unknown") or done.value >= part.value(at, start):
        return best
    berth, begin = best.berth.copy(), best.start.copy()
    berth[ships], begin[ships] = berths[done.berth], done.start
    return Found(berth=berth, start=begin, value=problem.value(berth, begin), complete=True)
