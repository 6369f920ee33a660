"""The berth plan: who berths where and when, and how much better any other plan could be at most."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from sisterport.berths.asked import no_plan
from sisterport.berths.certificate import Certificate, certify, check
from sisterport.berths.desk import COST_STEP, QUANTITIES, STEP_MIN, Desk, Weights, approach_by_start, lay_out
from sisterport.berths.problem import Ints
from sisterport.berths.solution import Event, Solution
from sisterport.berths.solver import optimise
from sisterport.errors import InputError
from sisterport.tables import check as check_frame
from sisterport.units import SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A berth plan with its proof.

    Parameters
    ----------
    stays
        One row per call (table ``berth_plan``), in the order of the calls.
    value, bound
        Weighted cost of the plan; no plan on the same steps of time costs less than the bound.
    gap
        Part of the cost that another plan could save at most.
    status
        ``optimal``, ``gap`` (as good as asked for) or ``time``.
    certificate
        What proves it; see `certificate.check`.
    desk
        The problem behind it.
    solution
        The plan on it.
    """

    stays: pl.DataFrame
    value: float
    bound: float
    gap: float
    status: str
    certificate: Certificate
    desk: Desk
    solution: Solution

    @property
    def seconds(self) -> float:
        """Return the time that planning took [s]."""
        return self.solution.seconds

    @property
    def events(self) -> tuple[Event, ...]:
        """Return what was known when."""
        return self.solution.events

    @property
    def hindrance(self) -> dict[str, float]:
        """Return what each call's turn costs the others, by the last prices; empty where no prices were made."""
        done, problem = self.solution, self.desk.problem
        if done.prices is None or not len(done.prices):
            return {}
        own = problem.cost[np.arange(len(problem.ships)), done.berth, done.start]
        others = np.maximum(done.prices - own, 0.0) * self.desk.cost_step
        return dict(zip(problem.ships, others.tolist(), strict=True))

    def faults(self) -> tuple[str, ...]:
        """Return everything that an independent check finds wrong with plan and bound; empty if all is right."""
        return check(self.desk.problem, self.certificate)


def plan(
    calls: Any,
    berths: Any,
    *,
    pairs: Any = None,
    approaches: Any = None,
    closures: Any = None,
    tides: Any = None,
    weights: Weights | None = None,
    time_limit_s: float = 10.0,
    gap: float = 0.0,
    seed: int = 0,
    under_keel_m: float = 0.0,
    horizon_utc: datetime | None = None,
    step_min: float = STEP_MIN,
    cost_step: float = COST_STEP,
    report: Callable[[Event], None] | None = None,
) -> Plan:
    """Plan berths and start times for calls.

    Parameters
    ----------
    calls, berths
        Frames of the tables ``berth_calls`` and ``berths``.
    pairs, approaches, closures, tides
        Frames of the tables ``berth_pairs``, ``berth_approaches``, ``berth_closures`` and ``berth_tides``.
    weights
        What is unwelcome; turnaround alone if not given.
    time_limit_s
        Time limit [s]; a first plan and bound are made in any case.
    gap
        Good enough: stop when no plan can save more than this part of the cost.
    seed
        Random seed.
    under_keel_m
        Water that a ship needs below her keel at the berth [m].
    horizon_utc
        Nothing is planned beyond; if not given, late enough for each berth to do twice its share of the work.
    step_min
        Step of time [min].
    cost_step
        Costs are rounded to this.
    report
        Called with each step forward.

    Raises
    ------
    SchemaError
        If a frame is wrong or a call cannot be served at all; every fault, in the planner's words.
    InputError
        If there is no plan for all calls together, or none was found in the time.

    Examples
    --------
    >>> calls = pl.DataFrame({
    ...     "call_id": ["Ada", "Ben"], "handling_h": [4.0, 2.0],
    ...     "eta_utc": [datetime(2026, 1, 1, 6), datetime(2026, 1, 1, 7)],
    ... })
    >>> made = plan(calls, pl.DataFrame({"berth_id": ["east"]}))
    >>> made.status, made.value, made.bound
    ('optimal', 9.0, 9.0)
    >>> made.stays.select("call_id", "waiting_h", "blocked_by").rows()
    [('Ada', 0.0, None), ('Ben', 3.0, 'Ada')]
    """
    desk = lay_out(
        calls,
        berths,
        weights=weights,
        pairs=pairs,
        approaches=approaches,
        closures=closures,
        tides=tides,
        under_keel_m=under_keel_m,
        horizon_utc=horizon_utc,
        step_min=step_min,
        cost_step=cost_step,
    )
    return planned(desk, optimise(desk.problem, time_limit_s=time_limit_s, gap=gap, seed=seed, report=report))


def planned(desk: Desk, solution: Solution) -> Plan:
    """Return a solution in the planner's words.

    Raises
    ------
    InputError
        If there is no plan.
    """
    if solution.status in ("infeasible", "unknown"):
        raise InputError(no_plan(desk, solution.status))
    value, bound = desk.natural(solution.value), desk.natural(solution.bound)
    return Plan(
        stays=stays(desk, solution),
        value=value,
        bound=bound,
        gap=(value - bound) / abs(value) if value else 0.0,
        status=solution.status,
        certificate=certify(desk.problem, solution),
        desk=desk,
        solution=solution,
    )


def stays(desk: Desk, solution: Solution) -> pl.DataFrame:
    """Return the frame ``berth_plan`` of a solution."""
    problem, clock, calls = desk.problem, desk.clock, desk.calls
    ships = np.arange(len(problem.ships))
    berth, start = solution.berth, solution.start
    end = start + problem.handling[ships, berth]
    plugged = desk.plugs.plugged[ships, berth] if solution.plugged is None else solution.plugged
    cost = problem.cost[ships, berth, start].astype(np.int64)
    if problem.power is not None:
        cost += np.where(desk.plugs.plugged[ships, berth] & ~plugged, problem.power.unplugged[ships, berth], 0)
    frame = pl.DataFrame(
        {
            "call_id": calls["call_id"],
            "berth_id": pl.Series([problem.berths[b] for b in berth], dtype=pl.String),
            "start_utc": pl.Series(clock.time(start), dtype=pl.Datetime("ms", "UTC")),
            "end_utc": pl.Series(clock.time(end), dtype=pl.Datetime("ms", "UTC")),
            "eta_utc": calls["eta_utc"],
            "plugged": pl.Series(plugged, dtype=pl.Boolean),
            "locked": calls["locked_berth_id"].is_not_null() | calls["locked_start_utc"].is_not_null(),
            "cost": cost * desk.cost_step + desk.lift,
            "blocked_by": pl.Series(_blockers(desk, berth, start, end), dtype=pl.String),
        }
    ).with_columns(
        _quantities(desk, solution, plugged),
        _slow=pl.max_horizontal(calls["eta_latest_utc"].fill_null(calls["eta_utc"]), "eta_utc"),
        _asked=calls["requested_departure_utc"],
        _promised_berth=calls["promised_berth_id"],
        _promised_start=calls["promised_start_utc"],
    )
    waits = pl.col("start_utc") > pl.col("_slow")
    return check_frame(
        frame.with_columns(
            waiting_h=_hours("_slow", "start_utc").clip(0.0),
            turnaround_h=_hours("eta_utc", "end_utc").clip(0.0),
            late_h=_hours("_asked", "end_utc").clip(0.0).fill_null(0.0),
            moved_h=_hours("_promised_start", "start_utc").abs(),
            other_berth=pl.col("berth_id") != pl.col("_promised_berth"),
            blocked_by=pl.when(waits).then("blocked_by"),
        ),
        "berth_plan",
    )


def _hours(earlier: str, later: str) -> pl.Expr:
    milliseconds = (pl.col(later) - pl.col(earlier)).dt.total_milliseconds()
    return (milliseconds / (SECONDS_PER_HOUR * 1000)).round(9)  # Polars multiplies by the reciprocal


def _quantities(desk: Desk, solution: Solution, plugged: Any) -> list[pl.Series]:
    """Return fuel and emissions of approach and stay; null where neither is known."""
    ships = np.arange(len(desk.problem.ships))
    at_berth = desk.plugs.quantities(ships, solution.berth, plugged)
    has = set(desk.frames.approaches["call_id"])
    coming = np.array([name in has for name in desk.calls["call_id"]], dtype=np.bool_)
    out = []
    for name, stay in zip(QUANTITIES, at_berth, strict=True):
        on_the_way = (
            np.diagonal(approach_by_start(desk.frames, desk.clock, name, solution.start)) if ships.size else stay
        )
        total = np.where(coming | ~np.isnan(stay), np.nan_to_num(stay) + on_the_way, np.nan)
        out.append(pl.Series(name, total, dtype=pl.Float64).fill_nan(None))
    return out


def _blockers(desk: Desk, berth: Ints, start: Ints, end: Ints) -> list[str | None]:
    """Return the call that leaves each call's berth at its start."""
    leaves = {(int(b), int(e)): name for b, e, name in zip(berth, end, desk.problem.ships, strict=True)}
    return [leaves.get((int(b), int(t))) for b, t in zip(berth, start, strict=True)]
