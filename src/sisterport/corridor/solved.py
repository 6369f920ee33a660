"""What the planner hands back, and the programme that it solves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sisterport.corridor.highs import Linear
from sisterport.corridor.model import KILO
from sisterport.corridor.problem import Floats, Problem
from sisterport.corridor.program import Program
from sisterport.errors import InputError

OBJECTIVES = ("cost", "emissions")
Progress = Callable[[str, float, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A plan as numbers, and what proves how good it is."""

    problem: Problem
    program: Program
    objective: str
    budget_musd: float | None
    x: Floats
    value: float
    """Of the objective: MUSD (present value) or t."""
    bound: float
    """No plan is better."""
    bound_by: str
    """How we know: "prices" (anyone can add it up: the certificate) or "HiGHS" (its word for parts or all)."""
    proven: float
    """The bound that `prices` prove."""
    prices: Floats
    """Of each row, in MUSD (or kt) per unit of the row."""
    seconds: dict[str, float]

    @property
    def gap(self) -> float:
        """Share of the plan's value by which a better plan could be better at most."""
        return max(0.0, (self.value - self.bound) / abs(self.value)) if self.value else 0.0

    @property
    def cost_musd(self) -> float:
        """Present value of all that the plan pays [MUSD]."""
        return float(self.program.cost @ self.x)

    @property
    def emissions_t(self) -> float:
        """Well-to-wake emissions of all years [t]."""
        return float(self.program.emits @ self.x)


class NoPlanError(InputError):
    """No plan holds all requirements; `conflicts` says which."""


def linear(m: Program, *, objective: str = "cost", budget_musd: float | None = None) -> Linear:
    """Return the programme as arrays; emissions in kt, a budget as the last row."""
    start, column, value = m.matrix()
    row_low, row_high = m.row_low, m.row_high
    if budget_musd is not None:
        spends = np.nonzero(m.cost)[0]
        start = np.append(start, start[-1] + spends.size)
        column, value = np.append(column, spends), np.append(value, m.cost[spends])
        row_low, row_high = np.append(row_low, -np.inf), np.append(row_high, budget_musd)
    return Linear(
        cost=m.cost if objective == "cost" else m.emits / KILO, low=m.low, high=m.high, row_low=row_low,
        row_high=row_high, start=start, column=column, value=value,
    )  # fmt: skip
