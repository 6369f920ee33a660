"""Run a project: read, clean, fill particulars, segment, find calls, account emissions, period by period."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from shapely.geometry import mapping

from sisterport.ais import PositionStore, clean, fixed_point, read_positions
from sisterport.errors import InputError, ProjectError
from sisterport.fleet import particulars, particulars_summary, read_register, register_cells
from sisterport.inventory import emissions, method, summarise
from sisterport.project.config import PeriodConfig, ProjectConfig
from sisterport.project.maps import density, feature_collection
from sisterport.reference import constant, value
from sisterport.site import Period
from sisterport.tables import check
from sisterport.voyages import (
    AreaSet,
    Zones,
    build_zones,
    calls,
    mode_rules,
    port_discs,
    read_areas,
    segments,
)

Progress = Callable[[str, int, int | None], None]
"""Called with a stage, rows done, and rows in all (None: not known)."""


_HEADLINE = ("group", "ships", "hours", "hours_not_estimated", "energy_kwh", "fuel_t", "co2e_ttw_t", "nox_kg")


def _silent(stage: str, done: int, total: int | None) -> None:
    """Take progress and show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The positions of a period, wherever they are: a store on disk or cleaned fixes in memory."""

    fixes: PositionStore | pl.DataFrame
    statics: pl.DataFrame
    cleaning: pl.DataFrame

    def chunks(self) -> Any:
        """Return frames of fixes that hold whole ships."""
        return self.fixes.scan() if isinstance(self.fixes, PositionStore) else iter([self.fixes])

    @property
    def rows(self) -> int:
        """Number of fixes."""
        return int(self.fixes.info["rows"]) if isinstance(self.fixes, PositionStore) else self.fixes.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a project gave."""

    config: ProjectConfig
    areas: AreaSet
    periods: list[Period]
    sources: dict[str, Source]
    legs: dict[str, pl.DataFrame]
    other_sources: pl.DataFrame | None

    def headlines(self) -> list[dict[str, Any]]:
        """Return one row per period and group of ships: what was seen and estimated in the domain.

        Groups are not added up: the methods are made for ocean-going ships and only roughly describe harbour craft.
        """
        return [
            {"period": period.name, **{key: row[key] for key in _HEADLINE}}
            for period in self.periods
            for row in summarise(period.emissions, period.segments, period.ships, by=["group"]).iter_rows(named=True)
        ]


def run(config: ProjectConfig, *, progress: Progress | None = None) -> Result:
    """Run a project and return its result; nothing is written.

    Parameters
    ----------
    config
        From `read_project`.
    progress
        Called with (stage, rows done, rows in all or None).

    Raises
    ------
    SisterportError
        If an input is wrong; the message says which and how to mend it.
    """
    report = progress or _silent
    areas = _areas(config)
    zones = build_zones(areas, near_nm=mode_rules(config.modes).near_nm)
    other = check(read_table(config.other_sources), "other_sources") if config.other_sources else None
    periods, sources, legs = [], {}, {}
    for part in config.periods:
        source = read_source(part)
        period, legs[part.name] = _period(config, part, areas, zones, source, report)
        periods.append(period)
        sources[part.name] = source
    return Result(config=config, areas=areas, periods=periods, sources=sources, legs=legs, other_sources=other)


def read_source(part: PeriodConfig) -> Source:
    """Read and clean the positions of a period, or open its store."""
    stores = [path for path in part.positions if path.is_dir()]
    if stores:
        if len(part.positions) > 1:
            raise InputError(f"period '{part.name}': one position store, or files, not both ({stores[0]} is a store)")
        store = PositionStore.open(stores[0])
        return Source(fixes=store, statics=store.statics(), cleaning=store.cleaning())
    positions, statics, unread = read_positions(part.positions, columns=part.columns, layout=part.layout)
    cleaned, dropped = clean(positions)
    if not len(cleaned):
        raise InputError(f"period '{part.name}': no position is left after cleaning: {dropped.to_dicts()}")
    return Source(fixes=fixed_point(cleaned), statics=statics, cleaning=pl.concat([unread, dropped]))


def _period(
    config: ProjectConfig, part: PeriodConfig, areas: AreaSet, zones: Zones, source: Source, report: Progress
) -> tuple[Period, pl.DataFrame]:
    register = read_register(config.register) if config.register else None
    cells_of_register = register_cells(config.register) if config.register else None
    ships = particulars(source.statics, register, cells=cells_of_register)
    law = method(config.method).load_laws[0]
    options: dict[str, Any] = {"rules": config.modes, "law": law, "hole_h": config.hole_h}

    def cut(stage: str, cell_deg: float | None) -> tuple[pl.DataFrame, pl.DataFrame]:
        def done(rows: int) -> None:
            report(f"{part.name}: {stage}", rows, source.rows)

        done(0)  # the first run compiles the kernel: say what is being waited for
        return segments(source.chunks(), ships, zones, cell_deg=cell_deg, progress=done, **options)

    shore = check(read_table(part.shore_power), "shore_power") if part.shore_power else None
    account: dict[str, Any] = {"method": config.method, "gwp": config.gwp, "shore_power": shore}
    every, holes = cut("segments", None)
    inside = every.filter("in_domain")
    in_cells = cut("map", config.cell_deg)[0].filter("in_domain")
    by_cell = summarise(emissions(in_cells, ships, **account), in_cells, ships, by=["cell"])
    found = calls(every)
    domain = areas.frame.with_row_index().filter(kind="domain").row(0, named=True)
    start, end = every["start_utc"].min(), every["end_utc"].max()
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise InputError(f"period '{part.name}': no ship was seen twice, so there is no time to account for")
    return Period(
        name=part.name,
        note=part.note,
        synthetic=part.synthetic,
        start_utc=start.astimezone(UTC),
        end_utc=end.astimezone(UTC),
        domain_name=domain["name"],
        domain=mapping(areas.geometries[domain["index"]]),
        areas=feature_collection(areas),
        segments=inside,
        emissions=emissions(inside, ships, **account),
        ships=ships,
        calls=found.calls.filter(pl.col("locode") == config.locode),
        stops=found.stops,
        holes=holes,
        cells=by_cell.with_columns(cell_deg=pl.lit(config.cell_deg)),
        density=density(source.chunks()),
        cleaning=source.cleaning,
        particulars=particulars_summary(ships),
        method=_method(config, law),
    ), found.legs


def _method(config: ProjectConfig, law: str) -> dict[str, Any]:
    """Describe the choices of a run for the report and the manifest."""
    chosen, rules = method(config.method), mode_rules(config.modes)
    hole = config.hole_h if config.hole_h is not None else value("hole_h")
    options = [
        ("operating modes", rules.name, rules.source),
        ("speed and displacement decide from an interval of", f"{hole:g} h", constant("hole_h").source),
        ("auxiliary and boiler power", chosen.aux_tables[0], "; ".join(chosen.references)),
        ("warming potentials", config.gwp, "IPCC, table gwp_sets"),
    ]
    return {
        "name": chosen.name,
        "hole_h": hole,
        "title": chosen.title,
        "fitness": chosen.fitness,
        "law": law,
        "mode_rules": rules.name,
        "gwp": config.gwp,
        "year": "of each segment",
        "options": [dict(zip(("option", "value", "reference"), row, strict=True)) for row in options],
        "notes": list(chosen.notes),
        "references": list(chosen.references),
    }


def _areas(config: ProjectConfig) -> AreaSet:
    """Read the areas; of the domains drawn in them keep the one that the project names."""
    first, *more = (read_areas(path) for path in config.areas)
    every = first
    for areas in more:
        every = every.join(areas)
    domains = every.frame.filter(kind="domain")["area_id"].to_list()
    if config.domain not in domains:
        raise ProjectError(
            str(config.path),
            [f"[areas] domain = '{config.domain}' is no polygon of kind 'domain' (there are: {domains})"],
        )
    keep = [
        i
        for i, row in enumerate(every.frame.iter_rows(named=True))
        if row["kind"] != "domain" or row["area_id"] == config.domain
    ]
    every = replace(every, frame=every.frame[keep], geometries=tuple(every.geometries[i] for i in keep))
    return every.join(port_discs(exclude=every)) if config.port_discs else every


def read_table(path: Path) -> pl.DataFrame:
    """Read a CSV or Parquet file."""
    try:
        return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"cannot read {path}: {str(error).splitlines()[0]}") from None
