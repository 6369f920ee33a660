"""Shore power by files, last steps: what to build first, and the same added up again from the files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from sisterport.errors import InputError, MethodError, choose
from sisterport.project.ashore_read import berths_of, notes_on, on_page
from sisterport.project.ashore_write import frame, made_of_others, manifest_of, step
from sisterport.project.manifest import sha256
from sisterport.shorepower.costs import fix_costs, survives
from sisterport.shorepower.links import links, year_factor
from sisterport.shorepower.needs import needs
from sisterport.shorepower.problem import OBJECTIVES
from sisterport.shorepower.upgrades import Upgraded, upgrades
from sisterport.shorepower.verify import verify
from sisterport.site import shorepower as pages
from sisterport.tables import read_file
from sisterport.units import DAYS_PER_YEAR

COSTS = {"low": "cost_low_musd", "mid": "cost_musd", "high": "cost_high_musd"}
_READ = ("stays.parquet", "verdicts.parquet", "savings.parquet", "outlets.parquet")
_MOST_LINKS = 5000
"""Above it the curve is drawn of the budgets that were asked for alone: each point is a plan of its own."""


class Case(NamedTuple):
    """What can be built, what ships at berths would save, what each of them needs; and what is left out."""

    upgrades: pl.DataFrame
    links: pl.DataFrame
    needs: pl.DataFrame
    left_out: pl.DataFrame

    @property
    def problem(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """The three frames that the optimiser takes."""
        return self.upgrades, self.links, self.needs

    def at(self, locode: str) -> "Case":
        """Return the problem of one port alone."""
        here = self.links.filter(locode=locode)
        own = self.needs.join(here, on="link_id", how="semi")
        built = self.upgrades.join(own, on="upgrade_id", how="semi")
        return Case(built, here, own, self.left_out)


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
    floors
        File of the table ``upgrade_floors``.
    days
        Days that the stays stand for; by default from the first arrival to the last departure. They are scaled to a
        year.
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
    seen = frame(folder, "stays", "match --stays ...")
    costs = fix_costs(price_year=price_year, override=read_file(own_costs) if own_costs else None)
    factor = year_factor(seen) if days is None else DAYS_PER_YEAR / days
    case = _case(folder, seen, costs=costs, unknown_is=unknown_is, factor=factor, objective=objective)
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
    notes = _notes(folder, case, factor=factor, objective=objective, cost=cost, year=year, unknown_is=unknown_is)
    with step(folder, "upgrades") as made:
        made.write(upgrades=case.upgrades, links=case.links, needs=case.needs, left_out=case.left_out)
        for name in ("units", "connected", "ports"):
            made.write(**{name: pl.concat([_with_budget(plan, name) for plan in chosen])})
        made.write(frontier=_points([*curve, *chosen]), cooperation=alone)
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
        )
        said: dict[str, Any] = {
            "budgets_musd": list(budgets_musd),
            "years": years,
            "until_year": until_year,
            "discount": discount,
        }
        said |= {"cost": cost, "price_year": year, "unknown_is": unknown_is, "days": days, "factor": factor}
        said |= {"objective": objective, "time_limit_s": time_limit_s}
        made.close(given=[own_costs, floors], read=_READ, options=said)
    return {"plans": chosen, "survival": survival, "cooperation": alone, "notes": notes, "files": made.files}


def certificate_name(plan: Upgraded) -> str:
    """Return the name of the file with the certificate of a plan."""
    over = "years" if plan.certificate["terms"]["years"][0] is not None else f"{plan.budget_musd:g}-musd"
    return f"certificate-{over}.json"


def verify_files(place: Path) -> dict[str, list[str]]:
    """Return what is wrong with each certificate, and with the files beside it; an empty list says that all holds.

    Parameters
    ----------
    place
        Folder with upgrades, or one certificate in it.

    Raises
    ------
    InputError
        If there is no certificate.
    """
    folder = place.parent if place.is_file() else place
    records = [place] if place.is_file() else sorted(folder.glob("certificate-*.json"))
    if not records:
        raise InputError(f"no certificate in {folder}: make one with: sisterport shorepower upgrades {folder}")
    frames = [frame(folder, name, "upgrades --budget ...") for name in ("upgrades", "links", "needs")]
    units = frame(folder, "units", "upgrades --budget ...")
    found = {record.name: [*verify(record, *frames), *_told_otherwise(record, units)] for record in records}
    return found | {"files": _changed(folder)}


def _told_otherwise(record: Path, units: pl.DataFrame) -> list[str]:
    """Return where the table of units is not the plan of the certificate."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        years, budget = content["terms"]["years"], content["terms"]["budget_musd"][-1]
        proven = {(name, years[phase]): count for name, phase, count in content["plan"]}
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        return [f"the certificate cannot be read: {type(error).__name__}: {error}"]
    rows = units.filter((pl.col("budget_musd") - budget).abs() < 1e-6)
    shown = {(name, year): count for name, year, count in rows.select("upgrade_id", "from_year", "units").iter_rows()}
    return [
        f"units.parquet: {shown.get(key, 0)} of '{key[0]}', the certificate says {proven.get(key, 0)}"
        for key in sorted({*shown, *proven}, key=str)
        if shown.get(key, 0) != proven.get(key, 0)
    ]


def _changed(folder: Path) -> list[str]:
    """Return which files are not as the step wrote them, or were made of files that changed since."""
    files = manifest_of(folder, "upgrades").get("files", {})
    gone = [name for name in files if not (folder / name).is_file()]
    other = [name for name in files if name not in gone and sha256(folder / name) != files[name]]
    return [
        *(f"{name} is gone" for name in gone),
        *(f"{name} is not as upgrades wrote it" for name in other),
        *(f"{name} was changed after upgrades read it" for name in made_of_others(folder, "upgrades")),
    ]


def _case(
    folder: Path, seen: pl.DataFrame, *, costs: pl.DataFrame, unknown_is: str, factor: float, objective: str
) -> Case:
    verdicts, saved = frame(folder, "verdicts", "match ..."), frame(folder, "savings", "savings")
    outlets = frame(folder, "outlets", "match ...")
    every = links(saved, factor=factor)
    there = outlets.join(berths_of(seen), on=["berth_id", "locode"], how="full", coalesce=True)
    asked = needs(verdicts, there, costs=costs, unknown_is=unknown_is)
    judged = asked.left_out["link_id"]
    unmatched = every.join(verdicts.select("ship_id", "berth_id"), on=["ship_id", "berth_id"], how="anti")
    lost = pl.concat(
        [
            asked.left_out,
            unmatched.select("link_id", "ship_id", "berth_id", pl.lit("no verdict").alias("reason")),
        ]
    )
    here = every.filter(~pl.col("link_id").is_in(lost["link_id"].implode()))
    if here.is_empty():
        raise InputError(
            f"no ship at a berth is left to plan for: {every.height} with energy, {judged.len()} with unknown checks "
            "or without a fix; obtain facts (missing.csv), or plan with --unknown true"
        )
    dark = here[objective].null_count()
    if dark == here.height:
        raise InputError(f"{objective} is known for none of the {here.height} ships at berths: see savings.csv")
    own = asked.needs.join(here, on="link_id", how="semi")
    return Case(asked.upgrades.join(own, on="upgrade_id", how="semi"), here, own, lost)


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
        there = case.at(row["locode"])
        gain = upgrades(*there.problem, budget_musd=own, **options).value
        rows.append((row["locode"], own, gain, row["gain"]))
    names = {"locode": pl.String, "budget_alone_musd": pl.Float64, "alone": pl.Float64, "together": pl.Float64}
    return pl.DataFrame(rows, schema=names, orient="row")


def _points(plans: Sequence[Upgraded]) -> pl.DataFrame:
    names = ("budget_musd", "cost_musd", "value", "bound", "gap", "bound_by", "method")
    rows = [{name: getattr(plan, name) for name in names} for plan in plans]
    return pl.DataFrame(rows).unique("budget_musd", keep="last").sort("budget_musd")


def _notes(
    folder: Path, case: Case, *, factor: float, objective: str, cost: str, year: int, unknown_is: str
) -> list[str]:
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
        f"The stays stand for a year: sums are multiplied by {factor:,.4g}.",
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
