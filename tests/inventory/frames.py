"""Small frames of segments and ships for tests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from sisterport.engines import BC_EXPONENTS, STATISTICS, load_coefficients, load_functions
from sisterport.reference import value
from sisterport.tables import schema

START = datetime(2020, 12, 1, tzinfo=UTC)


def load_sums(
    loads: list[tuple[float, float]], *, engine_type: str = "SSD", sulphur_pct: float = 0.1
) -> dict[str, float]:
    """Return the load sums of intervals (load factor, hours), by the kernel's own function."""
    exponents = BC_EXPONENTS["SSD" if engine_type == "SSD" else "MSD"]
    out = np.zeros(len(STATISTICS))
    for lf, hours in loads:
        residual, distillate = (value(name) for name in exponents)
        load_functions(lf, hours, True, sulphur_pct, residual, distillate, load_coefficients(), out)
    return dict(zip(STATISTICS, out.tolist(), strict=True))


def segment(segment_id: int = 0, loads: list[tuple[float, float]] | None = None, **given: Any) -> dict[str, Any]:
    hours = given.get("hours", sum(h for _, h in loads) if loads else 1.0)
    start = given.pop("start_utc", START)
    row = {
        "segment_id": segment_id,
        "mmsi": 366000001,
        "start_utc": start,
        "end_utc": start + timedelta(hours=hours),
        "date": start.date(),
        "mode": "cruise",
        "mode_basis": "area",
        "area_id": None,
        "locode": None,
        "zone_id": None,
        "in_domain": True,
        "quality": "seen",
        "hours": hours,
        "distance_nm": 12.0 * hours,
        "positions": 10,
        "gap_max_h": 0.1,
        "hours_derived": 0.0,
        "hours_no_draught": 0.0,
        "lat_deg": 40.0,
        "lon_deg": -74.0,
        "cell_lat": None,
        "cell_lon": None,
    }
    sums = load_sums(
        loads or [], engine_type=given.pop("engine_type", "SSD"), sulphur_pct=given.pop("sulphur_pct", 0.1)
    )
    return row | sums | given


def ship(mmsi: int = 366000001, **given: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(schema("ships")) | {
        name: "register" for name in schema("ships") if name.endswith("_source")
    }
    return (
        row
        | {
            "mmsi": mmsi,
            "group": "ocean_going",
            "ship_class": "container",
            "size": 5100.0,
            "size_unit": "teu",
            "size_bin": 5,
            "teu": 5100.0,
            "build_year": 2006,
            "keel_year": 2005,
            "nox_tier": 1,
            "power_kw": 40000.0,
            "v_ref_kn": 25.0,
            "engine_type": "SSD",
            "fuel": "residual",
            "scrubber": False,
        }
        | given
    )


def segments(*rows: dict[str, Any]) -> pl.DataFrame:
    return _frame("segments", rows)


def ships(*rows: dict[str, Any]) -> pl.DataFrame:
    return _frame("ships", rows)


def _frame(table: str, rows: tuple[dict[str, Any], ...]) -> pl.DataFrame:
    types = {name: column.dtype for name, column in schema(table).items()}
    return pl.DataFrame([[row[name] for name in types] for row in rows], schema=types, orient="row")


def zones(
    *rules: tuple[str, date, float | None, date | None],
) -> pl.DataFrame:
    types = {
        "zone_id": pl.String,
        "valid_from": pl.Date,
        "sulphur_pct_max": pl.Float64,
        "nox_tier3_from": pl.Date,
    }
    return pl.DataFrame(list(rules), schema=types, orient="row")


NA = zones(
    ("north_america", date(2012, 8, 1), 1.0, date(2016, 1, 1)),
    ("north_america", date(2015, 1, 1), 0.1, date(2016, 1, 1)),
)
