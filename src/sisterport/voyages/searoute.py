"""Sea routes: shortest ways over the sea-route graph, with passages that can be closed.

A point joins the graph at the nearest node, and at any of the nodes around it that a great circle reaches without crossing
land or a closed passage, whichever makes the way shortest. Near points with clear water between them need no graph.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import MethodError, ReferenceDataError, choose
from sisterport.reference import ports, resolve_locode, value
from sisterport.voyages.coast import coast_grid
from sisterport.voyages.seagraph import NO_NODE, PASSAGES, SeaGraph, arc, compiled, angle, room, sea_graph, search, unit_vectors

Place: TypeAlias = str | tuple[float, float]
"""A port code, or (latitude, longitude) [deg]."""

JOINTS = 8  # nodes around a point that are tried
_DIRECT = -2
_SAMPLE_NM = 3.0  # land is looked for this often along a line
_STEP_NM = 60.0  # points of a route are at most this far apart: straight lines between them stay on the great circle


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way over the sea.

    Attributes
    ----------
    distance_nm : float
        Length [nm].
    lat_deg, lon_deg : ndarray
        Points from origin to destination, at most 60 nm apart [deg]; longitudes within +-180.
    passages : tuple of str
        Passages in the order of use.
    direct : bool
        A great circle; the graph was not used.
    joint_nm : tuple of float
        Distances from the origin to the graph and from the graph to the destination [nm]; zero if direct.
    """

    distance_nm: float
    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    passages: tuple[str, ...]
    direct: bool
    joint_nm: tuple[float, float]


@cache
def _open(closed: frozenset[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return edge lengths with closed passages infinite [nm], and the nodes of closed edges as unit vectors."""
    graph = sea_graph()
    shut = np.isin(graph.passage, [PASSAGES.index(name) for name in closed])
    tail = np.repeat(np.arange(graph.lat_deg.size), np.diff(graph.ptr))
    nodes = np.union1d(tail[shut], graph.to[shut]).astype(np.int64)
    return np.where(shut, np.inf, graph.length_nm), graph.xyz[nodes].reshape(-1, 3)


def _check_closed(closed: Iterable[str]) -> frozenset[str]:
    if isinstance(closed, str):
        raise MethodError(f"closed must be a sequence of passages, got '{closed}'; write closed=('{closed}',)")
    return frozenset(choose("passage", name, PASSAGES) for name in closed)


@cache
def _coast() -> tuple[NDArray[np.int8], int, float]:
    """Return the coast grid, its cells per degree and the step value below which a place is inland."""
    grid = coast_grid()
    if grid is None:
        return np.zeros((0, 0), np.int8), 0, 0.0
    return grid.steps, grid.per_degree, -value("coast_inland_nm") / grid.step_nm


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
    """Fill `nodes` and `cost` [rad] with the joints of a point, nearest first; return their number."""
    chord2 = np.full(JOINTS, 9.0)
    near = np.zeros(JOINTS, np.int64)
    for i in range(xyz.shape[0]):
        d = (xyz[i, 0] - p[0]) ** 2 + (xyz[i, 1] - p[1]) ** 2 + (xyz[i, 2] - p[2]) ** 2
        if d < chord2[-1]:
            j = JOINTS - 1
            while j > 0 and chord2[j - 1] > d:
                chord2[j], near[j] = chord2[j - 1], near[j - 1]
                j -= 1
            chord2[j], near[j] = d, i
    n = 0
    for j in range(JOINTS):
        if j == 0 or _clear(p, xyz[near[j]], water):
            nodes[n] = near[j]
            cost[n] = 2.0 * np.arcsin(0.5 * np.sqrt(chord2[j]))
            n += 1
    return n


@compiled
def _route_pair(net: Any, a: Any, b: Any, water: Any, radius: float, direct_nm: float, goal_cost: Any, work: Any) -> Any:
    """Return length [nm] and last node of the way between two points; the node is `_DIRECT` for a great circle."""
    length = radius * arc(a, b)
    if length <= direct_nm and _clear(a, b, water):
        return length, _DIRECT
    s_node, s_cost = np.empty(JOINTS, np.int64), np.empty(JOINTS)
    g_node, g_cost = np.empty(JOINTS, np.int64), np.empty(JOINTS)
    ns = _joints(net[0], a, water, s_node, s_cost)
    ng = _joints(net[0], b, water, g_node, g_cost)
    if s_node[0] == g_node[0]:  # closer to each other than the mesh
        return length, _DIRECT
    for j in range(ng):
        goal_cost[g_node[j]] = g_cost[j] * radius
    found = search(net, s_node[:ns], s_cost[:ns] * radius, goal_cost, b, radius, work)
    for j in range(ng):
        goal_cost[g_node[j]] = np.inf
    return found


@compiled
def _fill_pairs(
    net: Any, a: Any, b: Any, water: Any, radius: float, direct_nm: float, goal_cost: Any, work: Any, out: Any
) -> None:
    for i in range(a.shape[0]):
        out[i] = _route_pair(net, a[i], b[i], water, radius, direct_nm, goal_cost, work)[0]


@compiled
def _fill_matrix(
    net: Any, a: Any, b: Any, water: Any, radius: float, direct_nm: float, goal_cost: Any, work: Any, out: Any
) -> None:
    """One search per row serves all columns."""
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
            if s_node[0] == node[j, 0] or (length <= direct_nm and _clear(a[i], b[j], water)):
                out[i, j] = length
                continue
            out[i, j] = np.inf
            for k in range(count[j]):
                out[i, j] = min(out[i, j], work[0][node[j, k]] + cost[j, k] * radius)


def _setting(closed: Iterable[str]) -> tuple[SeaGraph, tuple[Any, ...], tuple[Any, ...]]:
    """Return the graph, its arrays with these passages closed, and (water, radius, longest great circle)."""
    graph = sea_graph()
    weight, shut = _open(_check_closed(closed))
    radius = value("earth_radius_nm")
    water = (shut, value("sea_passage_nm") / radius, *_coast(), _SAMPLE_NM / radius)
    return graph, (graph.xyz, graph.ptr, graph.to, weight), (water, radius, value("sea_direct_nm"))


def _position(place: Place) -> tuple[float, float]:
    """Return (lat, lon) [deg] of a place.

    Raises
    ------
    ReferenceDataError
        If a port is unknown or has no position.
    MethodError
        If a latitude or longitude is out of range.
    """
    if isinstance(place, str):
        code = resolve_locode(place)
        row = ports().filter(pl.col("locode") == code).row(0, named=True)
        if row["lat_deg"] is None:
            raise ReferenceDataError(f"port {code} has no position in the ports table; give (latitude, longitude)")
        return row["lat_deg"], row["lon_deg"]
    lat, lon = float(place[0]), float(place[1])
    if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 360.0):
        raise MethodError(f"({lat:g}, {lon:g}) is no (latitude, longitude) in degrees")
    return lat, lon


def sea_route(origin: Place, destination: Place, *, closed: Iterable[str] = ("northwest",)) -> Route:
    """Return the shortest way over the sea between two places.

    Parameters
    ----------
    origin, destination
        Port codes or (latitude, longitude) [deg].
    closed
        Passages that may not be used, of babalmandab, bering, bosporus, chili, dardanelles, gibraltar, malacca, northwest,
        ormuz, panama, south_africa, suez and sunda.

    Raises
    ------
    MethodError
        If a passage is unknown, or there is no way left.
    ReferenceDataError
        If a port is unknown or has no position.

    References
    ----------
    Graph: searoute (G. Halili, Apache-2.0), after Eurostat's marnet.

    Examples
    --------
    >>> route = sea_route("CNSGH", "DEHAM")
    >>> route.passages, route.direct
    (('malacca', 'babalmandab', 'suez', 'gibraltar'), False)
    >>> round(sea_route("CNSGH", "DEHAM", closed=("northwest", "suez")).distance_nm / route.distance_nm, 1)
    1.3
    """
    shut = _check_closed(closed)
    graph, net, setting = _setting(shut)
    radius = setting[1]
    ends = [_position(origin), _position(destination)]
    a, b = (unit_vectors(lat, lon) for lat, lon in ends)
    work = room(graph)
    length, last = _route_pair(net, a, b, *setting, np.full(graph.lat_deg.size, np.inf), work)
    if last == NO_NODE:
        raise MethodError(f"no way from {origin} to {destination} with {', '.join(sorted(shut))} closed")
    nodes: list[int] = []
    while last >= 0:
        nodes.append(int(last))
        last = work[1][last]
    nodes.reverse()
    points = np.vstack([a, graph.xyz[nodes], b])
    lat, lon = _points(points, radius)
    joint = (radius * float(angle(a, points[1])), radius * float(angle(points[-2], b))) if nodes else (0.0, 0.0)
    return Route(
        distance_nm=float(length), lat_deg=lat, lon_deg=lon, passages=_used(graph, nodes), direct=not nodes, joint_nm=joint
    )


def _points(corners: NDArray[np.float64], radius: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (lat, lon) [deg] along great circles through `corners` (unit vectors)."""
    parts = []
    for a, b in zip(corners[:-1], corners[1:], strict=True):
        span = float(angle(a, b))
        if span > 0.0:
            f = np.arange(max(1, int(np.ceil(span * radius / _STEP_NM)))) / max(1, int(np.ceil(span * radius / _STEP_NM)))
            parts.append((np.sin((1.0 - f) * span)[:, None] * a + np.sin(f * span)[:, None] * b) / np.sin(span))
    xyz = np.vstack([*parts, corners[-1:]])
    lon = np.degrees(np.arctan2(xyz[:, 1], xyz[:, 0]))
    return np.degrees(np.arctan2(xyz[:, 2], np.hypot(xyz[:, 0], xyz[:, 1]))), lon


def _used(graph: SeaGraph, nodes: Sequence[int]) -> tuple[str, ...]:
    """Return the passages on a way, in order, each once per use."""
    found: list[str] = []
    for u, v in zip(nodes[:-1], nodes[1:], strict=True):
        row = slice(graph.ptr[u], graph.ptr[u + 1])
        number = graph.passage[row][graph.to[row] == v][0]
        if number >= 0 and (not found or found[-1] != PASSAGES[number]):
            found.append(PASSAGES[number])
    return tuple(found)


def sea_distances(
    origins: Sequence[Place], destinations: Sequence[Place] | None = None, *,
    closed: Iterable[str] = ("northwest",), pairwise: bool = False,
) -> NDArray[np.float64]:  # fmt: skip
    """Return sea distances between many places.

    Parameters
    ----------
    origins, destinations
        Port codes or (latitude, longitude) [deg]; without destinations, between all origins.
    closed
        Passages that may not be used, see `sea_route`.
    pairwise
        From each origin to the destination at the same place in the list, instead of a matrix.

    Returns
    -------
    ndarray
        Distances [nm], one row per origin and one column per destination; infinite where there is no way.

    Raises
    ------
    MethodError, ReferenceDataError
        As `sea_route`; or if `pairwise` is asked for lists of different length.

    Examples
    --------
    >>> sea_distances(["CNSGH", "USLAX"], ["USLGB"]).round(-3).tolist()
    [[6000.0], [0.0]]
    """
    start = np.array([_position(p) for p in origins], np.float64).reshape(-1, 2)
    goal = start if destinations is None else np.array([_position(p) for p in destinations], np.float64).reshape(-1, 2)
    if pairwise and start.shape != goal.shape:
        raise MethodError(f"pairwise distances need lists of equal length, got {len(start)} and {len(goal)}")
    a, b = unit_vectors(start[:, 0], start[:, 1]), unit_vectors(goal[:, 0], goal[:, 1])
    out = np.empty(len(a) if pairwise else (len(a), len(b)))
    graph, net, setting = _setting(closed)
    fill = _fill_pairs if pairwise else _fill_matrix
    fill(net, a, b, *setting, np.full(graph.lat_deg.size, np.inf), room(graph), out)
    return out
