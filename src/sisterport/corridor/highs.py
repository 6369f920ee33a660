"""HiGHS, fed with a whole programme at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sisterport.corridor.problem import Flags, Floats, Ints
from sisterport.errors import MethodError

_SEARCHED = (7, 13)  # HiGHS' kOptimal, kTimeLimit: it has a bound
_FEASIBLE = 2  # HiGHS' kSolutionStatusFeasible
_REFUSED, _NOT_SET = -1, 0  # HiGHS' kError and kNotset: it did not try, which is not "no plan"
_IPM_TOLERANCE = 1e-6  # duals at any tolerance prove a bound, which is added up by ourselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """A linear programme as arrays: minimise cost x, row_low <= A x <= row_high, low <= x <= high."""

    cost: Floats
    low: Floats
    high: Floats
    row_low: Floats
    row_high: Floats
    start: Ints
    column: Ints
    value: Floats

    @property
    def row(self) -> Ints:
        """Row of each entry."""
        return np.repeat(np.arange(self.row_low.size), np.diff(self.start))

    def times(self, x: Floats) -> Floats:
        """Return A x."""
        return np.bincount(self.row, self.value * x[self.column], self.row_low.size).astype(float)

    def back(self, y: Floats) -> Floats:
        """Return y A."""
        return np.bincount(self.column, self.value * y[self.row], self.cost.size).astype(float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What HiGHS found; without a plan `x` is None and `value` infinite."""

    status: str
    x: Floats | None
    duals: Floats
    value: float
    bound: float


class Solver:
    """One programme in HiGHS; what it found last is where it starts next, so small changes cost little."""

    def __init__(self, lp: Linear, **options: Any) -> None:
        import highspy  # noqa: PLC0415 (heavy)

        self._cost = lp.cost.copy()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = lp.cost.size, lp.row_low.size
        model.col_cost_, model.col_lower_, model.col_upper_ = lp.cost, lp.low, lp.high
        model.row_lower_, model.row_upper_ = lp.row_low, lp.row_high
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_ = lp.start.astype(np.int32), lp.column.astype(np.int32)
        model.a_matrix_.value_ = lp.value
        self._h: Any = _quiet()
        self.options(**options)
        self._h.passModel(model)
        self._whole = False

    def options(self, **options: Any) -> None:
        """Set options of HiGHS by their names."""
        for name, value in options.items():
            self._h.setOptionValue(name, value)

    def limits(self, columns: Ints, low: Floats, high: Floats) -> None:
        """Set the limits of some columns."""
        self._h.changeColsBounds(columns.size, columns.astype(np.int32), low.astype(float), high.astype(float))

    def costs(self, columns: Ints, cost: Floats) -> None:
        """Set the cost of some columns."""
        self._cost[columns] = cost
        self._h.changeColsCost(columns.size, columns.astype(np.int32), cost.astype(float))

    def whole(self, flags: Flags) -> None:
        """Say which columns are whole numbers."""
        columns = np.arange(flags.size, dtype=np.int32)
        self._h.changeColsIntegrality(flags.size, columns, flags.astype(np.uint8))
        self._whole = bool(flags.any())

    def solve(self) -> Answer:
        """Solve; a programme without a solution, or one not found in time, has no plan."""
        self._run()
        if not self._whole and self._h.getInfo().primal_solution_status != _FEASIBLE:
            self._h.clearSolver()  # a start far away can end in numerical trouble; a fresh one says for sure
            self._run()
        info, solution, status = self._h.getInfo(), self._h.getSolution(), self._h.getModelStatus()
        found = info.primal_solution_status == _FEASIBLE
        x = np.array(solution.col_value) if found else None
        return Answer(
            status=self._h.modelStatusToString(status).lower(),
            x=x,
            duals=np.array(solution.row_dual),
            value=np.inf if x is None else float(self._cost @ x),
            bound=float(info.mip_dual_bound) if self._whole and int(status) in _SEARCHED else -np.inf,
        )

    def _run(self) -> None:
        if int(self._h.run()) == _REFUSED and int(self._h.getModelStatus()) == _NOT_SET:
            raise MethodError("HiGHS refused to start on the corridor's programme (was its number of threads changed?)")


def _quiet() -> Any:
    import highspy  # noqa: PLC0415 (heavy)

    class Quiet(highspy.Highs):
        """Prints no banner: it would stand in the output of a command."""

        def enableCallbacks(self) -> None:  # noqa: N802
            self.silent()
            super().enableCallbacks()  # type: ignore[no-untyped-call,unused-ignore]

    return Quiet()  # type: ignore[no-untyped-call,unused-ignore]


def relax(lp: Linear) -> Answer:
    """Solve a large programme by interior points, without a corner: its prices prove the bound, its plan guides."""
    answer = Solver(lp, solver="ipm", run_crossover="off", ipm_optimality_tolerance=_IPM_TOLERANCE).solve()
    if answer.x is None:
        answer = Solver(lp).solve()  # the simplex method says for sure whether there is a plan
    return answer


def proven(lp: Linear, duals: Floats) -> tuple[float, Floats]:
    """Return the bound that prices of the rows prove, and the prices with those of a wrong sign left out.

    Every plan costs at least the price of the rows at their limits plus, for each column, its reduced cost at the
    better of its limits (weak duality): true for any prices, whoever found them.
    """
    y = np.where(np.isinf(lp.row_low) & (duals > 0), 0.0, duals)
    y = np.where(np.isinf(lp.row_high) & (y < 0), 0.0, y)
    at = np.where(y > 0, lp.row_low, lp.row_high)
    reduced = lp.cost - lp.back(y)
    at_rows = np.multiply(y, at, out=np.zeros_like(y), where=y != 0)
    return float(at_rows.sum() + np.minimum(reduced * lp.low, reduced * lp.high).sum()), y
