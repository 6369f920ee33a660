"""The one form that every method works on: a whole-number cost for each ship, berth and start.

A *column* (ship i, berth b, start t) says that ship i lies at berth b from t until t + handling[i, b]. Everything that
a planner can say about one ship at one berth at one time is in the columns: what cannot be has no column (windows,
closures, tides, length, depth, locks), what is unwelcome has a cost (waiting, lateness, fuel, emissions, changed
promises). What remains is that each ship gets one column and that no two ships lie at one berth at once.

One thing does not fit into columns: outlets of one plant that share its power (`Power`). A ship that plugs in draws her
power as long as she lies there; a ship that may do without pays for it.

Costs are whole numbers so that "better" means "better by at least one" and bounds can be proven without rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sisterport.berths.instances import Discrete
from sisterport.errors import InputError

if TYPE_CHECKING:
    from sisterport.berths.moves import Survey

FORBIDDEN = int(np.iinfo(np.int32).max)
"""Cost of a column that does not exist."""

Ints = NDArray[np.int64]
Costs = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Shore power that berths share.

    Parameters
    ----------
    draw
        What each ship draws at each berth [kW]; 0 where it does not plug in.
    plant
        Plant that feeds each berth; -1 where nothing limits the outlet.
    limit
        What each plant can give at once [kW].
    unplugged
        What it costs more not to plug in; `FORBIDDEN` where the ship must.
    """

    draw: Ints
    plant: Ints
    limit: Ints
    unplugged: Costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Who may lie where and when, and what it costs; time in whole steps from 0.

    Parameters
    ----------
    ships, berths
        Names.
    handling
        Steps that each ship needs at each berth; 0 where it cannot go.
    cost
        Cost of each ship, berth and start; `FORBIDDEN` where there is no such column. A ship that starts at t has to
        be gone by the horizon, which is the size of the last axis. Ships with a plug are plugged in.
    power
        Limits of shore power, if there are any.

    Raises
    ------
    InputError
        If the shapes differ, a column would reach over the horizon or a cost is negative.
    """

    ships: tuple[str, ...]
    berths: tuple[str, ...]
    handling: Ints
    cost: Costs
    power: Power | None = None

    def __post_init__(self) -> None:
        shape = (len(self.ships), len(self.berths))
        if self.handling.shape != shape or self.cost.shape[:2] != shape:
            raise InputError(
                f"{shape[0]} ships and {shape[1]} berths, but handling {self.handling.shape} and cost {self.cost.shape}"
            )
        seen = survey(self.cost)
        if seen.least < 0:
            raise InputError("a cost below 0: add a constant to all columns of the ship")
        wrong = (seen.last >= 0) & ((seen.last + self.handling > self.horizon) | (self.handling <= 0))
        if wrong.any():
            ship, berth = np.argwhere(wrong)[0]
            raise InputError(f"{self.ships[ship]} at {self.berths[berth]}: a start that cannot end inside the horizon")

    @property
    def horizon(self) -> int:
        """Last possible end [steps]."""
        return int(self.cost.shape[2])

    def value(self, berth: Ints, start: Ints, plugged: Flags | None = None) -> int:
        """Return the cost of the plan that puts each ship at `berth` from `start` on (not checked for overlaps).

        Ships are plugged in where they can be, unless `plugged` says otherwise.
        """
        ships = np.arange(len(self.ships))
        total = int(self.cost[ships, berth, start].astype(np.int64).sum())
        if self.power is not None and plugged is not None:
            without = ~plugged & (self.power.draw[ships, berth] > 0)
            total += int(self.power.unplugged[ships, berth][without].astype(np.int64).sum())
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """A problem without its symmetry: equal ships are one ship wanted several times, equal berths one with room.

    Parameters
    ----------
    problem
        One ship and one berth of each class.
    ship_class, berth_class
        Class of each ship and berth of the whole problem.
    wanted
        Ships in each class of ships.
    room
        Berths in each class of berths.
    """

    problem: Problem
    ship_class: Ints
    berth_class: Ints
    wanted: Ints
    room: Ints


def survey(cost: Costs) -> "Survey":
    """Return what all columns have in common, see `moves.Survey`."""
    from sisterport.berths import moves  # noqa: PLC0415 (numba takes its time)

    seen: Survey = moves.survey(cost, FORBIDDEN)
    return seen


def build(
    *,
    handling: Ints,
    earliest: Ints,
    latest: Ints,
    opens: Ints,
    closes: Ints,
    weight: Ints | None = None,
    reference: Ints | None = None,
    ships: Sequence[str] = (),
    berths: Sequence[str] = (),
) -> Problem:
    """Return the problem of least weighted sum of (end - reference), which is turnaround when the reference is arrival.

    Parameters
    ----------
    handling
        Ships x berths [steps]; 0 = not at this berth.
    earliest, latest
        Earliest start and latest end of each ship [steps].
    opens, closes
        When each berth opens and closes [steps].
    weight
        Weight of each ship; all 1 if not given.
    reference
        From when a ship's time counts [steps]; the earliest start if not given.
    ships, berths
        Names; numbers from 1 if not given.

    Examples
    --------
    >>> two = build(
    ...     handling=np.array([[4], [2]]), earliest=np.array([0, 1]), latest=np.array([9, 9]),
    ...     opens=np.array([0]), closes=np.array([9]),
    ... )
    >>> two.horizon, two.value(np.array([0, 0]), np.array([3, 1]))  # the short ship first: 7 + 2
    (9, 9)
    """
    count, slots = handling.shape
    weight = np.ones(count, dtype=np.int64) if weight is None else weight
    reference = earliest if reference is None else reference
    horizon = int(min(closes.max(), latest.max()))
    end = np.arange(horizon)[None, None, :] + handling[:, :, None]
    start = np.arange(horizon)[None, None, :]
    fits = (handling[:, :, None] > 0) & (end <= np.minimum(latest[:, None], closes[None, :])[:, :, None])
    fits &= start >= np.maximum(earliest[:, None], opens[None, :])[:, :, None]
    cost = weight[:, None, None] * (end - reference[:, None, None])
    return Problem(
        ships=tuple(ships) or tuple(str(number + 1) for number in range(count)),
        berths=tuple(berths) or tuple(str(number + 1) for number in range(slots)),
        handling=handling.astype(np.int64),
        cost=np.where(fits, cost, FORBIDDEN).astype(np.int32),
    )


def from_discrete(instance: Discrete) -> Problem:
    """Return the problem of a discrete instance: least sum of (end - arrival).

    Examples
    --------
    >>> from sisterport.berths.parsers import parse_discrete
    >>> from_discrete(parse_discrete("2 1  0 3  1  5 4  50  50 50", name="two")).horizon
    50
    """
    return build(
        handling=instance.handling,
        earliest=instance.arrival,
        latest=instance.latest,
        opens=instance.opens,
        closes=instance.closes,
    )


def forbid(problem: Problem, gone: Flags) -> Problem:
    """Return the problem without the columns that are true in `gone` (ships x berths x starts)."""
    return replace(problem, cost=np.where(gone, FORBIDDEN, problem.cost).astype(np.int32))


def close_berth(problem: Problem, berth: int, begin: int, end: int) -> Problem:
    """Return the problem without the columns that touch `berth` between `begin` and `end` [steps].

    Examples
    --------
    >>> one = build(handling=np.array([[2]]), earliest=np.array([0]), latest=np.array([9]), opens=np.array([0]),
    ...             closes=np.array([9]))
    >>> np.flatnonzero(close_berth(one, 0, 3, 5).cost[0, 0] != FORBIDDEN).tolist()
    [0, 1, 5, 6, 7]
    """
    starts = np.arange(problem.horizon)
    gone = np.zeros(problem.cost.shape, dtype=np.bool_)
    gone[:, berth, :] = (starts < end) & (starts + problem.handling[:, berth, None] > begin)
    return forbid(problem, gone)


def lock(problem: Problem, ship: int, *, berth: int | None = None, start: int | None = None) -> Problem:
    """Return the problem in which `ship` keeps its `berth`, its `start` [step], or both.

    Raises
    ------
    InputError
        If the ship cannot lie there then; the message tells whom and where.
    """
    keep = np.ones(problem.cost.shape[1:], dtype=np.bool_)
    if berth is not None:
        keep &= (np.arange(len(problem.berths)) == berth)[:, None]
    if start is not None:
        keep &= np.arange(problem.horizon) == start
    gone = np.zeros(problem.cost.shape, dtype=np.bool_)
    gone[ship] = ~keep
    locked = forbid(problem, gone)
    if (locked.cost[ship] == FORBIDDEN).all():
        where = "" if berth is None else f" at {problem.berths[berth]}"
        when = "" if start is None else f" from step {start}"
        raise InputError(f"{problem.ships[ship]} is locked{where}{when}, but cannot lie there then")
    return locked


def classes(problem: Problem) -> Classes:
    """Return the problem with equal ships and equal berths merged.

    Examples
    --------
    >>> same = build(handling=np.array([[3, 3], [3, 3], [2, 2]]), earliest=np.zeros(3, int), latest=np.full(3, 9),
    ...              opens=np.zeros(2, int), closes=np.full(2, 9))
    >>> merged = classes(same)
    >>> merged.wanted.tolist(), merged.room.tolist()
    ([2, 1], [2])
    """
    power, handling, cost = problem.power, problem.handling, problem.cost
    at_ship: list[list[bytes]] = [[handling[i].tobytes(), cost[i].tobytes()] for i in range(len(problem.ships))]
    at_berth = [[handling[:, b].tobytes(), cost[:, b].tobytes()] for b in range(len(problem.berths))]
    if power is not None:
        for i, key in enumerate(at_ship):
            key += [power.draw[i].tobytes(), power.unplugged[i].tobytes()]
        for b, key in enumerate(at_berth):
            key += [power.draw[:, b].tobytes(), power.unplugged[:, b].tobytes(), power.plant[b].tobytes()]
    ship_class, ships = _alike(at_ship)
    berth_class, berths = _alike(at_berth)
    pairs = np.ix_(ships, berths)
    return Classes(
        problem=Problem(
            ships=tuple(problem.ships[i] for i in ships),
            berths=tuple(problem.berths[b] for b in berths),
            handling=np.ascontiguousarray(handling[pairs]),
            cost=np.ascontiguousarray(cost[pairs])
            if len(ships) < cost.shape[0] or len(berths) < cost.shape[1]
            else cost,
            power=None
            if power is None
            else replace(power, draw=power.draw[pairs], plant=power.plant[berths], unplugged=power.unplugged[pairs]),
        ),
        ship_class=ship_class,
        berth_class=berth_class,
        wanted=np.bincount(ship_class),
        room=np.bincount(berth_class),
    )


def _alike(keys: list[list[bytes]]) -> tuple[Ints, list[int]]:
    """Return the class of each key and the first member of each class."""
    seen: dict[tuple[bytes, ...], int] = {}
    first: list[int] = []
    numbers = []
    for at, key in enumerate(map(tuple, keys)):
        if key not in seen:
            seen[key] = len(first)
            first.append(at)
        numbers.append(seen[key])
    return np.array(numbers, dtype=np.int64), first


def spread(merged: Classes, ship: Ints, berth: Ints, start: Ints) -> tuple[Ints, Ints]:
    """Return the berth of each real ship and which of the columns it has, from columns of the merged problem.

    Parameters
    ----------
    merged
        What `classes` returned.
    ship, berth, start
        One chosen column per real ship, as numbers of the merged problem; a class of ships comes as often as it has
        ships.

    Raises
    ------
    InputError
        If a class of berths holds more ships at once than it has berths.
    """
    waiting = {c: list(np.flatnonzero(merged.ship_class == c)) for c in range(merged.wanted.size)}
    free = {c: {int(b): 0 for b in np.flatnonzero(merged.berth_class == c)} for c in range(merged.room.size)}
    berths = np.full(merged.ship_class.size, -1, dtype=np.int64)
    column = np.full(merged.ship_class.size, -1, dtype=np.int64)
    for k in np.argsort(start, kind="stable"):
        who = waiting[int(ship[k])].pop(0)
        ends = free[int(berth[k])]
        where = min(ends, key=lambda b: ends[b])
        if ends[where] > start[k]:
            raise InputError(f"more ships at once than berths like {merged.problem.berths[int(berth[k])]}")
        berths[who], column[who] = where, k
        ends[where] = int(start[k] + merged.problem.handling[int(ship[k]), int(berth[k])])
    return berths, column
