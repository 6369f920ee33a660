"""Which requirements of a scenario conflict, in its own words.

First every requirement that can give way may be broken at a price; those that the cheapest breach pays for cannot hold
together. Then each of them is let go in turn: if the others still conflict it had no part in it. What is left is a
smallest set: without any one of them the others could hold (with fractions of ships, at least). Last, each is told how
much of it could be kept beside the others (`shortfalls`).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sisterport.corridor.elastic import elastic, without
from sisterport.corridor.highs import Linear, Solver
from sisterport.corridor.model import model
from sisterport.corridor.problem import Flags, Floats, Ints, Problem
from sisterport.corridor.program import NONE, Program
from sisterport.corridor.shortfalls import shortfalls
from sisterport.corridor.solve import linear

_BROKEN = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Requirement:
    """One requirement: its key in `Problem.words`, what it is called, its rows, and how much of it can be kept."""

    key: str
    text: str
    rows: Ints
    short: str = ""


def requirements(  # noqa: C901 (one line for each kind)
    p: Problem, m: Program, *, budget: bool = False
) -> list[Requirement]:
    """Return the requirements of the scenario that can conflict; the laws of nature are not among them."""
    found: dict[str, list[Ints]] = {}

    def put(key: str, rows: Any) -> None:
        kept = rows[rows != NONE].astype(np.int64)
        if kept.size:
            found.setdefault(key, []).append(kept)

    for k, account in enumerate(p.accounts):
        hard = np.isposinf(account.price_usd)
        for y in np.nonzero(hard)[0]:
            put(f"account:{account.name}:{p.years[y]}", m.row_blocks[f"account {k}"][:, y])
    for k, pledge in enumerate(p.pledges):
        put(f"pledge:{pledge.name}", m.row_blocks[f"pledge {k}"])
    for s, service in enumerate(p.services):
        put(f"demand:{service}", m.row_blocks["cargo"][s])
        put(f"frequency:{service}", m.row_blocks["sailings"][s])
        put(f"new:{service}", m.row_blocks["yard"][s])
    for f, fuel in enumerate(p.fuels):
        for row in np.unique(p.supply_region[f][p.supply_region[f] >= 0]):
            put(f"supply:{fuel}", m.row_blocks["supply"][row])
        if "port supply" in m.row_blocks:
            put(f"supply:{fuel}", m.row_blocks["port supply"][f].ravel())
    for i, port in enumerate(p.ports):
        here = np.nonzero(p.call_port == i)[0]
        hard = np.isinf(p.duty_usd_gj[here])
        put(f"duty:{port}", m.row_blocks["duty"][here][hard])
    if budget:
        put("budget", np.array([m.height]))
    return [Requirement(key=key, text=_text(p, key), rows=np.concatenate(rows)) for key, rows in found.items()]


def _text(p: Problem, key: str) -> str:
    kind, _, name = key.partition(":")
    said = p.words.get(key) or p.words.get(key.rpartition(":")[0])
    if kind == "account":
        name, _, year = name.rpartition(":")
        return f"{said or name} in {year}" if year not in (said or "") else str(said)
    default = {
        "pledge": f"agreement '{name}'",
        "demand": f"cargo of service '{name}'",
        "frequency": f"frequency of service '{name}'",
        "new": f"new ships a year for service '{name}'",
        "supply": f"supply of {name}",
        "duty": f"shore power duty at {name}",
        "budget": "budget",
    }
    return said or default[kind]


def conflicts(p: Problem, *, objective: str = "cost", budget_musd: float | None = None) -> list[Requirement]:
    """Return a smallest set of requirements that cannot hold together; none if there is no conflict.

    Parameters
    ----------
    p
        The problem.
    objective, budget_musd
        As given to `solve`.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from sisterport.corridor.build import problem_of
    >>> from sisterport.corridor.examples import example
    >>> scenario = example("shanghai-los-angeles")
    >>> conflicts(problem_of(scenario))
    []
    >>> hard = replace(scenario, targets=replace(scenario.targets, cut={2028: 0.95}))
    >>> [r.short for r in conflicts(problem_of(hard)) if r.key.startswith("account:cut")]
    ['at most 55.1 % can be cut']
    """
    m = model(p)
    lp = linear(m, objective=objective, budget_musd=budget_musd)
    every = requirements(p, m, budget=budget_musd is not None)
    breach, paid = _breach(lp, every)
    if breach <= _BROKEN:
        return []
    suspects = [r for r in every if (np.abs(paid[r.rows]) > _BROKEN).any()]
    for suspect in sorted(suspects, key=_yields):
        others = [r for r in suspects if r is not suspect]
        if _breach(without(lp, [r.rows for r in every if r not in others]), others)[0] > _BROKEN:
            suspects = others
    rows = {r.key: r.rows for r in every}
    short = shortfalls(p, m, lp, [r.key for r in suspects], rows)
    return [replace(r, short=short[r.key]) for r in suspects]


def _yields(r: Requirement) -> bool:
    """Sort what nature or a market sets first: of two that would do, what the scenario wants stays in the set."""
    return r.key.partition(":")[0] in {"account", "pledge", "budget"}


def _breach(lp: Linear, breakable: list[Requirement]) -> tuple[float, Floats]:
    """Return by how much requirements must be broken, each relative to its size, and the price of each row."""
    rows = np.concatenate([r.rows for r in breakable]) if breakable else np.zeros(0, np.int64)
    held: Flags = np.isfinite(lp.row_low[rows]) | np.isfinite(lp.row_high[rows])
    rows = rows[held]
    below, above = np.isfinite(lp.row_low[rows]), np.isfinite(lp.row_high[rows])
    size = np.maximum(np.where(below, np.abs(lp.row_low[rows]), np.abs(np.where(above, lp.row_high[rows], 0.0))), 1.0)
    answer = Solver(elastic(lp, rows, np.where(below, size, -size), np.arange(rows.size))).solve()
    return answer.value, answer.duals
