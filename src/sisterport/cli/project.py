"""``sisterport demo``, ``new``, ``run``, ``inventory``, ``calls``: a project from its file to its results."""

from pathlib import Path
from typing import Annotated

import typer

from sisterport.cli.output import print_frame, print_json, progress

Project = Annotated[Path, typer.Argument(help="Project file (TOML); make one with: sisterport new")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SHOWN = (
    "ships",
    "hours",
    "hours_not_estimated",
    "energy_kwh",
    "fuel_t",
    "co2e_ttw_t",
    "nox_kg",
    "sox_kg",
    "pm25_kg",
)
_BANDED = (
    "ships",
    "hours",
    "hours_not_estimated",
    *(f"{name}{end}" for name in ("co2e_ttw_t", "nox_kg") for end in ("", "_low", "_high", "_bias")),
)
_CALL_COLUMNS = (
    "name",
    "mmsi",
    "arrival_utc",
    "departure_utc",
    "hours",
    "hours_berth",
    "hours_anchorage",
    "berths",
    "shifts",
    "first_berth",
    "arrival_seen",
    "departure_seen",
    "hours_hole",
)
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Folder of the results, instead of the project's.")]


def demo(output: Output = None, as_json: Json = False) -> None:
    """Run the bundled demo: real AIS of New York and New Jersey to an inventory and a report."""
    from importlib.resources import as_file, files

    with as_file(files("sisterport.demo").joinpath("new_york")) as folder:
        _run(folder / "project.toml", output or Path("out"), as_json=as_json)


def new(path: Annotated[Path, typer.Argument(help="File to write.")] = Path("project.toml")) -> None:
    """Write a commented project file to start from."""
    from importlib.resources import files

    from sisterport.errors import InputError

    text = files("sisterport.project").joinpath("template.toml").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{path} is there already; nothing was written") from None
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
    typer.echo(f"wrote {path}; then: sisterport run {path}")


def run(project: Project, output: Output = None, as_json: Json = False) -> None:
    """Run a project: tables, map files, a manifest and one report."""
    _run(project, output, as_json=as_json)


def inventory(
    project: Project,
    by: Annotated[str, typer.Option(help="Keys to sum by, separated by commas, e.g. mode,ship_class.")] = "group,mode",
    band: Annotated[bool, typer.Option("--band", help="Print CO2e and NOx with their 80 % bands.")] = False,
    as_json: Json = False,
) -> None:
    """Sum a project's emissions by any keys and print them, period by period; --json has every column."""
    from dataclasses import replace

    from sisterport.project.banded import DRAWS, banded_summary

    result = _result(project)
    keys = [key.strip() for key in by.split(",") if key.strip()]
    method = result.config.method
    method = replace(method, draws=(method.draws or DRAWS) if band else 0)
    tables = {p.name: banded_summary(p, by=keys, areas=result.areas.frame, method=method) for p in result.periods}
    if as_json:
        print_json({name: frame.to_dicts() for name, frame in tables.items()})
        return
    for name, frame in tables.items():
        own = frame.columns[: frame.columns.index("ships")]  # a key may be two columns
        print_frame(frame.select(*own, *(_BANDED if band else _SHOWN)), as_json=False, title=name)


def calls(project: Project, as_json: Json = False) -> None:
    """Print a project's port calls, period by period."""
    result = _result(project)
    if as_json:
        print_json({p.name: p.calls.to_dicts() for p in result.periods})
        return
    for period in result.periods:
        named = period.ships.select("mmsi", "name").join(period.calls, on="mmsi", how="right", maintain_order="right")
        print_frame(named.select(_CALL_COLUMNS), as_json=False, title=f"{period.name}: {period.calls.height} calls")


def _result(path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the type would import the room
    from sisterport.project import read_project
    from sisterport.project import run as run_project

    with progress() as report:
        return run_project(read_project(path), progress=report)


def _run(path: Path, output: Path | None, *, as_json: bool) -> None:
    from sisterport.project import all_remarks, open_folder, read_project, write_outputs
    from sisterport.project import run as run_project

    config = read_project(path)
    open_folder(output or config.output)
    with progress() as report:
        result = run_project(config, progress=report)
        report("writing", 0, None)
        written = write_outputs(result, output or config.output)
    if as_json:
        print_json(
            {
                "output": str(output or config.output),
                "files": written,
                "headlines": result.headlines(),
                "remarks": all_remarks(result),
            }
        )
        return
    for row in result.headlines():
        co2e = "nothing estimated" if row["co2e_ttw_t"] is None else f"{row['co2e_ttw_t']:,.1f} t CO2e"
        if row.get("co2e_ttw_t_low") is not None:
            co2e += f" (80 % band: {row['co2e_ttw_t_low']:,.1f} to {row['co2e_ttw_t_high']:,.1f})"
        typer.echo(
            f"{row['period']}, {row['group'].replace('_', ' ')}: {row['ships']} ships, {row['hours']:,.0f} ship hours, "
            f"{co2e}; {row['hours_not_estimated']:,.0f} of the hours are missing or only in part in it"
        )
    for text in all_remarks(result):
        typer.echo(f"note: {text}")
    typer.echo(f"wrote {len(written)} files to {output or config.output}: open report.html")
