"""Zones: one packed integer per place, from a raster of two levels that is exact at polygon boundaries.

A tile of one degree is uniform, or has cells; a cell is uniform, or is crossed by boundaries and lists the
polygons that may hold a point of it, each with the few edges that decide. So almost every lookup is two
array reads, and every answer equals a point-in-polygon test on all polygons.

Bits of a packed place: 0-15 area number (0 none), 16-17 nearness to a port (0 far, 1 within the first
distance, 2 within the second), 18-20 coast class, 21-25 emission zone number (0 none), 26 in the domain;
bits 27-31 are never set.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - the option is called date
from math import cos, degrees, radians
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.affinity import translate
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from sisterport.errors import MethodError
from sisterport.reference import path, value
from sisterport.voyages.areas import AreaSet
from sisterport.voyages.coast import grid_classes
from sisterport.voyages.tiles import COAST_SHIFT, Polygon, raster_arrays

AREA_MASK = 0xFFFF
NEAR_SHIFT, ZONE_SHIFT = 16, 21
NEAR_MASK, COAST_MASK, ZONE_MASK, DOMAIN_MASK = 3 << NEAR_SHIFT, 7 << COAST_SHIFT, 31 << ZONE_SHIFT, 1 << 26

KIND_CODES = {"disc": 1, "port": 2, "river": 3, "terminal": 4, "anchorage": 5, "berth": 6}
_PORT_KINDS = ("disc", "port", "terminal", "berth")  # what "near a port" is measured from

_WORLD = shapely.box(-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Raster of areas, nearness, coast, emission zones and domain.

    Attributes
    ----------
    arrays : tuple of ndarray
        What `locate` takes after latitude and longitude: ``locate(lat, lon, zones.arrays)``.
    area_ids : list of str
        Area number - 1 -> identifier.
    area_kind : ndarray of int8
        Area number -> 0 none, 1 disc, 2 port, 3 river, 4 terminal, 5 anchorage, 6 berth.
    zone_ids : list of str
        Emission zone number - 1 -> identifier.
    areas : AreaSet
        The areas, in order of their numbers.
    has_domain : bool
        A domain was drawn; otherwise every place is in the domain.
    near_nm : tuple of float
        The two distances of nearness [nm].
    polygons : tuple
        (geometry, mask, value) of every polygon in the raster, in ascending precedence per mask.
    """

    arrays: tuple[NDArray[Any], ...]
    area_ids: list[str]
    area_kind: NDArray[np.int8]
    zone_ids: list[str]
    areas: AreaSet
    has_domain: bool
    near_nm: tuple[float, float]
    polygons: tuple[Polygon, ...]

    def locate(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.int32]:
        """Return the packed place of each position [deg].

        Examples
        --------
        >>> from sisterport.voyages.areas import port_discs
        >>> zones = build_zones(port_discs(), emission_zones=False)
        >>> hamburg, north_sea = zones.locate([53.55, 55.0], [9.93, 5.0]) & AREA_MASK
        >>> zones.area_ids[hamburg - 1], int(north_sea)
        ('disc-DEHAM', 0)
        """
        lat, lon = np.broadcast_arrays(np.asarray(lat_deg, np.float64), np.asarray(lon_deg, np.float64))
        out = np.empty(lat.size, np.int32)
        _locate_all(np.ascontiguousarray(lat.ravel()), np.ascontiguousarray(lon.ravel()), self.arrays, out)
        return out.reshape(lat.shape)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays [bytes]."""
        return sum(a.nbytes for a in self.arrays)


@nb.njit(forceinline=True)
def locate(lat: float, lon: float, arrays: Any) -> Any:
    """Return the packed place of one position [deg] from `Zones.arrays`; to be called from compiled code.

    Latitudes beyond +-90 and longitudes beyond +-180 count as the limit. Inlined by LLVM and without a cache of its
    own: code from a cache cannot be inlined, and a call counts references, at six times the lookup (measured).
    """
    (
        coarse,
        tile_ptr,
        tile_n,
        cells,
        cell_base,
        cell_ptr,
        entry_poly,
        entry_ptr,
        entry_edges,
        poly_mask,
        poly_value,
    ) = arrays
    v = min(max(lat + 90.0, 0.0), 180.0)
    u = min(max(lon + 180.0, 0.0), 360.0)
    r = min(int(v), 179)
    c = min(int(u), 359)
    place = coarse[r, c]
    if place >= 0:
        return place
    tile = -place - 1
    n = tile_n[tile]
    i = min(int((v - r) * n), n - 1)
    j = min(int((u - c) * n), n - 1)
    place = cells[tile_ptr[tile] + i * n + j]
    if place >= 0:
        return place
    cell = -place - 1
    place = cell_base[cell]
    done = 0  # layers that are decided: candidates come highest precedence first
    for k in range(cell_ptr[cell], cell_ptr[cell + 1]):
        poly = entry_poly[k] >> 1
        mask = poly_mask[poly]
        if done & mask:
            continue
        inside = entry_poly[k] & 1
        for e in range(entry_ptr[k], entry_ptr[k + 1]):
            y1 = entry_edges[e, 1]
            y2 = entry_edges[e, 3]
            if (y1 > lat) != (y2 > lat):
                x1 = entry_edges[e, 0]
                if lon < (entry_edges[e, 2] - x1) * (lat - y1) / (y2 - y1) + x1:
                    inside ^= 1
        if inside:
            place |= poly_value[poly]
            done |= mask
    return place


@nb.njit(cache=True, nogil=True)
def _locate_all(lat: Any, lon: Any, arrays: Any, out: Any) -> None:
    for i in range(lat.size):
        out[i] = locate(lat[i], lon[i], arrays)


def build_zones(
    areas: AreaSet,
    *,
    near_nm: tuple[float, float] = (1.0, 5.0),
    emission_zones: bool | str | Path | Mapping[str, Any] = True,
    coast: bool = True,
    date: Date | None = None,
    unverified_zones: bool = False,
    cells_per_degree: int = 100,
) -> Zones:
    """Build the raster of all zones.

    Parameters
    ----------
    areas
        From `read_areas` and `port_discs`. Without a ``domain`` among them every place is in the domain.
    near_nm
        Two distances from ports, terminals, berths and discs that count as near [nm].
    emission_zones
        Take the emission control areas of the reference data, none, or those of a GeoJSON file or mapping
        (features with ``zone_id`` and ``valid_from``).
    coast
        Take the distance to the coast from the reference data.
    date
        Take only zones in force on this day; without it, all.
    unverified_zones
        Take areas of status unverified too; `unverified_zone_ids` names those of the reference data.
    cells_per_degree
        Cells per degree where polygons are; results do not depend on it, speed and memory do.

    Raises
    ------
    MethodError
        If there are more than 65,534 areas or 31 emission zones, or distances that do not grow.

    Examples
    --------
    >>> from sisterport.voyages.areas import read_areas
    >>> square = {"type": "Polygon", "coordinates": [[[0, 50], [1, 50], [1, 51], [0, 51], [0, 50]]]}
    >>> row = {"area_id": "p", "kind": "port", "name": "P", "source": "example", "status": "hand_drawn"}
    >>> feature = {"type": "Feature", "properties": row, "geometry": square}
    >>> areas = read_areas({"type": "FeatureCollection", "features": [feature]})
    >>> zones = build_zones(areas, emission_zones=False, coast=False)
    >>> inside, two_miles_north = zones.locate([50.5, 51.035], 0.5)
    >>> zones.area_ids[(inside & AREA_MASK) - 1], int(two_miles_north >> NEAR_SHIFT & 3)
    ('p', 2)
    """
    if not 0 < near_nm[0] < near_nm[1]:
        raise MethodError(f"near_nm must be two growing distances, got {near_nm}")
    numbered = [i for i, kind in enumerate(areas.frame["kind"]) if kind != "domain"]
    if len(numbered) >= AREA_MASK:
        raise MethodError(f"{len(numbered)} areas; the raster holds up to {AREA_MASK - 1}")
    inside = AreaSet(frame=areas.frame[numbered], geometries=tuple(areas.geometries[i] for i in numbered))
    domain = [g for g, kind in zip(areas.geometries, areas.frame["kind"], strict=True) if kind == "domain"]
    zone_ids, zone_polygons = _zone_polygons(emission_zones, date, unverified_zones)
    layers = [(g, AREA_MASK, number) for number, g in enumerate(inside.geometries, 1)]
    layers += _near_polygons(inside, near_nm)
    layers += [(g, ZONE_MASK, (zone_ids.index(z) + 1) << ZONE_SHIFT) for z, g in zone_polygons]
    layers += [(g, DOMAIN_MASK, DOMAIN_MASK) for g in domain]
    polygons = [(part, mask, value_) for g, mask, value_ in layers for part in _wrapped(g)]
    return Zones(
        arrays=raster_arrays(
            polygons, 0 if domain else DOMAIN_MASK, grid_classes() if coast else None, cells_per_degree
        ),
        area_ids=inside.frame["area_id"].to_list(),
        area_kind=np.array([0, *(KIND_CODES[kind] for kind in inside.frame["kind"])], np.int8),
        zone_ids=zone_ids,
        areas=inside,
        has_domain=bool(domain),
        near_nm=near_nm,
        polygons=tuple(polygons),
    )


def unverified_zone_ids() -> list[str]:
    """Return the emission control areas that are taken only when asked for: their lines or limits are unverified.

    Examples
    --------
    >>> "china_coastal" in unverified_zone_ids(), "baltic_sea" in unverified_zone_ids()
    (True, False)
    """
    entries = [feature["properties"] for feature in _features(True)]
    return list(dict.fromkeys(entry["zone_id"] for entry in entries if entry["status"] == "unverified"))


def _features(source: Any) -> list[dict[str, Any]]:
    """Return the GeoJSON features of emission zones."""
    if source is False:
        return []
    if source is True:
        source = path("emission_zones")
    if isinstance(source, str | Path):
        source = json.loads(Path(source).read_text(encoding="utf-8"))
    return list(source["features"])


def _zone_polygons(
    source: Any, date: Date | None, unverified: bool
) -> tuple[list[str], list[tuple[str, BaseGeometry]]]:
    """Return identifiers and polygons of the emission zones in force."""
    kept = []
    for feature in _features(source):
        entry = feature["properties"]
        end = entry.get("valid_to")
        in_force = date is None or (
            Date.fromisoformat(entry["valid_from"]) <= date and (not end or date < Date.fromisoformat(end))
        )
        if in_force and (unverified or entry.get("status") != "unverified"):
            kept.append((entry["zone_id"], shape(feature["geometry"])))
    zone_ids = list(dict.fromkeys(zone for zone, _ in kept))
    if len(zone_ids) > ZONE_MASK >> ZONE_SHIFT:
        raise MethodError(f"{len(zone_ids)} emission zones; the raster holds up to {ZONE_MASK >> ZONE_SHIFT}")
    return zone_ids, kept


def _near_polygons(areas: AreaSet, near_nm: tuple[float, float]) -> list[Polygon]:
    """Return the surroundings of the ports: the wider first, so that the closer counts."""
    kinds = areas.frame["kind"].to_list()
    ports = [g for g, kind in zip(areas.geometries, kinds, strict=True) if kind in _PORT_KINDS]
    result = []
    for code, distance in ((2, near_nm[1]), (1, near_nm[0])):
        union = shapely.union_all([part for g in ports for part in _wrapped(_buffer(g, distance))])
        result += [(part, NEAR_MASK, code << NEAR_SHIFT) for part in shapely.get_parts(union)]
    return result


def _buffer(geometry: BaseGeometry, distance_nm: float) -> BaseGeometry:
    """Widen by a distance [nm] in a local metric: longitudes shrink with the cosine of the latitude."""
    _, south, _, north = geometry.bounds
    scale = np.array([max(cos(radians(0.5 * (south + north))), 0.01), 1.0])
    radius = distance_nm * degrees(1.0 / value("earth_radius_nm"))
    local = shapely.transform(geometry, lambda xy: xy * scale)
    return shapely.transform(local.buffer(radius, quad_segs=8), lambda xy: xy / scale)


def _wrapped(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Return the polygons of a geometry, those over the date line cut there."""
    west, south, east, north = geometry.bounds
    if west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0:
        return list(shapely.get_parts(geometry))
    turns = (translate(geometry, turn).intersection(_WORLD) for turn in (-360.0, 0.0, 360.0))
    return [part for g in turns for part in shapely.get_parts(g) if part.area > 0.0]
