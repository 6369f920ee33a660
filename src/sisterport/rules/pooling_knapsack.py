"""The cheapest pool of a single year: which deficits to cover with the surplus there is, a knapsack.

In one year there is nothing to bank for and nothing to borrow from. A pool's total must be above zero, so a ship that
joins can be covered whole: only the choice of ships is left, and one row.
"""

import numpy as np

from sisterport.rules.pooling_fleet import Decisions, Fleet, Floats
from sisterport.rules.pooling_program import Program, run


def solve_year(fleet: Fleet, *, outside: Floats, gap: float) -> Decisions:
    """Return the decisions of a cheapest legal plan of a fleet of one year.

    Parameters
    ----------
    fleet
        The fleet, of one year.
    outside
        Surplus that others bring into the pool [t].
    gap
        Relative gap to the proven bound at which the search stops.
    """
    adjusted = fleet.balance[:, 0] + fleet.bank - fleet.debt
    may = fleet.may_pool[:, 0]
    deficit = np.maximum(-adjusted, 0)
    there = np.where(may, np.maximum(adjusted, 0), 0)
    rate = np.where(deficit > 0, fleet.rate[:, 0], 0)
    penalty = deficit * rate * (1 + fleet.penalties * fleet.step)
    supply = float(there.sum() + outside.sum())
    open_to = np.where(may, penalty, 0)
    covered, least = _covered(deficit, open_to, supply - fleet.least_total, gap)
    needed = float(deficit[covered].sum())
    received = np.where(covered, deficit, 0) - (there * (needed / supply) if needed > 0 else 0)
    shape = fleet.balance.shape
    return Decisions(
        pooled=(covered | ((there > 0) & (needed > 0))).reshape(shape),
        borrows=np.zeros(shape, dtype=bool),
        borrowed=np.zeros(shape),
        received=received.reshape(shape),
        marginal=np.zeros(1),
        bound_eur=float(penalty.sum() - open_to.sum()) + max(0.0, least),
    )


def _covered(deficit: Floats, penalty: Floats, supply: float, gap: float) -> tuple[np.ndarray, float]:
    """Return which deficits are covered, and a bound on the penalties that stay [EUR]."""
    chosen = np.zeros(len(deficit), dtype=bool)
    ships = np.flatnonzero((penalty > 0) & (deficit <= supply))
    if not len(ships):
        return chosen, float(penalty.sum())
    if deficit[ships].sum() <= supply:
        chosen[ships] = True
        return chosen, float(penalty.sum() - penalty[ships].sum())
    unit, money = float(deficit[ships].max()), float(penalty[ships].max())
    program = Program()
    program.fixed_cost = float(penalty.sum()) / money
    columns = [program.flag(cost=-float(penalty[ship]) / money) for ship in ships]
    weights = zip(columns, (deficit[ships] / unit).tolist(), strict=True)
    program.row(list(weights), high=supply / unit)
    values, _, bound = run(program, gap=gap)
    chosen[ships] = np.rint(values[columns]) > 0
    return chosen, bound * money
