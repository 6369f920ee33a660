"""What maps are drawn from: areas, stops and tracks as GeoJSON, and where positions lie."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import shapely
from shapely.geometry import mapping

from sisterport.voyages import AreaSet

DENSITY_E5 = 100
"""Cell of the density map, 0.001 deg."""

_GAP_S = 3600
_TOLERANCE_DEG = 0.0002


def feature_collection(areas: AreaSet) -> dict[str, Any]:
    """Return areas as a GeoJSON feature collection."""
    rows = areas.frame.iter_rows(named=True)
    features = [_feature(mapping(shape), row) for row, shape in zip(rows, areas.geometries, strict=True)]
    return {"type": "FeatureCollection", "features": features}


def stop_features(stops: pl.DataFrame, calls: pl.DataFrame, ships: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield one point per stop, with its call and ship."""
    rows = stops.join(calls.select("call_id", "mmsi", "locode"), on="call_id", maintain_order="left").join(
        ships.select("mmsi", "name", "imo", "ship_class"), on="mmsi", how="left", maintain_order="left"
    )
    for row in rows.iter_rows(named=True):
        yield _point(row)


def call_features(calls: pl.DataFrame, stops: pl.DataFrame, ships: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield one point per call, at its longest stop."""
    by_hours = stops.sort("hours", descending=True, maintain_order=True)
    longest = by_hours.unique("call_id", keep="first", maintain_order=True)
    rows = calls.join(longest.select("call_id", "lat_deg", "lon_deg"), on="call_id", maintain_order="left").join(
        ships.select("mmsi", "name", "imo", "ship_class"), on="mmsi", how="left", maintain_order="left"
    )
    for row in rows.iter_rows(named=True):
        yield _point(row)


def track_features(chunks: Iterable[pl.DataFrame], ships: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield one multi-line per ship, cut where it was not seen for an hour, simplified to about 20 m."""
    names = {row[0]: row[1:] for row in ships.select("mmsi", "name", "imo", "ship_class").iter_rows()}
    for fixes in chunks:
        own = fixes.filter(pl.col("mmsi").is_in(ships["mmsi"].implode()))
        for (mmsi,), track in own.group_by("mmsi", maintain_order=True):
            t = track["t_s"].to_numpy()
            xy = np.column_stack([track["lon_e5"].to_numpy(), track["lat_e5"].to_numpy()]) * 1e-5
            turns = np.abs(np.diff(xy[:, 0])) > 180.0  # a line over the date line is cut there
            cuts = np.flatnonzero((np.diff(t) > _GAP_S) | turns) + 1
            lines = [shapely.LineString(part) for part in np.split(xy, cuts) if len(part) > 1]
            if not lines:
                continue
            shape = shapely.set_precision(
                shapely.MultiLineString(lines).simplify(_TOLERANCE_DEG), 1e-5, mode="pointwise"
            )
            name, imo, ship_class = names.get(mmsi, (None, None, None))
            properties = {
                "mmsi": mmsi,
                "name": name,
                "imo": imo,
                "ship_class": ship_class,
                "positions": len(t),
            }
            yield _feature(mapping(shape), properties)


def density(chunks: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the number of positions per small cell: the ships' own tracks draw the waterways."""
    parts = [
        fixes.group_by(cell_lat=pl.col("lat_e5") // DENSITY_E5, cell_lon=pl.col("lon_e5") // DENSITY_E5).agg(
            positions=pl.len()
        )
        for fixes in chunks
    ]
    every = (
        pl.concat(parts).group_by("cell_lat", "cell_lon").agg(pl.col("positions").sum()).sort("cell_lat", "cell_lon")
    )
    return every.with_columns(
        pl.col("cell_lat", "cell_lon").cast(pl.Int64),
        pl.col("positions").cast(pl.Int64),
        cell_deg=pl.lit(DENSITY_E5 * 1e-5),
    )


def _point(row: dict[str, Any]) -> dict[str, Any]:
    where = [round(row.pop("lon_deg"), 5), round(row.pop("lat_deg"), 5)]
    texts = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
    return _feature({"type": "Point", "coordinates": where}, texts)


def _feature(geometry: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
