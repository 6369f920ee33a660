"""One or more quays on which ships lie anywhere: a plan by annealing, a bound by prices of places and times.

A plan is one rectangle of time and quay per ship. Its cost is what each start costs plus what each place costs. The
bound: along the quay stand marks, and a ship that covers a mark for a step pays its price; what all pay is given back
once per mark and step, as no two ships may cover a mark at once. What is left falls apart into ships. For quays on
which all places are as good (`by_length`), HiGHS finds the best starts for which lengths add up to no more than the
quay at any time: a bound too, and mostly a plan.
"""

from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from sisterport.berths.exact import Floats, quiet_solver, set_matrix
from sisterport.berths.problem import FORBIDDEN, Costs, Ints
from sisterport.berths.warm import warm
from sisterport.errors import InputError

if TYPE_CHECKING:
    from sisterport.berths.quay_moves import Shore

MOVES = 4_000
"""Orders tried before the clock is looked at again."""
HOT, COLD = 0.02, 0.0005
"""Temperatures, in parts of the mean cost of a ship."""
PASSES, PATIENCE, FALL, SHORTEST = 50, 10, 0.7, 1e-3
"""Passes of the bound before the clock is looked at again; passes without gain before steps get shorter, by what, and
the step at which it ends."""
ENOUGH = 20
"""Searches without a better plan after which the proof begins."""
SEARCH_SHARE, PROOF_SHARE = 0.3, 0.5
"""Parts of the time that the search for a plan may take at most, and the proof gets at least."""
ROUNDING = 1e-6
"""Tolerance before a bound is rounded up, and part of it that counts as a gain."""
MOST_MARKS = 400
"""Marks along the quays at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quay:
    """Ships and quays in whole units of time, length and cost.

    Parameters
    ----------
    ships
        Names.
    steps, length
        Time at the quay and length of each ship.
    cost
        Cost of each ship's start at each step, not falling with time; `problem.FORBIDDEN` where she cannot start.
    begin, end
        Of each quay on a common axis.
    wanted, per_unit
        Wanted place of each ship's lower end, and the cost of a unit off it.
    preferred, elsewhere
        Preferred quay of each ship (-1: any), and the cost of another one (in place of the distance).
    """

    ships: tuple[str, ...]
    steps: Ints
    length: Ints
    cost: Costs
    begin: Ints
    end: Ints
    wanted: Ints
    per_unit: Ints
    preferred: Ints
    elsewhere: Ints

    def __post_init__(self) -> None:
        for i, name in enumerate(self.ships):
            if self.length[i] > (self.end - self.begin).max():
                raise InputError(f"{name} is longer than every quay")
            if (self.cost[i] == FORBIDDEN).all():
                raise InputError(f"{name} can start at no time")

    @property
    def by_length(self) -> bool:
        """Places cost nothing and there is one quay, so lengths are all that counts."""
        return not self.per_unit.any() and self.begin.size == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QuayPlan:
    """A plan on quays and its bound; `start` [steps] and `place` (lower end) of each ship."""

    start: Ints
    place: Ints
    value: int
    bound: int
    seconds: float


def optimise_quay(quay: Quay, *, time_limit_s: float, seed: int = 0) -> QuayPlan:
    """Return the best plan found in the time, with a proven bound; the clock starts when all is compiled.

    Raises
    ------
    InputError
        If no plan is found.

    Examples
    --------
    >>> two = Quay(
    ...     ships=("Ada", "Ben"), steps=np.array([4, 2]), length=np.array([6, 6]),
    ...     cost=(np.arange(20)[None, :] + np.array([[4], [2]])).astype(np.int32), begin=np.array([0]),
    ...     end=np.array([10]), wanted=np.zeros(2, int), per_unit=np.zeros(2, int), preferred=np.full(2, -1),
    ...     elsewhere=np.zeros(2, int),
    ... )
    >>> made = optimise_quay(two, time_limit_s=1)
    >>> made.value, made.bound, made.start.tolist()  # the short stay first
    (8, 8, [2, 0])
    """
    from sisterport.berths import quay_moves as kernel  # noqa: PLC0415 (numba takes its time)

    warm("quay", _tiny)
    began = monotonic()
    shore = _shore(quay)
    order = np.argsort(shore.first, kind="stable").astype(np.int64)
    scale = max(float(np.where(quay.cost == FORBIDDEN, 0, quay.cost).min(axis=1).mean()), 1.0)
    alone = _alone(quay)
    best, start, place, order = kernel.anneal(order, shore, HOT * scale, COLD * scale, MOVES, seed)
    if best >= kernel.LOST:
        raise InputError("no plan was found in which every ship has a place before the horizon")
    bound = alone
    number = quiet = 0
    while bound < best and quiet < ENOUGH and monotonic() < began + SEARCH_SHARE * time_limit_s:
        number, quiet = number + 1, quiet + 1
        value, at, where, found = kernel.anneal(order.copy(), shore, HOT * scale, COLD * scale, MOVES, seed + number)
        if value < best:
            best, start, place, order, quiet = value, at, where, found, 0
    if bound < best and quay.by_length:
        bound, starts = _by_length(
            quay, best, max(began + time_limit_s - monotonic(), PROOF_SHARE * time_limit_s), seed
        )
        packed = None if starts is None else pack(starts, quay.steps, quay.length, int(quay.end[0] - quay.begin[0]))
        if packed is not None and starts is not None and _value(quay, starts) <= best:
            best, start, place = _value(quay, starts), starts, packed + quay.begin[0]
    elif bound < best:
        bound = max(bound, _by_marks(quay, shore, best, began + time_limit_s))
    return QuayPlan(start=start, place=place, value=int(best), bound=min(bound, int(best)), seconds=monotonic() - began)


def _tiny() -> QuayPlan:
    """Plan two ships that meet, each with a wanted place: runs everything that is compiled, and loads HiGHS."""
    import highspy  # noqa: F401, PLC0415 (heavy)

    two, one = np.full(2, 2), np.array([1])
    quay = Quay(
        ships=("1", "2"), steps=two, length=two, cost=np.arange(10, dtype=np.int32)[None, :].repeat(2, axis=0),
        begin=one - 1, end=one + 2, wanted=two, per_unit=two, preferred=two - 2, elsewhere=two,
    )  # fmt: skip
    return optimise_quay(quay, time_limit_s=0.0)


def _value(quay: Quay, start: Ints) -> int:
    return int(quay.cost[np.arange(start.size), start].astype(np.int64).sum())


def _alone(quay: Quay) -> int:
    """Return what the ships cost if none is in another's way."""
    return int(np.where(quay.cost == FORBIDDEN, 2**40, quay.cost.astype(np.int64)).min(axis=1).sum())


def _shore(quay: Quay) -> "Shore":
    from sisterport.berths import quay_moves as kernel  # noqa: PLC0415 (numba takes its time)

    allowed = quay.cost != FORBIDDEN
    horizon = quay.cost.shape[1]
    number = np.where(allowed, np.arange(horizon), horizon)
    following = np.minimum.accumulate(number[:, ::-1], axis=1)[:, ::-1].astype(np.int64)
    return kernel.Shore(
        steps=quay.steps.astype(np.int64),
        length=quay.length.astype(np.int64),
        first=following[:, 0].copy(),
        following=np.ascontiguousarray(following),
        by_time=quay.cost.astype(np.int64),
        wanted=quay.wanted.astype(np.int64),
        per_unit=quay.per_unit.astype(np.int64),
        quay=quay.preferred.astype(np.int64),
        elsewhere=quay.elsewhere.astype(np.int64),
        begin=quay.begin.astype(np.int64),
        end=quay.end.astype(np.int64),
    )


def _by_marks(quay: Quay, shore: "Shore", best: int, deadline: float) -> int:
    """Return the bound by prices of marks and steps."""
    from sisterport.berths import quay_moves as kernel  # noqa: PLC0415 (numba takes its time)

    pitch = ceil(int(quay.end.max()) / MOST_MARKS)
    latest = int((np.where(quay.cost == FORBIDDEN, 0, 1).cumsum(axis=1).argmax(axis=1) + quay.steps).max())
    price: Floats = np.zeros((int(quay.end.max()) // pitch + 1, max(latest, quay.cost.shape[1]) + 1))
    bound, length = -np.inf, 1.0
    while bound <= best - 1 and length > SHORTEST:
        raised, length = kernel.ascend(price, pitch, shore, float(best), length, PASSES, PATIENCE, FALL)
        bound = max(bound, raised)
        if monotonic() > deadline:
            break
    return ceil(bound - ROUNDING)


def _by_length(quay: Quay, best: int, time_limit_s: float, seed: int) -> tuple[int, Ints | None]:
    """Return the bound, and the starts, for which lengths add up to no more than the quay at any time (HiGHS)."""
    import highspy  # noqa: PLC0415 (heavy)

    cost, room = quay.cost.astype(np.int64), int(quay.end[0] - quay.begin[0])
    least = np.where(cost == FORBIDDEN, 2**40, cost).min(axis=1)
    spare = best - int(least.sum())  # a better plan has no start that costs more than this over the ship's cheapest
    ship, start = np.nonzero((cost != FORBIDDEN) & (cost - least[:, None] <= spare))
    every, ships = np.arange(ship.size), len(quay.ships)
    # who leaves no room beside her takes it all
    shortest = np.array([np.delete(quay.length, i).min(initial=room) for i in range(ships)])
    length = np.where(quay.length + shortest > room, room, quay.length)
    steps = quay.steps[ship]
    column = np.repeat(every, steps)
    offset = np.arange(column.size) - np.repeat(np.cumsum(steps) - steps, steps)
    time = np.repeat(start, steps) + offset
    rows = int(time.max()) + 1
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = ship.size, ships + rows
    lp.col_cost_ = cost[ship, start].astype(float)
    lp.col_lower_, lp.col_upper_ = np.zeros(ship.size), np.ones(ship.size)
    lp.row_lower_ = np.r_[np.ones(ships), np.full(rows, -highspy.kHighsInf)]
    lp.row_upper_ = np.r_[np.ones(ships), np.ones(rows)]
    set_matrix(highspy, lp, [(ship, every, 1.0), (ships + time, column, length[ship[column]] / room)])
    lp.integrality_ = [highspy.HighsVarType.kInteger] * ship.size
    h = quiet_solver(time_limit_s=time_limit_s, seed=seed)
    h.passModel(lp)
    h.run()
    info = h.getInfo()
    if h.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return best, None
    bound = min(best, ceil(info.mip_dual_bound - ROUNDING)) if np.isfinite(info.mip_dual_bound) else int(least.sum())
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return bound, None
    x = np.array(h.getSolution().col_value) > 0.5
    starts = np.zeros(ships, dtype=np.int64)
    starts[ship[x]] = start[x]
    return bound, starts


def pack(start: Ints, steps: Ints, length: Ints, room: int, *, tries: int = 20_000) -> Ints | None:
    """Return places on a quay for ships with given times, or None if none are found in so many steps back and forth.

    Examples
    --------
    >>> pack(np.array([0, 0, 2]), np.array([4, 2, 4]), np.array([4, 6, 5]), 10).tolist()
    [6, 0, 0]
    """
    count = start.size
    order = np.lexsort((-length, start))
    place = np.full(count, -1, dtype=np.int64)
    left = tries

    def put(k: int) -> bool:
        nonlocal left
        if k == count:
            return True
        i = order[k]
        lying = [j for j in order[:k] if start[j] + steps[j] > start[i]]
        for y in sorted(
            {
                0,
                room - int(length[i]),
                *(int(place[j] + length[j]) for j in lying),
                *(int(place[j] - length[i]) for j in lying),
            }
        ):
            if (
                y < 0
                or y + length[i] > room
                or any(place[j] < y + length[i] and place[j] + length[j] > y for j in lying)
            ):
                continue
            left -= 1
            if left < 0:
                return False
            place[i] = y
            if put(k + 1):
                return True
        place[i] = -1
        return False

    return place if put(0) else None


def check_quay(quay: Quay, start: Ints, place: Ints) -> tuple[int, tuple[str, ...]]:
    """Return the cost of a plan and all its faults, in plain arithmetic."""
    faults, total = [], 0
    for i, name in enumerate(quay.ships):
        t, y = int(start[i]), int(place[i])
        if not 0 <= t < quay.cost.shape[1] or quay.cost[i, t] == FORBIDDEN:
            faults.append(f"{name} may not start at step {t}")
            continue
        on = [q for q in range(quay.begin.size) if quay.begin[q] <= y and y + quay.length[i] <= quay.end[q]]
        if not on:
            faults.append(f"{name} lies over the end of a quay at {y}")
            continue
        away = quay.preferred[i] >= 0 and quay.preferred[i] not in on
        total += int(quay.cost[i, t])
        total += int(quay.elsewhere[i]) if away else int(quay.per_unit[i]) * abs(y - int(quay.wanted[i]))
        for j in range(i):
            apart_in_time = start[j] >= t + quay.steps[i] or start[j] + quay.steps[j] <= t
            apart_in_place = place[j] >= y + quay.length[i] or place[j] + quay.length[j] <= y
            if not (apart_in_time or apart_in_place):
                faults.append(f"{quay.ships[j]} and {name} lie at the same place at the same time")
    return total, tuple(faults)
