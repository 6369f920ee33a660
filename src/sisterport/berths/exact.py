"""The arc-flow model in HiGHS: a berth's day is a path from start to end, a ship is an arc, waiting is an arc.

    min  sum cost_k x_k      over columns k = (ship class v, berth class b, start t)
    s.t. sum of x_k over the columns of v = ships in v
         flow into (b, t) = flow out of (b, t);   room_b paths leave the first node of b
         x whole, idle arcs continuous

Three numbers per column, whatever the handling time, which is what makes it work on thousands of columns. Where berths
share the power of a plant, its load is a level that rises at the start and falls at the end of each column that is
plugged in, and stays below the limit: two more numbers per column.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from sisterport.berths.problem import FORBIDDEN, Classes, Flags, Ints, Power
from sisterport.errors import MethodError

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

ABSOLUTE_GAP = 0.999
"""Costs are whole: a plan less than one above the bound is the best."""
ROUNDED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns of a merged problem; `plugged` where a ship draws shore power."""

    ship: Ints
    berth: Ints
    start: Ints
    cost: Ints
    steps: Ints
    plugged: Flags

    def __len__(self) -> int:
        return int(self.ship.size)

    def take(self, which: Any) -> "Columns":
        """Return the columns that `which` selects."""
        return Columns(
            ship=self.ship[which],
            berth=self.berth[which],
            start=self.start[which],
            cost=self.cost[which],
            steps=self.steps[which],
            plugged=self.plugged[which],
        )


def with_unplugged(columns: Columns, power: Power) -> Columns:
    """Return `columns` and, after them, those in which a ship does without her plug at a price."""
    extra = power.unplugged[columns.ship, columns.berth]
    may = np.flatnonzero(columns.plugged & (extra != FORBIDDEN))
    both = columns.take(np.r_[np.arange(len(columns)), may])
    both.cost[len(columns) :] += extra[may]
    both.plugged[len(columns) :] = False
    return both


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What HiGHS found on a set of columns.

    Parameters
    ----------
    status
        ``optimal``, ``infeasible`` or ``open``.
    x
        How often each column is taken; None without a solution.
    value
        Cost of `x`.
    bound
        No choice of these columns costs less.
    """

    status: str
    x: Floats | None
    value: float
    bound: float


def solve(
    merged: Classes,
    columns: Columns,
    *,
    time_limit_s: float,
    start: Ints | None = None,
    seed: int = 0,
) -> Flow:
    """Solve the arc-flow model on `columns`.

    Parameters
    ----------
    merged
        The problem without its symmetry.
    columns
        Columns that may be used.
    time_limit_s
        Time limit [s].
    start
        How often each column is taken in a known plan.
    seed
        Of the solver.

    Raises
    ------
    MethodError
        If HiGHS refuses the model.
    """
    import highspy  # noqa: PLC0415 (heavy)

    h = quiet_solver(time_limit_s=time_limit_s, seed=seed)
    model = _Model(merged, columns)
    h.passModel(model.build(highspy))
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = list(model.complete(start.astype(float)))
        h.setSolution(solution)
    if h.run() == highspy.HighsStatus.kError:
        raise MethodError("HiGHS could not work on the berth plan's model")
    return _answer(h, highspy, len(columns))


def quiet_solver(*, time_limit_s: float, seed: int = 0, absolute_gap: float = ABSOLUTE_GAP) -> Any:
    """Return a HiGHS solver that prints nothing; the number of threads is left to it, as it is one for the process."""
    import highspy  # noqa: PLC0415 (heavy)

    with _silence():  # its first instance prints a banner, which does not belong into a command's output
        h = highspy.Highs()  # type: ignore[no-untyped-call]
    h.setOptionValue("output_flag", False)
    h.setOptionValue("time_limit", float(max(time_limit_s, 0.0)))
    h.setOptionValue("random_seed", seed)
    h.setOptionValue("mip_abs_gap", absolute_gap)
    h.setOptionValue("mip_rel_gap", 0.0)
    return h


@contextmanager
def _silence() -> Iterator[None]:
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class _Model:
    """Rows and variables: a row per ship class, per node (berth class and time) and per load (plant and time).

    Variables: columns, then idle arcs from each node to the next, then the load after each event of a plant.
    """

    def __init__(self, merged: Classes, columns: Columns) -> None:
        self.merged, self.columns = merged, columns
        berth_of, self.tail, self.head = _nodes(
            columns.berth, columns.start, columns.start + columns.steps, merged.room.size, merged.problem.horizon
        )
        self.first = np.flatnonzero(np.diff(berth_of, prepend=-1))  # of each berth class
        self.last = np.r_[self.first[1:], berth_of.size] - 1
        self.idle = np.setdiff1d(np.arange(berth_of.size), self.last)
        self.room = merged.room[berth_of[self.idle]].astype(float)
        power = merged.problem.power
        self.drawing = np.zeros(0, dtype=np.int64)
        self.load_limit = np.zeros(0)
        if power is not None:
            self.drawing = np.flatnonzero(columns.plugged & (power.plant[columns.berth] >= 0))
            drawing = columns.take(self.drawing)
            self.draw = power.draw[drawing.ship, drawing.berth].astype(float)
            plant_of, self.up, self.down = _nodes(
                power.plant[drawing.berth],
                drawing.start,
                drawing.start + drawing.steps,
                power.limit.size,
                merged.problem.horizon,
            )
            self.load_limit = power.limit[plant_of].astype(float)

    def build(self, highspy: Any) -> Any:
        """Return the model in the solver's form."""
        merged, columns, kinds = self.merged, self.columns, highspy.HighsVarType
        count, idle, loads = len(columns), self.idle.size, self.load_limit.size
        ships, nodes = merged.wanted.size, self.last[-1] + 1 if self.last.size else 0
        every, more = np.arange(count), np.arange(idle)
        parts: list[tuple[Any, Any, Any]] = [
            (columns.ship, every, 1.0),
            (ships + self.tail, every, 1.0),
            (ships + self.head, every, -1.0),
            (ships + self.idle, count + more, 1.0),
            (ships + self.idle + 1, count + more, -1.0),
        ]
        if loads:
            level = np.arange(loads)
            parts += [
                (ships + nodes + self.up, self.drawing, self.draw),
                (ships + nodes + self.down, self.drawing, -self.draw),
                (ships + nodes + level, count + idle + level, -1.0),
                (ships + nodes + level[1:], count + idle + level[:-1], 1.0),
            ]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count + idle + loads, ships + nodes + loads
        lp.col_cost_ = np.r_[columns.cost, np.zeros(idle + loads)].astype(float)
        lp.col_lower_ = np.zeros(lp.num_col_)
        most = np.minimum(merged.wanted[columns.ship], merged.room[columns.berth]).astype(float)
        lp.col_upper_ = np.r_[most, self.room, self.load_limit]
        balance = np.zeros(nodes)
        balance[self.first] = merged.room
        balance[self.last] = -merged.room
        lp.row_lower_ = lp.row_upper_ = np.r_[merged.wanted, balance, np.zeros(loads)].astype(float)
        set_matrix(highspy, lp, parts)
        lp.integrality_ = [kinds.kInteger] * count + [kinds.kContinuous] * (idle + loads)
        return lp

    def complete(self, x: Floats) -> Floats:
        """Return `x` with the idle flow and the loads that go with it."""
        into = np.zeros(self.last[-1] + 1)
        into[self.first] = self.merged.room
        np.add.at(into, self.head, x)
        np.add.at(into, self.tail, -x)
        flow = np.concatenate([np.cumsum(into[a : e + 1]) for a, e in zip(self.first, self.last, strict=True)])
        load = np.zeros(self.load_limit.size)
        if load.size:
            np.add.at(load, self.up, self.draw * x[self.drawing])
            np.add.at(load, self.down, -self.draw * x[self.drawing])
        whole: Floats = np.r_[x, flow[self.idle], np.cumsum(load)]
        return whole


def _nodes(group: Ints, start: Ints, end: Ints, groups: int, horizon: int) -> tuple[Ints, Ints, Ints]:
    """Return the group of each node (a time at which something starts or ends), and the nodes of starts and ends.

    Nodes are in order of group and time; each group has one at 0 and one at the horizon.
    """
    stride = horizon + 1
    ends = np.arange(groups)[:, None] * stride + np.array([0, horizon])
    keys = np.unique(np.concatenate([group * stride + start, group * stride + end, ends.ravel()]))
    return keys // stride, np.searchsorted(keys, group * stride + start), np.searchsorted(keys, group * stride + end)


def set_matrix(highspy: Any, lp: Any, parts: Any) -> None:
    """Put (rows, columns, values) into a model."""
    rows = np.concatenate([row for row, _, _ in parts])
    columns = np.concatenate([column for _, column, _ in parts])
    values = np.concatenate([np.broadcast_to(value, row.shape) for row, _, value in parts])
    order = np.lexsort((rows, columns))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.searchsorted(columns[order], np.arange(lp.num_col_ + 1)).astype(np.int32)
    lp.a_matrix_.index_ = rows[order].astype(np.int32)
    lp.a_matrix_.value_ = values[order].astype(float)


def _answer(h: Any, highspy: Any, count: int) -> Flow:
    status, info = h.getModelStatus(), h.getInfo()
    kinds = highspy.HighsModelStatus
    name = {kinds.kOptimal: "optimal", kinds.kInfeasible: "infeasible"}.get(status, "open")
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Flow(
        status=name,
        x=np.array(h.getSolution().col_value[:count]) if found else None,
        value=float(info.objective_function_value) if found else np.inf,
        bound=float(info.mip_dual_bound),
    )
