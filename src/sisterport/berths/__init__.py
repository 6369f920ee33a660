"""Berth plans: who berths where and when, with a proven bound on how much better any other plan could be.

Frames in (tables with units: ``sisterport/tables/<name>.csv``; what may be missing there may be missing here)::

    calls       berth_calls       who comes, from when on, how long, how deep, what was promised or is locked
    berths      berths            length, depth, openings, tide, outlets and the plants that feed them
    pairs       berth_pairs       what holds for one call at one berth: handling time, plug, fuel and emissions there
    approaches  berth_approaches  fuel and emissions of an approach by the start that it is made for
    closures    berth_closures    nobody at the berth
    tides       berth_tides       high-water windows

Frame out: ``berth_plan``. Functions::

    plan(calls, berths, *, pairs, approaches, closures, tides, weights, time_limit_s, gap, seed, ...) -> Plan
    replan(previous, calls, berths, *, now_utc, freeze_h, ..., the same options) -> Plan
    explain(plan) -> frame: one row per call: why here, why then, what blocks it, the next berth and its price
    verify(stays, calls, berths, *, ...) -> faults, from the frames alone (`audit`); of the bound: Plan.faults()
    solve_instance(path, format=..., time_limit_s) -> Solved: value, bound, gap, seconds

`Plan` holds ``stays`` (the frame), ``value, bound, gap, status``, a ``certificate`` that anybody can check, and
``desk``, the problem in whole steps of time. Below: `problem` (ships x berths x starts, each with a cost) and
`solver.optimise`.

A ship's cost is ``priority x (weights.waiting x waiting_h + turnaround + lateness + moved) + weights.fuel x fuel_t +
co2e + nox + cost``. Whatever depends on one ship, one berth and one start fits in: hand it over in `pairs` or
`approaches`.
"""

from sisterport.berths.audit import verify
from sisterport.berths.desk import Weights
from sisterport.berths.explain import explain
from sisterport.berths.plan import Plan, plan
from sisterport.berths.published import Solved, solve_instance
from sisterport.berths.replan import replan

__all__ = ["Plan", "Solved", "Weights", "explain", "plan", "replan", "solve_instance", "verify"]
