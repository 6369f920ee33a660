"""The map, drawn as SVG: where ships were seen, emissions in graduated cells, areas and their names.

No coastline: none that is detailed enough at the scale of a harbour may be passed on freely. The ships' own
tracks draw the waterways.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, cos, floor, log10, radians
from typing import Any, NamedTuple

import polars as pl

from sisterport.site import charts
from sisterport.site.digits import THIN, plain, significant
from sisterport.site.labels import Box, Label, place
from sisterport.units import KM_PER_NM

WIDTH = 720.0
"""Width of the drawing [px]."""
NM_PER_DEG = 60.0
"""Nautical miles per degree of latitude, near enough for a scale bar."""
OPACITY = (0.6, 0.75, 0.85, 0.9, 0.95)
"""Light classes let the waterways through."""
BACKDROP_PX = 2.0
"""Smallest cell of the backdrop [px]."""
BERTHS_BELOW_DEG = 0.3
"""On a map that shows less than this [deg of latitude] berths are drawn too."""
MARGIN_PX = 16.0
WATER = ("#eef3f7", "#dde7ee", "#c8d7e2")
"""Backdrop, from few positions to many."""


class Extent(NamedTuple):
    """Corners of a map [deg]."""

    west: float
    south: float
    east: float
    north: float

    def grown(self, share: float) -> "Extent":
        """Return the extent with a margin on each side."""
        x, y = (self.east - self.west) * share, (self.north - self.south) * share
        return Extent(self.west - x, self.south - y, self.east + x, self.north + y)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Equirectangular projection true to scale in the middle: right enough for a harbour."""

    extent: Extent

    @property
    def px_per_deg(self) -> tuple[float, float]:
        """Pixels per degree of longitude and of latitude."""
        x = WIDTH / (self.extent.east - self.extent.west)
        return x, x / cos(radians((self.extent.south + self.extent.north) / 2))

    @property
    def height(self) -> float:
        """Height of the drawing [px]."""
        return (self.extent.north - self.extent.south) * self.px_per_deg[1]

    def __call__(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the place of a point [deg] on the drawing [px]."""
        x, y = self.px_per_deg
        return (lon - self.extent.west) * x, (self.extent.north - lat) * y


@dataclass(slots=True, kw_only=True)
class Drawing:
    """What the map template draws."""

    name: str
    title: str
    width: float
    height: float
    backdrop: list[tuple[str, str]] = field(default_factory=list)
    cells: list[tuple[str, str, float]] = field(default_factory=list)
    domain: str = ""
    terminals: str = ""
    anchorages: str = ""
    labels: list[Label] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    scale_x: float = MARGIN_PX
    scale_px: float = 0.0
    scale_nm: float = 0.0
    scale_text: str = ""


def draw(
    *,
    name: str,
    title: str,
    extent: Extent,
    domain: Mapping[str, Any],
    areas: Mapping[str, Any],
    cells: pl.DataFrame,
    density: pl.DataFrame,
    named: Iterable[str],
) -> Drawing:
    """Return the drawing of one extent.

    Parameters
    ----------
    name, title
        Prefix of ids, and what a screen reader says.
    extent
        What is shown.
    domain, areas
        GeoJSON geometry and feature collection.
    cells
        Columns ``cell_lat, cell_lon, cell_deg, co2e_ttw_t``.
    density
        Columns ``cell_lat, cell_lon, cell_deg, positions``.
    named
        Names of areas to write on the map, the most important first; those that find no room are left out.
    """
    view = Projection(extent=extent)
    drawing = Drawing(name=name, title=title, width=WIDTH, height=round(view.height, 1))
    drawing.backdrop = list(_backdrop(density, view))
    limits = class_limits(cells["co2e_ttw_t"]) if cells.height else []
    drawing.cells = list(_cells(cells, limits, view))
    drawing.legend = _legend(limits)
    drawing.domain = outline([domain], view)
    close = extent.north - extent.south < BERTHS_BELOW_DEG
    kinds = {"terminals": ("terminal", "berth") if close else ("terminal",), "anchorages": ("anchorage",)}
    for key, wanted in kinds.items():
        shapes = [f["geometry"] for f in areas["features"] if f["properties"]["kind"] in wanted]
        setattr(drawing, key, outline(shapes, view))
    drawing.scale_nm = _round_length((extent.north - extent.south) * NM_PER_DEG / 5)
    drawing.scale_px = drawing.scale_nm / NM_PER_DEG * view.px_per_deg[1]
    drawing.scale_text = f"{drawing.scale_nm:g} nm ({significant(drawing.scale_nm * KM_PER_NM, 2)} km)"
    anchors = list(_anchors(areas, named, view))
    scale = _scale_box(drawing)
    if any(scale.left < x < scale.right and scale.top < y < scale.bottom for _, x, y in anchors):
        drawing.scale_x = WIDTH - drawing.scale_px - MARGIN_PX
        scale = _scale_box(drawing)
    drawing.labels = place(anchors, width=WIDTH, height=view.height, taken=[scale])
    return drawing


def extent_of(domain: Mapping[str, Any]) -> Extent:
    """Return the corners of a geometry."""
    points = [point for ring in _rings(domain) for point in ring]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return Extent(min(lons), min(lats), max(lons), max(lats))


def core(cells: pl.DataFrame, share: float = 0.8) -> Extent | None:
    """Return the corners around the cells that hold `share` of the emissions; None if there are none."""
    known = cells.filter(pl.col("co2e_ttw_t") > 0).sort("co2e_ttw_t", "cell_lat", "cell_lon", descending=True)
    if known.is_empty():
        return None
    total = float(known["co2e_ttw_t"].sum())
    kept = known.filter(pl.col("co2e_ttw_t").cum_sum().shift(1, fill_value=0.0) < share * total)
    lat, lon = pl.col("cell_lat") * pl.col("cell_deg"), pl.col("cell_lon") * pl.col("cell_deg")
    corners = kept.select(
        lon.min().alias("w"),
        lat.min().alias("s"),
        (lon + pl.col("cell_deg")).max().alias("e"),
        (lat + pl.col("cell_deg")).max().alias("n"),
    )
    return Extent(*corners.row(0)).grown(0.06)


def class_limits(values: pl.Series) -> list[float]:
    """Return the lower limits of up to five classes on a 1-3-10 ladder below the largest value.

    Examples
    --------
    >>> class_limits(pl.Series([0.02, 4.0, 95.0]))
    [0.0, 1.0, 3.0, 10.0, 30.0]
    """
    largest = float(values.max() or 0.0)  # type: ignore[arg-type]
    if largest <= 0:
        return []
    ladder = [step * 10.0**k for k in range(floor(log10(largest)) - 3, ceil(log10(largest)) + 1) for step in (1.0, 3.0)]
    below = [limit for limit in ladder if limit < largest]
    return [0.0, *(round(limit, 12) for limit in below[-(len(charts.HEAT) - 1) :])]


def _legend(limits: list[float]) -> list[tuple[str, str]]:
    factor, unit = (1000.0, "kg") if limits and limits[1:] and limits[1] < 0.1 else (1.0, "t")
    text = [plain(limit * factor) for limit in limits]
    rows = []
    for i, colour in enumerate(charts.HEAT[: len(limits)]):
        upper = text[i + 1] if i + 1 < len(text) else None
        if upper is None:
            words = f"{text[i]}{THIN}{unit} and more"
        else:
            words = f"{f'{text[i]} to' if i else 'below'} {upper}{THIN}{unit}"
        rows.append((colour, words))
    return rows[::-1]


def _backdrop(density: pl.DataFrame, view: Projection) -> Iterator[tuple[str, str]]:
    """Yield colour and path of each class of density, few to many positions in a cell."""
    if density.is_empty():
        return
    ground = coarser(density, BACKDROP_PX / view.px_per_deg[0])
    crowd = ground["positions"].quantile(0.85) or 1.0
    level = (pl.col("positions") > 1).cast(pl.Int8) + (pl.col("positions") > max(1.0, crowd)).cast(pl.Int8)
    for (number,), rows in sorted(
        ground.with_columns(level=level).group_by("level", maintain_order=True), key=lambda pair: pair[0]
    ):
        yield WATER[int(number)], runs(rows, view)


def coarser(density: pl.DataFrame, size_deg: float) -> pl.DataFrame:
    """Return the density in cells of at least `size_deg`: finer ones would only make the file larger.

    Examples
    --------
    >>> fine = pl.DataFrame({"cell_lat": [3, 4], "cell_lon": [-1, 0], "positions": [5, 6]})
    >>> coarser(fine.with_columns(cell_deg=pl.lit(0.1)), 0.2).sort("cell_lat").rows()
    [(1, -1, 5, 0.2), (2, 0, 6, 0.2)]
    """
    own = float(density["cell_deg"][0])
    times = max(1, ceil(size_deg / own - 1e-9))
    return (
        density.group_by(pl.col("cell_lat", "cell_lon").floordiv(times), maintain_order=True)
        .agg(pl.col("positions").sum())
        .with_columns(cell_deg=pl.lit(own * times))
    )


def _cells(cells: pl.DataFrame, limits: list[float], view: Projection) -> Iterator[tuple[str, str, float]]:
    known = cells.filter(pl.col("co2e_ttw_t") > 0)
    for i, lower in enumerate(limits):
        upper = limits[i + 1] if i + 1 < len(limits) else float("inf")
        rows = known.filter(pl.col("co2e_ttw_t") >= lower, pl.col("co2e_ttw_t") < upper)
        if rows.height:
            yield charts.HEAT[i], runs(rows, view), OPACITY[i]


def runs(cells: pl.DataFrame, view: Projection) -> str:
    """Return one path for many cells: neighbours in a row of the map become one rectangle."""
    path = []
    size = float(cells["cell_deg"][0])
    x_px, y_px = (size * p for p in view.px_per_deg)
    joined = (
        cells.sort("cell_lat", "cell_lon")
        .with_columns(run=(pl.col("cell_lon") - pl.int_range(pl.len()).over("cell_lat")))
        .group_by("cell_lat", "run", maintain_order=True)
        .agg(first=pl.col("cell_lon").min(), count=pl.len())
    )
    for row in joined.iter_rows(named=True):
        x, y = view(row["first"] * size, (row["cell_lat"] + 1) * size)
        width = row["count"] * x_px
        if -width <= x <= WIDTH and -y_px <= y <= view.height:
            path.append(f"M{_px(x)} {_px(y)}h{_px(width)}v{_px(y_px)}h-{_px(width)}z")
    return "".join(path)


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _rings(geometry: Mapping[str, Any]) -> Iterator[list[list[float]]]:
    match geometry["type"]:
        case "Polygon":
            yield from geometry["coordinates"]
        case "MultiPolygon":
            for polygon in geometry["coordinates"]:
                yield from polygon
        case "GeometryCollection":
            for part in geometry["geometries"]:
                yield from _rings(part)


def outline(geometries: Iterable[Mapping[str, Any]], view: Projection) -> str:
    """Return the rings of geometries as one path."""
    path = []
    for geometry in geometries:
        for ring in _rings(geometry):
            points = (view(lon, lat) for lon, lat, *_ in ring[:-1])
            path.append("M" + "L".join(f"{_px(x)} {_px(y)}" for x, y in points) + "z")
    return "".join(path)


def _anchors(areas: Mapping[str, Any], named: Iterable[str], view: Projection) -> Iterator[tuple[str, float, float]]:
    """Yield name and middle of the areas to be named, if they are on the map."""
    middles = {}
    for feature in areas["features"]:
        box = extent_of(feature["geometry"])
        middles[feature["properties"]["name"]] = view((box.west + box.east) / 2, (box.south + box.north) / 2)
    for name in named:
        x, y = middles.get(name, (-1.0, -1.0))
        if 0 < x < WIDTH and 0 < y < view.height:
            yield name, x, y


def _round_length(nm: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at most `nm`."""
    power = 10.0 ** floor(log10(nm))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= nm)


def _scale_box(drawing: Drawing) -> Box:
    """Return the room that the scale bar takes, with some air."""
    left = drawing.scale_x
    return Box(left - 30.0, drawing.height - 60.0, left + drawing.scale_px + 30.0, drawing.height)
