"""Shore power by files: plans, bounds, tables, hours and power added up again, without the optimiser."""

import json
from pathlib import Path

import polars as pl

from sisterport.errors import InputError
from sisterport.project.ashore_read import day_of, frame
from sisterport.project.manifest import sha256
from sisterport.project.steps import made_of_others, manifest_of
from sisterport.shorepower.verify import verify
from sisterport.shorepower.within_checked import overloads
from sisterport.units import ROUNDING


def verify_files(place: Path) -> dict[str, list[str]]:
    """Return what is wrong with each certificate, with hours and power, and with the files; empty lists: all holds.

    Parameters
    ----------
    place
        Folder with upgrades, or one certificate in it.

    Raises
    ------
    InputError
        If there is no certificate.
    """
    folder = place.parent if place.is_file() else place
    records = [place] if place.is_file() else sorted(folder.glob("certificate-*.json"))
    if not records:
        raise InputError(f"no certificate in {folder}: make one with: sisterport shorepower upgrades {folder}")
    frames = [frame(folder, name, "upgrades --budget ...") for name in ("upgrades", "links", "needs")]
    units, connected = (frame(folder, name, "upgrades --budget ...") for name in ("units", "connected"))
    found = {record.name: [*verify(record, *frames), *_told_otherwise(record, units)] for record in records}
    outlets, inlets, verdicts = (frame(folder, name, "match ...") for name in ("outlets", "inlets", "verdicts"))
    day = day_of(folder)
    found["hours and power"] = overloads(connected, units, frames[1], verdicts, outlets=outlets, inlets=inlets, on=day)
    return found | {"files": _changed(folder)}


def _told_otherwise(record: Path, units: pl.DataFrame) -> list[str]:
    """Return where the table of units is not the plan of the certificate."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        years, budget = content["terms"]["years"], content["terms"]["budget_musd"][-1]
        proven = {(name, years[phase]): count for name, phase, count in content["plan"]}
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        return [f"the certificate cannot be read: {type(error).__name__}: {error}"]
    rows = units.filter((pl.col("budget_musd") - budget).abs() <= ROUNDING * budget)
    shown = {(name, year): count for name, year, count in rows.select("upgrade_id", "from_year", "units").iter_rows()}
    return [
        f"units.parquet: {shown.get(key, 0)} of '{key[0]}', the certificate says {proven.get(key, 0)}"
        for key in sorted({*shown, *proven}, key=str)
        if shown.get(key, 0) != proven.get(key, 0)
    ]


def _changed(folder: Path) -> list[str]:
    """Return which files are not as the step wrote them, or were made of files that changed since."""
    files = manifest_of(folder, "upgrades").get("files", {})
    gone = [name for name in files if not (folder / name).is_file()]
    other = [name for name in files if name not in gone and sha256(folder / name) != files[name]]
    return [
        *(f"{name} is gone" for name in gone),
        *(f"{name} is not as upgrades wrote it" for name in other),
        *(f"{name} was changed after upgrades read it" for name in made_of_others(folder, "upgrades")),
    ]
