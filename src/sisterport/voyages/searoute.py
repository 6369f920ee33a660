"""Sea routes: shortest ways over the sea-route graph, with passages that can be closed.

A point joins the graph at the nearest node, or at a node around it that a great circle reaches without
crossing land or a closed passage, whichever makes the way shortest. Where the great circle between two
points is clear water, it is the way: the mesh of the graph in the open ocean is 10 degrees wide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.errors import MethodError, ReferenceDataError, choose
from sisterport.reference import ports, resolve_locode, value
from sisterport.voyages.coast import coast_grid
from sisterport.voyages.seagraph import NO_NODE, PASSAGES, SeaGraph, angle, room, sea_graph, unit_vectors
from sisterport.voyages.seajoin import fill_matrix, fill_pairs, route_pair

Place: TypeAlias = str | tuple[float, float]
"""A port code, or (latitude, longitude) [deg]."""

_SAMPLE_NM = 3.0  # land is looked for this often along a line
_STEP_NM = 60.0  # longest step of a route, so that straight lines between its points stay on the great circle


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
    """Return edge lengths, closed passages infinite [nm], and the nodes of closed edges as unit vectors."""
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


def _setting(closed: Iterable[str]) -> tuple[SeaGraph, tuple[Any, ...], tuple[Any, float, Any]]:
    """Return the graph, its arrays with passages closed, and (water, radius, limits of great circles)."""
    graph = sea_graph()
    weight, shut = _open(_check_closed(closed))
    radius = value("earth_radius_nm")
    water = (shut, value("sea_passage_nm") / radius, *_coast(), _SAMPLE_NM / radius)
    limits = (value("sea_direct_nm"), float(np.sin(np.radians(value("sea_direct_lat_deg")))))
    return graph, (graph.xyz, graph.ptr, graph.to, weight), (water, radius, limits)


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
        known = ports().filter(pl.col("locode") == code, pl.col("lat_deg").is_not_null()).head(1)
        if known.is_empty():
            raise ReferenceDataError(f"port {code} has no position in the ports table; give (latitude, longitude)")
        return known["lat_deg"].item(), known["lon_deg"].item()
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
        Passages that may not be used, of babalmandab, bering, bosporus, chili, dardanelles, gibraltar,
        malacca, northwest, ormuz, panama, south_africa, suez and sunda.

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
    length, last = route_pair(net, a, b, *setting, np.full(graph.lat_deg.size, np.inf), work)
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
        distance_nm=float(length),
        lat_deg=lat,
        lon_deg=lon,
        passages=_used(graph, nodes),
        direct=not nodes,
        joint_nm=joint,
    )


def _points(corners: NDArray[np.float64], radius: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (lat, lon) [deg] along great circles through `corners` (unit vectors)."""
    parts = []
    for a, b in pairwise(corners):
        span = float(angle(a, b))
        if span > 0.0:
            pieces = max(1, int(np.ceil(span * radius / _STEP_NM)))
            f = np.arange(pieces) / pieces
            parts.append((np.sin((1.0 - f) * span)[:, None] * a + np.sin(f * span)[:, None] * b) / np.sin(span))
    xyz = np.vstack([*parts, corners[-1:]])
    lon = np.degrees(np.arctan2(xyz[:, 1], xyz[:, 0]))
    return np.degrees(np.arctan2(xyz[:, 2], np.hypot(xyz[:, 0], xyz[:, 1]))), lon


def _used(graph: SeaGraph, nodes: Sequence[int]) -> tuple[str, ...]:
    """Return the passages on a way, in order, each once per use."""
    found: list[str] = []
    for u, v in pairwise(nodes):
        row = slice(graph.ptr[u], graph.ptr[u + 1])
        number = graph.passage[row][graph.to[row] == v][0]
        if number >= 0 and (not found or found[-1] != PASSAGES[number]):
            found.append(PASSAGES[number])
    return tuple(found)


def sea_distances(
    origins: Sequence[Place], destinations: Sequence[Place] | None = None, *,
    closed: Iterable[str] = ("northwest",), paired: bool = False,
) -> NDArray[np.float64]:  # fmt: skip
    """Return sea distances between many places.

    Parameters
    ----------
    origins, destinations
        Port codes or (latitude, longitude) [deg]; without destinations, between all origins.
    closed
        Passages that may not be used, see `sea_route`.
    paired
        From each origin to the destination at the same place in the list, instead of a matrix.

    Returns
    -------
    ndarray
        Distances [nm], one row per origin and one column per destination; infinite where there is no way.

    Raises
    ------
    MethodError, ReferenceDataError
        As `sea_route`; or if `paired` is asked for lists of different length.

    Examples
    --------
    >>> sea_distances(["CNSGH", "USLAX"], ["USLGB"]).round(-3).tolist()
    [[6000.0], [0.0]]
    """
    start = np.array([_position(p) for p in origins], np.float64).reshape(-1, 2)
    goal = start if destinations is None else np.array([_position(p) for p in destinations], np.float64).reshape(-1, 2)
    if paired and start.shape != goal.shape:
        raise MethodError(f"paired distances need lists of equal length, got {len(start)} and {len(goal)}")
    a, b = unit_vectors(start[:, 0], start[:, 1]), unit_vectors(goal[:, 0], goal[:, 1])
    out = np.empty(len(a) if paired else (len(a), len(b)))
    graph, net, setting = _setting(closed)
    fill = fill_pairs if paired else fill_matrix
    fill(net, a, b, *setting, np.full(graph.lat_deg.size, np.inf), room(graph), out)
    return out
