"""``sisterport check``: hold a file or a project against what is expected of it."""

from pathlib import Path
from typing import Annotated

import typer

from sisterport.cli.output import print_json


def check(
    path: Annotated[Path, typer.Argument(help="A project file (.toml), or a CSV or Parquet file.")],
    table: Annotated[
        str | None, typer.Option(help="Table that a CSV or Parquet file should fit, e.g. register.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a project with all its inputs, or one file against a table; every fault is reported at once."""
    from sisterport.project.check import check_file, check_project

    rows = check_project(path) if path.suffix == ".toml" else check_file(path, table)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"ok  {row['what']}: {row['found']}")
