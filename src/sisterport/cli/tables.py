"""``sisterport check``: hold a file, a project or its results against what is expected of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sisterport.cli.output import print_json, progress

if TYPE_CHECKING:
    from sisterport.project import Result


def check(
    path: Annotated[Path, typer.Argument(help="A project file (.toml), or a CSV or Parquet file.")],
    table: Annotated[
        str | None, typer.Option(help="Table that a CSV or Parquet file should fit, e.g. register.")
    ] = None,
    results: Annotated[
        bool, typer.Option("--results", help="Run the project too and make every check; nothing is written.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings of the checks fail too (exit code 1); implies --results.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a project with all its inputs, or one file against a table; every fault is reported at once.

    Exit code 0: nothing wrong. 1: with --results, a check found an error (with --strict: anything). 2: an input that
    cannot be used.
    """
    from sisterport.errors import InputError
    from sisterport.project.check import check_file, check_project

    results = results or strict
    if results and path.suffix != ".toml":
        raise InputError(f"--results and --strict are for a project file (.toml), not for {path}")
    rows = check_project(path) if path.suffix == ".toml" else check_file(path, table)
    if not results:
        _print_inputs(rows, as_json=as_json)
        return
    result = _run(path)
    if as_json:
        print_json({"inputs": rows, "findings": {p.name: _findings(p) for p in result.periods}})
    else:
        _print_inputs(rows, as_json=False)
        _print_findings(result)
    if any(row["severity"] == "error" or strict for p in result.periods for row in _findings(p)):
        raise typer.Exit(1)


def _run(path: Path) -> "Result":
    from sisterport.project import read_project, run

    with progress() as report:
        return run(read_project(path), progress=report)


def _findings(period: Any) -> list[dict[str, Any]]:
    return [] if period.checks is None else period.checks.to_dicts()


def _print_inputs(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"ok  {row['what']}: {row['found']}")


def _print_findings(result: "Result") -> None:
    """Print every finding: what, where first, the limit and where it comes from, how to mend it."""
    from sisterport.project.checked import counted

    for period in result.periods:
        if period.checks is None:
            continue
        typer.echo(f"{period.name}: {counted(period.checks, period.checks_made)}")
        for row in _findings(period):
            typer.echo(f"{row['severity']:5} {row['check']}: {row['what']}: {row['count']}, first: {row['where']}")
            if row["limit"] or row["limit_source"]:
                said = f"{row['limit']} " if row["limit"] else ""
                typer.echo(f"      limit: {said}({row['limit_status']}: {row['limit_source']})")
            typer.echo(f"      mend:  {row['mend']}")
