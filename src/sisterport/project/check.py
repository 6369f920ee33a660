"""Hold a project with all its inputs, or one file, against what is expected."""

from pathlib import Path
from typing import Any

from sisterport.ais import PositionStore, read_positions
from sisterport.errors import InputError, ProjectError, SisterportError, did_you_mean
from sisterport.fleet import read_register
from sisterport.project.config import read_project
from sisterport.project.pipeline import read_table
from sisterport.tables import check, names
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
    frame = read_register(path) if table == "register" else check(read_table(path), table)
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

    def look(what: Path, read: Any) -> None:
        try:
            rows.append({"what": str(what), "found": read()})
        except SisterportError as error:
            faults.append(f"{what}: {error}")

    for area in config.areas:
        look(area, lambda area=area: f"{len(read_areas(area))} areas")
    if config.register:
        look(config.register, lambda: f"{read_register(config.register).height} ships")
    if config.other_sources:
        look(
            config.other_sources,
            lambda: f"{check(read_table(config.other_sources), 'other_sources').height} rows",
        )
    for part in config.periods:
        for file in part.positions:
            look(file, lambda file=file, part=part: _positions(file, part))
        if part.shore_power:
            look(
                part.shore_power,
                lambda part=part: f"{check(read_table(part.shore_power), 'shore_power').height} rows",
            )
    if faults:
        raise ProjectError(str(path), faults)
    return rows


def _positions(file: Path, part: Any) -> str:
    if file.is_dir():
        info = PositionStore.open(file).info
        return f"position store, {info['rows']:,} positions of {info['ships']:,} ships"
    positions, statics, _ = read_positions(file, columns=part.columns, layout=part.layout)
    return f"{len(positions):,} positions of {len(statics):,} ships"
