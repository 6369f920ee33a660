"""Money on the page of a plan: costs by kind, who pays, the abatement curve, the frontier."""

from typing import TYPE_CHECKING

import polars as pl

from sisterport.corridor.answers_abatement import REST
from sisterport.corridor.answers_costs import RULES, with_kind
from sisterport.corridor.plan_frames import SHORE_POWER
from sisterport.site import corridor_charts as drawn
from sisterport.site.charts import MUTED
from sisterport.site.corridor_words import SHORE_COLOUR, fuel_colours
from sisterport.site.digits import percent, with_unit
from sisterport.site.parts import Section, picture
from sisterport.site.tabulate import Column, tabulate

if TYPE_CHECKING:
    from sisterport.site.corridor_plan import Shown

TABLE = "The numbers are in the table below."
KINDS = {
    "ships": ("Ships", "#12385f"),
    "fuel": ("Fuel", "#5b9cc9"),
    "electricity": ("Shore electricity", SHORE_COLOUR),
    "bunkering": ("Bunker ports", "#dd9a32"),
    "shore_power": ("Shore power", "#f0c987"),
    RULES: ("Rules", "#a8641d"),
}
"""Kinds of cost in words and colours."""


def costs(shown: "Shown") -> Section:
    """Return the section on what the plan costs, by kind and year, beside today's way."""
    yearly = with_kind(shown.plan.costs).group_by("year", "kind", maintain_order=True).agg(pl.col("musd").sum())
    rows = yearly.select(
        "year", series=pl.col("kind").replace_strict({k: words for k, (words, _) in KINDS.items()}), value="musd"
    )
    own, now = _by_item(shown.plan.costs), _by_item(shown.today.costs)
    both = (
        own.join(now, on="item", how="full", coalesce=True, suffix="_today")
        .with_columns(pl.col("present_musd", "present_musd_today").fill_null(0.0))
        .with_columns(more=pl.col("present_musd") - pl.col("present_musd_today"))
        .sort("present_musd", descending=True)
    )
    columns = [
        Column(key="item", label="What", kind="text"),
        Column(key="present_musd", label="Plan", unit="MUSD"),
        Column(key="present_musd_today", label="Today's way", unit="MUSD"),
        Column(key="more", label="More", unit="MUSD"),
    ]
    total = {key: float(both[key].sum()) for key in ("present_musd", "present_musd_today", "more")}
    s = shown.summary
    beside = [
        Column(key="year", label="Year", kind="text"),
        Column(key="more_musd", label="More cost", unit="MUSD"),
        Column(key="avoided_t", label="Avoided", unit="kt CO₂e", factor=1e-3),
        Column(key="usd_per_t", label="A tonne", unit="USD", most=0),
        Column(key="usd_per_teu", label="A TEU", unit="USD", most=1),
    ]
    return Section(
        key="costs",
        title="What it costs",
        words=[
            (f"The plan costs {with_unit(s['cost_musd'], 'MUSD')} over all years, {with_unit(s['more_musd'], 'MUSD')} "
             "more than today's way; both are present values. A tonne avoided costs "
             f"{with_unit(s['usd_per_t'], 'USD')} and a TEU {with_unit(s['usd_per_teu'], 'USD')} more, money and "
             "amounts discounted alike."),
        ],
        parts=[
            picture(
                "plan-costs", "What is paid in each year",
                drawn.stacked(rows, title="MUSD a year", colours=dict(KINDS.values())), says=TABLE,
            ),
            tabulate(both, columns, caption="Present value by item, beside today's way", total={"item": "Sum"} | total),
            tabulate(shown.tables["beside_today"], beside, caption="Beside today's way, year by year"),
        ],
        points=["In a year in which ships are bought a tonne looks dear: the levelised value spreads what they cost."],
    )  # fmt: skip


def _by_item(costs: pl.DataFrame) -> pl.DataFrame:
    return costs.group_by("item", maintain_order=True).agg(pl.col("present_musd").sum())


def payers(shown: "Shown") -> Section:
    """Return the section on who pays: the owner of the asset, unless the scenario moves a part."""
    rows = shown.tables["payers"]
    columns = [
        Column(key="payer", label="Who", kind="text"),
        *(Column(key=kind, label=words, unit="MUSD") for kind, (words, _) in KINDS.items()),
        Column(key="present_musd", label="Sum", unit="MUSD"),
        Column(key="more_musd", label="More than today", unit="MUSD"),
    ]
    moved = [
        f"{percent(t.share)} of {KINDS[t.item][0].lower()} of {t.owner} is paid by {t.payer}."
        for t in shown.scenario.transfers
    ]
    told = ["Transfers of the scenario:"] if moved else ["The scenario moves no money between partners."]
    return Section(
        key="payers",
        title="Who pays",
        words=[
            (
                "Who owns an asset pays for it and for what it burns: carriers for ships, fuel and rules, ports for "
                "what they open."
            ),
            *told,
        ],
        points=[
            *moved,
            "Who takes the cheaper part of a scarce fuel is a choice among equals; another split may cost the same.",
        ],
        parts=[tabulate(rows, columns, caption="What each pays over all years, present value")],
    )


def abatement(shown: "Shown") -> Section:
    """Return the section with the abatement cost curve."""
    rows = shown.tables["abatement"]
    colours = {**fuel_colours(shown.scenario.fuels), SHORE_POWER: SHORE_COLOUR, REST: MUTED}
    shape = rows.filter(pl.col("avoided_t") > 0, pl.col("usd_per_t").is_not_null()).select(
        "measure", "usd_per_t", avoided_kt=pl.col("avoided_t") / 1e3
    )
    columns = [
        Column(key="measure", label="Measure", kind="text"),
        Column(key="avoided_t", label="Avoided", unit="kt CO₂e", factor=1e-3),
        Column(key="more_musd", label="More cost", unit="MUSD"),
        Column(key="usd_per_t", label="A tonne", unit="USD", most=0),
    ]
    sums = {key: float(rows[key].sum()) for key in ("avoided_t", "more_musd")}
    total = {"measure": "Plan", "usd_per_t": shown.summary["usd_per_t"]} | sums
    burns = shown.scenario.ships.burns
    curve = drawn.abatement_curve(shape, colours=colours)
    return Section(
        key="abatement",
        title="What a tonne costs by measure",
        words=[
            (f"Each fuel is set beside {burns} of the same energy in the same port and year, with its part of the "
             "ships and bunker ports that its family needs. What is left when the measures are taken from the whole "
             "is speed, other efficiencies and rules.")
        ],
        parts=[
            picture("plan-abatement", "Abatement cost curve of the plan", curve, says=TABLE) if shape.height else None,
            tabulate(rows, columns, caption="Measures of the plan, the cheapest first", total=total),
        ],
    )  # fmt: skip


def frontier(shown: "Shown") -> Section | None:
    """Return the section with the frontier of money and emissions; None where it was not made."""
    if "frontier" not in shown.tables:
        return None
    s = shown.summary
    rows = shown.tables["frontier"].with_columns(more_musd=pl.col("cost_musd") - s["today_cost_musd"])
    points = rows.sort("more_musd").select("more_musd", mt=pl.col("emissions_t") / 1e6)
    marks = pl.DataFrame(
        {
            "name": ["Today's way", "This plan"],
            "more_musd": [0.0, s["cost_musd"] - s["today_cost_musd"]],
            "mt": [s["today_emissions_t"] / 1e6, s["emissions_t"] / 1e6],
        }
    )
    columns = [
        Column(key="price_usd_t", label="Price", unit="USD/t", most=0),
        Column(key="more_musd", label="More cost", unit="MUSD"),
        Column(key="emissions_t", label="CO₂e WtW", unit="Mt", factor=1e-6),
        Column(key="usd_per_t", label="A tonne more", unit="USD", most=0),
        Column(key="slack_musd", label="Not proven", unit="MUSD"),
    ]
    return Section(
        key="frontier",
        title="How much money buys how little emission",
        words=[
            (
                "Plans that a price on every tonne brings forth, free to choose when: targets and promises are left "
                "aside. Nothing cheaper has their emissions, up to what is not proven. A plan with targets by year "
                "lies above the line, for it has to act in given years."
            ),
        ],
        parts=[
            picture("plan-frontier", "Least emissions against money", drawn.frontier(points, marks), says=TABLE),
            tabulate(rows, columns, caption="Points of the frontier, and what a tonne costs from the one before"),
        ],
    )
