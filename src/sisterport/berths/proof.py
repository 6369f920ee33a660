"""Check a plan and a bound in plain arithmetic, with nothing taken from the code that made them.

The plan: each ship once, on a column that exists, no two ships at one berth at once, costs added up again. The bound:
the prices of a certificate, in whole numbers, put through one dynamic programme per berth, written down here once more
over whole arrays. Only `problem` (what is allowed and what it costs) is shared with the optimiser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from sisterport.berths.problem import FORBIDDEN, Flags, Ints, Problem

NEVER = 2**60
"""More than any plan costs, in units of the price grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a plan is, once more.

    Parameters
    ----------
    value
        Its cost, as far as each ship lies where and when it may.
    faults
        What is wrong with it, in words; empty for a valid plan.
    """

    value: int
    faults: tuple[str, ...]


def check_plan(problem: Problem, berth: Ints, start: Ints, plugged: Flags | None = None) -> Checked:
    """Return the cost of a plan and all its faults.

    Parameters
    ----------
    problem
        What is allowed and what it costs.
    berth, start
        Number of the berth and step of the start of each ship.
    plugged
        Which ships are plugged in; all that can be if not given.

    Examples
    --------
    >>> from sisterport.berths.problem import build
    >>> two = build(handling=np.array([[4], [2]]), earliest=np.zeros(2, int), latest=np.full(2, 9),
    ...             opens=np.array([0]), closes=np.array([9]), ships=["Ada", "Ben"])
    >>> check_plan(two, np.array([0, 0]), np.array([0, 3])).faults
    ('Ada and Ben are both at berth 1 from step 3 to 4',)
    """
    faults, value = [], 0
    stays: dict[int, list[tuple[int, int, str]]] = {}
    if len(berth) != len(problem.ships) or len(start) != len(problem.ships):
        return Checked(value=0, faults=(f"{len(problem.ships)} ships, but {len(berth)} berths, {len(start)} starts",))
    for ship, name in enumerate(problem.ships):
        b, t = int(berth[ship]), int(start[ship])
        if not 0 <= b < len(problem.berths) or not 0 <= t < problem.horizon:
            faults.append(f"{name} has no berth or no start")
            continue
        cost = int(problem.cost[ship, b, t])
        if cost == FORBIDDEN:
            faults.append(f"{name} may not lie at berth {problem.berths[b]} from step {t} on")
            continue
        value += cost
        stays.setdefault(b, []).append((t, t + int(problem.handling[ship, b]), name))
    for b, at_berth in stays.items():
        at_berth.sort()
        until, who = -1, ""
        for begin, end, name in at_berth:
            if begin < until:
                both = f"{who} and {name} are both at berth {problem.berths[b]}"
                faults.append(f"{both} from step {begin} to {min(end, until)}")
            if end > until:
                until, who = end, name
    if problem.power is not None and not faults:
        more, overdrawn = _check_power(problem, berth, start, plugged)
        value += more
        faults += overdrawn
    return Checked(value=value, faults=tuple(faults))


def _check_power(problem: Problem, berth: Ints, start: Ints, plugged: Flags | None) -> tuple[int, list[str]]:
    """Return what the ships without a plug cost more, and where a plant is asked for too much or a plug is missing."""
    power, faults, more = problem.power, [], 0
    if power is None:
        return 0, []
    drawn: dict[tuple[int, int], int] = {}
    for ship, name in enumerate(problem.ships):
        b, t = int(berth[ship]), int(start[ship])
        draw, extra = int(power.draw[ship, b]), int(power.unplugged[ship, b])
        if not draw:
            continue
        if plugged is not None and not plugged[ship]:
            if extra == FORBIDDEN:
                faults.append(f"{name} must have shore power at berth {problem.berths[b]}, but is not plugged in")
            else:
                more += extra
            continue
        for step in range(t, t + int(problem.handling[ship, b])):
            key = (int(power.plant[b]), step)
            drawn[key] = drawn.get(key, 0) + draw
    worst = {k: max(kw for (plant, _), kw in drawn.items() if plant == k) for k in {k for k, _ in drawn}}
    for k, most in sorted(worst.items()):
        if k >= 0 and most > power.limit[k]:
            faults.append(f"plant {k + 1} gives {power.limit[k]} kW at most, but {most} kW are drawn at once")
    return more, faults


def recompute_bound(
    problem: Problem,
    *,
    ship_class: Ints,
    stages: Sequence[Ints],
    grid: int,
    upper: int,
) -> int:
    """Return what the prices of a certificate prove: no plan costs less than this (or than `upper`).

    Parameters
    ----------
    problem
        What is allowed and what it costs.
    ship_class
        Class of each ship; ships of one class have to be alike, which is checked.
    stages
        Prices of the classes [1/grid], in the order in which they take columns away.
    grid
        Units of a price in one unit of cost.
    upper
        Cost of a plan that is known (and checked).

    Raises
    ------
    ValueError
        If ships of one class are not alike.
    """
    wanted = np.bincount(ship_class)
    one_of = np.array([int(np.argmax(ship_class == c)) for c in range(wanted.size)], dtype=np.int64)
    for ship, c in enumerate(ship_class):
        alike = problem.cost[ship] == problem.cost[one_of[c]]
        if not alike.all() or (problem.handling[ship] != problem.handling[one_of[c]]).any():
            raise ValueError(f"{problem.ships[ship]} is not like the other ships of its class")
    cost, handling = problem.cost[one_of].astype(np.int64), problem.handling[one_of]
    alive = cost != FORBIDDEN
    bound = -NEVER
    for prices in stages:
        total, through = _relaxed(cost * grid, handling, alive, np.asarray(prices, dtype=np.int64), wanted == 1)
        total += int((wanted * prices).sum())
        bound = max(bound, min(upper, ceil(total / grid)))
        alive &= total + through <= (upper - 1) * grid
        if not alive.any(axis=(1, 2)).all():
            return upper  # a ship has nowhere left to go in a better plan
    return bound


def _relaxed(cost: Ints, handling: Ints, alive: Ints, prices: Ints, single: Ints) -> tuple[int, Ints]:
    """Return the sum of the berths' cheapest ways, and what each column costs more than its berth's."""
    total, through = 0, np.full(cost.shape, NEVER)
    for b in range(cost.shape[1]):
        net = np.where(alive[:, b], cost[:, b] - prices[:, None], NEVER)
        onward = _ways(net, handling[:, b], single, forward=False)
        so_far = _ways(net, handling[:, b], single, forward=True)
        through[:, b] = np.minimum(onward[1] + so_far[1] - net - onward[0], NEVER)
        total += onward[0]
    return total, through


def _ways(net: Ints, steps: Ints, single: Ints, *, forward: bool) -> tuple[int, Ints]:
    """Cheapest way through one berth in which no single ship follows itself, and the cheapest through each column.

    The latter begins with the column or, if `forward`, ends with it. Going forward, the time axis is read from the
    end: a ship that begins at t and takes h begins, read backwards, at horizon - t - h.
    """
    ships, horizon = net.shape
    if forward:
        turned = np.full_like(net, NEVER)
        for ship in range(ships):
            size = horizon - int(steps[ship]) + 1
            turned[ship, :size] = net[ship, :size][::-1]
        value, ways = _ways(turned, steps, single, forward=False)
        back = np.full_like(ways, NEVER)
        for ship in range(ships):
            size = horizon - int(steps[ship]) + 1
            back[ship, :size] = ways[ship, :size][::-1]
        return value, back
    best, other, who = np.zeros(horizon + 1, np.int64), np.full(horizon + 1, NEVER), np.full(horizon + 1, -1)
    ways = np.full_like(net, NEVER)
    everyone = np.arange(ships)
    for t in range(horizon - 1, -1, -1):
        here = np.flatnonzero(net[:, t] < NEVER)
        best[t], other[t], who[t] = best[t + 1], other[t + 1], who[t + 1]
        if not here.size:
            continue
        after = t + steps[here]
        rest = np.where((who[after] == everyone[here]) & single[here], other[after], best[after])
        ways[here, t] = np.minimum(net[here, t] + rest, NEVER)
        for ship in here[np.argsort(ways[here, t], kind="stable")[:3]]:
            best[t], other[t], who[t] = _two_best(best[t], other[t], who[t], ways[ship, t], ship)
    return int(best[0]), ways


def _two_best(best: int, other: int, who: int, way: int, ship: int) -> tuple[int, int, int]:
    """Return the cheapest way, the cheapest with another first ship, and the cheapest one's first ship."""
    if ship == who:
        return min(best, way), other, who
    if way < best:
        return way, best, ship
    return best, min(other, way), who
