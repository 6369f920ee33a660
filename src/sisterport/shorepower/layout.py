"""The problem laid out for moves of one upgrade: who uses it, and which links share what is scarce."""

from typing import NamedTuple

import numpy as np

from sisterport.shorepower.phases import Problem, Rows
from sisterport.shorepower.problem import Floats, Ints
from sisterport.units import TINY


class Layout(NamedTuple):
    """Arrays for the compiled moves; a group is a pool of hours, or pools that share plants."""

    units: Ints
    built: Ints
    gain: Floats
    hours: Floats
    mva: Floats
    pool: Ints
    plant: Ints
    use_ptr: Ints
    use_need: Ints
    need_link: Ints
    need_count: Ints
    group: Ints
    group_ptr: Ints
    group_link: Ints
    """Links of each group, best gain per use of what is scarce first."""
    pool_ptr: Ints
    pool_at: Ints
    pool_size: Floats
    plant_ptr: Ints
    plant_at: Ints
    plant_size: Floats
    limit_ptr: Ints
    limit_at: Ints
    limit_size: Floats
    limit_rhs: Floats
    pool_group: Ints
    plant_group: Ints


class State(NamedTuple):
    """A plan and what follows from it; changed in place by the moves."""

    x: Ints
    met: Ints
    """Options present, per need."""
    unmet: Ints
    """Needs without an option, per link."""
    room: Floats
    power: Floats
    slack: Floats
    worth: Floats
    """Gain per group."""
    left: Floats
    spare: Floats
    stamp: Ints
    touched: Ints


def layout(p: Problem) -> Layout:
    """Return the problem laid out for moves."""
    owner = np.repeat(np.arange(p.option_ptr.size - 1), np.diff(p.option_ptr))
    by_use = np.argsort(p.option, kind="stable")
    pool_group, plant_group, groups = _groups(p)
    group = np.full(p.gain.size, -1)
    for of, resource in ((plant_group, p.plant), (pool_group, p.pool)):
        if of.size:
            group = np.where(resource >= 0, of[resource], group)
    use = p.hours
    if len(p.plants):
        use = _share(p.hours, p.pool, len(p.pools)) + _share(p.mva, p.plant, len(p.plants))
    rate = p.gain / np.maximum(use, TINY)
    order = np.lexsort((np.arange(rate.size), -rate, group))
    order = order[group[order] >= 0]
    pool_ptr, pool_at, pool_size = _by_upgrade(p, p.pools)
    plant_ptr, plant_at, plant_size = _by_upgrade(p, p.plants)
    limit_ptr, limit_at, limit_size = _by_upgrade(p, p.limits)
    return Layout(
        units=p.units,
        built=p.built,
        gain=p.gain,
        hours=p.hours,
        mva=p.mva,
        pool=p.pool,
        plant=p.plant,
        use_ptr=np.r_[0, np.cumsum(np.bincount(p.option, minlength=p.cost.size))].astype(np.int64),
        use_need=owner[by_use],
        need_link=np.repeat(np.arange(p.gain.size), np.diff(p.need_ptr)),
        need_count=np.diff(p.need_ptr),
        group=group,
        group_ptr=np.searchsorted(group[order], np.arange(groups + 1)),
        group_link=order,
        pool_ptr=pool_ptr,
        pool_at=pool_at,
        pool_size=pool_size,
        plant_ptr=plant_ptr,
        plant_at=plant_at,
        plant_size=plant_size,
        limit_ptr=limit_ptr,
        limit_at=limit_at,
        limit_size=limit_size,
        limit_rhs=p.limits.rhs,
        pool_group=pool_group,
        plant_group=plant_group,
    )


def empty_state(p: Problem, lay: Layout) -> State:
    """Return the state in which nothing new is built."""
    groups = lay.group_ptr.size - 1
    return State(
        x=np.zeros(p.cost.size, np.int64),
        met=np.zeros(p.option_ptr.size - 1, np.int64),
        unmet=lay.need_count.copy(),
        room=p.pools.times(p.built),
        power=p.plants.times(p.built),
        slack=p.limits.rhs.copy(),
        worth=np.zeros(groups + 1),
        left=np.zeros(len(p.pools)),
        spare=np.zeros(len(p.plants)),
        stamp=np.zeros(groups, np.int64),
        touched=np.zeros(groups, np.int64),
    )


def _share(amount: Floats, owner: Ints, count: int) -> Floats:
    """Amount of each link relative to all that is asked of its pool or plant."""
    if not count:
        return np.zeros(amount.size)
    total = np.bincount(owner[owner >= 0], amount[owner >= 0], count)
    return np.where(owner >= 0, amount / np.maximum(total, TINY)[owner], 0.0)


def _by_upgrade(p: Problem, rows: Rows) -> tuple[Ints, Ints, Floats]:
    order = np.argsort(rows.at, kind="stable")
    ptr = np.r_[0, np.cumsum(np.bincount(rows.at, minlength=p.cost.size))].astype(np.int64)
    return ptr, rows.number()[order], rows.value[order]


def _groups(p: Problem) -> tuple[Ints, Ints, int]:
    """Pools and plants that meet in a link belong to one group; without plants group = pool."""
    pools, plants = len(p.pools), len(p.plants)
    root = list(range(pools + plants))

    def find(a: int) -> int:
        while root[a] != a:
            a = root[a]
        return a

    both = (p.pool >= 0) & (p.plant >= 0)
    for pool, plant in np.unique(np.c_[p.pool[both], p.plant[both]], axis=0):
        a, b = sorted((find(int(pool)), find(pools + int(plant))))
        root[b] = a
    names, number = np.unique(np.array([find(a) for a in root], np.int64), return_inverse=True)
    return number[:pools].astype(np.int64), number[pools:].astype(np.int64), names.size
