"""The map of a corridor: sea routes as wide as what is sailed on them, and what ports bunker, over a coarse coastline.

The map may lie across the date line: longitudes go on beyond 180 degrees where a route does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, cos, radians
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sisterport.reference import ports
from sisterport.site.chartmap import WIDTH, Extent, Projection
from sisterport.site.corridor_words import port_name
from sisterport.site.digits import with_unit
from sisterport.site.labels import Box, Label, place
from sisterport.site.page import environment
from sisterport.site.scene import Figure
from sisterport.site.shorepower_map import land_path
from sisterport.voyages import sea_route

WIDEST_PX, NARROWEST_PX = 9.0, 1.0
"""Width of the largest flow, and of the smallest that is drawn [px]."""
BAR_PX, TALLEST_PX = 9.0, 60.0
"""Width of a column beside a port, and height of the tallest [px]."""
FLOW = "#5b9cc9"
_MOST_TALL = 0.75
_WORLD = 360.0


class Flow(NamedTuple):
    """A route as it is drawn."""

    path: str
    px: float
    colour: str


class Stack(NamedTuple):
    """A column of slices beside a port."""

    slices: list[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class FlowMap:
    """What the template draws."""

    name: str
    title: str
    says: str
    width: float
    height: float
    land: str = ""
    flows: list[Flow] = field(default_factory=list)
    stacks: list[Stack] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    widths: list[tuple[float, str]] = field(default_factory=list)
    width_colour: str = FLOW


def flow_map(
    flows: Mapping[tuple[str, str], float],
    *,
    name: str,
    title: str,
    says: str,
    unit: str,
    at_ports: Mapping[str, Sequence[tuple[str, float]]] | None = None,
    legend: Iterable[tuple[str, str]] = (),
    closed: Iterable[str] = (),
) -> Figure | None:
    """Return the map, or None where no port of a flow has a position.

    Parameters
    ----------
    flows
        From, to (UN/LOCODE) and an amount; both ways of a pair are added together.
    name, title, says
        Id, caption, and what a screen reader says after it.
    unit
        Of the amounts.
    at_ports
        Colour and amount of the slices of a column at a port, from the bottom.
    legend
        Colours and words.
    closed
        Passages that routes do not take.
    """
    both = _both_ways(flows)
    known = _positions({*(code for pair in both for code in pair), *(at_ports or {})})
    routes = {
        pair: sea_route(*pair, closed=tuple(closed))
        for pair in both
        if known.keys() >= set(pair) and pair[0] != pair[1]
    }
    if not routes:
        return None
    tracks = {pair: (route.lat_deg, route.lon_deg) for pair, route in routes.items()}
    middle = _middle(np.concatenate([lon for _, lon in tracks.values()]))
    tracks = {pair: (lat, _about(lon, middle)) for pair, (lat, lon) in tracks.items()}
    spots = {code: (lat, float(_about(np.array([lon]), middle)[0])) for code, (lat, lon) in known.items()}
    extent = _extent(tracks.values(), spots.values())
    view = Projection(extent=extent)
    drawing = FlowMap(name=name, title=title, says=says, width=WIDTH, height=round(view.height, 1))
    drawing.land = _land(extent)
    most = max(both.values())
    for pair in sorted(tracks, key=lambda pair: -both[pair]):
        px = max(NARROWEST_PX, WIDEST_PX * both[pair] / most)
        drawing.flows.append(Flow(_line(*tracks[pair], view), px, FLOW))
    drawing.points = [view(lon, lat) for lat, lon in spots.values()]
    taken = _with_stacks(drawing, at_ports or {}, spots, view)
    importance = {code: sum(amount for pair, amount in both.items() if code in pair) for code in spots}
    named = sorted(spots, key=lambda code: (-importance[code], code))
    anchors = [(port_name(code), *view(spots[code][1], spots[code][0])) for code in named]
    drawing.labels = place(anchors, width=WIDTH, height=view.height, taken=taken)
    drawing.legend = list(legend)
    drawing.widths = [(max(NARROWEST_PX, WIDEST_PX * share), with_unit(most * share, unit, 2)) for share in (1.0, 0.25)]
    text = environment().get_template("corridor_map.html").render(m=drawing)
    return Figure(title, Markup(text))  # noqa: S704 - our own template, which escapes


def _both_ways(flows: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for (start, goal), amount in flows.items():
        pair = (min(start, goal), max(start, goal))
        found[pair] = found.get(pair, 0.0) + amount
    return {pair: amount for pair, amount in found.items() if amount > 0}


def _positions(codes: set[str]) -> dict[str, tuple[float, float]]:
    rows = ports().filter(ports()["locode"].is_in(sorted(codes))).drop_nulls(["lat_deg", "lon_deg"])
    return {code: (lat, lon) for code, lat, lon in rows.select("locode", "lat_deg", "lon_deg").iter_rows()}


def _middle(lon: NDArray[np.float64]) -> float:
    """Return the longitude opposite to the widest gap between points: there the map is not cut."""
    ordered = np.sort(np.unique(np.round(lon)))
    gaps = np.diff(np.r_[ordered, ordered[0] + _WORLD])
    at = int(np.argmax(gaps))
    cut = ordered[at] + gaps[at] / 2
    return float(cut - _WORLD / 2)


def _about(lon: NDArray[np.float64], middle: float) -> NDArray[np.float64]:
    """Return longitudes within half a turn of the middle."""
    return np.asarray((lon - middle + _WORLD / 2) % _WORLD + middle - _WORLD / 2, np.float64)


def _extent(
    tracks: Iterable[tuple[NDArray[np.float64], NDArray[np.float64]]], spots: Iterable[tuple[float, float]]
) -> Extent:
    every = list(tracks)
    lat = np.concatenate([np.concatenate([part for part, _ in every]), [spot[0] for spot in spots]])
    lon = np.concatenate([part for _, part in every])
    west, east = float(lon.min()), float(lon.max())
    south, north = float(lat.min()), float(lat.max())
    wide = max(east - west, 2.0) * 1.16
    tall = max((north - south) * 1.3, wide * cos(radians((south + north) / 2)) * 0.36)
    x, y = (west + east) / 2, (south + north) / 2
    wide = max(wide, tall / cos(radians(y)) / _MOST_TALL)
    return Extent(x - wide / 2, max(-78.0, y - tall / 2), x + wide / 2, min(84.0, y + tall / 2))


def _land(extent: Extent) -> str:
    """Return the land of an extent that may lie across the date line: one part for each turn of the world."""
    path = ""
    for turn in (-_WORLD, 0.0, _WORLD):
        west, east = max(-180.0, extent.west - turn), min(180.0, extent.east - turn)
        if west < east:
            moved = Projection(extent=Extent(extent.west - turn, extent.south, extent.east - turn, extent.north))
            path += land_path(Extent(west, extent.south, east, extent.north), moved)
    return path


def _line(lat: NDArray[np.float64], lon: NDArray[np.float64], view: Projection) -> str:
    every = max(1, ceil(len(lat) / 80))
    keep = [*range(0, len(lat) - 1, every), len(lat) - 1]
    points = (view(float(lon[i]), float(lat[i])) for i in keep)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _with_stacks(
    drawing: FlowMap,
    at_ports: Mapping[str, Sequence[tuple[str, float]]],
    spots: Mapping[str, tuple[float, float]],
    view: Projection,
) -> list[Box]:
    """Draw a column at each port, side by side where ports are near each other; return the room that they take."""
    most = max((sum(amount for _, amount in slices) for slices in at_ports.values()), default=0.0)
    taken: list[Box] = []
    for code, slices in sorted(at_ports.items(), key=lambda item: -sum(amount for _, amount in item[1])):
        whole = sum(amount for _, amount in slices)
        if code not in spots or whole <= 0:
            continue
        x, y = view(spots[code][1], spots[code][0])
        height = max(2.0, TALLEST_PX * whole / most)
        left = x - BAR_PX / 2
        while any(box.meets(Box(left, y - height, left + BAR_PX, y)) for box in taken):
            left += BAR_PX + 2.0
        taken.append(Box(left, y - height, left + BAR_PX, y))
        drawn, top = [], y
        for colour, amount in slices:
            part = height * amount / whole
            if part > 0:
                drawn.append((colour, f"M{left:.1f} {top:.1f}h{BAR_PX:.1f}v{-part:.2f}h{-BAR_PX:.1f}z"))
                top -= part
        drawing.stacks.append(Stack(drawn))
    return taken
