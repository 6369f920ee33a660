"""Several ports on one voyage: berths, start times and speeds of each ship together, with a proven bound.

Ships lie on segments of the quays from whole hours on. A plan is found by taking a few ships out and putting each back
on her cheapest way (`routes.route`); the bound prices the cells of all quays, so that ships fall apart, and is what the
same cheapest ways cost less what the cells were paid.
"""

from dataclasses import dataclass, replace
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from sisterport.berths.exact import Floats
from sisterport.berths.instances import MultiPort
from sisterport.berths.problem import Ints
from sisterport.berths.warm import warm
from sisterport.errors import InputError

if TYPE_CHECKING:
    from sisterport.berths.routes import Fleet

STRETCH = 2.5
"""Factor on the latest finishes of the files, which their authors' reader applies (rounded up) and the files do not."""
PENALTY_USD_H = 2_000.0
"""Price of an hour after the latest finish in the authors' code."""
ROUNDS, MOST_OUT = 20, 3
"""Tries before the clock is looked at again, and ships taken out at once at most."""
PASSES, PATIENCE, FALL, SHORTEST = 10, 8, 0.7, 1e-3
"""Passes of the bound before the clock is looked at again; passes without gain before steps get shorter, by what, and
the step at which it ends."""
SEARCH_SHARE, ENOUGH = 0.3, 20
"""Part of the time that the search for a plan may take, and how often it may find no better one."""
ROUNDING = 1e-6
"""Part of the cost up to which plan and bound count as equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voyages:
    """A plan for several ports.

    Parameters
    ----------
    stays
        ``ship, visit, port, segment, start, end`` (all from 1 but the hours).
    value, bound
        Cost [USD] and what no plan costs less than.
    seconds
        Time taken [s].
    """

    stays: pl.DataFrame
    value: float
    bound: float
    seconds: float


def optimise_multiport(instance: MultiPort, *, time_limit_s: float, seed: int = 0) -> Voyages:
    """Return the best plan found in the time, with a proven bound; the clock starts when all is compiled.

    Raises
    ------
    InputError
        If no plan is found.
    """
    from sisterport.berths import routes as kernel  # noqa: PLC0415 (numba takes its time)

    # one ship alone runs everything that is compiled
    warm("voyages", lambda: optimise_multiport(replace(instance, ships=instance.ships[:1]), time_limit_s=0.0))
    began = monotonic()
    fleet, taken = _fleet(instance)
    ships, visits = fleet.port.shape
    shape = (ships, visits, taken.shape[1], taken.shape[2])
    alive = np.ones(shape, dtype=np.bool_)
    at, begin = np.full((ships, visits), -1), np.full((ships, visits), -1)
    cost: Floats = np.full(ships, kernel.NEVER)
    number = quiet = 0
    while number == 0 or (quiet < ENOUGH and monotonic() < began + SEARCH_SHARE * time_limit_s):
        before = cost.sum()
        kernel.improve(taken, alive, fleet, at, begin, cost, ROUNDS, MOST_OUT, seed + number)
        number, quiet = number + 1, 0 if cost.sum() < before else quiet + 1
        if cost.max() >= kernel.NEVER and number > PATIENCE:
            raise InputError(f"{instance.name}: no plan was found in which every ship has a place at all her ports")
    value = float(cost.sum())
    others = _fleet(instance)[1]
    price: Floats = np.zeros(others.shape)
    bound, length = -np.inf, 1.0
    while bound < value - ROUNDING * value and length > SHORTEST:
        raised, length = kernel.ascend(others, alive, price, fleet, value, length, PASSES, PATIENCE, FALL)
        bound = max(bound, raised)
        if monotonic() > began + time_limit_s:
            break
    stays = _stays(fleet, at, begin)
    return Voyages(stays=stays, value=value, bound=min(bound, value), seconds=monotonic() - began)


def _fleet(instance: MultiPort) -> tuple["Fleet", Floats]:
    """Return the ships in arrays, and the cells that ships of others have taken."""
    from sisterport.berths import routes as kernel  # noqa: PLC0415 (numba takes its time)

    ships, most = len(instance.ships), max(len(ship.visits) for ship in instance.ships)
    speeds = instance.sail_h_nm.size
    parts = {name: np.zeros((ships, most)) for name in ("wanted", "earliest", "finish", "latest", "shortest")}
    port, size = np.zeros((ships, most), dtype=np.int64), np.ones((ships, most), dtype=np.int64)
    leg_h, leg_usd = np.zeros((ships, most, speeds)), np.zeros((ships, most, speeds))
    for i, ship in enumerate(instance.ships):
        for k, visit in enumerate(ship.visits):
            port[i, k], size[i, k] = visit.port, ceil(ship.length_m / instance.segment_m)
            parts["wanted"][i, k] = visit.wanted_m / instance.segment_m
            parts["earliest"][i, k], parts["finish"][i, k] = visit.earliest_h, visit.wanted_finish_h
            parts["latest"][i, k] = ceil(STRETCH * visit.latest_h)
            parts["shortest"][i, k] = instance.ports[visit.port].minimum_handling_h[ship.kind]
            if k:
                nm = instance.distance_nm[port[i, k - 1], visit.port]
                leg_h[i, k] = instance.sail_h_nm * nm
                leg_usd[i, k] = instance.fuel_t_nm[ship.kind] * nm * instance.fuel_usd_t
    segments = np.array([int(quay.quay_m // instance.segment_m) for quay in instance.ports], dtype=np.int64)
    hours = int(parts["latest"].max())
    taken: Floats = np.zeros((segments.size, int(segments.max()), hours))
    for p, quay in enumerate(instance.ports):
        for start, place, steps, length in quay.taken:
            low, high = int(place // instance.segment_m), ceil((place + length) / instance.segment_m)
            taken[p, low:high, int(start) : ceil(start + steps)] = 1.0
    fleet = kernel.Fleet(
        visits=np.array([len(ship.visits) for ship in instance.ships], dtype=np.int64),
        port=port,
        size=size,
        far=instance.beta * instance.segment_m,
        segments=segments,
        leg_h=leg_h,
        leg_usd=leg_usd,
        usd=np.array([instance.idle_usd_h, instance.handling_usd_h, instance.delay_usd_h, PENALTY_USD_H]),
        **parts,
    )
    return fleet, taken


def _stays(fleet: "Fleet", at: Ints, begin: Ints) -> pl.DataFrame:
    from sisterport.berths import routes as kernel  # noqa: PLC0415 (numba takes its time)

    rows = [
        {
            "ship": i + 1,
            "visit": k + 1,
            "port": int(fleet.port[i, k]) + 1,
            "segment": int(at[i, k]) + 1,
            "start": int(begin[i, k]),
            "end": float(begin[i, k] + kernel.handling(i, k, at[i, k], fleet)),
        }
        for i in range(fleet.visits.size)
        for k in range(fleet.visits[i])
    ]
    return pl.DataFrame(rows)


def check_multiport(  # noqa: C901 (one rule after the other)
    instance: MultiPort, stays: pl.DataFrame
) -> tuple[float, tuple[str, ...]]:
    """Return the cost of a plan [USD] and all its faults, counted out once more from the instance."""
    faults, total = [], 0.0
    lying: dict[int, list[tuple[float, float, float, float, str]]] = {p: [] for p in range(len(instance.ports))}
    for p, quay in enumerate(instance.ports):
        lying[p] += [(y, y + length, t, t + steps, "a ship of others") for t, y, steps, length in quay.taken]
    for i, ship in enumerate(instance.ships):
        ended = 0.0
        rows = stays.filter(pl.col("ship") == i + 1).sort("visit").to_dicts()
        if [row["port"] - 1 for row in rows] != [visit.port for visit in ship.visits]:
            faults.append(f"ship {i + 1} does not call at her ports in order")
            continue
        for k, (row, visit) in enumerate(zip(rows, ship.visits, strict=True)):
            who = f"ship {i + 1} at port {visit.port + 1}"
            quay = instance.ports[visit.port]
            off = abs(row["segment"] - (visit.wanted_m / instance.segment_m + 1)) * instance.segment_m
            hours = (1 + instance.beta * off) * quay.minimum_handling_h[ship.kind]
            start, end = row["start"], row["start"] + hours
            low = (row["segment"] - 1) * instance.segment_m
            high = low + ceil(ship.length_m / instance.segment_m) * instance.segment_m
            if start < visit.earliest_h:
                faults.append(f"{who} starts before her earliest start")
            if low < 0 or high > quay.quay_m // instance.segment_m * instance.segment_m:
                faults.append(f"{who} lies over the end of the quay")
            late = instance.delay_usd_h * max(end - visit.wanted_finish_h, 0)
            late += PENALTY_USD_H * max(end - ceil(STRETCH * visit.latest_h), 0)
            total += instance.handling_usd_h * hours + late
            if k:
                nm = instance.distance_nm[ship.visits[k - 1].port, visit.port]
                in_time = [s for s, h in enumerate(instance.sail_h_nm) if h * nm <= start - ended + ROUNDING]
                if not in_time:
                    faults.append(f"{who} cannot be there in time")
                else:
                    sailing = float(instance.sail_h_nm[in_time[0]]) * nm
                    total += instance.fuel_usd_t * float(instance.fuel_t_nm[ship.kind][in_time[0]]) * nm
                    total += instance.idle_usd_h * max(start - ended - sailing, 0)
            for y, y_end, t, t_end, other in lying[visit.port]:
                if low < y_end and y < high and start < t_end - ROUNDING and t < end - ROUNDING:
                    faults.append(f"{who} and {other} lie at the same place at the same time")
            lying[visit.port].append((low, high, start, end, f"ship {i + 1}"))
            ended = end
    return total, tuple(faults)
