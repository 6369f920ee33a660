"""Charts of a corridor's plan: stacked years, ships by service, the abatement curve, the frontier."""

from collections.abc import Mapping, Sequence

import polars as pl

from sisterport.site.charts import AMBER, INK, LETTER_PX, LONGEST, MUTED, NAVY, SKY, WIDTH, Spec
from sisterport.site.rules_charts import PLOT, form

MOST_LABELS = 13
"""Years that are written below an axis."""


def _years_axis(years: Sequence[int]) -> Spec:
    every = max(1, -(-len(years) // MOST_LABELS))
    shown = [str(year) for year in years if (year - years[0]) % every == 0]
    axis: Spec = {"title": None, "labelAngle": 0, "ticks": False, "values": shown, "domainColor": MUTED}
    return {"field": "y", "type": "ordinal", "scale": {"paddingInner": 0.2, "paddingOuter": 0.1}, "axis": axis}


def _series(present: Sequence[str], colours: Mapping[str, str]) -> Spec:
    return {
        "field": "s",
        "type": "nominal",
        "scale": {"domain": list(present), "range": [colours[name] for name in present]},
    }


def _stack(rows: pl.DataFrame, colours: Mapping[str, str]) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows of a stack with the rank of each series, and the series that are there."""
    rank = {name: i for i, name in enumerate(colours)}
    there = set(rows.filter(pl.col("value") != 0)["series"])
    ordered = rows.with_columns(
        y=pl.col("year").cast(pl.String), s="series", v="value", r=pl.col("series").replace_strict(rank)
    )
    return ordered.sort("year", "r"), [name for name in colours if name in there]


def stacked(
    rows: pl.DataFrame,
    *,
    title: str,
    colours: Mapping[str, str],
    limit: pl.DataFrame | None = None,
    limit_name: str = "Limit",
    height: int = 210,
) -> Spec:
    """Return stacked columns over many years, with a limit as a stepped line.

    Parameters
    ----------
    rows
        Columns ``year, series, value``.
    title
        Of the value axis, with its unit.
    colours
        Series from the bottom, with their colours.
    limit, limit_name
        Columns ``year, value`` of a line, and its name.
    height
        Of the plot [px].
    """
    ordered, present = _stack(rows, colours)
    years = sorted(rows["year"].unique().to_list())
    x = _years_axis(years)
    y = {
        "field": "v",
        "type": "quantitative",
        "axis": {"title": title, "tickCount": 5, "format": form(ordered["v"])},
        "stack": "zero",
    }
    bars: Spec = {
        "data": {"values": ordered.select("y", "s", "v", "r").to_dicts()},
        "mark": {"type": "bar", "stroke": "#ffffff", "strokeWidth": 0.4},
        "encoding": {
            "x": x,
            "y": y,
            "color": _series(present, colours),
            "order": {"field": "r", "type": "quantitative"},
        },
    }
    if limit is None or limit.is_empty():
        return {"width": PLOT, "height": height, **bars}
    line = {
        "data": {"values": limit.select(y=pl.col("year").cast(pl.String), v="value", n=pl.lit(limit_name)).to_dicts()},
        "mark": {"type": "tick", "thickness": 2.4, "width": PLOT / len(years), "orient": "horizontal"},
        "encoding": {
            "x": x,
            "y": {"field": "v", "type": "quantitative"},
            "color": {
                "field": "n",
                "type": "nominal",
                "scale": {"domain": [limit_name], "range": ["#b3261e"]},
                "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2.5, "symbolStrokeColor": "#b3261e"},
            },
        },
    }
    return {"width": PLOT, "height": height, "layer": [bars, line], "resolve": {"scale": {"color": "independent"}}}


def by_service(rows: pl.DataFrame, *, colours: Mapping[str, str], services: Sequence[str]) -> Spec:
    """Return ships over the years, one strip for each service.

    Parameters
    ----------
    rows
        Columns ``year, service, series, value``.
    colours
        Series from the bottom.
    services
        Names from top to bottom.
    """
    ordered, present = _stack(rows, colours)
    years = sorted(rows["year"].unique().to_list())
    most = int(rows.group_by("year", "service", maintain_order=True).agg(pl.col("value").sum())["value"].max() or 1)  # type: ignore[arg-type]
    return {
        "data": {"values": ordered.select("y", "s", "v", "r", f="service").to_dicts()},
        "facet": {
            "row": {
                "field": "f",
                "type": "nominal",
                "sort": list(services),
                "header": {"title": None, "labelAngle": 0, "labelAlign": "left", "labelAnchor": "start",
                           "labelOrient": "top", "labelFontSize": 11.5, "labelColor": INK, "labelPadding": 2},
            }
        },
        "spacing": 8,
        "spec": {
            "width": PLOT,
            "height": 46,
            "mark": {"type": "bar", "stroke": "#ffffff", "strokeWidth": 0.4},
            "encoding": {
                "x": _years_axis(years),
                "y": {
                    "field": "v",
                    "type": "quantitative",
                    "axis": {"title": None, "values": [0, most // 2, most], "format": "d"},
                    "scale": {"domain": [0, most]},
                },
                "color": _series(present, colours),
                "order": {"field": "r", "type": "quantitative"},
            },
        },
    }  # fmt: skip


def abatement_curve(rows: pl.DataFrame, *, colours: Mapping[str, str]) -> Spec:
    """Return measures as columns as wide as what they avoid and as high as a tonne costs.

    Parameters
    ----------
    rows
        Columns ``measure, avoided_kt, usd_per_t``, the cheapest first.
    colours
        Of the measures.
    """
    end = pl.col("avoided_kt").cum_sum()
    drawn = rows.with_columns(x2=end, x1=end - pl.col("avoided_kt"), zero=pl.lit(0.0))
    names = drawn["measure"].to_list()
    return {
        "width": PLOT,
        "height": 230,
        "data": {"values": drawn.to_dicts()},
        "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 1},
        "encoding": {
            "x": {
                "field": "x1",
                "type": "quantitative",
                "axis": {"title": "kt CO₂e avoided over all years, well to wake", "grid": False, "format": ",~f"},
                "scale": {"nice": False},
            },
            "x2": {"field": "x2"},
            "y": {
                "field": "usd_per_t",
                "type": "quantitative",
                "axis": {"title": "USD per t avoided", "tickCount": 6, "format": ",~f"},
            },
            "y2": {"field": "zero"},
            "color": {
                "field": "measure",
                "type": "nominal",
                "scale": {"domain": names, "range": [colours.get(name, MUTED) for name in names]},
                "legend": {"columns": 3},
            },
        },
    }


def frontier(points: pl.DataFrame, marks: pl.DataFrame) -> Spec:
    """Return the least emissions against what is spent, and named plans as dots.

    Parameters
    ----------
    points
        Columns ``more_musd, mt``, in the order of money.
    marks
        Columns ``name, more_musd, mt``.
    """
    x = {
        "field": "more_musd",
        "type": "quantitative",
        "axis": {"title": "MUSD beyond today's way, present value", "format": ",~f", "tickCount": 7},
        "scale": {"nice": True},
    }
    y = {
        "field": "mt",
        "type": "quantitative",
        "axis": {"title": "Mt CO₂e over all years, well to wake", "tickCount": 6, "format": ",~f"},
        "scale": {"zero": True, "nice": True},
    }
    names = marks["name"].to_list()
    values = {"values": points.to_dicts()}
    return {
        "width": PLOT,
        "height": 240,
        "layer": [
            {"data": values, "mark": {"type": "line", "color": NAVY, "strokeWidth": 2}, "encoding": {"x": x, "y": y}},
            {
                "data": values,
                "mark": {"type": "point", "filled": True, "color": NAVY, "size": 34, "opacity": 1},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": marks.to_dicts()},
                "mark": {"type": "point", "filled": True, "size": 110, "stroke": INK, "strokeWidth": 0.8, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "name",
                        "type": "nominal",
                        "scale": {"domain": names, "range": [SKY, AMBER, "#c9782f"][: len(names)]},
                        "legend": {"symbolType": "circle"},
                    },
                },
            },
        ],
    }


def single_bars(rows: pl.DataFrame, *, title: str, share: bool = False, colour: str = NAVY) -> Spec:
    """Return one bar for each row: columns ``name, value``."""
    names = rows["name"].to_list()
    room = 14 + LETTER_PX * min(LONGEST, max((len(name) for name in names), default=0))
    axis: Spec = {"title": title, "tickCount": 5, "ticks": False, "domain": False}
    axis["format"] = ".0%" if share else form(rows["value"])
    return {
        "data": {"values": rows.to_dicts()},
        "width": WIDTH - room - 16,
        "height": {"step": 20},
        "mark": {"type": "bar", "height": 12, "color": colour},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": names, "axis": {"title": None, "minExtent": room}},
            "x": {"field": "value", "type": "quantitative", "axis": axis},
        },
    }
