"""Plans of a corridor by files: read back, checked without the optimiser, and set side by side."""

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sisterport.corridor.answers import fuel_by_port, years
from sisterport.corridor.answers_frames import Told, told
from sisterport.corridor.build import problem_of
from sisterport.corridor.plan_frames import Plan
from sisterport.corridor.problem import Account, Problem
from sisterport.corridor.proof import bound
from sisterport.corridor.scenario import Scenario
from sisterport.corridor.scenario_read import read_scenario
from sisterport.corridor.verify import verify
from sisterport.errors import InputError, SisterportError
from sisterport.project.corridor_plan import CERTIFICATE, FUELEU, SCENARIO, STEP, SUMMARY
from sisterport.project.corridor_problem import NAME, differences, read_problem
from sisterport.project.manifest import sha256
from sisterport.project.steps import frame, manifest_of
from sisterport.tables.section import read_toml
from sisterport.units import ROUNDING

MAKE = "sisterport corridor plan SCENARIO --to {}"
_KILO = 1e3
_TOLERANCE = 1e-6
"""Relative difference that counts as none: the certificate holds prices in single precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A plan as its folder holds it; ``scenario`` is None where its file cannot be read, ``unread`` says why."""

    folder: Path
    problem: Problem
    plan: Plan
    record: dict[str, Any]
    summary: dict[str, Any]
    scenario: Scenario | None
    unread: str
    tables: dict[str, pl.DataFrame]

    @property
    def told(self) -> Told:
        """The plan in the terms of people."""
        return told(self.problem, self.plan)


def read_plan(folder: Path, *, beside: Path | None = None, tables: tuple[str, ...] = ()) -> Made:
    """Return the plan of a folder.

    Parameters
    ----------
    folder
        That `sisterport.project.corridor_plan.plan_files` wrote.
    beside
        Folder that files which the scenario names start from; None: where they were when it was planned.
    tables
        Answers that are read too.

    Raises
    ------
    InputError
        If something is missing or cannot be read.
    """
    if not (folder / CERTIFICATE).is_file():
        raise InputError(f"no plan in {folder}: make it with: {MAKE.format(folder)}")
    frames = {f.name: frame(folder, f"corridor_{f.name}", MAKE) for f in fields(Plan)}
    if beside is None:
        beside = folder / manifest_of(folder, STEP).get("options", {}).get("beside", ".")
    scenario, unread = None, ""
    try:
        scenario = read_scenario(folder / SCENARIO, beside=beside)
    except SisterportError as error:
        unread = str(error)
    return Made(
        folder=folder, problem=read_problem(folder / NAME), plan=Plan(**frames), record=_json(folder / CERTIFICATE),
        summary=_json(folder / SUMMARY), scenario=scenario, unread=unread,
        tables={name: frame(folder, name, MAKE) for name in tables},
    )  # fmt: skip


def _json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    return found


def verify_files(folder: Path, *, beside: Path | None = None) -> dict[str, list[str] | None]:
    """Return what is wrong with a plan, its bound, problem and files; an empty list: all holds; None: not checked.

    Parameters
    ----------
    folder
        That `sisterport.project.corridor_plan.plan_files` wrote.
    beside
        As in `read_plan`. Problem and answers are not checked where files that the scenario names are gone.

    Raises
    ------
    InputError
        If there is no plan, or it cannot be read at all.
    """
    made = read_plan(folder, beside=beside)
    return {
        "plan": [*_plan(made)],
        "bound": _bound(made),
        "problem": _problem(made),
        "answers": _answers(made),
        "files": [*_changed(folder), *_changed_others(made)],
    }


def _plan(made: Made) -> list[str]:
    record, summary = made.record, made.summary
    try:
        cost, emitted, value = (float(record[key]) for key in ("cost_musd", "emissions_t", "value"))
    except (KeyError, TypeError, ValueError) as error:
        return [f"the certificate cannot be read: {type(error).__name__}: {error}"]
    faults = verify(made.problem, made.plan, cost_musd=cost, emissions_t=emitted)
    budget = record.get("budget_musd")
    if budget is not None and cost > budget * (1 + _TOLERANCE):
        faults.append(f"budget: the plan costs {cost:.8g} MUSD, allowed are {budget:.8g}")
    own = cost if record.get("objective") == "cost" else emitted
    if _differs(value, own):
        faults.append(f"value: {own:.8g}, the certificate says {value:.8g}")
    said = [("cost_musd", cost), ("emissions_t", emitted), ("value", value)]
    return faults + [
        f"{SUMMARY}: {key} is {summary.get(key)}, true is {true:.8g}"
        for key, true in said
        if _differs(summary.get(key), true)
    ]


def _bound(made: Made) -> list[str]:
    record, summary = made.record, made.summary
    try:
        scale = 1.0 if record["objective"] == "cost" else _KILO
        proven, said, value = bound(made.problem, record) * scale, float(record["bound"]), float(record["value"])
    except (KeyError, TypeError, ValueError) as error:
        return [f"the certificate proves nothing: {type(error).__name__}: {error}"]
    faults = [f"the prices prove {proven:.8g}, the certificate says {said:.8g}"] if _differs(proven, said) else []
    gap = max(0.0, (value - proven) / abs(value)) if value else 0.0
    if _differs(summary.get("bound"), proven):
        faults.append(f"{SUMMARY}: bound is {summary.get('bound')}, proven is {proven:.8g}")
    if not isinstance(summary.get("gap"), float) or abs(summary["gap"] - gap) > _TOLERANCE:
        faults.append(f"{SUMMARY}: gap is {summary.get('gap')}, proven is {gap:.6g}")
    return faults


def _problem(made: Made) -> list[str] | None:
    """Return where the problem is not that of the scenario beside it; None if that names files that are gone."""
    if made.scenario is None:
        return None if gone(made.folder) else [f"{SCENARIO} cannot be read: {made.unread}"]
    again = problem_of(made.scenario)
    found = differences(made.problem, replace(again, accounts=_second_pass(again, made.problem)))
    return [f"{SCENARIO} gives another {name} than {NAME}" for name in found]


def _second_pass(first: Problem, stored: Problem) -> tuple[Account, ...]:
    """Return the accounts of a problem with FuelEU's price of the second pass, never above that of the first."""
    prices = {a.name: a.price_usd for a in stored.accounts if a.name == FUELEU}
    return tuple(
        replace(a, price_usd=prices[a.name])
        if a.name in prices and (np.isnan(a.price_usd) | (prices[a.name] <= a.price_usd * (1.0 + ROUNDING))).all()
        else a
        for a in first.accounts
    )


def _answers(made: Made) -> list[str] | None:
    """Return where tables that people read are not those of the plan; None as in `_problem`."""
    if made.scenario is None:
        return None
    own = made.told
    true = {"orders": own.orders, "costs": own.costs, "years": years(own, made.scenario),
            "fuel_by_port": fuel_by_port(own, made.scenario)}  # fmt: skip
    found = []
    for name, rows in true.items():
        shown = frame(made.folder, name, MAKE)
        if shown.columns != rows.columns or shown.height != rows.height or not _alike(shown, rows):
            found.append(f"{name}.parquet is not what the plan says")
    return found


def _alike(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    for name in one.columns:
        left, right = one[name], other[name]
        if left.dtype.is_float():
            near = (left - right).abs() <= _TOLERANCE * right.abs().clip(lower_bound=1.0)
            if not (near.fill_null(value=True).all() and left.is_null().equals(right.is_null())):
                return False
        elif not left.equals(right, null_equal=True):
            return False
    return True


def _differs(said: Any, true: float) -> bool:
    return not isinstance(said, int | float) or abs(said - true) > _TOLERANCE * max(abs(true), 1.0)


def _changed(folder: Path) -> list[str]:
    files = manifest_of(folder, STEP).get("files", {})
    gone = [name for name in files if not (folder / name).is_file()]
    other = [name for name in files if name not in gone and sha256(folder / name) != files[name]]
    nothing = [] if files else [f"{STEP}.json names no files"]
    return [*nothing, *(f"{name} is gone" for name in gone), *(f"{name} is not as the plan wrote it" for name in other)]


def _read_others(folder: Path) -> dict[str, str]:
    """Return the files that the scenario of a plan names, seen from its folder, and their hashes then."""
    found: dict[str, str] = manifest_of(folder, STEP).get("read", {})
    return found


def gone(folder: Path) -> list[str]:
    """Return the files that the scenario of a plan names and that are no longer where they were."""
    return [name for name in _read_others(folder) if not (folder / name).is_file()]


def _changed_others(made: Made) -> list[str]:
    """Return the files that the scenario names, wherever they are now, and that are not those of the plan."""
    known = {(Path(name).name, digest) for name, digest in _read_others(made.folder).items()}
    now = [] if made.scenario is None else made.scenario.named
    return [f"{path.name} is not as the plan read it" for path in now if (path.name, sha256(path)) not in known]


def other_keys(left: Path, right: Path) -> pl.DataFrame:
    """Return what differs between two scenario files: place, left, right (null: not in the file)."""
    one, other = (_flat(read_toml(path, remedy="")[0]) for path in (left, right))
    rows = [(key, one.get(key), other.get(key)) for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
    return pl.DataFrame(rows, schema=dict.fromkeys(("place", "left", "right"), pl.String), orient="row")


def _flat(value: Any, place: str = "") -> dict[str, str]:
    """Return the values of a TOML file by their place; lists of tables are named by their id, locode or name."""
    if isinstance(value, dict):
        return {k: v for key, part in value.items() for k, v in _flat(part, f"{place}.{key}".lstrip(".")).items()}
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        found: dict[str, str] = {}
        for number, one in enumerate(value, 1):
            named = "-".join(str(one[key]) for key in ("id", "locode", "name", "fuel", "port") if key in one) or str(
                number
            )
            found |= _flat(one, f"{place} {named}")
        return found
    return {place: json.dumps(value, default=str, ensure_ascii=False)}
