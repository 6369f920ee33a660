"""Plan a corridor: least cost, or least emissions under a budget, with a proven gap (how: `search`)."""

from sisterport.corridor.problem import Problem
from sisterport.corridor.search import Search
from sisterport.corridor.solved import OBJECTIVES, NoPlanError, Progress, Solved, linear
from sisterport.errors import choose

__all__ = ["OBJECTIVES", "NoPlanError", "Progress", "Search", "Solved", "linear", "solve"]


def solve(
    p: Problem,
    *,
    objective: str = "cost",
    budget_musd: float | None = None,
    gap: float = 0.005,
    time_limit_s: float = 600.0,
    progress: Progress | None = None,
) -> Solved:
    """Return a plan within the gap, or the best one found in the time.

    Parameters
    ----------
    p
        The problem, checked.
    objective
        ``"cost"`` [MUSD, present value] or ``"emissions"`` [t, all years].
    budget_musd
        Most that may be spent, present value [MUSD].
    gap
        Relative gap that is good enough.
    time_limit_s
        Seconds after which nothing more is tried; a plan is always returned.
    progress
        Called after each step with its name, the value of the best plan (infinite before there is one) and the bound.

    Raises
    ------
    NoPlanError
        If no plan holds all requirements.

    Examples
    --------
    >>> from sisterport.corridor.build import problem_of
    >>> from sisterport.corridor.examples import example
    >>> solved = solve(problem_of(example("shanghai-hamburg")), gap=0.01)
    >>> solved.gap <= 0.01, solved.bound_by
    (True, 'prices')
    """
    choose("objective", objective, OBJECTIVES)
    search = Search(
        p, objective=objective, budget_musd=budget_musd, gap=gap, time_limit_s=time_limit_s, progress=progress
    )
    return search.run()
