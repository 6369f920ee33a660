"""Published problems as this room's own: what their authors minimise, in their units."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sisterport.berths import multiport
from sisterport.berths.certificate import certify, check
from sisterport.berths.instances import Discrete, Instance, MultiPort, Quays, Tidal
from sisterport.berths.parsers import read_instance
from sisterport.berths.problem import FORBIDDEN, from_discrete
from sisterport.berths.quay import Quay, check_quay, optimise_quay
from sisterport.berths.solution import Event
from sisterport.berths.solver import optimise
from sisterport.errors import InputError

PLACES_PER_UNIT = 10_000
"""Lengths of ships in tidal instances have four decimals."""
TIDAL_QUAY = 3.0
"""Length of the quay of the tidal instances; not in their CSV files, but the same in all of them (Ernst et al.)."""
SLOTS_PER_H, DEPARTURE_SLOTS, SAFETY_SLOTS, SAFETY_M = 2, 2, 1, 10
"""Slots of the instances with several quays, and what their authors add to requested departure, handling and length."""
WAITING, HANDLING, LATE, OFF_M, OTHER_QUAY = 10, 5, 20, 2, 200
"""Their prices of a slot of waiting, handling and lateness, of a metre off the wanted place, and of another quay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """A solved instance.

    Parameters
    ----------
    name, format
        Of the instance.
    status
        ``optimal`` or ``time``.
    value, bound, gap
        Cost of the plan; no plan costs less than the bound; part of the cost that another plan could save at most.
    seconds
        Time taken [s].
    stays
        One row per ship (and port): ``ship, berth, start, end`` or ``place`` in the instance's units.
    faults
        What independent checks find wrong with plan and bound; empty.
    """

    name: str
    format: str
    status: str
    value: float
    bound: float
    gap: float
    seconds: float
    stays: pl.DataFrame
    faults: tuple[str, ...]


def solve_instance(
    path: str | Path,
    *,
    format: str,  # noqa: A002 (the command's own word)
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    report: Callable[[Event], None] | None = None,
) -> Solved:
    """Solve a published instance.

    Parameters
    ----------
    path
        File.
    format
        ``lr2012``, ``kliv``, ``ernst``, ``cibap`` or ``mcbap``; see `instances`.
    time_limit_s
        Time limit [s].
    gap
        Good enough (``lr2012`` and ``kliv``): stop when no plan can save more than this part.
    seed
        Random seed.
    report
        Called with each step forward (``lr2012`` and ``kliv``).

    Raises
    ------
    InputError
        If the file is wrong, or there is no plan.
    MethodError
        If the format is unknown.
    """
    instance = read_instance(path, format=format)
    value, bound, seconds, stays, faults = _solve(instance, time_limit_s, gap, seed, report)
    return Solved(
        name=instance.name,
        format=format,
        status="optimal" if bound >= value else "time",
        value=value,
        bound=bound,
        gap=(value - bound) / value if value > bound else 0.0,
        seconds=seconds,
        stays=stays,
        faults=faults,
    )


_Answer = tuple[float, float, float, pl.DataFrame, tuple[str, ...]]


def _solve(instance: Instance, time_limit_s: float, gap: float, seed: int, report: Any) -> _Answer:
    if isinstance(instance, Discrete):
        return _discrete(instance, time_limit_s, gap, seed, report)
    if isinstance(instance, MultiPort):
        made = multiport.optimise_multiport(instance, time_limit_s=time_limit_s, seed=seed)
        value, faults = multiport.check_multiport(instance, made.stays)
        return value, made.bound, made.seconds, made.stays, faults
    quay = tidal_quay(instance) if isinstance(instance, Tidal) else several_quays(instance)
    plan = optimise_quay(quay, time_limit_s=time_limit_s, seed=seed)
    cost, faults = check_quay(quay, plan.start, plan.place)
    scale = PLACES_PER_UNIT if isinstance(instance, Tidal) else 1
    stays = pl.DataFrame(
        {"ship": list(quay.ships), "place": plan.place / scale, "start": plan.start, "end": plan.start + quay.steps}
    )
    return float(cost), float(plan.bound), plan.seconds, stays, faults


def _discrete(instance: Discrete, time_limit_s: float, gap: float, seed: int, report: Any) -> _Answer:
    problem = from_discrete(instance)
    done = optimise(problem, time_limit_s=time_limit_s, gap=gap, seed=seed, report=report)
    if done.status in ("infeasible", "unknown"):
        said = "there is no plan" if done.status == "infeasible" else "no plan was found in the time"
        raise InputError(f"{instance.name}: {said}")
    steps = problem.handling[np.arange(len(problem.ships)), done.berth]
    stays = pl.DataFrame(
        {
            "ship": list(problem.ships),
            "berth": [problem.berths[b] for b in done.berth],
            "start": done.start,
            "end": done.start + steps,
        }
    )
    return done.value, done.bound, done.seconds, stays, check(problem, certify(problem, done))


def tidal_quay(instance: Tidal, *, quay: float = TIDAL_QUAY) -> Quay:
    r"""Return a tidal instance: least sum of departures, each inside a window.

    Examples
    --------
    >>> from sisterport.berths.parsers import parse_ernst
    >>> lines = "Vessels,1\nBegin, 1,13\nEnd, 7,20\nProcessing, 5\nLength, 1.5\nArrival, 3"
    >>> np.flatnonzero(tidal_quay(parse_ernst(lines, name="one")).cost[0] != FORBIDDEN).tolist()  # leaves from 13 on
    [8, 9, 10, 11, 12, 13, 14, 15]
    """
    ships, horizon = instance.arrival.size, int(instance.window_end.max()) + 1
    start = np.arange(horizon)
    end = start[None, :] + instance.processing[:, None]
    inside = ((end[:, :, None] >= instance.window_begin) & (end[:, :, None] <= instance.window_end)).any(axis=2)
    allowed = inside & (start >= instance.arrival[:, None])
    nothing = np.zeros(ships, dtype=np.int64)
    return Quay(
        ships=tuple(str(i + 1) for i in range(ships)),
        steps=instance.processing,
        length=np.ceil(np.round(instance.length * PLACES_PER_UNIT, 6)).astype(np.int64),
        cost=np.where(allowed, end, FORBIDDEN).astype(np.int32),
        begin=np.array([0]),
        end=np.array([round(quay * PLACES_PER_UNIT)]),
        wanted=nothing,
        per_unit=nothing,
        preferred=nothing - 1,
        elsewhere=nothing,
    )


def several_quays(instance: Quays) -> Quay:
    """Return an instance with several quays, with the prices, slots and margins of its authors."""
    ships = instance.length_m.size
    arrival = np.round(SLOTS_PER_H * instance.arrival_h).astype(np.int64)
    asked = np.round(SLOTS_PER_H * instance.requested_h).astype(np.int64) + DEPARTURE_SLOTS
    steps = np.round(SLOTS_PER_H * instance.processing_h).astype(np.int64) + SAFETY_SLOTS
    horizon = int(arrival.max() + steps.sum())
    start = np.arange(horizon)
    late = np.maximum(start + steps[:, None] - asked[:, None], 0)
    cost = WAITING * (start - arrival[:, None]) + HANDLING * steps[:, None] + LATE * late
    ends = np.cumsum(instance.quay_m).astype(np.int64)
    return Quay(
        ships=tuple(str(i + 1) for i in range(ships)),
        steps=steps,
        length=np.ceil(instance.length_m).astype(np.int64) + SAFETY_M,
        cost=np.where(start >= arrival[:, None], cost, FORBIDDEN).astype(np.int32),
        begin=np.r_[0, ends[:-1]],
        end=ends,
        wanted=np.round(instance.wanted_m).astype(np.int64),
        per_unit=np.full(ships, OFF_M),
        preferred=instance.preferred,
        elsewhere=np.full(ships, OTHER_QUAY),
    )
