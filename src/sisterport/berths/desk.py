"""The planner's words into columns: calls and berths as frames, what cannot be and what is unwelcome.

Every cost is a sum of three parts: one that depends on the start (waiting, moves, approach), one on the end
(turnaround, lateness) and one on the berth (emissions at berth, changed berth). See `plan.plan` for the frames.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from sisterport.berths import asked
from sisterport.berths.clock import NEVER, Clock, clock_for
from sisterport.berths.exact import Floats
from sisterport.berths.plugs import Plugs, plugs
from sisterport.berths.problem import FORBIDDEN, Flags, Ints, Problem
from sisterport.errors import SchemaError
from sisterport.tables import check, empty

STEP_MIN = 30.0
"""Usual step of time [min]."""
COST_STEP = 0.01
"""Usual size of one whole unit of cost; costs are rounded to it, column by column."""
QUANTITIES = ("fuel_t", "co2e_t", "nox_kg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What is unwelcome, and how much; what is counted in time is multiplied by each call's `priority`.

    Parameters
    ----------
    waiting
        At anchor: from the latest arrival that the ship can be asked for to the start at the berth [1/h].
    turnaround
        From earliest possible start to departure [1/h].
    lateness
        Departure after the requested one [1/h].
    moved
        Start off the promised one, either way [1/h].
    other_berth
        Another berth than the promised one [1].
    fuel, co2e
        Of approach and stay [1/t].
    nox
        Of approach and stay [1/kg].
    """

    waiting: float = 0.0
    turnaround: float = 1.0
    lateness: float = 0.0
    moved: float = 0.0
    other_berth: float = 0.0
    fuel: float = 0.0
    co2e: float = 0.0
    nox: float = 0.0

    @property
    def of_quantities(self) -> tuple[float, float, float]:
        """Return the weights in the order of `QUANTITIES`."""
        return self.fuel, self.co2e, self.nox


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """The planner's frames, checked."""

    calls: pl.DataFrame
    berths: pl.DataFrame
    pairs: pl.DataFrame
    approaches: pl.DataFrame
    closures: pl.DataFrame
    tides: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A problem and how to read its steps.

    Parameters
    ----------
    problem
        Columns and costs.
    frames
        The frames; calls and berths in the order of ships and berths.
    clock
        Steps of time.
    weights
        What costs are made of.
    plugs
        Who can plug in where, and what it changes.
    fits
        Which call is short, shallow and plugged enough for which berth.
    cost_step
        Cost of one unit.
    lift
        What each call's costs were lifted by so that none is below 0 (0 or less).
    """

    problem: Problem
    frames: Frames
    clock: Clock
    weights: Weights
    plugs: Plugs
    fits: Flags
    cost_step: float
    lift: Floats

    @property
    def calls(self) -> pl.DataFrame:
        """Return the calls, in the order of ships."""
        return self.frames.calls

    @property
    def origin(self) -> datetime:
        """Return the time of step 0 (UTC)."""
        return self.clock.time([0])[0]

    @property
    def step(self) -> timedelta:
        """Return the length of a step."""
        return timedelta(seconds=self.clock.step_s)

    def natural(self, whole: int) -> float:
        """Return a cost in whole units as the planner weighs it."""
        return round(whole * self.cost_step + float(self.lift.sum()), 9)


def read_frames(
    calls: Any, berths: Any, *, pairs: Any = None, approaches: Any = None, closures: Any = None, tides: Any = None
) -> Frames:
    """Return the checked frames.

    Raises
    ------
    SchemaError
        If a frame does not fit its table, or they do not fit each other; all faults at once.
    """
    given = {
        "berth_calls": calls,
        "berths": berths,
        "berth_pairs": pairs,
        "berth_approaches": approaches,
        "berth_closures": closures,
        "berth_tides": tides,
    }
    read, faults = {}, []
    for name, frame in given.items():
        try:
            read[name] = empty(name) if frame is None else check(frame, name)
        except SchemaError as error:
            faults += [f"{name}: {fault}" for fault in error.faults]
    if faults:
        raise SchemaError("berth planning", faults)
    frames = Frames(**{name.removeprefix("berth_"): frame for name, frame in read.items()})
    asked.check_together(frames)
    return frames


def lay_out(
    calls: Any,
    berths: Any,
    *,
    weights: Weights | None = None,
    pairs: Any = None,
    approaches: Any = None,
    closures: Any = None,
    tides: Any = None,
    under_keel_m: float = 0.0,
    horizon_utc: datetime | None = None,
    step_min: float = STEP_MIN,
    cost_step: float = COST_STEP,
) -> Desk:
    """Return the problem of a planner's frames; see `plan.plan` for the parameters.

    Raises
    ------
    SchemaError
        If a frame is wrong, or a call cannot be served at any berth; all faults at once.
    """
    weights = weights or Weights()
    f = read_frames(calls, berths, pairs=pairs, approaches=approaches, closures=closures, tides=tides)
    clock = _clock(f, step_min=step_min, horizon_utc=horizon_utc)
    plug = plugs(f, weights.of_quantities)
    fits = asked.fit(f, under_keel_m) & plug.possible
    handling = np.where(fits, _handling(f, clock), 0)
    begin, end = _windows(f, clock, handling.shape)
    by_start, by_end = _by_start(f, weights, clock), _by_end(f, weights, clock)
    extra = plug.cost + _by_berth(f, weights)
    lift = np.minimum(by_start.min(axis=1) + by_end.min(axis=1) + extra.min(axis=1), 0.0) if extra.size else np.zeros(0)
    lift = np.floor(lift / cost_step) * cost_step  # costs below 0 are lifted, ship by ship
    problem = Problem(
        ships=tuple(f.calls["call_id"]),
        berths=tuple(f.berths["berth_id"]),
        handling=handling,
        cost=_fill(
            f,
            clock,
            handling=handling,
            window=(begin, end),
            parts=(by_start / cost_step, by_end / cost_step, (extra - lift[:, None]) / cost_step),
        ),
        power=plug.power(cost_step),
    )
    desk = Desk(
        problem=problem,
        frames=f,
        clock=clock,
        weights=weights,
        plugs=plug,
        fits=fits,
        cost_step=cost_step,
        lift=lift,
    )
    asked.check_served(desk, under_keel_m)
    return desk


def _clock(f: Frames, *, step_min: float, horizon_utc: datetime | None) -> Clock:
    """Return the clock from the first ETA to the horizon.

    If it is not given: after the last arrival and closure, time for each berth to do twice its share of the work and
    the longest stay, or until every call has to be gone.
    """
    c = f.calls
    starts = [t for t in [*c["eta_utc"], *c["locked_start_utc"]] if t is not None]
    if not starts:
        return Clock(origin_s=0, step_s=round(step_min * 60), steps=1)
    longest = f.pairs.group_by("call_id").agg(pl.col("handling_h").max().alias("most"))
    hours = c.join(longest, on="call_id", how="left").select(pl.max_horizontal("handling_h", "most").fill_null(0))
    work = hours.to_series()
    share = float(work.sum()) / max(f.berths.height, 1) * 2 + float(str(work.max() or 0))
    last = max([*starts, *f.closures["end_utc"], *f.berths["opens_utc"].drop_nulls()]) + timedelta(hours=share)
    if not c["latest_departure_utc"].null_count():
        last = min(last, max(c["latest_departure_utc"]))
    return clock_for(min(starts), horizon_utc or last, step_min)


def _handling(f: Frames, clock: Clock) -> Ints:
    """Return handling [steps] of each call at each berth."""
    hours = np.repeat(f.calls["handling_h"].fill_null(0).to_numpy()[:, None], f.berths.height, axis=1)
    rows, columns = asked.places(f)
    known = f.pairs.filter(pl.col("handling_h").is_not_null())
    hours[[rows[i] for i in known["call_id"]], [columns[b] for b in known["berth_id"]]] = known["handling_h"]
    # a start that is locked between two steps begins with the one before
    locked = clock.exact(f.calls["locked_start_utc"])
    early = np.nan_to_num(locked - np.floor(locked)) * clock.hours
    return np.where(hours > 0, clock.length(hours + early[:, None]), 0)


def _windows(f: Frames, clock: Clock, shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Return first start and last end of each call at each berth [steps]."""
    c, b = f.calls, f.berths
    locked = clock.at(c["locked_start_utc"], up=False)
    eta = np.where(locked != NEVER, locked, clock.at(c["eta_utc"], up=True))
    begin = np.maximum(eta[:, None], clock.at(b["opens_utc"], up=True)[None, :])
    gone, closes = clock.at(c["latest_departure_utc"], up=False), clock.at(b["closes_utc"], up=False)
    gone, closes = (np.where(x == NEVER, clock.steps, x) for x in (gone, closes))
    end = np.minimum(gone[:, None], closes[None, :])
    _, columns = asked.places(f)
    for i, berth in enumerate(c["locked_berth_id"]):
        if berth is not None:
            end[i, np.arange(shape[1]) != columns[berth]] = NEVER
    handling = _handling(f, clock)
    fixed = np.where((locked != NEVER)[:, None], locked[:, None] + handling, clock.steps)
    begin = np.where((locked != NEVER)[:, None] & (begin > locked[:, None]), clock.steps, begin)
    return begin, np.minimum(end, fixed)


def _by_start(f: Frames, w: Weights, clock: Clock) -> Floats:
    """Return the cost of each call's start at each step."""
    c = f.calls
    step = np.arange(clock.steps)[None, :] + np.zeros((c.height, 1))
    slow = clock.exact(c["eta_latest_utc"].fill_null(c["eta_utc"]))[:, None]
    said = clock.exact(c["promised_start_utc"])[:, None]
    cost: Floats = w.waiting * np.maximum(step - np.maximum(slow, clock.exact(c["eta_utc"])[:, None]), 0)
    cost += w.moved * np.nan_to_num(np.abs(step - said))
    cost *= clock.hours * priority(f)[:, None]
    for name, weight in (*zip(QUANTITIES, w.of_quantities, strict=True), ("cost", 1.0)):
        if weight:
            cost += weight * approach_by_start(f, clock, name, np.arange(clock.steps))
    return cost


def approach_by_start(f: Frames, clock: Clock, name: str, steps: Any) -> Floats:
    """Return a quantity of each call's approach for a start at each of `steps`; 0 where the call has no approach."""
    rows, _ = asked.places(f)
    out = np.zeros((f.calls.height, np.size(steps)))
    for (call,), part in f.approaches.drop_nulls(name).sort("start_utc").group_by("call_id", maintain_order=True):
        out[rows[str(call)]] = np.interp(steps, clock.exact(part["start_utc"]), part[name].to_numpy())
    return out


def _by_end(f: Frames, w: Weights, clock: Clock) -> Floats:
    """Return the cost of each call's end at each step."""
    c = f.calls
    end = np.arange(clock.steps + 1)[None, :]
    cost = w.turnaround * np.maximum(end - clock.exact(c["eta_utc"])[:, None], 0)
    late = np.nan_to_num(end - clock.exact(c["requested_departure_utc"])[:, None])
    return np.asarray((cost + w.lateness * np.maximum(late, 0)) * clock.hours * priority(f)[:, None])


def _by_berth(f: Frames, w: Weights) -> Floats:
    """Return the cost of each call's berth: what its pair says, and the change of a promise."""
    rows, columns = asked.places(f)
    extra = np.zeros((f.calls.height, f.berths.height))
    known = f.pairs.drop_nulls("cost")
    extra[[rows[i] for i in known["call_id"]], [columns[b] for b in known["berth_id"]]] = known["cost"]
    for i, (berth, weight) in enumerate(zip(f.calls["promised_berth_id"], priority(f), strict=True)):
        if berth is not None:
            extra[i, np.arange(f.berths.height) != columns[berth]] += w.other_berth * weight
    return extra


def priority(f: Frames) -> Any:
    """Return the priority of each call."""
    return f.calls["priority"].fill_null(1.0).to_numpy()


def _fill(
    f: Frames, clock: Clock, *, handling: Ints, window: tuple[Ints, Ints], parts: tuple[Floats, Floats, Floats]
) -> Any:
    """Return the costs of all columns in whole units."""
    from sisterport.berths import columns  # noqa: PLC0415 (numba takes its time)

    top = sum(float(part.max(initial=0)) for part in parts)
    if top >= FORBIDDEN:
        raise SchemaError("berth planning", [f"costs of {top:.3g} steps: use a larger cost_step, or smaller weights"])
    cost = np.full((*handling.shape, clock.steps), FORBIDDEN, dtype=np.int32)
    columns.fill(
        cost,
        handling,
        *window,
        *parts,
        closed_before(f, clock),
        passes(f, clock),
        f.calls["draught_m"].fill_null(0.0).to_numpy(),
        FORBIDDEN,
    )
    return cost


def closed_before(f: Frames, clock: Clock) -> Ints:
    """Return the closed steps of each berth before each step."""
    closed = np.zeros((f.berths.height, clock.steps + 1), dtype=np.int64)
    _, columns = asked.places(f)
    begin, end = clock.at(f.closures["begin_utc"], up=False), clock.at(f.closures["end_utc"], up=True)
    for berth, first, last in zip(f.closures["berth_id"], begin, end, strict=True):
        closed[columns[berth], max(int(first), 0) + 1 : max(int(last), 0) + 1] = 1
    return np.cumsum(closed, axis=1)


def passes(f: Frames, clock: Clock) -> Floats:
    """Return the deepest draught that comes and goes at each berth and step [m]."""
    any_time = f.berths["tide_draught_m"].fill_null(float("inf")).to_numpy()
    deepest: Floats = np.repeat(any_time[:, None], clock.steps + 1, axis=1)
    _, columns = asked.places(f)
    begin, end = clock.at(f.tides["begin_utc"], up=True), clock.at(f.tides["end_utc"], up=False)
    for berth, first, last, draught in zip(f.tides["berth_id"], begin, end, f.tides["draught_m"], strict=True):
        rows = slice(None) if berth is None else slice(columns[berth], columns[berth] + 1)
        window = slice(max(int(first), 0), max(int(last) + 1, 0))
        deepest[rows, window] = np.maximum(deepest[rows, window], draught)
    return deepest
