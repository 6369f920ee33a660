"""What is asked of a plan and cannot be, in the planner's words."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sisterport.berths.problem import FORBIDDEN, Flags
from sisterport.errors import SchemaError, did_you_mean
from sisterport.units import ROUNDING

if TYPE_CHECKING:
    from sisterport.berths.desk import Desk, Frames

WORDS = ("must", "may", "no")


def places(f: "Frames") -> tuple[dict[str, int], dict[str, int]]:
    """Return the place of each call and of each berth in their frames."""
    return (
        {name: i for i, name in enumerate(f.calls["call_id"])},
        {name: i for i, name in enumerate(f.berths["berth_id"])},
    )


def check_together(f: "Frames") -> None:
    """Check that the frames fit each other.

    Raises
    ------
    SchemaError
        For names that come twice or mean nothing, times in the wrong order and words that are not known; all at once.
    """
    faults = [*_names(f), *_shore_power(f), *_disorder(f)]
    if f.tides.height and f.berths["tide_draught_m"].null_count() == f.berths.height:
        faults.append("tides are given, but no berth has a tide_draught_m: say which draught passes at any water")
    if not f.berths.height and f.calls.height:
        faults.append("there are no berths")
    if faults:
        raise SchemaError("berth planning", faults)


def _names(f: "Frames") -> list[str]:
    """Return names that come twice or mean nothing."""
    faults = []
    for frame, key in ((f.calls, "call_id"), (f.berths, "berth_id")):
        counts = frame[key].value_counts().filter(pl.col("count") > 1).sort(key)
        faults += [f"{key} '{name}' comes {count} times" for name, count in counts.iter_rows()]
    both = f.pairs.select("call_id", "berth_id").is_duplicated().sum()
    faults += [f"pairs: {both} rows for the same call and berth"] * bool(both)
    calls, berths = set(f.calls["call_id"]), set(f.berths["berth_id"])
    for what, used, known, kind in (
        ("locked_berth_id of calls", f.calls["locked_berth_id"], berths, "berth"),
        ("promised_berth_id of calls", f.calls["promised_berth_id"], berths, "berth"),
        ("pairs", f.pairs["berth_id"], berths, "berth"),
        ("closures", f.closures["berth_id"], berths, "berth"),
        ("tides", f.tides["berth_id"], berths, "berth"),
        ("pairs", f.pairs["call_id"], calls, "call"),
        ("approaches", f.approaches["call_id"], calls, "call"),
    ):
        unknown = sorted(set(used.drop_nulls()) - known)
        faults += [f"{what}: no {kind} '{name}'{did_you_mean(name, sorted(known))}" for name in unknown]
    return faults


def _shore_power(f: "Frames") -> list[str]:
    words = f.calls.select("call_id", "shore_power").drop_nulls().filter(~pl.col("shore_power").is_in(WORDS))
    silent = f.calls.filter(pl.col("shore_power").is_in(["must", "may"]) & pl.col("shore_power_mw").is_null())
    return [
        *(
            f"{name}: shore_power is '{word}'{did_you_mean(word, WORDS)}; say must, may or no"
            for name, word in words.iter_rows()
        ),
        *(f"{name}: shore power is wanted, but shore_power_mw is not given" for name in silent["call_id"]),
    ]


def _disorder(f: "Frames") -> list[str]:
    """Return times in the wrong order."""
    faults = []
    for frame, early, late, what in (
        (f.calls, "eta_utc", "locked_start_utc", "is locked to a start before her ETA"),
        (f.calls, "eta_utc", "latest_departure_utc", "has to be gone before she comes"),
        (f.berths, "opens_utc", "closes_utc", "closes before it opens"),
        (f.closures, "begin_utc", "end_utc", "is closed until before the closure begins"),
    ):
        faults += [
            f"{row.get('call_id') or row['berth_id']} {what} ({_when(row[late])}, {_when(row[early])})"
            for row in frame.filter(pl.col(late) < pl.col(early)).iter_rows(named=True)
        ]
    wrong = f.tides.filter(pl.col("end_utc") < pl.col("begin_utc")).height
    return faults + [f"tides: {wrong} windows end before they begin"] * bool(wrong)


def _when(time: Any) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def fit(f: "Frames", under_keel_m: float) -> Flags:
    """Return which call is short and shallow enough for which berth; what is not known forbids nothing."""
    c, b = f.calls, f.berths
    any_size = float("inf")
    length, draught = (c[name].fill_null(0.0).to_numpy()[:, None] for name in ("length_m", "draught_m"))
    room, depth = (b[name].fill_null(any_size).to_numpy()[None, :] for name in ("length_m", "depth_m"))
    deep = np.where(draught > 0, draught + under_keel_m, 0.0)
    return np.asarray((length <= room + ROUNDING) & (deep <= depth + ROUNDING))


def check_served(desk: "Desk", under_keel_m: float) -> None:
    """Check that each call has somewhere to go.

    Raises
    ------
    SchemaError
        For calls that no berth can serve, with the reason.
    """
    served = (desk.problem.cost != FORBIDDEN).any(axis=(1, 2)) if desk.problem.ships else np.ones(0, dtype=np.bool_)
    faults = [
        f"{call['call_id']}: {_why_nowhere(desk, i, call, under_keel_m)}"
        for i, call in enumerate(desk.calls.iter_rows(named=True))
        if not served[i]
    ]
    if faults:
        raise SchemaError("calls that no berth can serve", faults)


def _why_nowhere(desk: "Desk", i: int, call: dict[str, Any], under_keel_m: float) -> str:
    b = desk.frames.berths
    reasons = []
    longest, deepest = (max(b[name].fill_null(float("inf"))) for name in ("length_m", "depth_m"))
    if (call["length_m"] or 0) > longest:
        reasons.append(f"{call['length_m']:g} m long, the longest berth takes {longest:g} m")
    if call["draught_m"] and call["draught_m"] + under_keel_m > deepest:
        keel = f" and {under_keel_m:g} m under the keel" if under_keel_m else ""
        reasons.append(f"draught {call['draught_m']:g} m{keel}, the deepest berth has {deepest:g} m")
    if not desk.plugs.possible[i].any():
        reasons.append(f"must have shore power of {call['shore_power_mw']:g} MW, and no berth where she fits has it")
    if not reasons and not desk.fits[i].any():
        reasons.append("no berth is long and deep enough and has the shore power that she must have")
    if not reasons and not (desk.problem.handling[i] > 0).any():
        reasons.append("no handling time is known at a berth where she fits (handling_h of calls or pairs)")
    return "; ".join(reasons) or _no_time(desk, call)


def _no_time(desk: "Desk", call: dict[str, Any]) -> str:
    until = call["latest_departure_utc"] or desk.clock.time([desk.clock.steps])[0]
    where = f" at {call['locked_berth_id']}" if call["locked_berth_id"] else ""
    if call["locked_start_utc"]:
        return (
            f"locked to start{where} at {_when(call['locked_start_utc'])}, but she cannot lie there then: see "
            "openings, closures, tides and latest departure"
        )
    return (
        f"between ETA {_when(call['eta_utc'])} and {_when(until)} there is no time{where} long enough in which a berth "
        "is open and has the water for her to come and go"
    )


def no_plan(desk: "Desk", status: str) -> str:
    """Say that there is no plan, and what stands against it."""
    said = {
        "infeasible": "there is no plan that serves all calls",
        "unknown": "no plan for all calls was found in the time",
    }[status]
    reasons = [*_locks_that_clash(desk), *_too_much_for_one(desk)]
    c = desk.calls
    if not reasons:
        firm = c.filter(pl.col("latest_departure_utc").is_not_null())["call_id"].to_list()
        locked = c.filter(pl.col("locked_start_utc").is_not_null())["call_id"].to_list()
        must = c.filter(pl.col("shore_power") == "must")["call_id"].to_list()
        for what, who in (("latest departures", firm), ("locked starts", locked), ("shore power", must)):
            reasons += [f"{what} of {', '.join(who)}"] * bool(who)
        reasons = [f"what could give way: {'; '.join([*reasons, f'the horizon {_when(_end(desk))}'])}"]
    return "\n  - ".join([said, *reasons])


def _end(desk: "Desk") -> Any:
    return desk.clock.time([desk.clock.steps])[0]


def _locks_that_clash(desk: "Desk") -> list[str]:
    locked = desk.calls.filter(pl.col("locked_start_utc").is_not_null() & pl.col("locked_berth_id").is_not_null())
    rows, columns = places(desk.frames)
    stays = []
    for name, berth, start in locked.select("call_id", "locked_berth_id", "locked_start_utc").iter_rows():
        begin = int(desk.clock.at(pl.Series([start]), up=False)[0])
        stays.append((berth, begin, begin + int(desk.problem.handling[rows[name], columns[berth]]), name))
    stays.sort()
    return [
        f"{one[3]} and {two[3]} are both locked to {one[0]} from {_when(desk.clock.time([two[1]])[0])} on"
        for one, two in pairwise(stays)
        if one[0] == two[0] and two[1] < one[2]
    ]


def _too_much_for_one(desk: "Desk") -> list[str]:
    """Berths that are the only one for more calls than they have time for."""
    allowed = (desk.problem.cost != FORBIDDEN).any(axis=2)
    only = allowed.sum(axis=1) == 1
    out = []
    for b, berth in enumerate(desk.problem.berths):
        who = np.flatnonzero(only & allowed[:, b])
        if not who.size:
            continue
        starts = np.flatnonzero((desk.problem.cost[who, b] != FORBIDDEN).any(axis=0))
        last = max(
            int(np.flatnonzero(desk.problem.cost[i, b] != FORBIDDEN)[-1] + desk.problem.handling[i, b]) for i in who
        )
        work, room = int(desk.problem.handling[who, b].sum()), last - int(starts[0])
        if work > room:
            names = ", ".join(desk.problem.ships[i] for i in who)
            hours = desk.clock.hours
            out.append(f"{berth} is the only berth for {names}: {work * hours:g} h of work in {room * hours:g} h")
    return out
