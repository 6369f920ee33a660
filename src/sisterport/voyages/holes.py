"""Holes in a track: a ship that was not seen and turned up elsewhere is led along the sea in between.

A hole without displacement needs nothing (the kernel says that the ship stayed). Any other hole becomes a track of made-up
fixes at constant speed, along the great circle or, when it is long, along a sea route; the same kernel makes segments of
it, and they are marked ``bridged``.
"""

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
    """Return the holes that begin at `rows` of `fixes`; longer than ``hole_max_h`` is ``unobserved``."""
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
    return frame.with_columns(
        distance_nm=pl.Series(distance),
        treatment=pl.when(pl.col("hours") > value("hole_max_h"))
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


def along(
    lat: NDArray[np.float64], lon: NDArray[np.float64], pieces: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return `pieces` + 1 points at equal distances along a line of points [deg], and its length [nm].

    Between the given points the line is straight in latitude and longitude, so long steps need points in between.
    """
    turn = np.unwrap(lon, period=360.0)
    length = np.concatenate(([0.0], np.cumsum(great_circle_nm(lat[:-1], lon[:-1], lat[1:], lon[1:]))))
    at = np.linspace(0.0, length[-1], pieces + 1)
    x = np.interp(at, length, turn)
    return np.interp(at, length, lat), (x + 180.0) % 360.0 - 180.0, float(length[-1])


def _line(hole: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points that a bridged ship is led along, ends included."""
    start, end = (hole["from_lat_deg"], hole["from_lon_deg"]), (hole["to_lat_deg"], hole["to_lon_deg"])
    if hole["treatment"] == "sea_route":
        route = sea_route(start, end)
        return np.concatenate(([start[0]], route.lat_deg, [end[0]])), np.concatenate(
            ([start[1]], route.lon_deg, [end[1]])
        )
    return np.array([start[0], end[0]]), np.array([start[1], end[1]])


def made_up(holes: pl.DataFrame, draught_dm: NDArray[np.int16]) -> tuple[MadeUp, pl.Series]:
    """Return made-up tracks through `holes` and the length of each [nm].

    Parameters
    ----------
    holes
        Holes to bridge.
    draught_dm
        Draught before each hole [0.1 m], not positive where unknown.
    """
    step_h = value("bridge_step_h")
    tracks = []
    lengths = []
    for hole in holes.iter_rows(named=True):
        pieces = max(1, int(np.ceil(hole["hours"] / step_h)))
        lat, lon, length = along(*_line(hole), pieces)
        start = hole["start_utc"].timestamp()
        seconds = np.linspace(start, hole["end_utc"].timestamp(), pieces + 1)
        tracks.append((np.rint(seconds), np.rint(lat * 1e5), np.rint(lon * 1e5)))
        lengths.append(length)
    sizes = np.array([t[0].size for t in tracks], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    t, lat, lon = (np.concatenate([track[i] for track in tracks]) for i in range(3))
    unknown = np.full(t.size, -1, np.int16)
    arrays = (
        t.astype(np.int64),
        lat.astype(np.int32),
        lon.astype(np.int32),
        unknown,
        np.repeat(draught_dm, sizes),
    )
    return MadeUp(holes["mmsi"].to_numpy(), starts, arrays), pl.Series(lengths, dtype=pl.Float64)


def draught_before(fixes: pl.DataFrame, rows: NDArray[np.int64]) -> NDArray[np.int16]:
    """Return the last draught of the ship reported at or before each row [0.1 m]; -1 where there is none."""
    filled = fixes.select(pl.col("draught_dm").replace(0, None).forward_fill().over("mmsi").fill_null(-1))
    return filled.to_series().gather(rows).cast(pl.Int16).to_numpy()
