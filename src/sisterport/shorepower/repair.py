"""Plans within the limits: reverse greedy, fill, and simulated annealing."""

import heapq

import numpy as np

from sisterport.reference import value
from sisterport.shorepower.layout import State, empty_state, layout
from sisterport.shorepower.moves import anneal, build, deltas, enumerate_all, group_value, move, served
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.problem import Floats, Ints
from sisterport.units import ROUNDING, TINY

_COOLED, _OVERSPENT = value("upgrade_cooled"), value("upgrade_overspent")


class Plans:
    """Makes plans of one problem that keep its limits."""

    def __init__(self, p: Problem) -> None:
        self.problem = p
        self.layout = layout(p)

    def state(self, x: Ints) -> State:
        """Return the state of plan `x`."""
        s = empty_state(self.problem, self.layout)
        for g in range(s.stamp.size):
            s.worth[g] = group_value(g, self.layout, s)
        free = (self.layout.group < 0) & (s.unmet == 0)
        s.worth[-1] = np.maximum(self.layout.gain[free], 0.0).sum()
        build(x.astype(np.int64), self.layout, s)
        return s

    def value(self, x: Ints) -> float:
        """Return the gain of plan `x`: exact with at most one scarce resource per link."""
        return float(self.state(x).worth.sum())

    def shares(self, x: Ints) -> Floats:
        """Return the share of each link that plan `x` connects."""
        shares: Floats = served(self.layout, self.state(x))
        return shares

    def without_idle(self, x: Ints) -> Ints:
        """Return `x` without the units that can be left out at no loss."""
        s = self.state(x)
        least = ROUNDING * max(float(s.worth.sum()), 1.0)
        for u in np.nonzero(x)[0]:
            while s.x[u] > 0:
                if move(u, -1, self.layout, s) < -least:
                    move(u, 1, self.layout, s)
                    break
        return s.x.copy()

    def all_values(self) -> Floats:
        """Return the gain of every combination of units, -1 where a limit is broken; the first changes fastest."""
        values = np.zeros(int(np.prod(self.problem.units + 1.0)))
        enumerate_all(self.layout, self.state(np.zeros_like(self.problem.units)), values)
        return values

    def repaired(self, x: Ints, price: Floats) -> Ints:
        """Return `x` brought within the limits by reverse greedy and filled up."""
        s = self.state(x)
        self._reverse(s, price)
        self._fill(s, price)
        return s.x.copy()

    def annealed(self, x: Ints, price: Floats, *, sweeps: int, heat: float, seed: int) -> Ints:
        """Return the best plan found from `x` by `sweeps` tries per upgrade, starting at `heat` (in gain)."""
        s, best = self.state(x), np.zeros_like(x)
        steps = sweeps * x.size
        top = anneal(self.layout, s, price, steps, heat, heat / _COOLED, _OVERSPENT, seed, best)
        plans = [self.repaired(s.x.copy(), price), x]
        if top >= 0:
            plans.append(self.repaired(best, price))
        return max(plans, key=self.value)

    def _reverse(self, s: State, price: Floats) -> None:
        """Take away what loses least per price until the limits hold; losses are looked up again when they lead."""
        while s.slack.min() < 0:
            relieves = np.zeros(s.x.size, bool)
            for row in np.nonzero(s.slack < 0)[0]:
                at = self.problem.limits.at[self.problem.limits.ptr[row] : self.problem.limits.ptr[row + 1]]
                relieves[at] = True
            loss = -deltas(self.layout, s, -1)
            heap = [
                (float(loss[u] / max(price[u], TINY)), int(u))
                for u in np.nonzero(relieves & (price > 0) & (s.x > 0))[0]
            ]
            self._lazily(s, price, heap, by=-1)

    def _fill(self, s: State, price: Floats) -> None:
        """Add what gains most per price while it fits."""
        while True:
            gain = deltas(self.layout, s, 1)
            fits = np.array([self._fits(s, u) for u in range(s.x.size)]) & (gain > 0)
            if not fits.any():
                return
            heap = [(float(-gain[u] / max(price[u], TINY)), int(u)) for u in np.nonzero(fits)[0]]
            self._lazily(s, price, heap, by=1)

    def _lazily(self, s: State, price: Floats, heap: list[tuple[float, int]], *, by: int) -> None:
        heapq.heapify(heap)
        while heap and (by > 0 or s.slack.min() < 0):
            _, u = heapq.heappop(heap)
            if not 0 <= s.x[u] + by <= self.layout.units[u] or (by > 0 and not self._fits(s, u)):
                continue
            key = -move(u, by, self.layout, s) / max(price[u], TINY)
            if (by > 0 and key >= 0) or (heap and key > heap[0][0] + TINY):
                move(u, -by, self.layout, s)
                if by < 0 or key < 0:
                    heapq.heappush(heap, (key, u))
            elif 0 <= s.x[u] + by <= self.layout.units[u]:
                heapq.heappush(heap, (key, u))

    def _fits(self, s: State, u: int) -> bool:
        at = slice(self.layout.limit_ptr[u], self.layout.limit_ptr[u + 1])
        return bool((s.slack[self.layout.limit_at[at]] >= self.layout.limit_size[at]).all())
