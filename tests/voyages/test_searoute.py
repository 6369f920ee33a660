"""Sea routes against the searoute package, published distances and the laws of distances."""

import numpy as np
import pytest
import searoute
from hypothesis import given, settings
from hypothesis import strategies as st
from searoute.data.marnet_dict import edge_list, node_list

from sisterport.errors import MethodError, ReferenceDataError
from sisterport.voyages.seagraph import PASSAGES, room, sea_graph, search
from sisterport.voyages.searoute import sea_distances, sea_route

PLACES = {
    "Shanghai": (31.10, 121.95),
    "Los Angeles": (33.70, -118.25),
    "Singapore": (1.22, 103.75),
    "Elbe mouth": (53.90, 8.70),
    "Gothenburg": (57.66, 11.75),
    "Rotterdam": (51.98, 3.95),
    "Yokohama": (35.35, 139.70),
    "New York": (40.55, -74.03),
    "Sydney": (-33.85, 151.30),
    "Valparaiso": (-33.0, -71.65),
    "Santos": (-24.05, -46.30),
}


@pytest.mark.parametrize(
    ("origin", "destination", "closed", "nm"),
    [
        ("Shanghai", "Los Angeles", (), 5746),
        ("Shanghai", "Singapore", (), 2174),
        ("Shanghai", "Elbe mouth", (), 10751),
        ("Gothenburg", "Rotterdam", (), 467),
        ("Gothenburg", "Elbe mouth", (), 337),
        ("Yokohama", "Los Angeles", (), 4920),
        ("Shanghai", "New York", (), 10649),
        ("Singapore", "Rotterdam", (), 8358),
        ("Sydney", "Valparaiso", (), 6395),
        ("Santos", "Rotterdam", (), 5475),
        ("Shanghai", "Elbe mouth", ("suez",), 13692),
        ("Shanghai", "New York", ("panama",), 12341),
    ],
)
def test_distances_of_searoute_1_6(origin, destination, closed, nm):
    route = sea_route(PLACES[origin], PLACES[destination], closed=("northwest", *closed))
    assert route.distance_nm == pytest.approx(nm, rel=0.01)
    assert not set(closed) & set(route.passages)


def solve(weight, start, goal):
    graph = sea_graph()
    goal_cost = np.full(graph.lat_deg.size, np.inf)
    goal_cost[goal] = 0.0
    net = (graph.xyz, graph.ptr, graph.to, weight)
    return search(net, np.array([start]), np.zeros(1), goal_cost, graph.xyz[goal], 0.0, room(graph))[0]


@pytest.mark.parametrize("closed", [("northwest",), ("northwest", "suez"), ("panama", "malacca", "bering"), PASSAGES])
def test_the_graph_part_equals_the_package(closed):
    graph = sea_graph()
    nodes = list(node_list)
    weight = np.where(np.isin(graph.passage, [PASSAGES.index(c) for c in closed]), np.inf, graph.km)
    oracle = searoute.setup_M()
    oracle.restrictions = list(closed)
    rng = np.random.default_rng(len(closed))
    for start, goal in rng.integers(0, len(nodes), (60, 2)):
        km, _ = oracle.shortest_path(nodes[start], nodes[goal])
        assert solve(weight, start, goal) == pytest.approx(km, rel=1e-9, abs=1e-9)


def test_lengths_of_edges_are_those_of_the_package():
    graph = sea_graph()
    assert graph.to.size == sum(len(v) for v in edge_list.values())
    assert np.abs(graph.length_nm * 1.852 - graph.km).max() < 0.07  # rounded to 0.1 km there, Earth 8 m larger


def test_a_star_finds_what_dijkstra_finds():
    graph = sea_graph()
    rng = np.random.default_rng(5)
    pairs = rng.integers(0, graph.lat_deg.size, (60, 2))
    points = [list(zip(graph.lat_deg[pairs[:, k]], graph.lon_deg[pairs[:, k]], strict=True)) for k in (0, 1)]
    by_pair = sea_distances(*points, paired=True)
    by_matrix = np.array([sea_distances([a], [b])[0, 0] for a, b in zip(*points, strict=True)])
    assert by_pair == pytest.approx(by_matrix, rel=1e-9, abs=1e-6)
    open_sea = np.where(graph.passage == PASSAGES.index("northwest"), np.inf, graph.length_nm)
    plain = np.array([solve(open_sea, *pair) for pair in pairs])
    assert (by_pair <= plain * (1 + 1e-9)).all()  # more joints than the nearest node can only shorten
    assert np.median(by_pair / plain) > 0.95


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(PLACES)), min_size=3, max_size=3))
def test_symmetry_and_triangle(names):
    a, b, c = (PLACES[n] for n in names)
    d = sea_distances([a, b, c])
    assert d == pytest.approx(d.T, rel=1e-9, abs=1e-9)
    assert np.diag(d).tolist() == [0.0] * 3
    assert d[0, 2] <= d[0, 1] + d[1, 2] + 1e-6


def great_circle_nm(lat, lon):
    p, q = np.radians(lat), np.radians(lon)
    h = np.sin(np.diff(p) / 2) ** 2 + np.cos(p[1:]) * np.cos(p[:-1]) * np.sin(np.diff(q) / 2) ** 2
    return 2 * 3440.065 * np.arcsin(np.sqrt(h))


@pytest.mark.parametrize(
    ("a", "b"), [("Shanghai", "Los Angeles"), ("Sydney", "Valparaiso"), ("Singapore", "Rotterdam")]
)
def test_points_lead_from_end_to_end_and_add_up(a, b):
    route = sea_route(PLACES[a], PLACES[b])
    assert np.abs(route.lon_deg).max() <= 180.0
    assert (route.lat_deg[0], route.lon_deg[0]) == pytest.approx(PLACES[a])
    assert (route.lat_deg[-1], route.lon_deg[-1]) == pytest.approx(PLACES[b])
    steps = great_circle_nm(route.lat_deg, route.lon_deg)
    assert steps.max() <= 60.01
    assert steps.sum() == pytest.approx(route.distance_nm, rel=1e-9)
    turns = (np.abs(np.diff(route.lon_deg)) > 180.0).sum()
    assert turns == (0 if b == "Rotterdam" else 1)  # the date line is crossed once, and not otherwise


def test_passages_in_order():
    assert sea_route("SGSIN", "NLRTM").passages[-3:] == ("babalmandab", "suez", "gibraltar")
    assert sea_route("NLRTM", "SGSIN").passages[:3] == ("gibraltar", "suez", "babalmandab")
    assert sea_route("CNSHA", "USNYC").passages == ("panama",)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(sorted(PLACES)),
    st.sets(st.sampled_from(["suez", "panama", "malacca", "sunda", "gibraltar"])),
)
def test_closed_passages_are_not_used_and_never_shorten(a, b, closed):
    free = sea_route(PLACES[a], PLACES[b])
    shut = sea_route(PLACES[a], PLACES[b], closed=("northwest", *closed))
    assert not closed & set(shut.passages)
    assert shut.distance_nm >= free.distance_nm - 1e-6
    if not closed & set(free.passages):
        assert shut.distance_nm == pytest.approx(free.distance_nm, rel=1e-3)


def test_a_closed_strait_is_not_slipped_through_beside_the_graph():
    west, east = (35.9, -6.4), (36.0, -4.6)
    assert sea_route(west, east).distance_nm == pytest.approx(great_circle_nm([35.9, 36.0], [-6.4, -4.6])[0], rel=0.02)
    assert sea_route(west, east, closed=("gibraltar",)).distance_nm > 5000


def test_near_points_go_straight_unless_land_lies_between():
    open_sea = sea_route((40.0, -50.0), (41.0, -48.0))
    assert open_sea.direct
    assert open_sea.joint_nm == (0.0, 0.0)
    assert open_sea.distance_nm == pytest.approx(great_circle_nm([40.0, 41.0], [-50.0, -48.0])[0])
    across_jutland = sea_route((56.0, 7.8), (56.1, 10.6))
    assert not across_jutland.direct
    assert across_jutland.distance_nm > 2 * great_circle_nm([56.0, 56.1], [7.8, 10.6])[0]
    across_panama = sea_route((9.5, -79.95), (8.8, -79.5))
    assert across_panama.passages == ("panama",)


def test_a_clear_great_circle_is_the_way_but_not_through_the_ice():
    off_tokyo, off_san_francisco = (35.0, 140.5), (37.7, -123.0)
    pacific = sea_route(off_tokyo, off_san_francisco)
    assert pacific.direct
    assert pacific.lat_deg.max() > 45.0
    assert pacific.distance_nm == pytest.approx(great_circle_nm([35.0, 37.7], [140.5, -123.0])[0])
    southern_ocean = sea_route(PLACES["Sydney"], PLACES["Valparaiso"])
    assert not southern_ocean.direct
    assert southern_ocean.lat_deg.min() > -60.0


def test_a_ship_in_mid_ocean_does_not_turn_back_to_a_node():
    """The mesh is 10 degrees wide: along the graph it would be up to half as long again."""
    rng = np.random.default_rng(8)
    start = np.column_stack([rng.uniform(15, 45, 50), rng.uniform(-175, -145, 50)])
    goal = np.column_stack([rng.uniform(15, 40, 50), rng.uniform(150, 175, 50)])
    way = sea_distances([tuple(p) for p in start], [tuple(p) for p in goal], paired=True)
    arc = np.array([great_circle_nm([a[0], b[0]], [a[1], b[1]])[0] for a, b in zip(start, goal, strict=True)])
    assert (way >= arc - 1e-6).all()
    assert np.median(way / arc) == pytest.approx(1.0)
    assert (way / arc).max() < 1.3  # islands in the way


def test_matrix_and_no_way():
    matrix = sea_distances([PLACES["Shanghai"], "USLAX"], ["DEHAM", "SGSIN", PLACES["Santos"]])
    assert matrix.shape == (2, 3)
    assert matrix[0, 0] == pytest.approx(sea_route(PLACES["Shanghai"], "DEHAM").distance_nm, rel=1e-9)
    black_sea = (43.0, 31.0)
    assert np.isinf(sea_distances([black_sea], ["DEHAM"], closed=("bosporus",)))
    with pytest.raises(MethodError, match="no way from"):
        sea_route(black_sea, "DEHAM", closed=("bosporus",))


def test_mistakes_are_told():
    with pytest.raises(MethodError, match=r"unknown passage 'suess' \(did you mean 'suez'\?\)"):
        sea_route("CNSGH", "DEHAM", closed=("suess",))
    with pytest.raises(MethodError, match=r"write closed=\('suez',\)"):
        sea_route("CNSGH", "DEHAM", closed="suez")
    with pytest.raises(MethodError, match="is no"):
        sea_route((121.0, 31.0), "DEHAM")
    with pytest.raises(ReferenceDataError, match="unknown port code"):
        sea_route("CNXXX", "DEHAM")
    with pytest.raises(ReferenceDataError, match="has no position"):
        sea_route("GBRCS", "DEHAM")
    with pytest.raises(MethodError, match="equal length"):
        sea_distances(["DEHAM"], ["DEHAM", "SGSIN"], paired=True)
