"""Write what a project gave: tables, maps, a manifest and the report; a killed run leaves the old results whole."""

import hashlib
import json
import re
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
from sisterport.project.maps import stop_features, track_features
from sisterport.project.pipeline import Result, Source
from sisterport.reference import used
from sisterport.site import Period, Provenance, write_report

_SUMMARIES = {
    "by_mode": ["group", "mode"],
    "by_class": ["group", "ship_class"],
    "by_terminal": ["group", "terminal", "mode"],
    "by_day": ["date", "group"],
    "by_ship": ["mmsi", "imo", "name", "group", "ship_class"],
    "by_fuel": ["group", "system", "fuel"],
}
_LIBRARIES = ("polars", "numba", "numpy", "pyarrow", "shapely", "searoute")


def write_outputs(result: Result, folder: str | Path) -> list[str]:
    """Write the results of a project into `folder` and return the names of the files.

    Everything is written beside the folder first and moved in at the end.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    target = Path(folder).resolve()
    try:
        target.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise InputError(f"cannot write to {target}: {error.strerror}") from None
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


def slug(name: str) -> str:
    """Return a name fit for a folder.

    Examples
    --------
    >>> slug("30 June 2020, one hour")
    '30-june-2020-one-hour'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _write(result: Result, folder: Path) -> None:
    inputs = _inputs(result)
    for period in result.periods:
        part = folder / slug(period.name)
        part.mkdir()
        _tables(period, result, part)
        _maps(period, result.sources[period.name], part)
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
        "reference": used().to_dicts(),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


def _tables(period: Period, result: Result, folder: Path) -> None:
    """Write the large frames as Parquet and all others as Parquet and CSV."""
    for name in ("segments", "emissions"):
        getattr(period, name).write_parquet(folder / f"{name}.parquet")
    small = {
        name: getattr(period, name) for name in ("ships", "calls", "stops", "holes", "cleaning", "particulars", "cells")
    }
    small["legs"] = result.legs[period.name]
    small |= {
        name: summarise(period.emissions, period.segments, period.ships, by=by, areas=result.areas.frame)
        for name, by in _SUMMARIES.items()
    }
    for name, frame in small.items():
        frame.write_parquet(folder / f"{name}.parquet")
        frame.write_csv(folder / f"{name}.csv")


def _maps(period: Period, source: Source, folder: Path) -> None:
    _geojson(folder / "stops.geojson", stop_features(period.stops, period.calls, period.ships))
    _geojson(folder / "tracks.geojson", track_features(source.chunks(), period.ships))


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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    python = ".".join(str(n) for n in sys.version_info[:3])
    return {"sisterport": __version__, "python": python} | {name: version(name) for name in _LIBRARIES}
