"""Least cost (or least emissions) of a corridor: a bound from the whole relaxation, a plan service by service.

1. The relaxation by interior points: its prices prove the bound (`highs.proven`), its plan shows what is of use.
2. Openings: those above a threshold in the relaxation are made, others not; the best is kept. From here on without what
   the relaxation had no use for.
3. Fleets: one service after the other becomes whole, by a small programme at the prices of the others (`split`); after
   each the whole is solved again, so the next services make up for what rounding cost.
4. While the gap is too large and time is left: a higher bound is sought (`parts`); openings are moved and services made
   free again, one by one; the same from those openings that are left when what is open in part pays in full; at last
   HiGHS searches the whole programme, which ends small problems.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from sisterport.corridor.highs import Answer, Linear, Solver, proven, relax
from sisterport.corridor.model import KILO, model
from sisterport.corridor.parts import parts_bound
from sisterport.corridor.problem import Flags, Floats, Ints, Problem
from sisterport.corridor.program import NONE, Program
from sisterport.corridor.solved import NoPlanError, Progress, Solved, linear
from sisterport.corridor.split import chained, part, sites, split

THRESHOLDS = (0.1, 0.05, 0.2)
"""Openings at least so far open in the relaxation are made."""

_SCALINGS, _OPEN, _LEAST_SHARE = 3, 1e-3, 0.03
"""Rounds of slope scaling (Kim and Pardalos 1999), what counts as open, the least share to divide a cost by."""

_PARTS_SHARE, _PARTS_GAP = 0.5, 1 / 3
"""Of the time limit for a higher bound, by two threads; of the gap, at which the search for a service stops."""

_PART_S = 5.0  # seconds for the fleet of one service: a second is usual


class Search:
    """One search; steps are methods, `run` is their order. Options are those of `solve`."""

    def __init__(
        self,
        p: Problem,
        *,
        objective: str = "cost",
        budget_musd: float | None = None,
        gap: float = 0.005,
        time_limit_s: float = 600.0,
        progress: Progress | None = None,
    ) -> None:
        self.problem, self.objective, self.budget = p, objective, budget_musd
        self.bound: float = -np.inf
        self.gap, self.limit, self.progress = gap, time_limit_s, progress
        self._start()
        self.m = model(p)
        self.lp = linear(self.m, objective=objective, budget_musd=budget_musd)
        self.chains = [chain[chain != NONE] for chain in sites(self.m)]
        self.site = np.concatenate(self.chains)
        ships = self.m.whole.copy()
        ships[self.site] = False
        self.ships = np.nonzero(ships)[0]
        self.split = split(self.m, self.lp)
        self.prices: Floats = np.zeros(self.m.height)
        self.proven: float = -np.inf
        self._done("model")

    def run(self) -> Solved:
        """Return the best plan found.

        Raises
        ------
        NoPlanError
            If no plan holds all requirements.
        """
        self.guide = self._relax()
        self._plan(self.lp)
        while self.x is not None and not self._good() and self._improve():
            pass
        if self.x is None or not self._good():
            self._branch(self.lp)
        return self._solved()

    def after(self, columns: Ints, values: Floats) -> Solved:
        """Return a good plan after some decisions are taken; call `run` first, whose bound stands.

        Raises
        ------
        NoPlanError
            If none holds all requirements.
        """
        self._start(bound=self.bound)
        low, high = self.lp.low.copy(), self.lp.high.copy()
        low[columns] = high[columns] = values
        taken = replace(self.lp, low=low, high=high)
        self._plan(taken)
        if self.x is None:
            self._branch(taken)
        return self._solved()

    def _plan(self, lp: Linear) -> None:
        """Look for a plan without searching everything."""
        self.useful = _useful(self.m, lp, self.guide, self.problem)
        self.solver = Solver(self.useful)
        self.solver.options(solver="ipm", run_crossover="on")  # the first time; then from corner to corner
        for options in (self._thresholds, self._scaled):
            if self.x is not None and self._good():
                return
            answer = self._open(options)
            if answer is not None:
                self._fleets(answer)
            if lp is self.lp and self.x is not None and not self._good():
                self._parts()
            if self.x is not None and not self._good():
                self._improve()
        if self.x is None and self.made.size:
            self._branch(self._with_openings(self.useful))

    def _solved(self) -> Solved:
        if self.x is None:
            raise NoPlanError("no plan was found that holds all requirements")
        unit = 1.0 if self.objective == "cost" else KILO
        return Solved(
            problem=self.problem, program=self.m, objective=self.objective, budget_musd=self.budget, x=self.x,
            value=self.value * unit, bound=self.bound * unit, proven=self.proven * unit, prices=self.prices,
            bound_by="prices" if self.bound <= self.proven else "HiGHS", seconds=self.seconds,
        )  # fmt: skip

    def _start(self, *, bound: float = -np.inf) -> None:
        self.began = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self.x: Floats | None = None
        self.value: float = np.inf
        self.bound = bound
        self.made: Floats = np.zeros(0)

    def _done(self, step: str) -> None:
        spent = time.perf_counter() - self.began - sum(self.seconds.values())
        self.seconds[step] = self.seconds.get(step, 0.0) + spent
        if self.progress is not None:
            self.progress(step, self.value, self.bound)

    def _good(self) -> bool:
        close = np.isfinite(self.value) and self.value - self.bound <= self.gap * abs(self.value)
        return bool(close) or self._late()

    def _late(self) -> bool:
        return time.perf_counter() - self.began > self.limit

    def _relax(self) -> Floats:
        """Find the bound; return a plan of fractions."""
        answer = relax(self.lp)
        if answer.x is None:
            raise NoPlanError("no plan holds all requirements")
        self.bound, self.prices = proven(self.lp, chained(self.m, self.lp, answer.duals))
        self.proven = self.bound
        self._done("bound")
        return answer.x

    def _parts(self) -> None:
        """Seek a higher bound, once."""
        if "bound of parts" in self.seconds:
            return
        seconds = self.limit * _PARTS_SHARE / len(self.problem.services)
        higher = parts_bound(self.m, self.split, self.lp, self.prices, gap=self.gap * _PARTS_GAP, seconds=seconds)
        self.bound = max(self.bound, higher)
        self._done("bound of parts")

    def _keep(self, answer: Answer) -> bool:
        """Keep a plan if its ships and openings are whole and it is the best."""
        if answer.x is None or answer.value >= self.value:
            return False
        self.value, self.x = answer.value, answer.x
        return True

    def _open(self, options: Callable[[Floats, Floats], Iterator[Floats]]) -> Answer | None:
        """Decide on openings; return the relaxation with the best of the options, none if none leaves a plan."""
        low, high = self.useful.low[self.site], self.useful.high[self.site]
        self.solver.limits(self.ships, self.useful.low[self.ships], self.useful.high[self.ships])
        best: Answer | None = None
        for option in options(low, high):
            made = np.clip(option, low, high)
            self.solver.limits(self.site, made, made)
            answer = self.solver.solve()
            self.solver.options(solver="simplex")
            if answer.x is not None and (best is None or answer.value < best.value):
                best, self.made = answer, made
        if best is not None:
            self.solver.limits(self.site, self.made, self.made)
            best = self.solver.solve()
        self._done("openings")
        return best

    def _thresholds(self, low: Floats, high: Floats) -> Iterator[Floats]:  # noqa: ARG002 (as `_scaled`)
        """Yield openings that are open so far in the relaxation; where nothing else leaves a plan, all there can be."""
        for threshold in THRESHOLDS:
            yield (self.guide[self.site] >= threshold).astype(float)
        if not self.made.size:
            yield high

    def _scaled(self, low: Floats, high: Floats) -> Iterator[Floats]:
        """Yield openings by slope scaling: what is open in part pays as if it were open in full, again and again."""
        share, cost = self.guide[self.site], self.lp.cost[self.site]
        scale = np.ones(self.site.size)
        for _ in range(_SCALINGS):
            scale = np.where(share > _OPEN, 1 / np.clip(share, _LEAST_SHARE, 1.0), scale)
            self.solver.limits(self.site, low, high)
            self.solver.costs(self.site, cost * scale)
            answer = self.solver.solve()
            self.solver.costs(self.site, cost)
            if answer.x is None:
                return
            share = answer.x[self.site]
            yield (share > _OPEN).astype(float)

    def _with_openings(self, lp: Linear) -> Linear:
        """Return the programme with the openings as they are made."""
        low, high = lp.low.copy(), lp.high.copy()
        low[self.site] = high[self.site] = self.made
        return replace(lp, low=low, high=high)

    def _fleets(self, answer: Answer) -> None:
        """Make the fleets whole, one service after the other, the largest first."""
        weight = np.bincount(self.problem.group_service, self.problem.group_ships, len(self.problem.services))
        for s in np.argsort(-weight, kind="stable"):
            better = self._whole(int(s), answer, margin=0) or self._whole(int(s), answer, margin=2)
            if better is None:
                return
            answer = better
        self._keep(answer)
        self._done("fleets")

    def _whole(self, s: int, answer: Answer, *, margin: int) -> Answer | None:
        """Fix the fleet of one service near what the relaxation says; return the whole with it."""
        assert answer.x is not None  # noqa: S101
        mine = self.ships[self.split.owner[self.ships] == s]
        near_by = self._with_openings(self.useful)
        low, high, near = near_by.low, near_by.high, answer.x[mine]
        low[mine] = np.maximum(low[mine], np.floor(near + 1e-6) - margin)
        high[mine] = np.minimum(high[mine], np.ceil(near - 1e-6) + margin)
        small = part(self.split, near_by, answer.duals, answer.x, s)
        solver = Solver(small.lp, mip_rel_gap=self.gap / 10, time_limit=_PART_S)
        solver.whole(np.isin(small.columns, mine))
        found = solver.solve()
        if found.x is None:
            return None
        fleet = np.rint(found.x[np.isin(small.columns, mine)])
        self.solver.limits(mine, fleet, fleet)
        whole = self.solver.solve()
        if whole.x is None:
            self.solver.limits(mine, self.useful.low[mine], self.useful.high[mine])
            return None
        return whole

    def _improve(self) -> bool:
        """Move openings and make services free again, one by one; say whether that helped."""
        self._back()
        before = self.value
        for chain in self.chains:
            self._move(chain)
        self._done("openings moved")
        for s in range(len(self.problem.services)):
            if not self._good():
                self._again(s)
        self._done("fleets again")
        return self.value < before - self.gap / 100 * abs(before)

    def _back(self) -> None:
        """Set openings and fleets as they are in the best plan."""
        assert self.x is not None  # noqa: S101
        self.made, fleet = np.rint(self.x[self.site]), np.rint(self.x[self.ships])
        self.solver.limits(self.site, self.made, self.made)
        self.solver.limits(self.ships, fleet, fleet)

    def _move(self, chain: Ints) -> None:
        """Try other years for one opening, with the fleets as they are."""
        at = np.searchsorted(self.site, chain)
        now, high = self.made[at].copy(), self.useful.high[chain]
        if not high.any():
            return
        first = int(chain.size - now.sum())
        for year in (chain.size, first - 2, first - 1, first + 1, first + 2, first + 4):
            tried = np.clip((np.arange(chain.size) >= year).astype(float), self.useful.low[chain], high)
            if not 0 <= year <= chain.size or (tried == now).all() or self._good():
                continue
            self.solver.limits(chain, tried, tried)
            if self._keep(self.solver.solve()):
                now = tried
        self.solver.limits(chain, now, now)
        self.made[at] = now

    def _again(self, s: int) -> None:
        """Try another fleet for one service, the others as they are; go back if it is not better."""
        assert self.x is not None  # noqa: S101
        mine = self.ships[self.split.owner[self.ships] == s]
        kept = np.rint(self.x[mine])
        self.solver.limits(mine, self.useful.low[mine], self.useful.high[mine])
        answer = self._whole(s, self.solver.solve(), margin=0)
        if answer is None or not self._keep(answer):
            self.solver.limits(mine, kept, kept)

    def _branch(self, lp: Linear) -> None:
        """Let HiGHS search the whole programme for what is left of the time."""
        left = max(1.0, self.limit - (time.perf_counter() - self.began))
        solver = Solver(lp, mip_rel_gap=self.gap, time_limit=left)
        solver.whole(self.m.whole)
        answer = solver.solve()  # a plan to begin with made HiGHS 1.16 answer wrongly: it gets none
        if lp is self.lp:
            self.bound = max(self.bound, min(answer.bound, self.value))
        if answer.x is not None:  # its word is not taken: the whole numbers again, all else anew
            low, high = lp.low.copy(), lp.high.copy()
            low[self.m.whole] = high[self.m.whole] = np.rint(answer.x[self.m.whole])
            self._keep(Solver(replace(lp, low=low, high=high)).solve())
        self._done("search")


def _useful(m: Program, lp: Linear, guide: Floats, p: Problem) -> Linear:
    """Return the programme without what the relaxation has no use for in any year: variants, fuels, places."""
    high, v = lp.high.copy(), m.values(np.maximum(guide, lp.low))

    def leave_out(name: str, kept: Flags) -> None:
        index = m.blocks[name]
        out = index[(index != NONE) & ~np.broadcast_to(kept, index.shape)]
        high[out] = lp.low[out]

    converted = np.zeros(v["x"].shape[:2])
    np.maximum.at(converted, p.group_service, v["r"].max(axis=2))
    fleet = np.maximum(np.maximum(v["x"], v["n"]).max(axis=2), converted) > 0.05
    at_call = fleet[p.call_service]
    trip = p.energy_tj.max(axis=(1, 2))[:, None] * 0.05
    for name in ("x", "n", "i"):
        leave_out(name, fleet[:, :, None])
    leave_out("w", fleet[:, :, None, None])
    leave_out("r", fleet[p.group_service][:, :, None])
    leave_out("h", at_call[:, :, None])
    leave_out("b", (at_call & (v["b"].max(axis=2) > trip))[:, :, None])
    leave_out("q", (v["q"].max(axis=2) > trip)[:, :, None])
    leave_out("o", (v["o"].max(axis=2) > 0.02)[:, :, None])
    return replace(lp, high=high)
