"""Race the upgrade optimiser against the plain HiGHS MILP on an invented network of the size of the fact sheet.

    python bench/upgrades.py [--budgets 100,400,1500] [--seconds 60] [--no-milp]

40 ports x 5 terminals (of 4 berths), 5,000 ships, about 40,000 links of a ship and a terminal. Two problems: `simple`
has one fix per need and no capacities; `full` has alternative fixes, whole numbers of outlets and outlet hours. The
network is invented: times and gaps count, tonnes do not.
"""

import argparse
import time
from typing import Any, NamedTuple

import numpy as np
import polars as pl

PORTS, TERMINALS, SHIPS = 40, 5, 5000
CONTAINER, CRUISE, RORO, TANKER = range(4)
AUXILIARY_T_PER_MWH, LINE = 0.6957, 0.94  # 217 g/kWh x 3.206; what arrives of the grid's energy
UTILISATION, MEAN_MW, OUTLETS = 8760 * 0.6, 3.0, 2


class Frames(NamedTuple):
    """The three frames of an upgrade problem."""

    upgrades: pl.DataFrame
    links: pl.DataFrame
    needs: pl.DataFrame


class Drawn(NamedTuple):
    """The network as drawn: ship, terminal, energy and gain of each link; what lacks at ships and terminals."""

    ship: Any
    terminal: Any
    energy: Any
    gain: Any
    ship_cost: Any
    terminal_cost: Any


def draw(seed: int = 7) -> Drawn:
    """Draw the network of the fact sheet."""
    rng = np.random.default_rng(seed)
    count = PORTS * TERMINALS
    kind = np.tile([CONTAINER, CONTAINER, RORO, CRUISE, TANKER], PORTS)
    grid60 = np.repeat(rng.random(PORTS) < 0.25, TERMINALS)
    equipped = rng.random(count) < np.where(np.isin(kind, [CONTAINER, CRUISE]), 0.35, 0.15)
    converter = equipped & (grid60 | (rng.random(count) < 0.7))
    grid_t = np.repeat(rng.choice([0.02, 0.06, 0.25, 0.35, 0.55], PORTS), TERMINALS)
    ship_kind = rng.choice([0, 1, 2, 3], SHIPS, p=[0.55, 0.06, 0.22, 0.17])
    rng.random(SHIPS), rng.random(SHIPS)  # frequency and voltage: drawn, as in the fact sheet, but not used here
    sizes = [rng.lognormal(*of, SHIPS) for of in ((1.0, 0.45), (2.0, 0.25), (0.7, 0.4), (0.6, 0.4))]
    peak = np.choose(ship_kind, sizes)
    inlet = rng.random(SHIPS) < np.choose(ship_kind, [0.18, 0.5, 0.12, 0.02])
    rng.integers(0, 3, SHIPS), rng.integers(0, 2, count * 4)  # sides of ship and berth: same
    ship, terminal, energy = [], [], []
    of_kind = {k: np.nonzero(kind == k)[0] for k in range(4)}
    for s in range(SHIPS):
        n = rng.integers(4, 13)
        ship.append(np.full(n, s))
        terminal.append(rng.choice(of_kind[ship_kind[s]], n, replace=False))
        energy.append(rng.integers(4, 52, n) * rng.uniform(8, 30, n) * peak[s] * 0.5)
    i, j, mwh = np.concatenate(ship), np.concatenate(terminal), np.concatenate(energy)
    outlet = np.where(equipped & converter, 0.0, np.where(equipped, 2.5, np.choose(kind, [8.6, 10.0, 3.0, 5.0])))
    ship_cost = np.where(inlet, 0.0, np.choose(ship_kind, [1.1, 1.6, 0.8, 0.9]))
    return Drawn(i, j, mwh, mwh * (AUXILIARY_T_PER_MWH - grid_t[j] / LINE), ship_cost, outlet)


def _links(d: Drawn, **more: Any) -> pl.DataFrame:
    frame = {
        "link_id": [f"s{s:04}@t{t:03}" for s, t in zip(d.ship, d.terminal, strict=True)],
        "ship_id": [f"s{s:04}" for s in d.ship],
        "berth_id": [f"t{t:03}" for t in d.terminal],
        "locode": [f"XX{t // TERMINALS:03}" for t in d.terminal],
        "energy_mwh": d.energy,
        "co2e_t": d.gain,
    }
    return pl.DataFrame({**frame, **more})


def _upgrades(letter: str, side: str, fix: str, at: Any, cost: Any, **more: Any) -> pl.DataFrame:
    owner = [f"{'s' if side == 'ship' else 't'}{k:0{4 if side == 'ship' else 3}}" for k in at]
    frame = {
        "upgrade_id": [f"{letter}:{name}" for name in owner],
        "side": side,
        "owner": owner,
        "locode": [None if side == "ship" else f"XX{k // TERMINALS:03}" for k in at],
        "fix": fix,
        "cost_musd": np.broadcast_to(cost, len(at)),
    }
    return pl.DataFrame({**frame, **more}, schema_overrides={"locode": pl.String})


def _needs(d: Drawn, number: int, where: Any, *options: tuple[str, str]) -> pl.DataFrame:
    """Need `number` of the links in `where`: one of the upgrades named by letter and side."""
    at = np.nonzero(where)[0]
    parts = []
    for letter, side in options:
        owner = [f"s{s:04}" if side == "ship" else f"t{t:03}" for s, t in zip(d.ship[at], d.terminal[at], strict=True)]
        link = [f"s{s:04}@t{t:03}" for s, t in zip(d.ship[at], d.terminal[at], strict=True)]
        parts.append(pl.DataFrame({"link_id": link, "need": number, "upgrade_id": [f"{letter}:{o}" for o in owner]}))
    return pl.concat(parts)


def simple(seed: int = 7) -> Frames:
    """One fix per need: an inlet on the ship, an outlet set at the terminal."""
    d = draw(seed)
    ships, terminals = np.nonzero(d.ship_cost)[0], np.nonzero(d.terminal_cost)[0]
    return Frames(
        pl.concat(
            [
                _upgrades("inlet", "ship", "inlet_retrofit", ships, d.ship_cost[ships]),
                _upgrades("outlet", "berth", "new_outlet", terminals, d.terminal_cost[terminals]),
            ]
        ),
        _links(d),
        pl.concat(
            [
                _needs(d, 2, d.ship_cost[d.ship] > 0, ("inlet", "ship")),
                _needs(d, 3, d.terminal_cost[d.terminal] > 0, ("outlet", "berth")),
            ]
        ),
    )


def full(seed: int = 7) -> Frames:
    """Alternative fixes for the side, converters, up to four outlets of so many hours each."""
    d = draw(seed)
    rng = np.random.default_rng(3)
    count = PORTS * TERMINALS
    converts = rng.random(count) < 0.45
    side_bad = rng.random(d.gain.size) < 0.35
    hertz_bad = converts[d.terminal] & (rng.random(d.gain.size) < 0.8)
    bare = d.terminal_cost > 0
    ships, terminals = np.nonzero(d.ship_cost)[0], np.arange(count)
    outlets = _upgrades(
        "outlet", "berth", "new_outlet", terminals, np.where(bare, d.terminal_cost / 2, 2.5),
        units_max=4, units_built=np.where(bare, 0, OUTLETS), outlet_hours_h=UTILISATION,
        berth_id=[f"t{t:03}" for t in terminals],
    )  # fmt: skip
    return Frames(
        pl.concat(
            [
                _upgrades("inlet", "ship", "inlet_retrofit", ships, d.ship_cost[ships]),
                _upgrades("second", "ship", "second_inlet", np.arange(SHIPS), 0.35),
                _upgrades("converter", "berth", "frequency_converter", terminals, 3.0),
                _upgrades("mobile", "berth", "mobile_outlet", terminals, 0.6),
                outlets,
            ],
            how="diagonal",
        ),
        # hours such that an outlet carries a mean of 2 x 3 MW, as in the fact sheet
        _links(d, hours_h=d.energy / (MEAN_MW * OUTLETS)),
        pl.concat(
            [
                _needs(d, 2, d.ship_cost[d.ship] > 0, ("inlet", "ship")),
                _needs(d, 3, bare[d.terminal], ("outlet", "berth")),
                _needs(d, 5, hertz_bad, ("converter", "berth")),
                _needs(d, 9, side_bad, ("second", "ship"), ("mobile", "berth")),
            ]
        ),
    )


def race(problem: str, budget: float, *, seconds: float, milp: bool = True) -> list[dict[str, Any]]:
    """Solve one problem at one budget by our method and by the plain HiGHS MILP; return one row for each."""
    from sisterport.shorepower import milp as highs
    from sisterport.shorepower.phases import one_phase
    from sisterport.shorepower.phases import problem as arrays
    from sisterport.shorepower.problem import network
    from sisterport.shorepower.upgrades import upgrades

    frames = simple() if problem == "simple" else full()
    wall, cpu = time.perf_counter(), time.process_time()
    plan = upgrades(*frames, budget_musd=budget)
    rows = [_row(problem, budget, f"sisterport ({plan.method})", plan.value, plan.proven, wall, cpu)]
    if milp:
        net = network(*frames)
        wall, cpu = time.perf_counter(), time.process_time()
        answer = highs.solve(arrays(net, one_phase(budget)), time_limit_s=seconds, gap=1e-3)
        rows.append(_row(problem, budget, "HiGHS MILP, plain", answer.value, answer.bound, wall, cpu))
    return rows


def _row(problem: str, budget: float, method: str, value: float, bound: float, *since: float) -> dict[str, Any]:
    return {
        "problem": problem,
        "budget_musd": budget,
        "method": method,
        "saved_t": value,
        "bound_t": bound,
        "gap": 1 - value / bound if value > 0 else 1.0,
        "wall_s": time.perf_counter() - since[0],
        "cpu_s": time.process_time() - since[1],
    }


def run(
    budgets: tuple[float, ...] = (100.0, 400.0, 1500.0), *, seconds: float = 60.0, milp: bool = True
) -> list[dict[str, Any]]:
    """Run all races, each printed when it is done. Compiled code is warmed up first, on small networks."""
    from sisterport.shorepower.example import frames
    from sisterport.shorepower.upgrades import upgrades

    for method in ("exact", "lagrangian"):
        upgrades(*frames(), budget_musd=6.0, method=method)
    upgrades(*simple(), budget_musd=1.0)
    rows = []
    print(
        f"{'problem':8} {'MUSD':>6} {'method':24} {'saved t':>11} {'bound t':>11} {'gap':>8} {'wall s':>7} {'CPU s':>7}"
    )
    for problem in ("simple", "full"):
        for budget in budgets:
            for row in race(problem, budget, seconds=seconds, milp=milp):
                rows.append(row)
                print(
                    f"{row['problem']:8} {row['budget_musd']:6.0f} {row['method']:24} {row['saved_t']:11,.0f} "
                    f"{row['bound_t']:11,.0f} {row['gap']:8.3%} {row['wall_s']:7.2f} {row['cpu_s']:7.2f}",
                    flush=True,
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budgets", default="100,400,1500", help="budgets in MUSD")
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit of the plain MILP")
    parser.add_argument("--no-milp", action="store_true", help="leave the plain MILP out")
    options = parser.parse_args()
    budgets = tuple(float(b) for b in options.budgets.split(","))
    run(budgets, seconds=options.seconds, milp=not options.no_milp)


if __name__ == "__main__":
    main()
