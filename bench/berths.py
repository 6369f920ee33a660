"""Race the berth planner against CP-SAT and PyJobShop on the same instances, one after the other, in one run.

    python bench/berths.py [--seconds 20] [--instances FOLDER] [--sets invented,lr2012,kliv,...] [--few 3]

`invented` instances have 60 ships and 13 berths (the size of Cordeau et al. 2005), or 200 ships and 15 berths. The
others are read from the folder of published instances, a few of each set (`--few 0`: all); ernst, cibap and mcbap have
no contestant. Then the planner's own frames: first plan of 150 ships and 20 berths, and a replan. The contestants
minimise the same sum of turnaround with one optional interval per ship and berth; who is not installed is left out.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from sisterport.berths import Plan, Weights, plan, replan, solve_instance
from sisterport.berths.instances import Discrete
from sisterport.berths.parsers import read_instance
from sisterport.berths.problem import from_discrete
from sisterport.berths.solver import optimise

FOLDERS = {"lr2012": "lallaruiz2012", "kliv": "kliv", "ernst": "ernst", "cibap": "cibap", "mcbap": "mcbap"}
SPAN = 600


class Result(NamedTuple):
    """What one contestant found: cost, proven bound, seconds on the wall and of the processor."""

    value: float
    bound: float
    seconds: float
    cpu: float


def invented(ships: int, berths: int, seed: int) -> Discrete:
    """Return an invented instance in the manner of the published ones: ships come early, berths differ in speed."""
    rng = np.random.default_rng(seed)
    speed = rng.uniform(1.0, 1.6, berths)
    base = rng.integers(8, 60, ships)
    handling = np.ceil(base[:, None] * speed * rng.uniform(0.9, 1.2, (ships, berths))).astype(np.int64)
    forbidden = rng.random((ships, berths)) < 0.1
    forbidden[np.arange(ships), rng.integers(0, berths, ships)] = False
    return Discrete(
        name=f"invented{ships}x{berths}-{seed:02}",
        arrival=rng.integers(1, SPAN // 4, ships),
        handling=np.where(forbidden, 0, handling),
        opens=np.full(berths, 12),
        closes=np.full(berths, SPAN),
        latest=np.full(ships, SPAN),
        spare=0,
    )


def sisterport(instance: Discrete, seconds: float) -> Result:
    """Search, bound, fixing and arc-flow model."""
    done = optimise(from_discrete(instance), time_limit_s=seconds)
    return Result(done.value, done.bound, 0, 0)


def cp_sat(instance: Discrete, seconds: float) -> Result:
    """One optional interval per ship and berth, no overlap at a berth."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    ships, berths = instance.handling.shape
    at_berth: list[list[object]] = [[] for _ in range(berths)]
    cost = []
    for i in range(ships):
        start = model.new_int_var(int(instance.arrival[i]), int(instance.latest[i]), "")
        here = {b: model.new_bool_var("") for b in range(berths) if instance.handling[i, b]}
        model.add_exactly_one(here.values())
        for b, taken in here.items():
            steps = int(instance.handling[i, b])
            at_berth[b].append(model.new_optional_fixed_size_interval_var(start, steps, taken, ""))
            model.add(start >= int(instance.opens[b])).only_enforce_if(taken)
            until = int(min(instance.closes[b], instance.latest[i])) - steps
            model.add(start <= until).only_enforce_if(taken)
            cost.append(steps * taken)
        cost.append(start - int(instance.arrival[i]))
    for intervals in at_berth:
        model.add_no_overlap(intervals)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.solve(model)
    return Result(solver.objective_value, solver.best_objective_bound, 0, 0)


def pyjobshop(instance: Discrete, seconds: float) -> Result:
    """One job per ship with a mode per berth, total flow time."""
    from pyjobshop import Model

    model = Model()
    berths = [model.add_machine() for _ in instance.opens]
    for i, arrival in enumerate(instance.arrival):
        job = model.add_job(release_date=int(arrival), deadline=int(instance.latest[i]))
        task = model.add_task(job, earliest_start=int(max(arrival, instance.opens.min())))
        for b, berth in enumerate(berths):
            if instance.handling[i, b]:
                model.add_mode(task, berth, duration=int(instance.handling[i, b]))
    model.set_objective(weight_total_flow_time=1)
    result = model.solve(time_limit=seconds, display=False)
    return Result(float(result.objective), float(result.lower_bound), 0, 0)


CONTESTANTS: dict[str, tuple[str, Callable[[Discrete, float], Result]]] = {
    "sisterport": ("sisterport", sisterport),
    "CP-SAT": ("ortools", cp_sat),
    "PyJobShop": ("pyjobshop", pyjobshop),
}


def timed(solve: Callable[[Discrete, float], Result], instance: Discrete, seconds: float) -> Result:
    wall, cpu = time.monotonic(), time.process_time()
    found = solve(instance, seconds)
    return found._replace(seconds=time.monotonic() - wall, cpu=time.process_time() - cpu)


def discrete(sets: list[str], folder: Path | None, few: int) -> Iterator[Discrete]:
    if "invented" in sets:
        yield from (invented(60, 13, seed) for seed in range(few or 10))
        yield from (invented(200, 15, seed) for seed in range(min(few or 10, 2)))
    for name in ("lr2012", "kliv"):
        if name in sets and folder is not None:
            files = sorted((folder / FOLDERS[name]).glob("f*.txt"))
            for path in files[:: max(len(files) // few, 1)][:few] if few else files:
                yield read_instance(path, format=name)


def race(sets: list[str], folder: Path | None, few: int, seconds: float) -> None:
    there = {name: solve for name, (module, solve) in CONTESTANTS.items() if find_spec(module)}
    print(f"contestants: {', '.join(there)}; {seconds:g} s each\n")
    print(f"{'instance':<20} {'contestant':<11} {'cost':>9} {'bound':>9} {'gap %':>7} {'wall s':>7} {'cpu s':>7}")
    gaps: dict[str, list[float]] = {name: [] for name in there}
    for instance in discrete(sets, folder, few):
        for name, solve in there.items():
            r = timed(solve, instance, seconds)
            gap = 100 * (1 - r.bound / r.value) if r.value < float("inf") else 100.0  # without a plan
            gaps[name].append(gap)
            print(
                f"{instance.name:<20} {name:<11} {r.value:9.0f} {r.bound:9.0f} {gap:7.2f} "
                f"{r.seconds:7.1f} {r.cpu:7.1f}",
                flush=True,
            )
    for name, found in gaps.items():
        if found:
            proven = sum(gap <= 0 for gap in found)
            print(
                f"{name}: mean gap {np.mean(found):.2f} %, worst {max(found):.2f} %, optimal {proven} of {len(found)}"
            )


def alone(sets: list[str], folder: Path | None, seconds: float) -> None:
    """Print the sets of quays and of several ports."""
    for name in ("ernst", "cibap", "mcbap"):
        if name not in sets or folder is None:
            continue
        for path in sorted((folder / FOLDERS[name]).glob("*[0-9q].*")):
            if path.stem == "reference_plans":
                continue
            cpu = time.process_time()
            done = solve_instance(path, format=name, time_limit_s=seconds)
            cpu = time.process_time() - cpu
            faults = f" FAULTS: {done.faults}" if done.faults else ""
            print(
                f"{done.name:<28} {done.value:12.1f} {done.bound:12.1f} {100 * done.gap:6.2f} % "
                f"{done.seconds:6.1f} s, cpu {cpu:.1f} s{faults}",
                flush=True,
            )


def port(ships: int = 150, berths: int = 20, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return invented calls, berths and handling times at 85 % utilisation."""
    rng = np.random.default_rng(seed)
    hours = rng.choice([12, 20, 32], ships, p=[0.45, 0.35, 0.2]) * rng.uniform(0.8, 1.25, ships)
    slower = np.where(np.arange(berths) >= berths // 2, 1.25, 1.0)
    wanted = rng.integers(0, berths, ships)
    span_h = hours.sum() * 1.2 / (berths * 0.85)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    calls = pl.DataFrame(
        {
            "call_id": [f"c{i:03}" for i in range(ships)],
            "eta_utc": [first + timedelta(hours=float(h)) for h in rng.uniform(0, span_h, ships)],
            "length_m": np.where(hours > 25, rng.uniform(250, 400, ships), rng.uniform(100, 250, ships)),
            "priority": rng.choice([1.0, 2.0], ships),
        }
    )
    long_ones = int(berths * 0.7)
    quays = pl.DataFrame(
        {
            "berth_id": [f"b{k:02}" for k in range(berths)],
            "length_m": np.where(np.arange(berths) < long_ones, 420.0, 260.0),
        }
    )
    far = np.minimum(np.abs(np.arange(berths)[None, :] - wanted[:, None]), 5)
    pairs = pl.DataFrame(
        {
            "call_id": np.repeat(calls["call_id"].to_numpy(), berths),
            "berth_id": np.tile(quays["berth_id"].to_numpy(), ships),
            "handling_h": (hours[:, None] * slower * (1 + 0.04 * far)).ravel(),
        }
    )
    return calls, quays, pairs


def interactive() -> None:
    """Print how fast the first plan of a large terminal and a replan are."""
    calls, quays, pairs = port()
    plan(*port(6, 2)[:2], pairs=port(6, 2)[2], time_limit_s=1)  # compile
    best = plan(calls, quays, pairs=pairs, time_limit_s=30)
    print(f"\n150 ships x 20 berths, best known: cost {best.value:.1f}, bound {best.bound:.1f}")
    for limit in (0.3, 1.0):
        wall, cpu = time.monotonic(), time.process_time()
        made = plan(calls, quays, pairs=pairs, time_limit_s=limit)
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        over = 100 * (made.value / best.value - 1)
        print(
            f"first plan, limit {limit:g} s: {over:.2f} % over the best, gap {100 * made.gap:.2f} %, "
            f"{wall:.2f} s (cpu {cpu:.2f} s)"
        )
    _replans(best, calls, quays, pairs)


def _replans(best: Plan, calls: pl.DataFrame, quays: pl.DataFrame, pairs: pl.DataFrame) -> None:
    """Print how fast and how good replans are when all ETAs have shifted."""
    now, rng = datetime(2026, 1, 3, tzinfo=UTC), np.random.default_rng(0)
    given = {"pairs": pairs, "now_utc": now, "freeze_h": 6, "weights": Weights(moved=0.2, other_berth=5)}
    for what, hours in (
        ("up to 4 h later", np.arange(calls.height) % 5),
        ("off by 12 h (one sigma)", rng.normal(0, 12, calls.height)),
        ("up to 48 h later", rng.uniform(0, 48, calls.height)),
    ):
        shift = pl.Series(np.round(hours * 60).astype(np.int64))
        late = calls.with_columns(eta_utc=pl.col("eta_utc") + pl.duration(minutes=shift))
        wall, cpu = time.monotonic(), time.process_time()
        again = replan(best, late, quays, **given)
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        long = replan(best, late, quays, time_limit_s=20, **given)
        print(
            f"replan of {again.stays.height} ships, ETAs {what}: {wall:.2f} s (cpu {cpu:.2f} s), gap "
            f"{100 * again.gap:.2f} %, {100 * (again.value / long.value - 1):.2f} % over that of 20 s, "
            f"{again.stays.filter(pl.col('moved_h') > 0).height} moved"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--instances", type=Path)
    parser.add_argument("--sets", default="invented,lr2012,kliv,ernst,cibap,mcbap,frames")
    parser.add_argument("--few", type=int, default=3)
    options = parser.parse_args()
    sets = options.sets.split(",")
    optimise(from_discrete(invented(8, 2, 0)), time_limit_s=5)  # compile
    if {"invented", "lr2012", "kliv"} & set(sets):
        race(sets, options.instances, options.few, options.seconds)
    alone(sets, options.instances, options.seconds)
    if "frames" in sets:
        interactive()


if __name__ == "__main__":
    main()
