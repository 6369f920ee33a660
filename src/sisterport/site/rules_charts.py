"""Charts of the rules, in the look of `sisterport.site.charts`: intensity against its limit, balances, ranked ships."""

from collections.abc import Mapping, Sequence

import polars as pl

from sisterport.site.charts import AMBER, BLUE, INK, LETTER_PX, LONGEST, MUTED, NAVY, RULE, SKY, WIDTH, Spec

SURPLUS, DEFICIT = BLUE, "#c9782f"
LINES = (NAVY, "#a8641d", "#5b9cc9", "#8d98a3")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
HALF = 0.5
"""Half a year, to both sides of its number."""
MOST_POINTS = 400
"""More points than a reader can tell apart are not drawn one by one."""

PLOT = WIDTH - 60
"""Width of a chart beside its axis [px]."""


def form(values: pl.Series) -> str:
    """Return the format of an axis: no powers of ten where numbers are of a size to be read."""
    return ",~f" if (values.drop_nulls().abs() >= 1).any() else "~g"


def years(frame: pl.DataFrame, column: str = "year") -> Spec:
    """Return the axis of the years of a frame."""
    first, last = int(frame[column].min()), int(frame[column].max())  # type: ignore[arg-type]
    step = max(1, (last - first) // 12)
    return {
        "field": column,
        "type": "quantitative",
        "scale": {"domain": [first - HALF, last + HALF], "nice": False},
        "axis": {"title": None, "grid": False, "format": "d", "values": list(range(first, last + 1, step))},
    }


def named_rows(rows: pl.DataFrame) -> tuple[Spec, float]:
    """Return the axis of the names of rows, in their order, and the room that it takes [px]."""
    names = rows["name"].to_list()
    room = 14 + LETTER_PX * min(LONGEST, max((len(name) for name in names), default=0))
    return {"field": "name", "type": "nominal", "sort": names, "axis": {"title": None, "minExtent": room}}, room


def against_limit(lines: pl.DataFrame, points: pl.DataFrame, *, title: str) -> Spec:
    """Return stepped lines of limits over the years, and what ships have as dots with their ranges.

    Parameters
    ----------
    lines
        Columns ``year, series, value``: each value holds for its whole year.
    points
        Columns ``year, value, low, high, label``; low and high may equal value. Labels are drawn for few points only.
    title
        Of the value axis, with its unit.
    """
    names = lines["series"].unique(maintain_order=True).to_list()
    # a step from the middle of a year to the middle of the next would say that the limit changes in summer
    edges = pl.concat(
        [
            lines.select(pl.col("year") - HALF, "series", "value"),
            lines.group_by("series", maintain_order=True).agg(
                pl.col("year").last() + HALF, pl.col("value").sort_by("year").last()
            ).select("year", "series", "value"),
        ]
    ).sort("series", "year")  # fmt: skip
    dots = points.head(MOST_POINTS)
    every = pl.concat([lines.select("year"), points.select("year").cast({"year": lines["year"].dtype})])
    x = years(every)
    y = {
        "field": "value",
        "type": "quantitative",
        "axis": {"title": title, "tickCount": 5, "format": form(lines["value"])},
        "scale": {"zero": False, "nice": True},
    }
    layers: list[Spec] = [
        {
            "data": {"values": edges.to_dicts()},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
            "encoding": {
                "x": x,
                "y": y,
                "color": {
                    "field": "series",
                    "type": "nominal",
                    "scale": {"domain": names, "range": list(LINES[: len(names)])},
                    "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2.5, "labelLimit": 320},
                },
                "strokeDash": {
                    "field": "series",
                    "type": "nominal",
                    "legend": None,
                    "scale": {"domain": names, "range": list(DASHES[: len(names)])},
                },
            },
        }
    ]
    if dots.height:
        values = {"values": dots.to_dicts()}
        layers.append(
            {
                "data": values,
                "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1.2},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            }
        )
        layers.append(
            {
                "data": values,
                "mark": {"type": "point", "filled": True, "size": 46, "color": AMBER, "stroke": INK, "strokeWidth": 0.6,
                         "opacity": 0.9},
                "encoding": {"x": x, "y": y},
            }
        )  # fmt: skip
        layers.append(_labels(dots, x, y))
    return {"width": PLOT, "height": 230, "layer": layers}


def _labels(dots: pl.DataFrame, x: Spec, y: Spec) -> Spec:
    """Return the labels of points, to the side that has room."""
    middle = sum(x["scale"]["domain"]) / 2
    named = dots.filter(pl.col("label").fill_null("") != "")
    shown = named if named.height <= len(LINES) else named.clear()
    near: Spec = {"type": "text", "fontSize": 11, "color": INK, "dy": -9}
    return {
        "layer": [
            {
                "data": {"values": shown.filter(keep).to_dicts()},
                "mark": {**near, "align": align, "dx": dx},
                "encoding": {"x": x, "y": y, "text": {"field": "label"}},
            }
            for keep, align, dx in ((pl.col("year") < middle, "left", 5), (pl.col("year") >= middle, "right", -5))
        ]
    }


def over_years(frame: pl.DataFrame, *, title: str, asked: Sequence[int] = ()) -> Spec:
    """Return columns over the years, above and below zero in two colours; years that were asked for have an outline.

    Parameters
    ----------
    frame
        Columns ``year, value``.
    title
        Of the value axis, with its unit.
    asked
        Years.
    """
    rows = frame.drop_nulls("value").with_columns(
        begin=pl.col("year") - 0.38,
        end=pl.col("year") + 0.38,
        floor=pl.lit(0.0),
        asked=pl.col("year").is_in(list(asked)),
    )
    x = years(frame)
    mark: Spec = {"type": "rect", "strokeWidth": 1.4}
    return {
        "width": PLOT,
        "height": 170,
        "data": {"values": rows.to_dicts()},
        "layer": [
            {
                "mark": mark,
                "encoding": {
                    "x": {**x, "field": "begin"},
                    "x2": {"field": "end"},
                    "y": {
                        "field": "value",
                        "type": "quantitative",
                        "axis": {"title": title, "tickCount": 5, "format": form(rows["value"])},
                    },
                    "y2": {"field": "floor"},
                    "color": {"condition": {"test": "datum.value < 0", "value": DEFICIT}, "value": SURPLUS},
                    "stroke": {"condition": {"test": "datum.asked", "value": INK}, "value": "#ffffff"},
                },
            },
            {"mark": {"type": "rule", "color": MUTED}, "encoding": {"y": {"datum": 0}}},
        ],
    }


def ranked(rows: pl.DataFrame, *, title: str, colours: Mapping[str, str]) -> Spec:
    """Return ships below one another with an amount and its range.

    Parameters
    ----------
    rows
        Columns ``name, value, low, high, kind``, in their order.
    title
        Of the value axis, with its unit.
    colours
        Kinds and their colours.
    """
    y, room = named_rows(rows)
    present = [kind for kind in colours if kind in set(rows["kind"])]
    x = {
        "field": "value",
        "type": "quantitative",
        "axis": {"title": title, "tickCount": 5, "ticks": False, "domain": False, "format": form(rows["value"])},
    }
    spread = rows.filter(pl.col("low") < pl.col("high"))
    return {
        "width": WIDTH - room - 16,
        "height": {"step": 22},
        "layer": [
            {
                "data": {"values": rows.to_dicts()},
                "mark": {"type": "bar", "height": 13},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "kind",
                        "type": "nominal",
                        "scale": {"domain": present, "range": [colours[kind] for kind in present]},
                    },
                },
            },
            {
                "data": {"values": spread.to_dicts()},
                "mark": {"type": "rule", "color": INK, "strokeWidth": 1.2},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
            },
        ],
    }


def dots_with_threshold(rows: pl.DataFrame, *, title: str, marks: Mapping[str, float]) -> Spec:
    """Return rows with a dot and a range each, and named values as lines across.

    Parameters
    ----------
    rows
        Columns ``name, value, low, high, kind``, in their order.
    title
        Of the value axis, with its unit.
    marks
        Names and values of the lines.
    """
    y, room = named_rows(rows)
    x = {
        "field": "value",
        "type": "quantitative",
        "axis": {"title": title, "tickCount": 6, "format": form(rows["value"]), "grid": True},
        "scale": {"nice": True},
    }
    across = {"values": [{"value": value, "name": name} for name, value in marks.items()]}
    return {
        "width": WIDTH - room - 16,
        "height": {"step": 20},
        "layer": [
            {
                "data": across,
                "mark": {"type": "rule", "strokeWidth": 1.6},
                "encoding": {
                    "x": x,
                    "color": {
                        "field": "name",
                        "type": "nominal",
                        "scale": {"domain": list(marks), "range": list(LINES[: len(marks)])},
                        "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2.5, "labelLimit": 320},
                    },
                },
            },
            {
                "data": {"values": rows.to_dicts()},
                "mark": {"type": "rule", "color": SKY, "strokeWidth": 5},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
            },
            {
                "data": {"values": rows.to_dicts()},
                "mark": {"type": "point", "filled": True, "size": 52, "color": NAVY, "opacity": 1},
                "encoding": {"x": x, "y": y},
            },
        ],
    }


def stacked_years(rows: pl.DataFrame, *, title: str, colours: Mapping[str, str]) -> Spec:
    """Return stacked columns over the years: columns ``year, series, value``; series in the order of their colours."""
    rank = {name: i for i, name in enumerate(colours)}
    present = [name for name in colours if name in set(rows["series"])]
    ordered = rows.drop_nulls("value").with_columns(
        pl.col("year").cast(pl.String), r=pl.col("series").replace_strict(rank)
    )
    return {
        "data": {"values": ordered.sort("year", "r").to_dicts()},
        "width": min(PLOT, max(160, 64 * rows["year"].n_unique())),
        "height": 180,
        "mark": {"type": "bar", "stroke": "#ffffff", "strokeWidth": 0.8},
        "encoding": {
            "x": {
                "field": "year",
                "type": "ordinal",
                "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
                "axis": {"title": None, "labelAngle": 0, "ticks": False, "domainColor": RULE},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "axis": {"title": title, "tickCount": 4, "format": ",~f", "tickMinStep": 1},
            },
            "color": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": present, "range": [colours[name] for name in present]},
            },
            "order": {"field": "r", "type": "quantitative"},
        },
    }
