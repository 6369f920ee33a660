"""FuelEU Maritime: the cheapest legal pools of a fleet over years, with banking and borrowing.

`cheapest_pools` decides who pools with whom in which year, who borrows, and who leaves a deficit to the penalty. Where
the surplus covers every deficit the answer is written down at once; else HiGHS solves a mixed-integer program
(`pooling_model`) and proves how far from the best the plan can be. `audit` checks a plan without either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from sisterport import tables
from sisterport.errors import InputError
from sisterport.reference import value
from sisterport.rules.pooling_fleet import Flags, Fleet, Floats, fleet_arrays
from sisterport.rules.pooling_knapsack import solve_year
from sisterport.rules.pooling_model import solve
from sisterport.rules.pooling_settle import settle

CLAUSE = "Regulation (EU) 2023/1805 Art 20, 21, 23(2), Annex IV"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolingPlan:
    """A cheapest legal plan.

    Attributes
    ----------
    plan : polars.DataFrame
        Table ``pooling_plan``: what each ship does in each year.
    ships : polars.DataFrame
        ship_id; ``alone_eur``: cheapest without pools; ``own_eur``: penalties that it is charged in the plan;
        ``given_t``, ``received_t``; ``settled_eur``: what it bears when the saving is shared, never more than alone;
        ``payment_eur``: settled less own, what it pays to the others.
    years : polars.DataFrame
        year; members; ``pool_t``: sum of their adjusted balances; ``moved_t``; ``borrowed_t``; ``banked_t``;
        ``penalised`` ships; ``penalty_eur``; ``marginal_eur_per_t``: what one more tonne of surplus would save if only
        amounts changed (`surplus_worth` tells it with all decisions open).
    cost_eur, alone_eur, bound_eur : float
        Penalties of the plan; of all ships alone; no legal plan costs less than the bound.
    price_eur_per_t : float or None
        Payments over tonnes moved: the price of a tonne of surplus at which the settlement is a trade; None if nothing
        moves.
    method : str
        ``closed form`` or ``HiGHS``.
    clause : str
        Where the law says so.
    """

    plan: pl.DataFrame
    ships: pl.DataFrame
    years: pl.DataFrame
    cost_eur: float
    alone_eur: float
    bound_eur: float
    price_eur_per_t: float | None
    method: str
    clause: str

    @property
    def gap(self) -> float:
        """Share of the cost by which a cheaper plan could still beat this one."""
        return (self.cost_eur - self.bound_eur) / self.cost_eur if self.cost_eur > 0 else 0.0


def cheapest_pools(
    fleet: Any,
    *,
    pool: bool = True,
    borrow: bool = True,
    gap: float | None = None,
    outside_t: Mapping[int, float] | None = None,
) -> PoolingPlan:
    """Return a cheapest legal plan of pooling, banking and borrowing for a fleet.

    Parameters
    ----------
    fleet
        Frame of the table ``pooling_fleet``; the frame of `fueleu_balance.balances` will do.
    pool, borrow
        Whether ships may pool; whether they may borrow.
    gap
        Relative gap to the proven bound at which the search stops; None takes the constant ``pooling_gap``. It also
        stops after ``pooling_nodes`` nodes: `PoolingPlan.gap` tells what was proven.
    outside_t
        Surplus that a ship outside the fleet brings into the pool of a year, free of charge [t].

    Raises
    ------
    SchemaError, ReferenceDataError
        Listing every fault; a year before the law.
    MethodError
        There is no legal plan.

    Notes
    -----
    Choices where the text leaves one open: a ship borrows only in a deficit and at most that; it does not borrow in its
    last year, as the debt would fall outside the plan; surplus that is left at the end is worth nothing; all surplus is
    banked; a pool's total must be at least the constant ``pool_total_min``.

    References
    ----------
    Regulation (EU) 2023/1805 Art 20, 21, 23(2), Annex IV part B.

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_id": ["imo:1", "imo:2", "imo:3"], "year": [2025] * 3,
    ...     "balance_t": [-100.0, -60.0, 110.0], "energy_mj": [5e7] * 3, "intensity_g_per_mj": [91.6, 91.0, 87.0]})
    >>> found = cheapest_pools(ships)
    >>> found.plan.filter("pooled")["ship_id"].to_list(), round(found.cost_eur), round(found.alone_eur)
    (['imo:1', 'imo:3'], 38596, 102500)
    """
    arrays = fleet_arrays(fleet, borrow=borrow, pool=pool)
    gap = value("pooling_gap") if gap is None else gap
    outside = _outside(arrays, outside_t or {})
    state, marginal, bound, method = _solved(arrays, outside, gap)
    alone, borrowed = _alone(arrays, gap)
    if alone.sum() < state.penalty.sum():  # within the gap of the search, pools may be dearer than none
        still = np.zeros(borrowed.shape)
        state = follow(arrays, pooled=still > 0, borrowed=borrowed, received=still)
        bound = min(bound, float(state.penalty.sum()))
    return _told(arrays, state, alone=alone, marginal=marginal, bound=bound, method=method)


def surplus_worth(fleet: Any, *, year: int, surplus_t: float, borrow: bool = True, gap: float | None = None) -> float:
    """Return the most that a fleet should pay for surplus from outside in a year, all decisions open [EUR].

    Parameters
    ----------
    fleet, borrow, gap
        As in `cheapest_pools`.
    year
        Reporting period.
    surplus_t
        Surplus on offer [t].

    Examples
    --------
    >>> ships = pl.DataFrame({"ship_id": ["imo:1"], "year": [2025], "balance_t": [-100.0], "energy_mj": [5e7],
    ...                       "intensity_g_per_mj": [91.6]})
    >>> [round(surplus_worth(ships, year=2025, surplus_t=t)) for t in (99.0, 101.0)]
    [0, 63905]
    """
    arrays = fleet_arrays(fleet, borrow=borrow, pool=True)
    gap = value("pooling_gap") if gap is None else gap
    cost = [
        float(_solved(arrays, _outside(arrays, {year: brought}), gap)[0].penalty.sum()) for brought in (0, surplus_t)
    ]
    return max(0.0, cost[0] - cost[1])


def _outside(fleet: Fleet, outside_t: Mapping[int, float]) -> Floats:
    strange = sorted(set(outside_t) - set(fleet.years))
    if strange or any(brought < 0 for brought in outside_t.values()):
        raise InputError(f"outside_t must be at least 0 and in a year of the fleet, not {strange or dict(outside_t)}")
    return np.array([float(outside_t.get(year, 0)) for year in fleet.years])


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What follows from the decisions, ships by years."""

    carried: Floats
    debt: Floats
    adjusted: Floats
    borrowed: Floats
    pooled: Flags
    received: Floats
    final: Floats
    run: Floats
    penalty: Floats


def follow(fleet: Fleet, *, pooled: Flags, borrowed: Floats, received: Floats) -> State:
    """Return what follows from decisions, year by year."""
    shape = fleet.balance.shape
    out = {name: np.zeros(shape) for name in ("carried", "debt", "adjusted", "final", "run", "penalty")}
    slack = value("pooling_tolerance") * fleet.unit * (1 + shape[1])  # the solver's, once a year
    bank, debt, run = fleet.bank.copy(), fleet.debt.copy(), fleet.penalties.copy()
    for year in range(shape[1]):
        here = fleet.alive[:, year]
        adjusted = fleet.balance[:, year] + bank - debt
        final = adjusted + borrowed[:, year] + received[:, year]
        moved = (received[:, year] != 0) | (borrowed[:, year] > 0) | (bank > 0) | (debt > 0)
        final = np.where(moved & (np.abs(final) <= slack), 0, final)
        short = np.where(here, np.maximum(-final, 0), 0)
        now = np.where(short > 0, run + 1, 0)
        rate = np.where(short > 0, fleet.rate[:, year], 0)
        columns = {
            "carried": bank,
            "debt": debt,
            "adjusted": adjusted,
            "final": final,
            "run": now,
            "penalty": short * rate * (1 + np.maximum(now - 1, 0) * fleet.step),
        }
        for name, column in columns.items():
            out[name][:, year] = np.where(here, column, 0)
        bank = np.where(here, np.maximum(final, 0), bank)
        debt = np.where(here, fleet.aggravation * borrowed[:, year], debt)
        run = np.where(here, now, run)
    return State(pooled=pooled, borrowed=borrowed, received=received, **out)


def _solved(fleet: Fleet, outside: Floats, gap: float) -> tuple[State, Floats, float, str]:
    """Return the state, the marginal worth of surplus by year, the bound and the method."""
    easy = _all_covered(fleet, outside)
    if easy is not None:
        return easy, np.zeros(len(fleet.years)), 0.0, "closed form"
    found = (solve_year if len(fleet.years) == 1 else solve)(fleet, outside=outside, gap=gap)
    state = follow(fleet, pooled=found.pooled, borrowed=found.borrowed, received=found.received)
    return (
        _fewer_members(fleet, state, outside),
        found.marginal,
        min(found.bound_eur, float(state.penalty.sum())),
        "HiGHS",
    )


def _all_covered(fleet: Fleet, outside: Floats) -> State | None:
    """Return the plan without any penalty if pooling everyone in every year with a deficit is one."""
    shape = fleet.balance.shape
    pooled, received = np.zeros(shape, dtype=bool), np.zeros(shape)
    bank, debt = fleet.bank.copy(), fleet.debt.copy()
    for year in range(shape[1]):
        here = fleet.alive[:, year]
        adjusted = np.where(here, fleet.balance[:, year] + bank - debt, 0)
        if (adjusted < 0).any():
            members = fleet.may_pool[:, year] & here
            needed, there = -np.minimum(adjusted, 0), np.where(members, np.maximum(adjusted, 0), 0)
            supply = there.sum() + outside[year]
            if (needed[~members] > 0).any() or supply - needed.sum() < fleet.least_total:
                return None
            pooled[:, year] = members
            received[:, year] = needed - there * (needed.sum() / supply)
        bank = np.where(here, np.maximum(adjusted + received[:, year], 0), bank)
        debt = np.where(here, 0, debt)
    return _fewer_members(fleet, follow(fleet, pooled=pooled, borrowed=np.zeros(shape), received=received), outside)


def _fewer_members(fleet: Fleet, state: State, outside: Floats) -> State:
    """Leave ships that neither give nor receive out of the pool, where the total stays above zero without them."""
    slack = value("pooling_tolerance") * fleet.unit
    received = np.where(np.abs(state.received) <= slack, 0, state.received)
    pooled = state.pooled.copy()
    for year in range(len(fleet.years)):
        total = state.adjusted[pooled[:, year], year].sum() + outside[year]
        idle = np.flatnonzero(pooled[:, year] & (received[:, year] == 0))
        for ship in idle[np.argsort(state.adjusted[idle, year], kind="stable")]:
            rest = total - state.adjusted[ship, year]
            if rest >= fleet.least_total or pooled[:, year].sum() == 1:
                pooled[ship, year], total = False, rest
    return follow(
        fleet, pooled=pooled, borrowed=np.where(state.borrowed <= slack, 0, state.borrowed), received=received
    )


def _alone(fleet: Fleet, gap: float) -> tuple[Floats, Floats]:
    """Return the cheapest penalties of each ship without pools, and what it borrows for it in each year."""
    still = np.zeros(fleet.balance.shape)
    costs = np.asarray(follow(fleet, pooled=still > 0, borrowed=still, received=still).penalty.sum(axis=1))
    borrowed = still.copy()
    for ship in np.flatnonzero((costs > 0) & (fleet.most_borrowed.max(axis=1, initial=0) > 0)).tolist():
        own = _solved(fleet.only(ship), np.zeros(len(fleet.years)), gap)[0]
        costs[ship], borrowed[ship] = own.penalty.sum(), own.borrowed[0]
    return costs, borrowed


def _told(fleet: Fleet, state: State, *, alone: Floats, marginal: Floats, bound: float, method: str) -> PoolingPlan:
    ships, price = settle(fleet.ships, alone=alone, own=state.penalty.sum(axis=1), received=state.received)
    return PoolingPlan(
        plan=_plan_frame(fleet, state),
        ships=ships,
        years=_years_frame(fleet, state, marginal),
        cost_eur=float(state.penalty.sum()),
        alone_eur=float(alone.sum()),
        bound_eur=bound,
        price_eur_per_t=price,
        method=method,
        clause=CLAUSE,
    )


def _plan_frame(fleet: Fleet, state: State) -> pl.DataFrame:
    ship, year = np.nonzero(fleet.alive)
    at = (ship, year)
    return tables.check(
        pl.DataFrame(
            {
                "ship_id": [fleet.ships[i] for i in ship],
                "year": [fleet.years[i] for i in year],
                "balance_t": fleet.balance[at],
                "carried_t": state.carried[at],
                "debt_t": state.debt[at],
                "adjusted_t": state.adjusted[at],
                "borrowed_t": state.borrowed[at],
                "pooled": state.pooled[at],
                "received_t": state.received[at],
                "final_t": state.final[at],
                "banked_t": np.maximum(state.final[at], 0),
                "penalty_n": state.run[at].astype(np.int64),
                "penalty_eur": state.penalty[at],
            }
        ),
        "pooling_plan",
    )


def _years_frame(fleet: Fleet, state: State, marginal: Floats) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "year": fleet.years,
            "members": state.pooled.sum(axis=0).astype(np.int64),
            "pool_t": np.where(state.pooled, state.adjusted, 0).sum(axis=0),
            "moved_t": np.maximum(state.received, 0).sum(axis=0),
            "borrowed_t": state.borrowed.sum(axis=0),
            "banked_t": np.maximum(state.final, 0).sum(axis=0),
            "penalised": (state.penalty > 0).sum(axis=0).astype(np.int64),
            "penalty_eur": state.penalty.sum(axis=0),
            "marginal_eur_per_t": marginal,
        },
        schema_overrides={"year": pl.Int64},
    )
