"""Small frames for tests: ships and positions, clearly made up."""

from importlib.resources import files
from pathlib import Path

import polars as pl

from sisterport import tables


def ships(**columns) -> pl.DataFrame:
    """A frame of ships; what is not given is a plausible ocean-going default."""
    n = max((len(v) for v in columns.values() if isinstance(v, list)), default=1)
    base = {
        "mmsi": [200_000_001 + i for i in range(n)],
        "group": "ocean_going",
        "ship_class": "container",
        "size": 5000.0,
        "size_unit": "teu",
        "size_bin": 5,
        "power_kw": 40_000.0,
        "v_ref_kn": 24.0,
        "draught_ref_m": 13.0,
        "engine_type": "SSD",
        "nox_tier": 1,
        "keel_year": 2005,
        "build_year": 2006,
        "fuel": "vlsfo",
        "scrubber": False,
    } | columns
    for name, column in tables.schema("ships").items():
        if name.endswith("_source"):
            base.setdefault(name, "register")
        elif column.required:
            assert name in base, name
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] * n for k, v in base.items()})
    return tables.check(frame, "ships")


def areas() -> dict:
    """A port of 12 nm with a terminal, two berths, an anchorage and a river, at 40 N 30 W (no coast, no zone)."""

    def box(west, south, east, north):
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Polygon", "coordinates": [ring]}

    def feature(area_id, kind, geometry, parent=None):
        properties = {"area_id": area_id, "kind": kind, "name": area_id, "locode": "USNYC", "parent": parent}
        return {
            "type": "Feature",
            "geometry": geometry,
            "properties": properties | {"source": "made up for tests", "status": "hand_drawn"},
        }

    return {
        "type": "FeatureCollection",
        "features": [
            feature("domain", "domain", box(-30.5, 39.5, -29.5, 40.5)),
            feature("port", "port", box(-30.1, 39.9, -29.9, 40.1)),
            feature("terminal", "terminal", box(-30.02, 39.99, -30.0, 40.01), "port"),
            feature("berth-1", "berth", box(-30.019, 39.991, -30.011, 39.999), "terminal"),
            feature("berth-2", "berth", box(-30.019, 40.001, -30.011, 40.009), "terminal"),
            feature("anchorage", "anchorage", box(-29.98, 39.98, -29.94, 40.02), "port"),
            feature("river", "river", box(-30.2, 39.97, -30.1, 40.03)),
        ],
    }


def new_york() -> Path:
    """The demo's hand-drawn areas."""
    return Path(str(files("sisterport.demo").joinpath("new_york/areas.geojson")))
