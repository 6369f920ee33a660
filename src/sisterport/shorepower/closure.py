"""What is worth building at a price: maximum closure as a minimum cut, by Dinic's algorithm in whole numbers.

Network: source -> link (price times gain) -> each upgrade it needs (no limit) -> sink (cost). The cut is the best set
of upgrades, the flow shares the cost of each upgrade among the links that need it: a proof that anyone can add up.
"""

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np

from sisterport.errors import MethodError
from sisterport.reference import value
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.problem import Floats

PER_USD = int(value("upgrade_parts_of_usd"))
"""Capacities are whole parts of a USD, in 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Best sets at one price: the smallest and the largest of equal worth, and each need's share of the cost [USD]."""

    smallest: Any
    largest: Any
    share_usd: Floats


def closure(p: Problem, price_usd: float) -> Closure:
    """Return the upgrades that maximise `price_usd` times gain less cost.

    Parameters
    ----------
    p
        A problem in which each need has one option.
    price_usd
        Price of a unit of gain [USD per t or MWh].

    Raises
    ------
    MethodError
        If a need has several options.
    """
    if (np.diff(p.option_ptr) != 1).any():
        raise MethodError("a minimum cut knows one fix per need; this problem has alternative fixes")
    # rounded up: the shares may then cover each gain in full, and the bound is evaluated with the true gain
    supply = np.ceil(np.maximum(p.gain, 0.0) * price_usd * PER_USD).astype(np.int64)
    room = np.rint(p.cost * PER_USD).astype(np.int64)
    uses = np.argsort(p.option, kind="stable")
    use_ptr = np.r_[0, np.cumsum(np.bincount(p.option, minlength=room.size))].astype(np.int64)
    owner = np.repeat(np.arange(p.gain.size), np.diff(p.need_ptr))
    flow = np.zeros(p.option.size, np.int64)
    smallest, largest = _cut(supply, room, p.need_ptr, p.option, owner, use_ptr, uses, flow)
    return Closure(smallest=smallest, largest=largest, share_usd=flow / PER_USD)


@nb.njit(cache=True, nogil=True)
def _levels(left, room, need_ptr, option, owner, use_ptr, uses, flow, level, queue):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Distance of each node (upgrades first, then links) to the sink in the residual network; 0 where it is cut off."""
    upgrades = room.size
    level[:] = 0
    head, tail = 0, 0
    for u in range(upgrades):
        if room[u] > 0:
            level[u] = 1
            queue[tail] = u
            tail += 1
    reached = False
    while head < tail:
        node = queue[head]
        head += 1
        if node < upgrades:
            for i in range(use_ptr[node], use_ptr[node + 1]):
                e = owner[uses[i]]
                if level[upgrades + e] == 0:
                    level[upgrades + e] = level[node] + 1
                    reached = reached or left[e] > 0
                    queue[tail] = upgrades + e
                    tail += 1
        else:
            e = node - upgrades
            for k in range(need_ptr[e], need_ptr[e + 1]):
                if flow[k] > 0 and level[option[k]] == 0:
                    level[option[k]] = level[node] + 1
                    queue[tail] = option[k]
                    tail += 1
    return reached


@nb.njit(cache=True, nogil=True)
def _push(start, left, room, need_ptr, option, owner, use_ptr, uses, flow, level, at, path):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, C901, PLR0912
    """Push what link `start` has left along shortest ways until none is open."""
    upgrades = room.size
    while left[start] > 0:
        node, depth = upgrades + start, 0
        while True:
            moved = False
            if node >= upgrades:
                e = node - upgrades
                while at[node] < need_ptr[e + 1]:
                    k = at[node]
                    if level[option[k]] > 0 and level[option[k]] == level[node] - 1:
                        path[depth] = k
                        depth += 1
                        node = option[k]
                        moved = True
                        break
                    at[node] += 1
            elif level[node] == 1 and room[node] > 0:
                break
            else:
                while at[node] < use_ptr[node + 1]:
                    k = uses[at[node]]
                    back = upgrades + owner[k]
                    if flow[k] > 0 and level[back] > 0 and level[back] == level[node] - 1:
                        path[depth] = k
                        depth += 1
                        node = back
                        moved = True
                        break
                    at[node] += 1
            if not moved:  # a dead end: never come here again in this round
                level[node] = 0
                if depth == 0:
                    return
                depth -= 1
                node = upgrades + owner[path[depth]] if depth % 2 == 0 else option[path[depth]]
                at[node] += 1
        amount = min(left[start], room[node])
        for d in range(1, depth, 2):
            amount = min(amount, flow[path[d]])
        for d in range(depth):
            flow[path[d]] += amount if d % 2 == 0 else -amount
        left[start] -= amount
        room[node] -= amount


@nb.njit(cache=True, nogil=True)
def _cut(supply, capacity, need_ptr, option, owner, use_ptr, uses, flow):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, C901
    """Return which upgrades are in the smallest and in the largest best set; `flow` is written per need."""
    left, room = supply.copy(), capacity.copy()
    upgrades, links = room.size, left.size
    level = np.zeros(upgrades + links, np.int64)
    queue = np.zeros(upgrades + links, np.int64)
    at = np.zeros(upgrades + links, np.int64)
    path = np.zeros(2 * (upgrades + links) + 2, np.int64)
    while _levels(left, room, need_ptr, option, owner, use_ptr, uses, flow, level, queue):
        at[:upgrades] = use_ptr[:-1]
        at[upgrades:] = need_ptr[:-1]
        for e in range(links):
            if left[e] > 0 and level[upgrades + e] > 0:
                _push(e, left, room, need_ptr, option, owner, use_ptr, uses, flow, level, at, path)
    largest = level[:upgrades] == 0
    seen = np.zeros(upgrades + links, np.bool_)
    tail = 0
    for e in range(links):
        if left[e] > 0:
            seen[upgrades + e] = True
            queue[tail] = upgrades + e
            tail += 1
    head = 0
    while head < tail:
        node = queue[head]
        head += 1
        if node >= upgrades:
            e = node - upgrades
            for k in range(need_ptr[e], need_ptr[e + 1]):
                if not seen[option[k]]:
                    seen[option[k]] = True
                    queue[tail] = option[k]
                    tail += 1
        else:
            for i in range(use_ptr[node], use_ptr[node + 1]):
                k = uses[i]
                if flow[k] > 0 and not seen[upgrades + owner[k]]:
                    seen[upgrades + owner[k]] = True
                    queue[tail] = upgrades + owner[k]
                    tail += 1
    return seen[:upgrades], largest
