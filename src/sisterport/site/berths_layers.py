"""Layers of the picture of a berth plan: rectangles, marks, words, and lines over time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sisterport.site.charts import INK, MUTED, RULE, Spec
from sisterport.units import SECONDS_PER_HOUR

BOLD_PX = 7.5
"""Mean width of a letter of the days [px]."""


def at(time: datetime) -> float:
    """Return hours since 1970: no clock of a reader's own is in between."""
    return time.timestamp() / SECONDS_PER_HOUR


def boxes(rects: Sequence[Mapping[str, Any]], x: Spec, y: Spec, colours: Mapping[str, str]) -> Spec:
    """Return rectangles ``a, b`` by ``c, d`` of kinds ``k``, with their legend."""
    present = [kind for kind in colours if any(rect["k"] == kind for rect in rects)]
    return {
        "data": {"values": list(rects)},
        "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 0.6},
        "encoding": {
            "x": {**x, "field": "a"},
            "x2": {"field": "b"},
            "y": {**y, "field": "c"},
            "y2": {"field": "d"},
            "color": {
                "field": "k",
                "type": "nominal",
                "scale": {"domain": present, "range": [colours[kind] for kind in present]},
                "legend": {"orient": "bottom", "columns": 8, "offset": 12},
            },
        },
    }


def points(marks: Sequence[Mapping[str, Any]], x: Spec, y: Spec, shapes: Mapping[str, str]) -> Spec:
    """Return marks of kinds ``k`` at ``t, y``, each with a name ``n`` beside it."""
    present = [kind for kind in shapes if any(mark["k"] == kind for mark in marks)]
    shape = {
        "field": "k",
        "type": "nominal",
        "scale": {"domain": present, "range": [shapes[kind] for kind in present]},
        "legend": {"orient": "bottom", "symbolFillColor": INK} if present else None,
    }
    text = {"type": "text", "align": "left", "dx": 7, "fontSize": 9.5, "color": INK, "baseline": "middle"}
    place = {"x": {**x, "field": "t"}, "y": {**y, "field": "y"}}
    return {
        "data": {"values": list(marks)},
        "layer": [
            {
                "mark": {"type": "point", "filled": True, "fill": INK, "stroke": "#ffffff", "size": 62, "opacity": 1},
                "encoding": {**place, "shape": shape},
            },
            {"mark": text, "encoding": {**place, "text": {"field": "n"}}},
        ],
    }


def words(labels: Sequence[Mapping[str, Any]], x: Spec, y: Spec) -> Spec:
    """Return words that begin right of a time."""
    return {
        "data": {"values": list(labels)},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 4, "clip": True},
        "encoding": {"x": {**x, "field": "t"}, "y": {**y, "field": "y"}, **_LETTERS},
    }


def sides(labels: Sequence[Mapping[str, Any]], y: Spec) -> Spec:
    """Return words left of the picture."""
    return {
        "data": {"values": list(labels)},
        "mark": {"type": "text", "align": "right", "baseline": "middle", "x": -8},
        "encoding": {"y": {**y, "field": "y"}, **_LETTERS},
    }


_LETTERS: Spec = {
    "text": {"field": "w"},
    "size": {"field": "s", "type": "quantitative", "scale": None, "legend": None},
    "color": {"field": "o", "type": "nominal", "scale": None, "legend": None},
}


def rules(lines: Sequence[Mapping[str, Any]], y: Spec) -> Spec:
    """Return lines across."""
    return {
        "data": {"values": list(lines)},
        "mark": {"type": "rule", "color": RULE},
        "encoding": {"y": {**y, "field": "y"}},
    }


def ruled_times(first: datetime, last: datetime, x: Spec, px_h: float) -> Spec:
    """Return a line at each midnight with the day on top, and hours below."""
    every = next((h for h in (1, 2, 3, 6, 12, 24) if h * px_h >= 36), 24)
    hours = []
    time = first.replace(hour=0, minute=0)
    while time <= last:
        if time >= first and time.hour % every == 0:
            hours.append({"t": at(time), "h": f"{time:%H}", "m": time.hour == 0, "d": ""})
        time += timedelta(hours=1)
    day = first
    days = []
    while day < last:
        following = (day + timedelta(days=1)).replace(hour=0, minute=0)
        until = min(following, last)
        room = (until - day) / timedelta(hours=1) * px_h / BOLD_PX
        forms = (f"{day:%A} {day.day} {day:%B}", f"{day:%a} {day.day} {day:%b}", f"{day:%a}")
        words = next((form for form in forms if len(form) <= room), "")
        days.append({"t": at(day + (until - day) / 2), "d": words})
        day = following
    tick = {**x, "field": "t"}
    tone = {"condition": {"test": "datum.m", "value": "#7b8894"}, "value": RULE}
    return {
        "layer": [
            {
                "data": {"values": hours},
                "mark": {"type": "rule", "strokeWidth": 1},
                "encoding": {"x": tick, "color": tone},
            },
            {
                "data": {"values": hours},
                "mark": {"type": "text", "y": -8, "fontSize": 10, "color": MUTED},
                "encoding": {"x": tick, "text": {"field": "h"}},
            },
            {
                "data": {"values": days},
                "mark": {"type": "text", "y": -24, "fontSize": 12, "fontWeight": "bold", "color": INK},
                "encoding": {"x": tick, "text": {"field": "d"}},
            },
        ]
    }


def now_line(now: datetime | None, x: Spec) -> list[Spec]:
    """Return a dashed line at a time; none without."""
    if now is None:
        return []
    return [
        {
            "data": {"values": [{"t": at(now)}]},
            "mark": {"type": "rule", "color": "#b3261e", "strokeWidth": 1.6, "strokeDash": [4, 3]},
            "encoding": {"x": {**x, "field": "t"}},
        }
    ]
