"""Charts of shore power, in the look of `sisterport.site.charts`: matrix, coverage bars, frontier."""

from collections.abc import Mapping, Sequence

import polars as pl

from sisterport.site.charts import BLUE, INK, LETTER_PX, LONGEST, MUTED, NAVY, RULE, WIDTH, Spec, bars
from sisterport.site.digits import percent
from sisterport.site.shorepower_words import COVERAGE_COLOURS, GRADE_COLOURS

CELL_H = 46
"""Height of a cell of the matrix [px]."""
LEAST_CELL_W, MOST_CELL_W = 40.0, 64.0
"""Width of a cell [px]."""
GAP = 0.05
"""White between cells, as a share of a cell."""
HEAD_LETTERS = 22
"""Longest head of a column of the matrix [letters]."""
BELOW: Spec = {"columns": 4, "orient": "bottom", "offset": 12, "clipHeight": 14}
"""Legend below the chart: for many series."""


def matrix(shares: pl.DataFrame, cells: pl.DataFrame, *, rows: Sequence[str], columns: Sequence[str]) -> Spec:
    """Return the matrix of verdicts: a bar in each cell, filled in proportion to the grades of its pairs.

    Parameters
    ----------
    shares
        Columns ``row, column, grade`` (in words) and ``x0, x1``: from where to where the bar has its colour (0 to 1).
    cells
        Columns ``row, column, upper, lower``: two short lines of text under each bar.
    rows, columns
        Names in their order.
    """
    room = _room(rows)
    cell = min(MOST_CELL_W, max(LEAST_CELL_W, (WIDTH - room - 60) / max(1, len(columns))))
    place = {name: float(i) for i, name in enumerate(columns)}
    line = {name: float(i) for i, name in enumerate(rows)}
    ij = (pl.col("column").replace_strict(place), pl.col("row").replace_strict(line))
    bar = shares.with_columns(i=ij[0], j=ij[1]).select(
        g="grade",
        a=pl.col("i") + GAP + (1 - 2 * GAP) * pl.col("x0"),
        b=pl.col("i") + GAP + (1 - 2 * GAP) * pl.col("x1"),
        c=pl.col("j") + 0.1,
        d=pl.col("j") + 0.44,
    )
    words = cells.with_columns(i=ij[0], j=ij[1])
    texts = pl.concat(
        [
            words.select(m=pl.col("i") + 0.5, k=pl.col("j") + 0.58, t="upper", s=pl.lit("n")),
            words.select(m=pl.col("i") + 0.5, k=pl.col("j") + 0.8, t="lower", s=pl.lit("r")),
        ]
    ).filter(pl.col("t") != "")
    heads = [{"m": i + 0.5, "t": _cut(name, HEAD_LETTERS)} for i, name in enumerate(columns)]
    present = [g for g in GRADE_COLOURS if g in set(shares["grade"])]
    x = {"type": "quantitative", "scale": {"domain": [0, len(columns)], "nice": False}, "axis": None}
    scale_y = {"domain": [len(rows), 0], "nice": False}
    y = {"type": "quantitative", "scale": scale_y, "axis": None}
    shade = {
        "field": "g",
        "type": "nominal",
        "scale": {"domain": present, "range": [GRADE_COLOURS[g] for g in present]},
        "legend": BELOW,
    }
    names = [{"k": i + 0.28, "t": _cut(name, LONGEST)} for i, name in enumerate(rows)]
    rules = [{"k": i} for i in range(1, len(rows))]
    label = {"fontSize": 11.5, "color": INK, "baseline": "middle"}
    return {
        "width": cell * len(columns),
        "height": CELL_H * len(rows),
        "layer": [
            {
                "data": {"values": rules},
                "mark": {"type": "rule", "color": RULE},
                "encoding": {"y": {**y, "field": "k"}},
            },
            {
                "data": {"values": bar.to_dicts()},
                "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 0.5},
                "encoding": {
                    "x": {**x, "field": "a"},
                    "x2": {"field": "b"},
                    "y": {**y, "field": "c"},
                    "y2": {"field": "d"},
                    "color": shade,
                },
            },
            {
                "data": {"values": texts.to_dicts()},
                "mark": {"type": "text", "fontSize": 10.5, "baseline": "middle"},
                "encoding": {
                    "x": {**x, "field": "m"},
                    "y": {**y, "field": "k"},
                    "text": {"field": "t"},
                    "color": {"condition": {"test": "datum.s === 'r'", "value": MUTED}, "value": INK},
                },
            },
            {
                "data": {"values": names},
                "mark": {"type": "text", "align": "right", "x": -8, **label},
                "encoding": {"y": {**y, "field": "k"}, "text": {"field": "t"}},
            },
            {
                "data": {"values": heads},
                "mark": {"type": "text", "angle": -38, "align": "left", "y": -6, **label},
                "encoding": {"x": {**x, "field": "m"}, "text": {"field": "t"}},
            },
        ],
    }


def _room(names: Sequence[str], most: int = LONGEST) -> float:
    return 14 + LETTER_PX * min(most, max((len(name) for name in names), default=0))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def coverage(shown: pl.DataFrame, did: pl.DataFrame, data: pl.DataFrame, *, groups: Sequence[str]) -> Spec:
    """Return coverage side by side: by stays, hours and energy, what did connect, and the coverage of the data.

    Parameters
    ----------
    shown
        Columns ``group, measure, kind`` (class in words), ``share``.
    did
        Columns ``group, measure, share``: what did connect by record; groups without records are absent.
    data
        Columns ``group, what, share``: how much of each group's data is there.
    groups
        Names from top to bottom.
    """
    room = _room(groups, 24)
    step = 26
    present = [name for name in COVERAGE_COLOURS if name in set(shown.filter(pl.col("share") > 0)["kind"])]
    rank = {name: i for i, name in enumerate(COVERAGE_COLOURS)}
    y_axis = {"title": None, "minExtent": room, "labelLimit": room}
    panel = (WIDTH - room - 6 * 33 - 4 * 14) / 3

    def y(*, axis: Spec | None) -> Spec:
        return {"field": "g", "type": "nominal", "sort": list(groups), "axis": axis}

    panels: list[Spec] = []
    for i, measure in enumerate(shown["measure"].unique(maintain_order=True)):
        rows = (
            shown.filter(pl.col("measure") == measure)
            .with_columns(r=pl.col("kind").replace_strict(rank))
            .sort("r")
            .select(g="group", s="kind", v="share", r="r")
            .filter(pl.col("v") > 0)
        )
        marks = did.filter(pl.col("measure") == measure).select(g="group", v="share")
        own = y(axis=y_axis if i == 0 else None)
        axis = {"title": f"share of {measure}", "format": ".0%", "values": [0, 0.5, 1], "domain": False, "ticks": False}
        share = {"field": "v", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis}
        shade = {
            "field": "s",
            "type": "nominal",
            "scale": {"domain": present, "range": [COVERAGE_COLOURS[name] for name in present]},
            "legend": BELOW,
        }
        panels.append(
            {
                "width": panel,
                "height": {"step": step},
                "layer": [
                    {
                        "data": {"values": rows.to_dicts()},
                        "mark": {"type": "bar", "height": 15, "stroke": "#ffffff", "strokeWidth": 0.6},
                        "encoding": {"x": share, "y": own, "color": shade, "order": {"field": "r"}},
                    },
                    *(
                        {
                            "data": {"values": marks.to_dicts()},
                            "mark": {"type": "tick", "size": size, "thickness": thick, "color": colour},
                            "encoding": {"x": {**share, "axis": axis}, "y": own},
                        }
                        for size, thick, colour in ((23, 5, "#ffffff"), (22, 2.4, "#000000"))
                    ),
                ],
            }
        )
    return {
        "hconcat": [*panels, _data_panel(data, y(axis=None), step)],
        "spacing": 14,
        "resolve": {"scale": {"color": "shared"}},
    }


def _data_panel(data: pl.DataFrame, y: Spec, step: float) -> Spec:
    """Return the shares of what is known, as numbers on a shade."""
    whats = data["what"].unique(maintain_order=True).to_list()
    rows = data.select(
        g="group", w="what", v="share", t=pl.col("share").mul(100).round(0).cast(pl.Int64).cast(pl.String)
    )
    x = {
        "field": "w",
        "type": "nominal",
        "sort": whats,
        "axis": {
            "title": "% of stays with a known \u2026",
            "orient": "bottom",
            "labelAngle": -40,
            "labelFontSize": 10.5,
            "domain": False,
            "ticks": False,
        },
    }
    base: Spec = {"x": x, "y": y}
    return {
        "width": {"step": 33},
        "height": {"step": step},
        "data": {"values": rows.to_dicts()},
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 1.5, "color": BLUE},
                "encoding": base
                | {
                    "opacity": {
                        "field": "v",
                        "type": "quantitative",
                        "legend": None,
                        "scale": {"domain": [0, 1], "range": [0.06, 0.55]},
                    }
                },
            },
            {"mark": {"type": "text", "fontSize": 10, "color": INK}, "encoding": base | {"text": {"field": "t"}}},
        ],
    }


def shares(frame: pl.DataFrame, *, category: str, series: str, value: str, colours: Mapping[str, str]) -> Spec:
    """Return stacked bars of shares with the legend below, where there are many series."""
    spec = bars(frame, category=category, series=series, value=value, colours=colours, title="", share=True)
    spec["encoding"]["color"]["legend"] = BELOW
    spec["encoding"]["x"]["axis"]["title"] = None
    return spec


def frontier(points: pl.DataFrame, chosen: pl.DataFrame, *, unit: str) -> Spec:
    """Return what plans save by budget, with what no plan can exceed.

    Parameters
    ----------
    points
        Columns ``budget_musd, value, bound``.
    chosen
        Columns ``budget_musd, value, gap``: plans that are shown in full.
    unit
        Of the objective.
    """
    rows = points.sort("budget_musd")
    lines = pl.concat(
        [
            rows.select(x="budget_musd", y="bound", s=pl.lit("No plan can save more (proven bound)")),
            rows.select(x="budget_musd", y="value", s=pl.lit("Plan that was found")),
        ]
    )
    names = lines["s"].unique(maintain_order=True).to_list()
    dots = chosen.select(
        x="budget_musd", y="value", t=pl.format("gap {}", pl.col("gap").map_elements(percent, return_dtype=pl.String))
    )
    x = {
        "field": "x",
        "type": "quantitative",
        "axis": {"title": "budget, MUSD", "tickCount": 6, "format": ",~f", "grid": False},
        "scale": {"domainMin": 0, "nice": True},
    }
    y = {
        "field": "y",
        "type": "quantitative",
        "axis": {"title": unit, "tickCount": 5, "format": ",~f"},
        "scale": {"domainMin": 0},
    }
    return {
        "width": WIDTH - 80,
        "height": 240,
        "layer": [
            {
                "data": {"values": rows.select(x="budget_musd", y="value", z="bound").to_dicts()},
                "mark": {"type": "area", "color": RULE, "interpolate": "linear"},
                "encoding": {"x": x, "y": y, "y2": {"field": "z"}},
            },
            {
                "data": {"values": lines.to_dicts()},
                "mark": {"type": "line", "strokeWidth": 1.8, "point": {"size": 18, "filled": True}},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "s",
                        "type": "nominal",
                        "scale": {"domain": names, "range": ["#a8641d", NAVY]},
                        "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2.5, "labelLimit": 320},
                    },
                    "strokeDash": {
                        "field": "s",
                        "type": "nominal",
                        "legend": None,
                        "scale": {"domain": names, "range": [[5, 3], [1, 0]]},
                    },
                },
            },
            {
                "data": {"values": dots.to_dicts()},
                "mark": {
                    "type": "point",
                    "size": 120,
                    "color": NAVY,
                    "fill": "#ffffff",
                    "strokeWidth": 2.2,
                    "opacity": 1,
                },
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": dots.to_dicts()},
                "mark": {"type": "text", "align": "left", "dx": 9, "dy": 12, "fontSize": 10.5, "color": MUTED},
                "encoding": {"x": x, "y": y, "text": {"field": "t"}},
            },
        ],
    }


def pairs_of_bars(frame: pl.DataFrame, *, category: str, series: Mapping[str, str], title: str) -> Spec:
    """Return thin bars below one another, one per series, by category; negative values are drawn to the left.

    Parameters
    ----------
    frame
        Columns `category`, ``series``, ``value``.
    category
        Column of the names.
    series
        Names of the series in their order, and colours.
    title
        Of the value axis, with its unit.
    """
    names = frame[category].unique(maintain_order=True).to_list()
    room = _room(names)
    present = [name for name in series if name in set(frame["series"])]
    rows = frame.select(c=category, s="series", v="value").drop_nulls("v")
    form = ",~f" if (rows["v"].abs() >= 1).any() else "~g"
    return {
        "data": {"values": rows.to_dicts()},
        "width": WIDTH - room - 16,
        "height": {"step": 11},
        "mark": {"type": "bar", "height": 9},
        "encoding": {
            "y": {
                "field": "c",
                "type": "nominal",
                "sort": names,
                "axis": {"title": None, "minExtent": room},
                "scale": {"paddingInner": 0.35},
            },
            "yOffset": {"field": "s", "type": "nominal", "sort": present},
            "x": {
                "field": "v",
                "type": "quantitative",
                "axis": {"title": title, "tickCount": 5, "ticks": False, "domain": False, "format": form},
            },
            "color": {
                "field": "s",
                "type": "nominal",
                "scale": {"domain": present, "range": [series[name] for name in present]},
            },
        },
    }
