"""Corridor: which ships, fuels, bunker ports and plugs a green corridor needs, year by year, with a proof.

From a file to a plan that anybody can check; every name is imported when it is first used::

    read_scenario(path) -> Scenario          example(name), write_new(path): corridors to start from
    baseline(scenario), totals(rows)         what it emits today; baseline_ais(...) the same from a run
    reach(scenario), served(scenario)        which fuel gets how far
    problem_of(scenario) -> Problem          the scenario as arrays; problems_of: one for each of its futures
    solve(problem) -> Solved                 least cost, or least emissions under a budget, with a proven gap
    conflicts(problem)                       if there is no plan: what cannot hold together, and how much is short
    plan(solved) -> Plan                     its frames; told(problem, plan): the same in the terms of people
    verify(problem, plan) -> faults          checked again, constraint by constraint, without the optimiser
    certificate(solved) -> dict              the prices that prove the bound
    marginal, proposals, frontier, futures   answers beyond one plan

Where to look: `problem` (the maths), `model` (the same, row by row), `search` (how it is solved), `scenario` (what a
corridor is), `build` (how one becomes the other).

Examples
--------
>>> from sisterport.corridor import baseline, example, plan, problem_of, solve, told, verify
>>> scenario = example("shanghai-hamburg")
>>> today = baseline(scenario)["co2e_wtw_t_per_year"].sum()
>>> solved = solve(problem_of(scenario), gap=0.01)
>>> made = plan(solved)
>>> verify(solved.problem, made, cost_musd=solved.cost_musd)
[]
>>> last = told(solved.problem, made).emissions.filter(year=scenario.last_year)["wtw_t"].sum()
>>> last < 0.5 * today
True
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_NAMES = {
    "abs_study": ("abs_comparison", "abs_per_voyage"),
    "answers_frames": ("Told", "told"),
    "answers_marginal": ("marginal",),
    "answers_proposals": ("proposals",),
    "baseline": ("baseline", "totals"),
    "baseline_ais": ("Observed", "baseline_ais", "leg_energy", "read_run"),
    "build": ("problem_of", "problems_of", "without_promises", "words_of"),
    "build_shore": ("shore_shares",),
    "certificate": ("certificate",),
    "conflicts": ("conflicts",),
    "examples": ("EXAMPLES", "example", "example_path", "write_new"),
    "frontier": ("frontier",),
    "fuel_factors": ("green",),
    "futures": ("Futures", "futures"),
    "plan": ("plan",),
    "plan_frames": ("Plan",),
    "problem": ("Problem",),
    "reach": ("reach", "served"),
    "reach_legs": ("legs_of_services", "legs_of_ships"),
    "scenario": ("BOUNDARIES", "Scenario"),
    "scenario_read": ("read_scenario",),
    "solve": ("NoPlanError", "Solved", "solve"),
    "verify": ("verify",),
}
"""Modules and what they give to the room."""
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605 - plain strings from the map above


class _Room(ModuleType):
    """A module in which a function is not hidden by the module of its name that Python puts there on import."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__


sys.modules[__name__].__class__ = _Room
