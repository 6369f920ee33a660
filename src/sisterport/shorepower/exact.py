"""Small problems: every combination of units is looked at."""

from dataclasses import replace

import numpy as np

from sisterport.errors import InputError, MethodError
from sisterport.reference import value
from sisterport.shorepower import milp
from sisterport.shorepower.phases import Problem, rows
from sisterport.shorepower.problem import Ints
from sisterport.shorepower.repair import Plans

MOST = int(value("upgrade_exact"))
"""Largest number of combinations; about 16 upgrades of one unit."""


def combinations(p: Problem) -> float:
    """Return the number of combinations of units; infinite where there are too many to count."""
    with np.errstate(over="ignore"):
        return float(np.prod(p.units + 1.0))


def best(p: Problem, plans: Plans) -> tuple[Ints, float]:
    """Return the best plan of all and its gain.

    Where a link uses hours and power at once, or a floor holds, the gain of a combination is a linear programme;
    combinations are then looked at in the order of what they would gain without plants and floors, until no other
    can be better.

    Raises
    ------
    MethodError
        If there are too many combinations.
    InputError
        If no combination keeps the floors.
    """
    if combinations(p) > MOST:
        raise MethodError(f"{combinations(p):.3g} combinations are too many to look at each (at most {MOST})")
    if not needs_programme(p):
        values = plans.all_values()
        first = int(values.argmax())
        return _units(p, first), float(values[first])
    easy = replace(p, plants=rows([]), plant=np.full(p.plant.size, -1), floors=rows([]))
    optimistic = Plans(easy).all_values()
    top, found = -np.inf, None
    for c in np.lexsort((np.arange(optimistic.size), -optimistic)):
        if optimistic[c] < 0 or optimistic[c] <= top:
            break
        x = _units(p, int(c))
        answer = milp.solve(p, whole=False, fixed=(x, x))
        if answer.x is not None and answer.value > top:
            top, found = answer.value, x
    if found is None:
        raise InputError("no plan within the budget keeps the floors: " + ", ".join(p.floor_names))
    return found, top


def needs_programme(p: Problem) -> bool:
    """Tell whether the gain of a given plan needs a linear programme: two scarce things at once, or a floor."""
    return len(p.floors) > 0 or bool(((p.pool >= 0) & (p.plant >= 0)).any())


def _units(p: Problem, c: int) -> Ints:
    x = np.zeros(p.units.size, np.int64)
    for u, most in enumerate(p.units):
        c, x[u] = divmod(c, int(most) + 1)
    return x
