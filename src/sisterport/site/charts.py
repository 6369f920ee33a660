"""One look for all charts: functions from a frame to a Vega-Lite spec, and `svg`, which renders a spec."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl
import vl_convert
from markupsafe import escape

Spec = dict[str, Any]

INK, MUTED, RULE = "#1d2b3a", "#5c6b78", "#dfe5ea"
NAVY, BLUE, SKY, AMBER = "#12385f", "#3f86bd", "#a9cde3", "#dd9a32"
GROUP_COLOURS = {"Ocean-going ships": NAVY, "Harbour craft": AMBER, "Other or unknown type": "#8d98a3"}
SYSTEM_COLOURS = {"Main engine": NAVY, "Auxiliary engines": "#5b9cc9", "Boilers": "#e3b25c"}
MODE_COLOURS = {"At berth": NAVY, "At anchor": BLUE, "Manoeuvring": SKY, "Under way": "#e3b25c"}
QUALITY_COLOURS = {
    "Seen": NAVY,
    "Not seen, stayed in place": "#7fb2d6",
    "Not seen, lay still nearby": "#b5d3e7",
    "Not seen, moved (bridged)": "#e3b25c",
    "Unobserved": "#d5d9dd",
}
KNOWN_COLOURS = {
    "Register": NAVY,
    "AIS broadcast": "#2f6f9f",
    "Regression": "#6ba3c8",
    "Class average": "#aecfe3",
    "Rule or default": "#e9c98f",
    "Unknown": "#e3e6e9",
}
HEAT = ("#fde6c4", "#f6bd7a", "#e0843f", "#ad4a26", "#611f17")
"""Graduated colours of the map, light to dark: also in grey print."""

FONT = "Arial, 'Liberation Sans', 'Helvetica Neue', Helvetica, sans-serif"
"""Faces of equal widths, so that what was measured here fits there."""
WIDTH = 700
"""Width of a chart [px]."""
LETTER_PX = 6.2
"""Mean width of a letter of a label, on the safe side [px]."""
LONGEST = 34
"""Longest label of an axis [letters]; a longer one is cut."""

_LOCALE: Spec = {
    "decimal": ".",
    "thousands": "\u202f",
    "grouping": [3],
    "currency": ["", ""],
    "percent": "\u202f%",
}

_CONFIG: Spec = {
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "domainColor": "#9aa7b2",
        "gridColor": RULE,
        "labelColor": INK,
        "labelFontSize": 11.5,
        "labelLimit": 230,
        "tickColor": "#9aa7b2",
        "tickSize": 4,
        "titleColor": MUTED,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    },
    "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
    "legend": {
        "labelColor": INK,
        "labelFontSize": 11.5,
        "labelLimit": 220,
        "orient": "top",
        "symbolSize": 110,
        "symbolStrokeWidth": 0,
        "symbolType": "square",
        "title": None,
        "columnPadding": 18,
        "offset": 10,
    },
}


def bars(
    frame: pl.DataFrame,
    *,
    category: str,
    series: str,
    value: str,
    colours: Mapping[str, str],
    title: str,
    order: Sequence[str] | None = None,
    share: bool = False,
) -> Spec:
    """Return horizontal stacked bars.

    Parameters
    ----------
    frame
        One row per category and series.
    category, series, value
        Columns.
    colours
        Series, in the order of stacking, with their colours.
    title
        Title of the value axis, with its unit.
    order
        Categories from top to bottom; by default in the order of `frame`.
    share
        The values are shares (0 to 1) and shown in percent.
    """
    rank = {name: i for i, name in enumerate(colours)}
    present = [name for name in colours if name in set(frame[series])]
    rows = (
        frame.select(c=category, s=series, v=value)
        .drop_nulls("v")
        .with_columns(r=pl.col("s").replace_strict(rank))
        .sort("c", "r")
    )
    names = list(order or frame[category].unique(maintain_order=True))
    room = 14 + LETTER_PX * min(LONGEST, max((len(name) for name in names), default=0))
    axis: Spec = {"title": title, "tickCount": 5, "ticks": False, "domain": False}
    scale: Spec = {"domainMin": 0}
    if share:
        axis |= {"format": ".0%"}
        scale = {"domain": [0, 1]}
    else:
        axis |= {"format": ",~f" if (rows["v"] >= 1).any() else "~g"}
    return {
        "data": {"values": rows.to_dicts()},
        "width": WIDTH - room - 16,
        "height": {"step": 22},
        "mark": {"type": "bar", "height": 14, "stroke": "#ffffff", "strokeWidth": 0.8},
        "encoding": {
            "y": {"field": "c", "type": "nominal", "sort": names, "axis": {"title": None, "minExtent": room}},
            "x": {"field": "v", "type": "quantitative", "axis": axis, "scale": scale},
            "color": {
                "field": "s",
                "type": "nominal",
                "scale": {"domain": present, "range": [colours[name] for name in present]},
            },
            "order": {"field": "r", "type": "quantitative"},
        },
    }


def lines_over_time(frame: pl.DataFrame, *, series: str, value: str, colours: Mapping[str, str], title: str) -> Spec:
    """Return one stepped line per series over a column `time` (UTC)."""
    present = [name for name in colours if name in set(frame[series])]
    rows = frame.select(t=pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%S"), s=series, v=value)
    return {
        "data": {"values": rows.to_dicts()},
        "width": WIDTH - 50,
        "height": 170,
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 1.6},
        "encoding": {
            "x": {
                "field": "t",
                "type": "temporal",
                "axis": {
                    "title": None,
                    "grid": False,
                    "format": "%-d %b",
                    "tickCount": "day",
                    "labelFlush": True,
                },
            },
            "y": {
                "field": "v",
                "type": "quantitative",
                "axis": {"title": title, "tickCount": 4, "tickMinStep": 1},
                "scale": {"domainMin": 0},
            },
            "color": {
                "field": "s",
                "type": "nominal",
                "scale": {"domain": present, "range": [colours[name] for name in present]},
                "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2.5},
            },
            "strokeDash": {
                "field": "s",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": list(colours), "range": [[1, 0], [5, 2], [2, 2]][: len(colours)]},
            },
        },
    }


def columns_by_day(frame: pl.DataFrame, *, series: str, value: str, colours: Mapping[str, str], title: str) -> Spec:
    """Return stacked columns over a column `date`."""
    rank = {name: i for i, name in enumerate(colours)}
    present = [name for name in colours if name in set(frame[series])]
    rows = (
        frame.with_columns(r=pl.col(series).replace_strict(rank))
        .sort("date", "r")
        .select("r", d=pl.col("date").dt.strftime("%-d %b"), s=series, v=value)
        .drop_nulls("v")
    )
    days = rows["d"].unique(maintain_order=True).to_list()
    return {
        "data": {"values": rows.to_dicts()},
        "width": min(WIDTH - 50, max(220, 84 * len(days))),
        "height": 170,
        "mark": {"type": "bar", "stroke": "#ffffff", "strokeWidth": 0.8},
        "encoding": {
            "x": {
                "field": "d",
                "type": "ordinal",
                "sort": days,
                "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
                "axis": {"title": None, "labelAngle": 0, "ticks": False, "labelOverlap": True},
            },
            "y": {
                "field": "v",
                "type": "quantitative",
                "axis": {"title": title, "tickCount": 4, "format": ",~f"},
            },
            "color": {
                "field": "s",
                "type": "nominal",
                "scale": {"domain": present, "range": [colours[name] for name in present]},
            },
            "order": {"field": "r", "type": "quantitative"},
        },
    }


def svg(spec: Spec, *, name: str, title: str) -> str:
    """Render a spec to an SVG element that can stand anywhere in a page.

    Parameters
    ----------
    spec
        Vega-Lite spec.
    name
        Prefix of every id in it: several charts share one page.
    title
        What a screen reader says.
    """
    return standalone(_rendered(json.dumps({"config": _CONFIG, **spec})), name=name, title=title)


@lru_cache(maxsize=128)
def _rendered(spec: str) -> str:
    """Render a spec; pages that show the same chart share the work."""
    return str(vl_convert.vegalite_to_svg(spec, format_locale=_LOCALE))


def standalone(text: str, *, name: str, title: str) -> str:
    """Strip an SVG of what HTML does not need and give its ids a prefix.

    Examples
    --------
    >>> standalone('<svg xmlns="x" width="9"><g id="a" clip-path="url(#a)"/></svg>', name="n", title="T")
    '<svg id="n" role="img" aria-label="T" width="9"><g id="n-a" clip-path="url(#n-a)"/></svg>'
    """
    text = re.sub(r"<[^>]+>", lambda tag: _clean(tag[0], name), _renumbered(text[text.index("<svg") :]))
    return text.replace("<svg", f'<svg id="{name}" role="img" aria-label="{escape(title)}"', 1)


def _renumbered(text: str) -> str:
    """Renumber clip paths from 1 in order of appearance: Vega counts on from chart to chart."""
    order = {number: str(index) for index, number in enumerate(dict.fromkeys(re.findall(r"\bclip(\d+)", text)), 1)}
    return re.sub(r"\bclip(\d+)", lambda found: f"clip{order[found[1]]}", text)


def _clean(tag: str, name: str) -> str:
    tag = re.sub(r'\s(?:xmlns(?::\w+)?|version|role|aria-[a-z]+|class)="[^"]*"', "", tag)
    tag = re.sub(r"\d+\.\d{3,}(?:e-\d+)?", lambda number: f"{round(float(number[0]), 2):g}", tag)
    tag = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', tag)
    tag = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", tag)
    return re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', tag)
