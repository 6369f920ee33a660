"""What a little more or less of each requirement is worth: prices of the plan's own linear programme.

Ships and openings stay as the plan has them; speeds, fuels and shore energy may follow. So these are prices at the
margin, right for small changes only: what moves ships is asked by planning again (`answers_changes`).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from sisterport.corridor.answers import mass_factors
from sisterport.corridor.highs import Solver
from sisterport.corridor.model import KILO
from sisterport.corridor.problem import Floats
from sisterport.corridor.program import NONE, Index
from sisterport.corridor.scenario import Scenario
from sisterport.corridor.solved import Solved, linear
from sisterport.units import USD_PER_MUSD

SCHEMA: dict[str, Any] = {
    "kind": pl.String, "name": pl.String, "port": pl.String, "year": pl.Int64, "text": pl.String, "amount": pl.Float64,
    "amount_unit": pl.String, "value": pl.Float64, "unit": pl.String,
}  # fmt: skip
_LEAST = 1e-6
"""Value below which a requirement does not bind: a thousandth of a cent."""


def marginal(solved: Solved, scenario: Scenario) -> pl.DataFrame:
    """Return what the last unit of each requirement costs, or one more of what is scarce is worth.

    Parameters
    ----------
    solved
        The plan.
    scenario
        Its scenario: the mass of fuels.

    Returns
    -------
    polars.DataFrame
        kind, name and port (of what), year, text (what the file calls it), amount and amount_unit (as the scenario has
        it), value and unit: the saving with one unit more of supply, or one less of cargo, sailings, targets and
        duties, in money of the year (where the plan is one of least emissions: in t of CO2e). Only what binds.

        ============== ================================= ========
        kind           one unit                          per
        ============== ================================= ========
        supply         fuel supplied in a port           t
        target         what is counted may be more by    t
        share          energy that is on other fuels     GJ
        cargo          cargo carried less                TEU
        frequency      sailings less                     sailing
        duty           energy at berth not from shore    GJ
        budget         budget, present value             USD
        ============== ================================= ========

    Examples
    --------
    >>> from sisterport.corridor.build import problem_of
    >>> from sisterport.corridor.examples import example
    >>> from sisterport.corridor.solve import solve
    >>> scenario = example("shanghai-hamburg")
    >>> rows = marginal(solve(problem_of(scenario), gap=0.01), scenario)
    >>> set(rows["kind"]) <= {"supply", "target", "share", "cargo", "frequency", "duty", "budget"}
    True
    >>> bool((rows["value"] > 0).all())
    True
    """
    prices = _prices(solved)
    rows = [row for part in _PARTS for row in part(solved, scenario, prices) if row["value"] > _LEAST]
    return pl.DataFrame(rows, schema=SCHEMA)


def _prices(solved: Solved) -> Floats:
    """Return the price of each row with whole numbers as the plan has them, in the objective's unit."""
    m = solved.program
    lp = linear(m, objective=solved.objective, budget_musd=solved.budget_musd)
    low, high, whole = lp.low.copy(), lp.high.copy(), m.whole
    low[whole] = high[whole] = np.rint(solved.x[whole])
    return Solver(replace(lp, low=low, high=high)).solve().duals


def _of(solved: Solved, prices: Floats, index: Index) -> Floats:
    """Return the prices of a block of rows [.., Y]: USD of the year, or t of CO2e, per unit of the row."""
    found: Floats = np.where(index == NONE, 0.0, prices[np.maximum(index, 0)])
    return found * (USD_PER_MUSD / solved.problem.discount if solved.objective == "cost" else KILO)


def _row(solved: Solved, kind: str, key: str, y: int, **own: Any) -> dict[str, Any]:
    """Return a row; `own` holds at least name, value, the unit it is for, amount and its unit."""
    p, money = solved.problem, "USD" if solved.objective == "cost" else "t CO2e"
    own["unit"] = f"{money}/{own['unit']}"
    return {"kind": kind, "port": None, "year": p.years[y], "text": p.words.get(key, key)} | own


def _supply(solved: Solved, scenario: Scenario, prices: Floats) -> Iterator[dict[str, Any]]:
    """Yield supply: by its own row, and by that of its port, which holds as soon as bunkering is open."""
    p, m = solved.problem, solved.program
    worth = -_of(solved, prices, m.row_blocks["supply"])
    at_port = -_of(solved, prices, m.row_blocks["port supply"])  # [F, P, Y]
    per_tj = mass_factors(scenario)
    for f, i in np.argwhere(p.supply_region >= 0):
        r, t, fuel, port = p.supply_region[f, i], p.fuel_family[f], p.fuels[f], p.ports[i]
        opened = m.values(solved.x)["o"][i, t] > 0
        for y in range(len(p.years)):
            value = (worth[r, y] + at_port[f, i, y] * opened[y]) / per_tj[fuel]
            yield _row(solved, "supply", f"supply:{fuel}", y, name=fuel, port=port, value=value, unit="t of fuel",
                       amount=p.supply_tj[r, y] * per_tj[fuel], amount_unit="t")  # fmt: skip


def _accounts(solved: Solved, scenario: Scenario, prices: Floats) -> Iterator[dict[str, Any]]:
    """Yield hard accounts: targets, and shares of promises; a rule with a price costs what it says."""
    p, m = solved.problem, solved.program
    promised = {agreement.name for agreement in scenario.agreements}
    for number, a in enumerate(p.accounts):
        worth = -_of(solved, prices, m.row_blocks[f"account {number}"]) / KILO  # rows are in kt, or thousands of TJ
        for k, y in np.argwhere(np.broadcast_to(np.isposinf(a.price_usd), worth.shape)):
            own: dict[str, Any] = (
                {"kind": "share", "value": worth[k, y] / KILO, "unit": "GJ", "amount": a.fuel[:, y].max(),
                 "amount_unit": "of the energy"}
                if a.name in promised
                else {"kind": "target", "value": worth[k, y], "unit": "t CO2e", "amount": a.limit[k, y],
                      "amount_unit": "t CO2e"}
            )  # fmt: skip
            yield _row(solved, own.pop("kind"), f"account:{a.name}", y, name=a.name, **own)


def _services(solved: Solved, scenario: Scenario, prices: Floats) -> Iterator[dict[str, Any]]:  # noqa: ARG001
    p, m = solved.problem, solved.program
    cargo, sailings = (_of(solved, prices, m.row_blocks[name]) for name in ("cargo", "sailings"))
    for (s, y), value in np.ndenumerate(cargo / KILO):
        own: dict[str, Any] = {"value": value, "unit": "TEU", "amount": p.demand_teu[s, y], "amount_unit": "TEU"}
        yield _row(solved, "cargo", f"demand:{p.services[s]}", y, name=p.services[s], **own)
    for (s, y), value in np.ndenumerate(sailings):
        own = {"value": value, "unit": "sailing", "amount": p.sailings_min[s], "amount_unit": "sailings"}
        yield _row(solved, "frequency", f"frequency:{p.services[s]}", y, name=p.services[s], **own)


def _duties(solved: Solved, scenario: Scenario, prices: Floats) -> Iterator[dict[str, Any]]:  # noqa: ARG001
    p = solved.problem
    for (c, y), value in np.ndenumerate(_of(solved, prices, solved.program.row_blocks["duty"]) / KILO):
        if np.isinf(p.duty_usd_gj[c, y]):
            port = p.ports[p.call_port[c]]
            yield _row(solved, "duty", f"duty:{port}", y, name=p.services[p.call_service[c]], port=port, value=value,
                       unit="GJ of fuel", amount=p.duty[c, y], amount_unit="of the energy at berth")  # fmt: skip


def _budget(solved: Solved, scenario: Scenario, prices: Floats) -> Iterator[dict[str, Any]]:  # noqa: ARG001
    if solved.budget_musd is None:
        return
    worth = -float(prices[solved.program.height])  # MUSD per MUSD, or kt per MUSD
    value = worth if solved.objective == "cost" else worth * KILO / USD_PER_MUSD
    own: dict[str, Any] = {"value": value, "unit": "USD", "amount": solved.budget_musd, "amount_unit": "MUSD"}
    yield _row(solved, "budget", "budget", 0, name="budget", **own)


_PARTS = (_supply, _accounts, _services, _duties, _budget)
