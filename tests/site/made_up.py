"""Made-up periods that fit the tables: plausible in shape, true of no ship."""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

from sisterport.site import Period, Provenance
from sisterport.tables import check, empty

AREAS = json.loads(files("sisterport.demo").joinpath("new_york", "areas.geojson").read_text("utf-8"))
DOMAIN = next(f["geometry"] for f in AREAS["features"] if f["properties"]["kind"] == "domain")
FLEET = {
    "ocean_going": ("container", "oil_tanker", "bulk_carrier", "vehicle", "unknown_cargo"),
    "harbour_craft": ("service_tug", "ferry_pax_only", "service_other"),
    "unknown": ("unknown",),
}
SOURCES = ("register", "register dimensions", "class average (EPA-420-B-22-011)", "default", "unknown")


def middle(feature: dict[str, Any]) -> tuple[float, float]:
    ring = np.array(feature["geometry"]["coordinates"][0])
    return float(ring[:, 1].mean()), float(ring[:, 0].mean())


def ships(rng: np.random.Generator, counts: dict[str, int]) -> pl.DataFrame:
    rows = []
    for group, count in counts.items():
        for i in range(count):
            kind = FLEET[group][i % len(FLEET[group])]
            known = group != "unknown" and kind != "unknown_cargo"
            how = {
                f"{f}_source": str(rng.choice(SOURCES[:4])) if known else "unknown"
                for f in (
                    "ship_class",
                    "size",
                    "draught_ref_m",
                    "keel_year",
                    "power_kw",
                    "v_ref_kn",
                    "engine_type",
                    "fuel",
                )
            }
            rows.append(
                {
                    "mmsi": 366_000_000 + len(rows),
                    "name": f"{kind.upper().replace('_', ' ')} {i}" if known else None,
                    "group": group,
                    "ship_class": kind,
                    "size": float(rng.integers(1000, 90000)) if known else None,
                    "size_unit": "gt" if known else None,
                    "power_kw": 9000.0 if known else None,
                    "v_ref_kn": 18.0 if known else None,
                    "scrubber": False,
                    **how,
                }
            )
    return check(pl.DataFrame(rows, infer_schema_length=None), "ships")


def segments(rng: np.random.Generator, fleet: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    places = [f for f in AREAS["features"] if f["properties"]["kind"] in {"berth", "anchorage", "terminal"}]
    rows = []
    for ship in fleet.iter_rows(named=True):
        time = start + timedelta(hours=float(rng.exponential((end - start).total_seconds() / 36000)))
        home = places[int(rng.integers(len(places)))]
        while time < end and len(rows) < 20000:
            mode = str(rng.choice(["berth", "anchorage", "manoeuvring", "cruise"], p=[0.5, 0.1, 0.25, 0.15]))
            midnight = datetime(time.year, time.month, time.day, tzinfo=UTC) + timedelta(days=1)
            stop = min(end, midnight, time + timedelta(hours=float(rng.gamma(2.0, 1.5))))
            if stop <= time:
                break
            hours = (stop - time).total_seconds() / 3600
            lat, lon = middle(home if mode == "berth" else places[int(rng.integers(len(places)))])
            rows.append(
                {
                    "segment_id": len(rows),
                    "mmsi": ship["mmsi"],
                    "start_utc": time,
                    "end_utc": stop,
                    "date": time.date(),
                    "mode": mode,
                    "mode_basis": "area",
                    "area_id": home["properties"]["area_id"] if mode == "berth" else None,
                    "locode": "USNYC",
                    "zone_id": "north_american_eca",
                    "in_domain": bool(rng.random() > 0.05),
                    "quality": str(rng.choice(["seen", "stayed", "bridged"], p=[0.8, 0.13, 0.07])),
                    "hours": hours,
                    "distance_nm": 8.0 * hours * (mode in {"manoeuvring", "cruise"}),
                    "positions": int(60 * hours),
                    "gap_max_h": 0.1,
                    "hours_derived": 0.1 * hours,
                    "hours_no_draught": 0.6 * hours,
                    "lat_deg": lat,
                    "lon_deg": lon,
                    "cell_lat": int(np.floor(lat / 0.01)),
                    "cell_lon": int(np.floor(lon / 0.01)),
                    **dict.fromkeys((c for c in empty("segments").columns if c.startswith("lf_")), 0.1 * hours),
                }
            )
            time = stop
    return check(pl.DataFrame(rows, infer_schema_length=None), "segments") if rows else empty("segments")


def emissions(segments_: pl.DataFrame, fleet: pl.DataFrame) -> pl.DataFrame:
    power = {"main": 2500.0, "auxiliary_engine": 700.0, "boiler": 300.0}
    moving = pl.col("mode").is_in(["manoeuvring", "cruise"])
    rows = segments_.join(fleet.select("mmsi", "group", "ship_class", "power_kw"), on="mmsi")
    parts = []
    for system, kw in power.items():
        kwh = pl.col("hours") * kw * (moving.cast(pl.Float64) if system == "main" else 1.0)
        kwh = pl.when(pl.col("power_kw").is_not_null()).then(
            kwh * pl.when(pl.col("group") == "ocean_going").then(1.0).otherwise(0.1)
        )
        factors = {
            "fuel_t": 2e-4,
            "co2_t": 6.4e-4,
            "ch4_kg": 1e-5,
            "n2o_kg": 3e-5,
            "co2e_ttw_t": 6.5e-4,
            "co2e_wtw_t": 7.6e-4,
            "nox_kg": 9e-3,
            "sox_kg": 4e-4,
            "pm10_kg": 2.2e-4,
            "pm25_kg": 2e-4,
            "bc_kg": 6e-6,
            "co_kg": 1e-3,
            "nmvoc_kg": 5e-4,
        }
        parts.append(
            rows.select(
                "segment_id",
                system=pl.lit(system),
                fuel=pl.when(pl.col("power_kw").is_not_null()).then(pl.lit("distillate")),
                energy_kwh=kwh,
                shore_kwh=None,
                **{name: kwh * f for name, f in factors.items()},
            )
        )
    return check(pl.concat(parts), "emissions")


def calls(segments_: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    by_ship = segments_.filter(pl.col("in_domain")).group_by("mmsi", maintain_order=True)
    hours = {m: pl.col("hours").filter(pl.col("mode") == m).sum() for m in ("berth", "anchorage")}
    found = by_ship.agg(
        arrival_utc=pl.col("start_utc").min(),
        departure_utc=pl.col("end_utc").max(),
        hours=pl.col("hours").sum(),
        hours_berth=hours["berth"],
        hours_anchorage=hours["anchorage"],
        hours_moving=pl.col("hours").filter(pl.col("mode").is_in(["manoeuvring", "cruise"])).sum(),
        hours_hole=pl.col("hours").filter(pl.col("quality") != "seen").sum(),
        first_berth=pl.col("area_id").drop_nulls().first(),
    ).with_columns(
        call_id=pl.format("call-{}", "mmsi"),
        locode=pl.lit("USNYC"),
        arrival_seen=pl.col("mmsi") % 3 > 0,
        departure_seen=pl.col("mmsi") % 2 > 0,
        berths=1,
        shifts=0,
    )
    stops = found.select(
        "call_id",
        stop=pl.lit(1),
        kind=pl.lit("berth"),
        area_id="first_berth",
        start_utc="arrival_utc",
        end_utc="departure_utc",
        hours="hours_berth",
        hours_hole=pl.lit(0.0),
        lat_deg=pl.lit(40.7),
        lon_deg=pl.lit(-74.0),
    )
    return check(found, "calls"), check(stops, "stops")


def density(rng: np.random.Generator, positions: pl.DataFrame | None) -> pl.DataFrame:
    if positions is None:
        lat, lon = 40.65 + 0.05 * rng.standard_normal(4000), -74.05 + 0.06 * rng.standard_normal(4000)
        positions = pl.DataFrame({"lat": lat, "lon": lon})
    cell = 0.0025
    return (
        positions.group_by(
            cell_lat=(pl.col("lat") / cell).floor().cast(pl.Int64),
            cell_lon=(pl.col("lon") / cell).floor().cast(pl.Int64),
        )
        .agg(positions=pl.len().cast(pl.Int64))
        .with_columns(cell_deg=pl.lit(cell))
    )


def holes(rng: np.random.Generator, fleet: pl.DataFrame, start: datetime, count: int) -> pl.DataFrame:
    rows = [
        {
            "mmsi": int(rng.choice(fleet["mmsi"])),
            "start_utc": start,
            "end_utc": start + timedelta(hours=h),
            "hours": float(h),
            "from_lat_deg": 40.6,
            "from_lon_deg": -74.0,
            "to_lat_deg": 40.7,
            "to_lon_deg": -74.1,
            "distance_nm": 8.0,
            "treatment": "unobserved" if h > 70 else "great_circle",
        }
        for h in rng.gamma(1.5, 12.0, count).round(2)
    ]
    schema = {
        "mmsi": pl.Int64,
        "start_utc": pl.Datetime("ms", "UTC"),
        "end_utc": pl.Datetime("ms", "UTC"),
        "hours": pl.Float64,
        "from_lat_deg": pl.Float64,
        "from_lon_deg": pl.Float64,
        "to_lat_deg": pl.Float64,
        "to_lon_deg": pl.Float64,
        "distance_nm": pl.Float64,
        "treatment": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def period(
    *,
    name: str = "A made-up week",
    hours: float = 168.0,
    counts: dict[str, int] | None = None,
    positions: pl.DataFrame | None = None,
    seed: int = 1,
    n_holes: int = 40,
    **changes: Any,
) -> Period:
    rng = np.random.default_rng(seed)
    start = datetime(2020, 12, 1, tzinfo=UTC)
    end = start + timedelta(hours=hours)
    fleet = ships(rng, counts or {"ocean_going": 12, "harbour_craft": 38, "unknown": 90})
    rows = segments(rng, fleet, start, end)
    burnt = emissions(rows, fleet)
    found, stops = calls(rows)
    cell = rows.filter("in_domain").join(burnt, on="segment_id").group_by("cell_lat", "cell_lon")
    fields = [c for c in fleet.columns if c.endswith("_source")]
    particulars = (
        fleet.unpivot(on=fields, variable_name="field", value_name="source")
        .with_columns(pl.col("field").str.strip_suffix("_source"))
        .group_by("field", "source")
        .agg(share=pl.len() / fleet.height)
    )
    given: dict[str, Any] = {
        "name": name,
        "note": "Made up for tests: plausible in shape, true of no ship.",
        "start_utc": start,
        "end_utc": end,
        "domain_name": "New York and New Jersey harbour and approaches",
        "domain": DOMAIN,
        "areas": AREAS,
        "segments": rows,
        "emissions": burnt,
        "ships": fleet,
        "calls": found,
        "stops": stops,
        "holes": holes(rng, fleet, start, n_holes),
        "cells": cell.agg(pl.col("co2e_ttw_t", "nox_kg").sum()).with_columns(cell_deg=pl.lit(0.01)),
        "density": density(rng, positions),
        "cleaning": pl.DataFrame(
            {
                "reason": ["sog_not_available", "teleport"],
                "rows": [1234, 56],
                "ships": [31, 4],
                "action": ["speed set to null", "row dropped"],
                "meaning": ["speed over ground is 102.3 kn", "faster than 60 kn"],
            }
        ),
        "particulars": particulars,
        "method": {
            "name": "ghg4",
            "law": "ghg4",
            "mode_rules": "sisterport",
            "gwp": "AR5",
            "year": 2020,
            "options": [{"option": "hole_h", "value": 1.0, "reference": "emLab paper-ocean-ghg main.tex"}],
        },
        "synthetic": True,
    }
    return Period(**(given | changes))


def provenance() -> Provenance:
    tables = pl.DataFrame(
        {
            "name": ["sfc_baseline"],
            "title": ["Baseline specific fuel consumption"],
            "source": ["ICCT SAVE v2025.03.1"],
            "checked": [24],
            "secondary": [3],
            "unverified": [0],
        }
    )
    inputs = pl.DataFrame({"file": ["positions.parquet"], "bytes": [1705010], "sha256": ["ab" * 32]})
    return Provenance(tables=tables, inputs=inputs, versions={"sisterport": "0.1.0", "polars": pl.__version__})
