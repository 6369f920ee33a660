"""Berth plans by files: plan, bound, tables and files checked again, without the optimiser."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.berths import audit, certificate
from sisterport.berths.desk import Desk, lay_out
from sisterport.errors import InputError, SisterportError
from sisterport.project.berths import AGAIN, options_of, weights_kept
from sisterport.project.berths_read import OPTIONAL
from sisterport.project.berths_write import CERTIFICATE, STEP
from sisterport.project.manifest import sha256
from sisterport.project.steps import frame, manifest_of
from sisterport.tables import check, read_file
from sisterport.units import ROUNDING

_LAID_OUT = ("horizon_utc", "step_min", "cost_step")


def verify_files(folder: Path) -> dict[str, list[str]]:
    """Return what is wrong with the plan in a folder; empty lists: all of it holds.

    Parameters
    ----------
    folder
        Folder of a plan.

    Returns
    -------
    dict
        ``plan``: what cannot be sailed, found from the tables alone; ``certificate``: where plan and bound are not what
        it says; ``numbers``: where the figures told are not those of the tables; ``files``: what is not as it was
        written.

    Raises
    ------
    InputError
        If there is no plan.
    """
    stays = frame(folder, STEP, AGAIN)
    options = options_of(folder)
    frames: dict[str, Any] = {name: _optional(folder, name) for name in OPTIONAL}
    calls, berths = frame(folder, "planned_calls", AGAIN), frame(folder, "berths", AGAIN)
    keel = float(options.get("under_keel_m") or 0.0)
    found: dict[str, list[str]] = {"plan": [], "certificate": [], "numbers": [], "files": _changed(folder)}
    try:
        found["plan"] = list(audit.verify(stays, calls, berths, **frames, under_keel_m=keel))
        laid = {name: options[name] for name in _LAID_OUT if options.get(name) is not None}
        desk = lay_out(calls, berths, **frames, weights=weights_kept(options), under_keel_m=keel, **laid)
        proven = certificate.read(folder / CERTIFICATE)
    except SisterportError as error:
        found["plan"].append(str(error))
        return found
    found["certificate"] = [*certificate.check(desk.problem, proven)]
    if not found["certificate"]:
        found["certificate"] = _told_otherwise(desk, proven, stays)
        found["numbers"] = _numbers(folder, desk, proven, stays)
    return found


def _optional(folder: Path, name: str) -> pl.DataFrame | None:
    path = folder / f"{name}.parquet"
    return check(read_file(path), f"berth_{name}") if path.is_file() else None


def _told_otherwise(desk: Desk, proven: certificate.Certificate, stays: pl.DataFrame) -> list[str]:
    """Return where the table of stays is not the plan of the certificate."""
    problem, faults = desk.problem, []
    shown = {row["call_id"]: row for row in stays.iter_rows(named=True)}
    times = desk.clock.time(proven.start)
    ends = desk.clock.time(
        [t + problem.handling[i, b] for i, (t, b) in enumerate(zip(proven.start, proven.berth, strict=True))]
    )
    for i, name in enumerate(problem.ships):
        row = shown.get(name)
        wanted = (problem.berths[proven.berth[i]], times[i], ends[i])
        got = (row["berth_id"], row["start_utc"], row["end_utc"]) if row else None
        if got != wanted:
            told = f"at {got[0]} from {got[1]:%Y-%m-%d %H:%M} to {got[2]:%Y-%m-%d %H:%M}" if got else "not"
            faults.append(
                f"{STEP}.parquet has {name} {told}; the certificate says {wanted[0]} from {wanted[1]:%Y-%m-%d %H:%M} "
                f"to {wanted[2]:%Y-%m-%d %H:%M}"
            )
    return faults


def _numbers(folder: Path, desk: Desk, proven: certificate.Certificate, stays: pl.DataFrame) -> list[str]:
    """Return where the figures that were told do not add up."""
    try:
        told = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        value, bound = float(told["value"]), float(told["bound"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"result.json cannot be read: {type(error).__name__}: {error}"]
    faults = []
    parts = float(stays["cost"].sum())
    for what, number, right in (
        ("the plan's cost", value, desk.natural(proven.value)),
        ("the bound", bound, desk.natural(proven.searched_bound)),
        ("the sum of the stays' costs", parts, desk.natural(proven.value)),
    ):
        if abs(number - right) > max(ROUNDING, desk.cost_step / 2):
            faults.append(f"{what} is told as {number:g}, and is {right:g}")
    return faults


def proven_by_prices(folder: Path) -> tuple[float, float]:
    """Return the bound that the prices prove, and the one that the solver's search adds to it, as parts of the cost.

    Raises
    ------
    InputError
        If there is no certificate.
    """
    proven = certificate.read(folder / CERTIFICATE)
    if not proven.value:
        return 1.0, 1.0
    return proven.bound / proven.value, proven.searched_bound / proven.value


def _changed(folder: Path) -> list[str]:
    """Return which files are not as they were written."""
    files = manifest_of(folder, STEP).get("files", {})
    if not files:
        raise InputError(f"no plan in {folder}: make it with: {AGAIN.format(folder)}")
    gone = [name for name in files if not (folder / name).is_file()]
    other = [name for name in files if name not in gone and sha256(folder / name) != files[name]]
    return [*(f"{name} is gone" for name in gone), *(f"{name} is not as it was written" for name in other)]
