"""The page of upgrades: what to build first, the frontier with its proven bound, what each port gains."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from sisterport.errors import SchemaError
from sisterport.reference import load
from sisterport.site import charts, shorepower_terms
from sisterport.site import shorepower_charts as drawn
from sisterport.site.digits import MISSING, counted, number, percent, significant
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.shorepower_places import port_name
from sisterport.site.tabulate import Column, Table, tabulate
from sisterport.tables import to_polars
from sisterport.units import ROUNDING

if TYPE_CHECKING:
    from sisterport.shorepower.upgrades import Upgraded

KIND = "Shore power: what to build first"
MOST_UNITS = 40
UNITS = {
    "co2e_t": "t CO₂e",
    "nox_t": "t NOₓ",
    "pm10_t": "t PM₁₀",
    "energy_mwh": "MWh",
}
_PROOF = {
    "prices": "Proven by prices: anyone can add them up.",
    "enumeration": "Proven by enumeration.",
    "HiGHS": "By the word of the solver HiGHS.",
}
_BY = {
    "prices": "prices that anyone can add up (the certificate; sisterport shorepower verify)",
    "enumeration": "enumeration of every combination",
    "HiGHS": "the word of the solver HiGHS",
}


def page(
    *,
    results: "Upgraded | Sequence[Upgraded]",
    frontier: "Sequence[Upgraded] | None",
    cooperation: Any,
    price_year: int | None,
    survival: Sequence[str],
    agreements: Any,
    economics: Any,
) -> Content:
    """Return what the page says."""
    plans = list(results) if isinstance(results, Sequence) else [results]
    if not plans:
        raise SchemaError("results", ["no plan is given"])
    curve = list(frontier) if frontier else plans
    unit = _unit(plans[0])
    every = [*curve, *plans]
    if len({plan.objective for plan in every}) > 1:
        raise SchemaError("results", ["plans of different objectives cannot stand in one picture"])
    sections = [_frontier(curve, plans, unit)]
    for i, plan in enumerate(plans):
        sections.append(_plan(plan, unit, i, several=len(plans) > 1))
    if economics is not None:
        sections.append(shorepower_terms.economics(to_polars(economics)))
    if agreements is not None:
        sections.append(_agreements(to_polars(agreements), unit))
    sections.append(_ports(plans[-1], unit))
    sections.append(_cooperation(cooperation, unit))
    sections.append(_left(plans[-1]))
    year = f"USD of {price_year}" if price_year is not None else "USD; the price year is not known"
    return Content(
        kind=KIND,
        lead=_lead(plans[-1], unit),
        numbers=_numbers(plans[-1], unit),
        reserve=[
            (
                "The bound is proven for the frames that were given. It does not prove the frames: costs, energy and "
                "verdicts are as good as their sources."
            ),
            f"Costs are in {year}.",
            *survival,
        ],
        sections=sections,
    )


def _unit(plan: "Upgraded") -> str:
    unit = UNITS.get(plan.objective, plan.objective)
    years = plan.units["from_year"].drop_nulls() if "from_year" in plan.units.columns else pl.Series([])
    return unit if years.len() else f"{unit} a year"


def _lead(plan: "Upgraded", unit: str) -> str:
    return (
        f"With {_money(plan.budget_musd)} the plan saves {significant(plan.value)} {unit} and costs "
        f"{_money(plan.cost_musd)}. No plan within the budget can save more than {significant(plan.bound)}: "
        f"the plan misses at most {_gap(plan)}."
    )


def _money(musd: float) -> str:
    return f"{significant(musd)} MUSD"


def _gap(plan: "Upgraded") -> str:
    return percent(plan.gap) if plan.gap else "nothing"


def _numbers(plan: "Upgraded", unit: str) -> list[Number]:
    connected = int((plan.links["share"] > 0).sum())
    return [
        Number("Saved", significant(plan.value), f"{unit}."),
        Number("Bound", significant(plan.bound), "No plan within the budget can save more."),
        Number("Gap", percent(plan.gap), _PROOF.get(plan.bound_by, f"By {plan.bound_by}.")),
        Number("Cost", significant(plan.cost_musd), f"MUSD, of a budget of {significant(plan.budget_musd)}."),
        Number("Connected", number(connected), "Links of a ship and a berth, in whole or in part."),
    ]


def _frontier(curve: "Sequence[Upgraded]", plans: "Sequence[Upgraded]", unit: str) -> Section:
    points = _points(curve).sort("budget_musd")
    spec = drawn.frontier(points, _points(plans), unit=unit)
    own = any(plan.proven > plan.bound * (1 + ROUNDING) for plan in (*curve, *plans))
    columns = [
        Column(key="budget_musd", label="Budget", unit="MUSD"),
        Column(key="cost_musd", label="Cost of the plan", unit="MUSD"),
        Column(key="value", label="Saved", unit=unit),
        Column(key="bound", label="No plan can save more than", unit=unit),
        Column(key="gap", label="Gap", kind="share"),
        *([Column(key="proven", label="Bound that the certificate proves", unit=unit)] if own else []),
        Column(key="by", label="Bound by", kind="text"),
        Column(key="method", label="Method", kind="text"),
    ]
    table = pl.concat([points, _points(plans)]).unique("budget_musd", keep="first", maintain_order=True)
    parts: list[Any] = [tabulate(table.sort("budget_musd"), columns, caption="Plans by budget, each with its bound")]
    words = ["Between the two lines lies what is not known: how much better the best plan may be at most."]
    if points.height > 1:
        caption = "What a budget can save, and what no plan can exceed; rings: the plans shown below"
        parts.insert(0, picture("frontier-chart", caption, spec, says="The numbers are in the table below."))
    else:
        words = ["One budget was asked for, so there is no curve."]
    kinds = sorted({plan.bound_by for plan in (*curve, *plans)})
    points_said = [f"“{kind}”: {_BY[kind]}." for kind in kinds if kind in _BY]
    return Section(key="frontier", title="Budget and bound", words=words, parts=parts, points=points_said)


def _points(plans: "Sequence[Upgraded]") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "budget_musd": plan.budget_musd,
                "cost_musd": plan.cost_musd,
                "value": plan.value,
                "bound": plan.bound,
                "gap": plan.gap,
                "proven": plan.proven,
                "by": plan.bound_by,
                "method": plan.method,
            }
            for plan in plans
        ]
    )


def _plan(plan: "Upgraded", unit: str, index: int, *, several: bool) -> Section:
    titles = dict(load("fix_costs").select("fix_id", "title").iter_rows()) | {"agreement": "One profile for all"}
    rows = plan.units.with_columns(
        what=pl.col("fix").replace(titles),
        at=pl.col("locode").map_elements(port_name, return_dtype=pl.String),
    ).sort("cost_musd", "upgrade_id", descending=[True, False])
    kept = rows.head(MOST_UNITS)
    rest = rows.tail(rows.height - kept.height)
    others = f"{counted(rest.height, 'upgrade')} of {_money(float(rest['cost_musd'].sum()))} together"
    columns = [
        Column(key="upgrade_id", label="Upgrade", kind="text"),
        Column(key="what", label="What", kind="text"),
        Column(key="side", label="On", kind="text"),
        Column(key="owner", label="Who pays", kind="text"),
        Column(key="at", label="Port", kind="text"),
        *([Column(key="from_year", label="From", kind="text")] if rows["from_year"].count() else []),
        Column(key="units", label="Units", kind="count"),
        Column(key="cost_musd", label="Cost", unit="kUSD", factor=1e3),
    ]
    by_fix = (
        rows.group_by("what", "side", maintain_order=True)
        .agg(pl.col("units").sum(), pl.col("cost_musd").sum())
        .sort("cost_musd", "what", descending=[True, False])
    )
    said = f" ({_money(plan.budget_musd)})" if several else ""
    key = f"plan-{index + 1}"
    parts: list[Any] = []
    if by_fix.height > 1:
        chart = charts.bars(
            by_fix.with_columns(
                side=pl.col("side").replace({"ship": "On ships", "berth": "At berths", "agreement": "Agreement"})
            ),
            category="what",
            series="side",
            value="cost_musd",
            colours={"On ships": "#e3b25c", "At berths": charts.NAVY, "Agreement": charts.SKY},
            title="MUSD",
        )
        parts.append(
            picture(
                f"{key}-chart",
                f"Cost of the plan by kind of fix{said}",
                chart,
                says="The numbers are in the table below.",
            )
        )
    parts += [
        tabulate(
            by_fix,
            [
                Column(key="what", label="What", kind="text"),
                Column(key="side", label="On", kind="text"),
                Column(key="units", label="Units", kind="count"),
                Column(key="cost_musd", label="Cost", unit="kUSD", factor=1e3),
            ],
            caption=f"The plan by kind of fix{said}",
            total={"what": "All", "units": rows["units"].sum(), "cost_musd": plan.cost_musd},
            empty="Nothing is built.",
        ),
        tabulate(
            kept,
            columns,
            caption=f"The plan, upgrade by upgrade{said}",
            total={"upgrade_id": "All", "units": rows["units"].sum(), "cost_musd": plan.cost_musd},
            notes=[f"{others} not shown; the total includes them." if rest.height else ""],
            empty="Nothing is built.",
        ),
    ]
    return Section(key=key, title=f"What to build{said}", words=[_lead(plan, unit)] if several else [], parts=parts)


def _ports(plan: "Upgraded", unit: str) -> Section:
    rows = plan.ports.with_columns(
        port=pl.col("locode").map_elements(port_name, return_dtype=pl.String),
        share=pl.when(pl.col("possible") > 0).then(pl.col("gain") / pl.col("possible")),
    ).sort("gain", "locode", descending=[True, False])
    columns = [
        Column(key="port", label="Port", kind="text"),
        Column(key="gain", label="Gains", unit=unit),
        Column(key="possible", label="of what there is", unit=unit),
        Column(key="share", label="Share", kind="share"),
        Column(key="links_connected", label="Links connected", kind="count"),
        Column(key="cost_at_port_musd", label="Built there", unit="MUSD"),
    ]
    return Section(
        key="ports",
        title="What each port gains",
        words=["Fixes on ships serve several ports; their cost is not shared out here."],
        parts=[tabulate(rows, columns, caption=f"Gain by port with {_money(plan.budget_musd)}")],
    )


def _agreements(table: pl.DataFrame, unit: str) -> Section:
    rows = table.with_columns(
        ports=pl.col("ports").str.split("+").list.eval(pl.element().map_elements(port_name, return_dtype=pl.String))
        .list.join(", "),
        dearer=pl.when("in_plan").then("dearer_musd"),
        inside=pl.when("in_plan").then(pl.lit("yes")).otherwise(pl.lit("no")),
        more=pl.when("in_plan").then(pl.col("value") - pl.col("value_without")).otherwise(
            pl.col("value_if_made") - pl.col("value_without")),
    )  # fmt: skip
    columns = [
        *([Column(key="budget_musd", label="Budget", unit="MUSD")] if rows["budget_musd"].n_unique() > 1 else []),
        Column(key="agreement_id", label="Agreement", kind="text"),
        Column(key="ports", label="Ports", kind="text"),
        Column(key="builds", label="Upgrades in it", kind="count"),
        Column(key="cost_musd", label="Cost", unit="kUSD", factor=1e3),
        Column(key="inside", label="In the plan", kind="text"),
        Column(key="value_without", label="Separate choices save", unit=unit),
        Column(key="more", label="More if it is made", unit=unit),
        Column(key="dearer", label="Plan dearer by", unit="kUSD", factor=1e3),
    ]
    return Section(
        key="agreements",
        title="One profile for all",
        words=[
            (
                "An agreement builds at all its ports what brings their berths to one profile. It is in the plan where "
                "that saves more than separate choices for the same money; otherwise the last column says what making "
                "it anyhow would cost."
            )
        ],
        parts=[
            tabulate(
                rows,
                columns,
                caption="Agreements beside separate choices",
                notes=["A dash: the budget does not pay for it, or it is not in the plan."],
            )
        ],
    )


def _cooperation(given: Any, unit: str) -> Section:
    title = "Alone and together"
    if given is None:
        return Section(key="cooperation", title=title, words=["Plans of single ports were not computed for this page."])
    table = to_polars(given)
    faults = [f"column '{name}' missing" for name in ("locode", "alone", "together") if name not in table.columns]
    if faults:
        raise SchemaError("cooperation", faults)
    rows = table.with_columns(
        port=pl.col("locode").map_elements(port_name, return_dtype=pl.String),
        more=pl.col("together") - pl.col("alone"),
    ).sort("together", "locode", descending=[True, False])
    words = {"alone": "Each port for itself", "together": "Together"}
    shown = rows.head(16)
    long = pl.concat([shown.select("port", series=pl.lit(word), value=name) for name, word in words.items()])
    kept = shown["port"].to_list()
    long = long.sort(
        pl.col("port").replace_strict({p: i for i, p in enumerate(kept)}), pl.col("series") == words["together"]
    )
    alone, together = float(rows["alone"].sum()), float(rows["together"].sum())
    better = alone > 0 and together >= alone
    share = f" ({percent((together - alone) / alone)})" if better else ""
    lose = rows.filter(pl.col("more") < 0)
    said = [
        (
            f"Each port for itself saves {significant(alone)} {unit} in all, together they save "
            f"{significant(together)}: {significant(together - alone)} more{share}."
        )
    ]
    if lose.height:
        said.append(
            f"{counted(lose.height, 'port')} would gain less together than alone: a fair deal has to give "
            f"{'it' if lose.height == 1 else 'them'} a share."
        )
    columns = [
        Column(key="port", label="Port", kind="text"),
        Column(key="budget_alone_musd", label="Budget alone", unit="MUSD"),
        Column(key="alone", label="Alone", unit=unit),
        Column(key="together", label="Together", unit=unit),
        Column(key="more", label="More by working together", unit=unit),
    ]
    table_: Table = tabulate(
        rows,
        columns,
        caption="The value of cooperating, by port",
        total={"port": "All", "alone": alone, "together": together, "more": together - alone},
    )
    chart = drawn.pairs_of_bars(
        long, category="port", series={words["alone"]: "#e3b25c", words["together"]: charts.NAVY}, title=unit
    )
    return Section(
        key="cooperation",
        title=title,
        words=said,
        parts=[
            picture(
                "cooperation-chart",
                "What each port gains alone and together",
                chart,
                says="The numbers are in the table below.",
            ),
            table_,
        ],
    )


def _left(plan: "Upgraded") -> Section:
    words = {
        "links": "links of a ship and a berth were given",
        "links_dropped_no_gain": "links were left out: they would save nothing (a grid that is too dirty)",
        "needs_met_already": "needs are met already",
        "costs_taken_from_the_middle": "upgrades have no low or high cost: the middle one counts",
    }
    said = [
        f"{number(count)} {words.get(name, name.replace('_', ' '))}." for name, count in plan.notes.items() if count
    ]
    return Section(key="left", title="What the plan rests on", points=said or [MISSING])
