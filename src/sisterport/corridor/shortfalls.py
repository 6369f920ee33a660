"""How much of a requirement can be kept beside all others, in the words of the file: what is short, and by how much.

All of it is told of fractions of ships: a plan of whole ships keeps no more ("at most") and needs no less ("at least").
"""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import numpy as np

from sisterport.corridor.elastic import elastic, without
from sisterport.corridor.highs import Linear, Solver
from sisterport.corridor.model import KILO
from sisterport.corridor.problem import Account, Floats, Ints, Problem
from sisterport.corridor.program import NONE, Program

_TURNS, _SAME = 8, 1e-5
"""Most programmes for a share, and a change of the share [-] that ends them."""


def shortfalls(p: Problem, m: Program, lp: Linear, keys: Collection[str], rows: Mapping[str, Ints]) -> dict[str, str]:
    """Return by how much each of the requirements that conflict cannot be kept.

    It is empty where others are in each other's way without it too.

    Parameters
    ----------
    p, m, lp
        The problem, its programme, and the same as arrays.
    keys
        Keys of the requirements, as `conflicts.requirements` names them.
    rows
        Rows of every requirement by its key. What is counted by the year conflicts year by year: other years of the
        same account stay aside.
    """
    yearly = {key.rpartition(":")[0] for key in keys if key.startswith("account:")}
    lp = without(lp, [rows[key] for key in rows if key.rpartition(":")[0] in yearly and key not in keys])
    return {key: _short(p, m, lp, key, rows[key]) for key in keys}


def _short(p: Problem, m: Program, lp: Linear, key: str, rows: Ints) -> str:
    kind, _, name = key.partition(":")
    if kind == "account":
        name, _, year = name.rpartition(":")
        number = next(k for k, account in enumerate(p.accounts) if account.name == name)
        return _account(p, m, without(lp, [rows]), number, p.years.index(int(year)))
    return _SAID[kind](p, lp, rows, name)


# ---- what is counted in a year ----


def _account(p: Problem, m: Program, lp: Linear, number: int, y: int) -> str:
    """Say the most that can be cut or that can be of the fuels that count in a year, other years left aside."""
    a = p.accounts[number]
    counted = _counted(m, lp, number, y)
    if a.baseline_t is not None:
        least = Solver(replace(lp, cost=counted)).solve().value
        return f"at most {_down(1 - least * KILO / a.baseline_t)} % can be cut" if np.isfinite(least) else ""
    share = _asked(a, y)
    if share is None:
        least = Solver(replace(lp, cost=counted)).solve().value
        over = least * KILO - float(a.limit[:, y].sum())
        return f"{over:,.0f} t too much in {p.years[y]}" if np.isfinite(least) else ""
    best = _best_share(p, m, lp, counted, share, a, y)
    return "" if best is None else f"at most {_down(best)} % of the energy can be on these fuels"


def _counted(m: Program, lp: Linear, number: int, y: int) -> Floats:
    """Return what each column counts in an account in a year [kt], what is missed left aside."""
    own = m.row_blocks[f"account {number}"][:, y]
    cost = np.zeros(lp.cost.size)
    for row in own[own != NONE]:
        cost[lp.column[lp.start[row] : lp.start[row + 1]]] += lp.value[lp.start[row] : lp.start[row + 1]]
    return cost


def _asked(a: Account, y: int) -> float | None:
    """Return the share that an account asks for; None if it asks for none."""
    low, high = float(a.fuel[:, y].min()), float(a.fuel[:, y].max())
    return high if math.isclose(high - low, 1.0) and 0 <= high <= 1 else None


def _best_share(p: Problem, m: Program, lp: Linear, counted: Floats, asked: float, a: Account, y: int) -> float | None:
    """Return the largest share, by Dinkelbach's steps: the most of green - share x all, with the share found last."""
    q = m.blocks["q"][a.pool[p.call_service] >= 0, :, y]
    every = np.zeros(lp.cost.size)
    every[q[q != NONE]] = 1 / KILO
    share = asked
    for _ in range(_TURNS):
        answer = Solver(replace(lp, cost=counted + (share - asked) * every)).solve()
        if answer.x is None:
            return None
        found = asked - float(counted @ answer.x) / float(every @ answer.x)
        if abs(found - share) < _SAME:
            break
        share = found
    return found


# ---- amounts ----


def _give(lp: Linear, rows: Ints, size: Floats, *, together: bool = True) -> Floats | None:
    """Return how many sizes rows have to give way, all alike or each by itself; None: nothing helps."""
    held = np.isfinite(lp.row_low[rows]) | np.isfinite(lp.row_high[rows])
    signed = np.where(np.isfinite(lp.row_low[rows]), size, -size)[held]
    column = np.zeros(signed.size, np.int64) if together else np.arange(signed.size)
    answer = Solver(elastic(lp, rows[held], signed, column)).solve()
    return None if answer.x is None else answer.x[lp.cost.size :]


def _part(what: str) -> Callable[[Problem, Linear, Ints, str], str]:
    """Return what says the part of the rows' limits that can be kept."""

    def said(p: Problem, lp: Linear, rows: Ints, name: str) -> str:  # noqa: ARG001 (all are called alike)
        given = _give(lp, rows, lp.row_low[rows])
        return "" if given is None else f"at most {_down(1 - given[0])} % of {what}"

    return said


def _ships(p: Problem, lp: Linear, rows: Ints, name: str) -> str:
    given, asked = _give(lp, rows, np.ones(rows.size)), next(g.ships for g in p.pledges if g.name == name)
    return "" if given is None else f"at most {math.floor(asked - given[0] + _SAME)} of {asked} ships"


def _yard(p: Problem, lp: Linear, rows: Ints, name: str) -> str:  # noqa: ARG001 (all are called alike)
    given = _give(lp, rows, np.ones(rows.size))
    return "" if given is None else f"at least {math.ceil(given[0] - _SAME)} more new ships in one year are needed"


def _supply(p: Problem, lp: Linear, rows: Ints, name: str) -> str:  # noqa: ARG001 (all are called alike)
    """Say how often what is supplied would be needed; the row of a port says "no more than supply x open"."""
    factors = [lp.value[lp.start[row] : lp.start[row + 1]] for row in rows]
    at_ports = np.array([-factor.min(initial=0.0) for factor in factors])
    given = _give(lp, rows, np.maximum(lp.row_high[rows], at_ports))
    return "" if given is None else f"{1 + given[0]:,.2f} times as much would be needed"


def _duty(p: Problem, lp: Linear, rows: Ints, name: str) -> str:  # noqa: ARG001 (all are called alike)
    given = _give(lp, rows, np.ones(rows.size), together=False)
    return "" if given is None else f"{given.max():,.3g} TJ of fuel at berth cannot come from shore in one year"


def _budget(p: Problem, lp: Linear, rows: Ints, name: str) -> str:  # noqa: ARG001 (all are called alike)
    given = _give(lp, rows, np.ones(rows.size))
    return "" if given is None else f"short by at least {given[0]:,.1f} MUSD"


_SAID: dict[str, Callable[[Problem, Linear, Ints, str], str]] = {
    "pledge": _ships, "demand": _part("the cargo can be carried"), "frequency": _part("the sailings can be made"),
    "new": _yard, "supply": _supply, "duty": _duty, "budget": _budget,
}  # fmt: skip


def _down(share: float) -> str:
    """Return a share in per cent, rounded down: what is said can be kept, at most.

    Examples
    --------
    >>> _down(0.61999), _down(0.3)
    ('61.9', '30.0')
    """
    return f"{math.floor(share * 1000 + _SAME) / 10:.1f}"
