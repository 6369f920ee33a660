"""Compiled ways between points: great circles over clear water, joints between points and the graph.

Common arguments: `water` = (closed passages as unit vectors, how near is through [rad], coast grid, its
cells per degree, its step value below which a place is inland, sampling distance [rad]); `limits` = (longest
great circle at any latitude [nm], sine of the latitude that longer ones stay below); `net` and `work` as in
`seagraph.search`.
"""

from typing import Any

import numpy as np

from sisterport.voyages.seagraph import NO_NODE, arc, compiled, search

JOINTS = 9
"""Nodes around a point that are tried: the nearest of all, and the nearest in each eighth of the compass."""

DIRECT = -2
"""In place of a last node: the way is a great circle."""

_REACH2 = 0.35**2  # squared chord up to which nodes are looked for: 1,200 nm, two meshes


@compiled
def _clear(a: Any, b: Any, water: Any) -> bool:
    """Tell whether the great circle from `a` to `b` crosses neither land nor a closed passage."""
    shut, margin, steps, per_degree, inland, sample = water
    along = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    n0, n1, n2 = a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    size = np.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
    if size < 1e-12:
        return True
    for k in range(shut.shape[0]):
        s = shut[k]
        off = abs(n0 * s[0] + n1 * s[1] + n2 * s[2]) / size
        if off < margin and (a * s).sum() >= along and (b * s).sum() >= along:
            return False
    if steps.size == 0:  # without a coast nothing is known to be clear
        return False
    rows, cols = steps.shape
    span = np.arctan2(size, along)
    pieces = int(span / sample) + 1
    for k in range(pieces + 1):
        f = span * k / pieces
        fa, fb = np.sin(span - f), np.sin(f)
        x, y, z = fa * a[0] + fb * b[0], fa * a[1] + fb * b[1], fa * a[2] + fb * b[2]
        lat = np.degrees(np.arctan2(z, np.sqrt(x * x + y * y)))
        lon = np.degrees(np.arctan2(y, x))
        r = min(int((90.0 - lat) * per_degree), rows - 1)
        c = int((lon + 180.0) * per_degree) % cols
        if steps[r, c] < inland:
            return False
    return True


@compiled
def _joints(xyz: Any, p: Any, water: Any, nodes: Any, cost: Any) -> int:
    """Fill `nodes` and `cost` [rad] with the joints of a point, the nearest first; return their number."""
    level = max(np.sqrt(p[0] * p[0] + p[1] * p[1]), 1e-12)
    east0, east1 = -p[1] / level, p[0] / level
    chord2 = np.full(8, _REACH2)  # of the nearest node in each eighth of the compass
    near = np.full(8, NO_NODE)
    first, first2 = 0, 9.0
    for i in range(xyz.shape[0]):
        x, y, z = xyz[i]
        d = (x - p[0]) ** 2 + (y - p[1]) ** 2 + (z - p[2]) ** 2
        if d < first2:
            first, first2 = i, d
        if d < _REACH2:
            e = east0 * x + east1 * y
            n = z * level - p[2] * (x * east1 - y * east0)
            k = 4 * (e > 0.0) + 2 * (n > 0.0) + (abs(e) > abs(n))
            if d < chord2[k]:
                chord2[k], near[k] = d, i
    nodes[0], cost[0] = first, 2.0 * np.arcsin(0.5 * np.sqrt(first2))
    count = 1
    for k in range(8):
        if near[k] != NO_NODE and near[k] != first and _clear(p, xyz[near[k]], water):
            nodes[count], cost[count] = near[k], 2.0 * np.arcsin(0.5 * np.sqrt(chord2[k]))
            count += 1
    return count


@compiled
def _straight(a: Any, b: Any, water: Any, length: float, limits: Any) -> bool:
    """Tell whether the way is the great circle: clear water, and not by high latitudes unless it is short."""
    direct_nm, level = limits
    if length > direct_nm:
        for k in range(33):  # a mixture of the two vectors lies on the great circle
            f = k / 32.0
            x, y, z = a[0] + f * (b[0] - a[0]), a[1] + f * (b[1] - a[1]), a[2] + f * (b[2] - a[2])
            if z * z > level * level * (x * x + y * y + z * z):
                return False
    return _clear(a, b, water)


@compiled
def route_pair(net: Any, a: Any, b: Any, water: Any, radius: float, limits: Any, goal_cost: Any, work: Any) -> Any:
    """Return length [nm] and last node of the way between two points; `DIRECT` for a great circle."""
    length = radius * arc(a, b)
    if _straight(a, b, water, length, limits):
        return length, DIRECT
    s_node, s_cost = np.empty(JOINTS, np.int64), np.empty(JOINTS)
    g_node, g_cost = np.empty(JOINTS, np.int64), np.empty(JOINTS)
    ns = _joints(net[0], a, water, s_node, s_cost)
    ng = _joints(net[0], b, water, g_node, g_cost)
    if s_node[0] == g_node[0]:  # closer to each other than the mesh
        return length, DIRECT
    for j in range(ng):
        goal_cost[g_node[j]] = g_cost[j] * radius
    found = search(net, s_node[:ns], s_cost[:ns] * radius, goal_cost, b, radius, work)
    for j in range(ng):
        goal_cost[g_node[j]] = np.inf
    return found


@compiled
def fill_pairs(
    net: Any, a: Any, b: Any, water: Any, radius: float, limits: Any, goal_cost: Any, work: Any, out: Any
) -> None:
    """Fill `out` with the lengths of ways [nm], pair by pair."""
    for i in range(a.shape[0]):
        out[i] = route_pair(net, a[i], b[i], water, radius, limits, goal_cost, work)[0]


@compiled
def fill_matrix(
    net: Any, a: Any, b: Any, water: Any, radius: float, limits: Any, goal_cost: Any, work: Any, out: Any
) -> None:
    """Fill the matrix `out` with lengths of ways [nm]; one search per row serves all columns."""
    m = b.shape[0]
    node, cost, count = np.empty((m, JOINTS), np.int64), np.empty((m, JOINTS)), np.empty(m, np.int64)
    for j in range(m):
        count[j] = _joints(net[0], b[j], water, node[j], cost[j])
    s_node, s_cost = np.empty(JOINTS, np.int64), np.empty(JOINTS)
    for i in range(a.shape[0]):
        ns = _joints(net[0], a[i], water, s_node, s_cost)
        search(net, s_node[:ns], s_cost[:ns] * radius, goal_cost, a[i], 0.0, work)
        for j in range(m):
            length = radius * arc(a[i], b[j])
            if s_node[0] == node[j, 0] or _straight(a[i], b[j], water, length, limits):
                out[i, j] = length
                continue
            out[i, j] = np.inf
            for k in range(count[j]):
                out[i, j] = min(out[i, j], work[0][node[j, k]] + cost[j, k] * radius)
