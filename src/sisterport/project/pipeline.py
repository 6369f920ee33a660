"""Run a project: read, clean, fill particulars, segment, find calls, account emissions, period by period."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import polars as pl
from shapely.geometry import mapping

from sisterport.ais import PositionStore, clean, fixed_point, read_positions
from sisterport.engines import load_corrections
from sisterport.errors import InputError, ProjectError
from sisterport.fleet import particulars, particulars_summary, read_register, register_cells
from sisterport.inventory import emissions, shore_account, summarise
from sisterport.project.banded import ends_of, report_bands
from sisterport.project.checked import check_period, reported
from sisterport.project.config import MethodConfig, PeriodConfig, ProjectConfig
from sisterport.project.loads import law_remark, laws_used
from sisterport.project.maps import density, feature_collection
from sisterport.project.said import checks_remark, describe_method, lng_remark, remarks, sulphur_limits
from sisterport.site import Period
from sisterport.tables import check, read_file
from sisterport.voyages import AreaSet, Calls, Zones, build_zones, calls, mode_rules, port_discs, read_areas, segments
from sisterport.voyages.raster import DOMAIN_MASK

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
class Part:
    """One period: what the report needs, and what else is written."""

    report: Period
    source: Source
    legs: pl.DataFrame
    shore: pl.DataFrame | None
    remarks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a project gave."""

    config: ProjectConfig
    areas: AreaSet
    parts: list[Part]
    other_sources: pl.DataFrame | None
    seconds: float = 0.0

    @property
    def periods(self) -> list[Period]:
        """What the report needs of each period."""
        return [part.report for part in self.parts]

    def headlines(self) -> list[dict[str, Any]]:
        """Return one row per period and group of ships: what was seen and estimated in the domain.

        Groups are not added up: the methods are made for ocean-going ships and only roughly describe harbour craft.
        """
        return [
            {"period": period.name, **{key: row[key] for key in _HEADLINE}, **ends_of(period.bands, row["group"])}
            for period in self.periods
            for row in summarise(period.emissions, period.segments, period.ships, by=["group"]).iter_rows(named=True)
        ]


def run(config: ProjectConfig, *, workers: int = 2, progress: Progress | None = None) -> Result:
    """Run a project and return its result; nothing is written.

    Parameters
    ----------
    config
        From `read_project`.
    workers
        Threads; the result does not depend on them.
    progress
        Called with (stage, rows done, rows in all or None).

    Raises
    ------
    SisterportError
        If an input is wrong; the message says which and how to mend it.
    """
    began = perf_counter()
    areas = project_areas(config)
    zones = build_zones(
        areas, near_nm=mode_rules(config.method.modes).near_nm, unverified_zones=config.method.unverified_zones
    )
    other = check(read_file(config.other_sources), "other_sources") if config.other_sources else None
    parts = [_part(config, part, areas, zones, workers, progress or _silent) for part in config.periods]
    return Result(config=config, areas=areas, parts=parts, other_sources=other, seconds=perf_counter() - began)


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


def _part(
    config: ProjectConfig, part: PeriodConfig, areas: AreaSet, zones: Zones, workers: int, report: Progress
) -> Part:
    method, source = config.method, read_source(part)
    seen = reported(source.chunks())
    year = method.year or seen.first_utc.year
    limits = sulphur_limits(zones.zone_ids, seen.first_utc.date().replace(day=1, year=year))
    register = read_register(config.register) if config.register else None
    sourced = register_cells(config.register) if config.register else None
    ships = particulars(source.statics, register, cells=sourced)
    corrections = load_corrections(ships, method.law)
    shore = check(read_file(part.shore_power), "shore_power") if part.shore_power else None

    def cut(stage: str, cell_deg: float | None) -> tuple[pl.DataFrame, pl.DataFrame]:
        def done(rows: int) -> None:
            report(f"{part.name}: {stage}", rows, source.rows)

        done(0)  # the first run compiles the kernel: say what is being waited for
        return segments(
            source.chunks(),
            ships,
            zones,
            rules=method.modes,
            law=method.law,
            corrections=corrections,
            hole_h=method.hole_h,
            closed=method.closed_passages,
            sulphur_pct=limits,
            cell_deg=cell_deg,
            weather=method.weather,
            fouling=method.fouling,
            year=year,
            workers=workers,
            progress=done,
        )

    account = account_options(method)
    every, holes = cut("segments", None)
    inside = every.filter("in_domain")
    here = inside.select("mmsi").unique(maintain_order=True)
    ships = ships.join(here, on="mmsi", how="semi", maintain_order="left")
    in_cells = cut("map", method.cell_deg)[0].filter("in_domain")
    by_cell = summarise(emissions(in_cells, ships, shore_power=shore, **account), in_cells, ships, by=["cell"])
    found = _calls_here(calls(every), config.locode)
    supply = {"method": method.name, "aux_table": method.aux_table, "long_stay": method.long_stay}
    plugged = None if shore is None else shore_account(inside, ships, shore, **supply)
    emitted = emissions(inside, ships, shore_power=shore, **account)
    findings, checks_made = check_period(
        inside, emitted, ships, found.calls, found.stops, areas=areas, seen=seen, shore=plugged, cells=by_cell
    )
    laws = laws_used(inside, ships, corrections)
    domain = areas.frame.with_row_index().filter(kind="domain").row(0, named=True)
    period = Period(
        name=part.name,
        note=part.note,
        synthetic=part.synthetic,
        start_utc=_moment(every["start_utc"].min()),
        end_utc=_moment(every["end_utc"].max()),
        domain_name=domain["name"],
        domain=mapping(areas.geometries[domain["index"]]),
        areas=feature_collection(areas),
        segments=inside,
        emissions=emitted,
        ships=ships,
        calls=found.calls,
        stops=found.stops,
        holes=_at_the_domain(holes, zones),
        cells=by_cell.with_columns(cell_deg=pl.lit(method.cell_deg)),
        density=density(source.chunks()),
        cleaning=source.cleaning,
        particulars=particulars_summary(ships),
        method=describe_method(method, zones, inside, laws),
        checks=findings,
        checks_made=checks_made,
        bands=report_bands(emitted, inside, ships, feature_collection(areas), method),
    )
    said = remarks(inside, ships, source.statics.join(here, on="mmsi", how="semi", maintain_order="left"), plugged)
    said += law_remark(laws, method.law) + lng_remark(inside, ships, account, shore)
    said += checks_remark(findings, checks_made)
    return Part(report=period, source=source, legs=found.legs, shore=plugged, remarks=said)


def account_options(method: MethodConfig) -> dict[str, Any]:
    """Return the options of a run's emissions, as `sisterport.emissions` takes them."""
    return {
        "method": method.name,
        "aux_table": method.aux_table,
        "gwp": method.gwp,
        "year": method.year,
        "tier3_everywhere": method.tier3_everywhere,
        "long_stay": method.long_stay,
        "lng_aux_ch4": method.lng_aux_ch4,
        "slip_low_load": method.slip_low_load,
        "load_based_bsfc": method.load_based_bsfc,
    }


def _at_the_domain(holes: pl.DataFrame, zones: Zones) -> pl.DataFrame:
    """Keep the holes that begin or end in the domain."""
    inside = [
        zones.locate(holes[f"{end}_lat_deg"].to_numpy(), holes[f"{end}_lon_deg"].to_numpy()) & DOMAIN_MASK != 0
        for end in ("from", "to")
    ]
    return holes.filter(pl.Series(inside[0] | inside[1], dtype=pl.Boolean))


def _moment(found: Any) -> datetime:
    if not isinstance(found, datetime):
        raise InputError("no ship was seen twice, so there is no time to account for")
    return found.astimezone(UTC)


def _calls_here(found: Calls, locode: str) -> Calls:
    """Keep the calls at the project's port, their stops, and the legs to and from them."""
    here = found.calls.filter(pl.col("locode") == locode)
    stops = found.stops.join(here.select("call_id"), on="call_id", how="semi", maintain_order="left")
    known = here["call_id"].implode()
    return Calls(
        here, stops, found.legs.filter(pl.col("from_call_id").is_in(known) | pl.col("to_call_id").is_in(known))
    )


def project_areas(config: ProjectConfig) -> AreaSet:
    """Read the areas; of the domains drawn in them keep the one that the project names.

    Raises
    ------
    ProjectError
        If that domain is not drawn, or no area lies in the project's port.
    """
    first, *more = (read_areas(path) for path in config.areas)
    every = first
    for areas in more:
        every = every.join(areas)
    domains = every.frame.filter(kind="domain")["area_id"].to_list()
    faults = []
    if config.domain not in domains:
        faults.append(f"[areas] domain = '{config.domain}' is no polygon of kind 'domain' (there are: {domains})")
    inner = every.frame.filter(pl.col("kind") != "domain")
    codes = inner["locode"].drop_nulls().unique().sort().to_list()
    if inner.height and config.locode not in codes and not config.port_discs:
        faults.append(
            f"[project] locode = '{config.locode}' is the locode of no area (there are: {codes}): no call is found"
        )
    if faults:
        raise ProjectError(str(config.path), faults)
    rows = enumerate(every.frame.iter_rows(named=True))
    keep = [i for i, row in rows if row["kind"] != "domain" or row["area_id"] == config.domain]
    every = replace(every, frame=every.frame[keep], geometries=tuple(every.geometries[i] for i in keep))
    return every.join(port_discs(exclude=every)) if config.port_discs else every
