"""The sea-route graph of the searoute package (Apache-2.0) as compact arrays, and shortest paths on it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from sisterport.reference import value

PASSAGES = (
    "babalmandab",
    "bering",
    "bosporus",
    "chili",
    "dardanelles",
    "gibraltar",
    "malacca",
    "northwest",
    "ormuz",
    "panama",
    "south_africa",
    "suez",
    "sunda",
)
"""Passages that can be closed; other names on edges of the graph are no passages."""

NO_NODE = -1
compiled = nb.njit(cache=True, nogil=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeaGraph:
    """Nodes and edges in compressed rows: the edges of node i are ``ptr[i]`` to ``ptr[i + 1]``.

    Attributes
    ----------
    lat_deg, lon_deg : ndarray
        Nodes [deg], longitudes within +-180.
    xyz : ndarray, shape (n, 3)
        The same as unit vectors.
    ptr, to : ndarray
        Edges.
    length_nm : ndarray
        Great-circle length of each edge [nm].
    km : ndarray
        Length of each edge as the package has it, rounded to 0.1 km [km].
    passage : ndarray
        Number of the passage of each edge in `PASSAGES`, or -1.
    """

    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    xyz: NDArray[np.float64]
    ptr: NDArray[np.int64]
    to: NDArray[np.int32]
    length_nm: NDArray[np.float64]
    km: NDArray[np.float64]
    passage: NDArray[np.int8]


def unit_vectors(lat_deg: Any, lon_deg: Any) -> NDArray[np.float64]:
    """Return positions [deg] as unit vectors, shape (n, 3)."""
    lat, lon = np.radians(np.asarray(lat_deg, np.float64)), np.radians(np.asarray(lon_deg, np.float64))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def angle(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angle between unit vectors [rad]; from the chord, so that small angles stay exact."""
    return 2.0 * np.arcsin(np.minimum(1.0, 0.5 * np.linalg.norm(a - b, axis=-1)))  # type: ignore[no-any-return]


@cache
def sea_graph() -> SeaGraph:
    """Return the graph, read once per process."""
    from searoute.data.marnet_dict import edge_list, node_list  # noqa: PLC0415 - 0.1 s, only when routes are asked for

    number = {node: i for i, node in enumerate(node_list)}
    rows = [
        (
            number[u],
            number[v],
            data["weight"],
            PASSAGES.index(p) if (p := data.get("passage")) in PASSAGES else -1,
        )
        for u, neighbours in edge_list.items()
        for v, data in neighbours.items()
    ]
    tail, head, km, passage = (np.array(column) for column in zip(*rows, strict=True))
    order = np.argsort(tail, kind="stable")
    tail, head, km, passage = tail[order], head[order], km[order], passage[order]
    lon, lat = np.array(list(node_list), np.float64).T
    xyz = unit_vectors(lat, lon)
    return SeaGraph(
        lat_deg=lat,
        lon_deg=(lon + 180.0) % 360.0 - 180.0,
        xyz=xyz,
        ptr=np.searchsorted(tail, np.arange(len(number) + 1)).astype(np.int64),
        to=head.astype(np.int32),
        length_nm=value("earth_radius_nm") * angle(xyz[tail], xyz[head]),
        km=km.astype(np.float64),
        passage=passage.astype(np.int8),
    )


@compiled
def search(
    net: Any, starts: NDArray[np.int64], start_cost: NDArray[np.float64], goal_cost: NDArray[np.float64],
    goal: NDArray[np.float64], radius: float, work: Any,
) -> tuple[float, int]:  # fmt: skip
    """Run A* with a binary heap from several nodes until no goal can come cheaper.

    Parameters
    ----------
    net : tuple
        Unit vectors of the nodes, ptr, to, and the weight of each edge.
    starts, start_cost
        Nodes to start from and what it costs to get there.
    goal_cost : shape (nodes,)
        What it costs to go on from each node; infinite where the way does not end. All infinite: visit every
        node.
    goal, radius
        Unit vector of the destination; no way is shorter than the arc to it on a sphere of this radius.
        Radius 0: plain Dijkstra.
    work
        From `room`; the first two are filled: cost of each node reached, and the node before it.

    Returns
    -------
    tuple
        Cost of the cheapest way and its last node; infinite and `NO_NODE` if there is none.
    """
    xyz, ptr, to, weight = net
    distance, via, ahead, keys, nodes = work
    distance[:] = np.inf
    n = 0
    best, last = np.inf, NO_NODE
    for j in range(starts.size):
        u = starts[j]
        if start_cost[j] < distance[u]:
            distance[u] = start_cost[j]
            via[u] = NO_NODE
            ahead[u] = radius * arc(xyz[u], goal)
            n = _push(keys, nodes, n, distance[u] + ahead[u], u)
    while n > 0:
        key, u = keys[0], nodes[0]
        n -= 1
        _sink(keys, nodes, n)
        if key >= best:
            break
        d = distance[u]
        if key > d + ahead[u]:  # an older, longer entry
            continue
        if d + goal_cost[u] < best:
            best, last = d + goal_cost[u], u
        for k in range(ptr[u], ptr[u + 1]):
            v = to[k]
            new = d + weight[k]
            if new < distance[v]:
                if distance[v] == np.inf:
                    ahead[v] = radius * arc(xyz[v], goal)
                distance[v] = new
                via[v] = u
                n = _push(keys, nodes, n, new + ahead[v], v)
    return best, last


@compiled
def arc(a: Any, b: Any) -> float:
    """Return the angle between unit vectors [rad], a little short: rounding cannot make it too long."""
    chord2 = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2
    return float(2.0 * np.arcsin(min(1.0, 0.5 * np.sqrt(chord2))) * (1.0 - 1e-12))


@compiled
def _push(keys: Any, nodes: Any, n: int, key: float, node: int) -> int:
    i = n
    while i > 0 and keys[(i - 1) // 2] > key:
        p = (i - 1) // 2
        keys[i], nodes[i] = keys[p], nodes[p]
        i = p
    keys[i], nodes[i] = key, node
    return n + 1


@compiled
def _sink(keys: Any, nodes: Any, n: int) -> None:
    """Put entry `n` on top and let it sink; the heap then has `n` entries."""
    key, node = keys[n], nodes[n]
    i = 0
    while True:
        c = 2 * i + 1
        if c >= n:
            break
        if c + 1 < n and keys[c + 1] < keys[c]:
            c += 1
        if keys[c] >= key:
            break
        keys[i], nodes[i] = keys[c], nodes[c]
        i = c
    keys[i], nodes[i] = key, node


def room(graph: SeaGraph) -> tuple[NDArray[Any], ...]:
    """Return work arrays for `search`: distance, node before, arc ahead, and keys and nodes of the heap."""
    n, m = graph.lat_deg.size, graph.to.size
    return np.empty(n), np.empty(n, np.int64), np.empty(n), np.empty(n + m + 1), np.empty(n + m + 1, np.int64)
