"""Charts of the CII: the bands of the ratings over the years, and of many ships below one another."""

import polars as pl

from sisterport.site.charts import INK, NAVY, WIDTH, Spec
from sisterport.site.rules_charts import HALF, PLOT, form, named_rows, years

RATING_COLOURS = {"A": NAVY, "B": "#6ba3c8", "C": "#e3e6e9", "D": "#f0c987", "E": "#a8641d"}
"""Blue is better than required, grey about it, amber and brown worse: told apart in grey print by their letters too."""


def cii_bands(bands: pl.DataFrame, attained: pl.DataFrame, *, title: str) -> Spec:
    """Return the bands of the ratings over the years, and what a ship has attained.

    Parameters
    ----------
    bands
        Columns ``year, required, a_below, b_below, c_below, d_below``, of `sisterport.rules.cii_years.bands`.
    attained
        Columns ``year, value, label``.
    title
        Of the value axis, with its unit.
    """
    edges = ["a_below", "b_below", "c_below", "d_below"]
    top = 1.08 * max(float(bands["d_below"].max()), float(attained["value"].max() or 0))  # type: ignore[arg-type]
    bottom = 0.92 * min(float(bands["a_below"].min()), float(attained["value"].min() or bands["a_below"].min()))  # type: ignore[arg-type]
    lower = [pl.lit(bottom), *(pl.col(name) for name in edges)]
    upper = [*(pl.col(name) for name in edges), pl.lit(top)]
    parts = pl.concat(
        [
            bands.select(
                begin=pl.col("year") - HALF, end=pl.col("year") + HALF, low=low, high=high, rating=pl.lit(letter)
            )
            for letter, low, high in zip(RATING_COLOURS, lower, upper, strict=True)
        ]
    )
    last = parts.filter(pl.col("end") == pl.col("end").max()).with_columns(
        middle=(pl.col("low") + pl.col("high")) / 2, at=pl.col("end")
    )
    x = years(bands)
    y = {
        "field": "low",
        "type": "quantitative",
        "scale": {"domain": [bottom, top], "nice": False, "zero": False},
        "axis": {"title": title, "tickCount": 5, "format": form(bands["required"]), "grid": False},
    }
    return {
        "width": PLOT - 24,
        "height": 260,
        "layer": [
            {
                "data": {"values": parts.to_dicts()},
                "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 0.6},
                "encoding": {
                    "x": {**x, "field": "begin"},
                    "x2": {"field": "end"},
                    "y": y,
                    "y2": {"field": "high"},
                    "color": {**_rating_scale(), "legend": None},
                },
            },
            {
                "data": {"values": last.to_dicts()},
                "mark": {"type": "text", "align": "left", "dx": 7, "fontSize": 12, "fontWeight": "bold", "color": INK},
                "encoding": {"x": {**x, "field": "at"}, "y": {**y, "field": "middle"}, "text": {"field": "rating"}},
            },
            {
                "data": {"values": attained.to_dicts()},
                "mark": {"type": "point", "filled": True, "size": 60, "color": INK, "stroke": "#ffffff",
                         "strokeWidth": 1.4, "opacity": 1},
                "encoding": {"x": x, "y": {**y, "field": "value"}},
            },
            {
                "data": {"values": attained.to_dicts()},
                "mark": {"type": "text", "dy": -12, "fontSize": 13, "fontWeight": "bold", "color": INK},
                "encoding": {"x": x, "y": {**y, "field": "value"}, "text": {"field": "label"}},
            },
        ],
    }  # fmt: skip


def _rating_scale() -> Spec:
    return {
        "field": "rating",
        "type": "nominal",
        "scale": {"domain": list(RATING_COLOURS), "range": list(RATING_COLOURS.values())},
    }


def ratio_bands(rows: pl.DataFrame) -> Spec:
    """Return ships below one another, each with the bands of its type and its attained over required intensity.

    Parameters
    ----------
    rows
        Columns ``name, d1, d2, d3, d4, ratio``, in their order.
    """
    y, room = named_rows(rows)
    bounds = ["d1", "d2", "d3", "d4"]
    left = 0.94 * min(float(rows["d1"].min()), float(rows["ratio"].min()))  # type: ignore[arg-type]
    right = 1.06 * max(float(rows["d4"].max()), float(rows["ratio"].max()))  # type: ignore[arg-type]
    lower = [pl.lit(left), *(pl.col(name) for name in bounds)]
    upper = [*(pl.col(name) for name in bounds), pl.lit(right)]
    parts = pl.concat(
        [
            rows.select("name", low=low, high=high, rating=pl.lit(letter))
            for letter, low, high in zip(RATING_COLOURS, lower, upper, strict=True)
        ]
    )
    x = {
        "field": "low",
        "type": "quantitative",
        "scale": {"domain": [left, right], "nice": False, "zero": False},
        "axis": {"title": "attained over required intensity", "tickCount": 6, "format": "~g", "grid": False},
    }
    return {
        "width": WIDTH - room - 16,
        "height": {"step": 22},
        "layer": [
            {
                "data": {"values": parts.to_dicts()},
                "mark": {"type": "bar", "height": 16, "stroke": "#ffffff", "strokeWidth": 0.6},
                "encoding": {"x": x, "x2": {"field": "high"}, "y": y, "color": _rating_scale()},
            },
            {
                "data": {"values": rows.select("name", "ratio").to_dicts()},
                "mark": {"type": "point", "filled": True, "size": 54, "color": INK, "stroke": "#ffffff",
                         "strokeWidth": 1.3, "opacity": 1},
                "encoding": {"x": {**x, "field": "ratio"}, "y": y},
            },
        ],
    }  # fmt: skip
