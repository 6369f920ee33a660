"""``sisterport ais``: raw AIS files into a position store."""

from pathlib import Path
from typing import Annotated

import typer

from sisterport.cli.output import print_frame, print_json, progress

app = typer.Typer(no_args_is_help=True, help="Raw AIS files.")


@app.callback()
def _root() -> None:
    """Raw AIS files."""


@app.command()
def ingest(
    sources: Annotated[list[str], typer.Argument(help="CSV, zip, zst or Parquet files, or patterns.")],
    to: Annotated[Path, typer.Option("--to", help="Folder of the position store to write.")],
    layout: Annotated[str | None, typer.Option(help="Layout of the files, if it is not recognised.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="Name in the file = name of ours, e.g. when=time_utc; repeatable."),
    ] = None,
    buckets: Annotated[
        int | None,
        typer.Option(min=1, help="Number of files that ships are spread over; by default by the size of the sources."),
    ] = None,
    if_exists: Annotated[str, typer.Option(help="If the store exists: error, append or replace.")] = "error",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read, clean and sort AIS files of any size into a position store."""
    from sisterport.ais import ingest as ingest_files
    from sisterport.errors import InputError

    pairs = [text.partition("=") for text in column or []]
    wrong = [old for old, sep, new in pairs if not (old and sep and new)]
    if wrong:
        raise InputError(f"--column wants name=ours, e.g. when=time_utc; got {', '.join(wrong)}")
    columns = {old: new for old, _, new in pairs} or None
    with progress() as report:
        result = ingest_files(
            sources,
            to,
            layout=layout,
            columns=columns,
            buckets=buckets,
            if_exists=if_exists,
            progress=lambda done, total: report("reading", done, total),
        )
    if as_json:
        print_json(result.info | {"cleaning": result.cleaning().to_dicts()})
    else:
        rows, ships = result.info["rows"], result.info["ships"]
        print_frame(result.cleaning(), as_json=False, title=f"{to}: {rows:,} positions of {ships:,} ships")
