"""From a network to the problem that is solved: one copy of everything per phase, budgets, unit caps and floors.

A copy (u, p) of an upgrade is built in phase p and serves from then on; a copy (e, q) of a link earns in phase q and
may use copies with p <= q. With one phase the copies are the things themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sisterport import tables
from sisterport.errors import InputError, SchemaError
from sisterport.shorepower.problem import Floats, Ints, Network
from sisterport.units import USD_PER_MUSD

QUANTITIES = ("calls", "hours_h", "energy_mwh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Sparse rows with one right-hand side each."""

    ptr: Ints
    at: Ints
    value: Floats
    rhs: Floats

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.rhs.size

    def number(self) -> Ints:
        """Return the row of each entry."""
        return np.repeat(np.arange(len(self)), np.diff(self.ptr))

    def times(self, x: Any) -> Floats:
        """Return the row sums for the column values `x`."""
        sums: Floats = np.bincount(self.number(), self.value * np.asarray(x)[self.at], len(self)).astype(float)
        return sums

    def back(self, multiplier: Floats, columns: int) -> Floats:
        """Return the sum of rows, each times its multiplier, per column."""
        sums: Floats = np.bincount(self.at, self.value * multiplier[self.number()], columns).astype(float)
        return sums


def rows(entries: Sequence[tuple[Ints, Floats, float]]) -> Rows:
    """Put (columns, values, right-hand side) of each row together."""
    return Rows(
        ptr=np.cumsum([0, *(len(at) for at, _, _ in entries)]),
        at=np.concatenate([np.empty(0, np.int64), *(at for at, _, _ in entries)]),
        value=np.concatenate([np.empty(0), *(value for _, value, _ in entries)]),
        rhs=np.array([rhs for _, _, rhs in entries], float),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Phases: first years, cumulative budgets and what a year of saving in each phase counts for."""

    years: list[int | None]
    budget_usd: Ints
    weight: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Maximise gain · z: z_e <= options of each need, hours and power of pools, limits on x, floors on z."""

    network: Network
    plan: Plan
    base: Ints
    phase: Ints
    cost: Floats
    units: Ints
    built: Ints
    unit_hours: Floats
    unit_mva: Floats
    link_base: Ints
    link_phase: Ints
    gain: Floats
    hours: Floats
    mva: Floats
    berth: Ints
    pool: Ints
    plant: Ints
    need_ptr: Ints
    option_ptr: Ints
    option: Ints
    pools: Rows
    plants: Rows
    limits: Rows
    floors: Rows
    floor_names: list[str] = field(default_factory=list)

    @property
    def one_fix(self) -> bool:
        """True where each need has one option, nothing is limited but one budget, and no floor holds."""
        one = bool((np.diff(self.option_ptr) == 1).all())
        return one and not len(self.pools) and not len(self.plants) and not len(self.floors) and len(self.limits) == 1


def one_phase(budget_musd: float) -> Plan:
    """Return the plan without phases."""
    if not np.isfinite(budget_musd) or budget_musd < 0:
        raise InputError(f"budget_musd is {budget_musd}: needed is a number of at least 0")
    return Plan(years=[None], budget_usd=np.array([round(budget_musd * USD_PER_MUSD)]), weight=np.ones(1))


def phase_plan(phases: Any, *, until_year: int | None, discount: float) -> Plan:
    """Return the plan of frame ``upgrade_phases``; savings count from `from_year` to the next phase, discounted."""
    frame = tables.check(phases, "upgrade_phases").sort("from_year")
    years = frame["from_year"].to_list()
    faults = []
    if not years or len(set(years)) != len(years):
        faults.append("from_year: needed are one or more different years")
    if until_year is None or (years and until_year < years[-1]):
        faults.append(f"until_year is {until_year}: phases need the last year that counts, at least the last from_year")
    if not 0 <= discount < 1:
        faults.append(f"discount is {discount}: needed is 0 <= discount < 1")
    if faults or until_year is None:
        raise SchemaError("upgrade_phases", faults)
    ends = [*years[1:], until_year + 1]
    weight = [
        sum((1 + discount) ** (years[0] - year) for year in range(a, b)) for a, b in zip(years, ends, strict=True)
    ]
    budget = np.rint(frame["budget_musd"].cum_sum().to_numpy() * USD_PER_MUSD).astype(np.int64)
    return Plan(years=years, budget_usd=budget, weight=np.array(weight))


def problem(net: Network, plan: Plan, *, floors: Any = None) -> Problem:
    """Return the problem of a network under a plan."""
    count = len(plan.years)
    copy, base, phase = _copies(net, plan)
    links = net.gain.size
    link_base = np.tile(np.arange(links), count)
    link_phase = np.repeat(np.arange(count), links)
    need_ptr, option_ptr, option = _spread_needs(net, copy)
    first = (phase == 0).astype(np.int64)
    capacity = (net.unit_hours > 0) | (net.hours_berth >= 0) | (net.mva_plant >= 0)
    units = np.where(_allowed(net, plan)[base, phase], np.where(capacity, net.units, 1)[base], 0)
    pools, pool_of = _pools(net.hours_berth, net.unit_hours, len(net.berths), base, phase, count)
    plants, plant_of = _pools(net.mva_plant, net.unit_mva, len(net.plants), base, phase, count)
    floor_rows, names = _floors(net, plan, floors)
    return Problem(
        network=net,
        plan=plan,
        base=base,
        phase=phase,
        cost=net.cost_usd[base].astype(float),
        units=units,
        built=net.built[base] * first,
        unit_hours=np.where(net.hours_berth >= 0, net.unit_hours, 0.0)[base],
        unit_mva=np.where(net.mva_plant >= 0, net.unit_mva, 0.0)[base],
        link_base=link_base,
        link_phase=link_phase,
        gain=(plan.weight[:, None] * net.gain).ravel(),
        hours=np.tile(net.hours, count),
        mva=np.tile(net.mva, count),
        berth=np.tile(net.berth, count),
        pool=pool_of[net.berth[link_base], link_phase] if len(net.berths) else np.full(link_base.size, -1),
        plant=_or_none(plant_of, net.plant[link_base], link_phase),
        need_ptr=need_ptr,
        option_ptr=option_ptr,
        option=option,
        pools=pools,
        plants=plants,
        limits=_limits(net, plan, base, phase, capacity),
        floors=floor_rows,
        floor_names=names,
    )


def _allowed(net: Network, plan: Plan) -> Any:
    """Tell whether upgrade u may be built in phase p, as an array of upgrades x phases."""
    earliest = net.upgrades["earliest_year"].fill_null(0).to_numpy()
    years = np.array([np.inf if year is None else year for year in plan.years])  # without years all is there
    return years[None, :] >= earliest[:, None]


def _copies(net: Network, plan: Plan) -> tuple[Ints, Ints, Ints]:
    """Index of copy (u, p), -1 where there is none; and base and phase of each copy."""
    wanted = _allowed(net, plan)
    wanted[:, 0] |= net.built > 0
    base, phase = np.nonzero(wanted)
    copy = np.full(wanted.shape, -1)
    copy[base, phase] = np.arange(base.size)
    return copy, base, phase


def _spread_needs(net: Network, copy: Ints) -> tuple[Ints, Ints, Ints]:
    """Needs of (e, q): the copies up to phase q of each option."""
    need_ptr, counts, parts, needs = [np.zeros(1, np.int64)], [], [], net.option_ptr.size - 1
    owner = np.repeat(np.arange(needs), np.diff(net.option_ptr))
    for q in range(copy.shape[1]):
        found = copy[net.option, : q + 1]
        here = found >= 0
        counts.append(np.bincount(owner, here.sum(axis=1), needs).astype(np.int64))
        parts.append(found[here])
        need_ptr.append(net.need_ptr[1:] + q * needs)
    option_ptr = np.r_[0, np.cumsum(np.concatenate(counts))].astype(np.int64)
    return np.concatenate(need_ptr), option_ptr, np.concatenate(parts).astype(np.int64)


def _pools(owner: Ints, size: Floats, owners: int, base: Ints, phase: Ints, count: int) -> tuple[Rows, Ints]:
    """One row per limited berth (or plant) and phase: what each copy adds to it; and the row of (owner, phase)."""
    where = np.full((owners, count), -1)
    entries: list[tuple[Ints, Floats, float]] = []
    for place in np.unique(owner[owner >= 0]):
        for q in range(count):
            at = np.nonzero((owner[base] == place) & (phase <= q))[0]
            where[place, q] = len(entries)
            entries.append((at, size[base[at]], 0.0))
    return rows(entries), where


def _or_none(where: Ints, owner: Ints, phase: Ints) -> Ints:
    return np.where(owner >= 0, where[owner, phase], -1) if where.size else np.full(owner.size, -1)


def _limits(net: Network, plan: Plan, base: Ints, phase: Ints, capacity: Any) -> Rows:
    """Cumulative budget of each phase; then units of upgrades that add capacity, over all phases."""
    entries = []
    for q, budget in enumerate(plan.budget_usd):
        at = np.nonzero(phase <= q)[0]
        entries.append((at, net.cost_usd[base[at]].astype(float), float(budget)))
    if len(plan.years) > 1:
        for u in np.nonzero(capacity)[0]:
            at = np.nonzero(base == u)[0]
            if at.size > 1:
                entries.append((at, np.ones(at.size), float(net.units[u])))
    return rows(entries)


def _floors(net: Network, plan: Plan, floors: Any) -> tuple[Rows, list[str]]:
    if floors is None:
        return rows([]), []
    frame = tables.check(floors, "upgrade_floors").sort("floor_id")
    faults, entries, names = [], [], []
    for row in frame.iter_rows(named=True):
        quantity = row["quantity"] or "calls"
        if quantity not in QUANTITIES:
            faults.append(f"floor '{row['floor_id']}': quantity '{quantity}' is none of {', '.join(QUANTITIES)}")
            continue
        at = np.nonzero((net.links["locode"] == row["locode"]).to_numpy())[0]
        counted = net.links[quantity].gather(at)
        if not at.size or counted.null_count():
            reason = "no link there" if not at.size else f"{counted.null_count()} links there without {quantity}"
            faults.append(f"floor '{row['floor_id']}' at {row['locode']}: {reason}")
            continue
        values = counted.to_numpy().astype(float)
        for q, year in enumerate(plan.years):
            if year is None or year >= (row["from_year"] or 0):
                entries.append((at + q * net.gain.size, values, row["share"] * values.sum()))
                names.append(row["floor_id"] if year is None else f"{row['floor_id']} from {year}")
    if faults:
        raise SchemaError("upgrade_floors", faults)
    return rows(entries), names


def floor_ports(floors: Any) -> list[str]:
    """Return the ports in which a floor holds."""
    return [] if floors is None else tables.check(floors, "upgrade_floors")["locode"].unique().sort().to_list()
