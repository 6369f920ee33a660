"""Berth plans by files: calls and berths in; plan, certificate, reasons, requests, events and a page out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.berths import Plan, Weights, explain, plan, replan
from sisterport.errors import InputError
from sisterport.project import steps
from sisterport.project.berths_ashore import verdicts_in, with_shore_power
from sisterport.project.berths_ask import Asking, Requested, ask, before_planning
from sisterport.project.berths_read import OPTIONAL, Coming, in_utc, read_calls, read_optional, weights_of
from sisterport.project.berths_write import STEP, write_plan
from sisterport.project.staging import open_folder
from sisterport.project.together import together
from sisterport.tables import check, read_file

AGAIN = "sisterport berths plan {} --calls ... --berths ..."
_KEPT = ("under_keel_m", "horizon_utc", "step_min", "cost_step")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A plan and what was written of it.

    Attributes
    ----------
    plan : Plan
        The plan.
    who : polars.DataFrame
        Who the calls are of: table ``announced_calls``.
    reasons : polars.DataFrame
        Table ``berth_reasons``.
    requested : Requested
        Requests for arrival; None where no ship on her way was given.
    changes : polars.DataFrame
        Of a replan: each call that the plan before has otherwise, or not at all; None for a first plan.
    left_out : polars.DataFrame
        ``call_id, reason``: calls that could not be planned; None where nothing was left out.
    notes : list of str
        What a reader has to know first.
    files : list of str
        Files that were written.
    """

    plan: Plan
    who: pl.DataFrame
    reasons: pl.DataFrame
    requested: Requested | None = None
    changes: pl.DataFrame | None = None
    left_out: pl.DataFrame | None = None
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def plan_files(
    folder: Path,
    *,
    calls: Path,
    berths: Path | None = None,
    pairs: Path | None = None,
    approaches: Path | None = None,
    closures: Path | None = None,
    tides: Path | None = None,
    shorepower: Path | None = None,
    weights: Sequence[str] = (),
    asking: Asking | None = None,
    moves_per_h: float | None = None,
    fixed_h: float = 0.0,
    handling_h: float | None = None,
    dcsa: Path | None = None,
    time_limit_s: float = 10.0,
    gap: float = 0.0,
    seed: int = 0,
    **options: Any,
) -> Made:
    """Plan berths for the calls in files, and write the plan with its proof.

    Parameters
    ----------
    folder
        Where to write.
    calls
        List of calls (CSV, Parquet), DCSA Port Call events (.json), or the folder of a run.
    berths
        List of berths; may be left out where the calls are of a run: the berths where they went.
    pairs, approaches, closures, tides
        Further lists, see `sisterport.berths.plan.plan`.
    shorepower
        Folder of ``sisterport shorepower match``, whose verdicts and outlets are joined in.
    weights
        ``name=number``, see `sisterport.berths.Weights`.
    asking
        Ships on their way, which are asked for an arrival.
    moves_per_h, fixed_h, handling_h
        How long calls in DCSA events take.
    dcsa
        File for plan and requests as DCSA Port Call events.
    time_limit_s, gap, seed, options
        As `sisterport.berths.plan.plan`.

    Raises
    ------
    SisterportError
        Every fault of files and words at once; of calls that cannot be planned, each with its reason.
    """
    open_folder(folder)
    given = {"pairs": pairs, "approaches": approaches, "closures": closures, "tides": tides}
    read = together(
        calls=lambda: read_calls(calls, moves_per_h=moves_per_h, fixed_h=fixed_h, handling_h=handling_h),
        berths=lambda: None if berths is None else check(read_file(berths), "berths"),
        weights=lambda: weights_of(weights),
        **{name: _reader(name, path) for name, path in given.items()},
    )
    coming: Coming = read["calls"]
    notes = list(coming.notes)
    there: pl.DataFrame | None = read["berths"]
    if there is None:
        there = coming.berths
        notes.append("Berths are those where these ships went; their length and depth are not known: any ship fits.")
    if there is None:
        raise InputError("give --berths: a list of berths (table berths)")
    coming, there, read["pairs"], ashore = with_shore_power(coming, there, read["pairs"], shorepower)
    asked, frames, more = before_planning(coming.calls, {name: read[name] for name in OPTIONAL}, asking)
    made = plan(
        asked,
        there,
        **frames,
        weights=read["weights"],
        time_limit_s=time_limit_s,
        gap=gap,
        seed=seed,
        **_timed(options),
    )
    told = {**_timed(options), "weights": read["weights"], "time_limit_s": time_limit_s, "gap": gap, "seed": seed}
    files = [calls, berths, *given.values(), verdicts_in(shorepower)]
    said = [*notes, *ashore, *more]
    return _written(folder, made, coming, asking=asking, notes=said, given=files, options=told, dcsa=dcsa)


def replan_files(
    folder: Path,
    *,
    now: datetime,
    freeze_h: float = 0.0,
    calls: Path | None = None,
    berths: Path | None = None,
    pairs: Path | None = None,
    approaches: Path | None = None,
    closures: Path | None = None,
    tides: Path | None = None,
    shorepower: Path | None = None,
    weights: Sequence[str] = (),
    asking: Asking | None = None,
    dcsa: Path | None = None,
    time_limit_s: float = 1.0,
    gap: float = 0.0,
    seed: int = 0,
) -> Made:
    """Plan again from `now` on: what is not given anew is taken from the plan in the folder.

    Parameters
    ----------
    folder
        Folder of a plan; the new one replaces it, and the one before stays as ``previous``.
    now, freeze_h
        As `sisterport.berths.replan.replan`.
    calls, berths, pairs, approaches, closures, tides, shorepower
        Files that changed. Calls are all that are known now, not the new ones alone.
    weights
        Weights that change; the others stay.
    asking, dcsa, time_limit_s, gap, seed
        As in `plan_files`.

    Raises
    ------
    SisterportError
        As `plan_files`; if there is no plan in the folder.
    """
    open_folder(folder)
    before = steps.frame(folder, STEP, AGAIN)
    options = options_of(folder)
    given = {"pairs": pairs, "approaches": approaches, "closures": closures, "tides": tides}
    old_weights = [f"{name}={number}" for name, number in options["weights"].items()]
    read = together(
        calls=lambda: kept_calls(folder) if calls is None else read_calls(calls),
        berths=lambda: steps.frame(folder, "berths", AGAIN) if berths is None else check(read_file(berths), "berths"),
        weights=lambda: weights_of([*old_weights, *weights]),
        **{name: _reader(name, path, folder) for name, path in given.items()},
    )
    coming: Coming = read["calls"]
    coming, there, read["pairs"], ashore = with_shore_power(coming, read["berths"], read["pairs"], shorepower)
    wanted, frames, notes = before_planning(coming.calls, {name: read[name] for name in OPTIONAL}, asking)
    known = {name: options[name] for name in _KEPT if options.get(name) is not None}
    made = replan(
        before,
        wanted,
        there,
        now_utc=in_utc(now) or now,
        freeze_h=freeze_h,
        weights=read["weights"],
        hindrance=_hindrance(folder),
        time_limit_s=time_limit_s,
        gap=gap,
        seed=seed,
        **frames,
        **known,
    )
    told = {**known, "weights": read["weights"], "time_limit_s": time_limit_s, "gap": gap, "seed": seed}
    told |= {"now_utc": in_utc(now), "freeze_h": freeze_h}
    return _written(
        folder,
        made,
        coming,
        asking=asking,
        notes=[*coming.notes, *ashore, *notes],
        given=[calls, berths, *given.values(), verdicts_in(shorepower)],
        options=told,
        dcsa=dcsa,
        before=before,
    )


def _written(
    folder: Path,
    plan: Plan,
    coming: Coming,
    *,
    asking: Asking | None,
    notes: Sequence[str],
    given: Sequence[Path | None],
    options: dict[str, Any],
    dcsa: Path | None,
    before: pl.DataFrame | None = None,
) -> Made:
    """Return a plan with reasons, requests and changes, after it was written."""
    found = Made(
        plan=plan,
        who=coming.who,
        reasons=explain(plan),
        requested=ask(plan.stays, asking),
        changes=None if before is None else changes(before, plan.stays),
        left_out=coming.left_out,
        notes=list(notes),
    )
    write_plan(
        folder,
        found,
        calls=coming.calls,
        times=coming.times,
        given=given,
        options=options,
        asking=asking,
        previous=before,
        dcsa=dcsa,
    )
    return found


def _reader(name: str, path: Path | None, folder: Path | None = None) -> Any:
    """Return a function that reads one of the optional frames; from the folder of the plan where it is not given."""
    # what was made of ships on their way is out of date as soon as they have sailed on
    stale = name == "approaches" and folder is not None and options_of(folder).get("asked_ahead_h") is not None
    if path is None and folder is not None and not stale and (folder / f"{name}.parquet").is_file():
        return lambda: check(read_file(folder / f"{name}.parquet"), f"berth_{name}")
    return lambda: read_optional(name, path)


def _hindrance(folder: Path) -> dict[str, float]:
    """Return what each call of the plan in a folder costs the others; empty if it is not told (it saves time only)."""
    try:
        told = json.loads((folder / "result.json").read_text(encoding="utf-8"))["hindrance"]
        return {str(name): float(cost) for name, cost in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _timed(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given; the horizon with its zone."""
    found = {name: value for name, value in options.items() if value is not None}
    return found | ({"horizon_utc": in_utc(found["horizon_utc"])} if "horizon_utc" in found else {})


def kept_calls(folder: Path) -> Coming:
    """Return the calls that the plan in a folder was asked for."""
    said = folder / "said.parquet"
    return Coming(
        calls=steps.frame(folder, "calls", AGAIN),
        who=steps.frame(folder, "who", AGAIN),
        times=read_file(said) if said.is_file() else None,
    )


def options_of(folder: Path) -> dict[str, Any]:
    """Return the options that the plan in a folder was made with.

    Raises
    ------
    InputError
        If there is no plan.
    """
    options: dict[str, Any] = dict(steps.manifest_of(folder, STEP).get("options", {}))
    if "weights" not in options:
        raise InputError(f"no plan in {folder}: make it with: {AGAIN.format(folder)}")
    for name in ("horizon_utc", "now_utc"):
        if options.get(name):
            options[name] = datetime.fromisoformat(options[name])
    return options


def weights_kept(options: dict[str, Any]) -> Weights:
    """Return the weights in the options of a plan."""
    return Weights(**options["weights"])


def changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return what a new plan has otherwise than the one before: calls that moved, came or went.

    Examples
    --------
    >>> rows = pl.DataFrame({"call_id": ["A"], "berth_id": ["east"], "start_utc": [datetime(2026, 1, 1)]})
    >>> changes(rows, rows.with_columns(berth_id=pl.lit("west"))).row(0)[:4]
    ('A', 'moved', 'east', 'west')
    """
    keys = ("berth_id", "start_utc")
    old = before.select("call_id", was_berth_id="berth_id", was_start_utc="start_utc")
    both = old.join(after.select("call_id", *keys), on="call_id", how="full", coalesce=True)
    gone, new = pl.col("berth_id").is_null(), pl.col("was_berth_id").is_null()
    moved = (pl.col("berth_id") != pl.col("was_berth_id")) | (pl.col("start_utc") != pl.col("was_start_utc"))
    what = pl.when(new).then(pl.lit("new")).when(gone).then(pl.lit("gone")).when(moved).then(pl.lit("moved"))
    hours = (pl.col("start_utc") - pl.col("was_start_utc")).dt.total_minutes() / 60
    columns = ("call_id", "change", "was_berth_id", "berth_id", "was_start_utc", "start_utc", "later_h")
    return both.with_columns(change=what, later_h=hours).drop_nulls("change").select(columns).sort("call_id")
