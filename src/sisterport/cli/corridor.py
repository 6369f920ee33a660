"""``sisterport corridor``: what a green corridor emits, how far fuels get on it, and a plan with a proof."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sisterport.cli.output import print_frame, print_json

if TYPE_CHECKING:
    import polars as pl

    from sisterport.project.corridor_plan import Report

app = typer.Typer(
    no_args_is_help=True, help="Which ships, fuels, bunker ports and plugs a corridor needs, year by year."
)

File = Annotated[Path, typer.Argument(help="Scenario (TOML): sisterport corridor new FILE writes one.")]
Run = Annotated[
    Path | None, typer.Option(help="Folder of one period of a run: legs that AIS saw, instead of the services.")
]
To = Annotated[Path | None, typer.Option(help="Folder to write tables, a manifest and the page into.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("new")
def new(
    path: Annotated[Path, typer.Argument(help="File to write; nothing is overwritten.")],
    example: Annotated[
        str, typer.Option(help="shanghai-los-angeles, singapore-los-angeles or shanghai-hamburg; or new: every key.")
    ] = "new",
    as_json: AsJson = False,
) -> None:
    """Write a commented scenario to start from, or one of the corridors that ship with the package."""
    from sisterport.corridor.examples import write_new

    found = write_new(path, example=example)
    if as_json:
        print_json({"file": str(found), "example": example})
        return
    typer.echo(f"wrote {found}: read it, change it, then: sisterport corridor check {found}")


@app.command("check")
def check(path: File, as_json: AsJson = False) -> None:
    """Check a scenario as a whole: every fault at once with its line, or what the file holds."""
    from sisterport.project.corridor import look

    found = look(path)
    if as_json:
        print_json(found)
        return
    years, count = f"{found['first_year']} to {found['last_year']}", len(found["guesses"])
    typer.echo(f"ok  {path}: {found['scenario']}, {years}, boundary {found['boundary']}")
    for row in found["services"]:
        ports = " - ".join(row["ports"])
        typer.echo(f"  {row['id']}: {row['ships']} ships, every {row['days_between']:g} days, {ports}")
    typer.echo(f"fuels: {', '.join(found['fuels'])}")
    typer.echo(f"rules: {', '.join(found['rules']) or 'none'}")
    cut = ", ".join(f"{share:.0%} from {year}" for year, share in found["cut"].items())
    typer.echo(f"cut: {cut or 'none'}")
    for name in ("agreements", "futures"):
        if found[name]:
            typer.echo(f"{name}: {', '.join(found[name])}")
    typer.echo(f"{count} values are guesses: --json names them" if count else "no value is marked as a guess")
    _say(found["notes"])


@app.command("baseline")
def baseline(
    path: File,
    boundary: Annotated[
        str | None,
        typer.Option(help="What counts as the corridor: direct, string or cargo; by default the scenario's."),
    ] = None,
    year: Annotated[int | None, typer.Option(help="With the cargo of that year; by default the first one.")] = None,
    by: Annotated[str, typer.Option(help="Keys: service, kind, place, from_locode, to_locode, end.")] = "kind,place",
    run: Run = None,
    cargo_share: Annotated[
        float | None, typer.Option(help="With --run: share of corridor cargo, for the boundary cargo.")
    ] = None,
    utilisation: Annotated[float | None, typer.Option(help="With --run: cargo over slots.")] = None,
    to: To = None,
    as_json: AsJson = False,
) -> None:
    """Show what the corridor's ships need and emit in a year, by leg and port; the boundary stands with every total."""
    from sisterport.corridor.baseline import totals
    from sisterport.corridor.boundary import MEANING
    from sisterport.project.corridor import baseline_files

    found = baseline_files(
        path, boundary=boundary, year=year, run=run, cargo_share=cargo_share, utilisation=utilisation, to=to
    )  # fmt: skip
    keys = [word.strip() for word in by.split(",") if word.strip()]
    parts = totals(found["rows"], by=keys).sort("co2e_wtw_t_per_year", descending=True, nulls_last=True)
    whole = found["totals"].row(0, named=True)
    if as_json:
        others = [totals(rows).row(0, named=True) for rows in found["others"].values()]
        lost = None if found["left_out"] is None else found["left_out"].to_dicts()
        print_json({"totals": whole, "other_boundaries": others, "parts": parts.to_dicts(), "left_out": lost,
                    "notes": found["notes"], "files": found["files"]})  # fmt: skip
        return
    shown = [*keys, "energy_gj_per_year", "fuel_t_per_year", "co2e_ttw_t_per_year", "co2e_wtw_t_per_year"]
    print_frame(parts.select(shown), as_json=False)
    for row in (whole, *(totals(rows).row(0, named=True) for rows in found["others"].values())):
        typer.echo(f"boundary {row['boundary']}: {_amounts(row)}  ({MEANING[row['boundary']]})")
    _end(found, to)


@app.command("reach")
def reach(
    path: File,
    fuel: Annotated[list[str] | None, typer.Option(help="Only this fuel; repeatable.")] = None,
    cargo_pct: Annotated[float | None, typer.Option(help="Cargo space that may be given to tanks, per cent.")] = None,
    extra_call: Annotated[list[str] | None, typer.Option(help="Port for one more bunker call; repeatable.")] = None,
    reserve: Annotated[float | None, typer.Option(help="Share of the tanks that is not counted on.")] = None,
    boiloff: Annotated[str | None, typer.Option(help="kept (reliquefied or burnt) or lost.")] = None,
    run: Run = None,
    to: To = None,
    as_json: AsJson = False,
) -> None:
    """Show the share of voyages that each new fuel can serve: with today's tanks, some cargo space, one more call."""
    from sisterport.project.corridor import reach_files

    found = reach_files(
        path,
        fuels=fuel or (),
        cargo_pct=cargo_pct,
        extra_calls=extra_call,
        reserve=reserve,
        boiloff=boiloff,
        run=run,
        to=to,
    )
    if as_json:
        print_json({"reach": found["reach"].to_dicts(), "notes": found["notes"], "files": found["files"]})
        return
    shown = ("fuel", "way", "voyages_share", "legs_share", "energy_share", "longest_leg_nm")
    print_frame(found["reach"].select(shown), as_json=False)
    _end(found, to)


Gap = Annotated[float, typer.Option(help="Proven gap that is good enough, per cent.")]
Limit = Annotated[float, typer.Option(help="Seconds for one plan.")]


@app.command("plan")
def plan(
    path: File,
    objective: Annotated[str, typer.Option(help="cost, or emissions (least emissions under the budget).")] = "cost",
    budget: Annotated[
        float | None, typer.Option(help="What the plan may cost beyond today's way, MUSD; by default the scenario's.")
    ] = None,
    gap: Gap = 0.5,
    time_limit: Limit = 120.0,
    frontier: Annotated[bool, typer.Option("--frontier/--no-frontier", help="Draw what fewer emissions cost.")] = True,
    futures: Annotated[
        bool, typer.Option("--futures/--no-futures", help="Look for first decisions that are good in all futures.")
    ] = True,
    first_years: Annotated[int, typer.Option(help="Years that have to be decided before the future is known.")] = 4,
    changes: Annotated[bool, typer.Option("--changes/--no-changes", help="Weigh what changes the plan most.")] = True,
    to: To = None,
    as_json: AsJson = False,
) -> None:
    """Plan ships, fuels, bunker ports and plugs year by year, with a proven gap and a certificate."""
    from sisterport.project.corridor_plan import plan_files

    with gap_shown() as report:
        made = plan_files(
            path,
            objective=objective,
            budget_musd=budget,
            gap=gap / 100.0,
            time_limit_s=time_limit,
            curve=frontier,
            several=futures,
            first_years=first_years,
            weigh=changes,
            to=to,
            report=report,
        )
    if as_json:
        print_json({"summary": made.summary, "notes": made.notes, "files": made.files}
                   | {name: rows.to_dicts() for name, rows in made.tables.items()})  # fmt: skip
        return
    s = made.summary
    typer.echo(
        f"{s['scenario']}, {s['first_year']} to {s['last_year']}: {s['cost_musd']:,.0f} MUSD, "
        f"{s['emissions_t'] / 1e6:.2f} Mt CO2e; no plan is better by more than {100 * s['gap']:.2f} %"
    )
    typer.echo(
        f"today's way: {s['today_cost_musd']:,.0f} MUSD, {s['today_emissions_t'] / 1e6:.2f} Mt; the difference: "
        f"{s['more_musd']:,.0f} MUSD, {_or(s['usd_per_t'])} USD per tonne avoided, {_or(s['usd_per_teu'])} USD per TEU"
    )
    shown = ("year", "service", "from_variant", "variant", "ships", "cost_musd")
    print_frame(made.told.orders.select(shown), as_json=False, title="ships ordered")
    fuel = made.tables["fuel_by_port"].filter(_but(made.scenario.ships.burns))
    every = [year for year in sorted(set(fuel["year"])) if year % 5 == 0 or year == s["last_year"]]
    layout = fuel.filter(fuel["year"].is_in(every)).select("year", "port", "fuel", "green", "mass_t", "usd_per_t")
    print_frame(layout, as_json=False, title=f"fuels other than {made.scenario.ships.burns}, every fifth year")
    opened = made.told.openings
    print_frame(opened, as_json=False, title="openings") if opened.height else typer.echo("nothing has to be opened")
    print_frame(made.tables["payers"], as_json=False, title="who pays, present value")
    _end({"notes": made.notes, "files": made.files}, to)


@app.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder that sisterport corridor plan wrote.")],
    beside: Annotated[
        Path | None, typer.Option(help="Where files that the scenario names start from, if they were moved.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a plan and its bound again from the files, without the optimiser; exit code 1 if anything differs."""
    from sisterport.project.corridor_verify import gone, verify_files

    faults = verify_files(folder, beside=beside)
    if as_json:
        print_json(faults)
    else:
        for name, wrong in faults.items():
            good = _GOOD[name] if wrong is not None else _NOT_CHECKED.format(", ".join(gone(folder)))
            typer.echo(f"{name}: {'differs' if wrong else good}")
            for line in wrong or ():
                typer.echo(f"  - {line}")
    if any(faults.values()):
        raise typer.Exit(1)


@app.command("compare")
def compare(
    left: Annotated[Path, typer.Argument(help="Folder of a plan, or a scenario, which is planned for it.")],
    right: Annotated[Path, typer.Argument(help="The other one.")],
    gap: Gap = 0.5,
    time_limit: Limit = 120.0,
    to: To = None,
    as_json: AsJson = False,
) -> None:
    """Put two plans or two scenarios side by side, with what their files hold differently."""
    from sisterport.project.corridor_compare import compare_files

    with gap_shown() as report:
        found = compare_files(left, right, to=to, report=report, gap=gap / 100.0, time_limit_s=time_limit)
    frames = ("figures", "years", "fuel", "orders", "payers", "scenarios")
    if as_json:
        print_json({name: found[name].to_dicts() for name in frames}
                   | {name: found[name] for name in ("proven", "names", "notes", "files")})  # fmt: skip
        return
    named = dict(zip(("left", "right"), found["names"], strict=True))
    print_frame(found["figures"].rename(named), as_json=False)
    if found["proven"] is not None:
        low, high = found["proven"]
        typer.echo(f"proven: the best plans of both differ by no less than {low:,.4g} and no more than {high:,.4g}")
    print_frame(found["scenarios"].rename(named), as_json=False, title="what the files hold differently")
    _end(found, to)


_GOOD = {
    "plan": "holds every requirement and costs what it says",
    "bound": "the prices prove it",
    "problem": "that of the scenario",
    "answers": "what the plan says",
    "files": "as they were written",
}
"""What is said of parts without a fault."""
_NOT_CHECKED = "not checked, for its scenario names files that are gone: {}; --beside FOLDER says where they start now"


@contextmanager
def gap_shown() -> Iterator["Report"]:
    """Give a callback that shows on a terminal how the gap closes, and nothing on a pipe."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what, stage, value, bound: None  # noqa: ARG005
        return
    with console.status("") as line:
        yield lambda what, stage, value, bound: line.update(gap_text(what, stage, value, bound))


def gap_text(what: str, stage: str, value: float, bound: float) -> str:
    """Return how far a plan is, in one line.

    Examples
    --------
    >>> gap_text("plan", "fleets", 102.0, 100.0)
    'plan: fleets, best 102, bound 100, gap 1.96 %'
    >>> gap_text("plan", "bound", float("inf"), 100.0)
    'plan: bound, no plan yet, bound 100'
    """
    from math import isfinite

    said = f", bound {bound:,.6g}" if isfinite(bound) else ""
    if not isfinite(value):
        return f"{what}: {stage}, no plan yet{said}"
    closing = f", gap {100 * max(0.0, (value - bound) / abs(value)):.2f} %" if said and value else ""
    return f"{what}: {stage}, best {value:,.6g}{said}{closing}"


def _but(fuel: str) -> "pl.Expr":
    import polars as pl

    return pl.col("fuel") != fuel


def _or(value: float | None) -> str:
    return "-" if value is None else f"{value:,.4g}"


def _amounts(row: dict[str, Any]) -> str:
    def said(key: str, unit: str) -> str:
        value = row[key]
        return "not known" if value is None else f"{value / 1e3:,.0f} {unit}"

    return (
        f"{said('energy_gj_per_year', 'TJ')}, {said('fuel_t_per_year', 'kt of fuel')}, CO2e "
        f"{said('co2e_ttw_t_per_year', 'kt tank to wake')}, {said('co2e_wtw_t_per_year', 'kt well to wake')} a year"
    )


def _say(notes: list[str]) -> None:
    for note in notes:
        typer.echo(f"note: {note}")


def _end(found: dict[str, Any], to: Path | None) -> None:
    _say(found["notes"])
    if to is not None:
        page = next(name for name in found["files"] if name.endswith(".html"))
        typer.echo(f"wrote {len(found['files'])} files to {to}: open {page}")
