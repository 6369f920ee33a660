"""Which upgrades first: ship-side and berth-side fixes across friendly ports under a budget, with a proven bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import polars as pl

from sisterport import tables
from sisterport.errors import MethodError
from sisterport.shorepower.certificate import certificate
from sisterport.shorepower.methods import Found, solve
from sisterport.shorepower.milp import TIME_LIMIT_S
from sisterport.shorepower.phases import Plan, Problem, floor_ports, one_phase, phase_plan, problem
from sisterport.shorepower.problem import Network, network
from sisterport.shorepower.upgrades_cheapest import cheapest
from sisterport.units import USD_PER_MUSD


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """A plan and how good it is; all frames are Polars frames in the order of their identifiers."""

    objective: str
    budget_musd: float
    cost_musd: float
    value: float
    """What the plan saves: per year, or over all phases with their weights."""
    bound: float
    """No plan within the limits can save more."""
    bound_by: str
    """How that is known: "prices" (anyone can add it up: the certificate), "enumeration" or "HiGHS" (its word)."""
    proven: float
    """The bound that the prices of the certificate prove."""
    method: str
    units: pl.DataFrame
    links: pl.DataFrame
    ports: pl.DataFrame
    dropped: pl.DataFrame
    notes: dict[str, int]
    certificate: dict[str, Any]

    @property
    def gap(self) -> float:
        """Share of the bound that the plan may miss at most."""
        return max(0.0, 1.0 - self.value / self.bound) if self.bound > 0 else 0.0

    def __str__(self) -> str:
        """Say value and bound in one line."""
        return (
            f"{self.budget_musd:g} MUSD: {self.value:,.0f} {self.objective} for {self.cost_musd:,.2f} MUSD; "
            f"no plan can save more than {self.bound:,.0f} (gap {self.gap:.2%}, by {self.bound_by})"
        )


@overload
def upgrades(
    upgrades: Any,
    links: Any,
    needs: Any,
    *,
    budget_musd: float | None = ...,
    objective: str = ...,
    method: str = ...,
    phases: Any = ...,
    until_year: int | None = ...,
    discount: float = ...,
    floors: Any = ...,
    cost: str = ...,
    seed: int = ...,
    time_limit_s: float = ...,
) -> Upgraded: ...
@overload
def upgrades(
    upgrades: Any,
    links: Any,
    needs: Any,
    *,
    budget_musd: Sequence[float],
    objective: str = ...,
    method: str = ...,
    floors: Any = ...,
    cost: str = ...,
    seed: int = ...,
    time_limit_s: float = ...,
) -> list[Upgraded]: ...
def upgrades(
    upgrades: Any,
    links: Any,
    needs: Any,
    *,
    budget_musd: float | Sequence[float] | None = None,
    objective: str = "co2e_t",
    method: str = "auto",
    phases: Any = None,
    until_year: int | None = None,
    discount: float = 0.0,
    floors: Any = None,
    cost: str = "cost_musd",
    seed: int = 0,
    time_limit_s: float = TIME_LIMIT_S,
) -> Upgraded | list[Upgraded]:
    """Choose the fixes to build first, and prove how good the choice is; of equally good plans the cheapest.

    Parameters
    ----------
    upgrades, links, needs
        Frames of tables ``upgrades``, ``upgrade_links`` and ``upgrade_needs``: what can be built, what a ship at a
        berth would save in a year, and what each such link needs (one of several upgrades per need).
    budget_musd
        Capital limit [MUSD], or several: then a list of plans comes back. Not with `phases`.
    objective
        Column of `links` to make large: ``"co2e_t"``, ``"nox_t"``, ``"pm10_t"`` [t/year] or ``"energy_mwh"``
        [MWh/year].
    method
        ``"auto"``, or ``"exact"`` (every combination), ``"frontier"`` (minimum cut; one fix per need, no
        capacities), ``"lagrangian"`` (alternative fixes and capacities) or ``"milp"`` (HiGHS; floors).
    phases
        Frame of table ``upgrade_phases``: years with the money that comes free in each; what is built stays.
    until_year
        Last year that counts; with `phases`.
    discount
        Yearly discount of savings after the first year; 0 counts each year alike.
    floors
        Frame of table ``upgrade_floors``: shares of calls (or hours, energy) that must be connected at a port.
    cost
        Column that is paid: ``"cost_musd"``, ``"cost_low_musd"`` or ``"cost_high_musd"``.
    seed
        Seed of the search: the same seed gives the same plan, unless a time limit of HiGHS strikes.
    time_limit_s
        Time limit [s] of HiGHS, where it is used.

    Raises
    ------
    SchemaError
        Listing every fault of the frames.
    InputError
        If no plan within the budget keeps the floors.
    MethodError
        If the options do not go together.

    Examples
    --------
    >>> from sisterport.shorepower.example import frames
    >>> plan = upgrades(*frames(), budget_musd=6.0)
    >>> print(plan)
    6 MUSD: 3,500 co2e_t for 5.00 MUSD; no plan can save more than 3,500 (gap 0.00%, by enumeration)
    >>> plan.units["upgrade_id"].to_list()
    ['inlet:ferry1', 'inlet:ferry2', 'outlet:a']
    """
    plans = _plans(budget_musd, phases, until_year, discount)
    net = network(upgrades, links, needs, objective=objective, cost=cost, keep_ports=floor_ports(floors))
    results = []
    for plan in plans:
        p = problem(net, plan, floors=floors)
        found = solve(p, method=method, seed=seed, time_limit_s=time_limit_s)
        found = cheapest(p, found, seed=seed, time_limit_s=time_limit_s)
        results.append(_result(p, found, objective, cost, floors))
    return results if isinstance(budget_musd, Sequence) else results[0]


def _plans(budget: float | Sequence[float] | None, phases: Any, until_year: int | None, discount: float) -> list[Plan]:
    if (budget is None) == (phases is None):
        raise MethodError("give either budget_musd or phases")
    if phases is not None:
        return [phase_plan(phases, until_year=until_year, discount=discount)]
    if until_year is not None or discount:
        raise MethodError("until_year and discount go with phases")
    return [one_phase(float(b)) for b in (budget if isinstance(budget, Sequence) else [budget])]  # type: ignore[arg-type]


def _result(p: Problem, found: Found, objective: str, cost: str, floors: Any) -> Upgraded:
    net = p.network
    listed = [] if floors is None else tables.check(floors, "upgrade_floors").sort("floor_id").to_dicts()
    terms = {
        "objective": objective,
        "cost": cost,
        "years": p.plan.years,
        "budget_musd": [float(b) / USD_PER_MUSD for b in p.plan.budget_usd],
        "weights": [float(w) for w in p.plan.weight],
        "floors": listed,
    }
    b = found.blocks
    record = certificate(p, b, found.prices, found.x, found.z, terms=terms, bound=found.proven)
    return Upgraded(
        objective=objective,
        budget_musd=float(p.plan.budget_usd[-1]) / USD_PER_MUSD,
        cost_musd=float(p.cost @ found.x) / USD_PER_MUSD,
        value=found.value,
        bound=found.bound,
        bound_by=found.bound_by,
        proven=found.proven,
        method=found.method,
        units=_units(p, found),
        links=_links(p, found),
        ports=_ports(p, found),
        dropped=net.dropped,
        notes=net.notes,
        certificate=record,
    )


def _years(p: Problem, phase: Any) -> pl.Series:
    return pl.Series("from_year", [p.plan.years[int(q)] for q in phase], pl.Int64)


def _units(p: Problem, found: Found) -> pl.DataFrame:
    """Return what to build: one row per upgrade and phase."""
    at = np.nonzero(found.x)[0]
    return (
        p.network.upgrades[p.base[at]]
        .select("upgrade_id", "side", "owner", "locode", "fix")
        .with_columns(
            _years(p, p.phase[at]),
            pl.Series("units", found.x[at].astype(np.int64)),
            pl.Series("cost_musd", p.cost[at] * found.x[at] / USD_PER_MUSD),
        )
    )


def _links(p: Problem, found: Found) -> pl.DataFrame:
    """Return what is connected, in whole or in part: one row per link and phase."""
    at = np.nonzero(found.z)[0]
    names = ("link_id", "ship_id", "berth_id", "locode")
    return (
        p.network.links[p.link_base[at]]
        .select(names)
        .with_columns(
            _years(p, p.link_phase[at]),
            pl.Series("share", found.z[at]),
            pl.Series("gain", p.gain[at] * found.z[at]),
        )
    )


def _ports(p: Problem, found: Found) -> pl.DataFrame:
    """Return what each port gains, of what there is to gain, and what is built there."""
    net: Network = p.network
    of_links = pl.DataFrame(
        {
            "locode": net.links["locode"][p.link_base],
            "gain": p.gain * found.z,
            "possible": np.maximum(p.gain, 0.0),
            "links_connected": (found.z > 0).astype(np.int64),
        }
    )
    of_units = _units(p, found).drop_nulls("locode").group_by("locode").agg(pl.col("cost_musd").sum())
    return (
        of_links.group_by("locode")
        .agg(pl.col("gain", "possible", "links_connected").sum())
        .join(of_units, on="locode", how="left")
        .with_columns(pl.col("cost_musd").fill_null(0.0).alias("cost_at_port_musd"))
        .drop("cost_musd")
        .sort("locode")
    )
