"""Plans of a corridor by files: a scenario in; the plan, its certificate, what people ask of it and a page out."""

import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sisterport.corridor.answers import fuel_by_port, years
from sisterport.corridor.answers_abatement import abatement
from sisterport.corridor.answers_changes import Planner, changes, variations
from sisterport.corridor.answers_costs import against, payers, per_tonne, who_pays
from sisterport.corridor.answers_frames import Told, told
from sisterport.corridor.answers_marginal import marginal
from sisterport.corridor.answers_proposals import proposals
from sisterport.corridor.build import problem_of, problems_of, without_promises
from sisterport.corridor.certificate import certificate, to_json
from sisterport.corridor.conflicts import conflicts
from sisterport.corridor.frontier import frontier, table
from sisterport.corridor.futures import Futures, futures
from sisterport.corridor.plan import plan
from sisterport.corridor.plan_frames import Plan
from sisterport.corridor.problem import Problem
from sisterport.corridor.repricing import repriced
from sisterport.corridor.scenario import Scenario
from sisterport.corridor.scenario_read import read_scenario
from sisterport.corridor.solve import OBJECTIVES, NoPlanError, Solved, solve
from sisterport.errors import InputError, MethodError, choose
from sisterport.project.corridor_problem import NAME as PROBLEM
from sisterport.project.corridor_problem import write_problem
from sisterport.project.staging import open_folder
from sisterport.project.steps import step
from sisterport.rules import fueleu
from sisterport.site import corridor as pages
from sisterport.site.corridor_parts import notes_on
from sisterport.site.corridor_plan import Shown

STEP = "plan"
SCENARIO, CERTIFICATE, SUMMARY = "scenario.toml", "certificate.json", "summary.json"
FUELEU = "FuelEU Maritime"
"""Account whose price depends on the intensity that it punishes."""
_SIDE: dict[str, Any] = {"gap": 0.01, "time_limit_s": 30.0}
"""Gap and seconds for plans that are only set beside the plan: of changes, futures and the frontier."""

Report = Callable[[str, str, float, float], None]
"""Told what is planned, the step, the value of the best plan and the bound."""


def silent(what: str, stage: str, value: float, bound: float) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with all that people ask of it.

    Attributes
    ----------
    scenario, problem : Scenario, Problem
        What was planned.
    plan, told : Plan, Told
        Its frames, and the same in the terms of people.
    today : Told
        Today's way: the cheapest plan of the same scenario without targets, promises and budget.
    record : dict
        The certificate.
    summary : dict
        The numbers of the plan.
    tables : dict
        Frames by the name of their file.
    futures : Futures or None
        Shared first decisions, where the scenario has futures.
    notes, files : list of str
        What a reader has to know first, and what was written.
    """

    scenario: Scenario
    problem: Problem
    plan: Plan
    told: Told
    today: Told
    record: dict[str, Any]
    summary: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    futures: Futures | None = None
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def plan_files(
    path: Path,
    *,
    objective: str = "cost",
    budget_musd: float | None = None,
    gap: float = 0.005,
    time_limit_s: float = 120.0,
    curve: bool = True,
    several: bool = True,
    first_years: int = 4,
    weigh: bool = True,
    to: Path | None = None,
    report: Report = silent,
) -> Planned:
    """Return the plan of a scenario with what people ask of it, and write it if asked to.

    Parameters
    ----------
    path
        Scenario.
    objective
        ``cost`` (least cost) or ``emissions`` (least emissions under the budget).
    budget_musd
        What the plan may cost beyond today's way, present value [MUSD]; None: the scenario's.
    gap, time_limit_s
        Relative gap that is good enough, and seconds for one plan.
    curve
        Draw what fewer emissions cost, targets and promises left aside.
    several
        Look for first decisions that are good in all futures of the scenario, if it has any and the aim is least cost.
    first_years
        Years of those decisions.
    weigh
        Look for what changes the plan most.
    to
        Folder to write into; None writes nothing.
    report
        Told how far it is.

    Raises
    ------
    SisterportError
        Every fault of the scenario at once; requirements that no plan can hold together.
    """
    choose("objective", objective, OBJECTIVES)
    scenario = read_scenario(path)
    more = scenario.budget_musd if budget_musd is None else budget_musd
    if objective == "emissions" and more is None:
        raise MethodError("least emissions need a budget: --budget MUSD, or [budget] musd in the scenario")
    if to is not None:
        open_folder(to)  # better known before the work than after
    limits: dict[str, Any] = {"gap": gap, "time_limit_s": time_limit_s}

    plain = problem_of(without_promises(scenario))
    now = _solved("today's way", plain, report, **limits)
    spend = None if more is None else now.cost_musd + more
    solved = _solved("plan", problem_of(scenario), report, objective=objective, budget_musd=spend, **limits)
    problem, frames, today = solved.problem, plan(solved), told(now.problem, plan(now))
    record = certificate(solved)
    together = several and objective == "cost" and len(scenario.futures) > 1
    made = Planned(
        scenario=scenario, problem=problem, plan=frames, told=told(problem, frames), today=today,
        record=record, summary=_summary(scenario, solved, now, more, record), tables={},
        futures=_several(scenario, first_years, report) if together else None, notes=notes_on(scenario),
    )  # fmt: skip
    made.tables.update(_answers(made), marginal=marginal(solved, scenario))
    made.tables.update(_more(made, report, weigh=weigh, curve=now.problem if curve else None))
    made.summary.update(_beside_today(made))
    if to is not None:
        _write(
            to, path, made, options={"objective": objective, "budget_musd": more, **limits, "first_years": first_years}
        )
    return made


def _summary(
    scenario: Scenario, solved: Solved, now: Solved, more: float | None, record: dict[str, Any]
) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "first_year": scenario.first_year,
        "last_year": scenario.last_year,
        "usd_year": scenario.usd_year,
        "objective": solved.objective,
        "budget_musd": more,
        "cost_musd": solved.cost_musd,
        "emissions_t": solved.emissions_t,
        "value": solved.value,
        "bound": record["bound"],
        "gap": max(0.0, (solved.value - record["bound"]) / abs(solved.value)) if solved.value else 0.0,
        "tightest_bound": solved.bound,
        "tightest_bound_by": solved.bound_by,
        "today_cost_musd": now.cost_musd,
        "today_emissions_t": now.emissions_t,
        "representative": scenario.representative,
        "guesses": len(scenario.guesses),
    }


def _beside_today(made: Planned) -> dict[str, Any]:
    found = per_tonne(made.tables["beside_today"])
    last = made.tables["years"].row(-1, named=True)
    ordered = made.told.orders
    return {
        **found,
        "ships_ordered": int(ordered["ships"].sum()),
        "ships_ordered_new_fuel": int(ordered.filter(pl.col("family") != "oil")["ships"].sum()),
        "openings": made.told.openings.height,
        "green_share_last_year": last["green_share"],
        "co2e_wtw_t_last_year": last["co2e_wtw_t"],
    }


def _several(scenario: Scenario, first_years: int, report: Report) -> Futures:
    named = problems_of(scenario)
    return futures(
        [problem for _, problem in named],
        names=[future.name for future, _ in named],
        probability=[future.weight for future, _ in named],
        first_years=min(first_years, len(scenario.years)),
        progress=lambda *now: report("all futures", *now),
        **_SIDE,
    )


def _answers(made: Planned) -> dict[str, pl.DataFrame]:
    scenario, plan_, today = made.scenario, made.told, made.today
    first = today.emissions.filter(year=scenario.first_year)["wtw_t"].sum()
    paid, before = who_pays(plan_.costs, scenario), who_pays(today.costs, scenario)
    return {
        "years": years(plan_, scenario),
        "orders": plan_.orders,
        "fleet": plan_.ships,
        "sailings": plan_.sailings,
        "fuel_by_port": fuel_by_port(plan_, scenario),
        "openings": plan_.openings,
        "costs": plan_.costs,
        "who_pays": paid,
        "payers": payers(paid, before),
        "beside_today": against(plan_, today),
        "abatement": abatement(made.problem, plan_, today, burns=scenario.ships.burns),
        "proposals": proposals(plan_, scenario, baseline_t=float(first)),
    }


def _more(made: Planned, report: Report, *, weigh: bool, curve: Problem | None) -> dict[str, pl.DataFrame]:
    """Return the answers that need more plans: changes, the frontier, several futures."""
    found = {}
    if weigh:
        found["changes"] = changes(made.told, made.scenario, planner=_planner(made, report))
    if curve is not None:
        found["frontier"] = table(frontier(curve, **_SIDE, progress=lambda *now: report("frontier", *now)))
    if made.futures is not None:
        found |= {"regret": made.futures.regret, "first_decisions": _decided(made.futures, made.problem)}
    return found


def _decided(several: Futures, problem: Problem) -> pl.DataFrame:
    """Return the first decisions that somebody has to make: what is open from the start is none."""
    there = [f"{family} bunkering open at {port}" for i, port in enumerate(problem.ports)
             for t, family in enumerate(problem.families) if problem.open_first[i, t] < 0]  # fmt: skip
    there += [f"shore power open at {port}" for i, port in enumerate(problem.ports) if problem.shore_first[i] < 0]
    open_before = pl.any_horizontal(pl.lit(value=False), *(pl.col("decision").str.ends_with(text) for text in there))
    return several.same.filter(~open_before)


def _planner(made: Planned, report: Report) -> Planner:
    """Return what plans a changed scenario; plans of its futures are there already where they were made."""
    aim = {name: made.record[name] for name in ("objective", "budget_musd")}
    count, numbers = sum(1 for _ in variations(made.scenario)), itertools.count(1)

    def planned(changed: Scenario, future: str | None) -> Told | None:
        what = f"change {next(numbers)} of {count}"
        if future is not None and made.futures is not None and future in made.futures.names:
            known = made.futures.alone[made.futures.names.index(future)]
            return told(known.problem, plan(known))
        try:
            problem = problem_of(changed, future=future)
            found = two_passes(problem, **aim, **_SIDE, progress=lambda *now: report(what, *now))
            return told(found.problem, plan(found))
        except InputError:
            return None

    return planned


def two_passes(problem: Problem, **options: Any) -> Solved:
    """Return the plan of a problem; where FuelEU asks for a penalty, planned again with its price at that intensity."""
    solved = solve(problem, **options)
    account = next((a for a in problem.accounts if a.name == FUELEU), None)
    if account is None or not (plan(solved).accounts.filter(account=FUELEU)["missed_t"] > 0).any():
        return solved
    force = ~np.isnan(account.price_usd)
    limits = np.array([fueleu.limit(year).value if on else 1.0 for year, on in zip(problem.years, force, strict=True)])
    return solve(repriced(solved, FUELEU, limit_g_mj=limits), **options)


def _solved(what: str, problem: Problem, report: Report, **options: Any) -> Solved:
    """Return the plan of a problem; if there is none, the error says which requirements conflict."""
    try:
        return two_passes(problem, **options, progress=lambda *now: report(what, *now))
    except NoPlanError:
        own = {name: options[name] for name in ("objective", "budget_musd") if name in options}
        against_each_other = [f"{r.text}{f': {r.short}' * bool(r.short)}" for r in conflicts(problem, **own)]
    if not against_each_other:
        raise NoPlanError(f"{what}: no plan of whole ships holds every requirement")
    lines = "\n".join(f"  - {text}" for text in against_each_other)
    raise NoPlanError(f"{what}: these cannot hold together; without any one of them the others could:\n{lines}")


def _write(to: Path, path: Path, made: Planned, *, options: dict[str, Any]) -> None:
    with step(to, STEP) as files:
        (files.place / SCENARIO).write_bytes(path.read_bytes())
        write_problem(files.place / PROBLEM, made.problem)
        (files.place / CERTIFICATE).write_text(to_json(made.record), encoding="utf-8")
        text = json.dumps(made.summary, indent=1, sort_keys=True)
        (files.place / SUMMARY).write_text(text + "\n", encoding="utf-8")
        files.write(**frames_of(made.plan), **made.tables)
        pages.plan_page(files.place / "plan.html", shown=shown_of(made))
        beside = {"beside": _from(to, made.scenario.path.parent)} if made.scenario.named else {}
        others = [_from(to, other) for other in made.scenario.named]
        files.close(given=[path], read=others, options=options | beside)
    made.files.extend(files.files)


def _from(folder: Path, place: Path) -> str:
    """Return the way from a folder to a place: a plan finds what its scenario names where both were moved together."""
    return Path(os.path.relpath(place.resolve(), folder.resolve())).as_posix()


def shown_of(made: Planned) -> Shown:
    """Return what the page of a plan shows."""
    return Shown(
        scenario=made.scenario, plan=made.told, today=made.today, accounts=made.plan.accounts, summary=made.summary,
        tables=made.tables, futures=made.futures,
    )  # fmt: skip


def frames_of(plan_: Plan) -> dict[str, pl.DataFrame]:
    """Return the frames of a plan by the names of their tables."""
    return {f"corridor_{f.name}": getattr(plan_, f.name) for f in fields(Plan)}
