"""What each port gains alone and together: the value of cooperating, and a fair share of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import polars as pl

from sisterport import tables
from sisterport.errors import InputError
from sisterport.reference import value
from sisterport.shorepower.evaluate import evaluate
from sisterport.shorepower.upgrades import Upgraded, upgrades
from sisterport.units import ROUNDING

EXACT_PORTS = int(value("shapley_ports"))
"""Up to so many ports the Shapley value is computed over all coalitions, beyond it from random orders."""

ORDERS = int(value("shapley_orders"))
"""Random orders unless the caller says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooperation:
    """Plans of ports alone and together; `ports` has one row per port."""

    ports: pl.DataFrame
    alone: float
    """Gain if each port builds its own plan: all plans together, with what they do for each other by chance."""
    joint: Upgraded
    shapley_by: str
    """How the Shapley value was found: "all coalitions", or "n random orders" with its standard error in `ports`."""

    @property
    def value_of_cooperating(self) -> float:
        """What the joint plan saves beyond the plans of single ports put together."""
        return self.joint.value - self.alone


def cooperate(
    upgrades_: Any,
    links: Any,
    needs: Any,
    *,
    budget_musd: float,
    shares: Mapping[str, float] | None = None,
    orders: int = ORDERS,
    seed: int = 0,
    **options: Any,
) -> Cooperation:
    """Return what each port gains alone and together.

    A coalition of ports has the sum of their shares of the budget, counts only the links at its ports, and may build
    what is at its ports, on ships, and agreements whose links all lie within it.

    Parameters
    ----------
    upgrades_, links, needs
        Frames as for `upgrades`.
    budget_musd
        Capital limit of all ports together [MUSD].
    shares
        Share of the budget per port (UN/LOCODE), summing to 1; by default in proportion to what there is to gain.
    orders
        Number of random orders for the Shapley value of more than ten ports; 0 leaves it out.
    seed
        Seed of the orders and of the search.
    **options
        Further options of `upgrades`, such as `objective` or `method`.

    Raises
    ------
    InputError
        If the shares do not fit the ports.

    Examples
    --------
    >>> from sisterport.shorepower.example import frames
    >>> both = cooperate(*frames(), budget_musd=9.0)
    >>> both.ports.select("locode", "alone", "joint", "shapley").rows()
    [('AAAAA', 2000.0, 3500.0, 3800.0), ('BBBBB', 0.0, 2100.0, 1800.0)]
    >>> both.value_of_cooperating
    3600.0
    """
    u, e, n = (
        tables.check(frame, name)
        for frame, name in ((upgrades_, "upgrades"), (links, "upgrade_links"), (needs, "upgrade_needs"))
    )
    options = {"seed": seed, **options}
    game = _Game(u, e, n, budget_musd, shares, options)
    everyone = frozenset(game.names)
    own = {name: game.plan(frozenset([name])) for name in game.names}
    together = pl.concat([plan.units.select("upgrade_id", "units") for plan in own.values()])
    built = dict(together.group_by("upgrade_id").agg(pl.col("units").max()).iter_rows())
    effect = evaluate(u, e, n, built, objective=options.get("objective", "co2e_t"))
    joint = game.plan(everyone)
    shapley, error, how = _shapley(game, orders, seed)
    ports = pl.DataFrame(
        {
            "locode": game.names,
            "budget_musd": [budget_musd * game.shares[name] for name in game.names],
            "alone": [own[name].value for name in game.names],
        }
    )
    for column, frame in (("all_alone", effect), ("joint", joint.ports)):
        ports = ports.join(frame.select("locode", gain="gain").rename({"gain": column}), on="locode", how="left")
    return Cooperation(
        ports=ports.with_columns(
            pl.col("all_alone", "joint").fill_null(0.0),
            pl.Series("shapley", shapley, pl.Float64),
            pl.Series("shapley_error", error, pl.Float64),
        ),
        alone=float(effect["gain"].sum()),
        joint=joint,
        shapley_by=how,
    )


def coalition(upgrades_: Any, links: Any, needs: Any, ports: Iterable[str]) -> tuple[pl.DataFrame, ...]:
    """Return upgrades, links and needs of some ports alone.

    They count the links at their ports, and may build what is at their ports, on ships, and agreements whose links all
    lie within. Links with a need that none of them can meet are left out.

    Parameters
    ----------
    upgrades_, links, needs
        Frames of the tables ``upgrades``, ``upgrade_links`` and ``upgrade_needs``.
    ports
        UN/LOCODEs.

    Examples
    --------
    >>> from sisterport.shorepower.example import frames
    >>> [frame.height for frame in coalition(*frames(), ["AAAAA"])]
    [3, 2, 4]
    """
    u, e, n = (
        tables.check(frame, name)
        for frame, name in ((upgrades_, "upgrades"), (links, "upgrade_links"), (needs, "upgrade_needs"))
    )
    within = pl.col("locode").is_in(sorted(ports))
    outside = n.join(e.filter(~within), on="link_id", how="semi")
    elsewhere = ((pl.col("side") == "berth") & ~within).fill_null(value=False)
    foreign = (pl.col("side") == "agreement") & pl.col("upgrade_id").is_in(outside["upgrade_id"].implode())
    here, mine = e.filter(within), u.filter(~(elsewhere | foreign))
    asked = n.join(here, on="link_id", how="semi")
    whole = asked.join(mine, on="upgrade_id", how="semi")
    lost = asked.select("link_id", "need").unique().join(whole, on=["link_id", "need"], how="anti")
    here = here.join(lost, on="link_id", how="anti")
    whole = whole.join(here, on="link_id", how="semi")
    room = pl.col("outlet_hours_h").is_not_null() | pl.col("plant_mva").is_not_null()
    return mine.filter(pl.col("upgrade_id").is_in(whole["upgrade_id"].implode()) | room), here, whole


class _Game:
    """The plan of each coalition, made once."""

    def __init__(
        self,
        u: pl.DataFrame,
        e: pl.DataFrame,
        n: pl.DataFrame,
        budget: float,
        shares: Mapping[str, float] | None,
        options: Mapping[str, Any],
    ) -> None:
        self.upgrades, self.links, self.needs = u, e, n
        self.budget, self.options = budget, options
        self.names = sorted(e["locode"].unique().to_list())
        self.shares = self._shares(shares)
        self.plans: dict[frozenset[str], Upgraded] = {}

    def _shares(self, shares: Mapping[str, float] | None) -> dict[str, float]:
        if shares is None:
            objective = self.options.get("objective", "co2e_t")
            gain = self.links.group_by("locode").agg(pl.col(objective).clip(lower_bound=0.0).sum())
            total = float(gain[objective].sum())
            return {name: value / total if total else 1.0 / len(self.names) for name, value in gain.iter_rows()}
        wrong = sorted(set(shares) ^ set(self.names))
        if wrong or abs(sum(shares.values()) - 1) > ROUNDING or min(shares.values()) < 0:
            raise InputError(
                f"shares: needed is a share >= 0 of each port, summing to 1; sum is {sum(shares.values()):g}"
                + (f", ports that do not fit: {', '.join(wrong)}" if wrong else "")
            )
        return dict(shares)

    def plan(self, ports: frozenset[str]) -> Upgraded:
        if ports not in self.plans:
            own = coalition(self.upgrades, self.links, self.needs, ports)
            money = self.budget * sum(self.shares[name] for name in ports)
            self.plans[ports] = upgrades(*own, budget_musd=money, **self.options)
        return self.plans[ports]

    def value(self, ports: frozenset[str]) -> float:
        return self.plan(ports).value if ports else 0.0


def _shapley(game: _Game, orders: int, seed: int) -> tuple[list[float | None], list[float | None], str]:
    """Return the mean of what each port adds when it joins, its standard error, and how it was found."""
    count = len(game.names)
    if count <= EXACT_PORTS:
        exact = [_mean_addition(game, name) for name in game.names]
        return [*exact], [0.0] * count, "all coalitions"
    if not orders:
        return [None] * count, [None] * count, "left out"
    rng = np.random.default_rng(seed)
    added = np.zeros((orders, count))
    for row in added:
        there: frozenset[str] = frozenset()
        for at in rng.permutation(count):
            more = there | {game.names[at]}
            row[at] = game.value(more) - game.value(there)
            there = more
    error = added.std(axis=0, ddof=1) / np.sqrt(orders) if orders > 1 else np.full(count, np.nan)
    return [float(v) for v in added.mean(axis=0)], [float(v) for v in error], f"{orders} random orders"


def _mean_addition(game: _Game, name: str) -> float:
    others = [other for other in game.names if other != name]
    total = 0.0
    for size in range(len(game.names)):
        weight = factorial(size) * factorial(len(others) - size) / factorial(len(game.names))
        for some in combinations(others, size):
            before = frozenset(some)
            total += weight * (game.value(before | {name}) - game.value(before))
    return total
