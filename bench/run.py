"""Race the row kernel against DuckDB and Polars on the same job and the same synthetic rows, and against plain reading.

    python bench/run.py [--rows 20e6,100e6] [--repeats 3]

Every contestant runs in a process of its own. It first does the whole job on a small data set, so that compiled code,
reference tables and imports are warm; then CPU seconds (user + system, all threads) and wall time of the job are taken,
the best of the repeats by CPU. Memory is the peak of the whole process. Ratios hold for one machine in one run.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

import generate

ROOT = Path(__file__).parents[1]
WARM_ROWS = 100_000
FRAMES_AT_A_TIME = 5  # of about a million rows
DUCKDB_MEMORY = "4GB"
REFERENCE = "sisterport: store to emissions"


def read_store(data: Path) -> dict[str, float]:
    """Decode every column of the store and do nothing: no engine can be faster on this file."""
    from sisterport.ais.store import scan_store

    return {"rows": sum(frame.height for frame in scan_store(data / "store"))}


def _emissions(found: pl.DataFrame, ships: pl.DataFrame) -> pl.DataFrame:
    """Return emissions by the rules of the areas alone: the peers' queries know no rules of ports."""
    from sisterport.inventory import emissions
    from sisterport.inventory.zones import zone_rules

    return emissions(found, ships, method="ghg4", zones=zone_rules())


def from_store(data: Path, *, world: bool = False) -> dict[str, float]:
    """Position store to segments to emissions, threads on all cores."""
    from sisterport.voyages.segments import segments

    ships = pl.read_parquet(data / "ships.parquet")
    found = segments(data / "store", ships, _zones(world=world), workers=os.cpu_count() or 1)
    return _totals(found, _emissions(found.segments, ships))


def in_parts(data: Path) -> dict[str, float]:
    """Do the same for some ships after the others and keep sums only: bounded memory."""
    from sisterport.ais.store import scan_store
    from sisterport.voyages.segments import segments

    ships, zones = pl.read_parquet(data / "ships.parquet"), _zones()
    sums = []
    for part in batched(scan_store(data / "store"), FRAMES_AT_A_TIME):
        found = segments(part, ships, zones, workers=1)
        sums.append(_totals(found, _emissions(found.segments, ships)))
    return {name: sum(part[name] for part in sums) for name in sums[0]}


def batched(frames: Iterator[pl.DataFrame], size: int) -> Iterator[Iterator[pl.DataFrame]]:
    """Yield `size` frames after the other, none of them read before its turn."""
    for first in frames:
        yield chain([first], islice(frames, size - 1))


def from_store_world(data: Path) -> dict[str, float]:
    """Do the same with all coasts and the real emission control areas."""
    return from_store(data, world=True)


def from_file(data: Path) -> dict[str, float]:
    """Read the float64 file that people have, row group by row group."""
    from sisterport.voyages.segments import segments

    ships = pl.read_parquet(data / "ships.parquet")
    found = segments(_whole_ships(data / "positions.parquet"), ships, _zones(), workers=os.cpu_count() or 1)
    return _totals(found, _emissions(found.segments, ships))


def by_duckdb(data: Path) -> dict[str, float]:
    """One SQL text on the float64 file."""
    import oracle

    ships = pl.read_parquet(data / "ships.parquet")
    with tempfile.TemporaryDirectory(dir=data) as spill:
        _, found = oracle.duckdb_job(
            data / "positions.parquet", ships, memory=DUCKDB_MEMORY, spill=Path(spill), threads=os.cpu_count() or 1
        )
    return _sums(found)


def by_polars(data: Path) -> dict[str, float]:
    """Expressions on the streaming engine, on the float64 file."""
    import oracle

    ships = pl.read_parquet(data / "ships.parquet")
    return _sums(oracle.polars_job(pl.scan_parquet(data / "positions.parquet"), ships)[1])


CONTESTANTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "plain reading of the store": read_store,
    REFERENCE: from_store,
    "sisterport: the same in parts of 5 M rows": in_parts,
    "sisterport: the same, world coasts and control areas": from_store_world,
    "sisterport: float64 zstd file to emissions": from_file,
    "Polars streaming, float64 zstd file": by_polars,
    f"DuckDB SQL, float64 zstd file, {DUCKDB_MEMORY}": by_duckdb,
}
SLOW = tuple(CONTESTANTS)[-2:]
COMPARABLE = [name for name in CONTESTANTS if "world" not in name and "plain" not in name]


def _zones(*, world: bool = False) -> Any:
    from sisterport.voyages.areas import read_areas
    from sisterport.voyages.raster import build_zones

    areas = read_areas(generate.area_collection())
    if world:
        return build_zones(areas)
    return build_zones(areas, emission_zones=generate.control_area_collection(), coast=False)


def _whole_ships(path: Path) -> Iterator[pl.DataFrame]:
    """Yield fixes of whole ships from the float64 file; the last ship of a row group waits for the next one."""
    import pyarrow.parquet as pq

    from sisterport.ais.fixed import fixed_expressions

    held: pl.DataFrame | None = None
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            frame = pl.DataFrame(file.read_row_group(number)).select(fixed_expressions())
            frame = frame if held is None else pl.concat([held, frame])
            cut = frame["mmsi"].search_sorted(frame["mmsi"][-1], side="left")
            held = frame[cut:]
            if cut:
                yield frame[:cut].rechunk()
    if held is not None:
        yield held


def _totals(found: Any, emitted: pl.DataFrame) -> dict[str, float]:
    """Return totals of what every engine covers: all but the made-up tracks through holes."""
    import oracle

    rows = emitted.join(oracle.covered(found.segments), on="segment_id", how="semi")
    return _sums(rows) | {"segments": found.segments.height, "holes": found.holes.height}


def _sums(emitted: pl.DataFrame) -> dict[str, float]:
    return {name: float(emitted[name].sum()) for name in ("energy_kwh", "co2_t", "nox_kg", "bc_kg")}


def measure(name: str, data: Path, warm: Path) -> dict[str, float]:
    """Run one contestant here: once on the small data set, once for the record."""
    contestant = CONTESTANTS[name]
    contestant(warm)
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    result = contestant(data)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_s": cpu, "wall_s": wall, "peak_mb": _peak_mb(after), **result}


def _peak_mb(usage: Any) -> float:
    """Return the peak memory of this process [MB]; ru_maxrss would count the parent's before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return float(usage.ru_maxrss) / (1024 if sys.platform != "darwin" else 1024**2)


def in_child(name: str, data: Path, warm: Path, repeats: int) -> dict[str, float]:
    """Run one contestant in processes of its own; return the best by CPU seconds."""
    command = [sys.executable, __file__, "--child", name, "--data", str(data), "--warm", str(warm)]
    runs = []
    for _ in range(repeats):
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this very file
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    best: dict[str, float] = min(runs, key=lambda run: float(run["cpu_s"]))
    return best | {"repeats": repeats}


def prepare(rows: int, folder: Path) -> Path:
    """Write the data of a size unless it is there."""
    data = folder / f"{rows}"
    stamp = {"rows": rows, "rows_per_ship": generate.ROWS_PER_SHIP, "code": Path(generate.__file__).read_text()}
    mark = data / "made.json"
    if not mark.exists() or json.loads(mark.read_text()) != stamp:
        shutil.rmtree(data, ignore_errors=True)
        start = time.perf_counter()
        made = generate.write(rows, data)
        print(f"wrote {made.rows:,} rows in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        mark.write_text(json.dumps(stamp))
    return data


def race(sizes: list[int], folder: Path, repeats: int, slow_limit: int) -> list[dict[str, Any]]:
    """Run every contestant on every size; slow ones only up to `slow_limit` rows."""
    warm = prepare(WARM_ROWS, folder)
    results = []
    for rows in sizes:
        data = prepare(rows, folder)
        for name in CONTESTANTS:
            if name in SLOW and rows > slow_limit:
                continue
            print(f"{rows / 1e6:g} M rows: {name} ...", file=sys.stderr)
            results.append({"contestant": name, "rows": rows} | in_child(name, data, warm, repeats))
    return results


def check(results: list[dict[str, Any]]) -> float:
    """Return the largest relative difference between the engines' totals of the same rows."""
    worst = 0.0
    for rows in {run["rows"] for run in results}:
        same = [run for run in results if run["rows"] == rows and run["contestant"] in COMPARABLE]
        for name in ("energy_kwh", "co2_t", "nox_kg", "bc_kg"):
            amounts = [run[name] for run in same]
            worst = max(worst, max(amounts) / min(amounts) - 1)
    return worst


def table(results: list[dict[str, Any]]) -> str:
    """Return the results as a Markdown table."""
    head = ["contestant", "M rows", "M rows/CPU-s", "CPU s", "wall s", "peak MB", "CPU per row / sisterport"]
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    own = {run["rows"]: run["cpu_s"] for run in results if run["contestant"] == REFERENCE}
    sizes = sorted(own)
    for run in results:
        ratio = f"{run['cpu_s'] / own[run['rows']]:.1f}"
        lines.append(
            f"| {run['contestant']} | {run['rows'] / 1e6:g} | {run['rows'] / run['cpu_s'] / 1e6:.2f} "
            f"| {run['cpu_s']:.2f} | {run['wall_s']:.2f} | {run['peak_mb']:.0f} | {ratio} |"
        )
    absent = [rows for rows in sizes if not any(r["rows"] == rows and r["contestant"] in SLOW for r in results)]
    if absent:
        lines += ["", f"DuckDB and Polars were not run on {', '.join(f'{rows / 1e6:g} M' for rows in absent)} rows."]
    return "\n".join(lines)


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next(
            (line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")), cpu
        )
    packages = {name: version(name) for name in ("sisterport", "polars", "duckdb", "pyarrow", "numba", "numpy")}
    return {"cpu": cpu, "cores": str(os.cpu_count()), "python": platform.python_version()} | packages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", default="20e6", help="sizes, separated by commas")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--slow-limit", type=float, default=20e6, help="DuckDB and Polars run up to this many rows")
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "bench")
    for hidden in ("--child", "--data", "--warm"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.child, Path(given.data), Path(given.warm))))
        return
    sizes = [int(float(part)) for part in given.rows.split(",")]
    results = race(sizes, given.folder, given.repeats, int(given.slow_limit))
    where = machine()
    print(
        f"\nSynthetic AIS; {', '.join(f'{key} {text}' for key, text in where.items())}. "
        f"Best of {given.repeats}, caches warm.\n"
    )
    print(table(results))
    print(f"\nLargest difference between the engines' totals: {check(results):.1e} (relative).")
    target = ROOT / "out" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"machine": where, "results": results}, indent=1))


if __name__ == "__main__":
    main()
