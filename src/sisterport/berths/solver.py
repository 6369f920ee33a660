"""Plan and proof together: search and prices take turns, fixing shrinks the problem, HiGHS closes what is left.

1. A first plan by annealing (`search`), and a better one while the first bound is made.
2. Rounds: one thread looks for a better plan, the other raises the bound (`bound`); a better plan or a better bound
   takes columns away (`fixing`).
3. When the prices have nothing more to give and few columns are left, the arc-flow model (`exact`) finds the best plan
   or proves that there is no better one.

The number of rounds and the length of the last one depend on the time limit, everything else only on the seed.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import ceil
from time import monotonic

import numpy as np

from sisterport.berths import exact
from sisterport.berths.bound import Prices, Relaxation, ascend, opening_prices, relax
from sisterport.berths.fixing import fix
from sisterport.berths.parts import SHIPS, better_part
from sisterport.berths.power import settle
from sisterport.berths.problem import Classes, Flags, Problem, build, classes, close_berth, spread
from sisterport.berths.search import Found, search
from sisterport.berths.solution import Event, Solution
from sisterport.berths.warm import warm

FIRST_MOVES, MOVES_PER_SHIP = 200_000, 10_000
"""Moves of the first search at most, and of each one per ship."""
SECOND_TIMES = 2.0
"""Moves of the search that goes on while the first bound is made, over those of the first, if there is time."""
FIRST_PASSES, PASSES, PASSES_AT_ONCE = 300, 600, 50
"""Passes of the first ascent, of each later one, and between two looks at the clock in the first."""
FIRST_SHARE = 0.6
"""Part of the time in which the first ascent has to be done."""
SETTLING = 10
"""Moves of a search over those of each of the searches that spread ships out over the plants' power."""
RESTARTS, RESTART_LENGTH = 2, 0.2
"""How often the ascent is taken up again after it has come to rest, and with which step length."""
WARM_ROUNDS = 4
"""Rounds until searches and ascents have their full length."""
SHORTEST_ROUND, CAREFUL, TINY_S = 0.05, 0.8, 1e-3
"""Round that is still worth while, as a part of a full one; part of the time left that a round may be expected to take;
and the least time of a round [s]."""
LONGER, LONGEST = 1.5, 12.0
"""Factor on the moves of a search for each round without a better plan once prices rest, and its greatest power."""
PART_S = 12.0
"""Time for planning a part of a large port anew [s]."""
PATIENCE = 3
"""Rounds without a better plan before HiGHS gets the rest, if it is not too much."""
FEW_COLUMNS, SOME_COLUMNS = 4_000, 30_000
"""Columns that HiGHS gets as soon as the prices rest, and the most that it gets at all."""
MOST_COLUMNS = 200_000
"""Columns up to which HiGHS is asked for a plan when the search has found none."""
ROUNDING = 1e-6
"""Tolerance on the solver's own bound before it is rounded up."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """What is known so far."""

    problem: Problem
    merged: Classes
    best: Found
    relaxation: Relaxation
    prices: Prices
    bound: int = 0
    restarts: int = 0
    quiet: int = 0
    round_s: float = 0.0
    """Time of a round of full length, as far as is known [s]."""
    stages: list[exact.Floats] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def resting(self) -> bool:
        """The ascent has nothing more to give."""
        return self.restarts > RESTARTS

    def gap(self) -> float:
        return (self.best.value - self.bound) / max(self.best.value, 1)

    def shrink(self) -> None:
        """Take columns away with the present prices and plan."""
        before = len(self.relaxation.ship)
        fixed = fix(self.relaxation, self.prices.u, upper=self.best.value)
        if fixed.removed or fixed.bound > self.bound:
            self.stages.append(self.prices.u)
        self.relaxation, self.bound = fixed.relaxation, max(self.bound, fixed.bound)
        if not len(self.relaxation.ship) and before:
            self.bound = self.best.value

    def suits(self) -> Flags:
        """Return which berths each ship can lie at in a better plan and is often priced at."""
        kept = np.zeros((self.merged.wanted.size, self.merged.room.size), dtype=np.bool_)
        columns = self.relaxation.columns()
        kept[columns.ship, columns.berth] = True
        used = kept & np.asarray(self.prices.use.T > 0)
        used[~used.any(axis=1)] = kept[~used.any(axis=1)]
        return np.asarray(used[np.ix_(self.merged.ship_class, self.merged.berth_class)])


def optimise(
    problem: Problem,
    *,
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    begin: Found | None = None,
    prices: Callable[[Found], exact.Floats] | None = None,
    report: Callable[[Event], None] | None = None,
) -> Solution:
    """Return the best plan found in the time, with a proven bound.

    Parameters
    ----------
    problem
        The problem.
    time_limit_s
        Time limit [s]; the first plan and bound are made in any case. The clock starts when all is compiled.
    gap
        Stop when the plan is proven to be within this part of the best.
    seed
        Random seed.
    begin
        A plan to begin with; only the order of its ships at their berths counts.
    prices
        Of the first plan: the price of each ship to begin with, as known from an earlier and similar problem.
    report
        Called with each step forward.

    Examples
    --------
    >>> from sisterport.berths.problem import build
    >>> three = build(handling=np.array([[4], [2], [1]]), earliest=np.zeros(3, int), latest=np.full(3, 20),
    ...               opens=np.array([0]), closes=np.array([20]))
    >>> done = optimise(three, time_limit_s=10)
    >>> done.status, done.value, done.bound
    ('optimal', 11, 11)
    """
    warm("berths", _tiny)
    began = monotonic()
    moves = min(FIRST_MOVES, MOVES_PER_SHIP * len(problem.ships))
    with ThreadPoolExecutor(max_workers=1) as pool:
        searching = pool.submit(_find, problem, moves=moves, seed=seed, begin=begin)
        merged = classes(problem)
        everything = relax(merged)
        first = searching.result()
    searched = monotonic()
    if not first.complete:
        another = _any_plan(problem, merged, time_limit_s=time_limit_s, seed=seed)
        if isinstance(another, str):
            return _without_plan(problem, another, monotonic() - began)
        first = another
    known = None if prices is None or not first.berth.size else prices(first)
    deadline = began + FIRST_SHARE * time_limit_s
    more = min(SECOND_TIMES, (deadline - searched) / max(searched - began, TINY_S))

    def again() -> Found:
        return _find(problem, moves=int(moves * more), seed=seed + 1, begin=first)

    run = _begin(problem, everything, first, known, deadline, again if more > 1 else None)
    run.round_s = max(run.round_s, (searched - began) * MOVES_PER_SHIP * len(problem.ships) / max(moves, 1))

    def note() -> None:
        event = Event(
            seconds=monotonic() - began, value=run.best.value, bound=run.bound, columns=len(run.relaxation.ship)
        )
        run.events.append(event)
        if report is not None:
            report(event)

    note()
    _rounds(run, began + time_limit_s, gap, seed, note)
    priced = run.bound
    if run.gap() > gap and _worth(run) and monotonic() < began + time_limit_s:
        _close(run, began + time_limit_s - monotonic(), seed)
        note()
    status = "optimal" if run.bound >= run.best.value else "gap" if run.gap() <= gap else "time"
    return Solution(
        status=status,
        berth=run.best.berth,
        start=run.best.start,
        plugged=run.best.plugged,
        value=run.best.value,
        bound=run.bound,
        priced_bound=priced,
        stages=tuple(run.stages),
        events=tuple(run.events),
        seconds=monotonic() - began,
        prices=run.prices.u[merged.ship_class],
    )


def _tiny() -> Solution:
    """Solve a problem that runs everything that is compiled, and loads HiGHS."""
    import highspy  # noqa: F401, PLC0415 (heavy)

    three = build(
        handling=np.array([[4, 4], [2, 3], [1, 2]]), earliest=np.zeros(3, np.int64), latest=np.full(3, 20),
        opens=np.array([0, 1]), closes=np.array([20, 20]),
    )  # fmt: skip
    return optimise(close_berth(three, 0, 3, 5), gap=1.0)


def _find(problem: Problem, *, moves: int, seed: int, begin: Found | None, pairs: Flags | None = None) -> Found:
    """Search, then spread the ships out to what plants can give."""
    found = search(problem, moves=moves, seed=seed, begin=begin, pairs=pairs)
    return settle(problem, found, moves=moves // SETTLING, seed=seed, pairs=pairs)


def _begin(
    problem: Problem,
    everything: Relaxation,
    first: Found,
    prices: exact.Floats | None,
    deadline: float,
    again: Callable[[], Found] | None,
) -> _Run:
    """Make the first bound while another thread searches on."""
    merged = everything.merged
    opening = opening_prices(problem, merged, first, prices)
    done, began, best = 0, monotonic(), first
    with ThreadPoolExecutor(max_workers=1) as pool:
        searching = pool.submit(again) if again is not None and len(problem.ships) else None
        while len(problem.ships) and done < FIRST_PASSES and (not done or monotonic() < deadline):
            opening = ascend(everything, opening, upper=first.value, passes=PASSES_AT_ONCE)
            done += PASSES_AT_ONCE
        if searching is not None:
            best = min(first, searching.result(), key=lambda f: (not f.complete, f.value))
    run = _Run(problem=problem, merged=merged, best=best, relaxation=everything, prices=opening)
    run.round_s = (monotonic() - began) * PASSES / max(done, 1)
    if len(problem.ships):
        run.shrink()
    return run


def _rounds(run: _Run, deadline: float, gap: float, seed: int, note: Callable[[], None]) -> None:
    """Search and price in turns until the gap is met, the time is over or HiGHS can take the rest.

    Short searches come first and go on from the best plan; longer ones go on and begin anew by turns.
    """
    number, pace = 0, np.inf
    with ThreadPoolExecutor(max_workers=2) as pool:
        while run.gap() > gap and not (run.resting and _worth(run)):
            number += 1
            begun, rested = monotonic(), run.resting
            # rounds grow to their full length; where the time left is for less than one, it is spent on one
            left = CAREFUL * (deadline - begun) / max(run.round_s, TINY_S)
            share = min(number / WARM_ROUNDS, 1.0) if left > 1 else left
            if begun >= deadline or (not rested and share < SHORTEST_ROUND):
                break
            suits, short = run.suits(), not rested and share < 1
            moves = MOVES_PER_SHIP * len(run.problem.ships) * (min(LONGER**run.quiet, LONGEST) if rested else share)
            moves = int(min(moves, pace * (deadline - begun)))
            parts = rested and run.quiet > 0 and len(run.problem.ships) > SHIPS and run.problem.power is None
            searches = [
                pool.submit(
                    _find,
                    run.problem,
                    moves=moves,
                    seed=seed + 2 * number + which,
                    begin=run.best if (number + which) % 2 or short else None,
                    pairs=suits,
                )
                for which in range(1 if parts or not rested else 2)
            ]
            if parts:
                searches.append(pool.submit(_part, run, suits, deadline - begun, seed + number))
            if not rested:
                passes = int(PASSES * share)
                run.prices = pool.submit(
                    ascend, run.relaxation, run.prices, upper=run.best.value, passes=passes
                ).result()
                _restart(run)
            found = min((s.result() for s in searches), key=lambda f: (not f.complete, f.value))
            better = found.complete and found.value < run.best.value
            run.quiet = 0 if better else run.quiet + 1
            if better:
                run.best = found
            if better or not rested:
                run.shrink()
            took = monotonic() - begun
            pace = moves / took if rested else np.inf  # a search alone is cut to the time that is left
            run.round_s = run.round_s if rested else took / share
            note()


def _part(run: _Run, suits: Flags, time_left_s: float, seed: int) -> Found:
    """Plan a few berths with their ships to the end."""
    prices = run.prices.u[run.merged.ship_class]

    def solve(part: Problem, begin: Found, known: exact.Floats) -> Solution:
        return optimise(part, time_limit_s=min(PART_S, time_left_s), seed=seed, begin=begin, prices=lambda _: known)

    return better_part(run.problem, run.best, suits=suits, prices=prices, seed=seed, solve=solve)


def _restart(run: _Run) -> None:
    from sisterport.berths.paths import SHORTEST  # noqa: PLC0415 (numba takes its time)

    if run.prices.length < SHORTEST:
        run.restarts += 1
        run.prices = replace(run.prices, length=RESTART_LENGTH)


def _worth(run: _Run) -> bool:
    """HiGHS can take the rest: few columns, or some and the search has come to rest."""
    columns = len(run.relaxation.ship)
    return columns <= FEW_COLUMNS or (columns <= SOME_COLUMNS and run.quiet >= PATIENCE)


def _close(run: _Run, time_limit_s: float, seed: int) -> None:
    """Find the best plan on the columns that are left, or prove that none is better."""
    columns = run.relaxation.columns()
    flow = exact.solve(run.merged, columns, time_limit_s=time_limit_s, seed=seed)
    if flow.x is not None and flow.value < run.best.value - exact.ROUNDED:
        run.best = _plan_of(run.problem, run.merged, columns, flow.x)
    if flow.status in ("optimal", "infeasible"):
        run.bound = run.best.value
    elif np.isfinite(flow.bound):
        run.bound = max(run.bound, min(run.best.value, ceil(flow.bound - ROUNDING)))


def _plan_of(problem: Problem, merged: Classes, columns: exact.Columns, x: exact.Floats) -> Found:
    taken = np.repeat(np.arange(len(columns)), np.round(x).astype(np.int64))
    chosen = columns.take(taken)
    berth, column = spread(merged, chosen.ship, chosen.berth, chosen.start)
    start, plugged = chosen.start[column], chosen.plugged[column] if problem.power is not None else None
    return Found(berth=berth, start=start, value=problem.value(berth, start, plugged), complete=True, plugged=plugged)


def _any_plan(problem: Problem, merged: Classes, *, time_limit_s: float, seed: int) -> Found | str:
    """Return a plan by HiGHS, ``infeasible`` or ``unknown``."""
    everything = relax(merged).columns()
    if np.setdiff1d(np.arange(merged.wanted.size), everything.ship).size:
        return "infeasible"
    found = _find(problem, moves=MOVES_PER_SHIP * len(problem.ships), seed=seed + 1, begin=None)
    if found.complete:
        return found
    if len(everything) > MOST_COLUMNS:
        return "unknown"
    flow = exact.solve(merged, everything, time_limit_s=time_limit_s, seed=seed)
    if flow.x is not None:
        return _plan_of(problem, merged, everything, flow.x)
    return "infeasible" if flow.status == "infeasible" else "unknown"


def _without_plan(problem: Problem, status: str, seconds: float) -> Solution:
    nowhere = np.full(len(problem.ships), -1, dtype=np.int64)
    return Solution(
        status=status,
        berth=nowhere,
        start=nowhere,
        value=0,
        bound=0,
        priced_bound=0,
        stages=(),
        events=(),
        seconds=seconds,
    )
