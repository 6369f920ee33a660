"""A plan under sampled delays: ships come earlier or later than they said, handling takes longer or shorter.

The order at each berth is kept; each ship begins as soon as she and the berth are there. A ship that was asked for a
later arrival steams slower and corrects her speed on the way, so she is late only where full speed would be late too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.berths.burn import Floats
from sisterport.berths.jit import Approach
from sisterport.errors import InputError
from sisterport.reference import value

TAIL = 0.1
"""Share of the worst samples that the conditional value at risk is the mean of."""
_SLACK_H = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A plan as queues at berths, all times in hours from now.

    Parameters
    ----------
    berth
        Number of the berth of each ship.
    order
        Ships in order of their start.
    start_h, handling_h
        Planned start and expected handling time.
    opens_h
        When each berth is free for the first ship.
    """

    berth: NDArray[np.int64]
    order: NDArray[np.int64]
    start_h: Floats
    handling_h: Floats
    opens_h: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Delays, ships x samples: error of the arrival at service speed [h], actual over expected handling [-]."""

    late_h: Floats
    stretch: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it, ships x samples.

    Parameters
    ----------
    anchor_h
        At anchor.
    waiting_h
        From arrival at service speed to start at the berth: what the notional arrival counts.
    fuel_t
        From now until the start.
    idle_h
        Berth free while this ship, asked to slow down, is not there although she could be.
    """

    anchor_h: Floats
    waiting_h: Floats
    fuel_t: Floats
    idle_h: Floats


def queue(stays: pl.DataFrame, calls: pl.Series, *, now: Any, opens_h: dict[str, float] | None = None) -> Queue:
    """Return a plan's stays as queues, in the order of `calls`.

    Parameters
    ----------
    stays
        ``call_id, berth_id, start_utc, end_utc``.
    calls
        Names of the ships, in the order of the `Approach`.
    now
        Hour 0.
    opens_h
        When berths are free for the first time [h]; now where not given.
    """
    rows = pl.DataFrame({"call_id": calls}).join(stays, on="call_id", how="left", maintain_order="left")
    if rows["start_utc"].null_count():
        raise InputError(f"not in the plan: {', '.join(rows.filter(pl.col('start_utc').is_null())['call_id'])}")
    names = sorted(set(rows["berth_id"]))
    hours = pl.duration(hours=1)
    times = rows.select(
        start=(pl.col("start_utc") - pl.lit(now)) / hours, handling=(pl.col("end_utc") - pl.col("start_utc")) / hours
    )
    start = times["start"].to_numpy()
    return Queue(
        berth=np.array([names.index(name) for name in rows["berth_id"]], dtype=np.int64),
        order=np.argsort(start, kind="stable"),
        start_h=start,
        handling_h=times["handling"].to_numpy(),
        opens_h=np.array([(opens_h or {}).get(name, 0.0) for name in names]),
    )


def eta_sigma(hours_to_go: Floats, *, times: float = 1.0) -> Floats:
    """Return the standard deviation of an estimated time of arrival [h], `hours_to_go` before it.

    References
    ----------
    Constants ``eta_error_floor_h`` and ``eta_error_share``.

    Examples
    --------
    >>> eta_sigma(np.array([0.0, 24.0])).tolist()
    [0.5, 3.5]
    """
    floor, share = value("eta_error_floor_h"), value("eta_error_share")
    sigma: Floats = times * (floor + share * np.maximum(np.asarray(hours_to_go, dtype=float), 0.0))
    return sigma


def draws(ships: Approach, *, samples: int, seed: int, eta_times: float = 1.0) -> Draws:
    """Return random delays: arrivals by `eta_sigma`, handling lognormal with mean one.

    Parameters
    ----------
    ships
        On their way; a ship that is here has no error.
    samples, seed
        How many, and the random seed.
    eta_times
        The usual error of arrivals times this.
    """
    rng = np.random.default_rng(seed)
    count = ships.free_h.size
    sigma = np.where(ships.free_h > 0, eta_sigma(ships.free_h, times=eta_times), 0.0)
    spread = value("handling_error_sigma")
    return Draws(
        late_h=rng.standard_normal((count, samples)) * sigma[:, None],
        stretch=np.exp(rng.normal(-0.5 * spread**2, spread, (count, samples))),
    )


def outcome(
    ships: Approach, plan: Queue, delays: Draws, *, buffer_h: Floats | float = 0.0, asked: bool = True
) -> Outcome:
    """Return what comes of a plan and its requests under delays.

    Parameters
    ----------
    ships, plan, delays
        Of the same ships.
    buffer_h
        Hours before the planned start that each ship is asked for.
    asked
        False: every ship keeps her service speed.

    Notes
    -----
    A start that the plan puts off although ship and berth are there (a tide, an opening) is kept as the earliest start.
    """
    buffer = np.broadcast_to(np.asarray(buffer_h, dtype=float), plan.start_h.shape)
    free = np.maximum(ships.free_h[:, None] + delays.late_h, 0.0)
    notice = np.minimum(ships.notice_h[:, None], free)
    with np.errstate(invalid="ignore", divide="ignore"):
        longer = np.where(ships.left_nm > 0, (ships.slowest_h - ships.notice_h) / (ships.free_h - ships.notice_h), 1.0)
    slowest = notice + (free - notice) * longer[:, None]
    target = (plan.start_h - buffer)[:, None] if asked else np.full(free.shape, -np.inf)
    arrival = np.maximum(free, np.minimum(target, slowest))
    start, idle = np.empty_like(free), np.empty_like(free)
    clear = np.repeat(plan.opens_h[:, None], free.shape[1], axis=1)
    planned_clear = plan.opens_h.copy()
    for i in plan.order:
        b = plan.berth[i]
        put_off = plan.start_h[i] > max(ships.free_h[i], planned_clear[b]) + _SLACK_H
        earliest = plan.start_h[i] if put_off else -np.inf
        start[i] = np.maximum(np.maximum(arrival[i], clear[b]), earliest)
        idle[i] = start[i] - np.maximum(np.maximum(free[i], clear[b]), earliest)
        clear[b] = start[i] + plan.handling_h[i] * delays.stretch[i]
        planned_clear[b] = plan.start_h[i] + plan.handling_h[i]
    main, other = _fuel(ships, notice, free, arrival, start)
    return Outcome(anchor_h=start - arrival, waiting_h=start - free, fuel_t=main + other, idle_h=idle)


def _fuel(ships: Approach, notice: Floats, free: Floats, arrival: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Return fuel of main engine and rest: miles are those of the undisturbed approach, times those of the sample."""
    sailing = np.maximum(arrival - notice, 0.0)
    ratio = np.where(sailing > 0, np.maximum(free - notice, 0.0) / np.where(sailing > 0, sailing, 1.0), 1.0)
    main, other = ships.burn.at(ships.service_kn[:, None] * ratio)
    full_main, full_other = ships.burn.at(ships.service_kn)
    waiting = np.maximum(start - arrival, 0.0)
    return (
        full_main[:, None] * notice + main * sailing,
        full_other[:, None] * notice + other * sailing + ships.burn.anchor[:, None] * waiting,
    )


def tail_mean(totals: Floats, share: float = TAIL) -> float:
    """Return the mean of the worst `share` of values: the conditional value at risk.

    Examples
    --------
    >>> tail_mean(np.arange(1.0, 101.0))
    95.5
    """
    worst = max(1, int(np.ceil(share * totals.size)))
    return float(np.sort(totals)[-worst:].mean())
