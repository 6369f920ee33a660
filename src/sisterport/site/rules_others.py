"""The pages of visits to California's ports, and of fuels side by side."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from sisterport.site import rules_charts as drawn
from sisterport.site.charts import NAVY, bars
from sisterport.site.digits import counted, number, percent
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.rules_check import TABLE
from sisterport.site.rules_parts import passport
from sisterport.site.tabulate import Column, tabulate
from sisterport.site.words import ship_class
from sisterport.tables import check

OUTCOMES = {
    "controlled": ("Controlled in time", NAVY),
    "exempt": ("Exempt", "#6ba3c8"),
    "incident": ("Incident event", "#a9cde3"),
    "remediation": ("Remediation fund", "#e9c98f"),
    "uncontrolled": ("Not controlled in time", "#a8641d"),
    "not_yet": ("Duty not yet begun", "#c9ced3"),
    "not_covered": ("Not covered", "#e3e6e9"),
    "unknown": ("Ship type not known", "#8d98a3"),
}
"""Outcomes of a visit in words, and their colours: only the first is control."""


def at_berth(outcomes: Any) -> Content:
    """Return the page of visits to California's ports."""
    rows = check(outcomes, "carb_outcomes")
    kind = "California's At Berth regulation"
    if rows.is_empty():
        return Content(kind=kind, lead="There is no visit.")
    words = {code: word for code, (word, _) in OUTCOMES.items()}
    shown = rows.with_columns(
        said=pl.col("outcome").replace(words),
        ship=pl.col("ship_class").map_elements(ship_class, return_dtype=pl.String),
    )
    by_class = shown.group_by("ship", "said", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("visits"))
    duty = rows.filter(pl.col("outcome").is_in(["controlled", "uncontrolled", "exempt", "incident", "remediation"]))
    good = duty.filter(pl.col("outcome") == "controlled").height
    chart = bars(
        by_class,
        category="ship",
        series="said",
        value="visits",
        colours=dict(OUTCOMES.values()),
        title="visits",
        order=by_class["ship"].unique().sort().to_list(),
    )
    columns = [
        Column(key="ship", label="Class", kind="text"),
        Column(key="said", label="Outcome", kind="text"),
        Column(key="visits", label="Visits", kind="count"),
    ]
    each = [
        Column(key="call_id", label="Visit", kind="text"),
        Column(key="ship_id", label="Ship", kind="text"),
        Column(key="locode", label="Port", kind="text"),
        Column(key="arrival_utc", label="Arrival (UTC)", kind="time"),
        Column(key="berth_h", label="At berth", unit="h", most=1),
        Column(key="uncontrolled_h", label="without control", unit="h", most=1),
        Column(key="said", label="Outcome", kind="text"),
        Column(key="reason", label="Why", kind="text"),
    ]
    told = rows.select("clause", "status", law=pl.lit(kind), source_row="row").unique(maintain_order=True)
    return Content(
        kind=kind,
        lead=f"Of {counted(duty.height, 'visit')} with a duty {good} were controlled in time.",
        numbers=[
            Number("Visits", number(rows.height), "All that were given."),
            Number("With a duty", number(duty.height), "By ship type, port and day."),
            Number(
                "Controlled in time", number(good), percent(good / duty.height) if duty.height else "None had a duty."
            ),
        ],
        reserve=["An exemption, an incident event or the remediation fund is an outcome of its own, never control."],
        sections=[
            Section(
                key="classes",
                title="By class",
                parts=[
                    picture("berth-classes", "Visits by ship class and outcome", chart, says=TABLE),
                    tabulate(by_class.sort("ship", "said"), columns, caption="Visits by class and outcome"),
                ],
            ),
            Section(
                key="visits",
                title="The visits",
                parts=[
                    tabulate(
                        shown.head(200),
                        each,
                        caption="Visits",
                        notes=[f"{rows.height - 200} more not shown." if rows.height > 200 else ""],
                    )
                ],
            ),
            passport(told.select("law", "clause", "status", "source_row")),
        ],
    )


def fuels(table: pl.DataFrame, *, threshold: Mapping[str, Any]) -> Content:
    """Return the page of fuels side by side."""
    named = table.with_columns(name=pl.format("{}, {}", "fuel", pl.col("pathway_type").str.replace_all("_", " ")))
    dots = named.drop_nulls("wtw_g_per_mj").select(
        "name",
        value="wtw_g_per_mj",
        low=pl.coalesce("wtw_min_g_per_mj", "wtw_g_per_mj"),
        high=pl.coalesce("wtw_max_g_per_mj", "wtw_g_per_mj"),
        kind=pl.lit(""),
    )
    base = float(table["wtw_g_per_mj"][0])
    marks = {"VLSFO": base, f"Threshold {threshold['name']}": float(threshold["value"])}
    columns = [
        Column(key="name", label="Fuel, pathway", kind="text"),
        Column(key="wtw_g_per_mj", label="Well to wake", unit="g/MJ"),
        Column(key="wtw_min_g_per_mj", label="least", unit="g/MJ"),
        Column(key="wtw_max_g_per_mj", label="most", unit="g/MJ"),
        Column(key="cost_usd_per_gj", label="Cost", unit="USD/GJ"),
        Column(key="usd_per_t_avoided", label="Tonne avoided", unit="USD/t"),
        Column(key="volume_factor", label="Tank volume", unit="VLSFO = 1"),
        Column(key="status", label="Status", kind="text"),
        Column(key="note", label="Note", kind="text"),
    ]
    below = table.filter("below_threshold").height
    return Content(
        kind="Fuels side by side",
        lead=f"{below} of {counted(table.height, 'pathway')} are below the threshold in the model; none is certified.",
        reserve=[
            "Costs and emissions are those of a model at the plant gate, not market prices.",
            "A model is no certificate: green is what a certificate shows.",
        ],
        sections=[
            Section(
                key="pathways",
                title="Pathways",
                parts=[
                    picture(
                        "fuels-wtw",
                        "Well-to-wake emissions of the pathways, with the range over their variants",
                        drawn.dots_with_threshold(dots, title="g CO₂e/MJ", marks=marks),
                        says=TABLE,
                    ),
                    tabulate(named, columns, caption="Pathways, the cheapest tonne avoided first"),
                ],
            )
        ],
    )
