"""Trade-offs: waiting against fuel against idle berths, and buffers that stand up to delays.

A request for a late arrival saves fuel and anchorage, but a ship on her way cannot use a berth that is free early. How
late to ask is a choice; here is what each choice costs, in the mean and in the worst tenth of the sampled delays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.berths.burn import Floats
from sisterport.berths.jit import Approach, approach
from sisterport.berths.sampled import Draws, Outcome, Queue, draws, outcome, queue, tail_mean
from sisterport.tables import check

BUFFERS_H = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
"""Buffers that are tried [h]."""
_AIMS = ("anchor_h", "fuel_t", "idle_h")


class Front(NamedTuple):
    """Choices and what they cost.

    Attributes
    ----------
    choices
        Frame of the table ``trade_offs``; the efficient ones are the Pareto front.
    hypervolume
        Share of the box from the best of each aim to the worst of each that the front dominates [-].
    """

    choices: pl.DataFrame
    hypervolume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What an hour or a tonne weighs when buffers are chosen.

    Parameters
    ----------
    anchor, idle, fuel
        Weight of an hour at anchor, of an hour of an idle berth, and of a tonne of fuel, in any one unit.
    tail
        Weight of the worst tenth beside the mean.
    """

    anchor: float = 1.0
    idle: float = 1.0
    fuel: float = 0.0
    tail: float = 1.0


def fuel_by_start(ships: Approach, starts_h: Floats, *, buffer_h: float = 0.0) -> Floats:
    """Return the fuel of each ship from now until a start at the berth, ships x starts [t]: a cost for the plan.

    Starts before a ship can be there cost as much as the first possible one.
    """
    start = np.maximum(np.asarray(starts_h, dtype=float)[None, :], ships.free_h[:, None])
    arrival = np.clip(start - buffer_h, ships.free_h[:, None], ships.slowest_h[:, None])
    main, other = ships.fuel(arrival, start)
    return np.asarray(main + other)


def berth_approaches(
    approaches: Any, rates: Any, *, now: datetime, notice_h: float, horizon_h: float, buffer_h: float = 0.0,
    slowest_share: float | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return the fuel of each approach by the start that it is made for, as the plan takes it.

    Parameters
    ----------
    approaches, rates, notice_h, slowest_share
        As in `sisterport.berths.jit.approach`.
    now
        Time of the positions.
    horizon_h
        Last start that matters [h from now].
    buffer_h
        Hours before the start that ships will be asked for.

    Returns
    -------
    DataFrame
        Table ``berth_approaches``, one row per call and hour.
    """
    ways = check(approaches, "approaches")
    ships = approach(ways, rates, notice_h=notice_h, slowest_share=slowest_share)
    starts: Floats = np.arange(np.ceil(horizon_h) + 1.0)
    tonnes = fuel_by_start(ships, starts, buffer_h=buffer_h)
    count = len(starts)
    found = pl.DataFrame(
        {
            "call_id": ways["call_id"].gather(np.repeat(np.arange(ways.height), count)),
            "start_utc": [now + timedelta(hours=float(h)) for h in starts] * ways.height,
            "fuel_t": tonnes.ravel(),
            "co2e_t": (tonnes * ships.burn.co2e_per_t[:, None]).ravel(),
        }
    )
    return check(found, "berth_approaches")


def arrival_windows(
    approaches: Any, rates: Any, *, now: datetime, notice_h: float, slowest_share: float | None = None
) -> pl.DataFrame:
    """Return ``call_id, eta_utc, eta_latest_utc``: arrival at service speed, and at the lowest speed from notice on.

    Parameters
    ----------
    approaches, rates, now, notice_h, slowest_share
        As in `berth_approaches`.
    """
    ways = check(approaches, "approaches")
    ships = approach(ways, rates, notice_h=notice_h, slowest_share=slowest_share)
    times = {"eta_utc": ships.free_h, "eta_latest_utc": ships.slowest_h}
    dtype = pl.Datetime("ms", "UTC")
    return pl.DataFrame({"call_id": ways["call_id"]}).with_columns(
        pl.Series(name, [now + timedelta(hours=float(h)) for h in hours], dtype=dtype) for name, hours in times.items()
    )


def front(
    plans: Mapping[str, Any],
    approaches: Any,
    rates: Any,
    *,
    now: datetime,
    notices_h: Sequence[float] = (12.0, 24.0, 48.0),
    buffers_h: Sequence[float] = BUFFERS_H,
    samples: int = 200,
    seed: int = 0,
    eta_times: float = 1.0,
    slowest_share: float | None = None,
    opens_h: dict[str, float] | None = None,
) -> Front:
    """Return the trade-offs of plans, notice horizons and buffers under the same sampled delays.

    Parameters
    ----------
    plans
        Stays (``call_id, berth_id, start_utc, end_utc``) of each plan by name, for instance with different weights of
        fuel (`berth_approaches`).
    approaches, rates, slowest_share
        As in `sisterport.berths.jit.approach`.
    now
        Time of the positions.
    notices_h, buffers_h
        What is tried; beside these, every plan is tried without any request (notice 0).
    samples, seed, eta_times
        As in `sisterport.berths.sampled.draws`.
    opens_h
        When berths are free for the first time [h from now]; now where not given.

    Returns
    -------
    Front
        All choices, the efficient ones marked, and the hypervolume.
    """
    ways = check(approaches, "approaches")
    rows = []
    for name, stays in plans.items():
        line = queue(stays, ways["call_id"], now=now, opens_h=opens_h)
        for notice in (0.0, *(h for h in notices_h if h > 0)):
            ships = approach(ways, rates, notice_h=notice, slowest_share=slowest_share)
            delays = draws(ships, samples=samples, seed=seed, eta_times=eta_times)
            for buffer in buffers_h if notice else (0.0,):
                found = outcome(ships, line, delays, buffer_h=buffer, asked=notice > 0)
                rows.append({"plan": name, "notice_h": notice, "buffer_h": buffer} | _summed(found))
    table = pl.DataFrame(rows)
    aims = table.select(_AIMS).to_numpy()
    best = efficient(aims)
    chosen = table.with_columns(efficient=pl.Series(best))
    return Front(check(chosen, "trade_offs"), hypervolume(aims))


def _summed(found: Outcome) -> dict[str, float]:
    sums = {}
    for name in ("anchor_h", "waiting_h", "fuel_t", "idle_h"):
        totals = getattr(found, name).sum(axis=0)
        stem, unit = name.rsplit("_", 1)
        sums[name] = max(float(totals.mean()), 0.0)
        sums[f"{stem}_cvar_{unit}"] = max(tail_mean(totals), 0.0)
    return sums


def efficient(aims: Floats) -> NDArray[np.bool_]:
    """Return which rows no other row beats: at least as good in every column and better in one. Less is better.

    Examples
    --------
    >>> efficient(np.array([[1.0, 3.0], [2.0, 2.0], [2.0, 3.0], [1.0, 3.0]])).tolist()
    [True, True, False, True]
    """
    as_good = (aims[:, None, :] <= aims[None, :, :]).all(axis=2)
    better = (aims[:, None, :] < aims[None, :, :]).any(axis=2)
    return np.asarray(~(as_good & better).any(axis=0))


def hypervolume(aims: Floats) -> float:
    """Return the share of the box between the best and the worst of each column that the rows dominate [-].

    Columns without any spread are left out; three columns at most.

    Examples
    --------
    >>> hypervolume(np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]))
    0.25
    """
    low, high = aims.min(axis=0), aims.max(axis=0)
    spread = high > low
    if not spread.any():
        return 0.0
    points = (aims[:, spread] - low[spread]) / (high - low)[spread]
    return _dominated(points[efficient(points)])


def _dominated(points: Floats) -> float:
    """Return the volume of the unit cube above the points, slice by slice along the last axis."""
    if points.shape[1] == 1:
        return float(1.0 - points.min())
    ordered = points[np.argsort(points[:, -1], kind="stable")]
    edges = np.append(ordered[:, -1], 1.0)
    slices = [
        _dominated(ordered[: k + 1, :-1]) * (edges[k + 1] - edges[k])
        for k in range(len(ordered))
        if edges[k + 1] > edges[k]
    ]
    return float(sum(slices))


def choose_buffers(
    stays: Any,
    approaches: Any,
    rates: Any,
    *,
    now: datetime,
    notice_h: float,
    prices: Prices | None = None,
    buffers_h: Sequence[float] = BUFFERS_H,
    samples: int = 200,
    seed: int = 0,
    eta_times: float = 1.0,
    slowest_share: float | None = None,
    opens_h: dict[str, float] | None = None,
) -> pl.DataFrame:
    """Return the buffer of each ship that costs least in the mean and in the worst tenth of the sampled delays.

    Ships are taken in turn, each with the buffer that serves all ships best, until no change helps.

    Parameters
    ----------
    stays, approaches, rates, now, slowest_share, opens_h, samples, seed, eta_times
        As in `front`, of one plan.
    notice_h
        Notice horizon [h].
    prices
        What waiting, idle berths and fuel weigh; an hour of either weighs one and fuel nothing if not given.
    buffers_h
        Buffers to choose from [h].

    Returns
    -------
    DataFrame
        ``call_id, buffer_h``, and the same in each row: ``cost, cost_without, cvar, cvar_without``: mean and mean of
        the worst tenth of the priced cost with these buffers and with none.
    """
    ways = check(approaches, "approaches")
    ships = approach(ways, rates, notice_h=notice_h, slowest_share=slowest_share)
    delays = draws(ships, samples=samples, seed=seed, eta_times=eta_times)
    line = queue(stays, ways["call_id"], now=now, opens_h=opens_h)
    chosen, bare = _descend(ships, line, delays, prices or Prices(), np.array(buffers_h, dtype=float))
    named = prices or Prices()
    with_, without = (_priced(outcome(ships, line, delays, buffer_h=b), named).sum(axis=0) for b in (chosen, bare))
    return pl.DataFrame({"call_id": ways["call_id"], "buffer_h": chosen}).with_columns(
        cost=pl.lit(float(with_.mean())),
        cost_without=pl.lit(float(without.mean())),
        cvar=pl.lit(tail_mean(with_)),
        cvar_without=pl.lit(tail_mean(without)),
    )


def _priced(found: Outcome, prices: Prices) -> Floats:
    return prices.anchor * found.anchor_h + prices.idle * found.idle_h + prices.fuel * found.fuel_t


def _descend(ships: Approach, line: Queue, delays: Draws, prices: Prices, buffers: Floats) -> tuple[Floats, Floats]:
    """Return the chosen buffers and no buffers: from the best common buffer on, ship by ship.

    Berths do not meet: only the berth of the ship whose buffer changes is worked out again.
    """

    def totals(part: int, buffer: Floats) -> Floats:
        inside = members[part]
        return np.asarray(_priced(outcome(*parts[part], buffer_h=buffer[inside]), prices).sum(axis=0))

    def score(sums: Floats) -> float:
        return float(sums.mean()) + prices.tail * tail_mean(sums)

    members = [np.flatnonzero(line.berth == b) for b in range(line.opens_h.size)]
    parts = [(ships.take(m), _queue_of(line, m), Draws(late_h=delays.late_h[m], stretch=delays.stretch[m]))
             for m in members]  # fmt: skip
    count = ships.free_h.size
    common = [np.full(count, b) for b in buffers]
    sums_of = [np.array([totals(part, buffer) for part in range(len(parts))]) for buffer in common]
    first = min(range(len(common)), key=lambda k: score(sums_of[k].sum(axis=0)))
    best, sums = common[first], sums_of[first]
    value, better = score(sums.sum(axis=0)), True
    while better:
        better = False
        for i in range(count):
            part = int(line.berth[i])
            rest = sums.sum(axis=0) - sums[part]
            for b in buffers:
                tried = best.copy()
                tried[i] = b
                of_part = totals(part, tried)
                if (found := score(rest + of_part)) < value - 1e-9:
                    best, value, better, sums[part] = tried, found, True, of_part
    return best, np.zeros(count)


def _queue_of(line: Queue, ships: NDArray[np.int64]) -> Queue:
    """Return the queue of some ships at one berth."""
    return Queue(
        berth=np.zeros(ships.size, dtype=np.int64),
        order=np.argsort(line.start_h[ships], kind="stable"),
        start_h=line.start_h[ships],
        handling_h=line.handling_h[ships],
        opens_h=line.opens_h[line.berth[ships][:1]],
    )
