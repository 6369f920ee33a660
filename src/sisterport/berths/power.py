"""Shore power that berths share: who plugs in, and plans that keep within what the plants can give.

Limits of plants tie berths together, which neither the search nor the prices of ships can see. So the search is told by
a price: power at a time when a plant is asked for too much gets dearer, round by round, until the ships have spread out
or those that may do without have given up their plugs.
"""

from dataclasses import replace

import numpy as np

from sisterport.berths.exact import Floats
from sisterport.berths.problem import FORBIDDEN, Flags, Ints, Power, Problem, survey
from sisterport.berths.search import Found, search

ROUNDS = 12
"""Rounds of raising prices."""
RISE = 0.5
"""Price of a plant's full power for a step in which twice of it is asked for, in mean changes of cost per step."""
GROWTH = 1.5
"""Factor on the rise from round to round."""


def draws(power: Power, berth: Ints, start: Ints, steps: Ints, horizon: int) -> Ints:
    """Return what stays of `steps` draw from each plant at each step [kW]: plants x steps."""
    drawn = np.zeros((power.limit.size, horizon), dtype=np.int64)
    for ship, (b, begin, size) in enumerate(zip(berth, start, steps, strict=True)):
        if power.plant[b] >= 0:
            drawn[power.plant[b], begin : begin + size] += power.draw[ship, b]
    return drawn


def plug_in(problem: Problem, found: Found) -> Found:
    """Return the plan with its plugs given out: to those that must, then by what a plug saves per energy.

    The plan is not complete if those that must plug in ask for more than a plant has.
    """
    power = problem.power
    if power is None or not found.complete:
        return found
    ships = np.arange(len(problem.ships))
    draw, extra = power.draw[ships, found.berth], power.unplugged[ships, found.berth].astype(np.int64)
    steps, plants = problem.handling[ships, found.berth], power.plant[found.berth]
    worth = np.where(extra == FORBIDDEN, np.inf, extra / np.maximum(draw * steps, 1))
    left = np.repeat(power.limit[:, None], problem.horizon, axis=1)
    plugged = np.zeros(ships.size, dtype=np.bool_)
    for ship in np.argsort(-worth, kind="stable"):
        stay = slice(found.start[ship], found.start[ship] + steps[ship])
        free = plants[ship] < 0 or left[plants[ship], stay].min() >= draw[ship]
        if draw[ship] > 0 and free:
            plugged[ship] = True
            if plants[ship] >= 0:
                left[plants[ship], stay] -= draw[ship]
    failed = (~plugged & (draw > 0) & (extra == FORBIDDEN)).any()
    if failed:
        return replace(found, complete=False, plugged=plugged)
    return replace(found, plugged=plugged, value=problem.value(found.berth, found.start, plugged))


def priced(problem: Problem, price: Floats) -> Problem:
    """Return the problem without limits in which power costs `price` [cost per kW and step] by plant and step."""
    power = problem.power
    if power is None:
        return problem
    cost = problem.cost.astype(np.int64)
    until = np.concatenate([np.zeros((price.shape[0], 1)), np.cumsum(price, axis=1)], axis=1)
    starts = np.arange(problem.horizon)
    for b, plant in enumerate(power.plant):
        if plant < 0:
            continue
        for ship in np.flatnonzero(power.draw[:, b] > 0):
            ends = np.minimum(starts + problem.handling[ship, b], problem.horizon)
            dear = power.draw[ship, b] * (until[plant, ends] - until[plant, starts])
            cost[ship, b] += np.minimum(np.round(dear), int(power.unplugged[ship, b])).astype(np.int64)
    kept = np.where(problem.cost == FORBIDDEN, FORBIDDEN, np.minimum(cost, FORBIDDEN - 1))
    return replace(problem, cost=kept.astype(np.int32), power=None)


def settle(problem: Problem, found: Found, *, moves: int, seed: int, pairs: Flags | None = None) -> Found:
    """Return a plan within the limits of the plants, from one without regard to them.

    Parameters
    ----------
    problem
        The problem.
    found
        A plan that may ask too much of plants.
    moves, seed, pairs
        Of the searches, see `search.search`.
    """
    power = problem.power
    if power is None or not found.complete:
        return found
    best, now, ships = plug_in(problem, found), found, np.arange(len(problem.ships))
    price = np.zeros((power.limit.size, problem.horizon))
    limit, rise = np.maximum(power.limit[:, None], 1), RISE * max(survey(problem.cost).slope, 1.0)
    for number in range(ROUNDS):
        steps = problem.handling[ships, now.berth]
        keen = _dear(power, price, now, steps) < power.unplugged[ships, now.berth]
        over = np.maximum(draws(power, now.berth, now.start, steps * keen, problem.horizon) - limit, 0)
        if not over.any() or (best.complete and best.value == found.value):
            break
        price += rise * over / limit**2
        rise *= GROWTH
        now = search(priced(problem, price), moves=moves, seed=seed + number, begin=now, pairs=pairs)
        if not now.complete:
            break
        tried = plug_in(problem, replace(now, value=problem.value(now.berth, now.start)))
        if tried.complete and (not best.complete or tried.value < best.value):
            best = tried
    return best


def _dear(power: Power, price: Floats, found: Found, steps: Ints) -> Floats:
    """Return what the power of each ship costs at the prices."""
    if not price.size:
        return np.zeros(found.berth.size)  # no plant has a limit
    until = np.concatenate([np.zeros((price.shape[0], 1)), np.cumsum(price, axis=1)], axis=1)
    plant = power.plant[found.berth]
    dear = power.draw[np.arange(plant.size), found.berth] * (
        until[plant, found.start + steps] - until[plant, found.start]
    )
    return np.where(plant >= 0, dear, 0.0)
