"""Holes in a track: a ship that was not seen and turned up elsewhere is led along the sea in between.

A hole without displacement needs nothing (the kernel says that the ship stayed). Any other hole becomes a track of
made-up fixes at constant speed, along the great circle or, when it is long, along a sea route; the same kernel makes
segments of it, and they are marked ``bridged``.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.reference.store import value
from sisterport.voyages.searoute import sea_route

SCHEMA = {
    "mmsi": pl.Int64(),
    "start_utc": pl.Datetime("ms", "UTC"),
    "end_utc": pl.Datetime("ms", "UTC"),
    "hours": pl.Float64(),
    "from_lat_deg": pl.Float64(),
    "from_lon_deg": pl.Float64(),
    "to_lat_deg": pl.Float64(),
    "to_lon_deg": pl.Float64(),
    "distance_nm": pl.Float64(),
    "treatment": pl.String(),
}
"""Columns of the frame of holes; treatment: great_circle, sea_route or unobserved."""


class MadeUp(NamedTuple):
    """Made-up fixes, one track per hole, in the kernel's form."""

    mmsi: NDArray[np.int64]
    starts: NDArray[np.int64]
    arrays: tuple[NDArray[Any], ...]


def describe(fixes: pl.DataFrame, rows: NDArray[np.int64]) -> pl.DataFrame:
    """Return the holes that begin at `rows` of `fixes`, and how each is treated.

    Not bridged are holes that are too long, and those that the ship would have crept through: it lay somewhere, or went
    away and came back.
    """
    before, after = fixes[rows], fixes[rows + 1]
    hours = (after["t_s"] - before["t_s"]) / 3600.0
    direct_nm = value("bridge_direct_nm")
    frame = pl.DataFrame(
        {
            "mmsi": before["mmsi"].cast(pl.Int64),
            "start_utc": (before["t_s"].cast(pl.Int64) * 1000).cast(SCHEMA["start_utc"]),
            "end_utc": (after["t_s"].cast(pl.Int64) * 1000).cast(SCHEMA["end_utc"]),
            "hours": hours,
            "from_lat_deg": before["lat_e5"] * 1e-5,
            "from_lon_deg": before["lon_e5"] * 1e-5,
            "to_lat_deg": after["lat_e5"] * 1e-5,
            "to_lon_deg": after["lon_e5"] * 1e-5,
        }
    )
    distance = great_circle_nm(
        *(frame[c].to_numpy() for c in ("from_lat_deg", "from_lon_deg", "to_lat_deg", "to_lon_deg"))
    )
    crept = pl.Series(distance) < value("hole_rest_kn") * frame["hours"]
    return frame.with_columns(
        distance_nm=pl.Series(distance),
        treatment=pl.when((pl.col("hours") > value("hole_max_h")) | crept)
        .then(pl.lit("unobserved"))
        .when(pl.Series(distance) <= direct_nm)
        .then(pl.lit("great_circle"))
        .otherwise(pl.lit("sea_route")),
    ).cast(SCHEMA)  # type: ignore[arg-type]


def great_circle_nm(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> NDArray[np.float64]:
    """Return great-circle distances between points [deg] in nautical miles (haversine)."""
    p1, p2 = np.radians(lat1), np.radians(lat2)
    h = np.sin((p2 - p1) / 2) ** 2 + np.cos(p1) * np.cos(p2) * np.sin(np.radians(np.subtract(lon2, lon1)) / 2) ** 2
    return np.asarray(2.0 * value("earth_radius_nm") * np.arcsin(np.sqrt(np.minimum(1.0, h))))


class Lines(NamedTuple):
    """Lines of points one after another [deg], and the number of points of each; straight in latitude and longitude."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    sizes: NDArray[np.int64]


def along(
    lines: Lines, pieces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return `pieces` + 1 points at equal distances along each line [deg], and the length of each line [nm].

    All lines at once: they are laid end to end and interpolated as one.
    """
    first = np.cumsum(lines.sizes) - lines.sizes
    step_nm = great_circle_nm(lines.lat[:-1], lines.lon[:-1], lines.lat[1:], lines.lon[1:])
    turn = (np.diff(lines.lon) + 180.0) % 360.0 - 180.0
    step_nm[first[1:] - 1] = turn[first[1:] - 1] = 0.0  # from one line to the next
    laid = np.concatenate(([0.0], np.cumsum(step_nm)))
    begin = laid[first]
    length = laid[first + lines.sizes - 1] - begin
    gap = np.repeat(np.arange(lines.sizes.size), lines.sizes)  # keeps the end of a line apart from the next one
    number = np.arange(np.sum(pieces + 1)) - np.repeat(np.cumsum(pieces + 1) - (pieces + 1), pieces + 1)
    at = np.repeat(begin, pieces + 1) + number * np.repeat(length / pieces, pieces + 1)
    at = np.minimum(at, np.repeat(begin + length, pieces + 1)) + np.repeat(np.arange(pieces.size), pieces + 1)
    lat = np.interp(at, laid + gap, lines.lat)
    lon = np.interp(at, laid + gap, np.repeat(lines.lon[first], lines.sizes) + _since(turn, first, lines.sizes))
    return lat, (lon + 180.0) % 360.0 - 180.0, length


def _since(turn: NDArray[np.float64], first: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sum of `turn` since the first point of each line."""
    total = np.concatenate(([0.0], np.cumsum(turn)))
    return np.asarray(total - np.repeat(total[first], sizes))


def _lines(holes: pl.DataFrame, closed: Sequence[str]) -> Lines:
    """Return the lines that bridged ships are led along, ends included."""
    ends = holes.select("from_lat_deg", "from_lon_deg", "to_lat_deg", "to_lon_deg").to_numpy()
    parts = np.split(ends.reshape(-1, 2), np.arange(2, 2 * ends.shape[0], 2))
    for i in np.flatnonzero((holes["treatment"] == "sea_route").to_numpy()):
        start, end = parts[i]
        route = sea_route((start[0], start[1]), (end[0], end[1]), closed=closed)
        parts[i] = np.vstack([start, np.column_stack([route.lat_deg, route.lon_deg]), end])
    points = np.concatenate(parts)
    return Lines(points[:, 0], points[:, 1], np.array([len(part) for part in parts], dtype=np.int64))


def made_up(holes: pl.DataFrame, draught_dm: NDArray[np.int16], closed: Sequence[str]) -> tuple[MadeUp, pl.Series]:
    """Return made-up tracks through `holes` and the length of each [nm].

    Parameters
    ----------
    holes
        Holes to bridge.
    draught_dm
        Draught before each hole [0.1 m], not positive where unknown.
    closed
        Passages that sea routes do not take.
    """
    pieces = np.maximum(1, np.ceil(holes["hours"].to_numpy() / value("bridge_step_h"))).astype(np.int64)
    lat, lon, length = along(_lines(holes, closed), pieces)
    sizes = pieces + 1
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    begin = np.repeat(holes["start_utc"].dt.epoch("s").to_numpy(), sizes)
    seconds = np.repeat(3600.0 * holes["hours"].to_numpy() / pieces, sizes)
    t = begin + np.rint((np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)) * seconds)
    unknown = np.full(t.size, -1, np.int16)
    arrays = (
        t.astype(np.int64),
        np.rint(lat * 1e5).astype(np.int32),
        np.rint(lon * 1e5).astype(np.int32),
        unknown,
        np.repeat(draught_dm, sizes),
    )
    for array in arrays:
        array.flags.writeable = False  # as those of a frame are: the kernel is compiled for one kind of array
    return MadeUp(holes["mmsi"].to_numpy(), starts, arrays), pl.Series(length, dtype=pl.Float64)


def draught_before(fixes: pl.DataFrame, rows: NDArray[np.int64]) -> NDArray[np.int16]:
    """Return the last draught of the ship reported at or before each row [0.1 m]; -1 where there is none."""
    mmsi, draught = fixes["mmsi"].to_numpy(), fixes["draught_dm"].fill_null(-1).to_numpy()
    known = np.concatenate(([-1], np.flatnonzero(draught > 0)))
    last = known[np.searchsorted(known, rows, side="right") - 1]
    found = (last >= 0) & (mmsi[last] == mmsi[rows])
    return np.where(found, draught[last], -1).astype(np.int16)
