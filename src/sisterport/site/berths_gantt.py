"""The berth plan as a picture: berths down, time across; stays, waiting, tide, shore power, locks and promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from sisterport.berths import Plan
from sisterport.site import berths_layers as layers
from sisterport.site.charts import AMBER, INK, LETTER_PX, MUTED, Spec

STAY, PLUGGED, WAITS, SLOW, LATE = "at berth", "at berth with shore power", "waits at anchor", "slows down", "late"
HIGH, SHUT, FROZEN = "high water", "closed", "freeze window"
COLOURS = {
    STAY: "#8fb3d1",
    PLUGGED: "#6cb48f",
    LATE: "#c4554d",
    WAITS: AMBER,
    SLOW: "#f3dcae",
    HIGH: "#d7e8f5",
    SHUT: "#b9bfc5",
    FROZEN: "#f4efe4",
}
"""Colours in the order of the legend; tell from each other in grey print too."""
LOCKED, PROMISED, KEPT = "locked", "promised start", "frozen"
MARKS = {LOCKED: "square", PROMISED: "diamond", KEPT: "triangle-down"}
"""Marks at the start of a stay, or where it was promised."""
BAR_H, LANE_H, ROW_PAD = 30.0, 7.0, 9.0
"""Height of a stay, of a lane of waiting above it, and of the space between berths [px]."""
LEAST_W, MOST_W, LETTERS = 880.0, 2600.0, 9
"""Width of the picture [px], and how many letters most stays have room for."""
SHORTEST = 0.1
"""Share of the stays that may be too short for that."""
NAMES_PX = 190
"""Room for the names of berths at most [px]."""
CAPITAL_PX = 8.0
"""Mean width of a capital [px]."""
WORDS_PX = 5.4
"""Mean width of a letter in small print [px]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A berth: where it is drawn [px from the top]."""

    top: float
    bar: float
    bottom: float


def gantt(
    plan: Plan,
    *,
    names: Mapping[str, str],
    now: datetime | None = None,
    freeze_h: float = 0.0,
    least: float = LEAST_W,
) -> Spec:
    """Return the plan as a picture.

    Parameters
    ----------
    plan
        The plan.
    names
        What each call is called.
    now, freeze_h
        Of a replan: a line at `now`, and a band over the freeze window.
    least
        Width at least [px]; more where the stays need it.
    """
    stays = plan.stays.join(
        plan.desk.calls.select("call_id", "eta_latest_utc", "requested_departure_utc", "promised_berth_id",
                               "promised_start_utc"),
        on="call_id",
        how="left",
        maintain_order="left",
    )  # fmt: skip
    first, last = span(plan, now)
    wide = max(least, _width(stays, first, last))
    lanes = _lanes(stays)
    rows = _rows(plan, stays, lanes)
    height = max((row.bottom for row in rows.values()), default=1.0)
    px_h = wide / ((last - first) / timedelta(hours=1))
    x = {
        "type": "quantitative",
        "scale": {"domain": [layers.at(first), layers.at(last)], "nice": False, "zero": False},
        "axis": None,
    }
    y = {"type": "quantitative", "scale": {"domain": [height, 0], "nice": False}, "axis": None}
    behind = [*_frozen(now, freeze_h, last, height), *_tides(plan, rows, first, last), *_shut(plan, rows, first, last)]
    rects = [*behind, *_bars(stays, rows, lanes)]
    return {
        "width": wide,
        "height": height,
        "padding": {"left": 5, "right": 14, "top": 5, "bottom": 5},
        "layer": [
            layers.rules([{"y": row.bottom} for row in rows.values()], y),
            layers.ruled_times(first, last, x, px_h),
            layers.boxes(rects, x, y, COLOURS),
            *layers.now_line(now, x),
            layers.points(_marks(stays, rows, names), x, y, MARKS),
            layers.words([*_shut_words(plan, rows, first, px_h), *_labels(stays, rows, names, px_h)], x, y),
            layers.sides(_berth_words(plan, rows), y),
        ],
        "resolve": {"axis": {"x": "independent"}},
    }


def span(plan: Plan, now: datetime | None = None) -> tuple[datetime, datetime]:
    """Return the first and the last time that the picture shows: whole hours around all stays and ETAs."""
    stays = plan.stays
    times = [t for t in [*stays["eta_utc"], *stays["end_utc"], now] if t is not None]
    if not times:
        return plan.desk.origin, plan.desk.origin + timedelta(days=1)
    first = min(times).replace(minute=0, second=0, microsecond=0)
    last = max(times).replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    return first - timedelta(hours=1), last


def _width(stays: pl.DataFrame, first: datetime, last: datetime) -> float:
    """Return a width in which most stays have room for a few letters."""
    hours = (stays["end_utc"] - stays["start_utc"]).dt.total_minutes() / 60
    short = hours.quantile(SHORTEST) or 1.0
    return min(max(LEAST_W, LETTERS * LETTER_PX / max(short, 0.1) * ((last - first) / timedelta(hours=1))), MOST_W)


def _lanes(stays: pl.DataFrame) -> dict[str, int]:
    """Return the lane in which the waiting of each call is drawn, from 0: at one berth no two of a lane overlap."""
    found: dict[str, int] = {}
    for (_,), part in stays.sort("eta_utc").group_by("berth_id", maintain_order=True):
        free: list[datetime] = []
        for call, eta, start in part.select("call_id", "eta_utc", "start_utc").iter_rows():
            if eta < start:
                lane = next((i for i, until in enumerate(free) if until <= eta), len(free))
                free[lane : lane + 1] = [start]
                found[call] = lane
    return found


def _rows(plan: Plan, stays: pl.DataFrame, lanes: Mapping[str, int]) -> dict[str, _Row]:
    used = dict.fromkeys(plan.desk.problem.berths, 0)
    for call, berth in stays.select("call_id", "berth_id").iter_rows():
        used[berth] = max(used[berth], lanes.get(call, -1) + 1)
    rows, top = {}, 0.0
    for berth, count in used.items():
        bar = top + ROW_PAD / 2 + LANE_H * max(count, 1)
        bottom = bar + BAR_H + ROW_PAD
        rows[berth] = _Row(top=top, bar=bar, bottom=bottom)
        top = bottom
    return rows


def _box(kind: str, begin: datetime, end: datetime, top: float, bottom: float) -> dict[str, Any]:
    return {"k": kind, "a": layers.at(begin), "b": layers.at(end), "c": top, "d": bottom}


def _bars(stays: pl.DataFrame, rows: Mapping[str, _Row], lanes: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the stays, what of them is late, and the time that ships slow down or wait for them."""
    found = []
    for stay in stays.iter_rows(named=True):
        row, start, end = rows[stay["berth_id"]], stay["start_utc"], stay["end_utc"]
        found.append(_box(PLUGGED if stay["plugged"] else STAY, start, end, row.bar, row.bar + BAR_H))
        asked = stay["requested_departure_utc"]
        if asked is not None and asked < end:
            found.append(_box(LATE, max(asked, start), end, row.bar + BAR_H - 5, row.bar + BAR_H))
        if stay["call_id"] in lanes:
            top = row.bar - LANE_H * (lanes[stay["call_id"]] + 1) + 1.5
            slow = min(max(stay["eta_latest_utc"] or stay["eta_utc"], stay["eta_utc"]), start)
            for kind, begin, until in ((SLOW, stay["eta_utc"], slow), (WAITS, slow, start)):
                if begin < until:
                    found.append(_box(kind, begin, until, top, top + LANE_H - 3))
    return found


def _tides(plan: Plan, rows: Mapping[str, _Row], first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Return the windows of high water at berths that need them."""
    tidal = plan.desk.frames.berths.drop_nulls("tide_draught_m")["berth_id"].to_list()
    return [
        _box(HIGH, max(begin, first), min(end, last), rows[berth].top, rows[berth].bottom)
        for where, begin, end in plan.desk.frames.tides.select("berth_id", "begin_utc", "end_utc").iter_rows()
        for berth in tidal
        if where in (None, berth) and begin < last and end > first
    ]


def _shut(plan: Plan, rows: Mapping[str, _Row], first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Return when berths are closed: closures, before they open and after they close."""
    frames = plan.desk.frames
    spans = list(frames.closures.select("berth_id", "begin_utc", "end_utc").iter_rows())
    for berth, opens, closes in frames.berths.select("berth_id", "opens_utc", "closes_utc").iter_rows():
        spans += [(berth, first, opens)] if opens is not None else []
        spans += [(berth, closes, last)] if closes is not None else []
    return [
        _box(SHUT, max(begin, first), min(end, last), rows[berth].top + 1, rows[berth].bottom - 1)
        for berth, begin, end in spans
        if begin < last and end > first
    ]


def _shut_words(plan: Plan, rows: Mapping[str, _Row], first: datetime, px_h: float) -> list[dict[str, Any]]:
    """Return why berths are closed, as far as there is room."""
    found = []
    for shut in plan.desk.frames.closures.drop_nulls("reason").iter_rows(named=True):
        begin = max(shut["begin_utc"], first)
        words = _cut(shut["reason"], (shut["end_utc"] - begin) / timedelta(hours=1) * px_h)
        found.append({"t": layers.at(begin), "y": rows[shut["berth_id"]].bar + 16, "w": words, "s": 10.5, "o": INK})
    return [label for label in found if label["w"]]


def _frozen(now: datetime | None, freeze_h: float, last: datetime, height: float) -> list[dict[str, Any]]:
    if now is None or not freeze_h:
        return []
    return [_box(FROZEN, now, min(now + timedelta(hours=freeze_h), last), 0.0, height)]


def _marks(stays: pl.DataFrame, rows: Mapping[str, _Row], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return marks: a lock, what is frozen, and where a ship was promised to start if that is elsewhere."""
    found = []
    for stay in stays.iter_rows(named=True):
        row = rows[stay["berth_id"]]
        here = {"t": layers.at(stay["start_utc"]), "y": row.bar, "n": ""}
        if stay["frozen"]:
            found.append({**here, "k": KEPT})
        elif stay["locked"]:
            found.append({**here, "k": LOCKED})
        promised = stay["promised_start_utc"]
        where = stay["promised_berth_id"] or stay["berth_id"]
        moved = bool(stay["moved_h"]) or stay["other_berth"]
        if promised is not None and moved and where in rows:
            name = names.get(stay["call_id"], stay["call_id"])
            found.append({"t": layers.at(promised), "y": rows[where].bottom - ROW_PAD / 2, "n": name, "k": PROMISED})
    return found


def _labels(
    stays: pl.DataFrame, rows: Mapping[str, _Row], names: Mapping[str, str], px_h: float
) -> list[dict[str, Any]]:
    """Return name and times of each stay, as far as there is room for them."""
    found = []
    for stay in stays.iter_rows(named=True):
        row, start, end = rows[stay["berth_id"]], stay["start_utc"], stay["end_utc"]
        room = (end - start) / timedelta(hours=1) * px_h - 6
        name = _cut(names.get(stay["call_id"], stay["call_id"]), room)
        times = next(
            (t for t in (f"{start:%H:%M}\u2013{end:%H:%M}", f"{start:%H:%M}") if len(t) * WORDS_PX <= room), ""
        )
        found.append({"t": layers.at(start), "y": row.bar + 10, "w": name, "s": 11.5, "o": INK})
        found.append({"t": layers.at(start), "y": row.bar + 22, "w": times, "s": 10, "o": "#33475a"})
    return [label for label in found if label["w"]]


def _berth_words(plan: Plan, rows: Mapping[str, _Row]) -> list[dict[str, Any]]:
    """Return the berth, and below it what it offers."""
    found = []
    for berth in plan.desk.frames.berths.iter_rows(named=True):
        row = rows[berth["berth_id"]]
        facts = [
            f"{berth['length_m']:g} m" if berth["length_m"] is not None else "",
            f"{berth['depth_m']:g} m deep" if berth["depth_m"] is not None else "",
            f"{berth['shore_power_mw']:g} MW" if berth["shore_power_mw"] else "",
        ]
        found.append({"y": row.bar + 9, "w": _cut(berth["berth_id"], NAMES_PX), "s": 12, "o": INK})
        found.append({"y": row.bar + 23, "w": ", ".join(f for f in facts if f), "s": 10, "o": MUTED})
    return [label for label in found if label["w"]]


def _cut(text: str, room_px: float) -> str:
    """Return a text that fits, or nothing where not even three letters would.

    Examples
    --------
    >>> _cut("Ada", 40.0), _cut("EVER GIVEN", 40.0), _cut("Ada", 9.0)
    ('Ada', 'EVER…', '')
    """
    widths = [CAPITAL_PX if letter.isupper() else LETTER_PX for letter in text]
    if sum(widths) <= room_px:
        return text
    most = next((i for i in range(len(text)) if sum(widths[: i + 1]) + LETTER_PX > room_px), len(text))
    return f"{text[:most]}…" if most >= 2 else ""
