"""Small random ports in the planner's frames with every feature on, and their best plan by trying everything.

Times are whole hours from `T0`; nothing of the package is used to find the best plan.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import strategies as st

from sisterport.berths import Weights
from sisterport.tables import empty, schema

T0 = datetime(2026, 1, 1, tzinfo=UTC)
HORIZON = 18
WEIGHTS = Weights(waiting=2, turnaround=1, lateness=3, moved=0.5, other_berth=4, co2e=1.5)


def at(hour):
    return None if hour is None else T0 + timedelta(hours=int(hour))


def frame(name, rows):
    """Return rows with times in hours as a frame of a table."""
    kinds = {c.name: c.dtype for c in schema(name).values()}
    timed = [{k: at(v) if k.endswith("_utc") else v for k, v in row.items()} for row in rows]
    return pl.DataFrame(timed, schema={k: kinds[k] for k in rows[0]}) if rows else empty(name)


@st.composite
def ports(draw, most_calls=4, most_berths=2):
    """Return rows of every frame."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    n, m = draw(st.integers(1, most_calls)), draw(st.integers(1, most_berths))
    maybe = lambda share, value: value if rng.random() < share else None  # noqa: E731
    berths = [
        {
            "berth_id": f"berth {k}",
            "length_m": maybe(0.5, float(rng.choice([200, 300]))),
            "depth_m": maybe(0.5, float(rng.choice([10, 14]))),
            "opens_utc": maybe(0.3, int(rng.integers(0, 4))),
            "closes_utc": maybe(0.3, int(rng.integers(12, 19))),
            "tide_draught_m": 9.0,
            "shore_power_mw": maybe(0.7, 4.0),
            "plant_id": maybe(0.8, "plant"),
            "plant_power_mw": 4.0,
        }
        for k in range(m)
    ]
    calls = []
    for i in range(n):
        eta = int(rng.integers(0, 6))
        calls.append(
            {
                "call_id": f"call {i}",
                "eta_utc": eta,
                "eta_latest_utc": maybe(0.4, eta + int(rng.integers(0, 4))),
                "handling_h": float(rng.integers(1, 6)),
                "requested_departure_utc": maybe(0.5, eta + int(rng.integers(3, 8))),
                "latest_departure_utc": maybe(0.3, eta + int(rng.integers(6, 14))),
                "length_m": maybe(0.7, float(rng.choice([150, 250]))),
                "draught_m": maybe(0.7, float(rng.choice([8, 11]))),
                "priority": maybe(0.5, float(rng.integers(1, 4))),
                "shore_power": maybe(0.7, str(rng.choice(["must", "may", "no"]))),
                "shore_power_mw": float(rng.integers(1, 4)),
                "locked_berth_id": maybe(0.15, f"berth {rng.integers(0, m)}"),
                "locked_start_utc": maybe(0.15, eta + int(rng.integers(0, 4))),
                "promised_berth_id": maybe(0.4, f"berth {rng.integers(0, m)}"),
                "promised_start_utc": maybe(0.4, eta + int(rng.integers(0, 5))),
            }
        )
    pairs = [
        {
            "call_id": f"call {i}",
            "berth_id": f"berth {k}",
            "handling_h": maybe(0.5, float(rng.integers(0, 6))),
            "plug": maybe(0.3, bool(rng.random() < 0.7)),
            "co2e_t": float(rng.integers(4, 12)),
            "plugged_co2e_t": float(rng.integers(0, 6)),
            "cost": maybe(0.3, float(rng.integers(-5, 6))),
        }
        for i in range(n)
        for k in range(m)
        if rng.random() < 0.7
    ]
    approaches = [
        {"call_id": "call 0", "start_utc": hour, "co2e_t": float(rng.integers(0, 8))}
        for hour in range(HORIZON * draw(st.integers(0, 1)))
    ]
    closures = [{"berth_id": "berth 0", "begin_utc": 6, "end_utc": 8}] * draw(st.integers(0, 1))
    tides = [
        {"berth_id": None, "begin_utc": hour, "end_utc": hour + 3, "draught_m": 11.5}
        for hour in range(int(rng.integers(0, 4)), HORIZON + 1, 6)
    ]
    return {
        "calls": calls,
        "berths": berths,
        "pairs": pairs,
        "approaches": approaches,
        "closures": closures,
        "tides": tides,
    }


def frames(port):
    """Return the frames of a port: calls and berths, and the others by name."""
    made = {name: frame(name if name == "berths" else f"berth_{name}", rows) for name, rows in port.items()}
    return (made.pop("calls"), made.pop("berths")), made


def best_cost(port):
    """Least cost over all berths, starts and plugs; None if there is no plan."""
    options = [_options(port, call) for call in port["calls"]]
    best, taken, load = None, set(), {}

    def put(i, spent):
        nonlocal best
        if i == len(options):
            best = spent if best is None else min(best, spent)
            return
        for berth, start, end, mw, plant, cost in options[i]:
            hours = {(berth, t) for t in range(start, end)}
            if hours & taken or any(load.get((plant, t), 0) + mw > 4 for t in range(start, end)):
                continue
            taken.update(hours)
            for t in range(start, end):
                load[plant, t] = load.get((plant, t), 0) + mw
            put(i + 1, spent + cost)
            taken.difference_update(hours)
            for t in range(start, end):
                load[plant, t] -= mw

    put(0, 0.0)
    return best


def _options(port, call):
    """Everything that one call can do: berth, start, end, power drawn, plant and cost."""
    out = []
    for berth in port["berths"]:
        pair = next(
            (p for p in port["pairs"] if (p["call_id"], p["berth_id"]) == (call["call_id"], berth["berth_id"])), {}
        )
        hours = call["handling_h"] if pair.get("handling_h") is None else pair["handling_h"]
        deep, afloat = call["draught_m"] or 0, lambda t, d=call["draught_m"] or 0: d <= 9 or any(
            w["begin_utc"] <= t <= w["end_utc"] for w in port["tides"]
        )  # fmt: skip
        can_plug = (
            bool(berth["shore_power_mw"]) and call["shore_power"] in ("must", "may") and pair.get("plug") is not False
        )
        if (
            hours == 0
            or (berth["length_m"] and (call["length_m"] or 0) > berth["length_m"])
            or (berth["depth_m"] and deep > berth["depth_m"])
            or call["locked_berth_id"] not in (None, berth["berth_id"])
        ):
            continue
        for start in range(max(call["eta_utc"], berth["opens_utc"] or 0), HORIZON):
            end = start + int(hours)
            shut = berth["berth_id"] == "berth 0" and any(
                start < c["end_utc"] and end > c["begin_utc"] for c in port["closures"]
            )
            last = min(x for x in (HORIZON, call["latest_departure_utc"], berth["closes_utc"]) if x is not None)
            if shut or end > last or not afloat(start) or not afloat(end):
                continue
            if call["locked_start_utc"] not in (None, start):
                continue
            for plugged in {True: (True, False), False: (False,)}[can_plug]:
                if call["shore_power"] == "must" and not plugged:
                    continue
                plant = berth["plant_id"] or berth["berth_id"]
                mw = call["shore_power_mw"] if plugged else 0
                out.append(
                    (berth["berth_id"], start, end, mw, plant, _cost(port, call, pair, berth, start, end, plugged))
                )
    return out


def _cost(port, call, pair, berth, start, end, plugged):
    w, eta = WEIGHTS, call["eta_utc"]
    time = w.waiting * max(start - max(eta, call["eta_latest_utc"] or eta), 0) + w.turnaround * (end - eta)
    if call["requested_departure_utc"] is not None:
        time += w.lateness * max(end - call["requested_departure_utc"], 0)
    if call["promised_start_utc"] is not None:
        time += w.moved * abs(start - call["promised_start_utc"])
    if call["promised_berth_id"] not in (None, berth["berth_id"]):
        time += w.other_berth
    emitted = (pair.get("plugged_co2e_t") if plugged else pair.get("co2e_t")) or 0
    if call["call_id"] == "call 0" and port["approaches"]:
        emitted += port["approaches"][start]["co2e_t"]
    return time * (1 if call["priority"] is None else call["priority"]) + w.co2e * emitted + (pair.get("cost") or 0)
