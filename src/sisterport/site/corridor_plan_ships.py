"""Ships on the page of a plan: those that each service has by year, and those that are ordered."""

from typing import TYPE_CHECKING

import polars as pl

from sisterport.site import corridor_charts as drawn
from sisterport.site.corridor_words import FAMILIES, FAMILY_COLOURS
from sisterport.site.digits import with_unit
from sisterport.site.parts import Section, picture
from sisterport.site.tabulate import Column, Table, tabulate

if TYPE_CHECKING:
    from sisterport.site.corridor_plan import Shown

TABLE = "The numbers are in the table below."
_STEP = 5


def ships(shown: "Shown") -> Section:
    """Return the section on ships: by service and family, and those that are ordered."""
    names = {s.id: f"{s.id}: {s.name}, {s.carrier}" for s in shown.scenario.services}
    words = {family: FAMILIES.get(family, family) for family in FAMILY_COLOURS}
    rows = (
        shown.plan.ships.group_by("year", "service", "family", maintain_order=True)
        .agg(value=pl.col("ships").sum())
        .select("year", pl.col("service").replace_strict(names), series=pl.col("family").replace(words), value="value")
    )
    colours = {words[family]: colour for family, colour in FAMILY_COLOURS.items()}
    away = float(shown.plan.ships["chartered_out"].sum())
    return Section(
        key="ships",
        title="Ships",
        words=[f"{with_unit(away, 'ship-years')} are chartered out." if away > 0.5 else "Every ship sails."],
        parts=[
            picture(
                "plan-ships", "Ships of each service by family of fuel that they can burn",
                drawn.by_service(rows, colours=colours, services=list(names.values())), says=TABLE,
            ),
            _ordered(shown),
        ],
        points=["A ship for methane, methanol or ammonia can burn oil too, and burns some as pilot fuel."],
    )  # fmt: skip


def _ordered(shown: "Shown") -> Table:
    """Return the ships ordered by service and period of five years; each by its year is among the decisions."""
    scenario = shown.scenario
    last = (pl.col("year") + _STEP - 1) // _STEP * _STEP
    span = pl.format(
        "{}\u2013{}",
        pl.max_horizontal(last - _STEP + 1, pl.lit(scenario.first_year)),
        pl.min_horizontal(last, pl.lit(scenario.last_year)),
    )
    new = pl.when(pl.col("from_variant").is_null()).then(pl.lit("new"))
    rows = shown.plan.orders.with_columns(what=new.otherwise(pl.format("from {}", "from_variant")), span=span)
    keys = ["service", "variant", "what"]
    spans = rows["span"].unique().sort().to_list()
    wide = rows.pivot("span", index=keys, values="ships", aggregate_function="sum", sort_columns=True)
    sums = rows.group_by(keys, maintain_order=True).agg(pl.col("ships", "cost_musd").sum())
    columns = [
        Column(key="service", label="Service", kind="text"),
        Column(key="variant", label="For", kind="text"),
        Column(key="what", label="How", kind="text"),
        *(Column(key=name, label=name, kind="count") for name in spans),
        Column(key="ships", label="Ships", kind="count"),
        Column(key="cost_musd", label="Cost", unit="MUSD"),
    ]
    total: dict[str, float] = {name: int(rows.filter(span=name)["ships"].sum()) for name in spans}
    total |= {"ships": int(rows["ships"].sum()), "cost_musd": float(rows["cost_musd"].sum())}
    shown_rows = wide.join(sums, on=keys, how="left", maintain_order="left").sort(keys)
    return tabulate(
        shown_rows, columns, caption="Ships ordered, by periods", empty="No ship is ordered.", total=total,
        notes=["Each ship with its year is among the decisions above."],
    )  # fmt: skip
