"""Hold a project with all its inputs, or one file, against what is expected."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sisterport.ais import PositionStore, read_positions
from sisterport.errors import InputError, ProjectError, SisterportError, did_you_mean
from sisterport.fleet import read_register
from sisterport.project.config import PeriodConfig, ProjectConfig, read_project
from sisterport.project.pipeline import project_areas
from sisterport.tables import check, names, read_file
from sisterport.voyages import read_areas


def check_file(path: Path, table: str | None) -> list[dict[str, Any]]:
    """Hold a CSV or Parquet file against a table, or a GeoJSON file against the rules for areas.

    Raises
    ------
    InputError, SchemaError
        With everything that is wrong.
    """
    if path.suffix in (".geojson", ".json"):
        return [{"what": str(path), "found": f"{len(read_areas(path))} areas"}]
    if table is None:
        raise InputError(f"which table should {path} fit? Give --table, one of: {', '.join(names())}")
    if table not in names():
        raise InputError(f"no table '{table}'{did_you_mean(table, names())}; there are: {', '.join(names())}")
    frame = read_register(path) if table == "register" else check(read_file(path), table)
    return [{"what": str(path), "found": f"{frame.height} rows fit table {table}"}]


def check_project(path: Path) -> list[dict[str, Any]]:
    """Check a project file and read every input that it names.

    Raises
    ------
    ProjectError
        With everything that is wrong in the file and in the inputs.
    """
    config = read_project(path)
    rows = [{"what": str(path), "found": f"project '{config.name}', {len(config.periods)} periods"}]
    faults: list[str] = []
    for what, read in _inputs(config):
        try:
            rows.append({"what": str(what), "found": read()})
        except ProjectError as error:
            faults += error.faults
        except SisterportError as error:
            faults.append(f"{what}: {error}")
    if faults:
        raise ProjectError(str(path), faults)
    return rows


def _inputs(config: ProjectConfig) -> Iterator[tuple[Path, Callable[[], str]]]:
    """Yield each input with what reads it."""
    for area in config.areas:
        yield area, partial(_areas, area)
    yield config.path, partial(_domain, config)
    if config.register:
        yield config.register, partial(_register, config.register)
    if config.other_sources:
        yield config.other_sources, partial(_rows, config.other_sources, "other_sources")
    for part in config.periods:
        for file in part.positions:
            yield file, partial(_positions, file, part)
        if part.shore_power:
            yield part.shore_power, partial(_rows, part.shore_power, "shore_power")


def _areas(file: Path) -> str:
    return f"{len(read_areas(file))} areas"


def _domain(config: ProjectConfig) -> str:
    return f"domain '{config.domain}', {len(project_areas(config))} areas in use"


def _register(file: Path) -> str:
    return f"{read_register(file).height} ships"


def _rows(file: Path, table: str) -> str:
    return f"{check(read_file(file), table).height} rows"


def _positions(file: Path, part: PeriodConfig) -> str:
    if file.is_dir():
        info = PositionStore.open(file).info
        return f"position store, {info['rows']:,} positions of {info['ships']:,} ships"
    positions, statics, _ = read_positions(file, columns=part.columns, layout=part.layout)
    return f"{len(positions):,} positions of {len(statics):,} ships"
