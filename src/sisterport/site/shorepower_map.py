"""The map of berths and verdicts, drawn as SVG over a coarse coastline; and the same as GeoJSON.

The coastline comes from the land mask that the mode rules use (public domain): right for a sea, not for a harbour.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, cos, floor, pi, radians, sin, sqrt
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from sisterport.site.chartmap import WIDTH, Extent, Projection, outline, runs
from sisterport.site.digits import counted, number
from sisterport.site.labels import Box, Label, place
from sisterport.site.shorepower_places import Places, places
from sisterport.site.shorepower_words import GRADE_COLOURS, GRADES, UNDECIDED
from sisterport.site.tabulate import Column, Table, tabulate
from sisterport.tables import check
from sisterport.voyages.coast import coast_grid

SMALLEST_DEG = 0.06
"""A map shows at least this much [deg]."""
COARSE_BELOW_DEG = 1.5
"""Maps that show less have no coastline: the grid is too coarse for a harbour."""
LAND_PX = 3.0
"""Smallest cell of the coastline [px]."""
TALLEST = 1.2
"""Height of a map over its width, at most."""
NAMED = 16
_PUSHES = 80
RADIUS = (5.0, 16.0)
"""Of the smallest and largest circle [px]."""
RADIUS_ON_AREAS = (2.5, 8.0)
"""The same where the berths themselves are drawn below."""
MOST_ROWS = 40
_KEYS = [*(str(g) for g in GRADES if g is not None), "undecided"]
_WORDS = {key: GRADES[int(key)] if key.isdigit() else UNDECIDED for key in _KEYS}


class Circle(NamedTuple):
    """A place on the map: the slices of its circle as colour and path, and the point that it stands for."""

    x: float
    y: float
    radius: float
    point_x: float
    point_y: float
    slices: list[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class BerthMap:
    """What the macro draws."""

    name: str
    title: str
    says: str
    width: float
    height: float
    land: str = ""
    berths: list[tuple[str, str]] = field(default_factory=list)
    terminals: str = ""
    circles: list[Circle] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def counts(verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of each berth by grade."""
    decided = pl.when(pl.col("best") == pl.col("worst")).then("best")
    return (
        verdicts.with_columns(decided.alias("decided"))
        .group_by("berth_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("pairs"),
            *((pl.col("decided") == int(g)).sum().cast(pl.Int64).alias(g) for g in _KEYS if g.isdigit()),
            pl.col("decided").is_null().sum().cast(pl.Int64).alias("undecided"),
            pl.col("best").min().alias("best"),
            pl.col("worst").max().alias("worst"),
        )
    )


def verdict_map(tally: pl.DataFrame, where: Places) -> list[BerthMap | Table]:
    """Return the map, if any position is known, and the table beside it: by berth, or by port if there are several.

    Parameters
    ----------
    tally
        Pairs by berth and grade: ``berth_id, pairs``, a column per grade, ``undecided``; other columns are summed over.
    where
        Places of the berths.
    """
    sums = tally.group_by("berth_id", maintain_order=True).agg(pl.col("pairs", *_KEYS).sum())
    by_berth = sums.join(where.frame, on="berth_id", how="left", maintain_order="left")
    one_port = where.frame.filter(pl.col("berth_id").is_in(by_berth["berth_id"].implode()))["port_name"].n_unique() < 2
    key = "berth_name" if one_port else "port_name"
    named = by_berth.with_columns(pl.coalesce(key, "berth_id").alias("place"))
    rows = (
        named.group_by("place", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("berths"),
            pl.col("pairs", *_KEYS).sum(),
            pl.col("lat_deg", "lon_deg").mean(),
            pl.col("position").drop_nulls().first(),
        )
        .sort("pairs", "place", descending=[True, False])
    )
    parts: list[BerthMap | Table] = []
    known = rows.drop_nulls(["lat_deg", "lon_deg"])
    on_areas = one_port and not where.berths.keys().isdisjoint(by_berth["berth_id"])
    if known.height:
        drawing = _drawing(known, lost=rows.height - known.height, radius=RADIUS_ON_AREAS if on_areas else RADIUS)
        _with_areas(drawing, known, sums, where)
        parts.append(drawing)
    kept = rows.head(MOST_ROWS)
    left = rows.height - kept.height
    positions = {"outlet": "register", "area": "drawn area", "port": "port", None: "not known"}
    table = tabulate(
        kept.with_columns(pl.col("position").replace_strict(positions, default="not known")),
        [
            Column(key="place", label="Berth" if one_port else "Port", kind="text"),
            Column(key="berths", label="Berths", kind="count"),
            Column(key="pairs", label="Pairs", kind="count"),
            *(Column(key=k, label=_WORDS[k], kind="count") for k in _KEYS if rows[k].sum()),
            Column(key="position", label="Position from", kind="text"),
        ],
        caption="Pairs by place and grade",
        notes=[f"{counted(left, 'place')} with fewer pairs not shown." if left else ""],
    )
    return [*parts, table]


def _drawing(rows: pl.DataFrame, *, lost: int, radius: tuple[float, float]) -> BerthMap:
    extent = _extent(rows)
    view = Projection(extent=extent)
    height = round(view.height, 1)
    largest = float(rows["pairs"].max() or 1)  # type: ignore[arg-type]
    drawing = BerthMap(
        name="berth-map",
        title="Places and the grades of their pairs",
        says=f"{counted(rows.height, 'place')}; the numbers are in the table below.",
        width=WIDTH,
        height=height,
    )
    if extent.north - extent.south > COARSE_BELOW_DEG:
        drawing.land = land_path(extent, view)
    points = [view(row["lon_deg"], row["lat_deg"]) for row in rows.iter_rows(named=True)]
    radii = [radius[0] + (radius[1] - radius[0]) * sqrt(pairs / largest) for pairs in rows["pairs"]]
    spots = apart(points, radii, width=WIDTH, height=height)
    anchors = []
    for row, point, size, (x, y) in zip(rows.iter_rows(named=True), points, radii, spots, strict=True):
        drawing.circles.append(Circle(x, y, size, *point, list(_slices(row, x, y, size))))
        anchors.append((row["place"].split(" (")[0], x, y))
    taken = [Box(r.x - r.radius, r.y - r.radius, r.x + r.radius, r.y + r.radius) for r in drawing.circles]
    drawing.labels = place(anchors[:NAMED], width=WIDTH, height=height, taken=taken)
    present = {key for key in _KEYS if rows[key].sum()}
    drawing.legend = [(GRADE_COLOURS[_WORDS[k]], _WORDS[k]) for k in _KEYS if k in present]
    if lost:
        drawing.notes.append(f"{counted(lost, 'place')} of unknown position not drawn.")
    at_port = rows.filter(position="port").height
    if at_port:
        drawing.notes.append(f"{number(at_port)} of {number(rows.height)} stand at the position of their port.")
    return drawing


def _with_areas(drawing: BerthMap, places_: pl.DataFrame, by_berth: pl.DataFrame, where: Places) -> None:
    """Draw the berths that are drawn, in the colour of the grade that most of their pairs have, and the terminals."""
    view = Projection(extent=_extent(places_))
    shapes: dict[str, list[Mapping[str, Any]]] = {}
    for row in by_berth.iter_rows(named=True):
        if row["berth_id"] in where.berths:
            most = max(_KEYS, key=lambda key: row[key])
            shapes.setdefault(GRADE_COLOURS[_WORDS[most]], []).append(where.berths[row["berth_id"]])
    drawing.berths = [(colour, outline(rings, view)) for colour, rings in shapes.items()]
    drawing.terminals = outline(where.terminals, view) if shapes else ""


def apart(
    points: Sequence[tuple[float, float]], radii: Sequence[float], *, width: float, height: float
) -> list[tuple[float, float]]:
    """Return where circles stand so that hardly one covers another: those that overlap push each other away.

    Examples
    --------
    >>> (x1, y1), (x2, y2) = apart([(50.0, 50.0), (52.0, 50.0)], [8.0, 8.0], width=100, height=100)
    >>> x2 - x1 > 16, y1 == y2
    (True, True)
    """
    spots = [list(point) for point in points]
    for _ in range(_PUSHES):
        moved = False
        for i, first in enumerate(spots):
            for j in range(i):
                other = spots[j]
                dx, dy = first[0] - other[0], first[1] - other[1]
                distance = sqrt(dx * dx + dy * dy)
                lack = radii[i] + radii[j] + 1.0 - distance
                if lack <= 0:
                    continue
                moved = True
                way = (dx / distance, dy / distance) if distance > 0 else (cos(2.4 * i), sin(2.4 * i))
                for axis in (0, 1):
                    first[axis] += way[axis] * lack * 0.51
                    other[axis] -= way[axis] * lack * 0.51
        for spot, radius in zip(spots, radii, strict=True):
            spot[0] = min(max(spot[0], radius + 1), width - radius - 1)
            spot[1] = min(max(spot[1], radius + 1), height - radius - 1)
        if not moved:
            break
    return [(x, y) for x, y in spots]


def _extent(rows: pl.DataFrame) -> Extent:
    """Return the corners around all places, neither too small nor too tall."""
    west, east = float(rows["lon_deg"].min()), float(rows["lon_deg"].max())  # type: ignore[arg-type]
    south, north = float(rows["lat_deg"].min()), float(rows["lat_deg"].max())  # type: ignore[arg-type]
    wide, tall = max(east - west, SMALLEST_DEG) * 1.24, max(north - south, SMALLEST_DEG) * 1.24
    slim = cos(radians((south + north) / 2))
    wide = max(wide, tall / slim / TALLEST)
    tall = max(tall, wide * slim * 0.4)
    x, y = (west + east) / 2, (south + north) / 2
    south, north = max(-80.0, y - tall / 2), min(84.0, y + tall / 2)
    return Extent(max(-180.0, x - wide / 2), south, min(180.0, x + wide / 2), north)


def land_path(extent: Extent, view: Projection) -> str:
    """Return the land as one path of rows of cells."""
    grid = coast_grid()
    if grid is None:
        return ""
    times = max(1, ceil(LAND_PX / (view.px_per_deg[0] / grid.per_degree)))
    top, left = floor((90.0 - extent.north) * grid.per_degree), floor((extent.west + 180.0) * grid.per_degree)
    bottom, right = ceil((90.0 - extent.south) * grid.per_degree), ceil((extent.east + 180.0) * grid.per_degree)
    top, left = max(0, top - top % times), max(0, left - left % times)
    part = grid.steps[top:bottom:times, left:right:times] < 0
    rows, columns = np.nonzero(part)
    if not rows.size:
        return ""
    size = times / grid.per_degree
    north, west = 90.0 / size - top / times, -180.0 / size + left / times
    cells = pl.DataFrame({"cell_lat": north - rows - 1.0, "cell_lon": west + columns})
    return runs(cells.with_columns(cell_deg=pl.lit(size)), view)


def _slices(row: Mapping[str, Any], x: float, y: float, radius: float) -> Iterator[tuple[str, str]]:
    """Yield colour and path of each slice of a circle."""
    total, begin = row["pairs"], 0.0
    for key in _KEYS:
        share = row[key] / total
        if not share:
            continue
        colour = GRADE_COLOURS[_WORDS[key]]
        if share > 1 - 1e-9:
            half = f"a{radius:.1f} {radius:.1f} 0 1 0 "
            yield (
                colour,
                f"M{x - radius:.1f} {y:.1f}{half}{2 * radius:.1f} 0{half}{-2 * radius:.1f} 0z",
            )
            return
        ends = [(x + radius * sin(2 * pi * a), y - radius * cos(2 * pi * a)) for a in (begin, begin + share)]
        large = 1 if share > 0.5 else 0
        yield (
            colour,
            (
                f"M{x:.1f} {y:.1f}L{ends[0][0]:.1f} {ends[0][1]:.1f}"
                f"A{radius:.1f} {radius:.1f} 0 {large} 1 {ends[1][0]:.1f} {ends[1][1]:.1f}z"
            ),
        )
        begin += share


def verdict_features(
    verdicts: Any, outlets: Any, *, areas: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield one GeoJSON feature per berth with its pairs by grade."""
    where = places(check(outlets, "outlets"), areas=areas)
    rows = counts(check(verdicts, "verdicts")).join(where.frame, on="berth_id", how="left", maintain_order="left")
    for row in rows.iter_rows(named=True):
        known = row["lat_deg"] is not None and row["lon_deg"] is not None
        point = {"type": "Point", "coordinates": [row["lon_deg"], row["lat_deg"]]} if known else None
        yield {
            "type": "Feature",
            "geometry": point,
            "properties": {
                "berth_id": row["berth_id"],
                "locode": row["locode"],
                "terminal": row["terminal_name"],
                "position_from": row["position"],
                "pairs": row["pairs"],
                **{(f"grade_{key}" if key.isdigit() else key): row[key] for key in _KEYS},
                "best": row["best"],
                "worst": row["worst"],
                "note": "a pre-screen from registers, never a certificate",
            },
        }
