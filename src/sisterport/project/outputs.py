"""Write what a project gave: tables, maps, a manifest and the report; a killed run leaves the old results whole."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.project.banded import banded_summary
from sisterport.project.explained import worked_example
from sisterport.project.manifest import NAME, inputs, manifest, versions
from sisterport.project.maps import call_features, feature_collection, stop_features, track_features
from sisterport.project.names import slug
from sisterport.project.pipeline import Part, Result
from sisterport.project.said import area_remarks
from sisterport.project.staging import names_in, staged
from sisterport.reference import used
from sisterport.shorepower.stays import stays
from sisterport.site import Provenance, write_report

_SUMMARIES = {
    "by_mode": ["group", "mode"],
    "by_class": ["group", "ship_class"],
    "by_terminal": ["group", "terminal", "mode"],
    "by_day": ["date", "group"],
    "by_ship": ["mmsi", "imo", "name", "group", "ship_class"],
    "by_fuel": ["group", "system", "fuel"],
    "by_zone": ["group", "zone_id"],
}


def write_outputs(result: Result, folder: str | Path) -> list[str]:
    """Write the results of a project into `folder` and return the names of the files.

    Everything is written into a hidden folder in it first and moved at the end.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    with staged(folder) as staging:
        _write(result, staging)
        return names_in(staging)


def _write(result: Result, folder: Path) -> None:
    given = inputs(result.config)
    _geojson(folder / "areas.geojson", feature_collection(result.areas)["features"])
    for part in result.parts:
        place = folder / slug(part.report.name)
        place.mkdir()
        _tables(part, result, place)
        _maps(part, place)
    worked = worked_example(result)
    provenance = Provenance(tables=used(), inputs=pl.DataFrame(given), versions=versions())
    write_report(
        folder / "report.html",
        title=result.config.name,
        periods=result.periods,
        provenance=provenance,
        other_sources=result.other_sources,
        worked=worked,
    )
    text = manifest(result, remarks=all_remarks(result), folder=folder, inputs=given)
    (folder / NAME).write_text(text, encoding="utf-8")


def all_remarks(result: Result) -> list[str]:
    """Return what a reader should look at, of the areas and of every period."""
    of_periods = [f"{part.report.name}: {text}" for part in result.parts for text in part.remarks]
    return [*area_remarks(result.areas), *of_periods]


def _tables(part: Part, result: Result, folder: Path) -> None:
    """Write the large frames as Parquet and all others as Parquet and CSV."""
    period = part.report
    for name in ("segments", "emissions"):
        getattr(period, name).write_parquet(folder / f"{name}.parquet")
    small = {
        name: getattr(period, name) for name in ("ships", "calls", "stops", "holes", "cleaning", "particulars", "cells")
    }
    small["legs"] = part.legs
    frames = (period.calls, period.stops, period.emissions, period.segments, period.ships)
    small["stays"] = stays(*frames, areas=result.areas).stays
    if part.shore is not None:
        small["shore"] = part.shore
    if period.checks is not None:
        small["checks"] = period.checks
    small |= {
        name: banded_summary(period, by=by, areas=result.areas.frame, method=result.config.method)
        for name, by in _SUMMARIES.items()
    }
    for name, frame in small.items():
        frame.write_parquet(folder / f"{name}.parquet")
        frame.write_csv(folder / f"{name}.csv")


def _maps(part: Part, folder: Path) -> None:
    period = part.report
    _geojson(folder / "calls.geojson", call_features(period.calls, period.stops, period.ships))
    _geojson(folder / "stops.geojson", stop_features(period.stops, period.calls, period.ships))
    _geojson(folder / "tracks.geojson", track_features(part.source.chunks(), period.ships))


def _geojson(path: Path, features: Iterable[dict[str, Any]]) -> None:
    """Write features one by one: tracks may be many."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        for number, feature in enumerate(features):
            file.write((",\n" if number else "") + json.dumps(feature, default=str, ensure_ascii=False))
        file.write("\n]}\n")
