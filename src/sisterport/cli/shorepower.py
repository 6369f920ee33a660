"""``sisterport shorepower``: which ship can plug in at which berth, what it saves, what to build first."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from sisterport.cli import shorepower_said as said
from sisterport.cli.output import print_frame, print_json

app = typer.Typer(no_args_is_help=True, help="Which ship can plug in where, what it saves, what to build first.")

Folder = Annotated[Path, typer.Argument(help="Folder of the results: every step adds its files to it.")]
Stays = Annotated[Path | None, typer.Option(help="Folder of a run (sisterport run, demo), or a CSV of stays or calls.")]
Ports = Annotated[str, typer.Option(help="Only these ports: UN/LOCODEs, separated by commas.")]
Interest = Annotated[
    float | None, typer.Option(help="Interest in a year, e.g. 0.06: with --life, what a kWh and a tonne cost.")
]
Life = Annotated[float | None, typer.Option(help="Life of what is built, in years.")]
OpexShare = Annotated[float, typer.Option(help="Operation in a year, as a share of the investment.")]
FuelPrice = Annotated[float | None, typer.Option(help="Price of the fuel that is not burnt [USD/t].")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("registers")
def registers(
    source: Annotated[str, typer.Argument(help="A register (CSV, Parquet, GeoJSON), or 'candidates': public sources.")],
    kind: Annotated[
        str | None, typer.Option("--as", help="outlets, inlets or assessments; by default told from the columns.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Write it to this file: .csv, .parquet or .geojson.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a register, say how much it knows, and write it in another format."""
    from sisterport.project.ashore_registers import look

    found = look(source, kind=kind, to=to)
    if as_json:
        print_json(found)
        return
    counts = {name: found[name] for name in ("outlets", "inlets", "berths", "ships", "ports") if name in found}
    typer.echo(f"ok  {source}: {found['rows']} rows" + "".join(f", {n} {name}" for name, n in counts.items()))
    for name, number in found.get("states", {}).items():
        typer.echo(f"  {number:>6,}  {name}")
    for name, number in found.get("aliases", {}).items():
        typer.echo(f"  {number:>6,}  with the port code {name}, which stands for another")
    if found.get("known"):
        import polars as pl

        print_frame(pl.DataFrame(found["known"]), as_json=False)
    if to is not None:
        typer.echo(f"wrote {to}")


@app.command("match")
def match(
    folder: Folder,
    inlets: Annotated[Path | None, typer.Option(help="Register of ships: CSV, Parquet or GeoJSON.")] = None,
    outlets: Annotated[
        list[str] | None,
        typer.Option(help="Register of berths: CSV, Parquet or GeoJSON; or 'candidates' (public sources); repeatable."),
    ] = None,
    stays: Stays = None,
    ships: Annotated[
        Path | None, typer.Option(help="More ships: a table with imo or mmsi, or the folder of a run.")
    ] = None,
    assessments: Annotated[Path | None, typer.Option(help="Compatibility assessments made, a complete list.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the verdicts; today.")] = None,
    assume: Annotated[
        str | None,
        typer.Option(
            "--assume-outlets", help="What if each other berth had: PROFILE, or PROFILE@Hz: HVSC-CONTAINER@60."
        ),
    ] = None,
    classes: Annotated[
        list[str] | None, typer.Option("--class", help="Only stays of this ship class; may stand several times.")
    ] = None,
    ports: Ports = "",
    inferred: Annotated[bool, typer.Option("--inferred", help="Take inferred values as facts.")] = False,
    demand: Annotated[
        str, typer.Option(help="Peak that counts: largest, alongside, cargo, reefers or passengers.")
    ] = "largest",
    priors: Annotated[bool, typer.Option("--priors", help="Add the share of the class that would fit.")] = False,
    pair: Annotated[
        tuple[str, str] | None, typer.Option(help="Show one pair in full: ship (imo:9074729, or its name) and berth.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Match ships with berths by 13 checks: yes, no or unknown, with the facts to obtain. A pre-screen only.

    With --pair the verdict that the folder holds is explained: evidence, sources, fixes and their cost.
    """
    if pair is not None:
        from sisterport.project.ashore import pair_in_full

        reasons = pair_in_full(folder, *pair, on=on.date() if on else None)
        if as_json:
            print_json(reasons.to_dict())
        else:
            typer.echo(str(reasons))
        return
    from sisterport.errors import InputError
    from sisterport.project.ashore import match_files

    if inlets is None and stays is None and ships is None:
        raise InputError("nothing to match: give --inlets (a register of ships) or --stays (which ships were where)")
    if not outlets and stays is None:
        raise InputError("nothing to match with: give --outlets (a register of berths) or --stays")
    found = match_files(
        folder,
        on=(on or datetime.now()).date(),  # noqa: DTZ005 - the user's day
        inlets=inlets,
        outlets=outlets or (),
        stays=stays,
        ships=ships,
        assessments=assessments,
        assume=None if assume is None else _profile(assume),
        classes=classes or (),
        ports=_listed(ports),
        inferred=inferred,
        demand=demand,
        priors=priors,
    )
    if as_json:
        print_json(found)
        return
    from sisterport.shorepower.grades import grade_word

    for row in found["grades"]:
        grade = "-" if row["grade"] is None else row["grade"]
        typer.echo(f"{row['pairs']:>8,}  {grade} {grade_word(row['grade'])}")
    if found["stays_without_berth"]:
        typer.echo(f"{found['stays_without_berth']} of {found['stays']} stays are at no known berth: not matched")
    if found["facts_to_obtain"]:
        typer.echo("whom to ask first (all of it: missing.csv):")
        for row in found["facts_to_obtain"][:5]:
            few = ", ".join(row["column"][:4]) + (" ..." if len(row["column"]) > 4 else "")
            typer.echo(f"  {row['energy_mwh']:>8,.1f} MWh  {row['side']} {row['owner']}: {few}")
    _end(folder, found)


@app.command("coverage")
def coverage(
    folder: Folder,
    stays: Stays = None,
    connections: Annotated[
        Path | None, typer.Option(help="Records of connections: CSV, or DCSA Port Call events (.json).")
    ] = None,
    by: Annotated[
        str, typer.Option(help="Keys: locode, terminal, berth_id, ship_class, month, year, pair, coalition.")
    ] = "locode",
    ports: Ports = "",
    coalition: Annotated[
        list[str] | None, typer.Option(help="A coalition of ports, for --by coalition: name=USLAX,CNSGH; repeatable.")
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Partial power counts as could connect.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what could connect, what can after a fix, and what did, beside the coverage of the data."""
    from sisterport.project.ashore import coverage_files

    keys = _listed(by)
    named = {name: _listed(codes) for name, codes in (_halves(text, "--coalition") for text in coalition or [])}
    found, told = coverage_files(
        folder,
        stays=stays,
        connections=connections,
        by=keys,
        ports=_listed(ports),
        partial=partial,
        coalitions=named or None,
    )
    if as_json:
        print_json({"coverage": found.to_dicts(), **told})
        return
    shown = ["stays", "hours", "energy_mwh", "could_stays", "after_fix_stays", "undecided_stays", "did_stays"]
    print_frame(found.select([*keys, *(name for name in shown if name in found.columns)]), as_json=False)
    _end(folder, told)


@app.command("savings")
def savings(
    folder: Folder,
    stays: Stays = None,
    recorded: Annotated[bool, typer.Option("--recorded", help="Count what was taken by record.")] = False,
    explain: Annotated[
        str, typer.Option("--explain", help="Amount whose formula and factors are printed: co2_net_t, nox_gross_t ...")
    ] = "co2_net_t",
    where: Annotated[str, typer.Option(help="Stays that are explained: locode=DEHAM,ship_class=container.")] = "",
    t_connect_h: Annotated[float | None, typer.Option(help="Hours to connect, where no outlet says it.")] = None,
    t_disconnect_h: Annotated[float | None, typer.Option(help="Hours to disconnect, where no outlet says it.")] = None,
    loss_share: Annotated[float | None, typer.Option(help="Loss from the grid's meter to the outlet.")] = None,
    converter_efficiency: Annotated[float | None, typer.Option(help="Efficiency of the frequency converter.")] = None,
    assume_fuel: Annotated[
        str | None, typer.Option(help="Fuel of stays that tell energy but no fuel: distillate or residual.")
    ] = None,
    tariff: Annotated[
        float | None, typer.Option(help="Price of electricity where no outlet says it [USD/kWh].")
    ] = None,
    capex: Annotated[
        tuple[float, float, float] | None,
        typer.Option(help="Investment that connects all these stays: low, middle and high [MUSD]."),
    ] = None,
    interest: Interest = None,
    life: Life = None,
    opex_share: OpexShare = 0.0,
    fuel_price: FuelPrice = None,
    price_year: Annotated[int | None, typer.Option(help="Year of all these prices.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what shore power would save at the stays: at the quay and net of the grid, factor by factor."""
    from sisterport.project.ashore import savings_files
    from sisterport.shorepower.saving_text import saving_text

    terms: dict[str, Any] = {
        "t_connect_h": t_connect_h,
        "t_disconnect_h": t_disconnect_h,
        "loss_share": loss_share,
        "converter_efficiency": converter_efficiency,
        "assume_fuel": assume_fuel,
        "tariff_usd_per_kwh": tariff,
    }
    cell = dict(_halves(text, "--where") for text in _listed(where))
    finance = said.finance(interest, life, opex_share, fuel_price)
    found = savings_files(folder, stays=stays, recorded=recorded, amount=explain, where=cell,
                          capex_musd=capex, finance=finance, price_year=price_year, **terms)  # fmt: skip
    explanation, money = found.pop("explanation"), said.rows(found.pop("economics"))
    if as_json:
        print_json({**found, "explanation": explanation.to_dict(), "economics": money})
        return
    for row in found["reasons"]:
        typer.echo(f"{row['stays']:>8,} stays: {row['reason']}")
    for name in ("energy_mwh", "grid_mwh", "co2_gross_t", "co2_net_t", "nox_gross_t", "sox_gross_t", "pm10_gross_t"):
        total = found["sums"][name]
        typer.echo(f"{name:>14}: {'not known' if total is None else f'{total:,.4g}'}")
    for line in said.costs(money):
        typer.echo(line)
    typer.echo(saving_text(explanation))
    _end(folder, found)


@app.command("upgrades")
def upgrades(
    folder: Folder,
    budget: Annotated[list[float] | None, typer.Option(help="Budget [MUSD]; may stand several times.")] = None,
    years: Annotated[
        str, typer.Option(help="Phases instead of budgets: years and the MUSD that come free in each: 2027:5,2030:20.")
    ] = "",
    until: Annotated[int | None, typer.Option(help="Last year that counts, with --years.")] = None,
    discount: Annotated[float, typer.Option(help="Yearly discount of savings, with --years.")] = 0.0,
    objective: Annotated[str, typer.Option(help="What to save: co2e_t, nox_t, pm10_t or energy_mwh.")] = "co2e_t",
    unknown: Annotated[
        str, typer.Option(help="Unknown checks: leave_out, true (all turn out well) or false (all badly).")
    ] = "leave_out",
    costs: Annotated[
        str, typer.Option(help="Costs of fixes: low, mid or high; or a file of own ones (table fix_costs).")
    ] = "mid",
    price_year: Annotated[int | None, typer.Option(help="Price year of the costs.")] = None,
    floors: Annotated[
        Path | None, typer.Option(help="Shares that must be connected at a port (table upgrade_floors).")
    ] = None,
    agreements: Annotated[
        Path | None,
        typer.Option(help="Agreements that could be made: ports, one profile for all, a date (table agreements)."),
    ] = None,
    interest: Interest = None,
    life: Life = None,
    opex_share: OpexShare = 0.0,
    fuel_price: FuelPrice = None,
    days: Annotated[
        float | None, typer.Option(help="Days that the stays stand for; those that the data cover unless given.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Time limit of the optimiser in seconds.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Choose what to build first under a budget, with a proven bound and a certificate beside every answer."""
    from sisterport.project.ashore_plans import COSTS, upgrades_files

    level = costs in COSTS
    found = upgrades_files(
        folder,
        budgets_musd=budget or (),
        years={int(year): float(money) for year, money in map(_phase, _listed(years))} or None,
        until_year=until,
        discount=discount,
        objective=objective,
        unknown_is=unknown,
        cost=costs if level else "mid",
        price_year=price_year,
        own_costs=None if level else Path(costs),
        floors=floors,
        agreements=agreements,
        finance=said.finance(interest, life, opex_share, fuel_price),
        time_limit_s=time_limit,
        days=days,
    )
    plans = found.pop("plans")
    tables = {name: said.rows(found.pop(name)) for name in ("cooperation", "agreements", "economics")}
    if as_json:
        print_json({**found, "plans": [said.plan(plan) for plan in plans], **tables})
        return
    for plan, word in zip(plans, found["survival"], strict=True):
        typer.echo(str(plan))
        for row in plan.units.iter_rows(named=True):
            year = "" if row["from_year"] is None else f"{row['from_year']}  "
            typer.echo(f"  {year}{row['cost_musd']:>7.2f} MUSD  {row['units']} x {row['upgrade_id']}")
        typer.echo(f"  {word.split(': ', 1)[1]}")
        agreed, money = (said.of(tables[name], plan) for name in ("agreements", "economics"))
        for line in (*said.agreed(agreed, plan.objective), *said.costs(money)):
            typer.echo(f"  {line}")
    if tables["cooperation"]:
        alone, together = (sum(row[name] for row in tables["cooperation"]) for name in ("alone", "together"))
        typer.echo(f"each port for itself: {alone:,.0f}; together: {together:,.0f}")
    _end(folder, found)


@app.command("verify")
def verify(
    place: Annotated[Path, typer.Argument(help="Folder that sisterport shorepower upgrades wrote, or a certificate.")],
    as_json: AsJson = False,
) -> None:
    """Add up plans and bounds again from the files, without the optimiser; exit code 1 if anything differs."""
    from sisterport.project.ashore_verify import verify_files

    faults = verify_files(place)
    if as_json:
        print_json(faults)
    else:
        for name, wrong in faults.items():
            good = said.GOOD.get(name, "plan and bound hold")
            typer.echo(f"{name}: {'differs' if wrong else good}")
            for line in wrong:
                typer.echo(f"  - {line}")
    if any(faults.values()):
        raise typer.Exit(1)


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _halves(text: str, option: str) -> tuple[str, str]:
    from sisterport.errors import InputError

    name, sign, rest = (part.strip() for part in text.partition("="))
    if not (name and sign and rest):
        raise InputError(f"{option} wants name=value, got '{text}'")
    return name, rest


def _phase(text: str) -> tuple[str, str]:
    from sisterport.errors import InputError

    year, _, money = (part.strip() for part in text.partition(":"))
    try:
        int(year), float(money)
    except ValueError:
        raise InputError(f"--years wants year:MUSD, e.g. 2027:5,2030:20; got '{text}'") from None
    return year, money


def _profile(text: str) -> dict[str, Any]:
    from sisterport.errors import InputError

    name, sign, hertz = text.partition("@")
    if not sign:
        return {"profile_id": name}
    if hertz not in {"50", "60"}:
        raise InputError(f"--assume-outlets wants PROFILE or PROFILE@Hz with 50 or 60; got '{text}'")
    return {"profile_id": name, "frequency_hz": float(hertz)}


def _end(folder: Path, found: dict[str, Any]) -> None:
    for note in found["notes"]:
        typer.echo(f"note: {note}")
    page = next(name for name in found["files"] if name.endswith(".html"))
    typer.echo(f"wrote {len(found['files'])} files to {folder}: open {page}")
