"""``sisterport berths``: who berths where and when, with a proof, and which arrival to ask each ship for."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sisterport.cli.berths_choices import TIMES, AsJson, Seed, front, rotate
from sisterport.cli.output import print_frame, print_json

if TYPE_CHECKING:
    from sisterport.project.berths import Made

app = typer.Typer(no_args_is_help=True, help="Who berths where and when, with a proof; which arrival to ask for.")

Folder = Annotated[Path, typer.Argument(help="Folder of the plan.")]
Pairs = Annotated[Path | None, typer.Option(help="What holds for one call at one berth (table berth_pairs).")]
Approaches = Annotated[Path | None, typer.Option(help="Fuel of approaches by start (table berth_approaches).")]
Closures = Annotated[Path | None, typer.Option(help="When berths are closed (table berth_closures).")]
Tides = Annotated[Path | None, typer.Option(help="High-water windows (table berth_tides).")]
ShorePower = Annotated[
    Path | None, typer.Option("--shorepower", help="Folder of sisterport shorepower match: who can plug in where.")
]
Weight = Annotated[
    list[str] | None,
    typer.Option(
        "--weight",
        help="What is unwelcome, NAME=NUMBER: waiting, turnaround (1), lateness, moved, fuel ...; repeatable.",
    ),
]
OnTheWay = Annotated[Path | None, typer.Option(help="Ships that can be asked for an arrival (table approaches).")]
Ships = Annotated[Path | None, typer.Option(help="Class and size of these ships: a register, or the folder of a run.")]
Notice = Annotated[float, typer.Option(help="How long ahead ships are asked, h.")]
Buffer = Annotated[float, typer.Option(help="How long before her start a ship is asked for, h.")]
Dcsa = Annotated[
    Path | None, typer.Option(help="Write plan and requests to this file as DCSA Port Call events (.json).")
]
Gap = Annotated[float, typer.Option(help="Good enough: another plan saves no more than this share.")]
_SHOWN = 40


@app.command("report")
def report(
    source: Annotated[Path, typer.Argument(help="Folder of a run, or a port's records of calls (table call_records).")],
    by: Annotated[str, typer.Option(help="Groups: locode, terminal, ship_class, month.")] = "terminal,ship_class,month",
    terminal: Annotated[str | None, typer.Option(help="Only calls at this terminal.")] = None,
    to: Annotated[Path | None, typer.Option(help="Folder to write tables, a manifest and the page into.")] = None,
    dcsa: Annotated[
        Path | None, typer.Option(help="Write what happened to this file as DCSA Port Call events (.json).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report what happened: waiting at anchor, turnaround, occupancy, idle time, shifts, and how much is known."""
    from sisterport.project.berths_report import report_files
    from sisterport.site.berths_report import indicator

    groups = [name.strip() for name in by.split(",") if name.strip()]
    found = report_files(source, by=groups, terminal=terminal, to=to, dcsa=dcsa)
    if as_json:
        print_json(
            {
                "calls": found.happened.calls.height,
                "watched": found.watched.watch.to_dicts(),
                "all": found.whole.to_dicts(),
                "groups": found.groups.to_dicts(),
                "anchorage_waiting": found.waiting.to_dicts(),
                "files": found.files,
            }
        )
        return
    columns = ("measure", "unit", "n", "left_out", "mean", "median", "p90", "total", "hole_share")
    print_frame(found.whole.select(columns), as_json=False, title=f"{found.happened.calls.height:,} calls")
    if groups:
        print_frame(found.groups.head(_SHOWN).select(*groups, *columns), as_json=False)
        if found.groups.height > _SHOWN:
            typer.echo(f"({found.groups.height - _SHOWN:,} more: --to FOLDER writes all, --json prints them)")
    typer.echo(indicator(found.happened.calls))
    if to is not None:
        typer.echo(f"wrote {len(found.files)} files to {to}: open berth_report.html")
    if dcsa is not None:
        typer.echo(f"wrote {dcsa}")


@app.command("plan")
def plan(
    folder: Folder,
    calls: Annotated[
        Path, typer.Option(help="Calls: a list (table berth_calls), DCSA Port Call events (.json), or a run's folder.")
    ],
    berths: Annotated[Path | None, typer.Option(help="Berths (table berths); of a run: where its ships went.")] = None,
    pairs: Pairs = None,
    approaches: Approaches = None,
    closures: Closures = None,
    tides: Tides = None,
    shorepower: ShorePower = None,
    weight: Weight = None,
    on_the_way: OnTheWay = None,
    ships: Ships = None,
    now: Annotated[datetime | None, typer.Option(formats=TIMES, help="Time of the ships on their way, UTC.")] = None,
    notice_h: Notice = 24.0,
    buffer_h: Buffer = 0.0,
    moves_per_h: Annotated[float | None, typer.Option(help="Containers per hour and ship, for DCSA events.")] = None,
    fixed_h: Annotated[float, typer.Option(help="Hours at berth beside cargo, for DCSA events.")] = 0.0,
    handling_h: Annotated[float | None, typer.Option(help="Hours at berth where events tell nothing.")] = None,
    under_keel_m: Annotated[float, typer.Option(help="Water below the keel, m.")] = 0.0,
    step_min: Annotated[float | None, typer.Option(help="Step of time, min; 30 if not given.")] = None,
    horizon: Annotated[datetime | None, typer.Option(formats=TIMES, help="Nothing is planned beyond, UTC.")] = None,
    time_limit: Annotated[float, typer.Option(help="Time limit, s.")] = 10.0,
    gap: Gap = 0.0,
    seed: Seed = 0,
    dcsa: Dcsa = None,
    as_json: AsJson = False,
) -> None:
    """Plan berths and times, and write the plan with its proof, reasons, requests for arrival and a page."""
    from sisterport.project.berths import plan_files
    from sisterport.project.berths_ask import read_asking

    made = plan_files(
        folder,
        calls=calls,
        berths=berths,
        pairs=pairs,
        approaches=approaches,
        closures=closures,
        tides=tides,
        shorepower=shorepower,
        weights=weight or (),
        asking=read_asking(on_the_way, ships, now=now, notice_h=notice_h, buffer_h=buffer_h),
        moves_per_h=moves_per_h,
        fixed_h=fixed_h,
        handling_h=handling_h,
        dcsa=dcsa,
        time_limit_s=time_limit,
        gap=gap,
        seed=seed,
        under_keel_m=under_keel_m,
        step_min=step_min,
        horizon_utc=horizon,
    )
    _print_made(made, folder, dcsa, as_json=as_json)


@app.command("replan")
def replan(
    folder: Folder,
    now: Annotated[datetime, typer.Option(formats=TIMES, help="Nobody starts before, UTC.")],
    freeze_h: Annotated[float, typer.Option(help="Who starts within so many hours stays where she is.")] = 0.0,
    calls: Annotated[Path | None, typer.Option(help="All calls as they are known now.")] = None,
    berths: Annotated[Path | None, typer.Option(help="Berths, if they changed.")] = None,
    pairs: Pairs = None,
    approaches: Approaches = None,
    closures: Closures = None,
    tides: Tides = None,
    shorepower: ShorePower = None,
    weight: Weight = None,
    on_the_way: OnTheWay = None,
    ships: Ships = None,
    notice_h: Notice = 24.0,
    buffer_h: Buffer = 0.0,
    time_limit: Annotated[float, typer.Option(help="Time limit, s.")] = 1.0,
    gap: Gap = 0.0,
    seed: Seed = 0,
    dcsa: Dcsa = None,
    as_json: AsJson = False,
) -> None:
    """Plan again: who is alongside or near stays, and promises move for a price (--weight moved=1).

    What is not given anew is that of the plan in the folder, its weights too.
    """
    from sisterport.project.berths import replan_files
    from sisterport.project.berths_ask import read_asking

    made = replan_files(
        folder,
        now=now,
        freeze_h=freeze_h,
        calls=calls,
        berths=berths,
        pairs=pairs,
        approaches=approaches,
        closures=closures,
        tides=tides,
        shorepower=shorepower,
        weights=weight or (),
        asking=read_asking(on_the_way, ships, now=now, notice_h=notice_h, buffer_h=buffer_h),
        dcsa=dcsa,
        time_limit_s=time_limit,
        gap=gap,
        seed=seed,
    )
    _print_made(made, folder, dcsa, as_json=as_json)


def _print_made(made: "Made", folder: Path, dcsa: Path | None, *, as_json: bool) -> None:
    from sisterport.berths.warm import compiled_s
    from sisterport.project.berths_write import result

    _say_compiled()
    told = result(made)
    if as_json:
        print_json(
            {
                **told,
                "compiled_s": round(compiled_s(), 3),
                "plan": made.plan.stays.to_dicts(),
                "reasons": made.reasons.to_dicts(),
                "requests": made.requested.requests.to_dicts() if made.requested else [],
                "changes": None if made.changes is None else made.changes.to_dicts(),
                "left_out": [] if made.left_out is None else made.left_out.to_dicts(),
                "notes": made.notes,
                "files": made.files,
            }
        )
        return
    _print_plan(made)
    typer.echo(
        f"{told['status']}: cost {told['value']:,.2f}, no plan costs less than {told['bound']:,.2f} "
        f"(gap {told['gap']:.2%}), {told['waiting_h']:.1f} h at anchor, {told['late_h']:.1f} h late"
    )
    _say(made.notes)
    if made.left_out is not None and made.left_out.height:
        typer.echo(f"note: {made.left_out.height} calls are not in the plan; left_out.csv says why")
    typer.echo(f"wrote {len(made.files)} files to {folder}: open plan.html")
    if dcsa is not None:
        typer.echo(f"wrote {dcsa}")


def _print_plan(made: "Made") -> None:
    columns = ("call_id", "berth_id", "start_utc", "end_utc", "waiting_h", "late_h", "plugged", "why_then")
    rows = made.plan.stays.join(made.reasons.select("call_id", "why_then"), on="call_id", how="left").sort("start_utc")
    print_frame(rows.head(_SHOWN).select(columns), as_json=False)
    if rows.height > _SHOWN:
        typer.echo(f"({rows.height - _SHOWN:,} more: plan.csv has all, --json prints them)")
    if made.changes is not None:
        shown = ("call_id", "change", "was_berth_id", "berth_id", "was_start_utc", "start_utc", "later_h")
        print_frame(made.changes.select(shown), as_json=False, title="against the plan before")
    if made.requested is not None:
        asked = ("call_id", "notice_utc", "requested_utc", "speed_kn", "anchor_before_h", "anchor_after_h", "saved_t")
        print_frame(made.requested.requests.select(asked), as_json=False, title="arrival to ask for")


@app.command("simulate")
def simulate(
    run: Annotated[
        Path | None, typer.Option(help="Make the port of the calls of this run; else a synthetic port.")
    ] = None,
    terminal: Annotated[str | None, typer.Option(help="Of the run, only calls at this terminal.")] = None,
    notice_h: Annotated[str, typer.Option(help="Notice horizons, h.")] = "12,24,48,72",
    utilisation: Annotated[float, typer.Option(help="Work over what the berths can do.")] = 0.95,
    seeds: Annotated[int, typer.Option(help="Random streams; all policies see each of them.")] = 30,
    calls: Annotated[int, typer.Option(help="Ships of a stream.")] = 80,
    eta_times: Annotated[
        float, typer.Option(help="Error of estimated arrivals over the usual one: 2 doubles it.")
    ] = 1.0,
    seed: Seed = 0,
    workers: Annotated[int | None, typer.Option(help="Processes; all cores if not given.")] = None,
    to: Annotated[Path | None, typer.Option(help="Folder to write tables, a manifest and the page into.")] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate policies on the same ships: first come first served, plan, plan with just-in-time requests."""
    from sisterport.errors import InputError
    from sisterport.project.berths_simulate import simulate_files

    try:
        horizons = [float(text) for text in notice_h.split(",")]
    except ValueError:
        raise InputError(f"--notice-h {notice_h}: hours separated by commas, e.g. 12,24,48,72") from None
    found = simulate_files(
        run=run,
        terminal=terminal,
        notice_h=horizons,
        utilisation=utilisation,
        seeds=seeds,
        calls=calls,
        eta_times=eta_times,
        first_seed=seed,
        workers=workers,
        to=to,
    )
    study = found.study
    if as_json:
        print_json(
            {
                "port": found.port.name,
                "stated": study.stated.to_dicts(),
                "simulated": study.summary.to_dicts(),
                "files": found.files,
            }
        )
        return
    shown = ("anchor_h", "turnaround_h", "main_t", "fuel_t", "berth_idle_h")
    rows = study.summary.filter(study.summary["measure"].is_in(shown))
    print_frame(rows, as_json=False, title=f"{found.port.name}, {seeds} seeds of {calls} calls")
    if to is not None:
        typer.echo(f"wrote {len(found.files)} files to {to}: open simulation.html")


@app.command("verify")
def verify(folder: Folder, as_json: AsJson = False) -> None:
    """Check plan, bound, tables and files again without the optimiser; exit code 1 if anything differs."""
    from sisterport.project.berths_verify import proven_by_prices, verify_files

    found = verify_files(folder)
    faults = sum(map(len, found.values()))
    if as_json:
        print_json({"ok": not faults, "faults": found})
    else:
        good = {
            "plan": "can be sailed, by the tables alone",
            "certificate": "",
            "numbers": "add up",
            "files": "as they were written",
        }
        if not found["certificate"] and not faults:
            prices, searched = proven_by_prices(folder)
            good["certificate"] = f"the prices prove that no plan costs less than {prices:.2%} of this one"
            if searched > prices:
                good["certificate"] += f"; up to {searched:.2%} rests on the word of HiGHS"
        for name, wrong in found.items():
            _print_check(name, wrong, good[name])
    if faults:
        raise typer.Exit(1)


def _print_check(name: str, wrong: Sequence[str], good: str) -> None:
    typer.echo(f"{'differs' if wrong else 'ok':>7}  {name}{': ' + good if good and not wrong else ''}")
    for fault in wrong:
        typer.echo(f"         - {fault}")


app.command("front")(front)
app.command("rotate")(rotate)


@app.command("solve")
def solve(
    instance: Annotated[Path, typer.Argument(help="File of a published problem.")],
    form: Annotated[str, typer.Option("--format", help="lr2012, kliv, ernst, cibap or mcbap.")],
    time_limit: Annotated[float, typer.Option(help="Time limit, s.")] = 60.0,
    gap: Gap = 0.0,
    seed: Seed = 0,
    to: Annotated[Path | None, typer.Option(help="Write the plan to this file (.csv or .parquet).")] = None,
    as_json: AsJson = False,
) -> None:
    """Solve a published problem: value, proven bound, gap and seconds. Exit code 1 if the check finds a fault."""
    from sisterport.berths import solve_instance

    found = solve_instance(instance, format=form, time_limit_s=time_limit, gap=gap, seed=seed)
    _say_compiled()
    told = {
        "name": found.name,
        "format": found.format,
        "status": found.status,
        "objective": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "seconds": round(found.seconds, 3),
        "faults": list(found.faults),
    }
    if to is not None:
        _write_frame(found.stays, to)
    if as_json:
        print_json(told)
    else:
        typer.echo(
            f"{found.name}: {found.status}, objective {found.value:,.10g}, bound {found.bound:,.10g}, "
            f"gap {found.gap:.2%}, {found.seconds:.1f} s"
        )
        for fault in found.faults:
            typer.echo(f"  - {fault}")
    if found.faults:
        raise typer.Exit(1)


def _write_frame(frame: Any, path: Path) -> None:
    from sisterport.errors import InputError
    from sisterport.project.staging import staged

    if path.suffix not in {".csv", ".parquet"}:
        raise InputError(f"--to {path}: .csv or .parquet")
    with staged(path.parent) as place:
        getattr(frame, f"write_{path.suffix[1:]}")(place / path.name)


def _say_compiled() -> None:
    """Say to a person at a terminal how long it took to compile: no time limit counts it."""
    from sisterport.berths.warm import compiled_s

    if compiled_s() >= 1 and sys.stderr.isatty():
        typer.echo(f"note: {compiled_s():.0f} s to compile before the time limit began; done once", err=True)


def _say(notes: Sequence[str]) -> None:
    for note in notes:
        typer.echo(f"note: {note}")
