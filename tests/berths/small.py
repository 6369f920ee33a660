"""Small random problems with every feature on, and their best value by trying everything."""

from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st

from sisterport.berths.problem import FORBIDDEN, Power, Problem, build, close_berth, forbid, lock


@st.composite
def problems(draw: st.DrawFn, most_ships: int = 5, most_berths: int = 3, longest: int = 30) -> Problem:
    """Ships with priorities, forbidden berths, closures, tide gaps, locks, odd costs, equal ships and berths."""
    ships, berths = draw(st.integers(1, most_ships)), draw(st.integers(1, most_berths))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    horizon = draw(st.integers(12, longest))
    handling = rng.integers(1, 6, (ships, berths)) * (rng.random((ships, berths)) > 0.2)
    handling[np.arange(ships), rng.integers(0, berths, ships)] = rng.integers(1, 6, ships)
    if draw(st.booleans()):  # equal berths, equal ships
        handling[:] = handling[:, :1].clip(1)
        handling[1:2] = handling[:1]
    arrival = rng.integers(0, 8, ships)
    if draw(st.booleans()):
        arrival[:] = arrival[0]
    problem = build(
        handling=handling,
        earliest=arrival,
        latest=np.minimum(arrival + rng.integers(8, 40, ships), horizon),
        opens=rng.integers(0, 3, berths),
        closes=np.full(berths, horizon),
        weight=rng.integers(1, 5, ships),
    )
    if draw(st.booleans()):
        problem = close_berth(problem, 0, 4, 7)
    if draw(st.booleans()):  # high water every other four steps, for half of the ships
        low = (np.arange(problem.horizon) // 4) % 2 == 1
        problem = forbid(problem, np.where(rng.random(ships)[:, None, None] < 0.5, low[None, None, :], False))
    if draw(st.booleans()):  # costs that fall and rise: fuel, shore power
        extra = rng.integers(0, 30, problem.cost.shape).astype(np.int32)
        cost = np.where(problem.cost == FORBIDDEN, FORBIDDEN, problem.cost + extra)
        problem = Problem(ships=problem.ships, berths=problem.berths, handling=problem.handling, cost=cost)
    if draw(st.booleans()) and (problem.cost[0] != FORBIDDEN).any():
        berth, start = np.argwhere(problem.cost[0] != FORBIDDEN)[-1]
        problem = lock(problem, 0, berth=int(berth), start=int(start) if draw(st.booleans()) else None)
    return problem


def best_value(problem: Problem) -> int | None:
    """Least cost over all berths, orders and starts; None if there is no plan. Shares nothing with the package."""
    ships, berths = problem.handling.shape
    best = None
    memo: dict[tuple[int, tuple[int, ...]], int | None] = {}
    for berth in product(range(berths), repeat=ships):
        total: int | None = 0
        for b in range(berths):
            group = tuple(i for i in range(ships) if berth[i] == b)
            if (b, group) not in memo:
                orders = [_in_order(problem, b, order, 0) for order in permutations(group)]
                memo[b, group] = min((v for v in orders if v is not None), default=None)
            part = memo[b, group]
            total = None if total is None or part is None else total + part
        if total is not None and (best is None or total < best):
            best = total
    return best


def _in_order(problem: Problem, b: int, order: tuple[int, ...], free: int) -> int | None:
    """Least cost of the ships one after the other, trying every start."""
    least: dict[int, int] = {free: 0}  # end so far -> cost
    for ship in order:
        after: dict[int, int] = {}
        for end, spent in least.items():
            for t in range(end, problem.horizon):
                cost = int(problem.cost[ship, b, t])
                if cost != FORBIDDEN:
                    e = t + int(problem.handling[ship, b])
                    after[e] = min(after.get(e, spent + cost), spent + cost)
        least = after
    return min(least.values(), default=None)


@st.composite
def powered(draw: st.DrawFn) -> Problem:
    """The same with outlets that share plants: ships that must plug in, ships that may, ships that cannot."""
    problem = draw(problems(most_ships=4, most_berths=3, longest=16))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    shape = problem.handling.shape
    power = Power(
        draw=rng.integers(0, 4, shape),
        plant=rng.integers(-1, 2, shape[1]),
        limit=rng.integers(1, 5, 2),
        unplugged=np.where(rng.random(shape) < 0.4, FORBIDDEN, rng.integers(0, 20, shape)).astype(np.int32),
    )
    return Problem(
        ships=problem.ships, berths=problem.berths, handling=problem.handling, cost=problem.cost, power=power
    )


def best_with_power(problem: Problem) -> int | None:
    """Least cost over all berths, starts and plugs; None if there is no plan. Shares nothing with the package."""
    power, best = problem.power, None
    taken = np.zeros((len(problem.berths), problem.horizon), bool)
    load = np.zeros((power.limit.size, problem.horizon), int)

    def put(ship: int, spent: int) -> None:
        nonlocal best
        if best is not None and spent >= best:
            return
        if ship == len(problem.ships):
            best = spent
            return
        for b, t in np.argwhere(problem.cost[ship] != FORBIDDEN):
            stay = slice(t, t + problem.handling[ship, b])
            if taken[b, stay].any():
                continue
            cost, kw, k = int(problem.cost[ship, b, t]), power.draw[ship, b], power.plant[b]
            taken[b, stay] = True
            if k < 0 or (load[k, stay] + kw <= power.limit[k]).all():
                if k >= 0:
                    load[k, stay] += kw
                put(ship + 1, spent + cost)
                if k >= 0:
                    load[k, stay] -= kw
            if kw and power.unplugged[ship, b] != FORBIDDEN:
                put(ship + 1, spent + cost + int(power.unplugged[ship, b]))
            taken[b, stay] = False

    put(0, 0)
    return best
