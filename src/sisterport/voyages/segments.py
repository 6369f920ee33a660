"""Positions to segments: feed whole ships to the kernel, bridge the holes, decode the keys."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.ais import fixed_point, scan_store
from sisterport.engines import BC_EXPONENTS, Corrections, LoadLaw, load_coefficients, load_corrections, load_law
from sisterport.engines.factors import law_factor
from sisterport.errors import InputError, MethodError
from sisterport.reference.store import value
from sisterport.tables import check, to_polars
from sisterport.voyages import holes as gaps
from sisterport.voyages.decode import decode
from sisterport.voyages.kernel import BRIDGED, KEYS, N_VALUES, OVERFLOW, SUMS, scan
from sisterport.voyages.modes import LIQUID_TANKERS, ModeRules, mode_rules
from sisterport.voyages.raster import Zones

Progress = Callable[[int], None]
"""Called with the number of rows done so far."""


class Segmented(NamedTuple):
    """Segments, and the holes in the tracks with what was done about each."""

    segments: pl.DataFrame
    holes: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything the kernel needs besides the fixes."""

    mmsi: NDArray[np.int64]
    ships: NDArray[np.float64]
    law: NDArray[np.float64]
    curves: NDArray[np.float64] | None
    rules: ModeRules
    limits: NDArray[np.float64]
    table: tuple[NDArray[np.int8], NDArray[np.int8]]
    zones: Zones
    options: NDArray[np.float64]

    def numbers(self, mmsi: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each ship; ships without particulars share the last row, where nothing is known."""
        row = np.searchsorted(self.mmsi, mmsi)
        known = np.append(self.mmsi, -1)[row] == mmsi
        return np.where(known, row, self.mmsi.size).astype(np.int64)


class Raw(NamedTuple):
    """What the kernel wrote for a number of tracks."""

    mmsi: NDArray[np.int64]
    keys: NDArray[np.int32]
    values: NDArray[np.float64]
    holes: NDArray[np.int64]


def segments(
    positions: Any,
    ships: Any,
    zones: Zones,
    *,
    rules: ModeRules | str = "sisterport",
    law: LoadLaw | str = "ghg4",
    corrections: Corrections | None = None,
    cell_deg: float | None = None,
    hole_h: float | None = None,
    closed: Sequence[str] = ("northwest",),
    sulphur_pct: Mapping[str | None, float] | None = None,
    weather: str = "method",
    fouling: str = "method",
    year: int | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Segmented:
    """Turn positions into segments with sufficient statistics.

    A segment is a ship in one mode at one place and emission zone on one UTC day. Energy, fuel and every pollutant of
    the main engine are linear in its sums (columns ``lf_*``), so factors, fuels and draws never touch positions again.

    Parameters
    ----------
    positions
        Path of a position store, a frame of positions (``tables/positions.csv``), or frames of fixes.
    ships
        Frame of particulars (``tables/ships.csv``). Ships that are not in it are kept, with no load.
    zones
        Raster of areas, coast and emission zones (`build_zones`).
    rules
        Mode rules or their name (`mode_rules`).
    law
        Load law or its name (`sisterport.engines.load_law`). Where ``holtrop`` or ``kristensen`` are asked for and a
        ship's hull does not suffice, the cubic law counts: `sisterport.engines.load_basis` says for which ships, and
        why.
    corrections
        Of that law, for these ships at least, where `sisterport.engines.load_corrections` made them already.
    cell_deg
        Also cut segments at map cells of this size [deg]; by default there are none.
    hole_h
        From this interval on, speed is distance over time and displacement decides [h].
    closed
        Passages that bridged ships do not take (`sea_route`).
    sulphur_pct
        Sulphur of the fuel by emission zone, `None` outside [percent], for the low-load SO2 curve of the EPA method;
        today's limits unless given.
    weather, fouling, year
        Weather and fouling in the load law (`sisterport.engines.factors.law_factor`).
    workers
        Threads; the result does not depend on them.
    progress
        Called with the rows done so far.

    Returns
    -------
    Segmented
        Frames ``segments`` (``tables/segments.csv``) and ``holes``.

    Raises
    ------
    MethodError
        If the zones were built for other port distances than the rules need.
    SchemaError
        If a frame does not fit its table.
    """
    rule_set = mode_rules(rules) if isinstance(rules, str) else rules
    if zones.near_nm != rule_set.near_nm:
        raise MethodError(
            f"mode rules '{rule_set.name}' need port distances {rule_set.near_nm} nm, the zones have {zones.near_nm}: "
            "build them with near_nm=mode_rules(...).near_nm"
        )
    fleet = check(ships, "ships").sort("mmsi")
    chosen = load_law(law) if isinstance(law, str) else law
    factor = law_factor(fleet, chosen.cubic, weather=weather, fouling=fouling, year=year)
    job = _job(fleet, zones, rule_set, chosen, cell_deg, hole_h, sulphur_pct, factor, corrections)
    parts: list[pl.DataFrame] = []
    holes: list[pl.DataFrame] = []
    done = 0
    for fixes, raw in _scanned(_chunks(positions), job, workers):
        parts.append(decode(raw.mmsi, raw.keys, raw.values, zones, cell_deg))
        if raw.holes.size:
            bridged, treated = _bridge(fixes, raw.holes, job, cell_deg, closed)
            parts.append(bridged)
            holes.append(treated)
        done += fixes.height
        if progress:
            progress(done)
    if not parts:
        raise InputError("no positions: nothing to segment")
    joined = pl.concat(parts)
    parts.clear()  # or all segments would be held twice from here on
    frame = joined.sort("mmsi", "start_utc", maintain_order=True).with_row_index("segment_id")
    del joined
    return Segmented(check(frame, "segments"), pl.concat(holes) if holes else pl.DataFrame(schema=gaps.SCHEMA))


def _chunks(positions: Any) -> Iterator[pl.DataFrame]:
    """Yield frames of fixes that hold whole ships."""
    if isinstance(positions, str | Path):
        yield from scan_store(positions)
        return
    if isinstance(positions, Iterable) and not hasattr(positions, "columns"):
        yield from positions
        return
    frame = to_polars(positions)
    yield frame if "lat_e5" in frame.columns else fixed_point(frame)


def _scanned(chunks: Iterator[pl.DataFrame], job: Job, workers: int) -> Iterator[tuple[pl.DataFrame, Raw]]:
    """Run chunks through the kernel in threads (it releases the GIL), at most one more than threads in memory."""
    if workers <= 1:
        for fixes in chunks:
            yield fixes, run_kernel(*tracks(fixes), job)
        return
    pending: list[tuple[pl.DataFrame, Future[Raw]]] = []
    with ThreadPoolExecutor(workers) as pool:
        for fixes in chunks:
            pending.append((fixes, pool.submit(lambda f: run_kernel(*tracks(f), job), fixes)))
            if len(pending) > workers:
                first, future = pending.pop(0)
                yield first, future.result()
        for first, future in pending:
            yield first, future.result()


def tracks(fixes: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[NDArray[Any], ...]]:
    """Return MMSI and bounds of each ship and the arrays of the fixes."""
    mmsi = fixes["mmsi"].to_numpy()
    change = np.flatnonzero(mmsi[1:] != mmsi[:-1]) + 1
    starts = np.concatenate(([0], change, [mmsi.size])).astype(np.int64)
    arrays = (
        fixes["t_s"].to_numpy(),
        fixes["lat_e5"].to_numpy(),
        fixes["lon_e5"].to_numpy(),
        fixes["sog_dkn"].fill_null(-1).to_numpy(),
        fixes["draught_dm"].fill_null(-1).to_numpy(),
    )
    return mmsi[starts[:-1]].astype(np.int64), starts, arrays


def run_kernel(
    mmsi: NDArray[np.int64],
    starts: NDArray[np.int64],
    arrays: tuple[NDArray[Any], ...],
    job: Job,
    options: NDArray[np.float64] | None = None,
) -> Raw:
    """Run tracks through the kernel, with larger output arrays when they were too small."""
    rows = int(starts[-1])
    capacity = max(4096, rows // 16)
    opts = job.options if options is None else options
    while True:
        keys = np.empty((capacity, len(KEYS)), np.int32)
        values = np.empty((capacity, N_VALUES))
        holes = np.empty(capacity, np.int64)
        n, h = scan(
            starts, job.numbers(mmsi), arrays, job.ships, job.law, job.curves, job.limits, job.table, job.zones.arrays,
            opts, load_coefficients(), keys, values, holes,
        )  # fmt: skip
        if n != OVERFLOW:
            return Raw(mmsi[keys[:n, 0]], keys[:n].copy(), values[:n].copy(), holes[:h].copy())
        capacity *= 4


def _bridge(
    fixes: pl.DataFrame, rows: NDArray[np.int64], job: Job, cell_deg: float | None, closed: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return segments through the holes that begin at `rows`, and the frame of all holes."""
    every = gaps.describe(fixes, rows)
    open_ = every["treatment"] != "unobserved"
    todo = every.filter(open_)
    if todo.is_empty():
        return decode(*_nothing(), job.zones, cell_deg), every
    tracks_, lengths = gaps.made_up(todo, gaps.draught_before(fixes, rows[open_.to_numpy()]), closed)
    options = job.options.copy()
    options[0] = np.inf  # made-up fixes have no holes
    raw = run_kernel(*tracks_, job, options)
    raw.keys[:, KEYS.index("quality")] = BRIDGED
    raw.values[:, SUMS.index("positions")] = 0.0
    raw.values[:, SUMS.index("gap_max_h")] = todo["hours"].to_numpy()[raw.keys[:, 0]]
    bridged = decode(raw.mmsi, raw.keys, raw.values, job.zones, cell_deg)
    known = pl.concat([todo.with_columns(distance_nm=lengths), every.filter(~open_)]).sort("mmsi", "start_utc")
    return bridged, known


def _nothing() -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    return np.empty(0, np.int64), np.empty((0, len(KEYS)), np.int32), np.empty((0, N_VALUES))


def _job(
    ships: pl.DataFrame,
    zones: Zones,
    rules: ModeRules,
    law: LoadLaw,
    cell_deg: float | None,
    hole_h: float | None,
    sulphur_pct: Mapping[str | None, float] | None,
    factor: pl.Series | None = None,
    corrections: Corrections | None = None,
) -> Job:
    """Return what the kernel needs; ``factor`` belongs to ships in order of MMSI, by default that of the law."""
    ships = ships.sort("mmsi")
    factor = law_factor(ships, law.cubic) if factor is None else factor
    bends = load_corrections(ships, law) if corrections is None else corrections.of(ships)
    sulphur = sulphur_pct or {None: 100.0 * value("global_sulphur")}
    by_zone = [sulphur.get(zone, 100.0 * value("eca_sulphur")) for zone in zones.zone_ids]
    hole_s = 3600.0 * (hole_h if hole_h is not None else value("hole_h"))
    return Job(
        mmsi=ships["mmsi"].to_numpy(),
        ships=_ship_array(ships, bends.factor(ships, factor, law.cubic), bends.number),
        law=np.array(
            [
                law.draught_exponent,
                law.lf_min,
                law.lf_max,
                law.lf_off,
                value("draught_ratio_min"),
                value("draught_ratio_max"),
            ]
        ),
        curves=bends.curves,
        rules=rules,
        limits=np.array(
            [
                rules.stop_on_kn,
                rules.stop_off_kn,
                *rules.edges_kn,
                rules.min_run_s,
                rules.near_hysteresis,
                rules.needs_load,
                value("low_load_limit"),
            ]
        ),
        table=(rules.table, zones.area_kind),
        zones=zones,
        options=np.array(
            [
                hole_s,
                value("hole_stay_nm"),
                3600.0 * value("hole_max_h"),
                round(1e5 * (cell_deg or 0.0)),
                value("earth_radius_nm"),
                value("hole_shift_nm"),
                value("hole_rest_kn"),
                value("hole_under_way_kn"),
                sulphur[None],
                *by_zone,
            ]
        ),
    )


def _ship_array(ships: pl.DataFrame, factor: pl.Series, number: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the kernel's columns per ship, and one last row for ships of which nothing is known."""
    slow = pl.col("engine_type") == "SSD"
    exponent = [
        pl.when(slow).then(value(BC_EXPONENTS["SSD"][i])).otherwise(value(BC_EXPONENTS["MSD"][i])) for i in (0, 1)
    ]
    columns = ships.select(
        pl.col("v_ref_kn").fill_null(0.0),
        pl.col("draught_ref_m").fill_null(0.0),
        factor=factor.fill_null(1.0),
        bc_residual=exponent[0],
        bc_distillate=exponent[1],
        low_load=pl.lit(1.0),  # no ship class of the register is diesel-electric by itself
        tanker=pl.col("ship_class").is_in(LIQUID_TANKERS).cast(pl.Float64),
        number=pl.Series(number, dtype=pl.Float64),
    )
    nothing_known = [[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]
    return np.ascontiguousarray(np.vstack([columns.to_numpy(), nothing_known]))
