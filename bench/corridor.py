"""The corridor planner against the clock: proven gap and seconds on drawn corridors, the plain HiGHS run beside.

    python bench/corridor.py                          # 10 services, 60 ships, 27 years, 8 fuels, 6 ports; 20 seeds
    python bench/corridor.py --services 20 --ships 120 --seeds 2000-2002 --seconds 60
    python bench/corridor.py --plain                  # HiGHS alone on the same programme, for as long
    python bench/corridor.py --futures 5 --seeds 2000 # five futures with the same first decisions

How often tanks, supply, openings and speeds bind is printed with each plan; a class in which one of them never does
would prove nothing.
"""

import argparse
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from corridor_instances import FUELS, corridor


def one(seed: int, size: dict[str, int], *, gap: float, seconds: float) -> dict[str, Any]:
    """Plan one corridor; return gap, times and what binds."""
    from sisterport.corridor.plan import plan
    from sisterport.corridor.solve import solve
    from sisterport.corridor.verify import verify

    problem = corridor(seed, **size)
    wall, cpu = time.perf_counter(), time.process_time()
    solved = solve(problem, gap=gap, time_limit_s=seconds)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    faults = verify(problem, plan(solved), cost_musd=solved.cost_musd, emissions_t=solved.emissions_t)
    row = {
        "seed": seed, "gap": solved.gap, "by": solved.bound_by, "wall_s": wall, "cpu_s": cpu,
        "build": solved.seconds["model"] / wall, "faults": len(faults),
    }  # fmt: skip
    return row | binding(solved)


def binding(solved: Any) -> dict[str, float]:
    """Return the share of tanks that leave some port full, of supplies used up, of openings made, of slower speeds."""
    p, v = solved.problem, solved.program.values(solved.x)
    sailed = v["w"].sum(axis=2)
    tanks = used = full = 0
    for s, calls in enumerate(p.calls_of):
        for variant in np.nonzero(p.variant_family > 0)[0]:
            sails = sailed[s, variant] > 1e-3
            room = p.tank_tj[s, variant] * sailed[s, variant]
            content = _content(p, v, calls, s, variant)
            tanks += int(sails.sum())
            full += int((sails & (content > room * (1 - 1e-6))).sum())
    taken = np.zeros(p.supply_tj.shape)
    for c, f in np.argwhere(p.supply_region[:, p.call_port].T >= 0):
        taken[p.supply_region[f, p.call_port[c]]] += v["q"][c, f]
    used = taken > 1e-3
    up = used & (taken > p.supply_tj * (1 - 1e-6))
    o = v["o"][:, 1:]
    share = v["w"].sum(axis=(1, 3))
    return {
        "tank": full / max(tanks, 1),
        "supply": up.sum() / max(used.sum(), 1),
        "open": float(o[:, :, -1].mean()),
        "late": float((o[:, :, -1] - o[:, :, 0]).mean()),
        "speeds": float((share / share.sum(axis=1, keepdims=True) > 0.02).sum(axis=1).mean()),
        "mixed": float(((share / share.sum(axis=1, keepdims=True)).max(axis=1) < 0.98).mean()),
    }


def _content(p: Any, v: Any, calls: Any, s: int, variant: int) -> Any:
    """Most that is in the tanks anywhere on the ring, when they are kept as empty as can be."""
    most, content = np.zeros(len(p.years)), np.zeros(len(p.years))
    for c in (*calls, *calls):
        content = content + v["b"][c, variant]
        most = np.maximum(most, content)
        need = np.einsum("k,ky->y", p.energy_tj[c, variant], v["w"][s, variant]) - v["h"][c, variant]
        content = content - np.minimum(content, (1 - p.pilot[variant]) * need)
    return most


def plain(seed: int, size: dict[str, int], *, gap: float, seconds: float) -> dict[str, Any]:
    """Give the same programme to HiGHS as it is."""
    from sisterport.corridor.highs import Solver
    from sisterport.corridor.model import model
    from sisterport.corridor.solve import linear

    m = model(corridor(seed, **size))
    solver = Solver(linear(m), mip_rel_gap=gap, time_limit=seconds)
    solver.whole(m.whole)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = solver.solve()
    gap = (answer.value - answer.bound) / answer.value if np.isfinite(answer.value) else 1.0
    return {
        "seed": seed,
        "gap": gap,
        "by": "HiGHS",
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
    }


def futures_of(problem: Any, count: int, seed: int) -> list[Any]:
    """Return futures of a corridor: green fuels up to 40 % cheaper or dearer, other supply, oil prices and rules."""
    rng = np.random.default_rng(seed)
    green = np.array([f[2] < 60 for f in FUELS])
    found = [problem]
    for _ in range(count - 1):
        price = problem.price_usd_gj.copy()
        price[green] *= rng.uniform(0.6, 1.4)
        price[~green] *= rng.uniform(0.8, 1.3)
        accounts = problem.accounts
        if rng.random() < 0.5:  # without the framework of two tiers: its price is nothing
            accounts = tuple(
                replace(a, price_usd=np.where(np.isnan(a.price_usd), np.nan, 0.0)) if a.name.startswith("tier") else a
                for a in accounts
            )
        found.append(
            replace(problem, price_usd_gj=price, supply_tj=problem.supply_tj * rng.uniform(0.6, 1.4), accounts=accounts)
        )
    return found


def together(seed: int, size: dict[str, int], count: int, *, gap: float, seconds: float) -> dict[str, Any]:
    """Plan several futures with the same first decisions."""
    from sisterport.corridor.futures import futures

    wall, cpu = time.perf_counter(), time.process_time()
    found = futures(futures_of(corridor(seed, **size), count, seed), gap=gap, time_limit_s=seconds)
    print(found.regret)
    return {
        "seed": seed, "gap": found.gap, "by": "prices", "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("services", 10), ("ships", 60), ("years", 27), ("ports", 6)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument(
        "--seeds", default="2000-2019", help="first-last; 2000-2019 are for reporting, 1000-1019 for tuning"
    )
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--plain", action="store_true", help="HiGHS alone instead")
    parser.add_argument("--futures", type=int, default=0, help="number of futures with the same first decisions")
    options = parser.parse_args()
    size = {name: getattr(options, name) for name in ("services", "ships", "years", "ports")}
    first, _, last = options.seeds.partition("-")
    rows = []
    for seed in range(int(first), int(last or first) + 1):
        if options.futures:
            row = together(seed, size, options.futures, gap=options.gap, seconds=options.seconds)
        else:
            row = (plain if options.plain else one)(seed, size, gap=options.gap, seconds=options.seconds)
        rows.append(row)
        print(
            "  ".join(
                f"{k} {v:.3%}" if k in _SHARES else f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}"
                for k, v in row.items()
            ),
            flush=True,
        )
    for name in ("gap", "wall_s", "cpu_s"):
        values = [row[name] for row in rows]
        print(f"{name}: median {statistics.median(values):.4g}, worst {max(values):.4g} of {len(values)}")


_SHARES = {"gap", "build", "tank", "supply", "open", "late", "mixed"}

if __name__ == "__main__":
    main()
