"""The raster answers what shapely answers on the same polygons, everywhere and up to their edges."""

from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import MethodError
from sisterport.voyages import coast
from sisterport.voyages.areas import port_discs, read_areas
from sisterport.voyages.raster import AREA_MASK, COAST_MASK, DOMAIN_MASK, NEAR_SHIFT, ZONE_SHIFT, build_zones

from .test_areas import collection, feature, square

ZONES = collection(
    {
        "type": "Feature",
        "properties": {"zone_id": "north", "valid_from": "2015-01-01"},
        "geometry": square(-12.5, 40.25, 30.0),
    },
    {
        "type": "Feature",
        "properties": {"zone_id": "south", "valid_from": "2025-05-01", "valid_to": "2027-01-01"},
        "geometry": square(-5, 20, 7.0),
    },
)


def oracle(zones, lat, lon):
    """Return packed places from an STRtree, all layers but the coast."""
    geometries, masks, values = zip(*zones.polygons, strict=True)
    point, polygon = shapely.STRtree(geometries).query(shapely.points(lon, lat), predicate="within")
    out = np.full(lat.size, 0 if zones.has_domain else DOMAIN_MASK)
    order = np.lexsort((polygon, point))
    for p, g in zip(point[order], polygon[order], strict=True):
        out[p] = out[p] & ~masks[g] | values[g]
    return out


def near_edges(zones, rng, n, scale):
    """Return points near the edges of all polygons, and points far from them."""
    rings = shapely.get_rings([g for g, _, _ in zones.polygons])
    line = shapely.get_parts(rings)[rng.integers(0, len(rings), n)]
    at = shapely.get_coordinates(shapely.line_interpolate_point(line, rng.random(n), normalized=True))
    lon, lat = (at + rng.normal(0.0, scale, at.shape)).T
    return np.clip(lat, -90, 90), np.clip(lon, -180, 180)


def assert_exact(zones, lat, lon):
    got, want = zones.locate(lat, lon) & ~COAST_MASK, oracle(zones, lat, lon)
    wrong = np.flatnonzero(got != want)
    if wrong.size:  # allowed on an edge only
        edges = shapely.STRtree(shapely.get_rings([g for g, _, _ in zones.polygons]))
        _, gap = edges.query_nearest(shapely.points(lon[wrong], lat[wrong]), return_distance=True, all_matches=False)
        assert gap.max() < 1e-9, (lat[wrong[gap.argmax()]], lon[wrong[gap.argmax()]])


def berths(rng, n):
    """Return many small, overlapping, turned and hollow areas in a harbour of 0.3 degrees."""
    kinds = ("port", "river", "terminal", "anchorage", "berth")
    rows = [feature(square(-74.30, 40.40, 0.3), area_id="domain", kind="domain")]
    for i in range(n):
        star = shapely.Polygon(
            [
                (np.cos(t) * r, np.sin(t) * r)
                for t, r in zip(np.linspace(0, 6.2, 9), rng.uniform(0.3, 1.0, 9), strict=True)
            ]
        )
        shape = shapely.transform(star, lambda xy: xy * rng.uniform(0.002, 0.08) + (-74.15, 40.55))
        shape = shapely.transform(shape, lambda xy: xy + rng.uniform(-0.12, 0.12, 2))
        if i % 5 == 0:
            shape = shape.difference(shapely.transform(shape, lambda xy: 0.5 * (xy + xy.mean(axis=0))).buffer(0))
        rows.append(feature(shape.__geo_interface__, area_id=f"a{i}", kind=kinds[i % 5]))
    return read_areas(collection(*rows))


@pytest.fixture(scope="module")
def harbour():
    return build_zones(berths(np.random.default_rng(4), 60), emission_zones=ZONES, coast=False)


@pytest.mark.parametrize("scale", [0.02, 1e-4, 1e-7])
def test_equals_shapely_near_edges(harbour, scale):
    assert_exact(harbour, *near_edges(harbour, np.random.default_rng(1), 40_000, scale))


def test_equals_shapely_at_vertices_and_on_cell_lines(harbour):
    x, y = shapely.get_coordinates([g for g, _, _ in harbour.polygons]).T
    shift = np.array([-3e-9, 3e-9])
    for dy in shift:
        for dx in shift:
            assert_exact(harbour, y + dy, x + dx)
    grid = np.round(np.arange(-74.4, -73.9, 0.01), 2)
    lat, lon = (a.ravel() for a in np.meshgrid(np.round(np.arange(40.3, 40.8, 0.01), 2), grid))
    assert_exact(harbour, lat, lon)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([20, 100, 130]),
    st.sampled_from([(-180.0, 0.0), (179.7, 10.0), (0.0, 89.5), (-0.01, -0.01), (12.0, -90.0)]),
)
def test_any_polygons_anywhere_and_any_resolution(seed, cells, corner):
    rng = np.random.default_rng(seed)
    shapes = []
    for i in range(4):
        corners = np.sort(rng.uniform(0.0, 0.5, (2, 2)), axis=0)
        if rng.random() < 0.5:
            corners = np.round(corners, 1) + np.array([[0, 0], [0.1, 0.1]])  # edges on the lines of the raster
        box = shapely.box(*(corners + corner).ravel())
        shapes.append(feature(box.__geo_interface__, area_id=str(i), kind=("port", "berth")[i % 2]))
    try:
        areas = read_areas(collection(*shapes))
    except Exception as error:  # noqa: BLE001 - only boxes over the pole may be refused
        assert "out of range" in str(error)  # noqa: PT017
        return
    zones = build_zones(areas, emission_zones=False, coast=False, cells_per_degree=cells)
    lat = np.clip(rng.uniform(-0.2, 0.8, 500) + corner[1], -90, 90)
    lon = (rng.uniform(-0.2, 0.8, 500) + corner[0] + 180.0) % 360.0 - 180.0
    assert_exact(zones, lat, lon)


def test_equals_shapely_around_the_world():
    zones = build_zones(port_discs(), emission_zones=True, coast=True)
    rng = np.random.default_rng(2)
    assert_exact(zones, *near_edges(zones, rng, 30_000, 0.01))
    assert_exact(zones, rng.uniform(-90, 90, 30_000), rng.uniform(-180, 180, 30_000))
    assert zones.nbytes < 250e6


def test_nearness_is_in_nautical_miles_and_the_date_line_is_no_border():
    port = read_areas(collection(feature(square(179.9, 60.0, 0.2), area_id="p")))  # reaches to -179.9
    zones = build_zones(port, near_nm=(1.0, 5.0), emission_zones=False, coast=False)
    assert zones.locate([60.1, 60.1], [179.95, -179.95]).tolist() == [1 | 1 << 16 | DOMAIN_MASK] * 2
    nm = 1.0 / 60.0
    north = 60.2 + np.array([0.9, 1.1, 4.9, 5.1]) * nm
    assert (zones.locate(north, -179.99) >> NEAR_SHIFT & 3).tolist() == [1, 2, 2, 0]
    east = -179.9 + np.array([0.9, 1.1, 4.9, 5.1]) * nm / np.cos(np.radians(60.1))
    assert (zones.locate(60.1, east) >> NEAR_SHIFT & 3).tolist() == [1, 2, 2, 0]


def test_packed_bits():
    areas = read_areas(
        collection(
            feature(square(0, 50, 2), area_id="d", kind="domain"),
            feature(square(0.5, 50.5), area_id="p"),
            feature(square(1.2, 50.9, 0.2), area_id="b", kind="berth"),
        )
    )
    zones = build_zones(areas, emission_zones=ZONES, coast=True)
    assert zones.area_ids == ["p", "b"]
    assert zones.area_kind.tolist() == [0, 2, 6]
    assert zones.zone_ids == ["north", "south"]
    place = int(zones.locate(51.0, 1.3))
    assert zones.area_ids[(place & AREA_MASK) - 1] == "b"
    assert place >> ZONE_SHIFT & 31 == 1
    assert place & DOMAIN_MASK
    assert int(zones.locate(53.0, 1.3)) & DOMAIN_MASK == 0
    assert zones.locate(-90.0, 180.0) >= 0
    assert (zones.locate(90.0, -180.0) >> 27) == 0


def test_zones_count_from_their_date():
    ports = read_areas(collection(feature(square(0.5, 50.5))))
    inside = {"lat_deg": 22.0, "lon_deg": 0.0}

    def zone(day):
        zones = build_zones(ports, emission_zones=ZONES, coast=False, date=day)
        number = int(zones.locate(**inside)) >> ZONE_SHIFT & 31
        return zones.zone_ids[number - 1] if number else None

    assert zone(date(2025, 4, 30)) is None
    assert zone(date(2025, 5, 1)) == "south"
    assert zone(date(2026, 12, 31)) == "south"
    assert zone(date(2027, 1, 1)) is None


def test_the_reference_zones_hold_known_places():
    zones = build_zones(port_discs(), date=date(2020, 7, 1))
    lat, lon = [40.0, 33.6, 29.0, 18.5, 40.0, 25.0], [-73.0, -118.5, -94.0, -66.0, -60.0, -78.0]
    number = zones.locate(lat, lon) >> ZONE_SHIFT & 31
    names = [zones.zone_ids[n - 1] if n else None for n in number]
    assert names == ["north_america"] * 3 + ["us_caribbean", None, None]


def test_coast_class_is_that_of_the_distance():
    zones = build_zones(port_discs(), emission_zones=False)
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(-60, 70, 20_000), rng.uniform(-180, 180, 20_000)
    got = zones.locate(lat, lon) >> 18 & 7
    want = coast.classify(coast.coast_distance_nm(lat, lon))
    assert set(np.unique(got)) == {1, 2, 3, 4}
    assert (got == want).mean() > 0.98  # one class per cell against one per point
    assert (np.abs(got - want) <= 1).all()
    assert (build_zones(port_discs(), emission_zones=False, coast=False).locate(lat, lon) >> 18 & 7 == 0).all()


def test_limits_are_told():
    port = read_areas(collection(feature(square(0, 0))))
    with pytest.raises(MethodError, match="two growing distances"):
        build_zones(port, near_nm=(5.0, 1.0))
    many = collection(
        *(
            {
                "type": "Feature",
                "properties": {"zone_id": str(i), "valid_from": "2000-01-01"},
                "geometry": square(i, 0),
            }
            for i in range(32)
        )
    )
    with pytest.raises(MethodError, match="32 emission zones"):
        build_zones(port, emission_zones=many, coast=False)
