"""The manifest ``run.json``: inputs, versions, choices and results of a run, under one hash.

The same inputs, versions and choices give the same bytes of every file; when, where and how fast they were made stands
in the block ``outside_hash`` alone.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sisterport import __version__
from sisterport.project.checked import counted
from sisterport.project.config import ProjectConfig
from sisterport.project.names import slug
from sisterport.project.pipeline import Part, Result
from sisterport.reference import catalogue, path, used

OUTSIDE = "outside_hash"
NAME = "run.json"
_BLOCK = 1 << 20
_LIBRARIES = ("polars", "numba", "numpy", "pyarrow", "shapely", "searoute")


def manifest(result: Result, *, remarks: list[str], folder: Path, inputs: list[dict[str, Any]]) -> str:
    """Return the text of the manifest.

    Parameters
    ----------
    result
        From `sisterport.project.run`.
    remarks
        What a reader should look at.
    folder
        Where all other files have been written; they are hashed.
    inputs
        Name, size and hash of the input files, from `inputs`.
    """
    config = result.config
    body: dict[str, Any] = {
        "project": config.name,
        "locode": config.locode,
        "domain": config.domain,
        "method": result.periods[0].method,
        "options": options(config),
        "inputs": inputs,
        "versions": versions(),
        "periods": [_period(part) for part in result.parts],
        "headlines": result.headlines(),
        "remarks": remarks,
        "reference_sha256": reference_digest(),
        "reference": used().to_dicts(),
        "files": {
            file.relative_to(folder).as_posix(): sha256(file)
            for file in sorted(folder.rglob("*"))
            if file.is_file() and file.name != NAME
        },
    }
    plain = json.loads(json.dumps(body, default=_text))
    whole = {
        "sha256": digest(plain),
        **plain,
        OUTSIDE: {
            "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": platform.node(),
            "machine": f"{platform.system()} {platform.machine()}",
            "cpus": os.cpu_count(),
            "seconds": round(result.seconds, 3),
        },
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def digest(content: Mapping[str, Any]) -> str:
    """Return the hash of a manifest: SHA-256 of its canonical JSON, without the hash and what is outside it.

    Canonical: keys sorted, no spaces, UTF-8.

    Examples
    --------
    >>> a = {"b": 1, "a": [1.5, None]}
    >>> digest(a) == digest({"a": [1.5, None], "b": 1, "sha256": "x", "outside_hash": {"host": "y"}})
    True
    """
    inside = {key: value for key, value in content.items() if key not in {"sha256", OUTSIDE}}
    text = json.dumps(inside, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def options(config: ProjectConfig) -> dict[str, Any]:
    """Return every choice of a project file that is no path, defaults too."""
    choices = asdict(config.method) | {"port_discs": config.port_discs}
    choices |= {name: getattr(config, name) for name in ("draws", "seed") if hasattr(config, name)}
    return dict(sorted(choices.items()))


def inputs(config: ProjectConfig) -> list[dict[str, Any]]:
    """Return name, size and hash of every input; a position store counts as one, all its files in order of name."""
    given = [config.path, *config.areas, config.register, config.other_sources]
    given += [path for part in config.periods for path in (*part.positions, part.shore_power)]
    rows = []
    for place in filter(None, given):
        files = sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]
        size = sum(file.stat().st_size for file in files)
        rows.append({"file": place.name, "bytes": size, "sha256": sha256(*files)})
    return rows


def versions() -> dict[str, str]:
    """Return the versions of Sisterport, Python and what they count with."""
    python = ".".join(str(n) for n in sys.version_info[:3])
    return {"sisterport": __version__, "python": python} | {name: version(name) for name in _LIBRARIES}


def sha256(*paths: Path) -> str:
    """Return the SHA-256 of a file; of several, that of their bytes one after the other."""
    whole = hashlib.sha256()
    for each in paths:
        with each.open("rb") as file:
            while block := file.read(_BLOCK):
                whole.update(block)
    return whole.hexdigest()


def reference_digest() -> str:
    """Return the SHA-256 of all reference data, files in order of name."""
    return sha256(*sorted(path(name) for name in catalogue()))


def _period(part: Part) -> dict[str, Any]:
    period = part.report
    findings = period.checks
    return {
        "name": period.name,
        "folder": slug(period.name),
        "start": period.start_utc,
        "end": period.end_utc,
        "counts": {
            "positions": part.source.rows,
            **{
                name: getattr(period, name).height
                for name in ("ships", "segments", "emissions", "calls", "stops", "holes")
            },
        },
        "cleaning": dict(period.cleaning.select("reason", "rows").iter_rows()),
        "checks": None
        if findings is None
        else {
            "made": period.checks_made,
            "said": counted(findings, period.checks_made),
            "findings": findings.select("check", "severity", "count").to_dicts(),
        },
    }


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
