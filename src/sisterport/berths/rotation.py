"""Several friendly ports: the same ships call at them one after the other, and the speed between them is a choice.

A ship that will wait at the next port may sail slower, or leave later so that another ship goes first here. Port by
port the berths are planned with what the ports before and after have promised: the cost of a start is the fuel of the
leg to it and of the leg from it, and the next port's start is kept. Every such plan makes the whole cheaper or leaves
it. As this ends at plans that no single port can better, it is begun several times with other weights of the ships.

What is minimised is ``time x (departure from the last port - eta at the first) + fuel x (fuel of all legs)``. The bound
is the sum of what each port costs at least when all others do the best they could for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from sisterport.berths.burn import Floats
from sisterport.berths.desk import Weights
from sisterport.berths.front import fuel_by_start
from sisterport.berths.jit import Approach, approach
from sisterport.berths.plan import Plan, plan
from sisterport.errors import InputError, SchemaError
from sisterport.tables import check, empty

_HOUR = timedelta(hours=1)
_GAIN = 1e-6
_SPREAD = 2.0
"""Of the logarithm of the weights that later runs begin with: wide enough to turn any order round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Berths and speeds of several ports.

    Parameters
    ----------
    stays
        ``call_id, mmsi, locode, berth_id, start_utc, end_utc``.
    legs
        Frame of the table ``rotation_legs``.
    value, bound
        Cost; no plan of all ports costs less than the bound.
    history
        Cost of the best run after its first pass and after each sweep.
    """

    stays: pl.DataFrame
    legs: pl.DataFrame
    value: float
    bound: float
    history: tuple[float, ...]

    @property
    def gap(self) -> float:
        """Return how much of its cost the plan could save at most."""
        return (self.value - self.bound) / self.value if self.value > 0 else 0.0


@dataclass(slots=True)
class _Ports:
    """Calls as rows, who comes before and after, fuel by the hours between departure and start, and what is planned."""

    calls: list[dict[str, Any]]
    before: list[int | None]
    after: list[int | None]
    ways: list[Approach | None]
    berths: dict[str, pl.DataFrame]
    time: float
    fuel: float
    options: dict[str, Any]
    planned: dict[int, tuple[str, datetime, datetime]]

    def leg(self, i: int, hours: Floats) -> Floats:
        """Return the fuel of the leg to call i when there are so many hours from departure to start [t]."""
        way = self.ways[i]
        return np.zeros(len(hours)) if way is None else fuel_by_start(way, hours)[0]

    def shortest(self, i: int) -> timedelta:
        """Return the time of the leg to call i at service speed."""
        way = self.ways[i]
        return timedelta(0) if way is None else float(way.free_h[0]) * _HOUR

    def earliest(self, i: int) -> datetime:
        """Return the earliest start of call i whatever the ports plan."""
        j = self.before[i]
        if j is None:
            return self.first(i)
        return self.earliest(j) + float(self.calls[j]["handling_h"]) * _HOUR + self.shortest(i)

    def first(self, i: int) -> datetime:
        """Return the ETA at the ship's first port."""
        while (j := self.before[i]) is not None:
            i = j
        eta: datetime = self.calls[i]["eta_utc"]
        return eta


def plan_rotation(
    calls: Any,
    berths: Any,
    rates: Any,
    *,
    time: float = 1.0,
    fuel: float = 1.0,
    starts: int = 6,
    sweeps: int = 6,
    time_limit_s: float = 5.0,
    slowest_share: float | None = None,
    seed: int = 0,
    step_min: float = 15.0,
) -> Rotation:
    """Plan berths and speeds of several ports together.

    Parameters
    ----------
    calls
        Frame of the table ``rotation_calls``.
    berths
        Frame of the table ``berths`` with the column ``locode``.
    rates
        Frame of the table ``burn_rates`` of the ships.
    time, fuel
        Cost of an hour of a ship's whole voyage, and of a tonne.
    starts, sweeps
        First plans to begin with, and sweeps over the ports from each at most.
    time_limit_s
        Time for the plan of one port [s].
    slowest_share
        As in `sisterport.berths.jit.approach`.
    seed, step_min
        As in `sisterport.berths.plan.plan`.

    Raises
    ------
    SchemaError
        Listing every fault: first calls without ETA, later ones without distance, a port without berths, a ship that
        calls twice at one port.
    InputError
        If a port has no plan, or the inventory has no estimate of the fuel of a ship.
    """
    ports = _read(calls, berths, rates, time, fuel, slowest_share,
                  {"time_limit_s": time_limit_s, "seed": seed, "step_min": step_min})  # fmt: skip
    codes = sorted(ports.berths, key=lambda code: min(c["sequence"] for c in ports.calls if c["locode"] == code))
    rng = np.random.default_rng(seed)
    best, history = dict(ports.planned), [np.inf]
    for start in range(starts):
        weight = np.ones(len(ports.calls)) if start == 0 else np.exp(rng.normal(0.0, _SPREAD, len(ports.calls)))
        _first_pass(ports, weight)
        found = _descend(ports, codes, sweeps)
        if found[-1] < history[-1]:
            best, history = dict(ports.planned), found
    ports.planned = best
    bound = sum(_least(ports, code) for code in codes)
    return Rotation(stays=_stays(ports), legs=_legs(ports), value=history[-1], bound=min(bound, history[-1]),
                    history=tuple(history))  # fmt: skip


def _descend(ports: _Ports, codes: list[str], sweeps: int) -> list[float]:
    """Plan ports anew in turn, backwards first, until nothing is gained; return the cost after each sweep."""
    history = [_cost(ports)]
    for number in range(sweeps):
        for code in codes if number % 2 else codes[::-1]:
            _again(ports, code)
        history.append(_cost(ports))
        if number % 2 and history[-3] - history[-1] < _GAIN:
            break
    return history


def _read(
    calls: Any, berths: Any, rates: Any, time: float, fuel: float, slowest_share: float | None, options: dict[str, Any]
) -> _Ports:
    rows = check(calls, "rotation_calls").sort("mmsi", "sequence")
    listed = check(berths, "berths").with_columns(locode=pl.DataFrame(berths)["locode"])
    before = [None if i == 0 or m != rows["mmsi"][i - 1] else i - 1 for i, m in enumerate(rows["mmsi"])]
    after = [j if j is not None else None for j in (
        i + 1 if i + 1 < rows.height and before[i + 1] == i else None for i in range(rows.height))]  # fmt: skip
    own = {code: listed.filter(locode=code).drop("locode") for code in rows["locode"].unique(maintain_order=True)}
    faults = [f"{code}: no berths" for code, frame in own.items() if not frame.height]
    for i, row in enumerate(rows.iter_rows(named=True)):
        if before[i] is None and row["eta_utc"] is None:
            faults.append(f"call {row['call_id']}: the first of its ship, without eta_utc")
        if before[i] is not None and row["distance_nm"] is None:
            faults.append(f"call {row['call_id']}: no distance_nm from the port before")
    twice = (
        rows.filter(pl.struct("mmsi", "locode").is_duplicated()).select("mmsi", "locode").unique(maintain_order=True)
    )
    faults += [f"MMSI {mmsi} calls more than once at {code}" for mmsi, code in twice.iter_rows()]
    faults += [
        f"call {name} comes more than once" for name in rows.filter(pl.col("call_id").is_duplicated())["call_id"]
    ]
    if faults:
        raise SchemaError("rotation_calls", faults)
    ways: list[Approach | None] = []
    for i in range(rows.height):
        leg = None
        if before[i] is not None:
            leg = approach(rows[i].select("call_id", "mmsi", "distance_nm", "service_kn", "slowest_kn"), rates,
                           notice_h=float("inf"), slowest_share=slowest_share)  # fmt: skip
        ways.append(leg)
    return _Ports(rows.rows(named=True), before, after, ways, own, time, fuel, options, {})


def _at(ports: _Ports, code: str) -> list[int]:
    return [i for i, call in enumerate(ports.calls) if call["locode"] == code]


def _planned(
    ports: _Ports,
    members: list[int],
    eta: Callable[[int], datetime],
    fuel_to: Callable[[int, list[datetime]], Floats],
    *,
    priority: Callable[[int], float],
    until: Callable[[int], datetime | None] = lambda _: None,
) -> Plan:
    """Plan one port: an hour of a call counts by its `priority`, `fuel_to` by start for all, gone by `until`."""
    etas = {i: eta(i) for i in members}
    gone = {i: until(i) for i in members}
    work = sum(ports.calls[i]["handling_h"] for i in members)
    code = ports.calls[members[0]]["locode"]
    longest = max(ports.calls[i]["handling_h"] for i in members)
    horizon = max(etas.values()) + (2 * work / ports.berths[code].height + longest) * _HOUR
    horizon = max([horizon, *(end for end in gone.values() if end is not None)])
    calls = pl.DataFrame(
        [
            {
                "call_id": str(i),
                "eta_utc": etas[i],
                "handling_h": ports.calls[i]["handling_h"],
                "latest_departure_utc": gone[i],
                "length_m": ports.calls[i]["length_m"],
                "draught_m": ports.calls[i]["draught_m"],
                "priority": priority(i),
            }
            for i in members
        ],
        infer_schema_length=None,
    )
    grids = {i: [etas[i] + h * _HOUR for h in range(int((horizon - etas[i]) / _HOUR) + 2)] for i in members}
    curves = [
        pl.DataFrame({"call_id": [str(i)] * len(grid), "start_utc": grid, "fuel_t": np.maximum(fuel_to(i, grid), 0.0)})
        for i, grid in grids.items()
    ]
    weights = Weights(turnaround=ports.time, fuel=ports.fuel)
    return plan(calls, ports.berths[code], approaches=pl.concat(curves), weights=weights, horizon_utc=horizon,
                **ports.options)  # fmt: skip


def _first_pass(ports: _Ports, weight: Floats) -> None:
    """Plan the ports in order of sailing: each sees when its ships left the port before; hours weigh by call."""
    left = list(range(len(ports.calls)))
    ports.planned = {}
    while left:
        # the port whose calls all have their call before planned; if ports wait for each other, the calls that can go
        ready = [i for i in left if (j := ports.before[i]) is None or j in ports.planned]
        codes = {ports.calls[i]["locode"] for i in ready}
        whole = [c for c in codes if all(i in ready for i in left if ports.calls[i]["locode"] == c)]
        if not whole:
            raise InputError("ships call at these ports in different orders, round and round: plan one direction first")
        code = min(whole)
        members = [i for i in left if ports.calls[i]["locode"] == code]
        made = _planned(
            ports,
            members,
            lambda i: _eta(ports, i),
            lambda i, grid: ports.leg(i, _since(ports, i, grid)),
            priority=lambda i: float(weight[i]),
        )
        _take(ports, members, made)
        left = [i for i in left if i not in members]


def _eta(ports: _Ports, i: int) -> datetime:
    """Return the earliest start of call i after what is planned at the port before."""
    j = ports.before[i]
    return ports.earliest(i) if j is None else ports.planned[j][2] + ports.shortest(i)


def _since(ports: _Ports, i: int, times: list[datetime]) -> Floats:
    """Return hours from the departure before call i to each time."""
    j = ports.before[i]
    return np.array([0.0 if j is None else (t - ports.planned[j][2]) / _HOUR for t in times])


def _again(ports: _Ports, code: str) -> None:
    """Plan a port anew between what the ports before and after have planned; keep the old plan if it was better."""
    members = _at(ports, code)

    def fuel_to(i: int, grid: list[datetime]) -> Floats:
        burnt = ports.leg(i, _since(ports, i, grid))
        if (k := ports.after[i]) is not None:
            stay = ports.calls[i]["handling_h"]
            burnt = burnt + ports.leg(k, np.array([(ports.planned[k][1] - t) / _HOUR - stay for t in grid]))
        return burnt

    def until(i: int) -> datetime | None:
        k = ports.after[i]
        return None if k is None else ports.planned[k][1] - ports.shortest(k)

    kept, cost = dict(ports.planned), _cost(ports)
    try:
        made = _planned(
            ports,
            members,
            lambda i: _eta(ports, i),
            fuel_to,
            priority=lambda i: float(ports.after[i] is None),
            until=until,
        )
    except InputError:  # rounding to steps can take away the one plan that there is
        return
    _take(ports, members, made)
    if _cost(ports) > cost:
        ports.planned = kept


def _take(ports: _Ports, members: list[int], made: Plan) -> None:
    for name, berth, start, end in made.stays.select("call_id", "berth_id", "start_utc", "end_utc").iter_rows():
        ports.planned[int(name)] = (berth, start, end)
    lost = [i for i in members if i not in ports.planned]
    if lost:
        raise InputError(f"no plan for {', '.join(ports.calls[i]['call_id'] for i in lost)}")


def _cost(ports: _Ports) -> float:
    total = 0.0
    for i, (_, start, end) in ports.planned.items():
        total += ports.fuel * float(ports.leg(i, _since(ports, i, [start]))[0])
        if ports.after[i] is None:
            total += ports.time * ((end - ports.first(i)) / _HOUR)
    return total


def _least(ports: _Ports, code: str) -> float:
    """Return what the calls at a port cost at least, whatever the other ports do."""
    members = _at(ports, code)

    def fuel_to(i: int, grid: list[datetime]) -> Floats:
        # with h hours more than at full speed the ship may have left up to h hours later: the least of all these
        j = ports.before[i]
        if j is None:
            return np.zeros(len(grid))
        departs = ports.earliest(j) + ports.calls[j]["handling_h"] * _HOUR
        fine = np.arange(ports.shortest(i) / _HOUR, (grid[-1] - departs) / _HOUR + 1.0, 0.25)
        lowest = np.minimum.accumulate(ports.leg(i, fine))
        hours = np.array([(t - departs) / _HOUR for t in grid])
        # rounded up to the next quarter hour and one more: never above the true curve
        return np.asarray(lowest[np.minimum(np.searchsorted(fine, hours) + 5, len(fine) - 1)])

    made = _planned(ports, members, ports.earliest, fuel_to, priority=lambda i: float(ports.after[i] is None))
    waited = sum((ports.earliest(i) - ports.first(i)) / _HOUR for i in members if ports.after[i] is None)
    return made.bound + ports.time * waited


def _stays(ports: _Ports) -> pl.DataFrame:
    rows = [
        {name: ports.calls[i][name] for name in ("call_id", "mmsi", "locode")}
        | {"berth_id": berth, "start_utc": start, "end_utc": end}
        for i, (berth, start, end) in sorted(ports.planned.items())
    ]
    return pl.DataFrame(rows)


def _legs(ports: _Ports) -> pl.DataFrame:
    rows = []
    for i, (_, start, _) in sorted(ports.planned.items()):
        j, way = ports.before[i], ports.ways[i]
        if j is None or way is None:
            continue
        departure = ports.planned[j][2]
        hours = np.array([(start - departure) / _HOUR])
        arrival = np.clip(hours, way.free_h, way.slowest_h)
        full = way.fuel(way.free_h, np.maximum(hours, way.free_h))
        rows.append(
            {
                "call_id": ports.calls[i]["call_id"],
                "mmsi": ports.calls[i]["mmsi"],
                "from_locode": ports.calls[j]["locode"],
                "to_locode": ports.calls[i]["locode"],
                "departure_utc": departure,
                "arrival_utc": departure + float(arrival[0]) * _HOUR,
                "start_utc": start,
                "distance_nm": ports.calls[i]["distance_nm"],
                "speed_kn": float(way.speed(arrival)[0]),
                "anchor_h": float(max(hours[0] - arrival[0], 0.0)),
                "fuel_t": float(ports.leg(i, hours)[0]),
                "fuel_full_speed_t": float((full[0] + full[1])[0]),
            }
        )
    return check(pl.DataFrame(rows), "rotation_legs") if rows else empty("rotation_legs")
