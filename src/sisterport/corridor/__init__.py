"""Corridor: which ships, fuels, bunker ports and plugs a green corridor needs, year by year, with a proof.

Where to look: `scenario` (what a corridor is), `baseline` and `baseline_ais` (what it emits today), `reach` (which fuel
gets how far), `build` (the scenario as arrays), `problem` (the maths).
"""

from sisterport.corridor.abs_study import abs_comparison, abs_per_voyage
from sisterport.corridor.baseline import baseline, totals
from sisterport.corridor.baseline_ais import Observed, baseline_ais, leg_energy, read_run
from sisterport.corridor.build import problem_of, problems_of, without_promises, words_of
from sisterport.corridor.build_shore import shore_shares
from sisterport.corridor.examples import EXAMPLES, example, example_path, write_new
from sisterport.corridor.fuel_factors import green
from sisterport.corridor.reach import reach, served
from sisterport.corridor.reach_legs import legs_of_services, legs_of_ships
from sisterport.corridor.scenario import BOUNDARIES, Scenario
from sisterport.corridor.scenario_read import read_scenario

__all__ = [
    "BOUNDARIES",
    "EXAMPLES",
    "Observed",
    "Scenario",
    "abs_comparison",
    "abs_per_voyage",
    "baseline",
    "baseline_ais",
    "example",
    "example_path",
    "green",
    "leg_energy",
    "legs_of_services",
    "legs_of_ships",
    "problem_of",
    "problems_of",
    "reach",
    "read_run",
    "read_scenario",
    "served",
    "shore_shares",
    "totals",
    "without_promises",
    "words_of",
    "write_new",
]
