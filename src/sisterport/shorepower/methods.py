"""Ways to solve an upgrade problem: each gives a plan, and prices that prove how good it is."""

from dataclasses import dataclass

import numpy as np

from sisterport.errors import InputError, MethodError, choose
from sisterport.reference import value
from sisterport.shorepower import exact, milp
from sisterport.shorepower.blocks import Blocks, blocks
from sisterport.shorepower.certificate import rounded
from sisterport.shorepower.frontier import corner
from sisterport.shorepower.lagrange import Priced, descend, shared_by_gain
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.prices import Prices, nothing, prices, read
from sisterport.shorepower.problem import Floats, Ints
from sisterport.shorepower.repair import Plans
from sisterport.units import USD_PER_MUSD

METHODS = ("auto", "exact", "frontier", "lagrangian", "milp")
_SWEEPS = int(value("upgrade_cut_sweeps"))
_COOL = (value("upgrade_cut_heat_low"), value("upgrade_cut_heat_high"))
_HEAT = value("upgrade_heat")
_ROUNDS = tuple(
    (int(value(f"upgrade_steps_{which}")), int(value(f"upgrade_sweeps_{which}"))) for which in ("first", "last")
)
"""Steps of the prices, then tries per upgrade in the search for plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A plan with its proof; `bound` may be tighter than `proven`, by the word of `bound_by`."""

    method: str
    x: Ints
    z: Floats
    value: float
    prices: Prices
    blocks: Blocks
    proven: float
    bound: float
    bound_by: str


def solve(p: Problem, *, method: str, seed: int, time_limit_s: float) -> Found:
    """Solve by `method`; ``"auto"`` takes the first of exact, frontier, milp (floors) and lagrangian that suits."""
    choose("method", method, METHODS)
    if method == "auto":
        method = _suitable(p)
    plans = Plans(p)
    if method == "exact":
        x, value = exact.best(p, plans)
        y = _quick_prices(p, plans, value)
        return _found(p, plans, "exact", x, y, bound=value, bound_by="enumeration")
    if method == "frontier":
        if not p.one_fix:
            raise MethodError("method 'frontier' needs one fix per need, no capacities, one budget and no floors")
        return _frontier(p, plans, seed, time_limit_s)
    if method == "milp":
        return _milp(p, plans, seed, time_limit_s)
    if len(p.floors):
        raise MethodError("method 'lagrangian' does not know floors: use 'milp' or 'auto'")
    return _lagrangian(p, plans, seed, time_limit_s)


def _suitable(p: Problem) -> str:
    most = value("upgrade_exact_programmes") if exact.needs_programme(p) else exact.MOST
    if exact.combinations(p) <= most:
        return "exact"
    if p.one_fix:
        return "frontier"
    return "milp" if len(p.floors) else "lagrangian"


def _frontier(p: Problem, plans: Plans, seed: int, time_limit_s: float) -> Found:
    found = corner(p, plans)
    price = _unit_price(p, found.prices)
    starts = [plans.repaired(x, price) for x in (found.below, found.above)]
    tries = [
        plans.annealed(x, price, sweeps=_SWEEPS, heat=_heat(price, share), seed=seed)
        for x in (starts[:1] if (starts[0] == starts[1]).all() else starts)
        for share in _COOL
    ]
    x = max([*starts, *tries], key=plans.value)
    return _polished(p, plans, _found(p, plans, "frontier", x, found.prices, tried=0), seed, time_limit_s)


def _lagrangian(p: Problem, plans: Plans, seed: int, time_limit_s: float) -> Found:
    """Prices and plans help each other: prices say where to search, plans say how far the bound can fall."""
    b = blocks(p)
    priced, x = _first(p, plans, b)
    for steps, sweeps in _ROUNDS:
        priced = descend(p, b, priced.prices, target=plans.value(x), steps=steps)
        price = _unit_price(p, priced.prices)
        near = plans.repaired(np.rint(priced.x).astype(np.int64), price)
        x = max(x, plans.repaired(x, price), near, key=plans.value)
        x = plans.annealed(x, price, sweeps=sweeps, heat=_heat(price, _HEAT), seed=seed)
    return _polished(p, plans, _found(p, plans, "lagrangian", x, priced.prices), seed, time_limit_s)


def _first(p: Problem, plans: Plans, b: Blocks) -> tuple[Priced, Ints]:
    """Begin with everything, cut down to the budget; its gain per money is a first price of money."""
    x = plans.repaired(p.units, p.cost)
    spent, gain = float(p.cost @ x), plans.value(x)
    money = np.zeros(len(p.limits))
    money[: p.plan.budget_usd.size] = value("upgrade_first_price") * gain / max(spent, 1.0) / p.plan.budget_usd.size
    y = min((nothing(p), shared_by_gain(p, money)), key=lambda y: read(p, b, y).bound)
    return Priced(prices=y, bound=read(p, b, y).bound, x=x.astype(float)), x


def _polished(p: Problem, plans: Plans, found: Found, seed: int, time_limit_s: float) -> Found:
    """Let HiGHS go on from the plan where the problem is small and the gap is not: few upgrades leave loose bounds."""
    if p.gain.size > value("upgrade_polish_links") or found.bound - found.value <= milp.GAP * max(found.bound, 0.0):
        return found
    try:
        answer = milp.solve(p, start=found.x, time_limit_s=time_limit_s / 2, seed=seed)
    except MethodError:  # without HiGHS the gap stays, and is said
        return found
    if answer.x is None:
        return found
    x = answer.x.astype(np.int64) if answer.value > found.value else found.x
    enumerated = None if found.blocks.local.any() else 0
    return _found(p, plans, found.method, x, found.prices, bound=answer.bound, bound_by="HiGHS", tried=enumerated)


def _milp(p: Problem, plans: Plans, seed: int, time_limit_s: float) -> Found:
    relaxed = milp.solve(p, whole=False, time_limit_s=time_limit_s / 2, seed=seed)
    if relaxed.status == "infeasible":
        raise InputError("no plan within the budget keeps the floors: " + ", ".join(p.floor_names))
    start = None
    if relaxed.x is not None and not len(p.floors):
        start = plans.repaired(np.rint(relaxed.x).astype(np.int64), _unit_price(p, prices(p, relaxed.duals)))
    answer = milp.solve(p, start=start, time_limit_s=time_limit_s / 2, seed=seed)
    if answer.status == "infeasible":
        raise InputError("no plan within the budget keeps the floors: " + ", ".join(p.floor_names))
    if answer.x is None:
        raise MethodError(f"HiGHS found no plan in {time_limit_s:g} s ({answer.status}): raise time_limit_s")
    y = prices(p, relaxed.duals) if np.isfinite(relaxed.bound) else nothing(p)
    return _found(p, plans, "milp", answer.x.astype(np.int64), y, bound=answer.bound, bound_by="HiGHS")


def _quick_prices(p: Problem, plans: Plans, value: float) -> Prices:
    """Prices for a small problem whose best plan is known."""
    if p.one_fix:
        return corner(p, plans).prices
    b = blocks(p)
    return descend(p, b, _first(p, plans, b)[0].prices, target=value, steps=sum(steps for steps, _ in _ROUNDS)).prices


def _found(
    p: Problem,
    plans: Plans,
    method: str,
    x: Ints,
    y: Prices,
    *,
    bound: float = np.inf,
    bound_by: str = "prices",
    tried: int | None = None,
) -> Found:
    b = blocks(p) if tried is None else blocks(p, enumerate_at_most=tried)
    y = rounded(p, b, y)
    proven = read(p, b, y).bound
    x = _without_idle(p, plans, x)
    z = plans.shares(x)
    if exact.needs_programme(p):
        answer = milp.solve(p, whole=False, fixed=(x, x))
        z = answer.z if answer.z is not None else z
    value = float(p.gain @ z)
    if bound >= proven:
        bound, bound_by = proven, "prices"
    return Found(
        method=method,
        x=x,
        z=z,
        value=value,
        prices=y,
        blocks=b,
        proven=proven,
        bound=max(bound, value, 0.0),
        bound_by=bound_by,
    )


def _without_idle(p: Problem, plans: Plans, x: Ints) -> Ints:
    """Leave out units that cost money and add nothing (a floor may need what the gain does not)."""
    if exact.needs_programme(p):
        return x
    return plans.without_idle(x)


def _unit_price(p: Problem, y: Prices) -> Floats:
    """Price of a unit of each upgrade in gain; where money does not bind, its cost in MUSD keeps the order."""
    price = p.limits.back(y.limit, p.cost.size)
    return np.where(price > 0, price, p.cost / USD_PER_MUSD)


def _heat(price: Floats, share: float) -> float:
    priced = price[price > 0]
    return share * float(np.median(priced)) if priced.size else 1.0
