"""Write what a project gave: tables, maps, a manifest and the report; a killed run leaves the old results whole."""

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from sisterport import __version__
from sisterport.errors import InputError
from sisterport.inventory import summarise
from sisterport.project.maps import call_features, stop_features, track_features
from sisterport.project.names import slug
from sisterport.project.pipeline import Part, Result
from sisterport.project.said import area_remarks
from sisterport.reference import used
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
_STAGING = ".partial-"
_LIBRARIES = ("polars", "numba", "numpy", "pyarrow", "shapely", "searoute")


def write_outputs(result: Result, folder: str | Path) -> list[str]:
    """Write the results of a project into `folder` and return the names of the files.

    Everything is written into a hidden folder in it first and moved at the end.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    target = open_folder(folder)
    target.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=target))
    try:
        _write(result, staging)
        files = sorted(path for path in staging.rglob("*") if path.is_file())
        for path in files:
            place = target / path.relative_to(staging)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
        return [str(path.relative_to(staging)) for path in files]
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def open_folder(folder: str | Path) -> Path:
    """Return the folder of the results, which can be written, cleared of what a killed run left in it.

    Raises
    ------
    InputError
        If it cannot be written: better known before the work than after.
    """
    target = Path(folder).resolve()
    there = next(place for place in (target, *target.parents) if place.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=there):
            pass
    except OSError as error:
        raise InputError(f"cannot write to {target}: {error.strerror}") from None
    for left in target.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)
    return target


def _write(result: Result, folder: Path) -> None:
    inputs = _inputs(result)
    for part in result.parts:
        place = folder / slug(part.report.name)
        place.mkdir()
        _tables(part, result, place)
        _maps(part, place)
    provenance = Provenance(tables=used(), inputs=pl.DataFrame(inputs), versions=_versions())
    write_report(
        folder / "report.html",
        title=result.config.name,
        periods=result.periods,
        provenance=provenance,
        other_sources=result.other_sources,
    )
    manifest = {
        "project": result.config.name,
        "locode": result.config.locode,
        "domain": result.config.domain,
        "method": result.periods[0].method,
        "inputs": inputs,
        "versions": _versions(),
        "periods": [
            {"name": p.name, "folder": slug(p.name), "start": p.start_utc, "end": p.end_utc} for p in result.periods
        ],
        "headlines": result.headlines(),
        "remarks": all_remarks(result),
        "reference": used().to_dicts(),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=_text)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


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
    if part.shore is not None:
        small["shore"] = part.shore
    small |= {
        name: summarise(period.emissions, period.segments, period.ships, by=by, areas=result.areas.frame)
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


def _inputs(result: Result) -> list[dict[str, Any]]:
    """Return name, size and hash of every input file; of a store, those of its description."""
    config = result.config
    given = [config.path, *config.areas, config.register, config.other_sources]
    given += [path for part in config.periods for path in (*part.positions, part.shore_power)]
    files = [path / "store.json" if path.is_dir() else path for path in given if path]
    return [
        {
            "file": f"{path.parent.name}/{path.name}" if path.name == "store.json" else path.name,
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in files
    ]


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    python = ".".join(str(n) for n in sys.version_info[:3])
    return {"sisterport": __version__, "python": python} | {name: version(name) for name in _LIBRARIES}
