"""Why each ship lies here and then, what blocks her, the next best berth and its price."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from sisterport.berths.bound import price_out, relax
from sisterport.berths.desk import Desk, closed_before, passes
from sisterport.berths.exact import Floats
from sisterport.berths.plan import Plan
from sisterport.berths.power import draws
from sisterport.berths.problem import FORBIDDEN, Ints, Problem, classes
from sisterport.berths.search import Found, best_starts, search
from sisterport.tables import check, empty

MOVES = 5_000
"""Moves of the search for each ship's next best berth."""
PLACES = 2
"""Places before and after the one with the same time that are tried for a ship at another berth."""


def explain(plan: Plan, *, moves: int = MOVES) -> pl.DataFrame:
    """Return the reasons of a plan (table ``berth_reasons``), one row per call.

    The price of the next best berth is what the plan costs more if the ship goes there: at the best place in its order
    while the other ships keep berths and order, or in the best plan without her present berth that a short search
    finds. What it costs at least follows from the prices of the bound.

    Parameters
    ----------
    plan
        What `plan` or `replan` returned.
    moves
        Moves of each search (0: none). Where outlets share a plant's power nothing is searched.

    Examples
    --------
    >>> from datetime import datetime
    >>> from sisterport.berths.plan import plan
    >>> calls = pl.DataFrame({
    ...     "call_id": ["Ada", "Ben"], "handling_h": [4.0, 2.0],
    ...     "eta_utc": [datetime(2026, 1, 1, 6), datetime(2026, 1, 1, 7)],
    ... })
    >>> for row in explain(plan(calls, pl.DataFrame({"berth_id": ["east", "west"]}))).iter_rows(named=True):
    ...     print(row["call_id"], row["why_here"], row["why_then"], row["next_cost"], sep="; ")
    Ada; as good as west; starts when she can come; 0.0
    Ben; as good as east; starts when she can come; 0.0
    """
    desk, solution = plan.desk, plan.solution
    if not desk.problem.ships:
        return empty("berth_reasons")
    banned = replace(desk.problem, cost=desk.problem.cost.copy())
    least, water, closed = _least(plan), passes(desk.frames, desk.clock), closed_before(desk.frames, desk.clock)
    rows = []
    for i, name in enumerate(desk.problem.ships):
        b, other, before = int(solution.berth[i]), _elsewhere(plan, i), _before(plan, i)
        if moves and other.berth >= 0 and other.more > 0 and desk.problem.power is None:
            other = _searched(plan, i, other, banned, moves)
        why_then = _why_then(plan, i, before, water, closed)
        blocked = before is not None and why_then.startswith("waits until")
        there = other.berth >= 0
        rows.append(
            {
                "call_id": name,
                "berth_id": desk.problem.berths[b],
                "start_utc": plan.stays["start_utc"][i],
                "berths_n": int((desk.problem.cost[i] != FORBIDDEN).any(axis=1).sum()),
                "why_here": _why_here(desk, i, b, other),
                "why_then": why_then,
                "blocked_by": desk.problem.ships[before] if before is not None and blocked else None,
                "next_berth_id": desk.problem.berths[other.berth] if there else None,
                "next_start_utc": desk.clock.time([other.start])[0] if there else None,
                "next_cost": max(other.more, 0) * desk.cost_step if there else None,
                "next_cost_least": max(least[i], 0.0) * desk.cost_step if there else None,
            }
        )
    return check(pl.DataFrame(rows, infer_schema_length=None), "berth_reasons")


def _least(plan: Plan) -> Floats:
    """Return what any plan with each ship at another berth costs more than this one, at least; 0 if not known."""
    problem, solution = plan.desk.problem, plan.solution
    merged = classes(problem)
    relaxation = relax(merged)
    everything = relaxation.columns()
    out = np.zeros(len(problem.ships))
    for u in solution.stages[:1]:  # later prices are for the columns that earlier ones have left
        bound, more = price_out(relaxation, u)
        through = np.full((merged.wanted.size, merged.room.size), np.inf)
        np.minimum.at(through, (everything.ship[: more.size], everything.berth[: more.size]), more)
        for i, c in enumerate(merged.ship_class):
            k = merged.berth_class[solution.berth[i]]
            others = through[c] if merged.room[k] > 1 else np.delete(through[c], k)
            least = bound + others.min(initial=np.inf) - solution.value
            out[i] = max(out[i], least) if np.isfinite(least) else 0.0
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """The next best berth (-1: none), the start there and what the plan costs more."""

    berth: int
    start: int
    more: int


def _elsewhere(plan: Plan, ship: int) -> _Other:
    """Return the cheapest other berth for a ship."""
    problem, solution = plan.desk.problem, plan.solution
    by_start = np.argsort(solution.start, kind="stable")
    home = by_start[solution.berth[by_start] == solution.berth[ship]]
    saved = best_starts(problem, int(solution.berth[ship]), home[home != ship])[0] - _spent(plan, home)
    best = _Other(berth=-1, start=-1, more=0)
    for b in range(len(problem.berths)):
        if b == solution.berth[ship] or (problem.cost[ship, b] == FORBIDDEN).all():
            continue
        order = by_start[solution.berth[by_start] == b]
        near = int(np.searchsorted(solution.start[order], solution.start[ship]))
        for place in range(max(near - PLACES, 0), min(near + PLACES, order.size) + 1):
            cost, starts = best_starts(problem, b, np.insert(order, place, ship))
            more = cost - _spent(plan, order) + saved
            if cost >= 0 and (best.berth < 0 or more < best.more):
                best = _Other(berth=b, start=int(starts[place]), more=more)
    return best


def _searched(plan: Plan, ship: int, other: _Other, banned: Problem, moves: int) -> _Other:
    """Return the better of `other` and what a search finds that may not use the ship's present berth."""
    solution, home = plan.solution, int(plan.solution.berth[ship])
    banned.cost[ship, home] = FORBIDDEN
    berth, start = solution.berth.copy(), solution.start.copy()
    berth[ship], start[ship] = other.berth, other.start
    begin = Found(berth=berth, start=start, value=0, complete=True)
    found = search(banned, moves=moves, seed=ship, begin=begin)
    banned.cost[ship, home] = plan.desk.problem.cost[ship, home]
    more = found.value - solution.value
    if not found.complete or more >= other.more:
        return other
    return _Other(berth=int(found.berth[ship]), start=int(found.start[ship]), more=more)


def _spent(plan: Plan, ships: Ints) -> int:
    """Return what ships cost in the plan, plugged in or not."""
    cost = plan.desk.problem.cost[ships, plan.solution.berth[ships], plan.solution.start[ships]]
    return int(cost.astype(np.int64).sum())


def _before(plan: Plan, ship: int) -> int | None:
    """Return the ship that lies at the berth before this one; None if there is none."""
    start = plan.solution.start
    earlier = np.flatnonzero((plan.solution.berth == plan.solution.berth[ship]) & (start < start[ship]))
    return int(earlier[np.argmax(start[earlier])]) if earlier.size else None


def _why_here(desk: Desk, ship: int, berth: int, other: _Other) -> str:
    call, names, handling = desk.calls.row(ship, named=True), desk.problem.berths, desk.problem.handling[ship]
    if call["locked_berth_id"] is not None:
        return f"locked to {names[berth]}"
    if other.berth < 0:
        unfit = [names[b] for b in np.flatnonzero(~desk.fits[ship])]
        why = f": she does not fit {', '.join(unfit)}" if unfit else ""
        return f"the only berth with a place for her{why}" if len(names) > 1 else "the only berth"
    if other.more <= 0:
        return f"as good as {names[other.berth]}"
    hours = (handling[other.berth] - handling[berth]) * desk.clock.hours
    longer = f", where she takes {abs(hours):g} h {'more' if hours > 0 else 'less'}" if hours else ""
    return f"{other.more * desk.cost_step:g} cheaper than {names[other.berth]}{longer}"


def _why_then(  # noqa: PLR0911 (one return per reason)
    plan: Plan, ship: int, before: int | None, water: Floats, closed: Ints
) -> str:
    """Return why a ship does not start a step earlier."""
    desk, solution = plan.desk, plan.solution
    problem, names = desk.problem, desk.problem.ships
    b, start = int(solution.berth[ship]), int(solution.start[ship])
    if desk.calls["locked_start_utc"][ship] is not None:
        return "locked to this start"
    ready = int(desk.clock.at(desk.calls["eta_utc"].slice(ship, 1), up=True)[0])
    free = 0 if before is None else int(solution.start[before] + problem.handling[before, b])
    if start <= ready:
        return "starts when she can come"
    if start == free and before is not None:
        return f"waits until {names[before]} leaves"
    end, draught = start - 1 + int(problem.handling[ship, b]), desk.calls["draught_m"][ship] or 0.0
    if problem.cost[ship, b, max(start - 1, 0)] != FORBIDDEN:
        if _power_is_short(plan, ship, start - 1):
            return f"waits for shore power: {desk.plugs.plants[desk.plugs.plant[b]]} is given out before"
        return "an earlier start costs more (promise, approach or a ship behind her)"
    if draught > min(water[b, start - 1], water[b, end]):
        return "waits for high water" if draught > water[b, start - 1] else "waits to leave at high water"
    if closed[b, end] > closed[b, start - 1]:
        return f"{problem.berths[b]} is closed before"
    return f"{problem.berths[b]} opens then"


def _power_is_short(plan: Plan, ship: int, start: int) -> bool:
    """Return whether the plant has too little left for a plugged ship to lie there from `start` on."""
    problem, solution, b = plan.desk.problem, plan.solution, int(plan.solution.berth[ship])
    power = problem.power
    if power is None or solution.plugged is None or not solution.plugged[ship] or power.plant[b] < 0:
        return False
    here = np.arange(len(problem.ships))
    steps = problem.handling[here, solution.berth] * solution.plugged * (here != ship)
    drawn = draws(power, solution.berth, solution.start, steps, problem.horizon)[power.plant[b]]
    stay = slice(start, start + int(problem.handling[ship, b]))
    return bool((drawn[stay] + power.draw[ship, b] > power.limit[power.plant[b]]).any())
