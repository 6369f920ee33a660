"""A small project on disk: one ship that comes in from sea, anchors, berths, shifts and leaves. Made up."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from tests import factory

CONTAINER, TUG = 211839000, 366952790


def positions() -> pl.DataFrame:
    """Two ships, a report every five minutes for a day and a half."""
    legs = [  # (hours, speed kn, from, to)
        (6, 12.0, (40.0, -31.5), (40.0, -29.96)),
        (5, 0.1, (40.0, -29.96), (40.0, -29.96)),
        (1, 4.0, (40.0, -29.96), (39.995, -30.015)),
        (14, 0.0, (39.995, -30.015), (39.995, -30.015)),
        (1, 2.0, (39.995, -30.015), (40.005, -30.015)),
        (6, 0.0, (40.005, -30.015), (40.005, -30.015)),
        (5, 14.0, (40.005, -30.015), (40.0, -31.6)),
    ]
    rows, when = [], datetime(2025, 3, 1, tzinfo=UTC)
    for hours, speed, start, end in legs:
        steps = int(hours * 12)
        for i in range(steps):
            lat, lon = (a + (b - a) * i / steps for a, b in zip(start, end, strict=True))
            rows.append((CONTAINER, when, lat, lon, speed, 12.5, 9074729, "EVER SYNTHETIC", 70, 300.0, 43.0))
            rows.append((TUG, when, 39.995, -30.005, 0.0, None, None, "TUG SYNTHETIC", 52, 28.0, 9.0))
            when += timedelta(minutes=5)
    names = ["mmsi", "time", "lat", "lon", "sog", "draught", "imo", "name", "ship_type", "length", "width"]
    return pl.DataFrame(rows, schema=names, orient="row")


TOML = """
[project]
name = "Test port (synthetic)"
locode = "USNYC"
output = "out"

[areas]
files = ["areas.geojson"]
domain = "domain"

[register]
file = "register.csv"

[[period]]
name = "March 2025"
positions = ["positions.csv"]
synthetic = true
"""


def write(folder: Path, toml: str = TOML) -> Path:
    """Write the project and its inputs; return the path of the project file."""
    (folder / "areas.geojson").write_text(json.dumps(factory.areas()))
    positions().write_csv(folder / "positions.csv", datetime_format="%Y-%m-%dT%H:%M:%S")
    register = "imo,ship_class,teu,power_kw,v_max_kn,draught_ref_m,build_year,engine_type,fuel,source\n"
    (folder / "register.csv").write_text(register + "9074729,container,7403,55800,25,14,2006,SSD,residual,made up\n")
    path = folder / "project.toml"
    path.write_text(toml)
    return path
