"""Shore power by files, the plan: what to build first, what it costs, and what agreements and cooperation add."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.errors import InputError, MethodError, choose
from sisterport.project.ashore_case import Case, case_of
from sisterport.project.ashore_read import frame, notes_on, on_page
from sisterport.project.steps import made_of_others, step
from sisterport.shorepower.cooperate import coalition
from sisterport.shorepower.costs import fix_costs, survives
from sisterport.shorepower.economics import Finance, three_costs
from sisterport.shorepower.links import year_factor
from sisterport.shorepower.problem import OBJECTIVES
from sisterport.shorepower.upgrades import Upgraded, upgrades
from sisterport.site import shorepower as pages
from sisterport.tables import read_file
from sisterport.units import DAYS_PER_YEAR, HOURS_PER_YEAR, USD_PER_MUSD

COSTS = {"low": "cost_low_musd", "mid": "cost_musd", "high": "cost_high_musd"}
_READ = tuple(f"{name}.parquet" for name in ("stays", "covered", "verdicts", "savings", "outlets", "inlets"))
_MOST_LINKS = 5000
"""Above it the curve is drawn of the budgets that were asked for alone: each point is a plan of its own."""


def upgrades_files(
    folder: Path,
    *,
    budgets_musd: Sequence[float] = (),
    years: Mapping[int, float] | None = None,
    until_year: int | None = None,
    discount: float = 0.0,
    objective: str = "co2e_t",
    unknown_is: str = "leave_out",
    cost: str = "mid",
    price_year: int | None = None,
    own_costs: Path | None = None,
    floors: Path | None = None,
    agreements: Path | None = None,
    finance: Finance | None = None,
    time_limit_s: float = 60.0,
    days: float | None = None,
    points: int = 8,
) -> dict[str, Any]:
    """Choose what to build first, write plans with certificates; return what was found.

    Parameters
    ----------
    folder
        Folder with verdicts and savings.
    budgets_musd
        Budgets [MUSD], each a plan of its own; or
    years, until_year, discount
        Years with the money that comes free in each [MUSD], the last year that counts, and the yearly discount.
    objective, unknown_is, time_limit_s
        As in `upgrades` and `needs`.
    cost, price_year, own_costs
        ``low``, ``mid`` or ``high`` costs of fixes, in prices of a year, with a file of own ones.
    floors, agreements
        Files of the tables ``upgrade_floors`` and ``agreements``.
    finance
        Interest, life and prices: what a kWh and a tonne cost; None: not worked out.
    days
        Days that the stays stand for; by default those that the data cover. They are scaled to a year.
    points
        Points of the curve of budgets beside those asked for; 0 draws only these.
    """
    choose("objective", objective, OBJECTIVES)
    choose("cost", cost, list(COSTS))
    if bool(budgets_musd) == bool(years):
        raise MethodError("give either budgets (--budget 10) or years with their money (--years 2027:5,2030:20)")
    if days is not None and days <= 0:
        raise MethodError(f"days = {days:g} is no time")
    other = made_of_others(folder, "savings")
    if other:
        raise InputError(f"the savings in {folder} were made before {other[0]} changed: run savings again")
    costs = fix_costs(price_year=price_year, override=read_file(own_costs) if own_costs else None)
    covered = frame(folder, "covered", "match --stays ...")
    factor = year_factor(covered) if days is None else DAYS_PER_YEAR / days
    case = case_of(folder, costs=costs, unknown_is=unknown_is, factor=factor, objective=objective,
                   agreements=agreements)  # fmt: skip
    options: dict[str, Any] = {"objective": objective, "time_limit_s": time_limit_s}
    options |= {"floors": read_file(floors)} if floors else {}
    over: dict[str, Any] = _over(sorted(set(budgets_musd)), years, until_year, discount)
    plans = {name: _plans(case, over | options | {"cost": column}) for name, column in COSTS.items()}
    chosen = plans[cost]
    survival = [
        f"{_named(plan)}: {survives(_units(plan), low=_units(low), high=_units(high))}"
        for plan, low, high in zip(plans["mid"], plans["low"], plans["high"], strict=True)
    ]
    plain = {**options, "cost": COSTS[cost]}
    curve = [] if years or case.links.height > _MOST_LINKS or points < 1 else _curve(case, points, plain)
    alone = None if years or floors else _alone(case, chosen[-1], plain)
    year = int(costs["price_year"][0])
    agreed = _agreed(case, chosen, over | plain)
    money = None if finance is None else _money(
        case, chosen, frame(folder, "savings", "savings"), finance=finance, factor=factor, price_year=year
    )  # fmt: skip
    time = _time(covered, factor, days)
    notes = _notes(folder, case, time=time, objective=objective, cost=cost, year=year, unknown_is=unknown_is)
    with step(folder, "upgrades") as made:
        made.write(upgrades=case.upgrades, links=case.links, needs=case.needs, left_out=case.left_out)
        for name in ("units", "connected", "ports"):
            made.write(**{name: pl.concat([_with_budget(plan, name) for plan in chosen])})
        made.write(frontier=_points([*curve, *chosen]), cooperation=alone, agreements=agreed, economics=money)
        for plan in chosen:
            text = json.dumps(plan.certificate, sort_keys=True)
            (made.place / certificate_name(plan)).write_text(text + "\n", encoding="utf-8")
        pages.upgrades_page(
            made.place / "upgrades.html",
            results=chosen,
            frontier=sorted([*curve, *chosen], key=lambda plan: plan.budget_musd) if curve else None,
            title="What to build first",
            notes=on_page(notes),
            cooperation=alone,
            price_year=year,
            survival=survival,
            agreements=agreed,
            economics=money,
        )
        said: dict[str, Any] = {
            "budgets_musd": sorted(set(budgets_musd)),
            "years": years,
            "until_year": until_year,
            "discount": discount,
        }
        said |= {"cost": cost, "price_year": year, "unknown_is": unknown_is, "days": days, "factor": factor}
        said |= {"objective": objective, "time_limit_s": time_limit_s, "finance": finance}
        made.close(given=[own_costs, floors, agreements], read=_READ, options=said)
    return {
        "plans": chosen,
        "survival": survival,
        "cooperation": alone,
        "agreements": agreed,
        "economics": money,
        "notes": notes,
        "files": made.files,
    }


def certificate_name(plan: Upgraded) -> str:
    """Return the name of the file with the certificate of a plan."""
    over = "years" if plan.certificate["terms"]["years"][0] is not None else f"{plan.budget_musd:g}-musd"
    return f"certificate-{over}.json"


def _over(
    budgets: list[float], years: Mapping[int, float] | None, until_year: int | None, discount: float
) -> dict[str, Any]:
    if not years:
        if until_year is not None or discount:
            raise MethodError("--until and --discount go with --years")
        return {"budget_musd": budgets}
    phases = pl.DataFrame({"from_year": list(years), "budget_musd": [float(money) for money in years.values()]})
    return {"phases": phases, "until_year": until_year, "discount": discount}


def _plans(case: Case, options: dict[str, Any]) -> list[Upgraded]:
    made: Any = upgrades(*case.problem, **options)
    return made if isinstance(made, list) else [made]


def _curve(case: Case, points: int, options: Mapping[str, Any]) -> list[Upgraded]:
    """Return plans at even steps up to the budget at which nothing more is gained."""
    most = case.upgrades.select(pl.max_horizontal("cost_low_musd", "cost_musd", "cost_high_musd").sum()).item()
    whole = upgrades(*case.problem, budget_musd=float(most), **options)
    if not whole.cost_musd:
        return []
    budgets = [whole.cost_musd * number / points for number in range(points + 1)]
    return upgrades(*case.problem, budget_musd=budgets, **options)


def _alone(case: Case, plan: Upgraded, options: Mapping[str, Any]) -> pl.DataFrame | None:
    """Return what each port gains if it plans for itself, with the part of the budget that its possible gain makes up.

    Together they can do at least as well: what all build alone is one of the plans that they can choose.
    """
    ports = plan.ports.filter(pl.col("possible") > 0)
    if ports.height < 2:
        return None
    rows = []
    for row in ports.iter_rows(named=True):
        own = plan.budget_musd * row["possible"] / float(ports["possible"].sum())
        gain = upgrades(*coalition(*case.problem, [row["locode"]]), budget_musd=own, **options).value
        rows.append((row["locode"], own, gain, row["gain"]))
    names = {"locode": pl.String, "budget_alone_musd": pl.Float64, "alone": pl.Float64, "together": pl.Float64}
    return pl.DataFrame(rows, schema=names, orient="row")


def _agreed(case: Case, chosen: Sequence[Upgraded], options: dict[str, Any]) -> pl.DataFrame | None:
    """Return for each plan and agreement whether it is in, what all save without any, and what they save if it is made.

    An agreement in force is paid for first: the rest of the budget is spent as well as can be.
    """
    if case.agreements.is_empty():
        return None
    single = _plans(case.without(*case.agreements["agreement_id"]), options)
    price = dict(case.upgrades.select("upgrade_id", pl.coalesce(options["cost"], "cost_musd")).iter_rows())
    rows = []
    for plan, without in zip(chosen, single, strict=True):
        for name, ports, builds in case.agreements.iter_rows():
            there = name in plan.units["upgrade_id"]
            left = plan.budget_musd - price[name]
            made = plan.value if there else None
            if made is None and "budget_musd" in options and left >= 0:
                one = {**options, "budget_musd": left}
                made = upgrades(*case.built(name).problem, **one).value
            both = (plan.value, without.value, made, plan.cost_musd - without.cost_musd)
            rows.append((plan.budget_musd, name, ports, builds, price[name], there, *both))
    names = {"budget_musd": pl.Float64, "agreement_id": pl.String, "ports": pl.String, "builds": pl.Int64}
    names |= {"cost_musd": pl.Float64, "in_plan": pl.Boolean}
    names |= dict.fromkeys(("value", "value_without", "value_if_made", "dearer_musd"), pl.Float64)
    return pl.DataFrame(rows, schema=names, orient="row")


def _money(
    case: Case, chosen: Sequence[Upgraded], saved: pl.DataFrame, *, finance: Finance, factor: float, price_year: int
) -> pl.DataFrame:
    """Return what a kWh and a tonne of each plan cost, its upgrades at low, middle and high cost."""
    found = []
    for plan in chosen:
        built = plan.units.select("upgrade_id", "units").join(case.upgrades, on="upgrade_id")
        capex = {
            level: float((built["units"] * built.select(pl.coalesce(column, "cost_musd")).to_series()).sum())
            for level, column in COSTS.items()
        }
        last = plan.links["from_year"].max()
        shares = plan.links.filter(pl.col("from_year").eq_missing(pl.lit(last)))
        costs = three_costs(saved, capex_usd={level: musd * USD_PER_MUSD for level, musd in capex.items()},
                            finance=finance, period_h=HOURS_PER_YEAR / factor, price_year=price_year,
                            shares=shares)  # fmt: skip
        found.append(costs.select(pl.lit(plan.budget_musd).alias("budget_musd"), pl.all()))
    return pl.concat(found)


def _points(plans: Sequence[Upgraded]) -> pl.DataFrame:
    names = ("budget_musd", "cost_musd", "value", "bound", "gap", "bound_by", "method")
    rows = [{name: getattr(plan, name) for name in names} for plan in plans]
    return pl.DataFrame(rows).unique("budget_musd", keep="last").sort("budget_musd")


def _time(covered: pl.DataFrame, factor: float, days: float | None) -> str:
    """Return which time the stays stand for, and by what they grow to a year."""
    stand = DAYS_PER_YEAR / factor
    grown = f"sums are multiplied by {factor:,.4g} for a year."
    if days is not None:
        return f"The stays are taken for {stand:,.4g} days: {grown}"
    of = f" in {covered.height} periods, without the time between" if covered.height > 1 else ""
    return f"The data cover {stand:,.4g} days{of}: {grown}"


def _notes(folder: Path, case: Case, *, time: str, objective: str, cost: str, year: int, unknown_is: str) -> list[str]:
    dark = case.links[objective].null_count()
    free = case.links.join(case.needs, on="link_id", how="anti")
    already = f"{free.height} of {case.links.height} ships at berths need nothing built"
    taken = {
        "true": "Assumed: every unknown check turns out well. What is missing may cost more.",
        "false": "Assumed: every unknown check turns out badly. What is missing may cost less.",
    }.get(unknown_is)
    registers = {name: frame(folder, name, "match ...") for name in ("outlets", "inlets", "stays")}
    counts = case.left_out["reason"].value_counts().sort("count", "reason", descending=[True, False])
    lost = ", ".join(f"{n} {reason}" for reason, n in counts.iter_rows())
    return [
        *([taken] if taken else []),
        *notes_on(registers),
        time,
        *case.said,
        *([f"{already}: {free[objective].sum():,.0f} {objective} of any plan."] if free.height else []),
        *([f"{dark} ships at berths have no known {objective}."] if dark else []),
        f"Costs of fixes: {cost}, in MUSD of {year}.",
        *([f"{case.left_out.height} ships at berths are left out: {lost}."] if case.left_out.height else []),
    ]


def _named(plan: Upgraded) -> str:
    return f"{plan.budget_musd:g} MUSD"


def _units(plan: Upgraded) -> list[tuple[Any, ...]]:
    return list(plan.units.select("upgrade_id", "from_year", "units").iter_rows())


def _with_budget(plan: Upgraded, name: str) -> pl.DataFrame:
    rows = plan.links if name == "connected" else getattr(plan, name)
    return rows.select(pl.lit(plan.budget_musd).alias("budget_musd"), pl.all())
