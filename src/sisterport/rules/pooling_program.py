"""A mixed-integer program collected column by column, and HiGHS to solve it."""

import math

import numpy as np

from sisterport.errors import MethodError
from sisterport.reference import value
from sisterport.rules.pooling_fleet import Floats


class Program:
    """Columns and rows of a linear program, collected one by one."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.whole: list[bool] = []
        self.row_low: list[float] = []
        self.row_high: list[float] = []
        self.start: list[int] = [0]
        self.index: list[int] = []
        self.factor: list[float] = []
        self.moved: list[int] = []
        self.fixed_cost = 0.0

    def column(self, low: float, high: float, *, cost: float = 0.0) -> int:
        """Add an amount between two bounds; return its column."""
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(False)
        return len(self.cost) - 1

    def flag(self, *, most: float = 1.0, cost: float = 0.0) -> int:
        """Add a decision, 0 or 1; with `most` 0 it is taken away."""
        column = self.column(0.0, most, cost=cost)
        self.whole[column] = True
        return column

    def moving(self, high: float) -> int:
        """Add an amount that moves only if it is worth something; see ``pooling_tie_cost``."""
        self.moved.append(self.column(0.0, high))
        return self.moved[-1]

    def row(self, terms: list[tuple[int, float]], *, low: float = -np.inf, high: float = np.inf) -> None:
        """Add a sum of columns times factors that must lie between two bounds."""
        for column, factor in terms:
            self.index.append(column)
            self.factor.append(factor)
        self.start.append(len(self.index))
        self.row_low.append(low)
        self.row_high.append(high)


def run(program: Program, *, gap: float, fixed: dict[int, float] | None = None) -> tuple[Floats, Floats, float]:
    """Return the values, reduced costs and bound; with `fixed` the flags are given and the rest is linear."""
    import highspy  # noqa: PLC0415

    cost, low, high = np.array(program.cost), np.array(program.low), np.array(program.high)
    if fixed is not None:
        columns, values = list(fixed), list(fixed.values())
        low[columns] = high[columns] = values
        cost[program.moved] += value("pooling_tie_cost")
        cost /= math.sqrt(value("pooling_tie_cost"))  # the smallest cost must stand clear of the solver's tolerance
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(program.row_low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, low, high
    lp.offset_ = program.fixed_cost
    lp.row_lower_, lp.row_upper_ = np.array(program.row_low), np.array(program.row_high)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(program.start, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(program.index, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(program.factor)
    if fixed is None:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in program.whole]

    class Quiet(highspy.Highs):
        """Prints no banner: it would stand in the output of a command."""

        def enableCallbacks(self) -> None:  # noqa: N802
            self.silent()
            super().enableCallbacks()  # type: ignore[no-untyped-call,unused-ignore]

    solver = Quiet()  # type: ignore[no-untyped-call,unused-ignore]
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 0.0)
    solver.setOptionValue("mip_max_nodes", int(value("pooling_nodes")))
    if fixed is not None:  # tighter in the search itself, HiGHS was seen to prove bounds that are not true
        solver.setOptionValue("primal_feasibility_tolerance", value("pooling_tolerance"))
    solver.passModel(lp)
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    stopped = status == highspy.HighsModelStatus.kSolutionLimit
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if status != highspy.HighsModelStatus.kOptimal and not (stopped and found):
        raise MethodError(f"no legal plan was found: HiGHS says {solver.modelStatusToString(status)}")
    solution = solver.getSolution()
    duals = np.array(solution.col_dual) * math.sqrt(value("pooling_tie_cost"))
    return np.array(solution.col_value), duals, float(info.mip_dual_bound)
