"""Check a berth plan on the clock: from the frames alone, with nothing of the code that makes plans.

No steps, no columns, no costs of the optimiser: times are compared as times, metres as metres, megawatts are added up.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from sisterport.berths.desk import Frames, Weights, read_frames
from sisterport.tables import check
from sisterport.units import ROUNDING

_HOUR = timedelta(hours=1)


def verify(
    stays: Any,
    calls: Any,
    berths: Any,
    *,
    pairs: Any = None,
    approaches: Any = None,
    closures: Any = None,
    tides: Any = None,
    under_keel_m: float = 0.0,
) -> tuple[str, ...]:
    """Return everything that is wrong with a plan, in words; empty if it can be sailed.

    Parameters
    ----------
    stays
        Frame of the table ``berth_plan``; of its columns only call, berth, start, end and plug are read.
    calls, berths, pairs, approaches, closures, tides, under_keel_m
        As for `plan.plan`.

    Raises
    ------
    SchemaError
        If a frame does not fit its table.

    Examples
    --------
    >>> from datetime import datetime
    >>> calls = pl.DataFrame({"call_id": ["Ada"], "handling_h": [4.0], "eta_utc": [datetime(2026, 1, 1, 6)]})
    >>> berths = pl.DataFrame({"berth_id": ["east"]})
    >>> from sisterport.berths.plan import plan
    >>> stays = plan(calls, berths).stays
    >>> verify(stays, calls, berths)
    ()
    >>> verify(stays.with_columns(pl.col("start_utc").dt.offset_by("-1h")), calls, berths)
    ('Ada starts at 2026-01-01 05:00, before her ETA 2026-01-01 06:00',)
    """
    f = read_frames(calls, berths, pairs=pairs, approaches=approaches, closures=closures, tides=tides)
    rows = check(stays, "berth_plan").to_dicts()
    known_calls = {row["call_id"]: row for row in f.calls.iter_rows(named=True)}
    known_berths = {row["berth_id"]: row for row in f.berths.iter_rows(named=True)}
    faults = []
    for name in known_calls:
        count = sum(row["call_id"] == name for row in rows)
        faults += [f"{name} has no berth"] * (count == 0) + [f"{name} has {count} stays"] * (count > 1)
    for row in rows:
        if row["call_id"] not in known_calls or row["berth_id"] not in known_berths:
            faults.append(f"{row['call_id']} at {row['berth_id']}: no such call or berth")
    rows = [row for row in rows if row["call_id"] in known_calls and row["berth_id"] in known_berths]
    for row in rows:
        call, berth = known_calls[row["call_id"]], known_berths[row["berth_id"]]
        faults += [f"{row['call_id']} {fault}" for fault in _of_one(f, row, call, berth, under_keel_m)]
    return (*faults, *_overlaps(rows), *_overdrawn(rows, known_calls, known_berths))


def _of_one(f: Frames, row: dict[str, Any], call: dict[str, Any], berth: dict[str, Any], keel_m: float) -> list[str]:
    """Return what is wrong with one ship at one berth."""
    said = f.pairs.filter((pl.col("call_id") == row["call_id"]) & (pl.col("berth_id") == row["berth_id"])).to_dicts()
    pair = said[0] if said else {}
    return [
        *_times(row, call, berth, pair.get("handling_h")),
        *_room(f, row, call, berth, keel_m),
        *_locks(row, call),
        *_plug(row, call, berth, pair.get("plug")),
    ]


def _times(row: dict[str, Any], call: dict[str, Any], berth: dict[str, Any], handling_h: float | None) -> list[str]:
    start, end, where = row["start_utc"], row["end_utc"], row["berth_id"]
    needed = call["handling_h"] if handling_h is None else handling_h
    faults = []
    if start < call["eta_utc"] and start != call["locked_start_utc"]:
        early = call["locked_start_utc"] is not None and start < call["locked_start_utc"] < end
        faults += [f"starts at {_at(start)}, before her ETA {_at(call['eta_utc'])}"] * (not early)
    if not needed:
        faults.append(f"cannot be handled at {where}")
    elif (end - start) / _HOUR < needed - ROUNDING:
        faults.append(f"needs {needed:g} h at {where} and gets {(end - start) / _HOUR:g}")
    for first, then, what, limit in (
        (end, call["latest_departure_utc"], "has to be gone by", call["latest_departure_utc"]),
        (end, berth["closes_utc"], f"leaves {where} after it closes at", berth["closes_utc"]),
        (berth["opens_utc"], start, f"starts at {where} before it opens at", berth["opens_utc"]),
    ):
        if limit is not None and first > then:
            faults.append(f"{what} {_at(limit)}")
    return faults


def _room(f: Frames, row: dict[str, Any], call: dict[str, Any], berth: dict[str, Any], keel_m: float) -> list[str]:
    start, end, where = row["start_utc"], row["end_utc"], row["berth_id"]
    length, draught = call["length_m"] or 0.0, call["draught_m"] or 0.0
    faults = []
    if berth["length_m"] is not None and length > berth["length_m"] + ROUNDING:
        faults.append(f"is {length:g} m long, {where} takes {berth['length_m']:g} m")
    if draught and berth["depth_m"] is not None and draught + keel_m > berth["depth_m"] + ROUNDING:
        faults.append(f"has a draught of {draught:g} m, {where} has {berth['depth_m']:g} m")
    shut = f.closures.filter((pl.col("berth_id") == where) & (pl.col("begin_utc") < end) & (pl.col("end_utc") > start))
    faults += [
        f"lies at {where} while it is closed from {_at(c['begin_utc'])} to {_at(c['end_utc'])}" for c in shut.to_dicts()
    ]
    return faults + [
        f"{what} {where} at {_at(time)} at too little water for {draught:g} m"
        for time, what in ((start, "comes to"), (end, "leaves"))
        if not _afloat(f, berth, draught, time)
    ]


def _locks(row: dict[str, Any], call: dict[str, Any]) -> list[str]:
    faults, locked = [], call["locked_start_utc"]
    if call["locked_berth_id"] not in (None, row["berth_id"]):
        faults.append(f"is locked to {call['locked_berth_id']}, not {row['berth_id']}")
    if locked is not None and not row["start_utc"] <= locked <= row["end_utc"]:
        faults.append(f"is locked to start at {_at(locked)}, not {_at(row['start_utc'])}")
    return faults


def _plug(row: dict[str, Any], call: dict[str, Any], berth: dict[str, Any], plug: bool | None) -> list[str]:
    where, outlet = row["berth_id"], berth["shore_power_mw"] or 0.0
    if call["shore_power"] == "must" and not row["plugged"]:
        return [f"must have shore power at {where} and is not plugged in"]
    if row["plugged"] and (not outlet or plug is False):
        return [f"is plugged in at {where}, where she cannot"]
    if row["plugged"] and plug is None and (call["shore_power_mw"] or 0.0) > outlet + ROUNDING:
        return [f"draws {call['shore_power_mw']:g} MW, the outlet of {where} has {outlet:g} MW"]
    return []


def _at(time: Any) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _afloat(f: Frames, berth: dict[str, Any], draught_m: float, time: Any) -> bool:
    """Return whether a ship can come and go at a time."""
    if berth["tide_draught_m"] is None or draught_m <= berth["tide_draught_m"]:
        return True
    here = f.tides.filter(pl.col("berth_id").is_null() | (pl.col("berth_id") == berth["berth_id"]))
    open_now = here.filter(
        (pl.col("begin_utc") <= time) & (pl.col("end_utc") >= time) & (pl.col("draught_m") >= draught_m)
    )
    return open_now.height > 0


def _overlaps(rows: list[dict[str, Any]]) -> list[str]:
    faults = []
    for berth in sorted({row["berth_id"] for row in rows}):
        here = sorted((r["start_utc"], r["end_utc"], r["call_id"]) for r in rows if r["berth_id"] == berth)
        latest = here[0]
        for before, now in pairwise(here):
            latest = max(latest, before, key=lambda stay: stay[1])
            if now[0] < latest[1]:
                until = _at(min(now[1], latest[1]))
                faults.append(f"{latest[2]} and {now[2]} are both at {berth} from {_at(now[0])} to {until}")
    return faults


def _overdrawn(rows: list[dict[str, Any]], calls: dict[str, Any], berths: dict[str, Any]) -> list[str]:
    """Return the plants that are asked for more than they give, with the first time."""
    plants: dict[str, list[tuple[Any, Any, float]]] = {}
    limits: dict[str, float] = {}
    for name, berth in berths.items():
        if berth["plant_power_mw"] is not None:
            plant = berth["plant_id"] or f"outlet of {name}"
            limits[plant] = min(limits.get(plant, float("inf")), berth["plant_power_mw"])
    for row in rows:
        plant = berths[row["berth_id"]]["plant_id"] or f"outlet of {row['berth_id']}"
        if row["plugged"] and plant in limits:
            mw = calls[row["call_id"]]["shore_power_mw"] or 0.0
            plants.setdefault(plant, []).append((row["start_utc"], row["end_utc"], mw))
    faults = []
    for plant, drawn in sorted(plants.items()):
        for time in sorted(start for start, _, _ in drawn):
            total = sum(mw for start, end, mw in drawn if start <= time < end)
            if total > limits[plant] + ROUNDING:
                faults.append(f"{plant} gives {limits[plant]:g} MW, but {total:g} MW are drawn at {_at(time)}")
                break
    return faults


def cost(stays: Any, calls: Any, weights: Weights) -> float:
    """Return what the times of a plan cost, added up once more from the frames (without pairs and approaches).

    Examples
    --------
    >>> from datetime import datetime
    >>> calls = pl.DataFrame({"call_id": ["Ada"], "handling_h": [4.0], "eta_utc": [datetime(2026, 1, 1, 6)]})
    >>> from sisterport.berths.plan import plan
    >>> cost(plan(calls, pl.DataFrame({"berth_id": ["east"]})).stays, calls, Weights(turnaround=2.0))
    8.0
    """
    of_call = {row["call_id"]: row for row in check(calls, "berth_calls").iter_rows(named=True)}
    total = 0.0
    for row in check(stays, "berth_plan").iter_rows(named=True):
        call = of_call[row["call_id"]]
        eta = call["eta_utc"]
        slow = max(eta, call["eta_latest_utc"] or eta)
        part = weights.waiting * max((row["start_utc"] - slow) / _HOUR, 0.0)
        part += weights.turnaround * (row["end_utc"] - eta) / _HOUR
        if call["requested_departure_utc"] is not None:
            part += weights.lateness * max((row["end_utc"] - call["requested_departure_utc"]) / _HOUR, 0.0)
        if call["promised_start_utc"] is not None:
            part += weights.moved * abs((row["start_utc"] - call["promised_start_utc"]) / _HOUR)
        if call["promised_berth_id"] not in (None, row["berth_id"]):
            part += weights.other_berth
        total += part * (1.0 if call["priority"] is None else call["priority"])
    return total
