"""Areas: the polygons that say where a port, a terminal, a berth, an anchorage or a river is.

The order of an area set is its precedence: where several polygons hold a point the last one counts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, degrees, radians
from pathlib import Path
from typing import Any

import polars as pl
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from sisterport.errors import InputError, ReferenceDataError, SchemaError, did_you_mean
from sisterport.reference import ports, resolve_locode, value
from sisterport.tables import check, to_polars

KINDS = ("domain", "disc", "port", "river", "terminal", "anchorage", "berth")
"""Kinds in ascending precedence; a domain only says what belongs to the inventory."""

_COLUMNS = ("area_id", "kind", "name", "locode", "parent", "source", "status")
_SWAP_DEG = 5.0  # an area this far from its port that would be near it with lon and lat swapped


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSet:
    """Areas in ascending precedence.

    Attributes
    ----------
    frame : polars.DataFrame
        One row per area (``tables/areas.csv``).
    geometries : tuple of shapely geometries
        Polygon or multipolygon of each row, (lon, lat) [deg].
    warnings : tuple of str
        What looks odd but does not stop the work.
    aliases : dict
        Port codes that were replaced by the canonical one, with their number.
    """

    frame: pl.DataFrame
    geometries: tuple[BaseGeometry, ...]
    warnings: tuple[str, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.geometries)

    def join(self, other: "AreaSet") -> "AreaSet":
        """Return both sets as one, in order of precedence.

        Raises
        ------
        SchemaError
            If an ``area_id`` is in both.
        """
        twice = sorted(set(self.frame["area_id"]) & set(other.frame["area_id"]))
        if twice:
            raise SchemaError("areas", [f"area_id '{name}' is in both sets" for name in twice])
        return _ordered(
            pl.concat([self.frame, other.frame]),
            [*self.geometries, *other.geometries],
            [*self.warnings, *other.warnings],
            Counter(self.aliases) + Counter(other.aliases),
        )


def _ordered(
    frame: pl.DataFrame,
    geometries: Sequence[BaseGeometry],
    warnings: Iterable[str],
    aliases: Mapping[str, int],
) -> AreaSet:
    """Sort by kind, then large before small: the more specific area counts. Discs keep their own order."""
    kinds = frame["kind"].to_list()
    order = sorted(
        range(len(geometries)),
        key=lambda i: (KINDS.index(kinds[i]), 0.0 if kinds[i] == "disc" else -geometries[i].area),
    )
    return AreaSet(
        frame=frame[order],
        geometries=tuple(geometries[i] for i in order),
        warnings=tuple(warnings),
        aliases=dict(aliases),
    )


def read_areas(source: Any) -> AreaSet:
    """Read areas and check them; every fault is reported at once.

    Parameters
    ----------
    source
        Path of a GeoJSON file, a GeoJSON mapping (or anything with ``__geo_interface__``), or a frame with
        the columns of ``tables/areas.csv`` and a column ``geometry`` (WKB) or ``wkt``. Coordinates are (lon,
        lat) [deg], WGS 84.

    Returns
    -------
    AreaSet
        With a list of warnings: berths that lie outside their parent and the like.

    Raises
    ------
    InputError
        If `source` cannot be read.
    SchemaError
        If areas are faulty: missing or duplicate identifiers, unknown kinds or port codes, a parent that is
        not there, geometries that are not valid polygons, longitude and latitude swapped.

    Examples
    --------
    >>> square = {"type": "Polygon", "coordinates": [[[0, 50], [1, 50], [1, 51], [0, 51], [0, 50]]]}
    >>> row = {"area_id": "p", "kind": "port", "name": "P", "source": "example", "status": "hand_drawn"}
    >>> feature = {"type": "Feature", "properties": row, "geometry": square}
    >>> areas = read_areas({"type": "FeatureCollection", "features": [feature]})
    >>> areas.frame["kind"].to_list(), areas.geometries[0].area
    (['port'], 1.0)
    """
    rows, geometries, faults = _rows(source)
    faults += _identity_faults(rows)
    aliases: Counter[str] = Counter()
    for number, (row, geometry) in enumerate(zip(rows, geometries, strict=True)):
        label = _label(row, number)
        faults += _resolve(row, label, aliases)
        if geometry is not None:
            faults += [f"{label}: {text}" for text in _geometry_faults(geometry, row["locode"])]
    if faults:
        raise SchemaError("areas", faults)
    kept = [g for g in geometries if g is not None]
    frame = check(pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String)), "areas")
    return _ordered(frame, kept, _outside_parent(rows, kept), aliases)


def _label(row: Mapping[str, Any], number: int) -> str:
    return f"'{row['area_id']}'" if row.get("area_id") else f"feature {number}"


def _rows(source: Any) -> tuple[list[dict[str, Any]], list[BaseGeometry | None], list[str]]:
    """Return properties, geometries and what could not be read."""
    if isinstance(source, str | Path):
        try:
            source = json.loads(Path(source).read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"cannot read areas from '{source}': {error.strerror}") from error
        except ValueError as error:
            raise InputError(f"'{source}' is not GeoJSON: {error}") from error
    if hasattr(source, "__geo_interface__"):
        source = source.__geo_interface__
    if isinstance(source, Mapping):
        if source.get("type") != "FeatureCollection":
            raise InputError(f"expected a GeoJSON FeatureCollection, got type '{source.get('type')}'")
        raw = [(f.get("properties") or {}, f.get("geometry"), shape) for f in source.get("features", [])]
    else:
        raw = _frame_rows(to_polars(source))
    rows: list[dict[str, Any]] = []
    geometries: list[BaseGeometry | None] = []
    faults: list[str] = []
    for number, (properties, geometry, parse) in enumerate(raw):
        row = {name: _text(properties.get(name)) for name in _COLUMNS}
        rows.append(row)
        geometries.append(None)
        try:
            if geometry is None:
                faults.append(f"{_label(row, number)}: no geometry")
            else:
                geometries[-1] = parse(geometry)
        except (
            shapely.errors.ShapelyError,
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
        ) as error:
            faults.append(f"{_label(row, number)}: geometry cannot be read: {error}")
    return rows, geometries, faults


def _frame_rows(frame: pl.DataFrame) -> list[tuple[dict[str, Any], Any, Any]]:
    for name, parse in (("geometry", shapely.from_wkb), ("wkt", shapely.from_wkt)):
        if name in frame.columns:
            return [(row, row[name], parse) for row in frame.iter_rows(named=True)]
    raise SchemaError("areas", ["column 'geometry' (WKB) or 'wkt' missing"])


def _text(value_: Any) -> str | None:
    return str(value_).strip() or None if value_ is not None else None


def _identity_faults(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    faults = []
    count = Counter(row["area_id"] for row in rows if row["area_id"])
    for number, row in enumerate(rows):
        label = _label(row, number)
        faults += [
            f"{label}: property '{name}' missing"
            for name in ("area_id", "kind", "name", "source", "status")
            if not row[name]
        ]
        if row["kind"] and row["kind"] not in KINDS:
            faults.append(
                f"{label}: unknown kind '{row['kind']}'{did_you_mean(row['kind'], KINDS)}; "
                f"choose from {', '.join(KINDS)}"
            )
        if row["parent"] and row["parent"] not in count:
            faults.append(f"{label}: parent '{row['parent']}' is not there{did_you_mean(row['parent'], list(count))}")
        if row["parent"] and row["parent"] == row["area_id"]:
            faults.append(f"{label}: is its own parent")
    return faults + [f"area_id '{name}' occurs {n} times" for name, n in count.items() if n > 1]


def _resolve(row: dict[str, Any], label: str, aliases: Counter[str]) -> list[str]:
    """Replace the port code of `row` by the canonical one; count aliases."""
    if not row["locode"]:
        return []
    try:
        canonical = resolve_locode(row["locode"])
    except ReferenceDataError as error:
        return [f"{label}: {error}"]
    if canonical != row["locode"]:
        aliases[row["locode"]] += 1
        row["locode"] = canonical
    return []


def _geometry_faults(geometry: BaseGeometry, locode: str | None) -> list[str]:
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return [f"geometry is a {geometry.geom_type}, needed Polygon or MultiPolygon"]
    if geometry.is_empty:
        return ["geometry is empty"]
    faults = []
    if not geometry.is_valid:
        why, _, at = shapely.is_valid_reason(geometry).partition("[")
        place = f" at (lon, lat) {at.rstrip(']')}" if at else ""
        faults.append(
            f"polygon is not valid: {why.strip()}{place}; redraw it there or pass it through shapely.make_valid"
        )
    west, south, east, north = geometry.bounds
    if south < -90 or north > 90:
        faults.append(
            f"latitude {north if north > 90 else south:g} is out of range; are longitude and latitude swapped?"
        )
    elif east - west > 360 or west < -360 or east > 360:
        faults.append(f"longitudes {west:g} to {east:g} are out of range")
    elif locode and _swapped(0.5 * (west + east), 0.5 * (south + north), locode):
        faults.append(f"lies far from {locode}, but near it with longitude and latitude swapped")
    return faults


def _swapped(lon: float, lat: float, locode: str) -> bool:
    port = ports().filter(pl.col("locode") == locode)
    if not port.height:
        return False
    y, x = port["lat_deg"][0], port["lon_deg"][0]
    far = abs(lat - y) > _SWAP_DEG or abs(lon - x) > _SWAP_DEG
    return bool(far and abs(lon - y) < _SWAP_DEG and abs(lat - x) < _SWAP_DEG)


def _outside_parent(rows: Sequence[Mapping[str, Any]], geometries: Sequence[BaseGeometry]) -> list[str]:
    """Say which areas do not lie in their parent, and how much of them is outside."""
    home = {row["area_id"]: geometry for row, geometry in zip(rows, geometries, strict=True)}
    warnings = []
    for row, geometry in zip(rows, geometries, strict=True):
        if row["parent"]:
            outside = geometry.difference(home[row["parent"]]).area / geometry.area
            if outside > 1e-6:
                text = "lies outside" if outside > 1 - 1e-9 else f"lies by {100 * outside:.2g} % outside"
                warnings.append(f"{row['kind']} '{row['area_id']}' {text} its parent '{row['parent']}'")
    return warnings


def circle(lat_deg: float, lon_deg: float, radius_nm: float) -> BaseGeometry:
    """Return a circle as a polygon of 32 corners in (lon, lat) [deg]."""
    radius = radius_nm * degrees(1.0 / value("earth_radius_nm"))
    unit = shapely.Point(0.0, 0.0).buffer(radius, quad_segs=8)
    return shapely.transform(unit, lambda xy: xy / (cos(radians(lat_deg)), 1.0) + (lon_deg, lat_deg))


def port_discs(*, exclude: AreaSet | None = None, radius_nm: float = 1.0) -> AreaSet:
    """Return a disc for each port of the reference table that has no polygon in `exclude`.

    Parameters
    ----------
    exclude
        Ports with the code of one of its ports, or that lie in one of its areas, get no disc.
    radius_nm
        Radius of the discs [nm]. A disc says "there is a port here" and no more: it is the lowest in
        precedence, and where discs overlap the larger harbour of the World Port Index counts.

    Examples
    --------
    >>> discs = port_discs()
    >>> discs.frame.filter(locode="SGSIN")["kind"].to_list()
    ['disc']
    """
    table = ports()
    if exclude is not None:
        drawn = exclude.frame.filter(pl.col("kind") == "port")["locode"].drop_nulls().to_list()
        wide = ("domain", "river")  # say nothing of where ports are
        kinds = zip(exclude.geometries, exclude.frame["kind"], strict=True)
        tree = shapely.STRtree([shape for shape, kind in kinds if kind not in wide])
        points = shapely.points(table["lon_deg"].to_numpy(), table["lat_deg"].to_numpy())
        held = pl.Series(range(table.height)).is_in(tree.query(points, predicate="within")[0].tolist())
        table = table.filter(~pl.col("locode").is_in(drawn).fill_null(value=False) & ~held)
    size = {"Very Small": 0, "Small": 1, "Medium": 2, "Large": 3}
    rank = pl.col("harbor_size").replace_strict(size, default=0, return_dtype=pl.Int64)
    table = table.filter(pl.col("lat_deg").is_not_null()).sort(rank, "wpi_number", "locode", nulls_last=True)
    frame = table.select(
        area_id=pl.format("disc-{}", pl.coalesce("locode", pl.format("wpi{}", "wpi_number"))),
        kind=pl.lit("disc"),
        name="name",
        locode="locode",
        parent=pl.lit(None, pl.String),
        source=pl.format("{}; disc of {} nm", "source", pl.lit(radius_nm)),
        status=pl.lit("port_disc"),
    )
    rings = [circle(lat, lon, radius_nm) for lat, lon in table.select("lat_deg", "lon_deg").iter_rows()]
    return _ordered(check(frame, "areas"), rings, (), {})
