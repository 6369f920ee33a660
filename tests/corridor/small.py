"""A corridor small enough for tests: the example Shanghai - Los Angeles with a short horizon and decisions to make."""

import re
from pathlib import Path

from sisterport.corridor.examples import example_path
from sisterport.corridor.scenario import Scenario
from sisterport.corridor.scenario_read import read_scenario

CUTS = "cut = { 2028 = 0.2, 2030 = 0.45 }"
TRANSFER = """
[[transfer]]
item = "bunkering"
owner = "Shanghai"
payer = "a fund"
share = 0.25

[[transfer]]
item = "fuel"
owner = "carrier A"
payer = "cargo owners"
share = 0.4
"""


def text(*, last_year: int = 2032, cuts: str = CUTS, futures: bool = False, extra: str = TRANSFER) -> str:
    """Return the file: methanol bunkering at Shanghai has to be opened, targets come early, two transfers."""
    found = example_path("shanghai-los-angeles").read_text("utf-8")
    found = re.sub(r"last_year = \d+", f"last_year = {last_year}", found)
    found = re.sub(r"(?m)^cut = .*$", cuts, found)
    found = found.replace("bunkers_from = { methanol = 2026, methane = 2026 }", "bunkers_from = { methane = 2026 }")
    found = found.replace("bunker_musd = { ammonia = 60 }", "bunker_musd = { ammonia = 60, methanol = 20 }")
    if not futures:
        found = re.sub(r"(?ms)^\[\[future\]\]\n.*?(?=^\[reach\])", "", found)
    return found + extra


def scenario(folder: Path, **options: object) -> Scenario:
    """Return the scenario, read from a file in a folder."""
    path = folder / "small.toml"
    path.write_text(text(**options), "utf-8")  # type: ignore[arg-type]
    return read_scenario(path)
