"""Moves of one unit, compiled: each touches only the links that use it and the groups whose room or links changed.

`a` is a `Layout`, `s` a `State`; both are tuples of arrays, and the state is changed in place.
"""

import numba as nb
import numpy as np

from sisterport.reference import value

_DEAR_EVERY, _DEARER, _CHEAPER = int(value("upgrade_dear_every")), value("upgrade_dearer"), value("upgrade_cheaper")
_DEAR_MIN, _DEAR_MAX = value("upgrade_dear_min"), value("upgrade_dear_max")


@nb.njit(cache=True, nogil=True, inline="always")
def _share(e, pool, plant, a, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the share of link `e` that the hours and the power that are left can serve."""
    share = 1.0
    if pool >= 0 and a.hours[e] > s.left[pool]:
        share = s.left[pool] / a.hours[e]
    if plant >= 0 and a.mva[e] * share > s.spare[plant]:
        share = s.spare[plant] / a.mva[e]
    return share


@nb.njit(cache=True, nogil=True)
def group_value(g, a, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, C901
    """Gain of the links of group `g` that fit, best first."""
    if a.plant_group.size:
        for r in range(a.group_ptr[g], a.group_ptr[g + 1]):
            e = a.group_link[r]
            if a.pool[e] >= 0:
                s.left[a.pool[e]] = s.room[a.pool[e]]
            if a.plant[e] >= 0:
                s.spare[a.plant[e]] = s.power[a.plant[e]]
    else:
        s.left[g] = s.room[g]
    total = 0.0
    for r in range(a.group_ptr[g], a.group_ptr[g + 1]):
        e = a.group_link[r]
        if s.unmet[e] > 0:
            continue
        if a.gain[e] <= 0.0:
            break
        pool, plant = a.pool[e], a.plant[e]
        share = _share(e, pool, plant, a, s)
        total += share * a.gain[e]
        if pool >= 0:
            s.left[pool] -= share * a.hours[e]
            if share < 1.0 and plant < 0 and a.plant_group.size == 0:
                break
        if plant >= 0:
            s.spare[plant] -= share * a.mva[e]
    return total


@nb.njit(cache=True, nogil=True, inline="always")
def _touch(g, count, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Note that group `g` has to be looked at again, once; return how many are noted."""
    if s.stamp[g] == 0:
        s.stamp[g] = 1
        s.touched[count] = g
        count += 1
    return count


@nb.njit(cache=True, nogil=True)
def move(u, by, a, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, C901
    """Add `by` units of upgrade `u` (negative takes away); return the change of the gain."""
    before = s.x[u] + a.built[u]
    s.x[u] += by
    after = s.x[u] + a.built[u]
    delta, count = 0.0, 0
    flip = 0
    if before == 0 and after > 0:
        flip = 1
    elif before > 0 and after == 0:
        flip = -1
    if flip != 0:
        for i in range(a.use_ptr[u], a.use_ptr[u + 1]):
            k = a.use_need[i]
            s.met[k] += flip
            if s.met[k] != (1 if flip > 0 else 0):
                continue
            e = a.need_link[k]
            s.unmet[e] -= flip
            if s.unmet[e] != (0 if flip > 0 else 1):
                continue
            g = a.group[e]
            if g < 0:
                delta += flip * max(a.gain[e], 0.0)
            else:
                count = _touch(g, count, s)
    for i in range(a.pool_ptr[u], a.pool_ptr[u + 1]):
        s.room[a.pool_at[i]] += by * a.pool_size[i]
        count = _touch(a.pool_group[a.pool_at[i]], count, s)
    for i in range(a.plant_ptr[u], a.plant_ptr[u + 1]):
        s.power[a.plant_at[i]] += by * a.plant_size[i]
        count = _touch(a.plant_group[a.plant_at[i]], count, s)
    for i in range(a.limit_ptr[u], a.limit_ptr[u + 1]):
        s.slack[a.limit_at[i]] -= by * a.limit_size[i]
    s.worth[s.worth.size - 1] += delta
    for i in range(count):
        g = s.touched[i]
        s.stamp[g] = 0
        worth = group_value(g, a, s)
        delta += worth - s.worth[g]
        s.worth[g] = worth
    return delta


@nb.njit(cache=True, nogil=True)
def build(x, a, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Add the units of plan `x`."""
    for u in range(x.size):
        if x[u] > 0:
            move(u, x[u], a, s)


@nb.njit(cache=True, nogil=True)
def anneal(a, s, price, steps, hot, cold, over, seed, best):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Toggle single units; accept by gain less price; keep the best plan within the limits in `best`."""
    np.random.seed(seed)  # noqa: NPY002 (numba knows the old generator)
    now = s.worth.sum()
    top = -1.0
    rate = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    dear = 1.0
    n = s.x.size
    for step in range(steps):
        heat *= rate
        if step % _DEAR_EVERY == 0:  # money is dearer while too much is spent
            short = s.slack.min() < 0.0
            dear = min(max(dear * (_DEARER if short else _CHEAPER), _DEAR_MIN), _DEAR_MAX)
        u = np.random.randint(n)  # noqa: NPY002
        by = 1
        if s.x[u] > 0 and (s.x[u] == a.units[u] or 2 * np.random.random() < 1):  # noqa: NPY002
            by = -1
        elif a.units[u] == 0:
            continue
        if by > 0:
            fits = True
            for i in range(a.limit_ptr[u], a.limit_ptr[u + 1]):
                k = a.limit_at[i]
                fits = fits and s.slack[k] - a.limit_size[i] >= -over * a.limit_rhs[k]
            if not fits:
                continue
        delta = move(u, by, a, s)
        merit = delta - by * dear * price[u]
        if merit >= 0.0 or np.random.random() < np.exp(merit / heat):  # noqa: NPY002
            now += delta
            if now > top and s.slack.min() >= 0.0:
                top = now
                best[:] = s.x
        else:
            move(u, -by, a, s)
    return top


@nb.njit(cache=True, nogil=True)
def deltas(a, s, by):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Change of the gain by one unit more (or less) of each upgrade; NaN where that cannot be."""
    out = np.full(s.x.size, np.nan)
    for u in range(s.x.size):
        if 0 <= s.x[u] + by <= a.units[u]:
            out[u] = move(u, by, a, s)
            move(u, -by, a, s)
    return out


@nb.njit(cache=True, nogil=True)
def served(a, s):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Share of each link that is connected, best first."""
    z = np.zeros(a.gain.size)
    s.left[:] = s.room
    s.spare[:] = s.power
    for e in range(z.size):
        if a.group[e] < 0 and s.unmet[e] == 0 and a.gain[e] > 0.0:
            z[e] = 1.0
    for e in a.group_link:
        if s.unmet[e] > 0 or a.gain[e] <= 0.0:
            continue
        pool, plant = a.pool[e], a.plant[e]
        share = _share(e, pool, plant, a, s)
        z[e] = share
        if pool >= 0:
            s.left[pool] -= share * a.hours[e]
        if plant >= 0:
            s.spare[plant] -= share * a.mva[e]
    return z


@nb.njit(cache=True, nogil=True)
def enumerate_all(a, s, values):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Write the gain of every combination of units, -1 where a limit is broken; the first upgrade changes fastest."""
    now = s.worth.sum()
    for c in range(values.size):
        values[c] = now if s.slack.min() >= 0.0 else -1.0
        for u in range(s.x.size):
            if s.x[u] < a.units[u]:
                now += move(u, 1, a, s)
                break
            if s.x[u] > 0:
                now += move(u, -s.x[u], a, s)
