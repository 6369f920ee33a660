"""Several futures with the same first decisions: prices, supply and rules differ, what is decided now does not.

Plans come from decomposition: the first decisions of each future are tried in every other, where everything later is
decided anew; those with the least expected cost are kept, and all trials are the regret table. Nobody can do better
than who knows the future: the mean of the single bounds is a bound. Where that is not close enough, one relaxation of
all futures together is solved, their first decisions tied; its prices prove a higher one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sisterport.corridor.highs import Linear, proven, relax
from sisterport.corridor.problem import Floats, Ints, Problem
from sisterport.corridor.program import NONE, Program
from sisterport.corridor.solve import NoPlanError, Progress, Search, Solved
from sisterport.errors import InputError

FIRST = ("n", "r", "o", "e")
"""Decisions that are shared: new ships, conversions, bunker ports, shore power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Futures:
    """The shared first decisions, a plan for each future, and how good they are."""

    names: tuple[str, ...]
    probability: Floats
    first_years: int
    plans: list[Solved]
    """The plan of each future after the shared decisions."""
    alone: list[Solved]
    """The best plan found for each future if it were known."""
    expected_musd: float
    bound_musd: float
    regret: pl.DataFrame
    """Columns ``decided_for, future, cost_musd, regret_musd``: each set of first decisions in each future. Regret is
    against the best plan found for that future alone. Null where no plan holds all requirements."""
    chosen: str
    """Whose first decisions are the best in the mean."""
    same: pl.DataFrame
    """Columns ``decision, futures_n``: first decisions and in how many futures alone they are taken."""

    @property
    def gap(self) -> float:
        """Share of the expected cost by which other first decisions could be better at most."""
        return max(0.0, (self.expected_musd - self.bound_musd) / abs(self.expected_musd))


def futures(
    problems: Sequence[Problem],
    *,
    names: Sequence[str] = (),
    probability: Sequence[float] = (),
    first_years: int = 4,
    gap: float = 0.005,
    time_limit_s: float = 600.0,
    progress: Progress | None = None,
) -> Futures:
    """Return first decisions that are good in all futures.

    Parameters
    ----------
    problems
        One problem for each future; they differ in numbers only, not in what there is to decide.
    names, probability
        Of each future; equal probabilities if none are given.
    first_years
        Years, from the first, whose new ships, conversions and openings are the same in all futures.
    gap
        Relative gap wanted, for each single plan and for the mean.
    time_limit_s
        Seconds for each single plan.
    progress
        As in `solve`.

    Raises
    ------
    InputError
        If the futures do not have the same decisions.
    NoPlanError
        If no first decisions leave a plan in every future.
    """
    names = tuple(names) or tuple(f"future {k + 1}" for k in range(len(problems)))
    share = np.asarray(probability or np.ones(len(problems)), float)
    share = share / share.sum()
    searches = [Search(p, gap=gap, time_limit_s=time_limit_s, progress=progress) for p in problems]
    first = first_columns(searches[0].m, first_years)
    if any(s.m.width != searches[0].m.width or (s.m.whole != searches[0].m.whole).any() for s in searches):
        raise InputError(
            "the futures do not have the same decisions: fuels, ports, ships and years must be those of all"
        )
    alone = [s.run() for s in searches]
    candidates = {name: np.rint(solved.x[first]) for name, solved in zip(names, alone, strict=True)}
    table: dict[str, list[Solved | None]] = {}
    for name, decided in candidates.items():
        if not any((decided == candidates[other]).all() for other in table):
            table[name] = [
                own if (np.rint(own.x[first]) == decided).all() else _with(search, first, decided)
                for search, own in zip(searches, alone, strict=True)
            ]
    rows: list[Sequence[Solved | None]] = [*table.values(), alone]
    best = [_best([row[k] for row in rows]) for k in range(len(names))]
    expected = {name: _mean(row, share) for name, row in table.items()}
    chosen = min(expected, key=lambda name: expected[name])
    if not np.isfinite(expected[chosen]):
        raise NoPlanError("no first decisions of one future leave a plan in all others")
    bound = float(share @ [own.bound for own in alone])
    if expected[chosen] - bound > gap * abs(expected[chosen]):
        bound = max(bound, _bound(searches, first, share))
    return Futures(
        names=names, probability=share, first_years=first_years, plans=[x for x in table[chosen] if x], alone=best,
        expected_musd=expected[chosen], bound_musd=bound, regret=_regret(table, names, best), chosen=chosen,
        same=_same(searches[0], first, first_years, alone),
    )  # fmt: skip


def first_columns(m: Program, years: int) -> Ints:
    """Return the columns of the decisions of the first years."""
    found = [m.blocks[name][..., :years] for name in FIRST]
    return np.concatenate([index[index != NONE] for index in found]).astype(np.int64)


def _with(search: Search, first: Ints, decided: Floats) -> Solved | None:
    """Return the plan of a future after given first decisions."""
    try:
        return search.after(first, decided)
    except NoPlanError:
        return None


def _mean(row: Sequence[Solved | None], share: Floats) -> float:
    return float(sum(w * (np.inf if x is None else x.value) for w, x in zip(share, row, strict=True)))


def _best(plans: Sequence[Solved | None]) -> Solved:
    """Return the plan that costs the least."""
    return min((x for x in plans if x is not None), key=lambda x: x.value)


def _bound(searches: Sequence[Search], first: Ints, share: Floats) -> float:
    """Return the bound of all futures together; columns of the first decisions stand once."""
    width, tied = searches[0].m.width, np.zeros(searches[0].m.width, bool)
    tied[first] = True
    place, count = [], int(first.size)
    for _ in searches:
        at = np.empty(width, np.int64)
        at[tied] = np.arange(first.size)
        at[~tied] = np.arange(count, count + width - first.size)
        count += width - int(first.size)
        place.append(at)
    cost, low, high = np.zeros(count), np.zeros(count), np.full(count, np.inf)
    for s, at, w in zip(searches, place, share, strict=True):
        cost[at] += w * s.lp.cost
        low[at], high[at] = np.maximum(low[at], s.lp.low), np.minimum(high[at], s.lp.high)
    starts = [np.zeros(1, np.int64)]
    for s in searches:
        starts.append(starts[-1][-1] + s.lp.start[1:])
    together = Linear(
        cost=cost, low=low, high=high,
        row_low=np.concatenate([s.lp.row_low for s in searches]),
        row_high=np.concatenate([s.lp.row_high for s in searches]),
        start=np.concatenate(starts),
        column=np.concatenate([at[s.lp.column] for s, at in zip(searches, place, strict=True)]),
        value=np.concatenate([s.lp.value for s in searches]),
    )  # fmt: skip
    return proven(together, relax(together).duals)[0]


def _regret(table: dict[str, list[Solved | None]], names: Sequence[str], alone: Sequence[Solved]) -> pl.DataFrame:
    rows = [
        (decided, name, x.value if x else None, x.value - own.value if x else None)
        for decided, row in table.items()
        for name, x, own in zip(names, row, alone, strict=True)
    ]
    schema = {"decided_for": pl.String, "future": pl.String, "cost_musd": pl.Float64, "regret_musd": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _same(search: Search, first: Ints, years: int, alone: Sequence[Solved]) -> pl.DataFrame:
    """Return the first decisions that some future takes by itself, and in how many futures they are taken."""
    words = _words(search.problem, search.m, years)
    taken = {int(k): np.rint([x.x[k] for x in alone]) for k in first if int(k) in words}
    rows = [
        (words[k], int((amounts >= amount).sum()))
        for k, amounts in taken.items()
        for amount in range(1, int(amounts.max()) + 1)
    ]
    found = pl.DataFrame(rows, schema={"decision": pl.String, "futures_n": pl.Int64}, orient="row")
    return found.sort("futures_n", descending=True, maintain_order=True)


def _words(p: Problem, m: Program, years: int) -> dict[int, str]:
    """Name each first decision by its column; of openings the last year says all."""
    name: dict[int, str] = {}
    for s, v, y in np.argwhere(m.blocks["n"][..., :years] != NONE):
        name[int(m.blocks["n"][s, v, y])] = f"{p.years[y]}: new ship for '{p.services[s]}', {p.variants[v]}"
    for g, v, y in np.argwhere(m.blocks["r"][..., :years] != NONE):
        service = p.services[p.group_service[g]]
        name[int(m.blocks["r"][g, v, y])] = f"{p.years[y]}: convert a ship of '{service}' to {p.variants[v]}"
    last = years - 1
    for i, t in np.argwhere(m.blocks["o"][..., last] != NONE):
        name[int(m.blocks["o"][i, t, last])] = f"by {p.years[last]}: {p.families[t]} bunkering open at {p.ports[i]}"
    for i in np.argwhere(m.blocks["e"][..., last] != NONE)[:, 0]:
        name[int(m.blocks["e"][i, last])] = f"by {p.years[last]}: shore power open at {p.ports[i]}"
    return name
